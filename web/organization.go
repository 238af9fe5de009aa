package web

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"comity"
)

const (
	latestChanges = 6
	allChanges    = 200
	latestMatches = 6
	historyPoints = 30
	shownSources  = 3 // links beside one bar of a waterfall
)

// organizationView is the viewer's own organisation, live.
type organizationView struct {
	view
	Exposure  *comity.Exposure // nil: not assessed yet
	Curve     *curveChart
	Trend     *trendChart
	Changes   []changeLine
	Matches   []matchLine
	Open      int // matches in all
	Scenarios []scenarioLine
	Splits    []splitView
	Matrix    []ownRow
	Place     *place
	Treated   *treatmentsView // what is done about it; nil: not assessed yet
}

func (s *site) organization(r *routes) {
	r.handle("GET /organization", members, s.showOrganization)
	r.handle("GET /organization/version", members, s.tellVersion)
	r.handle("GET /organization/changes", members, s.showChanges)
	r.handle("GET /organization/scenarios/{id}", members, s.showScenario)
	s.difference(r)
	s.formula(r)
}

// ownView returns the view of a page on the viewer's own exposure, which tells when it has aged.
func (c *call) ownView(e comity.Exposure) view {
	v := c.view()
	v.Marking = comity.TLPAmberStrict
	v.Live, v.Version = "/organization/version", versionOf(e)
	return v
}

// versionOf names an assessment, so that a page can tell that it has aged; "0" is none yet.
func versionOf(e comity.Exposure) string { return strconv.Itoa(e.Revision) }

// exposure reads the viewer's own; the zero Exposure, false, before the first assessment.
func (s *site) exposure(c *call) (comity.Exposure, bool, error) {
	e, err := s.store.Exposure(c.ctx(), c.viewer, c.viewer.Org())
	if comity.KindOf(err) == comity.NotFound && err != nil {
		return comity.Exposure{}, false, nil
	}
	return e, err == nil, err
}

func (s *site) tellVersion(c *call) error {
	e, _, err := s.exposure(c)
	if err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = c.w.Write([]byte(versionOf(e))) // who went away does not hear of it
	return nil
}

func (s *site) showOrganization(c *call) error {
	e, assessed, err := s.exposure(c)
	if err != nil {
		return err
	}
	v := organizationView{view: c.ownView(e)}
	if !assessed {
		return c.render("organization/organization", v)
	}
	currency := c.group.Currency
	v.Exposure = &e
	v.Curve = c.locale.lossCurve(e.Curve, e.Tolerance, currency)
	v.Scenarios = scenarioLines(e)
	v.Splits = splitViews(e)
	v.Matrix = ownRows(e)
	if v.Changes, err = s.changes(c, latestChanges); err != nil {
		return err
	}
	if v.Matches, v.Open, err = s.touching(c); err != nil {
		return err
	}
	if v.Trend, err = s.history(c); err != nil {
		return err
	}
	if v.Place, err = s.place(c, e); err != nil {
		return err
	}
	treated, err := c.treatmentPlan(nil)
	if err != nil {
		return err
	}
	v.Treated = &treated
	return c.render("organization/organization", v)
}

// changeLine is one line of "what changed and why".
type changeLine struct {
	comity.ExposureChange
	From, To string // the figure before and after, with as many digits as the difference needs
	Up       bool
	Same     bool // too small a difference to show
}

func (s *site) changes(c *call, limit int) ([]changeLine, error) {
	list, err := s.store.ExposureChanges(c.ctx(), c.viewer, c.viewer.Org(), limit)
	if err != nil {
		return nil, err
	}
	lines := make([]changeLine, 0, len(list))
	for _, ch := range list {
		lines = append(lines, c.locale.changeLine(ch))
	}
	return lines, nil
}

// leastPoint is the smallest difference that is shown: a hundredth of a percentage point.
const leastPoint = 5e-5

func (l *locale) changeLine(ch comity.ExposureChange) changeLine {
	line := changeLine{
		ExposureChange: ch, From: l.Percent(ch.Before), To: l.Percent(ch.After), Up: ch.After > ch.Before,
		Same: math.Abs(ch.After-ch.Before) < leastPoint,
	}
	first := 1
	if max(ch.Before, ch.After) < 1e-3 {
		first = 2
	}
	for digits := first; digits <= 2 && line.From == line.To && !line.Same; digits++ {
		line.From, line.To = l.percentOf(ch.Before, digits), l.percentOf(ch.After, digits)
	}
	return line
}

// changesView is the whole list of changes.
type changesView struct {
	view
	Changes []changeLine
}

func (s *site) showChanges(c *call) error {
	e, _, err := s.exposure(c)
	if err != nil {
		return err
	}
	v := changesView{view: c.ownView(e)}
	if v.Changes, err = s.changes(c, allChanges); err != nil {
		return err
	}
	return c.render("organization/changes", v)
}

// matchLine is one threat that touches the organisation.
type matchLine struct {
	comity.Match
	Name string // of the threat; empty if it is the same as its key
}

func lineOf(m comity.Match, t comity.Threat) matchLine {
	if t.Name == m.Threat.Key() {
		return matchLine{Match: m}
	}
	return matchLine{Match: m, Name: t.Name}
}

func (s *site) touching(c *call) ([]matchLine, int, error) {
	page, err := s.store.Matches(c.ctx(), c.viewer, c.viewer.Org(), comity.MatchQuery{Open: true, Limit: latestMatches})
	if err != nil {
		return nil, 0, err
	}
	ids := make([]comity.ThreatID, 0, len(page.Matches))
	for _, m := range page.Matches {
		ids = append(ids, m.Threat)
	}
	threats, err := s.store.ThreatsByID(c.ctx(), c.viewer, ids)
	if err != nil {
		return nil, 0, err
	}
	lines := make([]matchLine, 0, len(page.Matches))
	for _, m := range page.Matches {
		lines = append(lines, lineOf(m, threats[m.Threat]))
	}
	return lines, page.Total, nil
}

// scenarioLine is one row of the scenario table.
type scenarioLine struct {
	comity.ScenarioExposure
	Width float64 // of the bar: expected significant incidents
}

func scenarioLines(e comity.Exposure) []scenarioLine {
	largest := 0.0
	for _, sc := range e.Scenarios {
		largest = max(largest, sc.Expected)
	}
	lines := make([]scenarioLine, 0, len(e.Scenarios))
	for _, sc := range e.Scenarios {
		lines = append(lines, scenarioLine{sc, barWidth(sc.Expected, largest)})
	}
	return lines
}

// splitView is one dimension by which the figures are split.
type splitView struct {
	Dimension string // "level", "origin" or "property", also the namespace of its keys; "area"
	Rows      []splitRow
}

type splitRow struct {
	Key   string
	Share float64
	Width float64
	Mean  float64 // loss a year
}

// dimensions are those by which the figures are split, with their keys in the order in which they are shown.
var dimensions = []struct {
	name string
	keys []string
}{
	{"level", words(comity.Levels)},
	{"origin", words(comity.Origins)},
	{"property", propertyKeys()},
}

func propertyKeys() []string {
	var keys []string
	for _, p := range comity.Properties {
		keys = append(keys, p.String())
	}
	return keys
}

// splitViews returns the splits; shares are of the expected significant incidents, of the areas of the expected loss.
func splitViews(e comity.Exposure) []splitView {
	var views []splitView
	for _, d := range dimensions {
		v := splitView{Dimension: d.name}
		for _, sp := range e.Splits {
			if sp.Dimension == d.name {
				v.Rows = append(v.Rows, splitRow{sp.Key, part(sp.Expected, e.Expected.Value), barWidth(sp.Expected, e.Expected.Value), sp.MeanLoss})
			}
		}
		slices.SortStableFunc(v.Rows, func(a, b splitRow) int {
			return cmp.Compare(slices.Index(d.keys, a.Key), slices.Index(d.keys, b.Key))
		})
		views = append(views, v)
	}
	areas := splitView{Dimension: "area"}
	for _, a := range comity.Areas {
		mean := e.Loss.Areas[a]
		areas.Rows = append(areas.Rows, splitRow{a.String(), part(mean, e.Loss.Mean), barWidth(mean, e.Loss.Mean), mean})
	}
	return append(views, areas)
}

func part(x, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return min(x/whole, 1)
}

// ownRow is one scenario of the own matrix of scenario and property.
type ownRow struct {
	Scenario comity.ScenarioID
	Cells    [comity.PropertyCount]ownCell
}

type ownCell struct {
	Some     bool
	Expected float64
	Heat     int
}

func ownRows(e comity.Exposure) []ownRow {
	largest := 0.0
	for _, cell := range e.Cells {
		largest = max(largest, cell.Expected)
	}
	var rows []ownRow
	for _, sc := range e.Scenarios {
		row := ownRow{Scenario: sc.Scenario}
		for _, cell := range e.Cells {
			for i, p := range comity.Properties {
				if cell.Scenario == sc.Scenario && cell.Property == p.String() {
					row.Cells[i] = ownCell{true, cell.Expected, heatOf(cell.Expected, largest)}
				}
			}
		}
		rows = append(rows, row)
	}
	return rows
}

func (s *site) history(c *call) (*trendChart, error) {
	history, err := s.store.ExposureHistory(c.ctx(), c.viewer, c.viewer.Org(), historyPoints)
	if err != nil {
		return nil, err
	}
	var points []trendPoint
	most := 0.0
	for _, h := range history {
		points = append(points, trendPoint{Label: c.locale.Date(comity.DateOf(h.At)), Estimate: h.Significant})
		most = max(most, h.Significant.High)
	}
	return trend(points, c.locale.Percent, niceTop(most)), nil
}

// place is where the organisation stands against what was published: nothing of it leaves this page.
type place struct {
	Own       float64
	Median    comity.Figure
	Number    int    // of the release
	Key       string // "below", "within" or "above" the middle half of the members
	OwnAt     string
	BandAt    string
	BandWide  string
	MedianAt  string
	OwnAnchor string
}

func (s *site) place(c *call, e comity.Exposure) (*place, error) {
	if !c.viewer.SeesReleases() {
		return nil, nil
	}
	last, err := s.store.Releases(c.ctx(), c.viewer, 1)
	if err != nil || len(last) == 0 {
		return nil, err
	}
	median := last[0].Figure("headline", "median", "")
	if !median.Published {
		return nil, nil
	}
	p := &place{Own: e.Significant.Value, Median: median, Number: last[0].Number, Key: "within"}
	switch {
	case p.Own < median.Low:
		p.Key = "below"
	case p.Own > median.High:
		p.Key = "above"
	}
	p.OwnAt, p.OwnAnchor = percentAt(p.Own*plot), anchorAt(p.Own*plot)
	p.BandAt, p.BandWide, p.MedianAt = percentAt(median.Low*plot), percentAt((median.High-median.Low)*plot), percentAt(median.Value*plot)
	return p, nil
}

// assumption is one thing that was not answered, and where to answer it.
type assumption struct{ Text, Path string }

// answerPages says on which page of the profile each unknown is answered.
var answerPages = map[string]string{
	"services": "/profile/services", "software": "/profile/software", "suppliers": "/profile/suppliers",
	"sectors": "/profile/scope", "regions": "/profile/scope", "scope": "/profile/scope",
	"incidents": "/profile/incidents", "evidence": "/profile/incidents", "coverage": "/profile/coverage",
	"bands": "/profile/bands",
}

func (l *locale) unknown(key string) assumption {
	path, ok := answerPages[key]
	if !ok {
		path = "/profile"
	}
	return assumption{Text: l.word("unknown", key, ""), Path: path}
}
