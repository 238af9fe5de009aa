package storagetest

import (
	"testing"
	"time"

	"comity"
)

// treatment is an acceptance that nothing is wrong with.
func treatment(org comity.OrgID, scenario comity.ScenarioID) comity.Treatment {
	return comity.Treatment{
		ID: comity.MakeTreatmentID(entropy(string(org) + string(scenario))), Org: org, Scenario: scenario, Owner: "Director of Operations", Option: comity.TreatAccept,
		Reason: "It costs more to treat than it would.", Until: comity.DateOf(now).AddDays(90), Figure: comity.Estimate{Value: .2, Low: .1, High: .4},
	}
}

// testTreatment takes an acceptance from its proposal to its end, and reads its history.
func testTreatment(t *testing.T, s *stage) {
	anna, alan := s.as(t, s.a, comity.RoleFocalPoint), s.as(t, s.a, comity.RoleAlternate)
	plan, err := s.Treatments(s.ctx, anna, s.a.ID)
	must(t, err)
	same(t, "before the first", plan, comity.TreatmentPlan{Threshold: comity.DefaultThreshold, Default: true, Treatments: plan.Treatments})
	one, err := s.PutTreatment(s.ctx, anna, treatment(s.a.ID, "ransomware"), now)
	must(t, err)
	if one.Revision != 1 || one.ProposedBy != anna.Person() || one.State(comity.DateOf(now)) != comity.TreatmentProposed {
		t.Errorf("proposed: %+v", one)
	}
	stale := one
	stale.Revision = 0
	_, err = s.PutTreatment(s.ctx, anna, stale, now)
	wantKind(t, "changed in between", err, comity.Conflict)
	_, err = s.ApproveTreatment(s.ctx, anna, s.a.ID, "ransomware", 1, now)
	wantKind(t, "one's own proposal", err, comity.Forbidden)
	_, err = s.ApproveTreatment(s.ctx, alan, s.a.ID, "ransomware", 0, now)
	wantKind(t, "an earlier proposal", err, comity.Conflict)
	approved, err := s.ApproveTreatment(s.ctx, alan, s.a.ID, "ransomware", 1, now.Add(time.Hour))
	must(t, err)
	if approved.State(comity.DateOf(now)) != comity.TreatmentInForce || approved.State(comity.DateOf(now).AddDays(91)) != comity.TreatmentOverdue {
		t.Errorf("approved: %+v", approved)
	}
	_, err = s.ApproveTreatment(s.ctx, alan, s.a.ID, "ransomware", 2, now)
	wantKind(t, "approved already", err, comity.Conflict)

	// What is changed is not what was approved.
	longer := approved
	longer.Until = longer.Until.AddDays(30)
	longer, err = s.PutTreatment(s.ctx, alan, longer, now.Add(2*time.Hour))
	must(t, err)
	if !longer.Approved.IsZero() || longer.ApprovedBy != "" || longer.ID != one.ID {
		t.Errorf("changed: %+v", longer)
	}
	gone, err := s.WithdrawTreatment(s.ctx, anna, s.a.ID, "ransomware", 3, now.Add(3*time.Hour))
	must(t, err)
	if gone.State(comity.DateOf(now)) != comity.TreatmentNone {
		t.Errorf("withdrawn: %+v", gone)
	}
	again := treatment(s.a.ID, "ransomware")
	again.Revision = 4
	_, err = s.PutTreatment(s.ctx, anna, again, now.Add(4*time.Hour))
	must(t, err)

	history, err := s.TreatmentHistory(s.ctx, alan, s.a.ID, "ransomware")
	must(t, err)
	var events []comity.TreatmentEvent
	for _, r := range history {
		events = append(events, r.Event)
	}
	same(t, "history", events, []comity.TreatmentEvent{comity.TreatmentPut, comity.TreatmentWithdrawn, comity.TreatmentPut, comity.TreatmentApproved, comity.TreatmentPut})
	same(t, "what was approved", history[3].Treatment, approved)
	if history[3].Person != alan.Person() {
		t.Errorf("approved by %s", history[3].Person)
	}
	must(t, s.PutTreatmentThreshold(s.ctx, anna, s.a.ID, .1, now))
	wantKind(t, "no probability", s.PutTreatmentThreshold(s.ctx, anna, s.a.ID, 1, now), comity.Invalid)
	if plan, err = s.Treatments(s.ctx, anna, s.a.ID); err != nil || plan.Threshold != .1 || plan.Default || len(plan.Treatments) != 1 {
		t.Errorf("plan %+v, %v", plan, err)
	}
}

// testTreatmentRoles asks who proposes and who approves, and that nothing half right is kept.
func testTreatmentRoles(t *testing.T, s *stage) {
	analyst, chair := s.as(t, s.a, comity.RoleAnalyst), s.as(t, s.a, comity.RoleCoChair)
	_, err := s.PutTreatment(s.ctx, chair, treatment(s.a.ID, "phishing"), now)
	wantKind(t, "a co-chair proposes", err, comity.NotFound)
	one, err := s.PutTreatment(s.ctx, analyst, treatment(s.a.ID, "phishing"), now)
	must(t, err)
	_, err = s.ApproveTreatment(s.ctx, analyst, s.a.ID, "phishing", 1, now)
	wantKind(t, "an analyst approves", err, comity.Forbidden)
	_, err = s.ApproveTreatment(s.ctx, system, s.a.ID, "phishing", 1, now)
	wantKind(t, "the system approves", err, comity.Forbidden)
	_, err = s.ApproveTreatment(s.ctx, chair, s.a.ID, "phishing", 1, now.AddDate(0, 0, 100))
	wantKind(t, "what has run out", err, comity.Conflict)
	_, err = s.ApproveTreatment(s.ctx, chair, s.a.ID, "phishing", 1, now)
	must(t, err)
	private := s.action(t, s.as(t, s.b, comity.RoleFocalPoint), s.b, comity.AudienceGroup, comity.TLPGreen, "of another")
	for what, spoil := range map[string]func(*comity.Treatment){
		"no owner":        func(t *comity.Treatment) { t.Owner = " " },
		"no reason":       func(t *comity.Treatment) { t.Reason = "" },
		"no end":          func(t *comity.Treatment) { t.Until = comity.Date{} },
		"ended":           func(t *comity.Treatment) { t.Until = comity.DateOf(now).AddDays(-1) },
		"for too long":    func(t *comity.Treatment) { t.Until = comity.DateOf(now).AddDays(366) },
		"no such option":  func(t *comity.Treatment) { t.Option = "ignore" },
		"another's items": func(t *comity.Treatment) { t.Actions = []comity.ActionID{private.ID} },
	} {
		wrong := treatment(s.a.ID, "phishing")
		wrong.Revision = 2
		spoil(&wrong)
		_, err := s.PutTreatment(s.ctx, analyst, wrong, now)
		wantKind(t, what, err, comity.Invalid)
	}
	own := s.action(t, analyst, s.a, comity.AudienceOwner, comity.TLPAmber, "ours")
	reduce := one
	reduce.Revision, reduce.Option, reduce.Actions = 2, comity.TreatReduce, []comity.ActionID{own.ID, own.ID}
	reduce, err = s.PutTreatment(s.ctx, analyst, reduce, now)
	must(t, err)
	if reduce.State(comity.DateOf(now)) != comity.TreatmentInForce || len(reduce.Actions) != 1 {
		t.Errorf("reduced: %+v", reduce)
	}
}
