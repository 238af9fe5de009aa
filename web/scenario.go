package web

import (
	"math"
	"slices"
	"strconv"

	"comity"
)

// scenarioView is one scenario of the own exposure, with the drivers of its rate.
type scenarioView struct {
	view
	comity.ScenarioExposure
	Scenario comity.Scenario
	Drivers  []driverRow
	End      float64 // events a year after the last of them
	EndWidth string  // of its bar, 0..100

	Severity   *driverRow // the bar from all events to the significant ones; nil: none is
	FinalWidth string     // of the bar of what is left
	Other      bool       // the other end of susceptibility differs enough to be shown
	Actions    []comity.ActionItem
}

// driverRow is one bar of the waterfall: from where to where, and what it rests on.
type driverRow struct {
	Key      string // under "exposure.driver."
	Stage    string
	Factor   float64 // by which the rate is multiplied; of the first, the rate itself
	First    bool
	Up       bool
	X, Width string // of the bar, 0..100
	Controls []control
	Assumed  bool // controls reduce the rate, none of which was answered
	Matches  []matchLine
	Threats  []comity.ThreatID
	More     int                 // sources that are not shown
	Evidence int                 // items of evidence
	Items    []comity.EvidenceID // the first of them
	Supplier string
}

// control is a mitigation with its name.
type control struct{ Number, Name string }

func (s *site) showScenario(c *call) error {
	id := comity.ScenarioID(c.r.PathValue("id"))
	e, _, err := s.exposure(c)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(e.Scenarios, func(sc comity.ScenarioExposure) bool { return sc.Scenario == id })
	if i < 0 {
		return comity.Errorf(comity.NotFound, "no such scenario here")
	}
	v := scenarioView{view: c.ownView(e), ScenarioExposure: e.Scenarios[i]}
	v.Scenario, _ = s.pipeline.Catalogue().Scenario(id)
	v.Scenario.ID = id
	if err := s.fillWaterfall(c, &v); err != nil {
		return err
	}
	v.Other = c.locale.Rate(v.OtherEnd) != c.locale.Rate(v.Events)
	page, err := s.store.Actions(c.ctx(), c.viewer, comity.ActionQuery{Owner: c.viewer.Org(), Scenario: id, Open: true})
	if err != nil {
		return err
	}
	v.Actions = page.Actions
	return c.render("organization/scenario", v)
}

// fillWaterfall lays out the bars from the general rate to the events of any size, and the one from there to the
// significant ones.
func (s *site) fillWaterfall(c *call, v *scenarioView) error {
	drivers := slices.Clone(v.ScenarioExposure.Drivers)
	v.End = endOf(drivers)
	if v.Above > 0 {
		drivers = append(drivers, comity.Driver{Kind: comity.DriverSeverity, Log: math.Log(v.Above)})
	}
	rows, err := s.driverRows(c, drivers)
	if err != nil {
		return err
	}
	x := levels(drivers)
	v.EndWidth = coordinateOf(x.at(math.Log(v.End)) / 10)
	if v.Above > 0 {
		v.Severity = &rows[len(rows)-1]
		v.FinalWidth = coordinateOf(x.at(math.Log(endOf(drivers))) / 10)
		rows = rows[:len(rows)-1]
	}
	v.Drivers = rows
	return nil
}

// Adversarial reports whether somebody is behind the scenario.
func (v scenarioView) Adversarial() bool { return v.Scenario.Source == comity.SourceAdversarial }

func endOf(drivers []comity.Driver) float64 {
	sum := 0.0
	for _, d := range drivers {
		sum += d.Log
	}
	return math.Exp(sum)
}

// driverRows lays the bars out on one logarithmic axis, which holds every level that the rate passes.
func (s *site) driverRows(c *call, drivers []comity.Driver) ([]driverRow, error) {
	names, err := s.driverNames(c, drivers)
	if err != nil {
		return nil, err
	}
	x := levels(drivers)
	rows := make([]driverRow, 0, len(drivers))
	sum := 0.0
	for i, d := range drivers {
		from, to := sum, sum+d.Log
		if i == 0 {
			from = to // the first is a level, not a step
		}
		sum = to
		row := driverRow{
			Key: string(d.Kind), Stage: d.Stage, Factor: math.Exp(d.Log), First: i == 0, Up: d.Log > 0,
			X: coordinateOf(x.at(min(from, to)) / 10), Width: coordinateOf(max(1, (x.at(max(from, to))-x.at(min(from, to)))/10)),
			Evidence: len(d.Evidence), Items: d.Evidence[:min(len(d.Evidence), shownSources)], Threats: d.Threats,
		}
		if i == 0 {
			row.X, row.Width = "0", coordinateOf(x.at(to)/10)
		}
		names.fill(&row, d)
		rows = append(rows, row)
	}
	return rows, nil
}

// levels returns the axis from the lowest to the highest level that the rate passes, with some room below.
func levels(drivers []comity.Driver) axis {
	sum, low, high := 0.0, math.Inf(1), math.Inf(-1)
	for _, d := range drivers {
		sum += d.Log
		low, high = min(low, sum), max(high, sum)
	}
	low -= 0.12 * (high - low)
	return axis{low: min(low, high-math.Ln10), high: high} // at least a factor of ten, so that a small step looks small
}

func coordinateOf(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

// driverNames are the names of what bars rest on.
type driverNames struct {
	mitigations map[string]string
	matches     map[comity.MatchID]matchLine
	suppliers   map[comity.SupplierID]string
}

func (s *site) driverNames(c *call, drivers []comity.Driver) (driverNames, error) {
	n := driverNames{map[string]string{}, map[comity.MatchID]matchLine{}, map[comity.SupplierID]string{}}
	knowledge, err := s.store.Knowledge(c.ctx(), c.viewer)
	if err != nil {
		return n, err
	}
	for _, m := range knowledge.Mitigations {
		n.mitigations[m.Number] = m.Name
	}
	profile, err := s.store.Profile(c.ctx(), c.viewer, c.viewer.Org())
	if err != nil {
		return n, err
	}
	for _, sup := range profile.Suppliers {
		n.suppliers[sup.ID] = sup.Name
	}
	return n, n.readMatches(s, c, drivers)
}

// readMatches reads the matches that are shown. One that has gone since is left out.
func (n driverNames) readMatches(s *site, c *call, drivers []comity.Driver) error {
	var ids []comity.ThreatID
	for _, d := range drivers {
		for _, id := range d.Matches[:min(len(d.Matches), shownSources)] {
			m, err := s.store.Match(c.ctx(), c.viewer, id)
			if err != nil && comity.KindOf(err) == comity.NotFound {
				continue
			}
			if err != nil {
				return err
			}
			n.matches[id] = matchLine{Match: m}
			ids = append(ids, m.Threat)
		}
	}
	threats, err := s.store.ThreatsByID(c.ctx(), c.viewer, ids)
	if err != nil {
		return err
	}
	for id, m := range n.matches {
		n.matches[id] = lineOf(m.Match, threats[m.Threat])
	}
	return nil
}

// fill adds to a row what its bar rests on.
func (n driverNames) fill(row *driverRow, d comity.Driver) {
	for _, m := range d.Controls[:min(len(d.Controls), shownSources)] {
		row.Controls = append(row.Controls, control{m, n.mitigations[m]})
	}
	for _, id := range d.Matches {
		if m, ok := n.matches[id]; ok {
			row.Matches = append(row.Matches, m)
		}
	}
	row.Assumed = d.Kind == comity.DriverControls && len(d.Controls) == 0 && d.Log < 0
	row.More = max(len(d.Controls)-len(row.Controls), 0) + max(len(d.Matches)-len(row.Matches), 0)
	if len(row.Matches) > 0 {
		row.Threats = nil // each match leads to its threat
	} else if len(row.Threats) > shownSources {
		row.More += len(row.Threats) - shownSources
		row.Threats = row.Threats[:shownSources]
	}
	row.Supplier = n.suppliers[d.Supplier]
}
