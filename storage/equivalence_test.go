package storage_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"comity"
	"comity/internal/testkit"
	"comity/storage"
	"comity/storage/postgres"
	"comity/storage/sqlite"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// TestEnginesAgree runs the same random operations of random viewers on SQLite and on PostgreSQL, whose database orders
// text as English does, and compares every answer and every kind of error. The two stores grow over all runs.
func TestEnginesAgree(t *testing.T) {
	light, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer light.Close()
	heavy, err := postgres.Open(t.Context(), testkit.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	defer heavy.Close()
	for _, s := range []*storage.Store{light, heavy} {
		for _, id := range organizations {
			o := comity.Organization{ID: id, Acronym: string(id), Name: "Organisation", Kind: comity.KindMember}
			if err := s.PutOrganization(t.Context(), system, o); err != nil {
				t.Fatal(err)
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		for range rapid.IntRange(1, 12).Draw(t, "length") {
			do := operation(t)
			one, oneErr := do(t.Context(), light)
			two, twoErr := do(t.Context(), heavy)
			if (oneErr == nil) != (twoErr == nil) || oneErr != nil && comity.KindOf(oneErr) != comity.KindOf(twoErr) {
				t.Fatalf("SQLite: %v, PostgreSQL: %v", oneErr, twoErr)
			}
			if oneErr != nil && comity.KindOf(oneErr) == comity.Internal {
				t.Fatalf("nobody can be told about %v", errors.Join(oneErr, twoErr))
			}
			if diff := cmp.Diff(one, two, numbered, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("(-SQLite +PostgreSQL):\n%s", diff)
			}
		}
	})
}

var (
	system        = comity.System("test")
	organizations = []comity.OrgID{"org_a", "org_b", "org_B", "org_a-b"}
	words         = []string{"a b", "A", "a_c", "a-b", "aa", "B", "ß", "İ", "é", "100%", "x!y", "\\", "'", "日本"}
	clock         = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

	// numbered leaves out the machine's clock, and numbers that a refused transaction uses up on one engine only.
	numbered = cmp.Options{
		cmpopts.IgnoreFields(comity.Change{}, "Seq", "At"),
		cmpopts.IgnoreFields(comity.AuditEntry{}, "Seq", "At"),
		cmpopts.IgnoreFields(comity.ExposureChange{}, "Seq"),
	}
)

// do is one operation with everything drawn that it needs, so that it can be run twice.
type do func(context.Context, *storage.Store) (any, error)

func operation(t *rapid.T) do {
	v := drawViewer(t)
	org := rapid.SampledFrom(organizations).Draw(t, "org")
	number := rapid.IntRange(0, 12).Draw(t, "number")
	now := clock.Add(time.Duration(rapid.IntRange(-5, 5).Draw(t, "hour")) * time.Hour)
	operations := map[string]func() do{
		"put threats":  func() do { return putThreats(t, v, now) },
		"threats":      func() do { return threats(t, v, org) },
		"put scores":   func() do { return putScores(t, now) },
		"put affected": func() do { return putAffected(t) },
		"put profile":  func() do { return putProfile(t, v, org, number, now) },
		"profile":      func() do { return profile(v, org, number) },
		"evidence":     func() do { return evidence(t, v, org, number, now) },
		"matches":      func() do { return matches(t, v, org, now) },
		"exposure":     func() do { return exposure(v, org, number, now) },
		"action":       func() do { return action(t, v, org, number, now) },
		"actions":      func() do { return actions(t, v, org) },
		"person":       func() do { return person(t, v, org, number) },
		"release":      func() do { return release(v, number, now) },
		"logs":         func() do { return logs(v) },
	}
	names := make([]string, 0, len(operations))
	for name := range operations {
		names = append(names, name)
	}
	slices.Sort(names)
	return operations[rapid.SampledFrom(names).Draw(t, "operation")]()
}

func drawViewer(t *rapid.T) comity.Viewer {
	if rapid.Bool().Draw(t, "system") {
		return system
	}
	return comity.ViewerOf(comity.Person{
		ID: "per_any", Org: rapid.SampledFrom(organizations).Draw(t, "viewer's"), Roles: comity.Roles(rapid.Uint16Range(0, 255).Draw(t, "roles")),
	})
}

func word(t *rapid.T) string { return rapid.SampledFrom(words).Draw(t, "word") }

func key(t *rapid.T) string { return fmt.Sprintf("CVE-2026-%04d", rapid.IntRange(1, 8).Draw(t, "cve")) }

func label(t *rapid.T) comity.TLP { return comity.TLP(rapid.IntRange(0, 5).Draw(t, "label")) }

func putThreats(t *rapid.T, v comity.Viewer, now time.Time) do {
	seen := map[string]bool{}
	var list []comity.Threat
	for range rapid.IntRange(0, 6).Draw(t, "threats") {
		cve := key(t)
		if seen[cve] {
			continue
		}
		seen[cve] = true
		name := word(t)
		list = append(list, comity.Threat{
			ID: comity.MakeThreatID(cve), Kind: comity.ThreatVulnerability, Name: name, Source: comity.SourceKEV, Hash: name, Published: now,
			Marking:       comity.Marking{TLP: label(t), Originator: rapid.SampledFrom(organizations).Draw(t, "originator")},
			Vulnerability: &comity.Vulnerability{CVE: cve, Vendor: word(t), Product: word(t), Exploited: true},
		})
	}
	src := comity.Source{ID: comity.SourceKEV, Version: "1", Date: now, TakenIn: now}
	o := comity.PutThreatsOptions{Withdraw: rapid.Bool().Draw(t, "withdraw"), Force: rapid.Bool().Draw(t, "force")}
	return func(ctx context.Context, s *storage.Store) (any, error) { return s.PutThreats(ctx, v, src, list, o) }
}

func threats(t *rapid.T, v comity.Viewer, org comity.OrgID) do {
	q := comity.ThreatQuery{Sort: rapid.SampledFrom([]string{"", "published", "epss", "name", "no such"}).Draw(t, "sort"), Limit: rapid.IntRange(-1, 9).Draw(t, "limit"), Offset: rapid.IntRange(-1, 5).Draw(t, "offset")}
	if rapid.Bool().Draw(t, "search") {
		q.Text = rapid.OneOf(rapid.SampledFrom(words), rapid.String(), rapid.SampledFrom([]string{"\x00", "@\x00", "\xff", "%", "_"})).Draw(t, "text")
	}
	if rapid.Bool().Draw(t, "touching") {
		q.Touching = org
	}
	return func(ctx context.Context, s *storage.Store) (any, error) { return s.Threats(ctx, v, q) }
}

func putScores(t *rapid.T, now time.Time) do {
	scores := map[string]float64{}
	for range rapid.IntRange(0, 8).Draw(t, "scores") {
		scores[key(t)] = float64(rapid.IntRange(0, 4).Draw(t, "score")) / 7
	}
	var list []comity.EPSSScore
	for cve, score := range scores {
		list = append(list, comity.EPSSScore{CVE: cve, Score: score, Percentile: score})
	}
	src := comity.Source{ID: comity.SourceEPSS, Version: rapid.SampledFrom([]string{"v1", "v2"}).Draw(t, "model"), Date: now, TakenIn: now}
	return func(ctx context.Context, s *storage.Store) (any, error) {
		return s.PutScores(ctx, system, src, list, true)
	}
}

func putAffected(t *rapid.T) do {
	cve, src, product := key(t), comity.SourceID(word(t)), word(t)
	return func(ctx context.Context, s *storage.Store) (any, error) {
		if err := s.PutAffected(ctx, system, src, map[string][]comity.Affected{cve: {{Product: product}}}); err != nil {
			return nil, err
		}
		return s.Matchable(ctx, system)
	}
}

func putProfile(t *rapid.T, v comity.Viewer, org comity.OrgID, number int, now time.Time) do {
	tolerance, sector := float64(number), word(t)
	late := rapid.IntRange(0, 3).Draw(t, "late") == 0
	return func(ctx context.Context, s *storage.Store) (any, error) {
		p, err := s.Profile(ctx, v, org)
		if err != nil {
			return nil, err
		}
		p.Tolerance, p.Sectors = tolerance, []string{sector}
		if late {
			p.Revision--
		}
		return s.PutProfile(ctx, v, p, now)
	}
}

func profile(v comity.Viewer, org comity.OrgID, number int) do {
	return func(ctx context.Context, s *storage.Store) (any, error) {
		if number == 0 {
			return s.Profile(ctx, v, org)
		}
		return s.ProfileAt(ctx, v, org, number)
	}
}

func evidence(t *rapid.T, v comity.Viewer, org comity.OrgID, number int, now time.Time) do {
	e := comity.Evidence{ID: comity.EvidenceID(fmt.Sprintf("evi_%s%d", org, number)), Org: org, Kind: comity.EvidenceIncident, Count: number, Note: word(t), Recorded: now}
	retract := rapid.Bool().Draw(t, "retract")
	return func(ctx context.Context, s *storage.Store) (any, error) {
		var err error
		if retract {
			err = s.RetractEvidence(ctx, v, e.ID, now)
		} else {
			err = s.PutEvidence(ctx, v, e)
		}
		if err != nil {
			return nil, err
		}
		return s.EvidenceOf(ctx, v, org)
	}
}

func matches(t *rapid.T, v comity.Viewer, org comity.OrgID, now time.Time) do {
	found := map[comity.ThreatID]comity.Match{}
	for range rapid.IntRange(0, 4).Draw(t, "matches") {
		threat := comity.MakeThreatID(key(t))
		found[threat] = comity.Match{
			ID: comity.MatchID("mat_" + string(org) + string(threat)), Org: org, Threat: threat, Kind: comity.MatchSoftware,
			Exposed: float64(rapid.IntRange(0, 1).Draw(t, "exposed")), Found: now,
		}
	}
	var list []comity.Match
	var scope []comity.ThreatID
	for threat, m := range found {
		list, scope = append(list, m), append(scope, threat)
	}
	if rapid.Bool().Draw(t, "all") {
		scope = nil
	}
	return func(ctx context.Context, s *storage.Store) (any, error) {
		_, gone, err := s.PutMatches(ctx, system, org, scope, list)
		if err != nil {
			return nil, err
		}
		page, err := s.Matches(ctx, v, org, comity.MatchQuery{Open: true})
		return []any{gone, page}, err
	}
}

func exposure(v comity.Viewer, org comity.OrgID, number int, now time.Time) do {
	return func(ctx context.Context, s *storage.Store) (any, error) {
		e := comity.Exposure{Org: org, Revision: number, At: now, Significant: comity.Estimate{Value: 1 / float64(number+3)}}
		err := s.PutExposure(ctx, system, e, []comity.ExposureChange{{Org: org, At: now}})
		if err != nil && comity.KindOf(err) != comity.Conflict {
			return nil, err
		}
		history, err := s.ExposureHistory(ctx, v, org, 5)
		if err != nil {
			return nil, err
		}
		changes, err := s.ExposureChanges(ctx, v, org, 5)
		return []any{history, changes}, err
	}
}

func action(t *rapid.T, v comity.Viewer, org comity.OrgID, number int, now time.Time) do {
	a := comity.ActionItem{
		ID: comity.ActionID(fmt.Sprintf("act_%d", number)), Title: word(t), Owner: org, TLP: label(t), Revision: rapid.IntRange(0, 3).Draw(t, "revision"),
		Audience: rapid.SampledFrom([]comity.Audience{comity.AudienceOwner, comity.AudienceGroup}).Draw(t, "audience"),
		Priority: rapid.SampledFrom(comity.Priorities).Draw(t, "priority"), Status: rapid.SampledFrom(comity.ActionStatuses).Draw(t, "status"),
	}
	return func(ctx context.Context, s *storage.Store) (any, error) {
		if _, err := s.PutAction(ctx, v, a, "why", now); err != nil {
			return nil, err
		}
		return s.ActionRevisions(ctx, system, a.ID)
	}
}

func actions(t *rapid.T, v comity.Viewer, org comity.OrgID) do {
	q := comity.ActionQuery{Open: rapid.Bool().Draw(t, "open"), Group: rapid.Bool().Draw(t, "group"), Limit: rapid.IntRange(0, 5).Draw(t, "limit"), Offset: rapid.IntRange(0, 3).Draw(t, "offset")}
	if rapid.Bool().Draw(t, "of one") {
		q.Owner = org
	}
	return func(ctx context.Context, s *storage.Store) (any, error) { return s.Actions(ctx, v, q) }
}

func person(t *rapid.T, v comity.Viewer, org comity.OrgID, number int) do {
	p := comity.Person{ID: comity.PersonID(fmt.Sprintf("per_%d", number)), Org: org, Name: word(t), Email: word(t), Roles: comity.RolesOf(comity.RoleAnalyst)}
	return func(ctx context.Context, s *storage.Store) (any, error) {
		if err := s.PutPerson(ctx, v, p); err != nil {
			return nil, err
		}
		return s.People(ctx, v, org)
	}
}

func release(v comity.Viewer, number int, now time.Time) do {
	return func(ctx context.Context, s *storage.Store) (any, error) {
		if err := s.PutRelease(ctx, v, comity.Release{ID: "rel", Number: number, AsOf: now}); err != nil {
			return nil, err
		}
		return s.Releases(ctx, v, 3)
	}
}

func logs(v comity.Viewer) do {
	return func(ctx context.Context, s *storage.Store) (any, error) {
		entries, err := s.AuditEntries(ctx, v, comity.AuditQuery{Limit: 20})
		if err != nil {
			return nil, err
		}
		organizations, err := s.Organizations(ctx, v)
		if err != nil {
			return nil, err
		}
		sources, err := s.Sources(ctx, v)
		return []any{entries, organizations, sources}, err
	}
}
