package web

import (
	"net/url"
	"reflect"
	"slices"
	"time"

	"comity"
)

// The guided path: the steps of a busy hour, each saved alone, so that it can be left at any of them and resumed by any
// colleague. Every saved step tells what it did to the headline.
func (s *site) guide(r *routes) {
	r.handle("GET /profile/guide", members, s.showGuide)
	r.handle("GET /profile/guide/about", members, s.showGuideAbout)
	r.handle("POST /profile/guide/about", editors, s.saveGuideAbout)
	r.handle("GET /profile/guide/warm-up", members, s.showWarmUp)
	r.handle("POST /profile/guide/warm-up", members, s.saveWarmUp)
	r.handle("POST /profile/guide/warm-up/forget", members, s.forgetWarmUp)
	r.handle("GET /profile/guide/software", members, s.showGuideSoftware)
	r.handle("POST /profile/guide/software", editors, s.saveGuideSoftware)
	r.handle("GET /profile/guide/services", members, s.showGuideServices)
	r.handle("POST /profile/guide/services", editors, s.saveGuideServices)
	r.handle("GET /profile/guide/scenarios", members, s.showGuideScenarios)
	r.handle("POST /profile/guide/scenarios", editors, s.saveGuideScenarios)
	r.handle("GET /profile/guide/bands", members, s.showGuideBands)
	r.handle("POST /profile/guide/bands", editors, s.saveGuideBands)
	r.handle("GET /profile/guide/coverage", members, s.showGuideCoverage)
	r.handle("POST /profile/guide/coverage", editors, s.saveGuideCoverage)
	r.handle("GET /profile/guide/suppliers", members, s.showGuideSuppliers)
	r.handle("POST /profile/guide/suppliers", editors, s.saveGuideSuppliers)
	r.handle("POST /profile/guide/{step}/skip", editors, s.skipGuideStep)
}

const (
	guidePath = "/profile/guide"
	quickWay  = "quick" // only the steps that lead to a first figure
)

// guideState says what became of a step.
type guideState string

const (
	guideOpen    guideState = "open"
	guideThere   guideState = "there" // nothing was saved here, but the profile has it
	guideSkipped guideState = "skipped"
	guideSaved   guideState = "saved"
)

// guideLine is one step in the list.
type guideLine struct {
	Step    comity.GuideStep
	Minutes int
	State   guideState
	Mark    *comity.GuideMark // what the last answer did; nil: none
	Current bool
	Path    string
}

// guideView is what every page of the guided path shows besides its own.
type guideView struct {
	profileView
	Lines   []guideLine
	Place   int // of this step, from 1; 0 on the list itself
	Step    comity.GuideStep
	Minutes int // of the steps that are open
	Now     comity.Estimate
	After   *comity.GuideMark // what the step before did, just now
	Own     bool              // the figure rests on the organisation's own services and years
	Done    bool              // no step is open
	Way     string
	Resume  string // where the next open step is
	Quick   string // where the way to a first figure begins or goes on; empty: it is there
}

// guidePage reads what every page of the guided path shows.
func (c *call) guidePage(step comity.GuideStep, p comity.Profile, f *form) (guideView, error) {
	v := guideView{profileView: c.profileView(p, f), Step: step, Way: c.way()}
	marks, err := c.site.store.Guide(c.ctx(), c.viewer, p.Org)
	if err != nil {
		return v, err
	}
	if v.Now, err = c.site.pipeline.Standing(c.ctx(), c.viewer, p.Org); err != nil {
		return v, err
	}
	rounds, err := c.site.store.CalibrationRounds(c.ctx(), c.viewer)
	if err != nil {
		return v, err
	}
	evidence, err := c.site.store.EvidenceOf(c.ctx(), c.viewer, p.Org)
	if err != nil {
		return v, err
	}
	there := guideAnswered(p, evidence, len(rounds) > 0)
	v.Lines = guideLines(marks, there, step, v.Way)
	v.fill()
	if m, ok := marks.Mark(comity.GuideStep(c.r.URL.Query().Get("after"))); ok && !m.Skipped {
		v.After = &m
	}
	return v, nil
}

// way returns the way that is gone: the quick one, or "" for the whole hour.
func (c *call) way() string {
	if c.r.FormValue("way") == quickWay {
		return quickWay
	}
	return ""
}

// guideAnswered says of which steps the profile has something, whoever entered it and where.
func guideAnswered(p comity.Profile, evidence []comity.Evidence, warm bool) map[comity.GuideStep]bool {
	own := slices.ContainsFunc(evidence, func(e comity.Evidence) bool { return isOwnRecord(e) && e.Retracted == nil })
	return map[comity.GuideStep]bool{
		comity.GuideAbout: len(p.Sectors) > 0, comity.GuideWarmUp: warm, comity.GuideSoftware: len(p.Software) > 0,
		comity.GuideServices: len(p.Services) > 0, comity.GuideScenarios: own, comity.GuideBands: p.Tolerance > 0 || p.Bands != nil,
		comity.GuideCoverage: len(p.Coverage) > 0, comity.GuideSuppliers: len(p.Suppliers) > 0,
	}
}

func guideLines(marks comity.Guide, there map[comity.GuideStep]bool, current comity.GuideStep, way string) []guideLine {
	lines := make([]guideLine, 0, len(comity.GuideSteps))
	for _, step := range comity.GuideSteps {
		line := guideLine{Step: step, Minutes: step.Minutes(), State: guideOpen, Current: step == current, Path: stepPath(step, way, "")}
		m, marked := marks.Mark(step)
		switch {
		case marked && !m.Skipped:
			line.State, line.Mark = guideSaved, &m
		case there[step]:
			line.State = guideThere
		case marked:
			line.State = guideSkipped
		}
		lines = append(lines, line)
	}
	return lines
}

// fill derives the rest from the lines.
func (v *guideView) fill() {
	v.Done = true
	first := 0
	for i, line := range v.Lines {
		if line.Current {
			v.Place = i + 1
		}
		answered := line.State == guideSaved || line.State == guideThere
		if slices.Contains(comity.GuideFirst, line.Step) {
			if answered {
				first++
			} else if v.Quick == "" {
				v.Quick = stepPath(line.Step, quickWay, "")
			}
		}
		if line.State != guideOpen {
			continue
		}
		v.Done = false
		v.Minutes += line.Minutes
		if v.Resume == "" {
			v.Resume = stepPath(line.Step, "", "")
		}
	}
	v.Own = first == len(comity.GuideFirst)
}

// Began reports whether any step was reached.
func (v guideView) Began() bool {
	return slices.ContainsFunc(v.Lines, func(l guideLine) bool { return l.State != guideOpen })
}

// stepPath returns where a step is, on a way, after another step was answered.
func stepPath(step comity.GuideStep, way string, after comity.GuideStep) string {
	path := guidePath
	if step != "" {
		path += "/" + string(step)
	}
	q := url.Values{}
	if way != "" {
		q.Set("way", way)
	}
	if after != "" {
		q.Set("after", string(after))
	}
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return path
}

// nextStep returns the step after this one on a way; empty at its end.
func nextStep(step comity.GuideStep, way string) comity.GuideStep {
	steps := comity.GuideSteps
	if way == quickWay {
		steps = comity.GuideFirst
	}
	if i := slices.Index(steps, step); i >= 0 && i+1 < len(steps) {
		return steps[i+1]
	}
	return ""
}

func (s *site) showGuide(c *call) error {
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	v, err := c.guidePage("", p, nil)
	if err != nil {
		return err
	}
	return c.render("guide/guide", v)
}

// skipGuideStep passes over a step, which stays open to come back to.
func (s *site) skipGuideStep(c *call) error {
	step := comity.GuideStep(c.r.PathValue("step"))
	if !slices.Contains(comity.GuideSteps, step) {
		return comity.Errorf(comity.NotFound, "no such step")
	}
	if _, err := c.form("way"); err != nil {
		return err
	}
	marks, err := s.store.Guide(c.ctx(), c.viewer, c.viewer.Org())
	if err != nil {
		return err
	}
	if m, ok := marks.Mark(step); step != comity.GuideWarmUp && (!ok || m.Skipped) {
		if err := s.store.PutGuideMark(c.ctx(), c.viewer, comity.GuideMark{
			Org: c.viewer.Org(), Step: step, Skipped: true, At: s.now().UTC().Truncate(time.Second), Person: c.viewer.Person(),
		}); err != nil {
			return err
		}
	}
	return c.redirect(stepPath(nextStep(step, c.way()), c.way(), ""))
}

// guideAnswer is the answer to one step.
type guideAnswer struct {
	step          comity.GuideStep
	before, after comity.Profile
	evidence      []comity.Evidence // recorded besides
	elsewhere     bool              // the answer was given on other pages since the last step was saved
}

// saveStep saves the answer to a step with what it does to the headline, and goes on to the next. It reports whether
// somebody else was faster in between, in which case nothing is saved and the form is to be shown again.
func (c *call) saveStep(a guideAnswer) (faster bool, err error) {
	ctx, org, now := c.ctx(), c.viewer.Org(), c.site.now().UTC().Truncate(time.Second)
	m := comity.GuideMark{Org: org, Step: a.step, At: now, Person: c.viewer.Person()}
	if m.Before, err = c.standingBefore(a); err != nil {
		return false, err
	}
	if !reflect.DeepEqual(a.before, a.after) {
		_, err = c.site.store.PutProfile(ctx, c.viewer, a.after, now)
		if err != nil && comity.KindOf(err) == comity.Conflict {
			return true, nil
		}
		if err != nil {
			return false, err
		}
	}
	for _, e := range a.evidence {
		if err := c.site.store.PutEvidence(ctx, c.viewer, e); err != nil {
			return false, err
		}
	}
	if m.After, err = c.site.pipeline.Standing(ctx, c.viewer, org); err != nil {
		return false, err
	}
	if err := c.site.store.PutGuideMark(ctx, c.viewer, m); err != nil {
		return false, err
	}
	return false, c.redirect(stepPath(nextStep(a.step, c.way()), c.way(), a.step))
}

// standingBefore returns the headline before an answer: now, or where it was given elsewhere, after the step that was saved
// last.
func (c *call) standingBefore(a guideAnswer) (comity.Estimate, error) {
	if a.elsewhere {
		marks, err := c.site.store.Guide(c.ctx(), c.viewer, c.viewer.Org())
		if err != nil {
			return comity.Estimate{}, err
		}
		if last, ok := marks.Last(); ok {
			return last.After, nil
		}
	}
	return c.site.pipeline.Standing(c.ctx(), c.viewer, c.viewer.Org())
}

// guideBand is an interval of probabilities as a bar, in per cent of the whole width.
type guideBand struct{ From, Width float64 }

// Band returns the bar of an interval; it is never too thin to be seen.
func (guideView) Band(e comity.Estimate) guideBand {
	return guideBand{From: 100 * min(e.Low, .99), Width: max(1, 100*(e.High-e.Low))}
}
