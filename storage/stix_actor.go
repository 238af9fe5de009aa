package storage

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"comity"
)

// putActors makes anew every actor that this intake may have changed: by a newer version of itself, of what it targets, or
// of what says that it does.
func (p *stixPut) putActors(ctx context.Context) error {
	for some := range slices.Chunk(slices.Sorted(maps.Keys(p.touched)), lookup) {
		ids, err := p.actorsAround(ctx, some)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := p.putActor(ctx, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// actorsAround returns those of the objects that are actors, and the actors that say they target any of the others.
func (p *stixPut) actorsAround(ctx context.Context, ids []string) ([]string, error) {
	var w, to where
	w.in("id", ids)
	to.in("to_id", ids)
	query := `SELECT id FROM stix_objects` + w.String() + ` AND newest = 1 AND type IN ('intrusion-set', 'threat-actor', 'campaign')`
	direct, err := rows(ctx, p.tx, scanText, query, w.args...)
	if err != nil {
		return nil, err
	}
	query = `SELECT DISTINCT from_id FROM stix_refs` + to.String() + ` AND kind = 'targets'`
	through, err := rows(ctx, p.tx, scanText, query, to.args...)
	if err != nil {
		return nil, err
	}
	all := slices.Concat(direct, through)
	slices.Sort(all)
	return slices.Compact(all), nil
}

func scanText(r *sql.Rows) (text string, err error) { return text, r.Scan(&text) }

// putActor makes one actor of its newest version and those of its targets.
func (p *stixPut) putActor(ctx context.Context, id string) error {
	var received []byte
	var tlp comity.TLP
	err := p.tx.QueryRowContext(ctx, `SELECT received, tlp FROM stix_objects
		WHERE id = $1 AND newest = 1 AND type IN ('intrusion-set', 'threat-actor', 'campaign')`, id).Scan(&received, &tlp)
	if err == sql.ErrNoRows {
		return nil // it is not here yet, or no actor
	} else if err != nil {
		return err
	}
	const query = `
		SELECT DISTINCT stix_objects.id, stix_objects.received, stix_objects.tlp, carriers.tlp
		FROM stix_refs
		JOIN stix_objects ON stix_objects.id = stix_refs.to_id AND stix_objects.newest = 1
		JOIN stix_objects AS carriers ON carriers.id = stix_refs.carrier AND carriers.newest = 1
		WHERE stix_refs.from_id = $1
		  AND stix_refs.kind = 'targets'
		ORDER BY stix_objects.id`
	targets, err := rows(ctx, p.tx, func(r *sql.Rows) (found []byte, err error) {
		var target string
		var label, carrier comity.TLP
		if err := r.Scan(&target, &found, &label, &carrier); err != nil {
			return nil, err
		}
		if comity.Strictest(tlp, comity.Strictest(label, carrier)) != tlp {
			return nil, nil // narrower than the actor: it must not show through it
		}
		return found, nil
	}, query, id)
	if err != nil {
		return err
	}
	t, err := p.actor(received, slices.DeleteFunc(targets, func(b []byte) bool { return b == nil }))
	if err != nil {
		return err
	}
	return p.putChangedActor(ctx, *t, tlp)
}

// putChangedActor stores an actor if it is not as it is stored.
func (p *stixPut) putChangedActor(ctx context.Context, t comity.Threat, tlp comity.TLP) error {
	old, err := scanThreat(p.tx.QueryRowContext(ctx, `SELECT `+threatColumns+` FROM threats WHERE id = $1`, string(t.ID)))
	if err != nil && err != sql.ErrNoRows {
		return err
	}
	if err == nil && old.Hash == t.Hash && old.Marking.TLP == tlp {
		return nil
	}
	t.Source, t.Marking = p.src.ID, comity.Marking{TLP: tlp}
	t.FirstSeen, t.Updated = p.src.TakenIn, p.src.TakenIn
	if err == nil {
		t.Source, t.FirstSeen = old.Source, old.FirstSeen
	}
	if err := putItems(ctx, p.tx, []comity.Threat{t}); err != nil {
		return err
	}
	if old.Withdrawn == nil {
		return nil
	}
	return (&stixRows{put: p, revoked: []string{t.ID.Key()}}).withdraw(ctx)
}
