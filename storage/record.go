package storage

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"comity"
)

// PutRecords takes in what sources say of vulnerabilities, in one transaction, and returns the sources with what that
// changed. A record that is older than the one known, or the same, stays as it is, unless forced; a record that is absent
// stays as it is, too, since documents are pages. Changes are logged for the vulnerabilities that differ then.
func (s *Store) PutRecords(ctx context.Context, v comity.Viewer, sources []comity.Source, records []comity.Record, force bool) ([]comity.Source, error) {
	if !v.TakesIn() {
		return nil, comity.Errorf(comity.Forbidden, "this role does not take in sources")
	}
	bySource := map[comity.SourceID][]comity.Record{}
	for _, r := range records {
		bySource[r.Source] = append(bySource[r.Source], r)
	}
	done := slices.Clone(sources)
	names := make([]string, len(sources))
	for i, src := range sources {
		names[i] = string(src.ID)
	}
	err := s.write(ctx, v, "put records", strings.Join(names, ", "), func(tx *sql.Tx) error {
		for i := range done {
			intake := recordIntake{tx: tx, src: done[i], force: force, list: bySource[done[i].ID]}
			var err error
			if done[i].Delta, err = intake.run(ctx); err != nil {
				return fmt.Errorf("records of %s: %w", done[i].ID, err)
			}
			if err := putSource(ctx, tx, done[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return done, nil
}

// recordIntake is the intake of one source's records.
type recordIntake struct {
	tx       *sql.Tx
	src      comity.Source
	list     []comity.Record
	withdraw bool // records that are absent are withdrawn
	force    bool // take in what is older than what is known

	touched map[string]bool // keys whose vulnerability may differ now
	put     *sql.Stmt
}

// knownRecord is what the store has of a record before an intake.
type knownRecord struct {
	hash      string
	modified  int64
	withdrawn bool
	keys      []string // sorted
}

func (i *recordIntake) run(ctx context.Context) (comity.Delta, error) {
	delta := comity.Delta{Total: len(i.list)}
	known, err := i.known(ctx)
	if err != nil || len(i.list) == 0 && len(known) == 0 {
		return delta, err
	}
	const query = `
		INSERT INTO vulnerability_records (threat_key, source, id, modified_at, taken_in_at, withdrawn_at, hash, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (threat_key, source, id) DO UPDATE
		SET modified_at = excluded.modified_at, taken_in_at = excluded.taken_in_at, withdrawn_at = excluded.withdrawn_at,
		    hash = excluded.hash, body = excluded.body`
	if i.put, err = i.tx.PrepareContext(ctx, query); err != nil {
		return delta, err
	}
	defer i.put.Close()
	i.touched = map[string]bool{}
	for _, r := range i.list {
		old, there := known[r.ID]
		delete(known, r.ID)
		if there && i.unchanged(r, old) {
			continue
		}
		switch {
		case !there, old.withdrawn && !r.Withdrawn:
			delta.Added++
		case !old.withdrawn && r.Withdrawn:
			delta.Removed++
		default:
			delta.Changed++
		}
		if err := i.store(ctx, r, old); err != nil {
			return delta, fmt.Errorf("record %s: %w", r.ID, err)
		}
	}
	if i.withdraw {
		gone, err := i.withdrawAll(ctx, known)
		if err != nil {
			return delta, err
		}
		delta.Removed += gone
	}
	return delta, i.merge(ctx)
}

// unchanged reports whether a record says nothing newer than what is known.
func (i *recordIntake) unchanged(r comity.Record, old knownRecord) bool {
	if !i.force && !r.Modified.IsZero() && unix(r.Modified) < old.modified {
		return true
	}
	return r.Hash == old.hash && r.Withdrawn == old.withdrawn && slices.Equal(slices.Sorted(slices.Values(r.Keys)), old.keys)
}

// known reads what is known of the records in the list: of all of the source's where absent ones are withdrawn.
func (i *recordIntake) known(ctx context.Context) (map[string]knownRecord, error) {
	known := map[string]knownRecord{}
	if i.withdraw {
		return known, i.readKnown(ctx, known, nil)
	}
	for some := range slices.Chunk(i.list, lookup) {
		ids := make([]string, len(some))
		for n, r := range some {
			ids[n] = r.ID
		}
		if err := i.readKnown(ctx, known, ids); err != nil {
			return nil, err
		}
	}
	return known, nil
}

func (i *recordIntake) readKnown(ctx context.Context, known map[string]knownRecord, ids []string) error {
	var w where
	w.and("source = ?", string(i.src.ID))
	if ids != nil {
		w.in("id", ids)
	}
	r, err := i.tx.QueryContext(ctx, `SELECT id, threat_key, modified_at, withdrawn_at, hash FROM vulnerability_records`+w.String()+` ORDER BY id, threat_key`, w.args...)
	if err != nil {
		return err
	}
	defer r.Close()
	for r.Next() {
		var id, key string
		var withdrawn int64
		var k knownRecord
		if err := r.Scan(&id, &key, &k.modified, &withdrawn, &k.hash); err != nil {
			return err
		}
		k.withdrawn, k.keys = withdrawn != 0, append(known[id].keys, key)
		known[id] = k
	}
	return r.Err()
}

// store writes a record under each of its keys, and takes it away from those that it has no longer.
func (i *recordIntake) store(ctx context.Context, r comity.Record, old knownRecord) error {
	text, err := bodyOfThreat(r.Threat)
	if err != nil {
		return err
	}
	withdrawn := int64(0)
	if r.Withdrawn {
		withdrawn = unix(i.src.TakenIn)
	}
	for _, key := range r.Keys {
		i.touched[key] = true
		if _, err := i.put.ExecContext(ctx, key, string(r.Source), r.ID, unix(r.Modified), unix(i.src.TakenIn), withdrawn, r.Hash, text); err != nil {
			return err
		}
	}
	for _, key := range old.keys {
		if slices.Contains(r.Keys, key) {
			continue
		}
		i.touched[key] = true
		const query = `DELETE FROM vulnerability_records WHERE threat_key = $1 AND source = $2 AND id = $3`
		if _, err := i.tx.ExecContext(ctx, query, key, string(r.Source), r.ID); err != nil {
			return err
		}
	}
	return nil
}

// withdrawAll withdraws the records that still stand, and returns how many did.
func (i *recordIntake) withdrawAll(ctx context.Context, known map[string]knownRecord) (int, error) {
	withdrawn := 0
	for _, id := range slices.Sorted(maps.Keys(known)) {
		if known[id].withdrawn {
			continue
		}
		withdrawn++
		const query = `
			UPDATE vulnerability_records
			SET withdrawn_at = $1, taken_in_at = $1
			WHERE source = $2
			  AND id = $3`
		if _, err := i.tx.ExecContext(ctx, query, unix(i.src.TakenIn), string(i.src.ID), id); err != nil {
			return withdrawn, err
		}
		for _, key := range known[id].keys {
			i.touched[key] = true
		}
	}
	return withdrawn, nil
}

// mergeBatch is how many vulnerabilities are merged from their records at once; it bounds the memory.
const mergeBatch = 200

// merge makes the touched vulnerabilities what their records say together now.
func (i *recordIntake) merge(ctx context.Context) error {
	put, err := i.tx.PrepareContext(ctx, putThreatQuery)
	if err != nil {
		return err
	}
	defer put.Close()
	for keys := range slices.Chunk(slices.Sorted(maps.Keys(i.touched)), mergeBatch) {
		if err := i.mergeSome(ctx, put, keys); err != nil {
			return err
		}
	}
	return nil
}

// oldThreat is what the store has of a vulnerability before it is merged again.
type oldThreat struct {
	hash, body string
	firstSeen  int64
	withdrawn  int64
}

func (i *recordIntake) mergeSome(ctx context.Context, put *sql.Stmt, keys []string) error {
	byKey, err := recordsOf(ctx, i.tx, keys)
	if err != nil {
		return err
	}
	old, err := oldThreats(ctx, i.tx, keys)
	if err != nil {
		return err
	}
	for _, key := range keys {
		before, there := old[key]
		if len(byKey[key]) == 0 { // its only advisory speaks of another number now
			if there && before.withdrawn == 0 {
				if err := withdrawThreat(ctx, i.tx, comity.MakeThreatID(key), i.src); err != nil {
					return err
				}
			}
			continue
		}
		t, withdrawn := merged(key, byKey[key])
		if err := i.mergeOne(ctx, put, t, withdrawn, before, there); err != nil {
			return fmt.Errorf("vulnerability %s: %w", key, err)
		}
	}
	return nil
}

func (i *recordIntake) mergeOne(ctx context.Context, put *sql.Stmt, t comity.Threat, withdrawn int64, before oldThreat, there bool) error {
	text, err := bodyOfThreat(t)
	if err != nil {
		return err
	}
	if there && text == before.body && (withdrawn != 0) == (before.withdrawn != 0) {
		if t.Hash == before.hash {
			return nil
		}
		_, err := i.tx.ExecContext(ctx, `UPDATE threats SET hash = $1 WHERE id = $2`, t.Hash, string(t.ID))
		return err
	}
	t.FirstSeen, t.Updated = i.src.TakenIn, i.src.TakenIn
	if there {
		t.FirstSeen = fromUnix(before.firstSeen)
	}
	return putThreat(ctx, i.tx, put, t, withdrawn)
}

func oldThreats(ctx context.Context, q querier, keys []string) (map[string]oldThreat, error) {
	ids := make([]string, len(keys))
	for n, key := range keys {
		ids[n] = string(comity.MakeThreatID(key))
	}
	var w where
	w.in("id", ids)
	r, err := q.QueryContext(ctx, `SELECT id, hash, body, first_seen_at, withdrawn_at FROM threats`+w.String(), w.args...)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	old := make(map[string]oldThreat, len(keys))
	for r.Next() {
		var id comity.ThreatID
		var o oldThreat
		if err := r.Scan(&id, &o.hash, &o.body, &o.firstSeen, &o.withdrawn); err != nil {
			return nil, err
		}
		old[id.Key()] = o
	}
	return old, r.Err()
}

// recordsOf reads the records of vulnerabilities by their keys, in the order of their sources and identities.
func recordsOf(ctx context.Context, q querier, keys []string) (map[string][]storedRecord, error) {
	var w where
	w.in("threat_key", keys)
	list, err := rows(ctx, q, scanRecord, `
		SELECT threat_key, source, id, modified_at, taken_in_at, withdrawn_at, hash, body
		FROM vulnerability_records`+w.String()+`
		ORDER BY threat_key, source, id`, w.args...)
	if err != nil {
		return nil, err
	}
	byKey := make(map[string][]storedRecord, len(keys))
	for _, r := range list {
		key := r.Keys[0]
		byKey[key] = append(byKey[key], r)
	}
	return byKey, nil
}

// storedRecord is a record under one of its keys, with when it was withdrawn.
type storedRecord struct {
	comity.Record
	withdrawnAt int64 // 0 while it stands
}

func scanRecord(r *sql.Rows) (rec storedRecord, err error) {
	var key, text string
	var modified, taken int64
	if err := r.Scan(&key, &rec.Source, &rec.ID, &modified, &taken, &rec.withdrawnAt, &rec.Hash, &text); err != nil {
		return rec, err
	}
	rec.Keys, rec.Modified, rec.TakenIn, rec.Withdrawn = []string{key}, fromUnix(modified), fromUnix(taken), rec.withdrawnAt != 0
	rec.Threat, err = decode[comity.Threat](text)
	return rec, err
}

// Records returns what each source says of a vulnerability, those that were withdrawn too, in the order of their sources:
// not found where the viewer may not see the threat, none for threats of other kinds.
func (s *Store) Records(ctx context.Context, v comity.Viewer, id comity.ThreatID) ([]comity.Record, error) {
	if _, err := s.Threat(ctx, v, id); err != nil {
		return nil, err
	}
	byKey, err := recordsOf(ctx, s.engine.Read, []string{id.Key()})
	if err != nil {
		return nil, s.known(err)
	}
	var list []comity.Record
	for _, r := range byKey[id.Key()] {
		list = append(list, r.Record)
	}
	return list, nil
}
