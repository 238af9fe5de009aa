package storage

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"strings"

	"comity"
)

// PutWarningLists takes in one document's warning lists in one transaction. Its delta counts lists. A list of an older
// version than the one that is here is Stale unless forced; a source is dated by its document as others are, but lists
// alone decide what is old.
func (s *Store) PutWarningLists(ctx context.Context, v comity.Viewer, src comity.Source, lists []comity.WarningList, o comity.PutWarningListsOptions) (comity.Delta, error) {
	if !v.TakesIn() {
		return comity.Delta{}, comity.Errorf(comity.Forbidden, "this role does not take in sources")
	}
	var delta comity.Delta
	err := s.write(ctx, v, "put warning lists", string(src.ID), func(tx *sql.Tx) error {
		old, err := warningListMarks(ctx, tx)
		if err != nil {
			return err
		}
		if delta, err = putWarningLists(ctx, tx, old, lists, o); err != nil {
			return err
		}
		src.Delta = delta
		return putSource(ctx, tx, src)
	})
	if err != nil {
		return comity.Delta{}, err
	}
	return delta, nil
}

// warningListMark is what tells whether a list changed.
type warningListMark struct {
	version int64
	hash    string
}

func warningListMarks(ctx context.Context, q querier) (map[string]warningListMark, error) {
	r, err := q.QueryContext(ctx, `SELECT id, version, hash FROM warning_lists`)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	marks := map[string]warningListMark{}
	for r.Next() {
		var id string
		var m warningListMark
		if err := r.Scan(&id, &m.version, &m.hash); err != nil {
			return nil, err
		}
		marks[id] = m
	}
	return marks, r.Err()
}

func putWarningLists(ctx context.Context, tx *sql.Tx, old map[string]warningListMark, lists []comity.WarningList, o comity.PutWarningListsOptions) (comity.Delta, error) {
	var delta comity.Delta
	for _, l := range lists {
		was, there := old[l.ID]
		delete(old, l.ID)
		if there && l.Version < was.version && !o.Force {
			return delta, comity.Errorf(comity.Stale, "warning list %s is of version %d, older than the last one, %d: force it to take it in all the same", l.ID, l.Version, was.version)
		}
		hash, err := putWarningList(ctx, tx, l, was.hash)
		switch {
		case err != nil:
			return delta, err
		case !there:
			delta.Added++
		case hash != was.hash:
			delta.Changed++
		}
	}
	delta.Total = len(lists) + len(old)
	if !o.Withdraw {
		return delta, nil
	}
	for id := range old {
		if _, err := tx.ExecContext(ctx, `DELETE FROM warning_lists WHERE id = $1`, id); err != nil {
			return delta, err
		}
		delta.Removed++
		delta.Total--
	}
	return delta, nil
}

// putWarningList stores a list unless it is the one that has this hash, and returns its own.
func putWarningList(ctx context.Context, tx *sql.Tx, l comity.WarningList, known string) (string, error) {
	entries, err := encode(l.Entries)
	if err != nil {
		return "", err
	}
	l.Entries = nil
	about, err := encode(l)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(about + "\n" + entries))
	hash := hex.EncodeToString(sum[:])
	if hash == known {
		return hash, nil
	}
	const query = `
		INSERT INTO warning_lists (id, version, hash, about, entries)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (id) DO UPDATE
		SET version = excluded.version, hash = excluded.hash, about = excluded.about, entries = excluded.entries`
	_, err = tx.ExecContext(ctx, query, l.ID, l.Version, hash, about, entries)
	return hash, err
}

// WarningLists lists the warning lists without their entries, sorted by id. They are public: whoever is signed in sees
// them.
func (s *Store) WarningLists(ctx context.Context, v comity.Viewer) ([]comity.WarningList, error) {
	s.note(ctx, v, "WarningLists")
	if !v.SignedIn() {
		return nil, errNotFound
	}
	list, err := bodies[comity.WarningList](ctx, s.engine.Read, `SELECT about FROM warning_lists ORDER BY id`)
	return list, s.known(err)
}

// WarningListsWhole returns the warning lists with their entries, and a mark that differs whenever any of them does. If
// the mark is known, the lists are nil. Whole lists are some megabytes: keep them.
func (s *Store) WarningListsWhole(ctx context.Context, v comity.Viewer, known string) (lists []comity.WarningList, mark string, err error) {
	s.note(ctx, v, "WarningListsWhole")
	if !v.SignedIn() {
		return nil, "", errNotFound
	}
	if mark, err = warningListsMark(ctx, s.engine.Read); err != nil || mark == known {
		return nil, mark, s.known(err)
	}
	lists, err = rows(ctx, s.engine.Read, scanWarningList, `SELECT about, entries FROM warning_lists ORDER BY id`)
	return lists, mark, s.known(err)
}

// warningListsMark is the hash of the hashes.
func warningListsMark(ctx context.Context, q querier) (string, error) {
	hashes, err := rows(ctx, q, func(r *sql.Rows) (string, error) {
		var hash string
		err := r.Scan(&hash)
		return hash, err
	}, `SELECT hash FROM warning_lists ORDER BY id`)
	sum := sha256.Sum256([]byte(strings.Join(hashes, "\n")))
	return hex.EncodeToString(sum[:]), err
}

func scanWarningList(r *sql.Rows) (comity.WarningList, error) {
	var about, entries string
	if err := r.Scan(&about, &entries); err != nil {
		return comity.WarningList{}, err
	}
	l, err := decode[comity.WarningList](about)
	if err != nil {
		return l, err
	}
	l.Entries, err = decode[[]string](entries)
	return l, err
}
