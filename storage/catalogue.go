package storage

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"comity"
)

// CatalogueNumber returns the number of the catalogue's version in force, 0 before there is any.
func (s *Store) CatalogueNumber(ctx context.Context, v comity.Viewer) (int, error) {
	if !v.SeesCatalogue() {
		return 0, errNotFound
	}
	number, err := catalogueNumber(ctx, s.engine.Read)
	return number, s.known(err)
}

func catalogueNumber(ctx context.Context, q querier) (int, error) {
	var number int
	err := q.QueryRowContext(ctx, `SELECT COALESCE(MAX(number), 0) FROM catalogue_versions`).Scan(&number)
	return number, err
}

// Catalogue returns one version of the catalogue, with 0 the one in force. The catalogue must have been checked by
// assess/catalogue before it came here.
func (s *Store) Catalogue(ctx context.Context, v comity.Viewer, number int) (comity.CatalogueVersion, error) {
	s.note(ctx, v, "Catalogue")
	if !v.SeesCatalogue() {
		return comity.CatalogueVersion{}, errNotFound
	}
	const query = `
		SELECT number, at, person_id, restores, note, body
		FROM catalogue_versions
		WHERE number = $1
		   OR $1 = 0
		ORDER BY number DESC
		LIMIT 1`
	var c comity.CatalogueVersion
	var at int64
	var text string
	err := s.engine.Read.QueryRowContext(ctx, query, int64(number)).Scan(&c.Number, &at, &c.Person, &c.Restores, &c.Note, &text)
	if err != nil {
		return c, s.known(err)
	}
	c.Adopted = fromUnix(at)
	c.Catalogue, err = decode[comity.Catalogue](text)
	return c, err
}

// Catalogues returns one page of the versions, newest first, without what is in them.
func (s *Store) Catalogues(ctx context.Context, v comity.Viewer, limit, offset int) (comity.CataloguePage, error) {
	s.note(ctx, v, "Catalogues")
	p := comity.CataloguePage{}
	if !v.SeesCatalogue() {
		return p, errNotFound
	}
	if err := s.engine.Read.QueryRowContext(ctx, `SELECT COUNT(*) FROM catalogue_versions`).Scan(&p.Total); err != nil {
		return p, s.known(err)
	}
	limit, offset = page(limit, offset, 200)
	const query = `
		SELECT number, at, person_id, restores, note
		FROM catalogue_versions
		ORDER BY number DESC
		LIMIT $1 OFFSET $2`
	var err error
	p.Versions, err = rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.CatalogueVersion, error) {
		var c comity.CatalogueVersion
		var at int64
		err := r.Scan(&c.Number, &at, &c.Person, &c.Restores, &c.Note)
		c.Adopted = fromUnix(at)
		return c, err
	}, query, limit, offset)
	return p, s.known(err)
}

// PutCatalogue adopts the next version: it is in force at once, and every organisation is assessed again because of it. A
// number that is not the next is a Conflict, and so is a draft that was changed since the revision that is named (0: the
// version was not made from the draft); the draft that was adopted is gone. The first version is the one that figures were
// computed with all along, and changes none.
func (s *Store) PutCatalogue(ctx context.Context, v comity.Viewer, c comity.CatalogueVersion, draft int) error {
	if !v.EditsCatalogue() {
		return errNotFound
	}
	c.Catalogue.Version = strconv.Itoa(c.Number)
	text, err := encode(c.Catalogue)
	if err != nil {
		return err
	}
	return s.write(ctx, v, "adopt catalogue", strconv.Itoa(c.Number), func(tx *sql.Tx) error {
		last, err := catalogueNumber(ctx, tx)
		if err != nil {
			return err
		}
		if c.Number != last+1 {
			return comity.Errorf(comity.Conflict, "version %d is not the next: version %d was adopted in between", c.Number, last)
		}
		if draft > 0 {
			if err := takeDraft(ctx, tx, draft); err != nil {
				return err
			}
		}
		const query = `
			INSERT INTO catalogue_versions (number, at, person_id, restores, note, body)
			VALUES ($1, $2, $3, $4, $5, $6)`
		if _, err := tx.ExecContext(ctx, query, int64(c.Number), unix(c.Adopted), string(v.Person()), int64(c.Restores), c.Note, text); err != nil {
			return err
		}
		if c.Number == 1 {
			return nil
		}
		return change(ctx, tx, comity.ChangeCatalogue, "", strconv.Itoa(c.Number))
	})
}

// takeDraft deletes the draft if it is at this revision.
func takeDraft(ctx context.Context, tx *sql.Tx, revision int) error {
	result, err := tx.ExecContext(ctx, `DELETE FROM catalogue_drafts WHERE revision = $1`, int64(revision))
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return comity.Errorf(comity.Conflict, "the draft was changed or dropped in between")
	}
	return nil
}

// CatalogueDraft returns the draft of the next version; NotFound if there is none. Everybody who sees the catalogue may
// see it, so that members learn what it would do before it is adopted.
func (s *Store) CatalogueDraft(ctx context.Context, v comity.Viewer) (comity.CatalogueDraft, error) {
	s.note(ctx, v, "CatalogueDraft")
	if !v.SeesCatalogue() {
		return comity.CatalogueDraft{}, errNotFound
	}
	d, err := body[comity.CatalogueDraft](ctx, s.engine.Read, `SELECT body FROM catalogue_drafts`)
	return d, s.known(err)
}

// PutCatalogueDraft begins the draft (Revision 0), or changes the one that was read at the revision that it names; another
// one is a Conflict.
func (s *Store) PutCatalogueDraft(ctx context.Context, v comity.Viewer, d comity.CatalogueDraft, now time.Time) (comity.CatalogueDraft, error) {
	if !v.EditsCatalogue() {
		return d, errNotFound
	}
	err := s.write(ctx, v, "put catalogue draft", strconv.Itoa(d.Base), func(tx *sql.Tx) error {
		old, err := body[comity.CatalogueDraft](ctx, tx, `SELECT body FROM catalogue_drafts`)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if old.Revision != d.Revision {
			return comity.Errorf(comity.Conflict, "the draft is at revision %d, the change was made on %d", old.Revision, d.Revision)
		}
		// A later draft begins above every revision of an earlier one, so that a page of the earlier changes nothing of it.
		d.Revision = max(d.Revision+1, int(now.Unix()))
		d.Changed, d.Person = now.UTC().Truncate(time.Second), v.Person()
		text, err := encode(d)
		if err != nil {
			return err
		}
		const query = `
			INSERT INTO catalogue_drafts (id, revision, person_id, body)
			VALUES (1, $1, $2, $3)
			ON CONFLICT (id) DO UPDATE
			SET revision = excluded.revision, person_id = excluded.person_id, body = excluded.body`
		_, err = tx.ExecContext(ctx, query, int64(d.Revision), string(d.Person), text)
		return err
	})
	return d, err
}

// DeleteCatalogueDraft drops the draft at this revision; another one is a Conflict.
func (s *Store) DeleteCatalogueDraft(ctx context.Context, v comity.Viewer, revision int) error {
	if !v.EditsCatalogue() {
		return errNotFound
	}
	return s.write(ctx, v, "delete catalogue draft", strconv.Itoa(revision), func(tx *sql.Tx) error {
		return takeDraft(ctx, tx, revision)
	})
}
