package web

import (
	"encoding/csv"
	"math"
	"net/http"
	"slices"
	"strconv"

	"comity"
)

func (s *site) formula(r *routes) {
	r.handle("GET /organization/formula", members, s.showFormula)
	r.handle("GET /organization/formula/draws.csv", members, s.drawsCSV)
	r.handle("GET /organization/scenarios/{id}/formula", members, s.showScenarioFormula)
}

// significantDigits is how exactly numbers are printed on the pages of formulas: enough that what is computed from them by
// hand agrees in the first four.
const significantDigits = 6

// Six writes a number with six significant digits, without grouping, so that it can be typed into a calculator.
func (l *locale) Six(x float64) string {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return "0"
	}
	digits := significantDigits - 1 - int(math.Floor(math.Log10(math.Abs(x))))
	return l.isolated(l.exactText(strconv.FormatFloat(x, 'f', min(max(digits, 0), 15), 64)))
}

// formulaView is how the headline comes about, from the numbers of all scenarios.
type formulaView struct {
	view
	Working   comity.Working
	Rows      []formulaRow
	Exponents float64 // Σ of the rows' exponents
	AtMeans   float64
	Average   float64 // over the draws of P(none)
	LossMean  float64
	LossCheck float64 // the 95 % quantile of a lognormal distribution with the mean and SD of the year's loss: a check by hand
}

// formulaRow is one scenario in the headline.
type formulaRow struct {
	comity.ScenarioWorking
	V        float64 // at the end in use
	Exponent float64 // α ln(1 + M v a/β) + s a
	Mean     float64 // E[X] of one incident
	Second   float64 // E[X²]
	Variance float64 // of the year's loss: Λ E[X²] + (Λ − s)²/α E[X]²
}

// workingView reads the working and the view of its pages.
func (s *site) workingView(c *call) (view, comity.Working, error) {
	w, err := s.pipeline.Work(c.ctx(), c.viewer, c.viewer.Org())
	if err != nil && comity.KindOf(err) == comity.NotFound {
		return view{}, w, comity.Errorf(comity.NotFound, "nothing was assessed yet")
	}
	if err != nil {
		return view{}, w, err
	}
	v := c.view()
	v.Marking = comity.TLPAmberStrict
	return v, w, nil
}

func (s *site) showFormula(c *call) error {
	v := formulaView{}
	var err error
	if v.view, v.Working, err = s.workingView(c); err != nil {
		return err
	}
	for _, sc := range v.Working.Scenarios {
		row := formulaRow{ScenarioWorking: sc, V: susceptibilityInUse(sc.Exposure)}
		e := sc.Exposure
		row.Exponent = e.Alpha*math.Log1p(e.Modulator*row.V*e.Above/e.Beta) + e.Shared*e.Above
		for _, l := range sc.Levels {
			row.Mean, row.Second = row.Mean+l.Share*l.Mean, row.Second+l.Share*(l.Mean*l.Mean+l.SD*l.SD)
		}
		own := (e.Events - e.Shared) * row.Mean
		row.Variance = e.Events*row.Second + own*own/e.Alpha
		v.Rows, v.Exponents, v.LossMean = append(v.Rows, row), v.Exponents+row.Exponent, v.LossMean+e.MeanLoss
	}
	v.AtMeans = -math.Expm1(-v.Exponents)
	v.Average = averageNone(v.Working.Draws)
	v.LossCheck = lognormalQuantile(v.Working.Exposure.Loss.Mean, v.Working.Exposure.Loss.SD)
	return c.render("organization/formula", v)
}

// lognormalQuantile returns the 95 % quantile of a lognormal distribution with this mean and standard deviation.
func lognormalQuantile(mean, sd float64) float64 {
	if mean <= 0 {
		return 0
	}
	const z95 = 1.644853627
	variance := math.Log1p(sd * sd / (mean * mean))
	return math.Exp(math.Log(mean) - variance/2 + z95*math.Sqrt(variance))
}

func susceptibilityInUse(e comity.ScenarioExposure) float64 {
	if e.Targeted {
		return e.Adaptive
	}
	return e.Mix
}

func averageNone(draws []comity.DrawWorking) float64 {
	sum := 0.0
	for _, d := range draws {
		sum += d.None
	}
	return sum / float64(max(len(draws), 1))
}

// drawsCSV lists P(no significant incident) of every draw: their average is 1 − the headline.
func (s *site) drawsCSV(c *call) error {
	_, w, err := s.workingView(c)
	if err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="draws.csv"`)
	c.w.WriteHeader(http.StatusOK)
	out := csv.NewWriter(c.w)
	_ = out.Write([]string{"draw", "probability_of_none", comity.TLPAmberStrict.String()}) // who went away does not hear of it
	for i, d := range w.Draws {
		_ = out.Write([]string{strconv.Itoa(i + 1), strconv.FormatFloat(d.None, 'g', -1, 64), ""})
	}
	out.Flush()
	return nil
}

// scenarioFormulaView is how every figure of one scenario comes about.
type scenarioFormulaView struct {
	view
	comity.ScenarioWorking
	Working comity.Working
	V       float64 // at the end in use
	Mean    float64 // loss of one incident, over the grades
	Names   map[string]string
	Shared  []sharedLine
	Areas   []comity.Area
}

// sharedLine is a common source by name.
type sharedLine struct {
	comity.SharedWorking
	Name   string
	Events float64 // θ M p
}

func (s *site) showScenarioFormula(c *call) error {
	v := scenarioFormulaView{Areas: comity.Areas[:]}
	var err error
	if v.view, v.Working, err = s.workingView(c); err != nil {
		return err
	}
	id := comity.ScenarioID(c.r.PathValue("id"))
	i := slices.IndexFunc(v.Working.Scenarios, func(w comity.ScenarioWorking) bool { return w.Scenario.ID == id })
	if i < 0 {
		return comity.Errorf(comity.NotFound, "no such scenario here")
	}
	v.ScenarioWorking = v.Working.Scenarios[i]
	v.V = susceptibilityInUse(v.Exposure)
	for _, l := range v.Levels {
		v.Mean += l.Share * l.Mean
	}
	k, err := s.store.Knowledge(c.ctx(), c.viewer)
	if err != nil {
		return err
	}
	v.Names = k.Names
	p, err := s.store.Profile(c.ctx(), c.viewer, c.viewer.Org())
	if err != nil {
		return err
	}
	for _, sw := range v.ScenarioWorking.Shared {
		line := sharedLine{SharedWorking: sw, Events: sw.Rate * sw.M * sw.P}
		if at := slices.IndexFunc(p.Suppliers, func(sup comity.Supplier) bool { return sup.ID == sw.Supplier }); at >= 0 {
			line.Name = p.Suppliers[at].Name
		}
		v.Shared = append(v.Shared, line)
	}
	return c.render("organization/scenario_formula", v)
}

// Product returns the product of two numbers, for a cell that shows one.
func (scenarioFormulaView) Product(factors ...float64) float64 {
	p := 1.0
	for _, f := range factors {
		p *= f
	}
	return p
}
