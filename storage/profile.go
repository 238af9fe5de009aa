package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"comity"
)

// section is one part of a profile, stored apart so that a change writes that part only.
type section struct {
	name string
	of   func(*comity.Profile) any // pointer to the part
}

var sections = []section{
	{"services", func(p *comity.Profile) any { return &p.Services }},
	{"bands", func(p *comity.Profile) any { return &p.Bands }},
	{"tolerance", func(p *comity.Profile) any { return &p.Tolerance }},
	{"software", func(p *comity.Profile) any { return &p.Software }},
	{"suppliers", func(p *comity.Profile) any { return &p.Suppliers }},
	{"sectors", func(p *comity.Profile) any { return &p.Sectors }},
	{"regions", func(p *comity.Profile) any { return &p.Regions }},
	{"scope", func(p *comity.Profile) any { return &p.OutOfScope }},
	{"coverage", func(p *comity.Profile) any { return &p.Coverage }},
}

// Profile returns an organisation's profile as it is; with Revision 0 if nothing was entered yet. It is NotFound for
// everybody outside the organisation.
func (s *Store) Profile(ctx context.Context, v comity.Viewer, org comity.OrgID) (comity.Profile, error) {
	return s.profile(ctx, s.engine.Read, v, org, 0)
}

// ProfileAt returns the profile as it was at an earlier revision.
func (s *Store) ProfileAt(ctx context.Context, v comity.Viewer, org comity.OrgID, revision int) (comity.Profile, error) {
	if revision < 1 {
		return comity.Profile{}, errNotFound
	}
	p, err := s.profile(ctx, s.engine.Read, v, org, revision)
	if err == nil && p.Revision != revision {
		return comity.Profile{}, errNotFound
	}
	return p, err
}

// profile reads the newest row of every section, up to a revision if one is given.
func (s *Store) profile(ctx context.Context, q querier, v comity.Viewer, org comity.OrgID, revision int) (comity.Profile, error) {
	if !v.SeesProfile(org) {
		return comity.Profile{}, errNotFound
	}
	s.note(ctx, v, "Profile")
	p := comity.Profile{Org: org, Coverage: map[string]float64{}}
	if revision == 0 {
		revision = math.MaxInt64
	}
	const query = `
		SELECT section, revision, at, body
		FROM profile_sections AS newest
		WHERE org_id = $1
		  AND revision = (
			SELECT MAX(revision)
			FROM profile_sections
			WHERE org_id = newest.org_id
			  AND section = newest.section
			  AND revision <= $2)
		ORDER BY revision`
	r, err := q.QueryContext(ctx, query, string(org), int64(revision))
	if err != nil {
		return p, s.known(err)
	}
	defer r.Close()
	newest := map[string]string{}
	for r.Next() {
		var name, text string
		var at int64
		if err := r.Scan(&name, &p.Revision, &at, &text); err != nil {
			return p, err
		}
		newest[name], p.Updated = text, fromUnix(at)
	}
	if err := r.Err(); err != nil {
		return p, s.known(err)
	}
	for _, part := range sections {
		if text, ok := newest[part.name]; ok {
			if err := json.Unmarshal([]byte(text), part.of(&p)); err != nil {
				return p, fmt.Errorf("profile of %s, %s: %w", org, part.name, err)
			}
		}
	}
	if p.Coverage == nil {
		p.Coverage = map[string]float64{}
	}
	return p, nil
}

// PutProfile stores a profile that was made from the revision that it names; if another came in between, it is a
// Conflict and nothing is stored. Only the sections that differ are written, as rows that are never changed; a profile
// that does not differ keeps its revision.
func (s *Store) PutProfile(ctx context.Context, v comity.Viewer, p comity.Profile, now time.Time) (comity.Profile, error) {
	if !v.EditsProfile(p.Org) {
		return comity.Profile{}, errNotFound
	}
	err := s.write(ctx, v, "put profile", string(p.Org), func(tx *sql.Tx) error {
		current, err := s.profile(ctx, tx, v, p.Org, 0)
		if err != nil {
			return err
		}
		if current.Revision != p.Revision {
			return comity.Errorf(comity.Conflict, "the profile was changed in between: it is at revision %d, the change was made on %d", current.Revision, p.Revision)
		}
		changed, err := differing(&current, &p)
		if err != nil {
			return err
		}
		if len(changed) == 0 {
			p.Updated = current.Updated
			return errUnchanged
		}
		if err := entered(ctx, tx, p.Org); err != nil {
			return err
		}
		p.Revision, p.Updated = p.Revision+1, now.UTC().Truncate(time.Second)
		for name, text := range changed {
			if err := putSection(ctx, tx, v, p, name, text); err != nil {
				return err
			}
		}
		return nil
	})
	return p, err
}

// differing returns the sections in which b differs from a, as they are to be stored.
func differing(a, b *comity.Profile) (map[string]string, error) {
	changed := map[string]string{}
	for _, part := range sections {
		was, err := encode(part.of(a))
		if err != nil {
			return nil, err
		}
		is, err := encode(part.of(b))
		if err != nil {
			return nil, err
		}
		if was != is && !(blank(was) && blank(is)) {
			changed[part.name] = is
		}
	}
	return changed, nil
}

// blank reports whether a section says nothing: JSON tells no list from an empty one, a profile does not.
func blank(text string) bool { return slices.Contains([]string{"null", "[]", "{}"}, text) }

func putSection(ctx context.Context, tx *sql.Tx, v comity.Viewer, p comity.Profile, name, text string) error {
	const query = `
		INSERT INTO profile_sections (org_id, section, revision, at, person_id, body)
		VALUES ($1, $2, $3, $4, $5, $6)`
	if _, err := tx.ExecContext(ctx, query, string(p.Org), name, int64(p.Revision), unix(p.Updated), string(v.Person()), text); err != nil {
		return err
	}
	return change(ctx, tx, comity.ChangeProfile, p.Org, name)
}
