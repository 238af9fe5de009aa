package web

import (
	"math"
	"strconv"

	"comity"
)

// daysView is the page that says why the exposure moved between two days.
type daysView struct {
	view
	From, To         comity.Date // as chosen
	First, Last      comity.Date // of which assessments are kept; zero: of none
	Before, After    *comity.Exposure
	Same             bool // both days have the same assessment
	Headline         changeLine
	Move             string // significant incidents a year
	Up               bool
	Scenarios        []shiftedScenario
	Lines            []changeLine
	CatalogueChanged bool
	Form             *form
}

// shiftedScenario is one scenario that moved.
type shiftedScenario struct {
	comity.ScenarioDifference
	From, To string // probability
	Move     string
	Up       bool
	X, Width string // of the bar: to the right of the middle for more, to the left for less
	Bars     []shiftedBar
}

// shiftedBar is one bar of the difference of two waterfalls.
type shiftedBar struct {
	Row           driverRow
	Before, After string // factor, or rate of the prior; empty: was not there
	Move          string
	New, Gone     []comity.EvidenceID
	Coverage      []coverageMove // of the controls that moved

	controls []string          // all that the bar rests on
	names    map[string]string // of mitigations
}

// coverageMove is a control whose coverage differs between the two days.
type coverageMove struct {
	control
	From, To string
}

func (s *site) difference(r *routes) {
	r.handle("GET /organization/difference", members, s.showDifference)
}

const (
	differenceDays  = 7   // between the days that are compared where none was chosen
	differenceLines = 30  // of what changed and why
	keptDays        = 800 // that can be chosen from
)

func (s *site) showDifference(c *call) error {
	e, _, err := s.exposure(c)
	if err != nil {
		return err
	}
	v := daysView{view: c.ownView(e)}
	days, err := s.store.ExposureDays(c.ctx(), c.viewer, c.viewer.Org(), keptDays)
	if err != nil {
		return err
	}
	if len(days) == 0 {
		return c.render("organization/difference", v)
	}
	v.First, v.Last = days[len(days)-1], days[0]
	f, err := newForm(c.r.URL.Query(), "from", "to")
	if err != nil {
		return err
	}
	v.Form = f
	if v.From, v.To = readDays(f, v.First, v.Last, comity.DateOf(s.now())); !f.OK() {
		return c.renderInvalid("organization/difference", v)
	}
	if err := s.compareDays(c, &v); err != nil {
		return err
	}
	return c.render("organization/difference", v)
}

// readDays reads the two days: by default the last one and the one a week before, and none before anything was kept.
func readDays(f *form, first, last, today comity.Date) (from, to comity.Date) {
	from, to = f.Date("from"), f.Date("to")
	if to.IsZero() {
		to = last
	}
	if from.IsZero() {
		from = to.AddDays(-differenceDays)
		if from.Before(first) {
			from = first
		}
	}
	switch {
	case to.Before(from):
		f.Fail("to", "difference.error.order")
	case from.Before(first):
		f.Fail("from", "difference.error.early")
	case today.Before(to):
		f.Fail("to", "difference.error.late")
	}
	return from, to
}

func (s *site) compareDays(c *call, v *daysView) error {
	before, err := s.store.ExposureOn(c.ctx(), c.viewer, c.viewer.Org(), v.From)
	if err != nil {
		return err
	}
	after, err := s.store.ExposureOn(c.ctx(), c.viewer, c.viewer.Org(), v.To)
	if err != nil {
		return err
	}
	v.Before, v.After, v.Same = &before, &after, before.At.Equal(after.At)
	v.CatalogueChanged = before.Catalogue != after.Catalogue
	v.Headline = c.locale.changeLine(comity.ExposureChange{Before: before.Significant.Value, After: after.Significant.Value})
	d := after.Since(before)
	v.Move, v.Up = c.locale.signed(d.Move, moveDigits(d)), d.Move > 0
	if v.Scenarios, err = s.shiftedScenarios(c, d); err != nil {
		return err
	}
	if err := s.tellCoverage(c, v); err != nil {
		return err
	}
	v.Lines, err = s.linesBetween(c, before, after)
	return err
}

// tellCoverage names beside the bars of controls those whose coverage the profile changed between the two assessments.
func (s *site) tellCoverage(c *call, v *daysView) error {
	if v.Before.Profile == v.After.Profile || v.Before.Profile == 0 {
		return nil
	}
	before, err := s.store.ProfileAt(c.ctx(), c.viewer, c.viewer.Org(), v.Before.Profile)
	if err != nil {
		return err
	}
	after, err := s.store.ProfileAt(c.ctx(), c.viewer, c.viewer.Org(), v.After.Profile)
	if err != nil {
		return err
	}
	for i := range v.Scenarios {
		for j := range v.Scenarios[i].Bars {
			bar := &v.Scenarios[i].Bars[j]
			if bar.Coverage = c.locale.coverageMoves(bar.controls, before.Coverage, after.Coverage, bar.names); len(bar.Coverage) > 0 {
				bar.Row.Controls, bar.Row.More = nil, 0
			}
		}
	}
	return nil
}

func (l *locale) coverageMoves(codes []string, before, after map[string]float64, names map[string]string) []coverageMove {
	write := func(coverage map[string]float64, code string) string {
		if x, answered := coverage[code]; answered {
			return l.Percent(x)
		}
		return "–"
	}
	var moves []coverageMove
	for _, code := range codes {
		if from, to := write(before, code), write(after, code); from != to {
			moves = append(moves, coverageMove{control{code, names[code]}, from, to})
		}
	}
	return moves
}

// linesBetween returns the lines of what changed between two assessments, newest first.
func (s *site) linesBetween(c *call, before, after comity.Exposure) ([]changeLine, error) {
	all, err := s.changes(c, allChanges)
	if err != nil {
		return nil, err
	}
	var lines []changeLine
	for _, l := range all {
		if l.At.After(before.At) && !l.At.After(after.At) && len(lines) < differenceLines {
			lines = append(lines, l)
		}
	}
	return lines, nil
}

// moveDigits returns with how many digits all moves of a difference are written, so that they add up as they are read:
// three of the largest.
func moveDigits(d comity.ExposureDifference) int {
	largest := math.Abs(d.Move)
	for _, sc := range d.Scenarios {
		largest = max(largest, math.Abs(sc.Move))
	}
	if largest == 0 {
		return 3
	}
	return min(max(2-int(math.Floor(math.Log10(largest))), 3), 7)
}

// signed writes a change of significant incidents a year.
func (l *locale) signed(x float64, digits int) string {
	text := l.Decimal(math.Abs(x), digits)
	switch {
	case x > 0:
		return l.isolated("+" + text)
	case x < 0:
		return l.isolated("−" + text)
	default:
		return text
	}
}

func (s *site) shiftedScenarios(c *call, d comity.ExposureDifference) ([]shiftedScenario, error) {
	var drivers []comity.Driver
	largest, largestBar, digits := 0.0, 0.0, moveDigits(d)
	for _, sc := range d.Scenarios {
		largest = max(largest, math.Abs(sc.Move))
		for _, b := range sc.Bars {
			drivers, largestBar = append(drivers, b.Driver), max(largestBar, math.Abs(b.Move))
		}
	}
	names, err := s.driverNames(c, drivers)
	if err != nil {
		return nil, err
	}
	var list []shiftedScenario
	for _, sc := range d.Scenarios {
		line := c.locale.changeLine(comity.ExposureChange{Before: sc.Before.Significant.Value, After: sc.After.Significant.Value})
		m := shiftedScenario{ScenarioDifference: sc, From: line.From, To: line.To, Move: c.locale.signed(sc.Move, digits), Up: sc.Move > 0}
		m.X, m.Width = aside(sc.Move, largest)
		for _, b := range sc.Bars {
			m.Bars = append(m.Bars, c.locale.shiftedBar(b, largestBar, digits, names))
		}
		list = append(list, m)
	}
	return list, nil
}

func (l *locale) shiftedBar(b comity.DifferenceBar, largest float64, digits int, names driverNames) shiftedBar {
	bar := shiftedBar{Row: driverRow{Key: string(b.Kind), Stage: b.Stage, Threats: b.Threats, Up: b.Move > 0}, Move: l.signed(b.Move, digits), controls: b.Controls, names: names.mitigations}
	bar.Row.X, bar.Row.Width = aside(b.Move, largest)
	names.fill(&bar.Row, b.Driver)
	bar.New, bar.Gone = b.New[:min(len(b.New), shownSources)], b.Withdrawn[:min(len(b.Withdrawn), shownSources)]
	if len(bar.New)+len(bar.Gone) == 0 { // else the items that came and went are listed
		bar.Row.Evidence, bar.Row.Items = len(b.Evidence), b.Evidence[:min(len(b.Evidence), shownSources)]
	}
	for text, x := range map[*string]float64{&bar.Before: b.Before, &bar.After: b.After} {
		switch {
		case x == 0:
		case b.Kind == comity.DriverSeverity:
			*text = l.Percent(x)
		case b.Kind == comity.DriverPrior || b.Kind == comity.DriverScope:
			*text = l.T("exposure.drivers.rate", "rate", plain(l.Rate(x)))
		default:
			*text = "× " + l.Rate(x)
		}
	}
	return bar
}

// aside lays a bar to the right of the middle for more, to its left for less; of a picture 100 wide.
func aside(move, largest float64) (x, width string) {
	const middle = 50
	w := 0.0
	if largest > 0 {
		w = max(0.5, middle*math.Abs(move)/largest)
	}
	if move < 0 {
		return coordinateOf(middle - w), coordinateOf(w)
	}
	return strconv.Itoa(middle), coordinateOf(w)
}
