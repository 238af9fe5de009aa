package storagetest

import (
	"testing"

	"comity"
)

// testSeparation fills everything that organisation A has and looks at it with every role of organisation B.
func testSeparation(t *testing.T, s *stage) {
	a := s.as(t, s.a, comity.RoleFocalPoint)
	_, err := s.PutThreats(s.ctx, system, kevSource("1", now), []comity.Threat{vulnerability("CVE-2026-0001", "Acme", "Gate", "1")}, withdraw)
	must(t, err)
	_, err = s.PutProfile(s.ctx, a, s.profile(s.a.ID), now)
	must(t, err)
	e, m := evidence(s.a.ID, "one"), match(s.a.ID, "CVE-2026-0001", 1)
	must(t, s.PutEvidence(s.ctx, a, e))
	_, _, err = s.PutMatches(s.ctx, system, s.a.ID, nil, []comity.Match{m})
	must(t, err)
	must(t, s.PutExposure(s.ctx, system, exposure(s.a.ID, 1, now, .2), []comity.ExposureChange{{Org: s.a.ID, At: now}}))
	must(t, s.PutProfileDraft(s.ctx, a, []byte("draft"), now))
	private := s.action(t, a, s.a, comity.AudienceOwner, comity.TLPClear, "private")

	for _, o := range []comity.Organization{s.b, s.observer, s.parent} {
		for _, role := range []comity.Role{comity.RoleCoChair, comity.RoleFocalPoint, comity.RoleAlternate, comity.RoleAnalyst, comity.RoleSecretariat, comity.RoleObserver, comity.RoleParentReader, comity.RoleAuditor} {
			v := s.as(t, o, role)
			for what, err := range map[string]error{
				"profile":         second(s.Profile(s.ctx, v, s.a.ID)),
				"profile at":      second(s.ProfileAt(s.ctx, v, s.a.ID, 1)),
				"put profile":     second(s.PutProfile(s.ctx, v, s.profile(s.a.ID), now)),
				"profile draft":   second(s.ProfileDraft(s.ctx, v, now)),
				"evidence":        second(s.Evidence(s.ctx, v, e.ID)),
				"evidence of":     second(s.EvidenceOf(s.ctx, v, s.a.ID)),
				"put evidence":    s.PutEvidence(s.ctx, v, evidence(s.a.ID, "two")),
				"retract":         s.RetractEvidence(s.ctx, v, e.ID, now),
				"match":           second(s.Match(s.ctx, v, m.ID)),
				"matches":         second(s.Matches(s.ctx, v, s.a.ID, comity.MatchQuery{})),
				"touching":        second(s.Threats(s.ctx, v, comity.ThreatQuery{Touching: s.a.ID})),
				"exposure":        second(s.Exposure(s.ctx, v, s.a.ID)),
				"history":         second(s.ExposureHistory(s.ctx, v, s.a.ID, 10)),
				"lines":           second(s.ExposureChanges(s.ctx, v, s.a.ID, 10)),
				"exposure on":     second(s.ExposureOn(s.ctx, v, s.a.ID, comity.DateOf(now))),
				"exposure days":   second(s.ExposureDays(s.ctx, v, s.a.ID, 10)),
				"action":          second(s.Action(s.ctx, v, private.ID)),
				"sent":            second(s.ActionSent(s.ctx, v, private.ID, "key")),
				"effect":          second(s.ActionEffect(s.ctx, v, private.ID, s.a.ID)),
				"effects":         second(s.ActionEffects(s.ctx, v, s.a.ID, 10)),
				"put effect":      s.PutActionEffect(s.ctx, v, comity.ActionEffect{Action: private.ID, Org: s.a.ID, At: now}),
				"treatments":      second(s.Treatments(s.ctx, v, s.a.ID)),
				"decisions on it": second(s.TreatmentHistory(s.ctx, v, s.a.ID, "ransomware")),
				"put treatment":   second(s.PutTreatment(s.ctx, v, treatment(s.a.ID, "ransomware"), now)),
				"approve":         second(s.ApproveTreatment(s.ctx, v, s.a.ID, "ransomware", 1, now)),
				"withdraw":        second(s.WithdrawTreatment(s.ctx, v, s.a.ID, "ransomware", 1, now)),
				"put threshold":   s.PutTreatmentThreshold(s.ctx, v, s.a.ID, .1, now),
				"forecasts":       second(s.Forecasts(s.ctx, v, s.a.ID, 10)),
				"put forecasts":   s.PutForecasts(s.ctx, v, s.a.ID, nil),
				"guide":           second(s.Guide(s.ctx, v, s.a.ID)),
				"put guide":       s.PutGuideMark(s.ctx, v, comity.GuideMark{Org: s.a.ID, Step: comity.GuideServices, At: now}),
				"profile as of":   second(s.ProfileAsOf(s.ctx, v, s.a.ID, now)),
				"waiting":         second(s.Waiting(s.ctx, v, private.ID)),
				"action history":  second(s.ActionRevisions(s.ctx, v, private.ID)),
				"change action":   second(s.PutAction(s.ctx, v, private, "", now)),
				"person":          personUnlessAdministrator(s, v, person(s.a, comity.RoleFocalPoint).ID),
				"put contact":     contactUnlessAdministrator(s, v),
				"verify contacts": s.VerifyContacts(s.ctx, v, s.a.ID, "", now),
				"invitation":      invitationUnlessAdministrator(s, v),
				"matchable":       second(s.Matchable(s.ctx, v)),
				"changes":         second(s.Changes(s.ctx, v, 0, 10)),
				"credential":      second(s.Credential(s.ctx, v, a.Person())),
				"tokens":          tokensUnlessAdministrator(s, v, a.Person()),
				"person by email": second(s.PersonByEmail(s.ctx, v, "focal-point@X-AAA.example")),
			} {
				if comity.KindOf(err) != comity.NotFound || err == nil {
					t.Errorf("%s of %s, %s: got %v, want not found", role, o.Acronym, what, err)
				}
			}
			if people, err := s.People(s.ctx, v, s.a.ID); err != nil || len(people) > 0 && !v.Administers() {
				t.Errorf("%s of %s, people: got %d, %v", role, o.Acronym, len(people), err)
			}
		}
	}
}

func second[T any](_ T, err error) error { return err }

func third[T, U any](_ T, _ U, err error) error { return err }

func personUnlessAdministrator(s *stage, v comity.Viewer, id comity.PersonID) error {
	if v.Administers() {
		return comity.Errorf(comity.NotFound, "administers people")
	}
	return second(s.Person(s.ctx, v, id))
}

func contactUnlessAdministrator(s *stage, v comity.Viewer) error {
	if v.Administers() {
		return comity.Errorf(comity.NotFound, "administers contacts")
	}
	return second(s.PutContact(s.ctx, v, deskOf(s.a, comity.ContactAlternate), now))
}

func invitationUnlessAdministrator(s *stage, v comity.Viewer) error {
	if v.Administers() {
		return comity.Errorf(comity.NotFound, "administers people")
	}
	return s.PutInvitation(s.ctx, v, invitation(s.a, "stranger@example.org", "Stranger", comity.RoleAnalyst))
}

func tokensUnlessAdministrator(s *stage, v comity.Viewer, id comity.PersonID) error {
	if v.Administers() {
		return comity.Errorf(comity.NotFound, "administers people")
	}
	return second(s.Tokens(s.ctx, v, id))
}

// testNobody looks at everything as the zero viewer.
func testNobody(t *testing.T, s *stage) {
	var v comity.Viewer
	for what, err := range map[string]error{
		"group":         second(s.Group(s.ctx, v)),
		"organisations": second(s.Organizations(s.ctx, v)),
		"organisation":  second(s.Organization(s.ctx, v, s.a.ID)),
		"by acronym":    second(s.OrganizationByAcronym(s.ctx, v, "X-AAA")),
		"sources":       second(s.Sources(s.ctx, v)),
		"scores":        second(s.Scores(s.ctx, v, []string{"CVE-2026-0001"})),
		"knowledge":     second(s.Knowledge(s.ctx, v)),
		"warning lists": second(s.WarningLists(s.ctx, v)),
		"whole lists":   third(s.WarningListsWhole(s.ctx, v, "")),
		"releases":      second(s.Releases(s.ctx, v, 10)),
		"earlier":       second(s.ReleasesBefore(s.ctx, v, 2, 10)),
		"release":       second(s.Release(s.ctx, v, 1)),
		"report":        second(s.Report(s.ctx, v, comity.MakeReportID(entropy("x")))),
		"profile":       second(s.Profile(s.ctx, v, s.a.ID)),
		"profile of ''": second(s.Profile(s.ctx, v, "")),
		"audit":         second(s.AuditEntries(s.ctx, v, comity.AuditQuery{})),
		"has people":    second(s.HasPeople(s.ctx, v)),
		"feeds":         second(s.Feeds(s.ctx, v)),
		"feed":          second(s.Feed(s.ctx, v, comity.SourceKEV)),
		"states":        second(s.SourceStates(s.ctx, v)),
		"contacts":      second(s.Contacts(s.ctx, v, "")),
		"sessions":      second(s.Sessions(s.ctx, v, now)),
		"audit actions": second(s.AuditActions(s.ctx, v)),
		"control sets":  second(s.Baselines(s.ctx, v)),
		"in force":      second(s.BaselinesInForce(s.ctx, v)),
		"put group":     s.PutGroup(s.ctx, v, comity.Group{}),
		"baselines":     second(s.PlanBaselines(s.ctx, v)),
		"reviewed":      second(s.ReviewedIn(s.ctx, v, "gse_0000000000000001")),
		"file":          s.DocumentFile(s.ctx, v, comity.MakeDocumentID(entropy("d")), 1, nil, nil),
		"document":      second(s.Document(s.ctx, v, comity.MakeDocumentID(entropy("d")))),
		"put document":  second(s.PutDocument(s.ctx, v, comity.Document{}, now)),
		"rules":         second(s.RulesInForce(s.ctx, v, day(0))),
		"terms":         second(s.Terms(s.ctx, v)),
		"put term":      s.PutTerm(s.ctx, v, comity.Term{}, "", now),
		"working group": second(s.WorkingGroup(s.ctx, v, comity.MakeWorkingGroupID(entropy("w")))),
		"procedure":     second(s.Procedure(s.ctx, v, comity.MakeProcedureID(entropy("p")))),
		"stix objects":  second(s.STIXObjects(s.ctx, v, comity.STIXQuery{Source: "stix"})),
		"stix object":   second(s.STIXObject(s.ctx, v, stixID("indicator", 1))),
		"stix related":  second(s.STIXRelated(s.ctx, v, comity.MakeThreatID(stixID("indicator", 1)))),
		"stix hidden":   second(s.STIXHidden(s.ctx, v, "stix")),
		"catalogue":     second(s.Catalogue(s.ctx, v, 0)),
		"catalogues":    second(s.Catalogues(s.ctx, v, 10, 0)),
		"draft":         second(s.CatalogueDraft(s.ctx, v)),
		"treatments":    second(s.Treatments(s.ctx, v, s.a.ID)),
		"approve":       second(s.ApproveTreatment(s.ctx, v, s.a.ID, "ransomware", 0, now)),
		"guide":         second(s.Guide(s.ctx, v, s.a.ID)),
		"rounds":        second(s.CalibrationRounds(s.ctx, v)),
		"forget rounds": s.DeleteCalibrationRounds(s.ctx, v),
		"stix refusals": second(s.STIXRefusals(s.ctx, v, "stix", 10)),
	} {
		if comity.KindOf(err) != comity.NotFound || err == nil {
			t.Errorf("%s: got %v, want not found", what, err)
		}
	}
	page, err := s.Threats(s.ctx, v, comity.ThreatQuery{})
	if err != nil || page.Total != 0 {
		t.Errorf("threats: got %d, %v", page.Total, err)
	}
	actions, err := s.Actions(s.ctx, v, comity.ActionQuery{})
	if err != nil || actions.Total != 0 {
		t.Errorf("actions: got %d, %v", actions.Total, err)
	}
	reports, err := s.Reports(s.ctx, v, comity.ReportQuery{})
	if err != nil || reports.Total != 0 {
		t.Errorf("reports: got %d, %v", reports.Total, err)
	}
}
