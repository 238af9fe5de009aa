// Package storagetest is what every engine must do, as one suite of tests. storage/sqlite and storage/postgres run it.
package storagetest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"comity"
	"comity/storage"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Open opens a fresh, empty store that is closed when the test ends.
type Open func(t *testing.T) *storage.Store

// Run runs the suite.
func Run(t *testing.T, open Open) {
	for _, test := range []struct {
		name string
		do   func(*testing.T, *stage)
	}{
		{"Group", testGroup},
		{"Documents", testDocuments},
		{"DocumentFiles", testDocumentFiles},
		{"DocumentVisibility", testDocumentVisibility},
		{"Rules", testRules},
		{"GroupSession", testGroupSession},
		{"SessionVisibility", testSessionVisibility},
		{"DecisionNumbers", testDecisionNumbers},
		{"CarriedOn", testCarriedOn},
		{"ImportSession", testImportSession},
		{"ImportAfterDelete", testImportAfterDelete},
		{"Terms", testTerms},
		{"WorkingGroups", testWorkingGroups},
		{"Silence", testSilence},
		{"Objection", testObjection},
		{"Adoption", testAdoption},
		{"EntitledFrozen", testEntitledFrozen},
		{"GovernanceVisibility", testGovernanceVisibility},
		{"Sessions", testSessions},
		{"Throttle", testThrottle},
		{"Setup", testSetup},
		{"ThreatIntake", testThreatIntake},
		{"ThreatSearch", testThreatSearch},
		{"ThreatMarkings", testThreatMarkings},
		{"Records", testRecords},
		{"RecordOwnership", testRecordOwnership},
		{"RecordOrder", testRecordOrder},
		{"Scores", testScores},
		{"Knowledge", testKnowledge},
		{"WarningLists", testWarningLists},
		{"STIX", testSTIX},
		{"STIXOrder", testSTIXOrder},
		{"STIXFeeds", testSTIXFeeds},
		{"STIXVisibility", testSTIXVisibility},
		{"Profile", testProfile},
		{"ProfileDraft", testProfileDraft},
		{"Guide", testGuide},
		{"Forecasts", testForecasts},
		{"Treatment", testTreatment},
		{"TreatmentRoles", testTreatmentRoles},
		{"Calibration", testCalibration},
		{"Erase", testErase},
		{"EraseRoles", testEraseRoles},
		{"Archive", testArchive},
		{"Unheld", testUnheld},
		{"Evidence", testEvidence},
		{"Matches", testMatches},
		{"Exposure", testExposure},
		{"ExposureDays", testExposureDays},
		{"Catalogue", testCatalogue},
		{"CatalogueDraft", testCatalogueDraft},
		{"CatalogueRoles", testCatalogueRoles},
		{"Changes", testChanges},
		{"Releases", testReleases},
		{"Notifications", testNotifications},
		{"Notices", testNotices},
		{"NotificationSeparation", testNotificationSeparation},
		{"News", testNews},
		{"NewsVisibility", testNewsVisibility},
		{"FeedKeys", testFeedKeys},
		{"Webhooks", testWebhooks},
		{"WebhookSeparation", testWebhookSeparation},
		{"Reports", testReports},
		{"ReportNumbers", testReportNumbers},
		{"ReportVisibility", testReportVisibility},
		{"ReportTemplates", testReportTemplates},
		{"Feeds", testFeeds},
		{"Runs", testRuns},
		{"FeedVisibility", testFeedVisibility},
		{"Actions", testActions},
		{"ActionVisibility", testActionVisibility},
		{"ActionHistory", testActionHistory},
		{"ActionWithinThreat", testActionWithinThreat},
		{"PlanAsOf", testPlanAsOf},
		{"PlanDifferences", testPlanDifferences},
		{"ActionDependencies", testActionDependencies},
		{"ActionPeople", testActionPeople},
		{"ActionReview", testActionReview},
		{"PlanFilters", testPlanFilters},
		{"Projects", testProjects},
		{"ProjectVisibility", testProjectVisibility},
		{"Visibility", testVisibility},
		{"SearchInSixLanguages", testSearchInSixLanguages},
		{"Reindex", testReindex},
		{"Separation", testSeparation},
		{"Nobody", testNobody},
		{"Watch", testWatch},
		{"Audit", testAudit},
		{"Backups", testBackups},
		{"Contacts", testContacts},
		{"ContactVisibility", testContactVisibility},
		{"PeopleRules", testPeopleRules},
		{"LastSecretariat", testLastSecretariat},
		{"Invitations", testInvitations},
		{"Deactivation", testDeactivation},
		{"OrganizationRules", testOrganizationRules},
		{"OwnSessionsAndTokens", testOwnSessionsAndTokens},
		{"Baselines", testBaselines},
		{"BaselineRoles", testBaselineRoles},
		{"BaselineAnswers", testBaselineAnswers},
		{"BaselineSeparation", testBaselineSeparation},
	} {
		t.Run(test.name, func(t *testing.T) { test.do(t, prepare(t, open(t))) })
	}
}

// stage is a store with two member organisations, an observer and the parent network.
type stage struct {
	*storage.Store
	ctx                    context.Context
	a, b, observer, parent comity.Organization
}

// now is the clock of the tests.
var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

var system = comity.System("test")

func entropy(s string) comity.Entropy {
	sum := sha256.Sum256([]byte(s))
	return comity.Entropy(sum[:10])
}

func prepare(t *testing.T, s *storage.Store) *stage {
	t.Helper()
	st := &stage{Store: s, ctx: t.Context()}
	must(t, s.PutGroup(st.ctx, system, comity.Group{Acronym: "MISSIG", Name: "Group", Currency: "USD"}))
	st.a = st.organization(t, "X-AAA", comity.KindMember)
	st.b = st.organization(t, "X-BBB", comity.KindMember)
	st.observer = st.organization(t, "X-OBS", comity.KindObserver)
	st.parent = st.organization(t, "MDTN", comity.KindParent)
	return st
}

func (s *stage) organization(t *testing.T, acronym string, kind comity.OrganizationKind) comity.Organization {
	t.Helper()
	o := comity.Organization{ID: comity.MakeOrgID(entropy(acronym)), Acronym: acronym, Name: "Organisation " + acronym, Kind: kind}
	must(t, s.PutOrganization(s.ctx, system, o))
	return o
}

// as stores and returns the viewer with this role in an organisation.
func (s *stage) as(t *testing.T, o comity.Organization, role comity.Role) comity.Viewer {
	t.Helper()
	p := person(o, role)
	must(t, s.PutPerson(s.ctx, system, p))
	return comity.ViewerOf(p)
}

func person(o comity.Organization, role comity.Role) comity.Person {
	return comity.Person{
		ID: comity.MakePersonID(entropy(o.Acronym + role.String())), Org: o.ID, Name: role.String() + " of " + o.Acronym,
		Email: role.String() + "@" + o.Acronym + ".example", Roles: comity.RolesOf(role),
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantKind(t *testing.T, what string, err error, kind comity.Kind) {
	t.Helper()
	if err == nil || comity.KindOf(err) != kind {
		t.Errorf("%s: got %v (%s), want %s", what, err, comity.KindOf(err), kind)
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func testGroup(t *testing.T, s *stage) {
	v := s.as(t, s.a, comity.RoleFocalPoint)
	g, err := s.Group(s.ctx, v)
	must(t, err)
	if g.Acronym != "MISSIG" {
		t.Errorf("group: got %q", g.Acronym)
	}
	wantKind(t, "focal point sets the group", s.PutGroup(s.ctx, v, g), comity.NotFound)
	orgs, err := s.Organizations(s.ctx, v)
	must(t, err)
	var acronyms []string
	for _, o := range orgs {
		acronyms = append(acronyms, o.Acronym)
	}
	same(t, "order of organisations", acronyms, []string{"MDTN", "X-AAA", "X-BBB", "X-OBS"})
	twin := comity.Organization{ID: comity.MakeOrgID(entropy("twin")), Acronym: "X-AAA", Name: "Twin", Kind: comity.KindMember}
	wantKind(t, "acronym taken", s.PutOrganization(s.ctx, system, twin), comity.Conflict)
	found, err := s.OrganizationByAcronym(s.ctx, v, "X-BBB")
	must(t, err)
	same(t, "by acronym", found, s.b)
	_, err = s.Organization(s.ctx, v, comity.MakeOrgID(entropy("none")))
	wantKind(t, "no such organisation", err, comity.NotFound)
}

func testSessions(t *testing.T, s *stage) {
	p := person(s.a, comity.RoleFocalPoint)
	must(t, s.PutPerson(s.ctx, system, p))
	clone := p
	clone.ID = comity.MakePersonID(entropy("clone"))
	wantKind(t, "address taken", s.PutPerson(s.ctx, system, clone), comity.Conflict)
	session := comity.Session{ID: comity.MakeSessionID(entropy("s")), Person: p.ID, Hash: []byte("hash"), Created: now, Seen: now, Expires: now.Add(time.Hour)}
	must(t, s.PutSession(s.ctx, system, session))
	got, who, err := s.SessionByHash(s.ctx, system, []byte("hash"), now)
	must(t, err)
	same(t, "session", got, session)
	same(t, "whose", who, p)
	_, _, err = s.SessionByHash(s.ctx, system, []byte("hash"), now.Add(time.Hour))
	wantKind(t, "expired session", err, comity.NotFound)
	_, _, err = s.SessionByHash(s.ctx, comity.ViewerOf(p), []byte("hash"), now)
	wantKind(t, "a person reads sessions", err, comity.NotFound)
	must(t, s.DeleteSessions(s.ctx, system, p.ID))
	_, _, err = s.SessionByHash(s.ctx, system, []byte("hash"), now)
	wantKind(t, "deleted session", err, comity.NotFound)

	token := comity.Token{ID: comity.MakeTokenID(entropy("t")), Person: p.ID, Name: "script", Hash: []byte("token"), Created: now}
	must(t, s.PutToken(s.ctx, system, token))
	gotToken, _, err := s.TokenByHash(s.ctx, system, []byte("token"), now)
	must(t, err)
	same(t, "token", gotToken, token)
	must(t, s.DeleteToken(s.ctx, system, token.ID))
	_, _, err = s.TokenByHash(s.ctx, system, []byte("token"), now)
	wantKind(t, "revoked token", err, comity.NotFound)
}

func testThrottle(t *testing.T, s *stage) {
	for i := 1; i <= 3; i++ {
		n, err := s.CountAttempt(s.ctx, system, "key", now.Add(time.Duration(i)*time.Second), time.Minute)
		must(t, err)
		if n != i {
			t.Errorf("attempt %d counts as %d", i, n)
		}
	}
	n, err := s.CountAttempt(s.ctx, system, "key", now.Add(2*time.Minute), time.Minute)
	must(t, err)
	if n != 1 {
		t.Errorf("after the window: got %d, want 1", n)
	}
	must(t, s.ClearAttempts(s.ctx, system, "key"))
	if n, err = s.CountAttempt(s.ctx, system, "key", now.Add(2*time.Minute), time.Minute); err != nil || n != 1 {
		t.Errorf("after clearing: got %d, %v, want 1", n, err)
	}
}

func testSetup(t *testing.T, s *stage) {
	must(t, s.PutSetup(s.ctx, system, []byte("one"), now.Add(time.Hour)))
	wantKind(t, "wrong secret", s.UseSetup(s.ctx, system, []byte("two"), now), comity.NotFound)
	wantKind(t, "expired", s.UseSetup(s.ctx, system, []byte("one"), now.Add(2*time.Hour)), comity.NotFound)
	must(t, s.UseSetup(s.ctx, system, []byte("one"), now))
	wantKind(t, "used", s.UseSetup(s.ctx, system, []byte("one"), now), comity.NotFound)
}

func (s *stage) profile(org comity.OrgID) comity.Profile {
	return comity.Profile{
		Org: org, Tolerance: 1e6, Sectors: []string{"science"}, Coverage: map[string]float64{"M1032": .5},
		Services: []comity.Service{{ID: comity.MakeServiceID(entropy("svc" + string(org))), Name: "Mail", Level: comity.LevelOperational, Criticality: [4]int{1, 2, 3, 4}}},
		Software: []comity.Software{{ID: comity.MakeSoftwareID(entropy("sof" + string(org))), Vendor: "Acme", Name: "Gate", Placement: comity.InternetFacing}},
	}
}

func testProfile(t *testing.T, s *stage) {
	v := s.as(t, s.a, comity.RoleFocalPoint)
	empty, err := s.Profile(s.ctx, v, s.a.ID)
	must(t, err)
	if empty.Revision != 0 {
		t.Errorf("nothing entered: revision %d", empty.Revision)
	}
	first, err := s.PutProfile(s.ctx, v, s.profile(s.a.ID), now)
	must(t, err)
	if first.Revision != 1 {
		t.Errorf("first: revision %d", first.Revision)
	}
	again, err := s.PutProfile(s.ctx, v, first, now.Add(time.Hour))
	must(t, err)
	if again.Revision != 1 {
		t.Errorf("no difference: revision %d, want 1", again.Revision)
	}
	change := first
	change.Tolerance = 2e6
	second, err := s.PutProfile(s.ctx, v, change, now.Add(time.Hour))
	must(t, err)
	got, err := s.Profile(s.ctx, v, s.a.ID)
	must(t, err)
	same(t, "read back", got, second)
	_, err = s.PutProfile(s.ctx, v, change, now)
	wantKind(t, "made on an older revision", err, comity.Conflict)
	old, err := s.ProfileAt(s.ctx, v, s.a.ID, 1)
	must(t, err)
	same(t, "earlier revision", old, first)
	_, err = s.ProfileAt(s.ctx, v, s.a.ID, 9)
	wantKind(t, "no such revision", err, comity.NotFound)
	_, err = s.PutProfile(s.ctx, s.as(t, s.a, comity.RoleCoChair), change, now)
	wantKind(t, "a role that only reads", err, comity.NotFound)
}

func evidence(org comity.OrgID, name string) comity.Evidence {
	return comity.Evidence{
		ID: comity.MakeEvidenceID(entropy(name)), Org: org, Scenario: "phishing", Kind: comity.EvidenceIncident, Count: 2,
		From: comity.Date{Year: 2023, Month: 1, Day: 1}, To: comity.Date{Year: 2025, Month: 12, Day: 31}, Weight: 1, Recorded: now,
	}
}

func testEvidence(t *testing.T, s *stage) {
	v := s.as(t, s.a, comity.RoleFocalPoint)
	e := evidence(s.a.ID, "one")
	must(t, s.PutEvidence(s.ctx, v, e))
	wantKind(t, "the same identity again", s.PutEvidence(s.ctx, v, e), comity.Conflict)
	list, err := s.EvidenceOf(s.ctx, v, s.a.ID)
	must(t, err)
	same(t, "evidence", list, []comity.Evidence{e})
	must(t, s.RetractEvidence(s.ctx, v, e.ID, now))
	must(t, s.RetractEvidence(s.ctx, v, e.ID, now.Add(time.Hour)))
	got, err := s.Evidence(s.ctx, v, e.ID)
	must(t, err)
	if got.Retracted == nil || !got.Retracted.Equal(now) {
		t.Errorf("retracted: got %v", got.Retracted)
	}
}

func match(org comity.OrgID, cve string, exposed float64) comity.Match {
	return comity.Match{
		ID: comity.MakeMatchID(entropy(string(org) + cve)), Org: org, Threat: comity.MakeThreatID(cve), Kind: comity.MatchSoftware,
		Subject: "Acme Gate", Confidence: comity.ConfidenceMedium, Reasons: []comity.Reason{{Key: "vendor-product"}}, Exposed: exposed, Found: now,
	}
}

func testMatches(t *testing.T, s *stage) {
	_, err := s.PutThreats(s.ctx, system, kevSource("1", now), []comity.Threat{vulnerability("CVE-2026-0001", "Acme", "Gate", "1"), vulnerability("CVE-2026-0002", "Acme", "Gate", "1")}, withdraw)
	must(t, err)
	v := s.as(t, s.a, comity.RoleFocalPoint)
	one, two := match(s.a.ID, "CVE-2026-0001", 1), match(s.a.ID, "CVE-2026-0002", 0)
	added, gone, err := s.PutMatches(s.ctx, system, s.a.ID, nil, []comity.Match{one, two})
	must(t, err)
	if len(added) != 2 || len(gone) != 0 {
		t.Errorf("first: added %d, gone %d", len(added), len(gone))
	}
	later := one
	later.Found = now.Add(time.Hour)
	added, gone, err = s.PutMatches(s.ctx, system, s.a.ID, nil, []comity.Match{later, two})
	must(t, err)
	if len(added)+len(gone) != 0 {
		t.Errorf("found again: added %d, gone %d", len(added), len(gone))
	}
	got, err := s.Match(s.ctx, v, one.ID)
	must(t, err)
	same(t, "keeps when it was found", got, one)
	_, gone, err = s.PutMatches(s.ctx, system, s.a.ID, []comity.ThreatID{two.Threat}, nil)
	must(t, err)
	if len(gone) != 0 {
		t.Errorf("a closed match that goes tells nothing: %v", gone)
	}
	open, err := s.Matches(s.ctx, v, s.a.ID, comity.MatchQuery{Open: true})
	must(t, err)
	if open.Total != 1 || len(open.Matches) != 1 {
		t.Errorf("open: got %+v", open)
	}
	touching, err := s.Threats(s.ctx, v, comity.ThreatQuery{Touching: s.a.ID})
	must(t, err)
	if touching.Total != 1 {
		t.Errorf("touching: got %d", touching.Total)
	}
	shut := one
	shut.Exposed = 0
	_, gone, err = s.PutMatches(s.ctx, system, s.a.ID, nil, []comity.Match{shut})
	must(t, err)
	if len(gone) != 1 {
		t.Errorf("patched: gone %d, want 1", len(gone))
	}
}

func exposure(org comity.OrgID, revision int, at time.Time, p float64) comity.Exposure {
	return comity.Exposure{Org: org, Revision: revision, At: at, Significant: comity.Estimate{Value: p, Low: p / 2, High: p * 2}, Loss: comity.Loss{Mean: 1e5}}
}

func testExposure(t *testing.T, s *stage) {
	v := s.as(t, s.a, comity.RoleFocalPoint)
	_, err := s.Exposure(s.ctx, v, s.a.ID)
	wantKind(t, "before any assessment", err, comity.NotFound)
	line := comity.ExposureChange{Org: s.a.ID, At: now, Before: .1, After: .2, Why: comity.Reason{Key: "new-match"}}
	must(t, s.PutExposure(s.ctx, system, exposure(s.a.ID, 1, now.Add(-time.Hour), .1), nil))
	must(t, s.PutExposure(s.ctx, system, exposure(s.a.ID, 2, now, .2), []comity.ExposureChange{line, line}))
	twice := s.PutExposure(s.ctx, system, exposure(s.a.ID, 2, now, .3), []comity.ExposureChange{line})
	wantKind(t, "assessed in between", twice, comity.Conflict)
	got, err := s.Exposure(s.ctx, v, s.a.ID)
	must(t, err)
	same(t, "current", got, exposure(s.a.ID, 2, now, .2))
	history, err := s.ExposureHistory(s.ctx, v, s.a.ID, 10)
	must(t, err)
	if len(history) != 2 || history[0].Significant.Value != .1 || !history[1].At.Equal(now) {
		t.Errorf("history: got %+v", history)
	}
	changes, err := s.ExposureChanges(s.ctx, v, s.a.ID, 10)
	must(t, err)
	if len(changes) != 2 || changes[0].Seq <= changes[1].Seq {
		t.Errorf("changes: got %+v", changes)
	}
	wantKind(t, "a person stores an exposure", s.PutExposure(s.ctx, v, exposure(s.a.ID, 3, now, 0), nil), comity.NotFound)
}

func testChanges(t *testing.T, s *stage) {
	v := s.as(t, s.a, comity.RoleFocalPoint)
	before, err := s.Changes(s.ctx, system, 0, 1000)
	must(t, err)
	last := int64(0)
	if len(before) > 0 {
		last = before[len(before)-1].Seq
	}
	_, err = s.PutProfile(s.ctx, v, s.profile(s.a.ID), now)
	must(t, err)
	must(t, s.PutEvidence(s.ctx, v, evidence(s.a.ID, "one")))
	wantKind(t, "refused", s.PutEvidence(s.ctx, v, evidence(s.a.ID, "one")), comity.Conflict)
	changes, err := s.Changes(s.ctx, system, last, 1000)
	must(t, err)
	kinds := map[comity.ChangeKind]int{}
	for _, c := range changes {
		if c.Seq <= last {
			t.Errorf("sequence goes back: %d after %d", c.Seq, last)
		}
		last = c.Seq
		kinds[c.Kind]++
	}
	same(t, "kinds", kinds, map[comity.ChangeKind]int{comity.ChangeProfile: 5, comity.ChangeEvidence: 1})
	_, err = s.Changes(s.ctx, v, 0, 10)
	wantKind(t, "a person reads changes", err, comity.NotFound)
	must(t, s.SetCursor(s.ctx, system, "reader", 5))
	must(t, s.SetCursor(s.ctx, system, "reader", 3))
	at, err := s.Cursor(s.ctx, system, "reader")
	must(t, err)
	if at != 5 {
		t.Errorf("cursor went back to %d", at)
	}
}

func testReleases(t *testing.T, s *stage) {
	release := func(n int) comity.Release {
		return comity.Release{ID: comity.MakeReleaseID(entropy(fmt.Sprint(n))), Number: n, Period: fmt.Sprint(n), AsOf: now}
	}
	must(t, s.PutRelease(s.ctx, system, release(1)))
	wantKind(t, "a release again", s.PutRelease(s.ctx, system, release(1)), comity.Conflict)
	wantKind(t, "a gap", s.PutRelease(s.ctx, system, release(3)), comity.Conflict)
	must(t, s.PutRelease(s.ctx, s.as(t, s.a, comity.RoleCoChair), release(2)))
	wantKind(t, "a focal point publishes", s.PutRelease(s.ctx, s.as(t, s.a, comity.RoleFocalPoint), release(3)), comity.NotFound)
	for _, v := range []comity.Viewer{s.as(t, s.b, comity.RoleAnalyst), s.as(t, s.parent, comity.RoleParentReader), s.as(t, s.observer, comity.RoleObserver)} {
		list, err := s.Releases(s.ctx, v, 10)
		must(t, err)
		if len(list) != 2 || list[0].Number != 2 {
			t.Errorf("releases: got %+v", list)
		}
		earlier, err := s.ReleasesBefore(s.ctx, v, 2, 10)
		must(t, err)
		same(t, "releases before the second", earlier, []comity.Release{release(1)})
		one, err := s.Release(s.ctx, v, 1)
		must(t, err)
		same(t, "release", one, release(1))
	}
}

func (s *stage) action(t *testing.T, v comity.Viewer, owner comity.Organization, audience comity.Audience, tlp comity.TLP, name string) comity.ActionItem {
	t.Helper()
	a, err := s.PutAction(s.ctx, v, comity.ActionItem{
		ID: comity.MakeActionID(entropy(name)), Title: name, Owner: owner.ID, Audience: audience, TLP: tlp,
		Priority: comity.PriorityMedium, Status: comity.ActionOpen,
	}, "", now)
	must(t, err)
	return a
}

func testActions(t *testing.T, s *stage) {
	v := s.as(t, s.a, comity.RoleFocalPoint)
	late := s.action(t, v, s.a, comity.AudienceOwner, comity.TLPAmber, "later")
	urgent := s.action(t, v, s.a, comity.AudienceOwner, comity.TLPAmber, "urgent")
	urgent.Priority, urgent.Progress = comity.PriorityUrgent, 30
	urgent, err := s.PutAction(s.ctx, v, urgent, "the supplier called", now.Add(time.Minute))
	must(t, err)
	page, err := s.Actions(s.ctx, v, comity.ActionQuery{Open: true})
	must(t, err)
	same(t, "order", page.Actions, []comity.ActionItem{urgent, late})
	stale := urgent
	stale.Revision = 1
	_, err = s.PutAction(s.ctx, v, stale, "", now)
	wantKind(t, "changed in between", err, comity.Conflict)
	revisions, err := s.ActionRevisions(s.ctx, v, urgent.ID)
	must(t, err)
	found := map[string]string{}
	for _, r := range revisions {
		if r.Why == "the supplier called" {
			found[r.Field] = r.Old + "→" + r.New
		}
	}
	same(t, "rows of the change", found, map[string]string{"priority": "medium→urgent", "progress": "0→30"})
	done := urgent
	done.Status = comity.ActionDone
	_, err = s.PutAction(s.ctx, v, done, "", now)
	must(t, err)
	if page, err = s.Actions(s.ctx, v, comity.ActionQuery{Open: true}); err != nil || page.Total != 1 {
		t.Errorf("open after one is done: %d, %v", page.Total, err)
	}
}

func testActionVisibility(t *testing.T, s *stage) {
	var all []comity.ActionItem
	for _, audience := range []comity.Audience{comity.AudienceOwner, comity.AudienceGroup} {
		for _, label := range []comity.TLP{comity.TLPUnmarked, comity.TLPClear, comity.TLPGreen, comity.TLPAmber, comity.TLPAmberStrict, comity.TLPRed} {
			all = append(all, s.action(t, system, s.a, audience, label, fmt.Sprint(audience, label)))
		}
	}
	viewers := []comity.Viewer{{}, system}
	for _, o := range []comity.Organization{s.a, s.b, s.observer, s.parent} {
		for _, role := range []comity.Role{comity.RoleCoChair, comity.RoleFocalPoint, comity.RoleAnalyst, comity.RoleSecretariat, comity.RoleObserver, comity.RoleParentReader, comity.RoleAuditor} {
			viewers = append(viewers, s.as(t, o, role))
		}
	}
	for _, v := range viewers {
		page, err := s.Actions(s.ctx, v, comity.ActionQuery{Limit: 200})
		must(t, err)
		listed := map[comity.ActionID]bool{}
		for _, a := range page.Actions {
			listed[a.ID] = true
		}
		for _, a := range all {
			want := v.SeesAction(a)
			if listed[a.ID] != want {
				t.Errorf("%v of %s: %s listed %v, want %v", v.Roles().Names(), v.Org(), a.Title, listed[a.ID], want)
			}
			if _, err := s.Action(s.ctx, v, a.ID); (err == nil) != want {
				t.Errorf("%v of %s: %s read %v, want %v", v.Roles().Names(), v.Org(), a.Title, err, want)
			}
		}
	}
}

// testActionWithinThreat tells the group of threats of every label under every label: never wider than the threat's own.
func testActionWithinThreat(t *testing.T, s *stage) {
	labels := []comity.TLP{comity.TLPClear, comity.TLPGreen, comity.TLPAmber, comity.TLPAmberStrict, comity.TLPRed}
	var threats []comity.Threat
	for _, label := range labels {
		threats = append(threats, comity.Threat{
			ID: comity.MakeThreatID(fmt.Sprintf("DEMO-SET-%d", label)), Kind: comity.ThreatActor, Name: "Actor", Source: comity.SourceGroup,
			Marking: comity.Marking{TLP: label, Originator: s.a.ID}, Published: now, Hash: "1", Actor: &comity.Actor{},
		})
	}
	_, err := s.PutThreats(s.ctx, system, comity.Source{ID: comity.SourceGroup, Version: "1", Date: now, TakenIn: now}, threats, comity.PutThreatsOptions{})
	must(t, err)
	v := s.as(t, s.a, comity.RoleFocalPoint)
	for _, threat := range threats {
		for _, label := range labels {
			for _, audience := range []comity.Audience{comity.AudienceOwner, comity.AudienceGroup} {
				name := fmt.Sprint(threat.Marking.TLP, " under ", label, " for ", audience)
				_, err := s.PutAction(s.ctx, v, comity.ActionItem{
					ID: comity.MakeActionID(entropy(name)), Title: name, Owner: s.a.ID, Audience: audience, TLP: label, Threat: threat.ID,
					Priority: comity.PriorityMedium, Status: comity.ActionOpen,
				}, "", now)
				wider := audience == comity.AudienceGroup && label < threat.Marking.TLP
				if wider && comity.KindOf(err) != comity.Invalid || !wider && err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	}
}

// testActionHistory shares an item that had a private title and looks at its history from both sides.
func testActionHistory(t *testing.T, s *stage) {
	owner := s.as(t, s.a, comity.RoleFocalPoint)
	a := s.action(t, owner, s.a, comity.AudienceOwner, comity.TLPGreen, "our gateway has a hole")
	a.Title, a.Audience = "Guidance on gateways", comity.AudienceGroup
	a, err := s.PutAction(s.ctx, owner, a, "for all", now.Add(time.Hour))
	must(t, err)
	a.Progress = 10
	_, err = s.PutAction(s.ctx, owner, a, "begun", now.Add(2*time.Hour))
	must(t, err)
	all, err := s.ActionRevisions(s.ctx, owner, a.ID)
	must(t, err)
	if len(all) < 5 {
		t.Errorf("the owner sees %d rows of the history", len(all))
	}
	shared, err := s.ActionRevisions(s.ctx, s.as(t, s.b, comity.RoleFocalPoint), a.ID)
	must(t, err)
	var fields []string
	for _, r := range shared {
		fields = append(fields, r.Field+" "+r.Old+"→"+r.New)
	}
	same(t, "what another organisation sees", fields, []string{"audience →group", "progress 0→10"})
}

func testWatch(t *testing.T, s *stage) {
	ctx, stop := context.WithCancel(s.ctx)
	changed := s.Watch(ctx)
	must(t, s.PutGroup(s.ctx, system, comity.Group{Acronym: "NEW"}))
	select {
	case <-changed:
	case <-time.After(5 * time.Second):
		t.Error("a commit was not noticed within 5 s")
	}
	stop()
	deadline := time.After(5 * time.Second)
	for {
		select {
		case _, open := <-changed:
			if !open {
				return
			}
		case <-deadline:
			t.Fatal("the channel was not closed when the context ended")
		}
	}
}

func testAudit(t *testing.T, s *stage) {
	v := s.as(t, s.a, comity.RoleFocalPoint)
	_, err := s.PutProfile(s.ctx, v, s.profile(s.a.ID), now)
	must(t, err)
	for role, o := range map[comity.Role]comity.Organization{comity.RoleAuditor: s.b, comity.RoleSecretariat: s.b, comity.RoleAnalyst: s.a} {
		got, err := s.AuditEntries(s.ctx, s.as(t, o, role), comity.AuditQuery{Action: "put profile"})
		must(t, err)
		if got.Total != 1 || got.Entries[0].Person != v.Person() || got.Entries[0].Org != s.a.ID {
			t.Errorf("%s of %s: got %+v", role, o.Acronym, got)
		}
	}
	// What the secretariat of another organisation does about A's contacts, A's people see; B's do not.
	_, err = s.PutContact(s.ctx, s.as(t, s.b, comity.RoleSecretariat), deskOf(s.a, comity.ContactOperational), now)
	must(t, err)
	about := comity.AuditQuery{Action: "put contact"}
	for _, test := range []struct {
		o    comity.Organization
		want int
	}{{s.a, 1}, {s.b, 1}} {
		got, err := s.AuditEntries(s.ctx, s.as(t, test.o, comity.RoleFocalPoint), about)
		must(t, err)
		if got.Total != test.want || got.Entries[0].About != s.a.ID {
			t.Errorf("focal point of %s: got %+v", test.o.Acronym, got)
		}
	}
	for name, q := range map[string]comity.AuditQuery{
		"person": {Person: v.Person(), Action: "put profile"}, "organisation": {Org: s.a.ID, Action: "put profile"},
		"days": {From: comity.DateOf(time.Now()).AddDays(-1), To: comity.DateOf(time.Now()).AddDays(1), Action: "put profile"},
	} {
		if got, err := s.AuditEntries(s.ctx, system, q); err != nil || got.Total != 1 {
			t.Errorf("by %s: got %d, %v", name, got.Total, err)
		}
	}
	if got, err := s.AuditEntries(s.ctx, system, comity.AuditQuery{To: comity.DateOf(time.Now()).AddDays(-2)}); err != nil || got.Total != 0 {
		t.Errorf("before all: got %d, %v", got.Total, err)
	}
	actions, err := s.AuditActions(s.ctx, v)
	must(t, err)
	same(t, "actions", actions, []string{"put contact", "put organization", "put person", "put profile"})
	_, err = s.AuditEntries(s.ctx, s.as(t, s.observer, comity.RoleObserver), comity.AuditQuery{})
	wantKind(t, "an observer reads the log", err, comity.NotFound)
}
