package web

import (
	"cmp"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"comity"
)

func (s *site) whatIf(r *routes) {
	r.handle("GET /organization/what-if", members, s.showWhatIf)
	r.handle("POST /organization/what-if", editors, s.adoptWhatIf)
}

const (
	triedIncidents = 20   // of one scenario
	triedSoftware  = 60   // lines of software with open matches that are offered
	rankedSteps    = 15   // of the ranking that are shown at first
	rankedItems    = 5    // open action items that are shown
	leastMove      = 5e-4 // incidents a year that a scenario must move to be shown
	incidentPrefix = "i." // of the field of a scenario's incidents
)

// whatIfView is the page on which a change is tried before it is made.
type whatIfView struct {
	view
	Form      *form
	Profile   comity.Profile
	Groups    []coverageGroup
	Steps     []coverageStep
	Software  []comity.Software // with open matches
	Scenarios []comity.Scenario
	Tried     *tried // nil: nothing is tried yet
	Ranking   []rankedStep
	All       bool        // every step is shown
	Every     string      // where every step is shown; empty: here
	Possible  int         // steps there are
	Idle      int         // mitigations that would remove nothing
	Of        int         // of how many
	Items     []effectRow // open action items, those that remove most for their effort
	Edits     bool
	Adopts    bool // coverage is tried, which the profile can take
}

// tried is what a change does.
type tried struct {
	Before, After comity.Exposure
	From, To      string // the headline, with as many digits as the difference needs
	Up, Same      bool
	Curve         *curveChart
	Scenarios     []movedScenario
}

// movedScenario is a scenario whose expected incidents move.
type movedScenario struct {
	Scenario      comity.ScenarioID
	Before, After float64
	Width         float64 // of the bar, in per cent of the largest move
	Up            bool
}

// rankedStep is one step of the ranking.
type rankedStep struct {
	comity.Improvement
	Name  string // of a mitigation
	Width float64
	Try   string // where it is tried
	Act   string // where it becomes an action item; empty: nowhere
}

// readWhatIf reads a change from a query. Fields that are empty say nothing.
func readWhatIf(f *form, k comity.Knowledge, catalogue comity.Catalogue) comity.WhatIf {
	w := comity.WhatIf{Coverage: map[string]float64{}, Incidents: map[comity.ScenarioID]int{}}
	for _, m := range k.Mitigations {
		if f.Value(m.Number) == "" {
			continue
		}
		i := slices.IndexFunc(comity.CoverageSteps, func(share float64) bool { return stepText(share) == f.Value(m.Number) })
		if i < 0 {
			f.Fail(m.Number, "error.field.choice")
			continue
		}
		w.Coverage[m.Number] = comity.CoverageSteps[i]
	}
	for _, id := range f.Values("patched") {
		if software, err := comity.ParseSoftwareID(id); err == nil {
			w.Patched = append(w.Patched, software)
		}
	}
	for _, id := range f.Values("dropped") {
		if supplier, err := comity.ParseSupplierID(id); err == nil {
			w.Dropped = append(w.Dropped, supplier)
		}
	}
	for _, scenario := range catalogue.Scenarios {
		name := incidentPrefix + string(scenario.ID)
		if strings.Trim(f.Value(name), " 0") == "" {
			continue
		}
		if n := f.Int(name, 1, triedIncidents); n > 0 {
			w.Incidents[scenario.ID] = n
		}
	}
	return w
}

func (s *site) showWhatIf(c *call) error {
	k, err := s.store.Knowledge(c.ctx(), c.viewer)
	if err != nil {
		return err
	}
	catalogue := s.pipeline.Catalogue()
	f, err := newForm(c.r.URL.Query(), append(whatIfFields(k, catalogue), "all")...)
	if err != nil {
		return err
	}
	w := readWhatIf(f, k, catalogue)
	v, err := s.whatIfView(c, f, k)
	if err != nil {
		return err
	}
	if !f.OK() {
		return c.renderInvalid("organization/what-if", v)
	}
	if !w.Empty() {
		if v.Tried, err = s.try(c, w); err != nil {
			return err
		}
		v.Adopts = v.Edits && len(w.Coverage) > 0
	}
	return c.render("organization/what-if", v)
}

func whatIfFields(k comity.Knowledge, catalogue comity.Catalogue) []string {
	fields := []string{"patched", "dropped"}
	for _, m := range k.Mitigations {
		fields = append(fields, m.Number)
	}
	for _, scenario := range catalogue.Scenarios {
		fields = append(fields, incidentPrefix+string(scenario.ID))
	}
	return fields
}

func (s *site) whatIfView(c *call, f *form, k comity.Knowledge) (whatIfView, error) {
	p, err := c.ownProfile()
	if err != nil {
		return whatIfView{}, err
	}
	v := whatIfView{
		view: c.view(), Form: f, Profile: p, Steps: coverageSteps(), Groups: c.coverageView(p, k, f).Groups,
		Scenarios: s.pipeline.Catalogue().Scenarios, Edits: c.viewer.EditsProfile(c.viewer.Org()),
	}
	v.Marking = comity.TLPAmberStrict
	steps, err := s.pipeline.Improvements(c.ctx(), c.viewer, c.viewer.Org())
	if err != nil {
		return v, err
	}
	for _, step := range steps {
		if step.Software != "" && len(v.Software) < triedSoftware {
			i := slices.IndexFunc(p.Software, func(s comity.Software) bool { return s.ID == step.Software })
			v.Software = append(v.Software, p.Software[i])
		}
	}
	v.All, v.Possible, v.Of = f.Flag("all"), len(steps), len(k.Mitigations)
	v.Idle = v.Of
	for _, step := range steps {
		if step.Control != "" {
			v.Idle--
		}
	}
	if !v.All && len(steps) > rankedSteps {
		steps = steps[:rankedSteps]
		q := c.r.URL.Query()
		q.Set("all", "1")
		v.Every = "/organization/what-if?" + q.Encode() + "#ranking"
	}
	open, err := s.store.Matches(c.ctx(), c.viewer, c.viewer.Org(), comity.MatchQuery{Open: true, Limit: 200})
	if err != nil {
		return v, err
	}
	v.Ranking = rankedStepsOf(steps, k, open.Matches, c.r.URL.Query())
	acronyms, err := c.acronyms()
	if err != nil {
		return v, err
	}
	v.Items, _, err = c.effectRows(acronyms, &v.Marking)
	v.Items = v.Items[:min(len(v.Items), rankedItems)]
	return v, err
}

// Failed reports whether a field whose name begins so is to be corrected.
func (v whatIfView) Failed(prefix string) bool {
	return slices.ContainsFunc(v.Form.Errors(), func(e fieldError) bool { return strings.HasPrefix(e.Field, prefix) })
}

// rankedStepsOf returns steps, each with where it is tried on top of what is tried already and where it becomes an action
// item: of the mitigation, of the newest match that a patch or a dropped supplier would close, or of the scenario.
func rankedStepsOf(steps []comity.Improvement, k comity.Knowledge, open []comity.Match, query url.Values) []rankedStep {
	list := make([]rankedStep, 0, len(steps))
	for _, step := range steps {
		one := rankedStep{Improvement: step, Width: 100 * step.Expected / max(steps[0].Expected, math.SmallestNonzeroFloat64)}
		q := url.Values{}
		for name, values := range query {
			if strings.Join(values, "") != "" {
				q[name] = slices.Clone(values)
			}
		}
		switch {
		case step.Control != "":
			q.Set(step.Control, stepText(step.To))
			one.Name = step.Control
			if i := slices.IndexFunc(k.Mitigations, func(m comity.Mitigation) bool { return m.Number == step.Control }); i >= 0 {
				one.Name = k.Mitigations[i].Name
			}
		case step.Software != "":
			addOnce(q, "patched", string(step.Software))
		default:
			addOnce(q, "dropped", string(step.Supplier))
		}
		one.Try = "/organization/what-if?" + q.Encode() + "#tried"
		one.Act = actionOf(step, open)
		list = append(list, one)
	}
	return list
}

// actionOf returns the address of the form of an action item that takes a step, "" if there is none.
func actionOf(step comity.Improvement, open []comity.Match) string {
	i := slices.IndexFunc(open, func(m comity.Match) bool {
		return step.Software != "" && m.Software == step.Software || step.Supplier != "" && m.Supplier == step.Supplier
	})
	q := url.Values{}
	switch {
	case i >= 0:
		q.Set("match", string(open[i].ID))
	case step.Scenario == "":
		return ""
	default:
		q.Set("scenario", string(step.Scenario))
		if step.Control != "" {
			q.Set("control", step.Control)
		}
	}
	return "/actions/new?" + q.Encode()
}

func addOnce(q url.Values, name, value string) {
	if !slices.Contains(q[name], value) {
		q.Add(name, value)
	}
}

func (s *site) try(c *call, w comity.WhatIf) (*tried, error) {
	before, after, err := s.pipeline.WhatIf(c.ctx(), c.viewer, c.viewer.Org(), w)
	if err != nil {
		return nil, err
	}
	line := c.locale.changeLine(comity.ExposureChange{Before: before.Significant.Value, After: after.Significant.Value})
	t := &tried{
		Before: before, After: after, From: line.From, To: line.To, Up: line.Up, Same: line.Same,
		Curve: c.locale.lossCurves(after.Curve, before.Curve, after.Tolerance, c.group.Currency),
	}
	then := map[comity.ScenarioID]float64{}
	for _, sc := range before.Scenarios {
		then[sc.Scenario] = sc.Expected
	}
	largest := 0.0
	for _, sc := range after.Scenarios {
		moved := movedScenario{Scenario: sc.Scenario, Before: then[sc.Scenario], After: sc.Expected, Up: sc.Expected > then[sc.Scenario]}
		if d := math.Abs(moved.After - moved.Before); d > leastMove {
			largest = max(largest, d)
			t.Scenarios = append(t.Scenarios, moved)
		}
	}
	slices.SortStableFunc(t.Scenarios, func(a, b movedScenario) int {
		return cmp.Compare(math.Abs(b.After-b.Before), math.Abs(a.After-a.Before))
	})
	for i, moved := range t.Scenarios {
		t.Scenarios[i].Width = 100 * math.Abs(moved.After-moved.Before) / largest
	}
	return t, nil
}

// adoptWhatIf puts the coverage that was tried into the profile. The rest of what was tried is for its own pages: a patch
// has a day, and a supplier that is dropped is gone.
func (s *site) adoptWhatIf(c *call) error {
	k, err := s.store.Knowledge(c.ctx(), c.viewer)
	if err != nil {
		return err
	}
	f, err := c.form(append(whatIfFields(k, s.pipeline.Catalogue()), "revision")...)
	if err != nil {
		return err
	}
	w := readWhatIf(f, k, s.pipeline.Catalogue())
	p, changed, err := c.editable(f, func(p comity.Profile) any { return p.Coverage })
	if err != nil {
		return err
	}
	if !f.OK() {
		return comity.Errorf(comity.Invalid, "a coverage that is none of the answers")
	}
	if !changed {
		after := p
		after.Coverage = maps.Clone(p.Coverage)
		if after.Coverage == nil {
			after.Coverage = map[string]float64{}
		}
		maps.Copy(after.Coverage, w.Coverage)
		if changed, err = c.putProfile(p, after, "/profile/coverage", "whatif.adopted"); err != nil || !changed {
			return err
		}
	}
	c.flash("whatif.changed")
	return c.redirect("/organization/what-if")
}

// Today returns the coverage of a mitigation as it was answered, nil if it was not.
func (v whatIfView) Today(number string) *coverageStep {
	share, answered := v.Profile.Coverage[number]
	if !answered {
		return nil
	}
	return &coverageStep{Share: share}
}

// Count returns how much of a kind is tried, for the heading of its fold.
func (v whatIfView) Count(kind string) int {
	n := 0
	switch kind {
	case "coverage":
		for _, g := range v.Groups {
			for _, m := range g.Mitigations {
				if v.Form.Value(m.Number) != "" {
					n++
				}
			}
		}
	case "incidents":
		for _, s := range v.Scenarios {
			if i, err := strconv.Atoi(v.Form.Value(incidentPrefix + string(s.ID))); err == nil && i > 0 {
				n++
			}
		}
	default:
		n = len(v.Form.Values(kind))
	}
	return n
}
