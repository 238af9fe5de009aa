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

// PutProject creates a joint project (Revision 0), or changes the one that was read at the revision that it names; if
// another change came in between, it is a Conflict and nothing is stored. Every revision is kept as a row. Nobody puts a
// project out of their own reach.
func (s *Store) PutProject(ctx context.Context, v comity.Viewer, p comity.Project, now time.Time) (comity.Project, error) {
	at := now.UTC().Truncate(time.Second)
	err := s.write(ctx, v, "put project", string(p.ID), func(tx *sql.Tx) error {
		p.Created = at
		if p.Revision > 0 {
			old, err := visibleProject(ctx, tx, v, p.ID)
			if err != nil {
				return err
			}
			if !v.EditsProject(old) {
				return comity.Errorf(comity.Forbidden, "this role does not change this project")
			}
			if old.Revision != p.Revision {
				return comity.Errorf(comity.Conflict, "the project was changed in between: it is at revision %d, the change was made on %d", old.Revision, p.Revision)
			}
			p.Created = old.Created
		}
		if !v.EditsProject(p) {
			return comity.Errorf(comity.Forbidden, "this role does not put a project there")
		}
		p.Updated = at
		p.Revision++
		slices.SortFunc(p.Participants, func(a, b comity.ProjectMember) int { return strings.Compare(string(a.Org), string(b.Org)) })
		return putProject(ctx, tx, v, p)
	})
	return p, err
}

func putProject(ctx context.Context, tx *sql.Tx, v comity.Viewer, p comity.Project) error {
	text, err := encode(p)
	if err != nil {
		return err
	}
	const insert = `
		INSERT INTO projects (id, lead_org_id, tlp, state, created_at, revision, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	const update = insert + `
		ON CONFLICT (id) DO UPDATE
		SET lead_org_id = excluded.lead_org_id, tlp = excluded.tlp, state = excluded.state, revision = excluded.revision, body = excluded.body`
	query := update
	if p.Revision == 1 {
		query = insert
	}
	if _, err := tx.ExecContext(ctx, query, string(p.ID), string(p.Lead()), int64(p.TLP), string(p.State), unix(p.Created), int64(p.Revision), text); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM project_participants WHERE project_id = $1`, string(p.ID)); err != nil {
		return err
	}
	for _, m := range p.Participants {
		if _, err := tx.ExecContext(ctx, `INSERT INTO project_participants (project_id, org_id) VALUES ($1, $2)`, string(p.ID), string(m.Org)); err != nil {
			return err
		}
	}
	const keep = `
		INSERT INTO project_revisions (project_id, revision, at, person_id, org_id, body)
		VALUES ($1, $2, $3, $4, $5, $6)`
	_, err = tx.ExecContext(ctx, keep, string(p.ID), int64(p.Revision), unix(p.Updated), string(v.Person()), string(v.Org()), text)
	return err
}

func visibleProject(ctx context.Context, q querier, v comity.Viewer, id comity.ProjectID) (comity.Project, error) {
	var w where
	w.and("id = ?", string(id))
	visibleProjects(&w, v)
	return body[comity.Project](ctx, q, `SELECT body FROM projects`+w.String(), w.args...)
}

// Project returns one joint project that the viewer may see.
func (s *Store) Project(ctx context.Context, v comity.Viewer, id comity.ProjectID) (comity.Project, error) {
	s.note(ctx, v, "Project")
	p, err := visibleProject(ctx, s.engine.Read, v, id)
	return p, s.known(err)
}

// Projects returns one page of the joint projects that the viewer may see, newest first.
func (s *Store) Projects(ctx context.Context, v comity.Viewer, q comity.ProjectQuery) (comity.ProjectPage, error) {
	s.note(ctx, v, "Projects")
	var w where
	visibleProjects(&w, v)
	if q.State != "" {
		w.and("state = ?", string(q.State))
	}
	if q.Open {
		w.and("state <> 'closed'")
	}
	if q.Org != "" {
		w.and("id IN (SELECT project_id FROM project_participants WHERE org_id = ?)", string(q.Org))
	}
	var p comity.ProjectPage
	if err := s.engine.Read.QueryRowContext(ctx, `SELECT COUNT(*) FROM projects`+w.String(), w.args...).Scan(&p.Total); err != nil {
		return p, s.known(err)
	}
	limit, offset := page(q.Limit, q.Offset, 200)
	query := fmt.Sprintf(`SELECT body FROM projects%s ORDER BY created_at DESC, id LIMIT %d OFFSET %d`, w.String(), limit, offset)
	var err error
	p.Projects, err = bodies[comity.Project](ctx, s.engine.Read, query, w.args...)
	return p, s.known(err)
}

// PutProjectReport adds a report on a joint project; who changes the project reports on it. It returns it with its number.
func (s *Store) PutProjectReport(ctx context.Context, v comity.Viewer, r comity.ProjectReport, now time.Time) (comity.ProjectReport, error) {
	r.At, r.Person, r.Org = now.UTC().Truncate(time.Second), v.Person(), v.Org()
	err := s.write(ctx, v, "put project report", string(r.Project), func(tx *sql.Tx) error {
		p, err := visibleProject(ctx, tx, v, r.Project)
		if err != nil {
			return err
		}
		if !v.EditsProject(p) {
			return comity.Errorf(comity.Forbidden, "this role does not report on this project")
		}
		if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(number), 0) + 1 FROM project_reports WHERE project_id = $1`, string(r.Project)).Scan(&r.Number); err != nil {
			return err
		}
		text, err := encode(r)
		if err != nil {
			return err
		}
		const query = `
			INSERT INTO project_reports (project_id, number, at, person_id, org_id, body)
			VALUES ($1, $2, $3, $4, $5, $6)`
		_, err = tx.ExecContext(ctx, query, string(r.Project), int64(r.Number), unix(r.At), string(r.Person), string(r.Org), text)
		return err
	})
	return r, err
}

// ProjectReports lists the reports on a joint project that the viewer may see, newest first, at most 200.
func (s *Store) ProjectReports(ctx context.Context, v comity.Viewer, id comity.ProjectID, limit int) ([]comity.ProjectReport, error) {
	s.note(ctx, v, "ProjectReports")
	if _, err := visibleProject(ctx, s.engine.Read, v, id); err != nil {
		return nil, s.known(err)
	}
	limit, _ = page(limit, 0, 200)
	const query = `
		SELECT body
		FROM project_reports
		WHERE project_id = $1
		ORDER BY number DESC
		LIMIT $2`
	list, err := bodies[comity.ProjectReport](ctx, s.engine.Read, query, string(id), limit)
	return list, s.known(err)
}

// LastReports returns the newest report on each of some projects that the viewer may see, at most 200.
func (s *Store) LastReports(ctx context.Context, v comity.Viewer, ids []comity.ProjectID) (map[comity.ProjectID]comity.ProjectReport, error) {
	s.note(ctx, v, "LastReports")
	last := map[comity.ProjectID]comity.ProjectReport{}
	if len(ids) == 0 {
		return last, nil
	}
	var w, seen where
	w.in("project_id", texts(ids[:min(len(ids), 200)]))
	visibleProjects(&seen, v)
	if len(seen.conditions) > 0 {
		w.and("project_id IN (SELECT id FROM projects WHERE "+unbind(seen.conditions[0])+")", seen.args...)
	}
	w.and("number = (SELECT MAX(number) FROM project_reports AS r WHERE r.project_id = project_reports.project_id)")
	list, err := bodies[comity.ProjectReport](ctx, s.engine.Read, `SELECT body FROM project_reports`+w.String(), w.args...)
	for _, r := range list {
		last[r.Project] = r
	}
	return last, s.known(err)
}
