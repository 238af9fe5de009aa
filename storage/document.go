package storage

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"comity"
)

// PutDocument adds a document (Version 0), or changes the record that was read at the version that it names; another one
// is a Conflict, and so are second Terms of Reference of the group or of a working group. A label that is narrower than
// one of a revision that is published is Invalid: nobody can take back what was shown.
func (s *Store) PutDocument(ctx context.Context, v comity.Viewer, d comity.Document, now time.Time) (comity.Document, error) {
	if !v.KeepsRecords() {
		return d, errNotFound
	}
	if err := d.Check(); err != nil {
		return d, err
	}
	err := s.write(ctx, v, "put document", string(d.ID), func(tx *sql.Tx) error {
		old, err := storedDocument(ctx, tx, d.ID)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if old.Version != d.Version {
			return comity.Errorf(comity.Conflict, "the document was changed in between")
		}
		if d.Created = old.Created; old.Version == 0 {
			d.Created = now.UTC().Truncate(time.Second)
		}
		if err := fitsRevisions(ctx, tx, old, d); err != nil {
			return err
		}
		d.Version++
		return storeDocument(ctx, tx, d)
	})
	return d, err
}

// fitsRevisions refuses a change of a document that its revisions do not bear.
func fitsRevisions(ctx context.Context, tx *sql.Tx, old, d comity.Document) error {
	if old.Version == 0 {
		return nil
	}
	var wider, all int
	const query = `
		SELECT COUNT(*), COALESCE(SUM(CASE WHEN tlp < $1 THEN 1 ELSE 0 END), 0)
		FROM document_revisions
		WHERE document_id = $2`
	if err := tx.QueryRowContext(ctx, query, int64(d.TLP), string(d.ID)).Scan(&all, &wider); err != nil {
		return err
	}
	switch {
	case wider > 0:
		return comity.Errorf(comity.Invalid, "tlp: %d of its revisions have a wider label", wider)
	case all > 0 && old.IsTerms() != d.IsTerms():
		return comity.Errorf(comity.Invalid, "kind: the Terms of Reference of the group stay what they are once they have a revision")
	}
	return nil
}

func storeDocument(ctx context.Context, tx *sql.Tx, d comity.Document) error {
	text, err := encode(d)
	if err != nil {
		return err
	}
	const query = `
		INSERT INTO documents (id, kind, title, tlp, working_group_id, version, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE
		SET kind = excluded.kind, title = excluded.title, tlp = excluded.tlp, working_group_id = excluded.working_group_id,
		    version = excluded.version, body = excluded.body`
	_, err = tx.ExecContext(ctx, query, string(d.ID), string(d.Kind), d.Title, int64(d.TLP), string(d.WorkingGroup), int64(d.Version), text)
	return err
}

func storedDocument(ctx context.Context, q querier, id comity.DocumentID) (comity.Document, error) {
	return body[comity.Document](ctx, q, `SELECT body FROM documents WHERE id = $1`, string(id))
}

// Document returns one document that the viewer may see.
func (s *Store) Document(ctx context.Context, v comity.Viewer, id comity.DocumentID) (comity.Document, error) {
	s.note(ctx, v, "Document")
	d, err := visibleDocument(ctx, s.engine.Read, v, id)
	return d, s.known(err)
}

func visibleDocument(ctx context.Context, q querier, v comity.Viewer, id comity.DocumentID) (comity.Document, error) {
	var w where
	w.and("id = ?", string(id))
	visibleDocuments(&w, v, "tlp")
	return body[comity.Document](ctx, q, `SELECT body FROM documents`+w.String(), w.args...)
}

// Documents returns one page of the documents that the viewer may see, by title, with what is in force of each on a day.
func (s *Store) Documents(ctx context.Context, v comity.Viewer, q comity.DocumentQuery, day comity.Date) (comity.DocumentPage, error) {
	s.note(ctx, v, "Documents")
	var w where
	visibleDocuments(&w, v, "tlp")
	if q.Kind != "" {
		w.and("kind = ?", string(q.Kind))
	}
	if q.WorkingGroup != "" {
		w.and("working_group_id = ?", string(q.WorkingGroup))
	}
	p := comity.DocumentPage{}
	if err := s.engine.Read.QueryRowContext(ctx, `SELECT COUNT(*) FROM documents`+w.String(), w.args...).Scan(&p.Total); err != nil {
		return p, s.known(err)
	}
	limit, offset := page(q.Limit, q.Offset, 200)
	query := fmt.Sprintf(`SELECT body FROM documents%s ORDER BY title, id LIMIT %d OFFSET %d`, w.String(), limit, offset)
	list, err := bodies[comity.Document](ctx, s.engine.Read, query, w.args...)
	if err != nil {
		return p, s.known(err)
	}
	p.Documents, err = s.entries(ctx, v, list, day)
	return p, s.known(err)
}

// entries adds to documents what the viewer may see of their revisions, in one query.
func (s *Store) entries(ctx context.Context, v comity.Viewer, list []comity.Document, day comity.Date) ([]comity.DocumentEntry, error) {
	ids := make([]comity.DocumentID, len(list))
	for i, d := range list {
		ids[i] = d.ID
	}
	var w where
	w.in("document_id", texts(ids))
	w.and("published_at > 0")
	all, err := bodies[comity.DocumentRevision](ctx, s.engine.Read, `SELECT body FROM document_revisions`+w.String()+` ORDER BY document_id, number`, w.args...)
	if err != nil {
		return nil, err
	}
	of := map[comity.DocumentID][]comity.DocumentRevision{}
	for _, r := range all {
		of[r.Document] = append(of[r.Document], r)
	}
	entries := make([]comity.DocumentEntry, len(list))
	for i, d := range list {
		entries[i] = entryOf(v, d, of[d.ID], day)
	}
	return entries, nil
}

func entryOf(v comity.Viewer, d comity.Document, revisions []comity.DocumentRevision, day comity.Date) comity.DocumentEntry {
	e := comity.DocumentEntry{Document: d}
	current := comity.InForce(revisions, day)
	for _, r := range revisions {
		if !v.SeesRevision(r) {
			continue
		}
		e.Latest = r.Number
		if r.Number == current {
			e.Current = &r
		}
	}
	return e
}

// DocumentRevisions lists the revisions of a document that the viewer may see, without their texts, by number; and the
// number of the one in force on the day, 0 if there is none or it is not for the viewer.
func (s *Store) DocumentRevisions(ctx context.Context, v comity.Viewer, id comity.DocumentID, day comity.Date) ([]comity.DocumentRevision, int, error) {
	s.note(ctx, v, "DocumentRevisions")
	if _, err := visibleDocument(ctx, s.engine.Read, v, id); err != nil {
		return nil, 0, s.known(err)
	}
	all, err := revisionsOf(ctx, s.engine.Read, id)
	if err != nil {
		return nil, 0, s.known(err)
	}
	current, shown := comity.InForce(all, day), 0
	seen := []comity.DocumentRevision{}
	for _, r := range all {
		if !v.SeesRevision(r) {
			continue
		}
		seen = append(seen, r)
		if r.Number == current {
			shown = current
		}
	}
	return seen, shown, nil
}

// revisionsOf reads all revisions of a document by number, without their texts.
func revisionsOf(ctx context.Context, q querier, id comity.DocumentID) ([]comity.DocumentRevision, error) {
	return bodies[comity.DocumentRevision](ctx, q, `SELECT body FROM document_revisions WHERE document_id = $1 ORDER BY number`, string(id))
}

// DocumentRevision returns one revision with its text. NotFound is also what the viewer may not see of the document or of
// the revision.
func (s *Store) DocumentRevision(ctx context.Context, v comity.Viewer, id comity.DocumentID, number int) (comity.DocumentRevision, error) {
	s.note(ctx, v, "DocumentRevision")
	if _, err := visibleDocument(ctx, s.engine.Read, v, id); err != nil {
		return comity.DocumentRevision{}, s.known(err)
	}
	r, err := visibleRevision(ctx, s.engine.Read, v, id, number)
	return r, s.known(err)
}

func visibleRevision(ctx context.Context, q querier, v comity.Viewer, id comity.DocumentID, number int) (comity.DocumentRevision, error) {
	var w where
	w.and("document_id = ?", string(id))
	w.and("number = ?", int64(number))
	visibleRevisions(&w, v)
	var meta, words string
	if err := q.QueryRowContext(ctx, `SELECT body, words FROM document_revisions`+w.String(), w.args...).Scan(&meta, &words); err != nil {
		return comity.DocumentRevision{}, err
	}
	r, err := decode[comity.DocumentRevision](meta)
	r.Text = words
	return r, err
}

// PutDocumentDraft adds the draft of a document's next revision, or changes the one that was read at the version that it
// names; another one is a Conflict. A document has one draft at most. Its number is given here; a published revision is
// never changed.
func (s *Store) PutDocumentDraft(ctx context.Context, v comity.Viewer, r comity.DocumentRevision) (comity.DocumentRevision, error) {
	if !v.KeepsRecords() {
		return r, errNotFound
	}
	err := s.write(ctx, v, "put document draft", string(r.Document), func(tx *sql.Tx) error {
		d, err := storedDocument(ctx, tx, r.Document)
		if err != nil {
			return err
		}
		old, number, err := draftOf(ctx, tx, r.Document)
		if err != nil {
			return err
		}
		if old.Version != r.Version {
			return comity.Errorf(comity.Conflict, "the draft was changed in between")
		}
		r.Number, r.File = number, old.File
		r.Published, r.By, r.Effective, r.Supersedes = time.Time{}, "", comity.Date{}, 0
		r.Version++
		if err := r.Check(d); err != nil {
			return err
		}
		return storeRevision(ctx, tx, r, r.Text)
	})
	return r, err
}

// draftOf returns the draft of a document, the zero one if there is none, and the number that it has or would have.
func draftOf(ctx context.Context, q querier, id comity.DocumentID) (comity.DocumentRevision, int, error) {
	const query = `
		SELECT body
		FROM document_revisions
		WHERE document_id = $1
		ORDER BY number DESC
		LIMIT 1`
	last, err := body[comity.DocumentRevision](ctx, q, query, string(id))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return comity.DocumentRevision{}, 1, nil
	case err != nil:
		return last, 0, err
	case last.Published.IsZero():
		return last, last.Number, nil
	default:
		return comity.DocumentRevision{}, last.Number + 1, nil
	}
}

func storeRevision(ctx context.Context, tx *sql.Tx, r comity.DocumentRevision, words string) error {
	r.Text, r.TextHash = "", ""
	if words != "" {
		r.TextHash = hash([]byte(words))
	}
	text, err := encode(r)
	if err != nil {
		return err
	}
	const query = `
		INSERT INTO document_revisions (document_id, number, tlp, published_at, effective, person_id, body, words)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (document_id, number) DO UPDATE
		SET tlp = excluded.tlp, published_at = excluded.published_at, effective = excluded.effective, person_id = excluded.person_id,
		    body = excluded.body, words = excluded.words`
	_, err = tx.ExecContext(ctx, query, string(r.Document), int64(r.Number), int64(r.TLP), unix(r.Published), r.Effective.String(),
		string(r.By), text, words)
	return err
}

func hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// DeleteDocumentDraft throws the draft of a document away, with its file. NotFound if there is none.
func (s *Store) DeleteDocumentDraft(ctx context.Context, v comity.Viewer, id comity.DocumentID) error {
	if !v.KeepsRecords() {
		return errNotFound
	}
	return s.write(ctx, v, "delete document draft", string(id), func(tx *sql.Tx) error {
		const files = `
			DELETE FROM document_files
			WHERE document_id = $1
			  AND number IN (SELECT number FROM document_revisions WHERE document_id = $1 AND published_at = 0)`
		if _, err := tx.ExecContext(ctx, files, string(id)); err != nil {
			return err
		}
		return deleteOne(ctx, tx, `DELETE FROM document_revisions WHERE document_id = $1 AND published_at = 0`, string(id))
	})
}

// PublishDocument publishes the draft of a document that was read at this version: from then on it does not change. It
// comes into force on the day; the zero day only proposes it. A day before that of a revision that came or comes into
// force is Invalid, so is a draft that lacks something.
func (s *Store) PublishDocument(ctx context.Context, v comity.Viewer, id comity.DocumentID, version int, effective comity.Date, now time.Time) (comity.DocumentRevision, error) {
	var r comity.DocumentRevision
	if !v.KeepsRecords() {
		return r, errNotFound
	}
	err := s.write(ctx, v, "publish document", string(id), func(tx *sql.Tx) error {
		d, err := storedDocument(ctx, tx, id)
		if err != nil {
			return err
		}
		draft, number, err := draftOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if draft.Version != version || version == 0 {
			return comity.Errorf(comity.Conflict, "the draft was changed in between, or is no draft any more")
		}
		if r, err = visibleRevision(ctx, tx, v, id, number); err != nil {
			return err
		}
		if err := r.Complete(d); err != nil {
			return err
		}
		r.Published, r.By = now.UTC().Truncate(time.Second), v.Person()
		return inForceFrom(ctx, tx, &r, effective)
	})
	return r, err
}

// AdoptRevision brings a revision into force that is only proposed, from a day on, by a decision of the register that is in
// force. One that is in force, or is no published one, is a Conflict; a day before that of another revision is Invalid.
func (s *Store) AdoptRevision(ctx context.Context, v comity.Viewer, id comity.DocumentID, number int, decision comity.DecisionID, effective comity.Date) (comity.DocumentRevision, error) {
	var r comity.DocumentRevision
	if !v.KeepsRecords() {
		return r, errNotFound
	}
	if effective.IsZero() {
		return r, comity.Errorf(comity.Invalid, "effective: want the day from which on it is in force")
	}
	err := s.write(ctx, v, "adopt revision", string(id), func(tx *sql.Tx) error {
		var err error
		if r, err = visibleRevision(ctx, tx, v, id, number); err != nil {
			return err
		}
		if r.Published.IsZero() || !r.Effective.IsZero() {
			return comity.Errorf(comity.Conflict, "revision %d is not proposed", number)
		}
		d, err := visibleDecision(ctx, tx, v, decision)
		if errors.Is(err, sql.ErrNoRows) || err == nil && d.Status != comity.DecisionInForce {
			return comity.Errorf(comity.Invalid, "decision: want one of the register that is in force")
		}
		if err != nil {
			return err
		}
		r.Decision = decision
		return inForceFrom(ctx, tx, &r, effective)
	})
	return r, err
}

// inForceFrom stores a published revision that comes into force on a day; the zero day leaves it proposed.
func inForceFrom(ctx context.Context, tx *sql.Tx, r *comity.DocumentRevision, day comity.Date) error {
	if !day.IsZero() {
		all, err := revisionsOf(ctx, tx, r.Document)
		if err != nil {
			return err
		}
		for _, other := range all {
			if other.Number != r.Number && day.Before(other.Effective) {
				return comity.Errorf(comity.Invalid, "effective: revision %d comes into force on %s: want that day or a later one", other.Number, other.Effective)
			}
		}
		r.Effective, r.Supersedes = day, comity.InForce(all, day)
	}
	return storeRevision(ctx, tx, *r, r.Text)
}

// RulesInForce returns the rules that bind on a day: those of the revision of the group's Terms of Reference that is in
// force then. Everybody who signed in may know them. NotFound if there is none.
func (s *Store) RulesInForce(ctx context.Context, v comity.Viewer, day comity.Date) (comity.BindingRules, error) {
	s.note(ctx, v, "RulesInForce")
	if !v.SeesGroup() {
		return comity.BindingRules{}, errNotFound
	}
	r, err := rulesInForce(ctx, s.engine.Read, day)
	return r, s.known(err)
}

func rulesInForce(ctx context.Context, q querier, day comity.Date) (comity.BindingRules, error) {
	const query = `
		SELECT r.body
		FROM document_revisions AS r
		JOIN documents AS d ON d.id = r.document_id
		WHERE d.kind = 'terms-of-reference' AND d.working_group_id = ''
		  AND r.published_at > 0 AND r.effective <> '' AND r.effective <= $1
		ORDER BY r.effective DESC, r.number DESC
		LIMIT 1`
	r, err := body[comity.DocumentRevision](ctx, q, query, day.String())
	if errors.Is(err, sql.ErrNoRows) || err == nil && r.Rules == nil {
		return comity.BindingRules{}, comity.Errorf(comity.NotFound, "no Terms of Reference of the group are in force on %s", day)
	}
	if err != nil {
		return comity.BindingRules{}, err
	}
	return comity.BindingRules{Rules: *r.Rules, Document: r.Document, Revision: r.Number, Effective: r.Effective}, nil
}
