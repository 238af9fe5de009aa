package storagetest

import (
	"testing"
	"time"

	"comity"
)

func testGuide(t *testing.T, s *stage) {
	v := s.as(t, s.a, comity.RoleFocalPoint)
	guide, err := s.Guide(s.ctx, v, s.a.ID)
	must(t, err)
	if len(guide) != 0 {
		t.Errorf("before the first step: %+v", guide)
	}
	first := comity.GuideMark{
		Org: s.a.ID, Step: comity.GuideServices, At: now, Person: v.Person(),
		Before: comity.Estimate{Value: .4, Low: .1, High: .8}, After: comity.Estimate{Value: .3, Low: .1, High: .6},
	}
	second := comity.GuideMark{Org: s.a.ID, Step: comity.GuideSoftware, Skipped: true, At: now.Add(time.Minute)}
	must(t, s.PutGuideMark(s.ctx, v, second))
	must(t, s.PutGuideMark(s.ctx, v, first))
	wantKind(t, "no such step", s.PutGuideMark(s.ctx, v, comity.GuideMark{Org: s.a.ID, Step: "x"}), comity.NotFound)
	wantKind(t, "a co-chair reads only", s.PutGuideMark(s.ctx, s.as(t, s.a, comity.RoleCoChair), first), comity.NotFound)
	guide, err = s.Guide(s.ctx, s.as(t, s.a, comity.RoleCoChair), s.a.ID)
	must(t, err)
	same(t, "guide", guide, comity.Guide{first, second})
	again := first
	again.At = now.Add(time.Hour)
	must(t, s.PutGuideMark(s.ctx, v, again))
	guide, err = s.Guide(s.ctx, v, s.a.ID)
	must(t, err)
	same(t, "the step again", guide, comity.Guide{second, again})
}

// testCalibration keeps rounds of two people of one organisation: each sees their own, and nobody else does.
func testCalibration(t *testing.T, s *stage) {
	anna, alan := s.as(t, s.a, comity.RoleFocalPoint), s.as(t, s.a, comity.RoleAnalyst)
	round := comity.CalibrationRound{At: now, Answers: []comity.CalibrationAnswer{{Question: "q", Interval: comity.Interval{Low: 1, High: 2}, Truth: 3}}}
	one, err := s.PutCalibrationRound(s.ctx, anna, round)
	must(t, err)
	two, err := s.PutCalibrationRound(s.ctx, anna, round)
	must(t, err)
	if one.Number != 1 || two.Number != 2 || one.Person != anna.Person() {
		t.Errorf("rounds %+v, %+v", one, two)
	}
	list, err := s.CalibrationRounds(s.ctx, anna)
	must(t, err)
	same(t, "own rounds", list, []comity.CalibrationRound{two, one})
	for what, v := range map[string]comity.Viewer{
		"a colleague": alan, "the secretariat": s.as(t, s.b, comity.RoleSecretariat), "an auditor": s.as(t, s.b, comity.RoleAuditor), "a co-chair": s.as(t, s.a, comity.RoleCoChair),
	} {
		list, err := s.CalibrationRounds(s.ctx, v)
		must(t, err)
		if len(list) != 0 {
			t.Errorf("%s sees %d rounds", what, len(list))
		}
	}
	_, err = s.CalibrationRounds(s.ctx, system)
	wantKind(t, "the system", err, comity.NotFound)
	_, err = s.PutCalibrationRound(s.ctx, system, round)
	wantKind(t, "the system has no rounds", err, comity.NotFound)
	must(t, s.DeleteCalibrationRounds(s.ctx, alan))
	if list, err = s.CalibrationRounds(s.ctx, anna); err != nil || len(list) != 2 {
		t.Errorf("after a colleague forgot theirs: %d, %v", len(list), err)
	}
	must(t, s.DeleteCalibrationRounds(s.ctx, anna))
	if list, err = s.CalibrationRounds(s.ctx, anna); err != nil || len(list) != 0 {
		t.Errorf("after forgetting: %d, %v", len(list), err)
	}
}
