package assess

import (
	"cmp"
	"math"
	"slices"

	"comity"
)

// waterfall explains Λ of a cell: bars whose logarithms sum to ln Λ at the end in use, from the catalogue's mean rate to
// what common sources add.
//
//	ln Λ = ln λ₀ + ln(λ/λ₀) + ln M + Σ ln stage + Σ ln(stage opened/stage) + Σ ln(with source/without)
//
// Source: exposure model, section 8.
func waterfall(m *model, c cell) []comity.Driver {
	bars := []comity.Driver{{Kind: comity.DriverPrior, Log: math.Log(c.prior.Mean())}}
	if len(c.evidence) > 0 {
		bars = append(bars, comity.Driver{
			Kind: comity.DriverEvidence, Log: math.Log(c.rate.Mean() / c.prior.Mean()), Evidence: c.evidence,
		})
	}
	bars = append(bars, intelligenceBars(c)...)
	bars = append(bars, stageBars(m, c)...)
	return append(bars, sharedBars(c)...)
}

func intelligenceBars(c cell) []comity.Driver {
	var bars []comity.Driver
	for i, share := range shareModulation(clusters(c.campaigns), ModulatorCap) {
		g := c.campaigns[i]
		bars = append(bars, comity.Driver{
			Kind: comity.DriverIntelligence, Log: share, Evidence: g.evidence, Matches: g.matches, Threats: g.threats,
		})
	}
	return bars
}

// stageBars gives each stage the bar of its controls, and one more where vulnerabilities undo some of them.
func stageBars(m *model, c cell) []comity.Driver {
	var bars []comity.Driver
	for _, s := range c.path {
		mitigated, _ := c.ends(s.ends(m.factors, false))
		opened, _ := c.ends(s.ends(m.factors, true))
		bars = append(bars, comity.Driver{
			Kind: comity.DriverControls, Log: math.Log(mitigated), Stage: s.name, Controls: effective(m, s),
		})
		if matches, threats := openedBy(s); len(matches) > 0 && opened > mitigated { // without any, they may differ in the last bit
			bars = append(bars, comity.Driver{
				Kind: comity.DriverVulnerability, Log: math.Log(opened / mitigated), Stage: s.name, Matches: matches, Threats: threats,
			})
		}
	}
	return bars
}

// effective lists the M-codes that reduce a stage, by falling κε. Those that were not
// answered reduce it too, as assumed, and are not listed.
func effective(m *model, s stage) []string {
	var places []int
	for _, t := range s.techniques {
		places = append(places, t.controls...)
	}
	slices.Sort(places)
	places = slices.DeleteFunc(slices.Compact(places), func(i int) bool { return m.factors[i] == 1 || m.controls.assumed[i] })
	slices.SortStableFunc(places, func(a, b int) int { return cmp.Compare(m.factors[a], m.factors[b]) })
	var codes []string
	for _, i := range places {
		codes = append(codes, m.controls.codes[i])
	}
	return codes
}

// openedBy lists the matches that open a stage, the likeliest to be exploited first, and their threats.
func openedBy(s stage) (matches []comity.MatchID, threats []comity.ThreatID) {
	var all []opener
	for _, t := range s.techniques {
		all = append(all, t.openers...)
	}
	slices.SortStableFunc(all, func(a, b opener) int {
		return cmp.Or(
			cmp.Compare(b.opening.Exposed*b.opening.Exploited, a.opening.Exposed*a.opening.Exploited),
			cmp.Compare(a.match.ID, b.match.ID),
		)
	})
	seen := map[comity.ThreatID]bool{}
	for i, o := range all {
		if i > 0 && all[i-1].match.ID == o.match.ID {
			continue
		}
		matches = append(matches, o.match.ID)
		if !seen[o.match.Threat] {
			seen[o.match.Threat] = true
			threats = append(threats, o.match.Threat)
		}
	}
	return matches, threats
}

func sharedBars(c cell) []comity.Driver {
	var bars []comity.Driver
	sum := c.own()
	for _, s := range c.shared {
		if s.events() == 0 {
			continue
		}
		bar := comity.Driver{Kind: comity.DriverShared, Log: math.Log1p(s.events() / sum), Supplier: s.supplier}
		for _, g := range s.campaigns {
			bar.Matches = append(bar.Matches, g.matches...)
			bar.Threats = append(bar.Threats, g.threats...)
		}
		bars = append(bars, bar)
		sum += s.events()
	}
	return bars
}
