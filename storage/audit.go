package storage

import (
	"context"
	"database/sql"
	"strconv"

	"comity"
)

// AuditEntries returns one page of the entries that the viewer may see, newest first: auditors and the secretariat see
// all, people who work in an organisation those that it did or that are about it. Anybody else gets NotFound.
func (s *Store) AuditEntries(ctx context.Context, v comity.Viewer, q comity.AuditQuery) (comity.AuditPage, error) {
	s.note(ctx, v, "AuditEntries")
	if some, _ := v.SeesAuditOf(); !some {
		return comity.AuditPage{}, errNotFound
	}
	w := auditWhere(v, q)
	var result comity.AuditPage
	if err := s.engine.Read.QueryRowContext(ctx, `SELECT COUNT(*) FROM audit_entries`+w.String(), w.args...).Scan(&result.Total); err != nil {
		return result, s.known(err)
	}
	limit, offset := page(q.Limit, q.Offset, 1000)
	query := `SELECT seq, at, person_id, org_id, about_org_id, system, action, subject FROM audit_entries` + w.String() +
		` ORDER BY seq DESC LIMIT ` + strconv.Itoa(limit) + ` OFFSET ` + strconv.Itoa(offset)
	list, err := rows(ctx, s.engine.Read, scanAudit, query, w.args...)
	for _, e := range list {
		result.Entries = append(result.Entries, v.ShownEntry(e))
	}
	return result, s.known(err)
}

func scanAudit(r *sql.Rows) (comity.AuditEntry, error) {
	var e comity.AuditEntry
	var at int64
	err := r.Scan(&e.Seq, &at, &e.Person, &e.Org, &e.About, &e.System, &e.Action, &e.Subject)
	e.At = fromUnix(at)
	return e, err
}

func auditWhere(v comity.Viewer, q comity.AuditQuery) *where {
	w := &where{}
	visibleAudit(w, v)
	if q.Person != "" {
		w.and("person_id = ?", string(q.Person))
	}
	if q.Org != "" {
		w.and("org_id = ? OR about_org_id = ?", string(q.Org), string(q.Org))
	}
	if q.Action != "" {
		w.and("action = ?", q.Action)
	}
	if !q.From.IsZero() {
		w.and("at >= ?", q.From.Time().Unix())
	}
	if !q.To.IsZero() {
		w.and("at < ?", q.To.AddDays(1).Time().Unix())
	}
	return w
}

// AuditActions lists the words under which entries stand that the viewer may see, by alphabet.
func (s *Store) AuditActions(ctx context.Context, v comity.Viewer) ([]string, error) {
	s.note(ctx, v, "AuditActions")
	if some, _ := v.SeesAuditOf(); !some {
		return nil, errNotFound
	}
	w := auditWhere(v, comity.AuditQuery{})
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (action string, err error) {
		err = r.Scan(&action)
		return action, err
	}, `SELECT DISTINCT action FROM audit_entries`+w.String()+` ORDER BY action`, w.args...)
	return list, s.known(err)
}
