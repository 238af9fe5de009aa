package storage

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"comity"
)

// visibleReports is the condition of comity.Viewer.SeesReport.
func visibleReports(w *where, v comity.Viewer) {
	if _, ok := v.IsSystem(); ok {
		return
	}
	if v.Person() == "" || v.Roles() == 0 {
		w.and("1 = 0")
		return
	}
	var frozen where
	marked(&frozen, v, "tlp", "''")
	condition := "state = 'frozen' AND " + unbind(frozen.conditions[0])
	if v.WritesReports() {
		condition += " OR state <> 'frozen'"
	}
	w.and(condition, frozen.args...)
}

// PutReport creates a draft (Revision 0), which gets the next number, or changes the draft that was read at the revision
// that it names; if another change came in between, or it was frozen, it is a Conflict.
func (s *Store) PutReport(ctx context.Context, v comity.Viewer, r comity.GroupReport, now time.Time) (comity.GroupReport, error) {
	if !v.WritesReports() {
		return r, comity.Errorf(comity.Forbidden, "this role writes no reports")
	}
	if err := r.Check(); err != nil {
		return r, err
	}
	r.State, r.Hash, r.Frozen, r.LeftOut = comity.ReportDraft, "", time.Time{}, 0
	err := s.write(ctx, v, "put report", string(r.ID), func(tx *sql.Tx) error {
		if r.Revision == 0 {
			r.Created = now.UTC().Truncate(time.Second)
			return insertReport(ctx, tx, &r)
		}
		old, err := draftForUpdate(ctx, tx, r)
		if err != nil {
			return err
		}
		r.Number, r.Created, r.Revision = old.Number, old.Created, old.Revision+1
		return updateReport(ctx, tx, r)
	})
	return r, err
}

func insertReport(ctx context.Context, tx *sql.Tx, r *comity.GroupReport) error {
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(number), 0) + 1 FROM reports`).Scan(&r.Number); err != nil {
		return err
	}
	r.Revision = 1
	text, err := encode(*r)
	if err != nil {
		return err
	}
	const query = `
		INSERT INTO reports (id, number, kind, state, tlp, revision, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	_, err = tx.ExecContext(ctx, query, string(r.ID), int64(r.Number), string(r.Kind), string(r.State), int64(r.TLP), int64(r.Revision), text)
	return err
}

func updateReport(ctx context.Context, tx *sql.Tx, r comity.GroupReport) error {
	text, err := encode(r)
	if err != nil {
		return err
	}
	const query = `
		UPDATE reports
		SET kind = $2, state = $3, tlp = $4, revision = $5, body = $6
		WHERE id = $1`
	_, err = tx.ExecContext(ctx, query, string(r.ID), string(r.Kind), string(r.State), int64(r.TLP), int64(r.Revision), text)
	return err
}

// draftForUpdate returns the draft as it is.
func draftForUpdate(ctx context.Context, tx *sql.Tx, r comity.GroupReport) (comity.GroupReport, error) {
	old, err := body[comity.GroupReport](ctx, tx, `SELECT body FROM reports WHERE id = $1`, string(r.ID))
	switch {
	case err != nil:
		return old, err
	case old.State == comity.ReportFrozen:
		return old, comity.Errorf(comity.Conflict, "the report is frozen: it does not change any more")
	case old.Revision != r.Revision:
		return old, comity.Errorf(comity.Conflict, "the report was changed in between: it is at revision %d, the change was made on %d", old.Revision, r.Revision)
	default:
		return old, nil
	}
}

// FreezeReport freezes the draft that was read at the revision that it names, with its document in each of its languages.
// Its hash is made here, of what is kept.
func (s *Store) FreezeReport(ctx context.Context, v comity.Viewer, r comity.GroupReport, documents []comity.ReportDocument, now time.Time) (comity.GroupReport, error) {
	if !v.WritesReports() {
		return r, comity.Errorf(comity.Forbidden, "this role freezes no reports")
	}
	if err := checkDocuments(r, documents); err != nil {
		return r, err
	}
	err := s.write(ctx, v, "freeze report", string(r.ID), func(tx *sql.Tx) error {
		old, err := draftForUpdate(ctx, tx, r)
		if err != nil {
			return err
		}
		old.LeftOut, old.State, old.Frozen, old.Revision = r.LeftOut, comity.ReportFrozen, now.UTC().Truncate(time.Second), old.Revision+1
		if old.Hash, err = old.Seal(documents); err != nil {
			return err
		}
		r = old
		for _, d := range documents {
			const query = `
				INSERT INTO report_documents (report_id, language, body)
				VALUES ($1, $2, $3)`
			if _, err := tx.ExecContext(ctx, query, string(r.ID), d.Language, d.Document); err != nil {
				return err
			}
		}
		return updateReport(ctx, tx, r)
	})
	return r, err
}

// checkDocuments asks for one document in each language of the report.
func checkDocuments(r comity.GroupReport, documents []comity.ReportDocument) error {
	var languages []string
	for _, d := range documents {
		if d.Document == "" || len(d.Document) > comity.MaxReportDocument {
			return comity.Errorf(comity.TooLarge, "the report in %s: want 1 to %d bytes", d.Language, comity.MaxReportDocument)
		}
		languages = append(languages, d.Language)
	}
	slices.Sort(languages)
	if !slices.Equal(languages, r.Languages) {
		return comity.Errorf(comity.Invalid, "documents in %s for a report in %s", strings.Join(languages, ", "), strings.Join(r.Languages, ", "))
	}
	return nil
}

// DeleteReport removes the draft with the latest number; what was frozen stays, and so does what has a later one, so that
// numbers have no gaps.
func (s *Store) DeleteReport(ctx context.Context, v comity.Viewer, id comity.ReportID, revision int) error {
	if !v.WritesReports() {
		return comity.Errorf(comity.Forbidden, "this role writes no reports")
	}
	return s.write(ctx, v, "delete report", string(id), func(tx *sql.Tx) error {
		old, err := draftForUpdate(ctx, tx, comity.GroupReport{ID: id, Revision: revision})
		if err != nil {
			return err
		}
		var last int
		if err := tx.QueryRowContext(ctx, `SELECT MAX(number) FROM reports`).Scan(&last); err != nil {
			return err
		}
		if old.Number != last {
			return comity.Errorf(comity.Conflict, "report %d is not the last one: removing it would leave a gap in the numbers", old.Number)
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM reports WHERE id = $1`, string(id))
		return err
	})
}

// Report returns one report that the viewer may see.
func (s *Store) Report(ctx context.Context, v comity.Viewer, id comity.ReportID) (comity.GroupReport, error) {
	s.note(ctx, v, "Report")
	var w where
	w.and("id = ?", string(id))
	visibleReports(&w, v)
	r, err := body[comity.GroupReport](ctx, s.engine.Read, `SELECT body FROM reports`+w.String(), w.args...)
	return r, s.known(err)
}

// ReportDocument returns a frozen report that the viewer may see in one of its languages, as JSON of package document.
func (s *Store) ReportDocument(ctx context.Context, v comity.Viewer, id comity.ReportID, language string) (string, error) {
	if _, err := s.Report(ctx, v, id); err != nil {
		return "", err
	}
	const query = `
		SELECT body
		FROM report_documents
		WHERE report_id = $1 AND language = $2`
	var text string
	err := s.engine.Read.QueryRowContext(ctx, query, string(id), language).Scan(&text)
	return text, s.known(err)
}

// Reports returns one page of the reports that the viewer may see, the latest first.
func (s *Store) Reports(ctx context.Context, v comity.Viewer, q comity.ReportQuery) (comity.ReportPage, error) {
	s.note(ctx, v, "Reports")
	var w where
	visibleReports(&w, v)
	if q.State != "" {
		w.and("state = ?", string(q.State))
	}
	if q.Kind != "" {
		w.and("kind = ?", string(q.Kind))
	}
	var p comity.ReportPage
	if err := s.engine.Read.QueryRowContext(ctx, `SELECT COUNT(*) FROM reports`+w.String(), w.args...).Scan(&p.Total); err != nil {
		return p, s.known(err)
	}
	limit, offset := page(q.Limit, q.Offset, 200)
	query := fmt.Sprintf(`SELECT body FROM reports%s ORDER BY number DESC LIMIT %d OFFSET %d`, w.String(), limit, offset)
	var err error
	p.Reports, err = bodies[comity.GroupReport](ctx, s.engine.Read, query, w.args...)
	return p, s.known(err)
}

// PutReportTemplate keeps a new version of a template, made on the version that it names.
func (s *Store) PutReportTemplate(ctx context.Context, v comity.Viewer, t comity.ReportTemplate, now time.Time) (comity.ReportTemplate, error) {
	if !v.WritesReports() {
		return t, comity.Errorf(comity.Forbidden, "this role changes no templates of reports")
	}
	if err := t.Check(); err != nil {
		return t, err
	}
	err := s.write(ctx, v, "put report template", string(t.Kind), func(tx *sql.Tx) error {
		var last int
		if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(version), 0) FROM report_templates WHERE kind = $1`, string(t.Kind)).Scan(&last); err != nil {
			return err
		}
		if last != t.Version {
			return comity.Errorf(comity.Conflict, "the template was changed in between: it is at version %d, the change was made on %d", last, t.Version)
		}
		t.Version, t.At = last+1, now.UTC().Truncate(time.Second)
		text, err := encode(t)
		if err != nil {
			return err
		}
		const query = `
			INSERT INTO report_templates (kind, version, body)
			VALUES ($1, $2, $3)`
		_, err = tx.ExecContext(ctx, query, string(t.Kind), int64(t.Version), text)
		return err
	})
	return t, err
}

// ReportTemplate returns a template in its newest version, for those who write reports; the one that Comity comes with if
// it was never changed.
func (s *Store) ReportTemplate(ctx context.Context, v comity.Viewer, kind comity.ReportKind) (comity.ReportTemplate, error) {
	s.note(ctx, v, "ReportTemplate")
	if !v.WritesReports() || !slices.Contains(comity.ReportKinds, kind) {
		return comity.ReportTemplate{}, errNotFound
	}
	const query = `
		SELECT body
		FROM report_templates
		WHERE kind = $1
		ORDER BY version DESC
		LIMIT 1`
	list, err := bodies[comity.ReportTemplate](ctx, s.engine.Read, query, string(kind))
	if err != nil || len(list) == 0 {
		return comity.DefaultTemplate(kind), s.known(err)
	}
	return list[0], nil
}
