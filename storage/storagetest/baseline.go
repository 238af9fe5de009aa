package storagetest

import (
	"fmt"
	"testing"
	"time"

	"comity"
	"comity/storage"
)

// baseline returns a baseline of n controls in two groups.
func baseline(name string, n int) comity.Baseline {
	b := comity.Baseline{
		ID: comity.MakeBaselineID(entropy(name)), Key: name, Title: "Baseline " + name, Version: "1", Hash: name,
		Groups: []comity.BaselineGroup{{ID: "a", Title: "Alpha"}, {ID: "b", Title: "Beta"}},
	}
	for i := range n {
		g := &b.Groups[i*2/n]
		g.Controls = append(g.Controls, comity.BaselineControl{ID: fmt.Sprintf("c-%d", i+1), Label: fmt.Sprintf("C-%d", i+1), Title: "Control", Text: "Do it."})
	}
	return b
}

func answer(control string, m comity.Maturity) comity.BaselineAnswer {
	return comity.BaselineAnswer{Control: control, Maturity: m, Evidence: "because"}
}

// testBaselines imports revisions, and puts them in force and out of it.
func testBaselines(t *testing.T, s *stage) {
	v := s.as(t, s.a, comity.RoleSecretariat)
	first, err := s.PutBaseline(s.ctx, v, baseline("one", 4), false, now)
	must(t, err)
	if first.Revision != 1 || first.By != v.Person() || !first.Imported.Equal(now) {
		t.Errorf("got %+v", first.Head())
	}
	inForce, err := s.BaselinesInForce(s.ctx, v)
	must(t, err)
	same(t, "in force before anybody said so", inForce, []comity.BaselineHead{})
	must(t, s.SetBaselineInForce(s.ctx, v, first.ID, 1))
	must(t, s.SetBaselineInForce(s.ctx, v, first.ID, 1))

	_, err = s.PutBaseline(s.ctx, v, baseline("one", 5), true, now)
	wantKind(t, "a revision made on none", err, comity.Conflict)
	other := baseline("one", 5)
	other.ID = comity.MakeBaselineID(entropy("another"))
	_, err = s.PutBaseline(s.ctx, v, other, true, now)
	wantKind(t, "another baseline of the same key", err, comity.Conflict)
	_, err = s.PutBaseline(s.ctx, v, comity.Baseline{ID: first.ID, Key: "one", Title: "x"}, true, now)
	wantKind(t, "no controls", err, comity.Invalid)

	next := baseline("one", 5)
	next.Revision, next.Version = 1, "2"
	newest, err := s.PutBaseline(s.ctx, v, next, false, now.Add(time.Hour))
	must(t, err)
	list, err := s.BaselinesInForce(s.ctx, s.as(t, s.b, comity.RoleAnalyst))
	must(t, err)
	want := first.Head()
	want.InForce = 1
	same(t, "in force still", list, []comity.BaselineHead{want})
	must(t, s.SetBaselineInForce(s.ctx, v, first.ID, 2))
	list, err = s.Baselines(s.ctx, v)
	must(t, err)
	want = newest.Head()
	want.InForce = 2
	same(t, "list", list, []comity.BaselineHead{want})
	got, err := s.Baseline(s.ctx, v, first.ID, 1)
	must(t, err)
	same(t, "the first revision", got, first)
	got, err = s.Baseline(s.ctx, v, first.ID, 0)
	must(t, err)
	same(t, "the newest revision", got, newest)
	revisions, err := s.BaselineRevisions(s.ctx, v, first.ID)
	must(t, err)
	if len(revisions) != 2 || revisions[0].Revision != 2 || revisions[1].Controls != 4 {
		t.Errorf("revisions: got %+v", revisions)
	}
	for what, err := range map[string]error{
		"a revision that is not there":        second(s.Baseline(s.ctx, v, first.ID, 3)),
		"a revision below none":               second(s.Baseline(s.ctx, v, first.ID, -1)),
		"a baseline that is not there":        second(s.Baseline(s.ctx, v, other.ID, 0)),
		"its revisions":                       second(s.BaselineRevisions(s.ctx, v, other.ID)),
		"in force what is not there":          s.SetBaselineInForce(s.ctx, v, other.ID, 1),
		"in force a revision that is not yet": s.SetBaselineInForce(s.ctx, v, first.ID, 3),
	} {
		wantKind(t, what, err, comity.NotFound)
	}
	must(t, s.SetBaselineInForce(s.ctx, v, first.ID, 0))
	list, err = s.BaselinesInForce(s.ctx, v)
	must(t, err)
	same(t, "none in force", list, []comity.BaselineHead{})
}

// testBaselineRoles asks everybody to import a baseline and to read it.
func testBaselineRoles(t *testing.T, s *stage) {
	b, err := s.PutBaseline(s.ctx, system, baseline("one", 2), true, now)
	must(t, err)
	for _, o := range []comity.Organization{s.a, s.observer, s.parent} {
		for _, role := range comity.AllRoles {
			v := s.as(t, o, role)
			next := baseline("by "+o.Acronym+role.String(), 2)
			_, err := s.PutBaseline(s.ctx, v, next, false, now)
			if may := role == comity.RoleSecretariat || role == comity.RoleCoChair; may != (err == nil) || may != v.KeepsBaselines() {
				t.Errorf("%s of %s imports: %v", role, o.Acronym, err)
			}
			if !v.KeepsBaselines() {
				wantKind(t, "force by "+role.String(), s.SetBaselineInForce(s.ctx, v, b.ID, 0), comity.NotFound)
			}
			if _, err := s.Baseline(s.ctx, v, b.ID, 0); (err == nil) != (role != comity.RoleParentReader) {
				t.Errorf("%s of %s reads: %v", role, o.Acronym, err)
			}
		}
	}
	none := comity.ViewerOf(comity.Person{ID: "per_0000000000000000", Org: s.a.ID})
	_, err = s.Baselines(s.ctx, none)
	wantKind(t, "without a role", err, comity.NotFound)
	reading := s.as(t, s.a, comity.RoleSecretariat).ReadingOnly()
	_, err = s.PutBaseline(s.ctx, reading, baseline("reading", 2), false, now)
	wantKind(t, "a token for reading", err, comity.Forbidden)
}

// testBaselineAnswers answers controls, again, at the same time as somebody else, and over a new revision of the baseline.
func testBaselineAnswers(t *testing.T, s *stage) {
	b, err := s.PutBaseline(s.ctx, system, baseline("one", 4), true, now)
	must(t, err)
	v := s.as(t, s.a, comity.RoleAnalyst)
	a, err := s.BaselineAnswers(s.ctx, v, s.a.ID, b.ID, 0)
	must(t, err)
	same(t, "nothing yet", a, comity.BaselineAssessment{Org: s.a.ID, Baseline: b.ID})
	_, err = s.PutBaseline(s.ctx, system, baseline("not in force", 2), false, now)
	must(t, err)
	first := []comity.BaselineAnswer{answer("c-1", comity.MaturityInitial), {Control: "c-2", Maturity: comity.MaturityEstablished, Target: comity.MaturityLeading, Due: comity.DateOf(now)}}
	a, err = s.PutBaselineAnswers(s.ctx, v, s.a.ID, b.ID, 0, first, now)
	must(t, err)
	if a.Revision != 1 || a.Answers["c-1"].By != v.Person() || a.Answers["c-1"].Digest != b.Groups[0].Controls[0].Digest() || a.Answers["c-2"].Gap() != 2 {
		t.Errorf("got %+v", a)
	}
	again, err := s.PutBaselineAnswers(s.ctx, v, s.a.ID, b.ID, 1, first, now.Add(time.Hour))
	must(t, err)
	same(t, "the same again is no revision", again, a)

	// Two at a time: other controls go together, the same control does not.
	_, err = s.PutBaselineAnswers(s.ctx, v, s.a.ID, b.ID, 1, []comity.BaselineAnswer{answer("c-3", comity.MaturityAdvanced)}, now.Add(time.Hour))
	must(t, err)
	_, err = s.PutBaselineAnswers(s.ctx, v, s.a.ID, b.ID, 1, []comity.BaselineAnswer{answer("c-4", comity.MaturityAdvanced), answer("c-1", comity.MaturityInitial)}, now.Add(2*time.Hour))
	must(t, err)
	_, err = s.PutBaselineAnswers(s.ctx, v, s.a.ID, b.ID, 1, []comity.BaselineAnswer{answer("c-3", comity.MaturityLeading)}, now.Add(2*time.Hour))
	wantKind(t, "the same control meanwhile", err, comity.Conflict)

	// Taken back, and as it was.
	a, err = s.PutBaselineAnswers(s.ctx, v, s.a.ID, b.ID, 3, []comity.BaselineAnswer{{Control: "c-1"}}, now.Add(3*time.Hour))
	must(t, err)
	if a.Revision != 4 || !a.Answers["c-1"].Blank() {
		t.Errorf("taken back: got %+v", a)
	}
	all, err := s.AssessedBaselines(s.ctx, v, s.a.ID)
	must(t, err)
	same(t, "what is in force with its answers", all, []comity.AssessedBaseline{{Baseline: b, Assessment: a}})
	earlier, err := s.BaselineAnswers(s.ctx, v, s.a.ID, b.ID, 2)
	must(t, err)
	if earlier.Revision != 2 || earlier.Answers["c-1"].Maturity != comity.MaturityInitial || len(earlier.Answers) != 3 {
		t.Errorf("as it was: got %+v", earlier)
	}
	_, err = s.BaselineAnswers(s.ctx, v, s.a.ID, b.ID, 9)
	wantKind(t, "a revision that is not there", err, comity.NotFound)
	s.holdHistory(t, v, b)
	s.holdCarriedOver(t, v, b, a)
}

func (s *stage) holdHistory(t *testing.T, v comity.Viewer, b comity.Baseline) {
	t.Helper()
	p, err := s.BaselineHistory(s.ctx, v, s.a.ID, b.ID, "", 2, 1)
	must(t, err)
	var got []string
	for _, a := range p.Answers {
		got = append(got, fmt.Sprint(a.Revision, a.Control, a.Maturity))
	}
	same(t, "history", got, []string{"3c-4advanced", "2c-3advanced"})
	one, err := s.BaselineHistory(s.ctx, v, s.a.ID, b.ID, "c-1", 0, 0)
	must(t, err)
	if p.Total != 5 || one.Total != 2 || one.Answers[0].Revision != 4 || one.Answers[1].Evidence != "because" {
		t.Errorf("got %d in all, %+v", p.Total, one)
	}
}

// holdCarriedOver asks that answers stay when a new revision comes in, and show where the control says something else.
func (s *stage) holdCarriedOver(t *testing.T, v comity.Viewer, b comity.Baseline, before comity.BaselineAssessment) {
	t.Helper()
	next := baseline("one", 4)
	next.Revision = 1
	next.Groups[0].Controls[1].Text = "Do it, and twice."
	next.Groups[1].Controls = next.Groups[1].Controls[1:] // c-3 is gone
	_, err := s.PutBaseline(s.ctx, system, next, true, now)
	must(t, err)
	a, err := s.BaselineAnswers(s.ctx, v, s.a.ID, b.ID, 0)
	must(t, err)
	same(t, "carried over", a, before)
	all := append(next.Groups[0].Controls, next.Groups[1].Controls...)
	p := a.Progress(all)
	if p.Controls != 3 || p.Answered != 2 || p.Changed != 1 || p.Below != 1 {
		t.Errorf("progress: got %+v", p)
	}
	a, err = s.PutBaselineAnswers(s.ctx, v, s.a.ID, b.ID, 4, []comity.BaselineAnswer{before.Answers["c-2"]}, now.Add(4*time.Hour))
	must(t, err)
	if a.Revision != 5 || a.Progress(all).Changed != 0 {
		t.Errorf("confirmed on the new text: got %+v", a.Progress(all))
	}
	_, err = s.PutBaselineAnswers(s.ctx, v, s.a.ID, b.ID, 5, []comity.BaselineAnswer{answer("c-3", comity.MaturityInitial)}, now)
	wantKind(t, "a control that is gone", err, comity.Invalid)
	for what, wrong := range map[string]comity.BaselineAnswer{
		"no such level":             {Control: "c-1", Maturity: "best"},
		"not applicable, no reason": {Control: "c-1", Maturity: comity.MaturityNotApplicable},
		"no such target":            {Control: "c-1", Target: comity.MaturityNotApplicable},
		"a day without target":      {Control: "c-1", Due: comity.DateOf(now)},
	} {
		_, err = s.PutBaselineAnswers(s.ctx, v, s.a.ID, b.ID, 5, []comity.BaselineAnswer{wrong}, now)
		wantKind(t, what, err, comity.Invalid)
	}
	must(t, s.SetBaselineInForce(s.ctx, system, b.ID, 0))
	_, err = s.PutBaselineAnswers(s.ctx, v, s.a.ID, b.ID, 5, []comity.BaselineAnswer{answer("c-1", comity.MaturityInitial)}, now)
	wantKind(t, "a baseline that is not in force", err, comity.NotFound)
}

// testBaselineSeparation looks at one organisation's answers with every role of the others, and at who may answer.
func testBaselineSeparation(t *testing.T, s *stage) {
	b, err := s.PutBaseline(s.ctx, system, baseline("one", 2), true, now)
	must(t, err)
	v := s.as(t, s.a, comity.RoleFocalPoint)
	_, err = s.PutBaselineAnswers(s.ctx, v, s.a.ID, b.ID, 0, []comity.BaselineAnswer{answer("c-1", comity.MaturityInitial)}, now)
	must(t, err)
	must(t, s.PutBaselineDraft(s.ctx, v, storage.DraftAnswers, []byte("draft"), now))
	for _, o := range []comity.Organization{s.a, s.b, s.observer, s.parent} {
		for _, role := range comity.AllRoles {
			other := s.as(t, o, role)
			_, err := s.BaselineAnswers(s.ctx, other, s.a.ID, b.ID, 0)
			_, assessed := s.AssessedBaselines(s.ctx, other, s.a.ID)
			_, history := s.BaselineHistory(s.ctx, other, s.a.ID, b.ID, "", 0, 0)
			if may := other.SeesProfile(s.a.ID); may != (err == nil) || may != (history == nil) || may != (assessed == nil) {
				t.Errorf("%s of %s reads: %v, %v, %v", role, o.Acronym, err, history, assessed)
			}
			if !other.EditsProfile(s.a.ID) {
				_, err = s.PutBaselineAnswers(s.ctx, other, s.a.ID, b.ID, 1, nil, now)
				wantKind(t, role.String()+" of "+o.Acronym+" answers", err, comity.NotFound)
			}
			if other.Person() != v.Person() {
				_, err = s.BaselineDraft(s.ctx, other, storage.DraftAnswers, now)
				wantKind(t, role.String()+" of "+o.Acronym+" reads the draft", err, comity.NotFound)
			}
		}
	}
	_, err = s.BaselineAnswers(s.ctx, comity.Viewer{}, s.a.ID, b.ID, 0)
	wantKind(t, "nobody", err, comity.NotFound)
	got, err := s.BaselineDraft(s.ctx, v, storage.DraftAnswers, now)
	must(t, err)
	same(t, "draft", string(got), "draft")
	_, err = s.BaselineDraft(s.ctx, v, storage.DraftAnswers, now.Add(storage.DraftLife))
	wantKind(t, "an old draft", err, comity.NotFound)
	wantKind(t, "a baseline of the group", s.PutBaselineDraft(s.ctx, v, storage.DraftBaseline, nil, now), comity.NotFound)
	wantKind(t, "another kind", s.PutBaselineDraft(s.ctx, v, "other", nil, now), comity.NotFound)
	wantKind(t, "too large", s.PutBaselineDraft(s.ctx, v, storage.DraftAnswers, make([]byte, 9<<20), now), comity.TooLarge)
	must(t, s.DeleteBaselineDraft(s.ctx, v, storage.DraftAnswers))
	_, err = s.BaselineDraft(s.ctx, v, storage.DraftAnswers, now)
	wantKind(t, "deleted", err, comity.NotFound)
}
