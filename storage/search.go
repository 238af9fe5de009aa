package storage

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"comity"
	"comity/search"
)

// indexed is the cursor that says under which version of the terms the threats are kept.
const indexed = "search"

// indexBatch is how many threats are indexed in one transaction.
const indexBatch = 500

// finds adds the condition that a threat is found by the text: by its words or, where the text may be a value that an
// indicator looks for, by exactly that value, defanged or not.
func (s *Store) finds(w *where, text string) error {
	value, observable := comity.LooksObservable(text)
	const exact = `threats.id IN (SELECT observables.threat_id FROM observables WHERE observables.folded = ?)`
	q, err := search.Parse(text)
	switch {
	case err != nil:
		return err
	case len(q) == 0 && observable:
		w.and(exact, value)
		return nil
	case len(q) == 0:
		return nil
	}
	condition, question := s.engine.Search(q)
	condition = `threats.id IN (SELECT threat_terms.threat_id FROM threat_terms WHERE ` + condition + `)`
	if observable {
		w.and(condition+` OR `+exact, question, value)
		return nil
	}
	w.and(condition, question)
	return nil
}

// searched is the text in which a threat is searched.
func searched(t comity.Threat) string {
	parts := []string{t.ID.Key(), t.Name, t.Description}
	switch {
	case t.Vulnerability != nil:
		parts = append(parts, t.Vulnerability.Vendor, t.Vulnerability.Product)
	case t.Actor != nil:
		parts = append(parts, t.Actor.Aliases...)
	case t.Compromise != nil:
		parts = append(parts, t.Compromise.Supplier)
	}
	return strings.Join(parts, "\n")
}

// putTerms indexes a threat, in the transaction that stores it.
func putTerms(ctx context.Context, tx *sql.Tx, t comity.Threat) error {
	const query = `
		INSERT INTO threat_terms (threat_id, terms)
		VALUES ($1, $2)
		ON CONFLICT (threat_id) DO UPDATE
		SET terms = excluded.terms
		WHERE threat_terms.terms <> excluded.terms`
	_, err := tx.ExecContext(ctx, query, string(t.ID), strings.Join(search.Terms(searched(t)), " "))
	return err
}

// Reindex makes the terms of every threat anew where they are of another version of this program, as after an upgrade,
// and does nothing otherwise. An interrupted run is taken up by the next. System only.
func (s *Store) Reindex(ctx context.Context, v comity.Viewer) error {
	if err := s.system(ctx, v, "Reindex"); err != nil {
		return err
	}
	version, err := s.Cursor(ctx, v, indexed)
	if err != nil || version == search.Version {
		return err
	}
	for after := ""; ; {
		last, err := s.reindexSome(ctx, v, after)
		if err != nil {
			return fmt.Errorf("index threats after %q: %w", after, err)
		}
		if last == "" {
			return nil
		}
		after = last
	}
}

// reindexSome indexes the next threats after an identity, and returns the last one's; empty at the end, when the version
// is noted. Unlike other cursors this one may go back, as the program may.
func (s *Store) reindexSome(ctx context.Context, v comity.Viewer, after string) (last string, err error) {
	err = s.write(ctx, v, "index threats", after, func(tx *sql.Tx) error {
		query := fmt.Sprintf(`SELECT %s FROM threats WHERE id > $1 ORDER BY id LIMIT %d`, threatColumns, indexBatch)
		list, err := rows(ctx, tx, func(r *sql.Rows) (comity.Threat, error) { return scanThreat(r) }, query, after)
		if err != nil {
			return err
		}
		for _, t := range list {
			if err := putTerms(ctx, tx, t); err != nil {
				return err
			}
			last = string(t.ID)
		}
		if last != "" {
			return nil
		}
		const note = `
			INSERT INTO cursors (name, seq)
			VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE
			SET seq = excluded.seq`
		_, err = tx.ExecContext(ctx, note, indexed, int64(search.Version))
		return err
	})
	return last, err
}
