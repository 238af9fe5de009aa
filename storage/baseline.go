package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"comity"
)

// PutBaseline stores a new revision of the baseline that it names by ID, or the first of a new one. b.Revision is the newest
// revision that the caller has seen (0: the baseline is new); if there is another, it is a Conflict, as is a key that
// another baseline has. With inForce the revision is what members answer from now on.
func (s *Store) PutBaseline(ctx context.Context, v comity.Viewer, b comity.Baseline, inForce bool, now time.Time) (comity.Baseline, error) {
	if !v.KeepsBaselines() {
		return comity.Baseline{}, errNotFound
	}
	if b.Key == "" || b.Title == "" || b.Count() == 0 || b.Count() > comity.MaxBaselineControls {
		return comity.Baseline{}, comity.Errorf(comity.Invalid, "a baseline has a title and 1 to %d controls", comity.MaxBaselineControls)
	}
	err := s.write(ctx, v, "put baseline", string(b.ID), func(tx *sql.Tx) error {
		newest, force, err := s.baselineStanding(ctx, tx, b.ID)
		if err != nil {
			return err
		}
		if newest != b.Revision {
			return comity.Errorf(comity.Conflict, "the baseline is at revision %d, the import was made on %d", newest, b.Revision)
		}
		if newest == 0 {
			if err := roomForBaseline(ctx, tx, b.Key); err != nil {
				return err
			}
		}
		b.Revision, b.Imported, b.By = newest+1, now.UTC().Truncate(time.Second), v.Person()
		if inForce {
			force = b.Revision
		}
		return putBaseline(ctx, tx, b, force)
	})
	if err != nil {
		return comity.Baseline{}, err
	}
	return b, nil
}

// baselineStanding returns the newest revision of a baseline and the one in force, zeros for one that is new.
func (s *Store) baselineStanding(ctx context.Context, q querier, id comity.BaselineID) (newest, force int, err error) {
	const query = `
		SELECT revision, in_force
		FROM baselines
		WHERE id = $1`
	err = q.QueryRowContext(ctx, query, string(id)).Scan(&newest, &force)
	if err == sql.ErrNoRows {
		return 0, 0, nil
	}
	return newest, force, err
}

func roomForBaseline(ctx context.Context, tx *sql.Tx, key string) error {
	var all, taken int
	const query = `
		SELECT COUNT(*), COALESCE(SUM(CASE WHEN key = $1 THEN 1 ELSE 0 END), 0)
		FROM baselines`
	if err := tx.QueryRowContext(ctx, query, key).Scan(&all, &taken); err != nil {
		return err
	}
	switch {
	case taken > 0:
		return comity.Errorf(comity.Conflict, "there is a baseline of this name already: import the file as a revision of it")
	case all >= comity.MaxBaselines:
		return comity.Errorf(comity.TooMany, "there are %d baselines already", all)
	}
	return nil
}

func putBaseline(ctx context.Context, tx *sql.Tx, b comity.Baseline, force int) error {
	const query = `
		INSERT INTO baselines (id, key, revision, in_force)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE
		SET revision = excluded.revision, in_force = excluded.in_force`
	if _, err := tx.ExecContext(ctx, query, string(b.ID), b.Key, int64(b.Revision), int64(force)); err != nil {
		return err
	}
	head, err := encode(b.Head())
	if err != nil {
		return err
	}
	body, err := encode(b)
	if err != nil {
		return err
	}
	const revision = `
		INSERT INTO baseline_revisions (baseline_id, revision, at, person_id, head, body)
		VALUES ($1, $2, $3, $4, $5, $6)`
	if _, err := tx.ExecContext(ctx, revision, string(b.ID), int64(b.Revision), unix(b.Imported), string(b.By), head, body); err != nil {
		return err
	}
	return change(ctx, tx, comity.ChangeBaseline, "", string(b.ID))
}

// SetBaselineInForce makes a revision what members answer, or none of them with revision 0. Answers stay.
func (s *Store) SetBaselineInForce(ctx context.Context, v comity.Viewer, id comity.BaselineID, revision int) error {
	if !v.KeepsBaselines() {
		return errNotFound
	}
	return s.write(ctx, v, "put baseline in force", string(id), func(tx *sql.Tx) error {
		newest, force, err := s.baselineStanding(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case newest == 0 || revision < 0 || revision > newest:
			return errNotFound
		case revision == force:
			return errUnchanged
		}
		if _, err := tx.ExecContext(ctx, `UPDATE baselines SET in_force = $2 WHERE id = $1`, string(id), int64(revision)); err != nil {
			return err
		}
		return change(ctx, tx, comity.ChangeBaseline, "", string(id))
	})
}

const headColumns = `revisions.head, baselines.in_force`

func scanHead(r interface{ Scan(...any) error }) (comity.BaselineHead, error) {
	var text string
	var force int
	if err := r.Scan(&text, &force); err != nil {
		return comity.BaselineHead{}, err
	}
	head, err := decode[comity.BaselineHead](text)
	head.InForce = force
	return head, err
}

// Baselines lists the baselines of the group at their newest revisions, by title; at most comity.MaxBaselines.
func (s *Store) Baselines(ctx context.Context, v comity.Viewer) ([]comity.BaselineHead, error) {
	const query = `
		SELECT ` + headColumns + `
		FROM baselines
		JOIN baseline_revisions AS revisions ON revisions.baseline_id = baselines.id AND revisions.revision = baselines.revision
		ORDER BY baselines.key`
	return s.baselineHeads(ctx, v, "Baselines", query)
}

// BaselinesInForce lists the revisions that members answer, by title.
func (s *Store) BaselinesInForce(ctx context.Context, v comity.Viewer) ([]comity.BaselineHead, error) {
	const query = `
		SELECT ` + headColumns + `
		FROM baselines
		JOIN baseline_revisions AS revisions ON revisions.baseline_id = baselines.id AND revisions.revision = baselines.in_force
		ORDER BY baselines.key`
	return s.baselineHeads(ctx, v, "BaselinesInForce", query)
}

// BaselineRevisions lists the revisions of a baseline, newest first, at most the last 200.
func (s *Store) BaselineRevisions(ctx context.Context, v comity.Viewer, id comity.BaselineID) ([]comity.BaselineHead, error) {
	const query = `
		SELECT ` + headColumns + `
		FROM baselines
		JOIN baseline_revisions AS revisions ON revisions.baseline_id = baselines.id
		WHERE baselines.id = $1
		ORDER BY revisions.revision DESC
		LIMIT 200`
	list, err := s.baselineHeads(ctx, v, "BaselineRevisions", query, string(id))
	if err == nil && len(list) == 0 {
		return nil, errNotFound
	}
	return list, err
}

func (s *Store) baselineHeads(ctx context.Context, v comity.Viewer, method, query string, args ...any) ([]comity.BaselineHead, error) {
	s.note(ctx, v, method)
	if !v.SeesBaselines() {
		return nil, errNotFound
	}
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.BaselineHead, error) { return scanHead(r) }, query, args...)
	return list, s.known(err)
}

// Baseline returns one revision of a baseline with its controls; revision 0 is the newest.
func (s *Store) Baseline(ctx context.Context, v comity.Viewer, id comity.BaselineID, revision int) (comity.Baseline, error) {
	s.note(ctx, v, "Baseline")
	if !v.SeesBaselines() || revision < 0 {
		return comity.Baseline{}, errNotFound
	}
	b, err := baselineIn(ctx, s.engine.Read, id, revision)
	return b, s.known(err)
}

func baselineIn(ctx context.Context, q querier, id comity.BaselineID, revision int) (comity.Baseline, error) {
	const query = `
		SELECT body
		FROM baseline_revisions
		WHERE baseline_id = $1
		  AND (revision = $2 OR $2 = 0)
		ORDER BY revision DESC
		LIMIT 1`
	b, err := body[comity.Baseline](ctx, q, query, string(id), int64(revision))
	if err != nil {
		return b, fmt.Errorf("baseline %s at %d: %w", id, revision, err)
	}
	return b, nil
}

// BaselineAnswers returns all that an organisation says of a baseline, as it was at a revision of its answers; 0: as it
// is. It is NotFound for everybody outside the organisation; for a baseline that nobody answered it is empty.
func (s *Store) BaselineAnswers(ctx context.Context, v comity.Viewer, org comity.OrgID, id comity.BaselineID, revision int) (comity.BaselineAssessment, error) {
	s.note(ctx, v, "BaselineAnswers")
	if !v.SeesProfile(org) {
		return comity.BaselineAssessment{}, errNotFound
	}
	a, err := answersIn(ctx, s.engine.Read, org, id, revision)
	if err == nil && revision > 0 && a.Revision != revision {
		return a, errNotFound
	}
	return a, s.known(err)
}

// AssessedBaselines returns the baselines in force, by title, with all that an organisation says of them. It is NotFound for
// everybody outside the organisation. Two queries, however many baselines there are.
func (s *Store) AssessedBaselines(ctx context.Context, v comity.Viewer, org comity.OrgID) ([]comity.AssessedBaseline, error) {
	s.note(ctx, v, "AssessedBaselines")
	if !v.SeesProfile(org) {
		return nil, errNotFound
	}
	const inForce = `
		SELECT revisions.body
		FROM baselines
		JOIN baseline_revisions AS revisions ON revisions.baseline_id = baselines.id AND revisions.revision = baselines.in_force
		ORDER BY baselines.key`
	baselines, err := bodies[comity.Baseline](ctx, s.engine.Read, inForce)
	if err != nil {
		return nil, s.known(err)
	}
	answers := map[comity.BaselineID]*comity.BaselineAssessment{}
	for _, b := range baselines {
		answers[b.ID] = &comity.BaselineAssessment{Org: org, Baseline: b.ID, Answers: map[string]comity.BaselineAnswer{}}
	}
	const newest = `
		SELECT baseline_id, ` + answerColumns + `
		FROM baseline_answers AS newest
		WHERE org_id = $1
		  AND revision = (
			SELECT MAX(revision)
			FROM baseline_answers
			WHERE org_id = newest.org_id
			  AND baseline_id = newest.baseline_id
			  AND control = newest.control)`
	_, err = rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.BaselineID, error) {
		var id comity.BaselineID
		a, err := scanAnswer(r, &id)
		if in := answers[id]; err == nil && in != nil {
			addAnswer(in, a)
		}
		return id, err
	}, newest, string(org))
	if err != nil {
		return nil, s.known(err)
	}
	list := make([]comity.AssessedBaseline, len(baselines))
	for i, b := range baselines {
		list[i] = comity.AssessedBaseline{Baseline: b, Assessment: *answers[b.ID]}
	}
	return list, nil
}

const answerColumns = `control, revision, at, person_id, body`

// scanAnswer reads an answer after the columns that stand before it.
func scanAnswer(r *sql.Rows, before ...any) (comity.BaselineAnswer, error) {
	var control, by, text string
	var revision int
	var at int64
	if err := r.Scan(append(before, &control, &revision, &at, &by, &text)...); err != nil {
		return comity.BaselineAnswer{}, err
	}
	a, err := decode[comity.BaselineAnswer](text)
	a.Control, a.Revision, a.At, a.By = control, revision, fromUnix(at), comity.PersonID(by)
	return a, err
}

func oneAnswer(r *sql.Rows) (comity.BaselineAnswer, error) { return scanAnswer(r) }

// addAnswer adds the newest answer to a control.
func addAnswer(a *comity.BaselineAssessment, answer comity.BaselineAnswer) {
	a.Answers[answer.Control] = answer
	if answer.Revision >= a.Revision {
		a.Revision, a.Updated = answer.Revision, answer.At
	}
}

func answersIn(ctx context.Context, q querier, org comity.OrgID, id comity.BaselineID, revision int) (comity.BaselineAssessment, error) {
	a := comity.BaselineAssessment{Org: org, Baseline: id, Answers: map[string]comity.BaselineAnswer{}}
	if revision <= 0 {
		revision = 1 << 40
	}
	const query = `
		SELECT ` + answerColumns + `
		FROM baseline_answers AS newest
		WHERE org_id = $1
		  AND baseline_id = $2
		  AND revision = (
			SELECT MAX(revision)
			FROM baseline_answers
			WHERE org_id = newest.org_id
			  AND baseline_id = newest.baseline_id
			  AND control = newest.control
			  AND revision <= $3)`
	list, err := rows(ctx, q, oneAnswer, query, string(org), string(id), int64(revision))
	for _, answer := range list {
		addAnswer(&a, answer)
	}
	return a, err
}

// PutBaselineAnswers stores answers that differ from what is stored, as rows that are never changed. on is the revision of
// the assessment that the answers were given on: if one of their controls was answered since, it is a Conflict and nothing
// is stored; answers to other controls are no reason to refuse. Answers to controls that the baseline in force does not
// have are Invalid. An answer that says nothing takes back what was said.
func (s *Store) PutBaselineAnswers(ctx context.Context, v comity.Viewer, org comity.OrgID, id comity.BaselineID, on int, answers []comity.BaselineAnswer, now time.Time) (comity.BaselineAssessment, error) {
	if !v.EditsProfile(org) {
		return comity.BaselineAssessment{}, errNotFound
	}
	var after comity.BaselineAssessment
	err := s.write(ctx, v, "put baseline answers", string(org), func(tx *sql.Tx) error {
		controls, err := s.controlsInForce(ctx, tx, id)
		if err != nil {
			return err
		}
		if after, err = answersIn(ctx, tx, org, id, 0); err != nil {
			return err
		}
		changed, err := changedAnswers(after, controls, on, answers)
		if err != nil {
			return err
		}
		if len(changed) == 0 {
			return errUnchanged
		}
		if err := entered(ctx, tx, org); err != nil {
			return err
		}
		after.Revision, after.Updated = after.Revision+1, now.UTC().Truncate(time.Second)
		for _, a := range changed {
			a.Revision, a.At, a.By = after.Revision, after.Updated, v.Person()
			if err := putAnswer(ctx, tx, org, id, a); err != nil {
				return err
			}
			after.Answers[a.Control] = a
		}
		return change(ctx, tx, comity.ChangeBaseline, org, string(id))
	})
	return after, err
}

// controlsInForce returns the controls of the revision that members answer.
func (s *Store) controlsInForce(ctx context.Context, q querier, id comity.BaselineID) (map[string]comity.BaselineControl, error) {
	_, force, err := s.baselineStanding(ctx, q, id)
	if err != nil {
		return nil, err
	}
	if force == 0 {
		return nil, errNotFound
	}
	b, err := baselineIn(ctx, q, id, force)
	return b.Controls(), err
}

// changedAnswers returns the answers that say something else than what is stored, each with the digest of its control.
func changedAnswers(before comity.BaselineAssessment, controls map[string]comity.BaselineControl, on int, answers []comity.BaselineAnswer) ([]comity.BaselineAnswer, error) {
	var changed []comity.BaselineAnswer
	seen := map[string]bool{}
	for _, a := range answers {
		control, ok := controls[a.Control]
		if !ok || seen[a.Control] {
			return nil, comity.Errorf(comity.Invalid, "control %.80q: the baseline in force has no such control, or it stands twice", a.Control)
		}
		seen[a.Control] = true
		if err := a.Check(); err != nil {
			return nil, err
		}
		old := before.Answers[a.Control]
		a.Digest = control.Digest()
		if a.Same(old) && (a.Digest == old.Digest || a.Blank()) {
			continue
		}
		if old.Revision > on {
			return nil, comity.Errorf(comity.Conflict, "control %s was answered in between, at revision %d; this answer was given on %d", a.Control, old.Revision, on)
		}
		changed = append(changed, a)
	}
	return changed, nil
}

func putAnswer(ctx context.Context, tx *sql.Tx, org comity.OrgID, id comity.BaselineID, a comity.BaselineAnswer) error {
	text, err := encode(a)
	if err != nil {
		return err
	}
	const query = `
		INSERT INTO baseline_answers (org_id, baseline_id, revision, control, at, person_id, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	_, err = tx.ExecContext(ctx, query, string(org), string(id), int64(a.Revision), a.Control, unix(a.At), string(a.By), text)
	return err
}

// BaselineHistory returns one page of the answers that an organisation gave to a baseline, newest first; control selects
// one, empty all.
func (s *Store) BaselineHistory(ctx context.Context, v comity.Viewer, org comity.OrgID, id comity.BaselineID, control string, limit, offset int) (comity.BaselineAnswerPage, error) {
	s.note(ctx, v, "BaselineHistory")
	var p comity.BaselineAnswerPage
	if !v.SeesProfile(org) {
		return p, errNotFound
	}
	var w where
	w.and("org_id = ?", string(org))
	w.and("baseline_id = ?", string(id))
	if control != "" {
		w.and("control = ?", control)
	}
	if err := s.engine.Read.QueryRowContext(ctx, `SELECT COUNT(*) FROM baseline_answers`+w.String(), w.args...).Scan(&p.Total); err != nil {
		return p, s.known(err)
	}
	limit, offset = page(limit, offset, 500)
	query := fmt.Sprintf(`SELECT %s FROM baseline_answers%s ORDER BY revision DESC, control LIMIT %d OFFSET %d`, answerColumns, w.String(), limit, offset)
	var err error
	p.Answers, err = rows(ctx, s.engine.Read, oneAnswer, query, w.args...)
	return p, s.known(err)
}

// Kinds of drafts.
const (
	DraftBaseline = "baseline" // of the group
	DraftAnswers  = "answers"  // of the organisation
	DraftSession  = "session"  // of the group: an event of another system
)

// keepsDrafts reports whether the viewer may begin an import of this kind.
func keepsDrafts(v comity.Viewer, kind string) bool {
	if v.Person() == "" {
		return false
	}
	switch kind {
	case DraftBaseline:
		return v.KeepsBaselines()
	case DraftAnswers:
		return v.EditsProfile(v.Org())
	default:
		return kind == DraftSession && v.KeepsRecords()
	}
}

// PutBaselineDraft keeps what a person began to import, in the place of what they began before: one of each kind a person,
// for DraftLife. Nobody else reads it. What is over 8 MB is TooLarge.
func (s *Store) PutBaselineDraft(ctx context.Context, v comity.Viewer, kind string, body []byte, now time.Time) error {
	if !keepsDrafts(v, kind) {
		return errNotFound
	}
	if len(body) > draftBytes {
		return comity.Errorf(comity.TooLarge, "the import is too large to be kept until it is confirmed")
	}
	return s.write(ctx, v, "put "+kind+" draft", string(v.Org()), func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM baseline_drafts WHERE expires_at <= $1`, unix(now)); err != nil {
			return err
		}
		const query = `
			INSERT INTO baseline_drafts (person_id, kind, org_id, at, expires_at, body)
			VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (person_id, kind) DO UPDATE
			SET org_id = excluded.org_id, at = excluded.at, expires_at = excluded.expires_at, body = excluded.body`
		_, err := tx.ExecContext(ctx, query, string(v.Person()), kind, string(v.Org()), unix(now), unix(now.Add(DraftLife)), body)
		return err
	})
}

// BaselineDraft returns the viewer's own draft of a kind; NotFound if there is none, or none any more.
func (s *Store) BaselineDraft(ctx context.Context, v comity.Viewer, kind string, now time.Time) ([]byte, error) {
	if !keepsDrafts(v, kind) {
		return nil, errNotFound
	}
	const query = `
		SELECT body
		FROM baseline_drafts
		WHERE person_id = $1
		  AND kind = $2
		  AND org_id = $3
		  AND expires_at > $4`
	var body []byte
	err := s.engine.Read.QueryRowContext(ctx, query, string(v.Person()), kind, string(v.Org()), unix(now)).Scan(&body)
	return body, s.known(err)
}

// DeleteBaselineDraft forgets the viewer's own draft of a kind; that there is none is no error.
func (s *Store) DeleteBaselineDraft(ctx context.Context, v comity.Viewer, kind string) error {
	if v.Person() == "" {
		return errNotFound
	}
	return s.write(ctx, v, "delete "+kind+" draft", string(v.Org()), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM baseline_drafts WHERE person_id = $1 AND kind = $2`, string(v.Person()), kind)
		return err
	})
}
