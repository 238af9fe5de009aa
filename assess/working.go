package assess

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"comity"
)

// shownOpeners bounds how many vulnerabilities of a technique are listed one by one; the others are one factor.
const shownOpeners = 12

// Work returns how every figure of an assessment comes about. Its Exposure has the same bits as Assess gives; the cost is
// that of Assess.
//
// Source: exposure model, sections 2 to 4.
func Work(in Input) (comity.Working, error) {
	e, err := Assess(in)
	if err != nil {
		return comity.Working{}, err
	}
	m, err := newModel(in)
	if err != nil {
		return comity.Working{}, fmt.Errorf("work: %w", err)
	}
	w := comity.Working{
		Org: e.Org, At: in.Now.UTC().Truncate(time.Second), Catalogue: e.Catalogue, Profile: e.Profile, Tolerance: m.tolerance,
		Exposure: e.Kept(), Draws: noneOfDraws(m, newDraws(m, cmp.Or(in.Draws, defaultDraws))),
	}
	for _, s := range e.Scenarios { // in the order in which they are told
		for _, c := range m.cells {
			if c.scenario.ID == s.Scenario {
				w.Scenarios = append(w.Scenarios, scenarioWorking(m, c, s))
			}
		}
	}
	return w, nil
}

// noneOfDraws returns P(no significant incident) of each outer draw, as simulate averages it.
func noneOfDraws(m *model, d *draws) []comity.DrawWorking {
	list := make([]comity.DrawWorking, d.n)
	for i := range list {
		logNone := 0.0
		for k, c := range m.cells {
			above := c.above(m, d.scales(i))
			mv := d.mean[k][i] * d.susceptibility(c, i) * above
			logNone += -c.rate.Shape*math.Log1p(mv/c.rate.Rate) - d.common(c, i)*above
		}
		list[i].None = math.Exp(logNone)
	}
	return list
}

func scenarioWorking(m *model, c cell, e comity.ScenarioExposure) comity.ScenarioWorking {
	v, _ := c.ends(c.mix, c.adaptive)
	w := comity.ScenarioWorking{
		Scenario: c.scenario, Exposure: e, PriorShape: c.prior.Shape, PriorRate: c.prior.Rate,
		Evidence: observations(m, c), Stages: stageWorkings(m, c), Levels: levelWorkings(m, c),
	}
	w.AtMeans = -math.Expm1(-c.rate.Shape*math.Log1p(c.mean*v*e.Above/c.rate.Rate) - e.Shared*e.Above)
	for _, g := range c.campaigns {
		line := comity.CampaignWorking{Threats: g.threats, Evidence: g.evidence}
		for _, r := range g.reports {
			line.Reports = append(line.Reports, comity.ReportWorking(r))
		}
		w.Campaigns = append(w.Campaigns, line)
	}
	if len(w.Campaigns) > 0 {
		w.Nodes = nodes(clusters(c.campaigns))
	}
	for _, s := range c.shared {
		if s.events() > 0 {
			w.Shared = append(w.Shared, comity.SharedWorking{Supplier: s.supplier, Rate: s.rate, M: s.mean, P: s.p})
		}
	}
	return w
}

// observations lists the evidence of a cell as update counts it.
func observations(m *model, c cell) []comity.ObservationWorking {
	today, _ := c.ends(susceptibility(c.path, m.factors, false))
	var list []comity.ObservationWorking
	for _, e := range m.in.Evidence {
		if e.Scenario == c.scenario.ID && e.Kind != comity.EvidenceReport {
			o := observation(e, today)
			list = append(list, comity.ObservationWorking{ID: e.ID, Kind: e.Kind, Count: o.Count, Years: o.Years, Weight: o.Weight, V: o.V})
		}
	}
	return list
}

// nodes returns the moments of the year at which an average of m(t) over few of them is nearly M.
func nodes(list []Cluster) []comity.NodeWorking {
	var out []comity.NodeWorking
	for i := range modulatorNodes {
		day := modulatorNode(i)
		out = append(out, comity.NodeWorking{Day: day, M: Modulation(list, ModulatorCap, day), Weight: legendreWeights[i%4] / 4})
	}
	slices.SortFunc(out, func(a, b comity.NodeWorking) int { return cmp.Compare(a.Day, b.Day) })
	return out
}

func stageWorkings(m *model, c cell) []comity.StageWorking {
	var list []comity.StageWorking
	for i, s := range c.path {
		w := comity.StageWorking{Name: s.name}
		w.Mix, w.Adaptive = s.ends(m.factors, true)
		for j, t := range s.techniques {
			w.Techniques = append(w.Techniques, techniqueWorking(m, t, c.scenario.Path[i].Techniques[j].Technique))
		}
		list = append(list, w)
	}
	return list
}

func techniqueWorking(m *model, t technique, number string) comity.TechniqueWorking {
	w := comity.TechniqueWorking{
		Number: number, Share: t.share, Residual: t.residual(m.factors, false), Opened: t.residual(m.factors, true), P30: t.p30, Rest: 1,
	}
	for _, i := range t.controls {
		w.Controls = append(w.Controls, comity.ControlWorking{
			Number: m.controls.codes[i], Coverage: m.controls.coverage[i], Strength: m.controls.strength[i], Assumed: m.controls.assumed[i],
		})
	}
	openers := slices.Clone(t.openers)
	slices.SortStableFunc(openers, func(a, b opener) int {
		return cmp.Compare(b.opening.Exposed*b.opening.Exploited, a.opening.Exposed*a.opening.Exploited)
	})
	for i, o := range openers {
		if i >= shownOpeners {
			w.Rest *= 1 - o.opening.Exposed*o.opening.Exploited
			w.Others++
			continue
		}
		w.Openers = append(w.Openers, comity.OpenerWorking{Threat: o.match.Threat, Match: o.match.ID, Exposed: o.opening.Exposed, Exploited: o.opening.Exploited})
	}
	return w
}

func levelWorkings(m *model, c cell) []comity.LevelWorking {
	var list []comity.LevelWorking
	for l, share := range c.weights {
		if share == 0 {
			continue
		}
		w := comity.LevelWorking{Criticality: l + 1, Share: share, Above: m.levels[l].Exceed(m.tolerance)}
		for _, t := range c.touched {
			if t.level == l {
				w.Services = append(w.Services, m.services[t.service].Name)
			}
		}
		areas := areasOf(m.bands[l])
		for a, area := range areas {
			w.Areas[a] = comity.AreaWorking{Interval: m.bands[l][a], Mu: area.Mu, Sigma: area.Sigma, Mean: area.Mean()}
		}
		mean, second := SumMoments(areas[:], AreaCorrelation)
		w.Mean, w.SD = mean, math.Sqrt(math.Max(0, second-mean*mean))
		w.Lognormal = likeLognormal(w.Mean, w.SD, m.tolerance)
		list = append(list, w)
	}
	return list
}

// likeLognormal returns P(X > x) of the lognormal distribution with this mean and standard deviation: what somebody with a
// table of the normal distribution gets for a sum of losses, within about a tenth.
//
// Source: L. F. Fenton, The Sum of Log-Normal Probability Distributions in Scatter Transmission Systems, 1960.
func likeLognormal(mean, sd, x float64) float64 {
	if mean == 0 {
		return 0
	}
	square := math.Log1p(sd * sd / (mean * mean))
	return Lognormal{Mu: math.Log(mean) - square/2, Sigma: math.Sqrt(square)}.Exceed(x)
}
