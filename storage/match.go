package storage

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"comity"
)

// PutMatches replaces an organisation's matches with these threats, or all of them if scope is nil, and returns which
// are new and which are gone. A match that was there keeps the time at which it was found. System only.
func (s *Store) PutMatches(ctx context.Context, v comity.Viewer, org comity.OrgID, scope []comity.ThreatID, ms []comity.Match) (added, gone []comity.Match, err error) {
	if err := s.system(ctx, v, "PutMatches"); err != nil {
		return nil, nil, err
	}
	err = s.write(ctx, v, "put matches", string(org), func(tx *sql.Tx) error {
		if err := stillThere(ctx, tx, org); err != nil {
			return err
		}
		current, err := matchesIn(ctx, tx, org, scope)
		if err != nil {
			return err
		}
		d, err := differ(current, ms)
		if err != nil {
			return err
		}
		if len(d.put)+len(d.drop) == 0 {
			return errUnchanged
		}
		added, gone = d.added, d.gone
		return putMatches(ctx, tx, d.put, d.drop)
	})
	if err != nil {
		return nil, nil, err
	}
	return added, gone, nil
}

// difference is what matching again found: rows to put and drop, and which of them a person would call new or gone.
type difference struct {
	put, drop, added, gone []comity.Match
}

func differ(current map[comity.MatchID]comity.Match, ms []comity.Match) (difference, error) {
	var d difference
	kept := map[comity.MatchID]bool{}
	for _, m := range ms {
		old, there := current[m.ID]
		kept[m.ID] = true
		if there {
			m.Found = old.Found
		}
		same, err := equal(old, m)
		if err != nil {
			return d, err
		}
		if there && same {
			continue
		}
		d.put = append(d.put, m)
		if !there || !old.Open() && m.Open() {
			d.added = append(d.added, m)
		} else if old.Open() && !m.Open() {
			d.gone = append(d.gone, m)
		}
	}
	for id, m := range current {
		if kept[id] {
			continue
		}
		d.drop = append(d.drop, m)
		if m.Open() {
			d.gone = append(d.gone, m)
		}
	}
	slices.SortFunc(d.gone, func(a, b comity.Match) int { return cmp.Compare(a.ID, b.ID) })
	return d, nil
}

func equal(a, b comity.Match) (bool, error) {
	x, err := encode(a)
	if err != nil {
		return false, err
	}
	y, err := encode(b)
	return x == y, err
}

func putMatches(ctx context.Context, tx *sql.Tx, put, drop []comity.Match) error {
	const query = `
		INSERT INTO matches (id, org_id, threat_id, kind, exposed, found_at, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE
		SET kind = excluded.kind, exposed = excluded.exposed, body = excluded.body`
	for _, m := range put {
		text, err := encode(m)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, query, string(m.ID), string(m.Org), string(m.Threat), string(m.Kind), m.Exposed, unix(m.Found), text); err != nil {
			return fmt.Errorf("match %s: %w", m.ID, err)
		}
	}
	for _, m := range drop {
		if _, err := tx.ExecContext(ctx, `DELETE FROM matches WHERE id = $1`, string(m.ID)); err != nil {
			return err
		}
	}
	return nil
}

// matchesIn returns an organisation's matches with the threats of a scope, all of them if it is nil.
func matchesIn(ctx context.Context, q querier, org comity.OrgID, scope []comity.ThreatID) (map[comity.MatchID]comity.Match, error) {
	found := map[comity.MatchID]comity.Match{}
	add := func(w where) error {
		list, err := bodies[comity.Match](ctx, q, `SELECT body FROM matches`+w.String(), w.args...)
		for _, m := range list {
			found[m.ID] = m
		}
		return err
	}
	var own where
	own.and("org_id = ?", string(org))
	if scope == nil {
		return found, add(own)
	}
	for some := range slices.Chunk(scope, lookup) {
		var w where
		w.and("org_id = ?", string(org))
		w.in("threat_id", texts(some))
		if err := add(w); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// Match returns one match of the viewer's own organisation.
func (s *Store) Match(ctx context.Context, v comity.Viewer, id comity.MatchID) (comity.Match, error) {
	s.note(ctx, v, "Match")
	var w where
	w.and("id = ?", string(id))
	ownOnly(&w, v, "org_id")
	m, err := body[comity.Match](ctx, s.engine.Read, `SELECT body FROM matches`+w.String(), w.args...)
	return m, s.known(err)
}

// Matches returns one page of an organisation's matches, newest threat first. They are its own alone: everybody else
// gets NotFound.
func (s *Store) Matches(ctx context.Context, v comity.Viewer, org comity.OrgID, q comity.MatchQuery) (comity.MatchPage, error) {
	s.note(ctx, v, "Matches")
	if !v.SeesProfile(org) {
		return comity.MatchPage{}, errNotFound
	}
	var w where
	w.and("matches.org_id = ?", string(org))
	marked(&w, v, "threats.tlp", "threats.originator")
	if q.Open {
		w.and("matches.exposed > 0")
	}
	if q.Threat != "" {
		w.and("matches.threat_id = ?", string(q.Threat))
	}
	if q.Kind != "" {
		w.and("matches.kind = ?", string(q.Kind))
	}
	from := ` FROM matches JOIN threats ON threats.id = matches.threat_id` + w.String()
	p := comity.MatchPage{}
	if err := s.engine.Read.QueryRowContext(ctx, `SELECT COUNT(*)`+from, w.args...).Scan(&p.Total); err != nil {
		return p, s.known(err)
	}
	most := 200
	if _, ok := v.IsSystem(); ok {
		most = 100_000
	}
	limit, offset := page(q.Limit, q.Offset, most)
	query := fmt.Sprintf(`SELECT matches.body%s ORDER BY threats.published_at DESC, matches.id LIMIT %d OFFSET %d`, from, limit, offset)
	var err error
	p.Matches, err = bodies[comity.Match](ctx, s.engine.Read, query, w.args...)
	return p, s.known(err)
}
