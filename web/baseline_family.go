package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"comity"
)

func (s *site) baselineFamily(r *routes) {
	r.handle("GET /baseline/{id}/families/{family}", members, s.showFamily)
	r.handle("POST /baseline/{id}/families/{family}", editors, s.saveFamily)
	r.handle("POST /baseline/{id}/families/{family}/fill", editors, s.fillFamily)
}

// familyView is the form of one family, a page of its controls at a time.
type familyView struct {
	assessmentView
	Family   comity.BaselineGroup
	Own      comity.BaselineProgress // of this family
	Controls []controlView
	Levels   []comity.Maturity
	Paging   paging
	Path     string // of this page
	From     int
	Previous string // path of the family before; empty: this is the first
	Next     string // path of what follows: the next page or family; empty: nothing does
	Changed  bool   // somebody else saved an answer of this page in the meantime
}

// OwnShare returns how much of the family is answered, 0–100.
func (v familyView) OwnShare() float64 {
	return barWidth(float64(v.Own.Answered), float64(v.Own.Controls))
}

// controlView is one control with its answer as it is stored.
type controlView struct {
	comity.BaselineControl
	Saved    comity.BaselineAnswer
	Reworded bool // the control says something else than when it was answered
	Open     bool // there is more than a level to show
}

// Fields of one control in the form; the control's id follows.
const (
	fieldMaturity = "m_"
	fieldEvidence = "e_"
	fieldTarget   = "t_"
	fieldDue      = "d_"
	fieldConfirm  = "c_" // what was answered is true of the new wording too
)

// family returns the family that the address names.
func (c *call) family(f *form) (familyView, error) {
	a, err := c.assessment(f)
	if err != nil {
		return familyView{}, err
	}
	i := slices.IndexFunc(a.Baseline.Groups, func(g comity.BaselineGroup) bool { return g.ID == c.r.PathValue("family") })
	if i < 0 {
		return familyView{}, comity.Errorf(comity.NotFound, "no such family")
	}
	g := a.Baseline.Groups[i]
	q := c.r.URL.Query()
	offset := min(offsetOf(q), len(g.Controls)-1) / controlPage * controlPage
	v := familyView{assessmentView: a, Family: g, Own: a.Answers.Progress(g.Controls), Levels: comity.Maturities, From: offset, Path: familyPath(a.Base, g.ID, offset)}
	shown := g.Controls[offset:min(offset+controlPage, len(g.Controls))]
	for _, control := range shown {
		v.Controls = append(v.Controls, controlViewOf(control, a.Answers.Answers[control.ID]))
	}
	v.Paging = pagingBy(controlPage, familyPath(a.Base, g.ID, 0), url.Values{}, offset, len(shown), len(g.Controls))
	if i > 0 {
		v.Previous = familyPath(a.Base, a.Baseline.Groups[i-1].ID, 0)
	}
	switch {
	case offset+controlPage < len(g.Controls):
		v.Next = familyPath(a.Base, g.ID, offset+controlPage)
	case i+1 < len(a.Baseline.Groups):
		v.Next = familyPath(a.Base, a.Baseline.Groups[i+1].ID, 0)
	}
	return v, nil
}

func controlViewOf(control comity.BaselineControl, saved comity.BaselineAnswer) controlView {
	return controlView{
		BaselineControl: control, Saved: saved, Open: saved.Evidence != "" || saved.Target != "",
		Reworded: saved.Maturity != comity.MaturityNone && saved.Digest != "" && saved.Digest != control.Digest(),
	}
}

func (s *site) showFamily(c *call) error {
	v, err := c.family(nil)
	if err != nil {
		return err
	}
	v.Form = formOf(answerValues(v.Controls))
	return c.render("baseline/family", v)
}

func answerValues(controls []controlView) map[string]string {
	values := map[string]string{}
	for _, control := range controls {
		a, id := control.Saved, control.ID
		values[fieldMaturity+id], values[fieldEvidence+id] = string(a.Maturity), a.Evidence
		values[fieldTarget+id], values[fieldDue+id] = string(a.Target), a.Due.String()
	}
	return values
}

// saveFamily saves the answers of one page. An answer that stays as it was is not written again, unless it is confirmed on
// a new wording.
func (s *site) saveFamily(c *call) error {
	f, err := c.form("revision", "next", fieldMaturity+"*", fieldEvidence+"*", fieldTarget+"*", fieldDue+"*", fieldConfirm+"*")
	if err != nil {
		return err
	}
	v, err := c.family(f)
	if err != nil {
		return err
	}
	on := f.Int("revision", 0, 1<<30)
	var answers []comity.BaselineAnswer
	for i, control := range v.Controls {
		a := readAnswer(f, control.ID)
		v.Controls[i].Open = !f.OK() || a.Evidence != "" || a.Target != ""
		if !a.Same(control.Saved) || control.Reworded && f.Flag(fieldConfirm+control.ID) {
			answers = append(answers, a)
		}
	}
	if !f.OK() {
		return c.renderInvalid("baseline/family", v)
	}
	after, err := s.store.PutBaselineAnswers(c.ctx(), c.viewer, c.viewer.Org(), v.Baseline.ID, on, answers, s.now())
	if err != nil && comity.KindOf(err) == comity.Conflict {
		v.Changed = true
		return c.renderChanged("baseline/family", v)
	}
	if err != nil {
		return err
	}
	if after.Revision == v.Answers.Revision {
		c.flash("profile.unchanged")
	} else {
		c.flash("baseline.saved", "answered", strconv.Itoa(after.Progress(allControls(v.Baseline)).Answered), "total", strconv.Itoa(v.Progress.Controls))
	}
	if f.Flag("next") && v.Next != "" {
		return c.redirect(v.Next)
	}
	return c.redirect(v.Path)
}

// readAnswer reads the fields of one control, and notes what is wrong with them.
func readAnswer(f *form, id string) comity.BaselineAnswer {
	a := comity.BaselineAnswer{
		Control: id, Maturity: comity.Maturity(f.Value(fieldMaturity + id)), Evidence: f.Text(fieldEvidence+id, comity.MaxEvidence),
		Target: comity.Maturity(f.Value(fieldTarget + id)), Due: f.Date(fieldDue + id),
	}
	if !a.Maturity.Valid() {
		f.Fail(fieldMaturity+id, "error.field.choice")
	}
	if a.Target != comity.MaturityNone && a.Target.Level() == 0 {
		f.Fail(fieldTarget+id, "error.field.choice")
	}
	if a.Maturity == comity.MaturityNotApplicable && a.Evidence == "" {
		f.Fail(fieldEvidence+id, "baseline.problem.needs_reason")
	}
	if a.Target == comity.MaturityNone && !a.Due.IsZero() {
		f.Fail(fieldTarget+id, "baseline.problem.needs_target")
	}
	return a
}

// fillFamily gives one level to every control of the family that is not answered yet, and one target to every control that
// has none.
func (s *site) fillFamily(c *call) error {
	f, err := c.form("maturity", "target", "due")
	if err != nil {
		return err
	}
	v, err := c.family(formOf(nil))
	if err != nil {
		return err
	}
	level, target, due := comity.Maturity(f.Value("maturity")), comity.Maturity(f.Value("target")), f.Date("due")
	if level != "" && level.Level() == 0 || target != "" && target.Level() == 0 || !f.OK() || target == "" && !due.IsZero() {
		return comity.Errorf(comity.Invalid, "no such level, or a date without a target")
	}
	var answers []comity.BaselineAnswer
	for _, control := range v.Family.Controls {
		saved := v.Answers.Answers[control.ID]
		if controlViewOf(control, saved).Reworded {
			continue // somebody is to look at it first
		}
		if a, filled := filledAnswer(saved, level, target, due); filled {
			a.Control = control.ID
			answers = append(answers, a)
		}
	}
	if _, err := s.store.PutBaselineAnswers(c.ctx(), c.viewer, c.viewer.Org(), v.Baseline.ID, v.Answers.Revision, answers, s.now()); err != nil {
		return err
	}
	c.flash("baseline.filled", "count", fmt.Sprint(len(answers)))
	return c.redirect(v.Path)
}

// filledAnswer fills in what an answer lacks, and reports whether it lacked anything. What is not applicable needs no
// target.
func filledAnswer(a comity.BaselineAnswer, level, target comity.Maturity, due comity.Date) (comity.BaselineAnswer, bool) {
	was := a
	if a.Maturity == comity.MaturityNone {
		a.Maturity = level
	}
	if a.Target == comity.MaturityNone && target != comity.MaturityNone && a.Maturity != comity.MaturityNotApplicable {
		a.Target, a.Due = target, due
	}
	return a, !a.Same(was)
}
