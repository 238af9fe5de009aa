package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"comity"
)

// AuditEntry is who did what, and when. It names objects and says nothing of what is in them.
type AuditEntry struct {
	Seq     int64
	At      time.Time
	Person  comity.PersonID // empty: the system
	Org     comity.OrgID
	System  string // why the system was at work
	Action  string
	Subject string
}

// AuditEntries returns the last entries, newest first: all for the system, those of the own organisation for its auditor.
func (s *Store) AuditEntries(ctx context.Context, v comity.Viewer, limit int) ([]AuditEntry, error) {
	s.note(ctx, v, "AuditEntries")
	var w where
	if _, ok := v.IsSystem(); !ok {
		if !v.SignedIn() || !v.Roles().Has(comity.RoleAuditor) {
			return nil, errNotFound
		}
		w.and("org_id = ?", string(v.Org()))
	}
	limit, _ = page(limit, 0, 1000)
	query := fmt.Sprintf(`SELECT seq, at, person_id, org_id, system, action, subject FROM audit_entries%s ORDER BY seq DESC LIMIT %d`, w.String(), limit)
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (AuditEntry, error) {
		var e AuditEntry
		var at int64
		err := r.Scan(&e.Seq, &at, &e.Person, &e.Org, &e.System, &e.Action, &e.Subject)
		e.At = fromUnix(at)
		return e, err
	}, query, w.args...)
	return list, s.known(err)
}
