package comity

import (
	"testing"
)

const (
	orgA = OrgID("org_aaaaaaaaaaaaaaaa")
	orgB = OrgID("org_bbbbbbbbbbbbbbbb")
)

func as(org OrgID, roles ...Role) Viewer {
	return ViewerOf(Person{ID: "per_0000000000000000", Org: org, Roles: RolesOf(roles...)})
}

var everyRole = []Role{
	RoleCoChair, RoleFocalPoint, RoleAlternate, RoleAnalyst, RoleSecretariat, RoleObserver, RoleParentReader, RoleAuditor,
}

func TestZeroValuesFailClosed(t *testing.T) {
	var nobody Viewer
	if nobody.SignedIn() || nobody.SeesGroup() || nobody.SeesReleases() || nobody.TakesIn() || nobody.Publishes() || nobody.Administers() {
		t.Error("the zero viewer may do something")
	}
	if nobody.SeesProfile("") || nobody.SeesProfile(orgA) || nobody.EditsProfile("") || nobody.SeesAction(ActionItem{}) || nobody.EditsAction(ActionItem{}) {
		t.Error("the zero viewer sees something")
	}
	for label := TLPUnmarked; label <= TLPRed; label++ {
		if nobody.Sees(Marking{TLP: label}) {
			t.Errorf("the zero viewer sees %v", label)
		}
	}
	if System("").SignedIn() {
		t.Error("a system without a reason sees something")
	}
	for _, role := range everyRole {
		if as(orgA, role).Sees(Marking{}) {
			t.Errorf("%v sees what is unmarked and nobody's", role)
		}
	}
	if TLPUnmarked == TLPClear || KindOf(&Error{}) != Internal || (Figure{}).Published || (ActionItem{}).Audience != AudienceOwner {
		t.Error("a zero value is not the safe one")
	}
}

// Nobody of another organisation sees a profile, whatever roles they have, alone or together.
func TestProfilesAreOnesOwn(t *testing.T) {
	for set := Roles(0); set < 1<<len(everyRole); set++ {
		v := ViewerOf(Person{ID: "per_0000000000000000", Org: orgB, Roles: set})
		if v.SeesProfile(orgA) || v.EditsProfile(orgA) {
			t.Fatalf("%v of another organisation sees the profile", set.Names())
		}
		if v.SeesProfile("") || v.EditsProfile("") {
			t.Fatalf("%v sees the profile of no organisation", set.Names())
		}
		if v.EditsProfile(orgB) && !v.SeesProfile(orgB) {
			t.Fatalf("%v edits what they don't see", set.Names())
		}
	}
}

func TestMarkings(t *testing.T) {
	for _, test := range []struct {
		name string
		v    Viewer
		sees map[TLP]bool // of another originator
		own  map[TLP]bool
	}{
		{
			"focal point", as(orgA, RoleFocalPoint),
			map[TLP]bool{TLPClear: true, TLPGreen: true, TLPAmber: true, TLPAmberStrict: true},
			map[TLP]bool{TLPUnmarked: true, TLPClear: true, TLPGreen: true, TLPAmber: true, TLPAmberStrict: true, TLPRed: true},
		},
		{
			"observer", as(orgA, RoleObserver),
			map[TLP]bool{TLPClear: true, TLPGreen: true},
			map[TLP]bool{TLPClear: true, TLPGreen: true},
		},
		{"parent-network reader", as(orgA, RoleParentReader), map[TLP]bool{TLPClear: true}, map[TLP]bool{TLPClear: true}},
		{"no role", as(orgA), map[TLP]bool{TLPClear: true}, map[TLP]bool{TLPClear: true}},
	} {
		for label := TLPUnmarked; label <= TLPRed; label++ {
			if got := test.v.Sees(Marking{TLP: label, Originator: orgB}); got != test.sees[label] {
				t.Errorf("%s, %v of another: %v", test.name, label, got)
			}
			if got := test.v.Sees(Marking{TLP: label, Originator: orgA}); got != test.own[label] {
				t.Errorf("%s, %v of their own: %v", test.name, label, got)
			}
		}
	}
}

// Who edits an action item sees it, for every set of roles, audience and label.
func TestEditingNeedsSeeing(t *testing.T) {
	for set := Roles(0); set < 1<<len(everyRole); set++ {
		for _, org := range []OrgID{orgA, orgB} {
			v := ViewerOf(Person{ID: "per_0000000000000000", Org: org, Roles: set})
			for _, audience := range []Audience{AudienceOwner, AudienceGroup} {
				for label := TLPUnmarked; label <= TLPRed; label++ {
					a := ActionItem{Owner: orgA, Audience: audience, TLP: label}
					if v.EditsAction(a) && !v.SeesAction(a) {
						t.Fatalf("%v of %s edits %q %v without seeing it", set.Names(), org, audience, label)
					}
					if org == orgB && audience == AudienceOwner && v.SeesAction(a) {
						t.Fatalf("%v of another organisation sees a private action", set.Names())
					}
				}
			}
		}
	}
}
