package web

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"comity"
	"comity/assess/score"
)

func (s *site) scores(r *routes) {
	r.handle("GET /organization/scores", members, s.showScores)
	r.handle("GET /organization/scores/export.csv", members, s.exportScoresCSV)
	r.handle("GET /organization/scores/export.xlsx", members, s.exportScoresXLSX)
	r.handle("GET /organization/scores/{quarter}", members, s.showQuarter)
	r.handle("POST /organization/scores/{quarter}", editors, s.closeQuarter)
}

const scoredQuarters = 40 // ten years

// scoresView tells how good the forecasts were, all together and quarter by quarter.
type scoresView struct {
	view
	All      score.Summary
	Quarters []quarterScore // newest first
	Running  *comity.Quarter
	Edits    bool
}

// quarterScore is how the forecasts of one quarter did.
type quarterScore struct {
	comity.Quarter
	score.Summary
	Passed bool
}

// Open returns how many forecasts of the quarter are not scored, since not every day was watched.
func (q quarterScore) Open() int { return q.Forecasts - q.Scored }

// scored reads all forecasts of the own organisation with what came, newest quarter first. Those of a quarter that has
// not passed come back as running.
func (c *call) scored() (passed, running []comity.ScoredForecast, err error) {
	forecasts, err := c.site.store.Forecasts(c.ctx(), c.viewer, c.viewer.Org(), scoredQuarters)
	if err != nil {
		return nil, nil, err
	}
	evidence, err := c.site.store.EvidenceOf(c.ctx(), c.viewer, c.viewer.Org())
	if err != nil {
		return nil, nil, err
	}
	byScenario := map[comity.ScenarioID][]comity.Evidence{}
	for _, e := range evidence {
		byScenario[e.Scenario] = append(byScenario[e.Scenario], e)
	}
	today := comity.DateOf(c.site.now())
	for _, f := range forecasts {
		one := score.Score(f, byScenario[f.Scenario])
		if f.Quarter.Last().Before(today) {
			passed = append(passed, one)
		} else {
			running = append(running, one)
		}
	}
	return passed, running, nil
}

func (s *site) showScores(c *call) error {
	passed, running, err := c.scored()
	if err != nil {
		return err
	}
	v := scoresView{view: c.view(), All: score.Summarise(passed), Edits: editors(c) == nil}
	v.Marking = ownMarking
	if len(running) > 0 {
		v.Running = &running[0].Quarter
	}
	for _, group := range byQuarter(passed) {
		v.Quarters = append(v.Quarters, quarterScore{group[0].Quarter, score.Summarise(group), true})
	}
	return c.render("organization/scores", v)
}

// byQuarter cuts a list that is sorted by quarter.
func byQuarter(list []comity.ScoredForecast) [][]comity.ScoredForecast {
	var groups [][]comity.ScoredForecast
	for i, f := range list {
		if i == 0 || f.Quarter != list[i-1].Quarter {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], f)
	}
	return groups
}

// quarterView is one quarter: what was said of each scenario, and what came.
type quarterView struct {
	view
	quarterScore
	Lines []comity.ScoredForecast // the likeliest first
	Form  *form
	Edits bool
}

func (c *call) quarterOf(f *form) (quarterView, error) {
	q, err := comity.ParseQuarter(c.r.PathValue("quarter"))
	if err != nil {
		return quarterView{}, comity.Errorf(comity.NotFound, "no such quarter")
	}
	passed, running, err := c.scored()
	if err != nil {
		return quarterView{}, err
	}
	v := quarterView{view: c.view(), Form: f, Edits: editors(c) == nil}
	v.Marking = ownMarking
	v.Quarter, v.Passed = q, true
	if len(running) > 0 && running[0].Quarter == q {
		passed, v.Passed = running, false
	}
	for _, one := range passed {
		if one.Quarter == q {
			v.Lines = append(v.Lines, one)
		}
	}
	if len(v.Lines) == 0 {
		return v, comity.Errorf(comity.NotFound, "no forecast of this quarter")
	}
	v.Summary = score.Summarise(v.Lines)
	slices.SortStableFunc(v.Lines, func(a, b comity.ScoredForecast) int { return cmp.Compare(b.P, a.P) })
	return v, nil
}

// Counts reports whether incidents of a scenario in this quarter can still be told: it has passed, and nothing is unclear.
func (v quarterView) Counts(f comity.ScoredForecast) bool {
	return v.Passed && v.Edits && f.Observed == comity.ObservedPartly
}

// Asks reports whether incidents of any scenario can still be told.
func (v quarterView) Asks() bool { return slices.ContainsFunc(v.Lines, v.Counts) }

func (s *site) showQuarter(c *call) error {
	v, err := c.quarterOf(formOf(nil))
	if err != nil {
		return err
	}
	return c.render("organization/quarter", v)
}

// closeQuarter records, for scenarios of a quarter that was not watched as a whole, how many further incidents there were:
// entries over the quarter, like those of the profile.
func (s *site) closeQuarter(c *call) error {
	f, err := c.form("none", "count.*")
	if err != nil {
		return err
	}
	v, err := c.quarterOf(f)
	if err != nil {
		return err
	}
	var list []comity.Evidence
	for _, line := range v.Lines {
		if !v.Counts(line) {
			continue
		}
		if list, err = c.further(f, list, line); err != nil {
			return err
		}
	}
	if len(list) == 0 && f.OK() {
		f.Fail("none", "score.error.none")
	}
	if !f.OK() {
		return c.renderInvalid("organization/quarter", v)
	}
	for _, e := range list {
		if err := s.store.PutEvidence(c.ctx(), c.viewer, e); err != nil {
			return err
		}
	}
	c.flash("score.recorded", "count", strconv.Itoa(len(list)))
	return c.redirect("/organization/scores/" + v.Quarter.String())
}

// further adds the entry of one scenario over the quarter, if the form says anything of it.
func (c *call) further(f *form, list []comity.Evidence, line comity.ScoredForecast) ([]comity.Evidence, error) {
	name, count := countField(line.Scenario), 0
	switch {
	case f.Value(name) != "":
		count = f.Int(name, 0, maxEvents)
	case !f.Flag("none"):
		return list, nil
	}
	id, err := newID(comity.MakeEvidenceID)
	if err != nil {
		return nil, err
	}
	return append(list, comity.Evidence{
		ID: id, Org: c.viewer.Org(), Scenario: line.Scenario, Kind: comity.EvidenceIncident, Count: count, From: line.Quarter.First(), To: line.Quarter.Last(),
		Weight: 1, Recorded: c.site.now().UTC().Truncate(time.Second),
	}), nil
}

var scoreColumns = []string{
	"tlp", "quarter", "scenario", "name", "forecast_at", "expected", "probability", "low", "high", "observed", "incidents", "brier", "log", "interval", "held",
}

// scoreTable returns all forecasts as rows of a file; scores stand where there are any.
func (c *call) scoreTable() ([][]string, error) {
	passed, running, err := c.scored()
	if err != nil {
		return nil, err
	}
	rows := [][]string{scoreColumns}
	for _, f := range append(running, passed...) {
		line := []string{
			ownMarking.String(), f.Quarter.String(), string(f.Scenario), c.t("scenario." + string(f.Scenario) + ".name"), day(f.At), decimalText(f.Mean), decimalText(f.P),
			strconv.Itoa(f.Low), strconv.Itoa(f.High), string(f.Observed), strconv.Itoa(f.Count), "", "", "", "",
		}
		if f.Observed == comity.ObservedWhole && f.Quarter.Last().Before(comity.DateOf(c.site.now())) {
			copy(line[11:], []string{decimalText(f.Brier), decimalText(f.Log), decimalText(f.Interval), yes(f.Held)})
		}
		rows = append(rows, line)
	}
	return rows, nil
}

func (s *site) exportScoresCSV(c *call) error {
	rows, err := c.scoreTable()
	if err != nil {
		return err
	}
	return c.writeCSV(exportName(c, "forecasts", "csv"), rows)
}

func (s *site) exportScoresXLSX(c *call) error {
	rows, err := c.scoreTable()
	if err != nil {
		return err
	}
	return c.writeXLSX(exportName(c, "forecasts", "xlsx"), c.t("score.title"), rows)
}
