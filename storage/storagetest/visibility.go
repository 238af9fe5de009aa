package storagetest

import (
	"fmt"
	"testing"

	"comity"

	"pgregory.net/rapid"
)

// labels are all labels, none included.
var labels = []comity.TLP{comity.TLPUnmarked, comity.TLPClear, comity.TLPGreen, comity.TLPAmber, comity.TLPAmberStrict, comity.TLPRed}

// world has a threat and an action item of every marking, originator and audience that there can be.
type world struct {
	organizations []comity.Organization
	threats       []comity.Threat
	actions       []comity.ActionItem
	matches       []comity.Match
	evidence      []comity.Evidence
}

func (s *stage) world(t *testing.T) world {
	t.Helper()
	w := world{organizations: []comity.Organization{s.a, s.b, s.observer, s.parent}}
	for i, originator := range []comity.OrgID{"", s.a.ID, s.b.ID, s.observer.ID} {
		for _, label := range labels {
			w.threats = append(w.threats, comity.Threat{
				ID: comity.MakeThreatID(fmt.Sprintf("SET-%d-%d", i, label)), Kind: comity.ThreatActor, Name: "Set", Source: comity.SourceGroup,
				Marking: comity.Marking{TLP: label, Originator: originator}, Published: now, Hash: "1", Actor: &comity.Actor{},
			})
		}
	}
	src := comity.Source{ID: comity.SourceGroup, Version: "1", Date: now, TakenIn: now}
	if _, err := s.PutThreats(s.ctx, system, src, w.threats, comity.PutThreatsOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, owner := range w.organizations {
		for _, label := range labels {
			for _, audience := range []comity.Audience{comity.AudienceOwner, comity.AudienceGroup} {
				w.actions = append(w.actions, s.action(t, system, owner, audience, label, fmt.Sprint(owner.Acronym, audience, label)))
			}
		}
		e := evidence(owner.ID, "of "+owner.Acronym)
		must(t, s.PutEvidence(s.ctx, system, e))
		w.evidence = append(w.evidence, e)
		m := match(owner.ID, "SET-0-1", 1)
		if _, _, err := s.PutMatches(s.ctx, system, owner.ID, nil, []comity.Match{m}); err != nil {
			t.Fatal(err)
		}
		w.matches = append(w.matches, m)
	}
	return w
}

// testVisibility holds the conditions in SQL to what the methods of comity.Viewer say, for viewers with any set of roles
// in any organisation: what is listed, what is counted and what can be read.
func testVisibility(t *testing.T, s *stage) {
	w := s.world(t)
	rapid.Check(t, func(t *rapid.T) {
		v := anyViewer(w.organizations).Draw(t, "viewer")
		s.holdThreats(t, w, v)
		s.holdActions(t, w, v)
		for _, e := range w.evidence {
			_, err := s.Evidence(s.ctx, v, e.ID)
			hold(t, v, "evidence "+string(e.ID), err == nil, v.SeesProfile(e.Org))
		}
		for _, m := range w.matches {
			_, err := s.Match(s.ctx, v, m.ID)
			hold(t, v, "match "+string(m.ID), err == nil, v.SeesProfile(m.Org))
		}
	})
}

// anyViewer draws nobody, the system, and people with any roles of any organisation or none.
func anyViewer(organizations []comity.Organization) *rapid.Generator[comity.Viewer] {
	people := rapid.Custom(func(t *rapid.T) comity.Viewer {
		org := rapid.SampledFrom(append([]comity.Organization{{}}, organizations...)).Draw(t, "organization")
		roles := rapid.Uint16Range(0, 1<<8-1).Draw(t, "roles")
		return comity.ViewerOf(comity.Person{ID: comity.MakePersonID(entropy("anybody")), Org: org.ID, Roles: comity.Roles(roles)})
	})
	return rapid.OneOf(people, people, people, rapid.Just(comity.Viewer{}), rapid.Just(system))
}

func (s *stage) holdThreats(t *rapid.T, w world, v comity.Viewer) {
	page, err := s.Threats(s.ctx, v, comity.ThreatQuery{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	listed := map[comity.ThreatID]bool{}
	for _, threat := range page.Threats {
		listed[threat.ID] = true
	}
	hold(t, v, "count of threats", page.Total == len(listed), true)
	ids := make([]comity.ThreatID, len(w.threats))
	for i, threat := range w.threats {
		ids[i] = threat.ID
	}
	read, err := s.ThreatsByID(s.ctx, v, ids)
	if err != nil {
		t.Fatal(err)
	}
	for _, threat := range w.threats {
		_, ok := read[threat.ID]
		hold(t, v, "read threat "+string(threat.ID), ok, v.Sees(threat.Marking))
		hold(t, v, "list threat "+string(threat.ID), listed[threat.ID], v.Sees(threat.Marking))
	}
}

func (s *stage) holdActions(t *rapid.T, w world, v comity.Viewer) {
	page, err := s.Actions(s.ctx, v, comity.ActionQuery{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	listed := map[comity.ActionID]bool{}
	for _, a := range page.Actions {
		listed[a.ID] = true
	}
	hold(t, v, "count of actions", page.Total == len(listed), true)
	for _, a := range w.actions {
		hold(t, v, "list action "+a.Title, listed[a.ID], v.SeesAction(a))
	}
	a := rapid.SampledFrom(w.actions).Draw(t, "action")
	_, err = s.Action(s.ctx, v, a.ID)
	hold(t, v, "read action "+a.Title, err == nil, v.SeesAction(a))
	_, err = s.ActionRevisions(s.ctx, v, a.ID)
	hold(t, v, "history of action "+a.Title, err == nil, v.SeesAction(a))
}

func hold(t *rapid.T, v comity.Viewer, what string, got, want bool) {
	if got != want {
		t.Fatalf("%v of %q: %s: the store says %v, comity.Viewer says %v", v.Roles().Names(), v.Org(), what, got, want)
	}
}
