package score

import (
	"math"
	"slices"

	"comity"
)

// daysOfYear is how many days the exposure's year has.
const daysOfYear = 365

// Forecasts returns what an exposure says of the number of incidents, of any loss, of each scenario in a quarter: the
// quarter's share of its year. Sorted by scenario.
func Forecasts(e comity.Exposure, q comity.Quarter) []comity.Forecast {
	list := make([]comity.Forecast, 0, len(e.Scenarios))
	for _, s := range e.Scenarios {
		v := s.Mix
		if s.Targeted {
			v = s.Adaptive
		}
		years := float64(q.Days()) / daysOfYear
		d := newNumber(s.Alpha, s.Beta, s.Modulator*v*years, s.Shared*years)
		f := comity.Forecast{Org: e.Org, Quarter: q, Scenario: s.Scenario, At: e.At, Mean: d.mean(), P: 1 - d.at(0)}
		f.Low, f.High = d.quantile(0.05), d.quantile(0.95)
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b comity.Forecast) int {
		if a.Scenario < b.Scenario {
			return -1
		}
		return 1
	})
	return list
}

// number is the distribution of how many events there are: N ~ Poisson(λ c + s), λ ~ Gamma(α, β). That is a negative
// binomial of shape α and q = c/(β + c), and a Poisson of s, added.
type number struct {
	alpha, q, shared float64
	p                []float64 // of 0, 1, 2 … as far as was asked
}

// newNumber takes shape and rate of λ, the factor c on it, and the events s that don't depend on it.
func newNumber(alpha, beta, c, s float64) *number {
	return &number{alpha: alpha, q: c / (beta + c), shared: s}
}

func (n *number) mean() float64 { return n.alpha*n.q/(1-n.q) + n.shared }

// at returns P(N = k), by summing over how many of the k are shared.
func (n *number) at(k int) float64 {
	for len(n.p) <= k {
		i := len(n.p)
		sum := 0.0
		for j := range i + 1 {
			sum += n.own(i-j) * n.common(j)
		}
		n.p = append(n.p, sum)
	}
	return n.p[k]
}

func (n *number) own(k int) float64 {
	if n.q == 0 {
		return atZero(k)
	}
	a, _ := math.Lgamma(n.alpha + float64(k))
	b, _ := math.Lgamma(n.alpha)
	c, _ := math.Lgamma(float64(k) + 1)
	return math.Exp(a - b - c + n.alpha*math.Log1p(-n.q) + float64(k)*math.Log(n.q))
}

func (n *number) common(k int) float64 {
	if n.shared == 0 {
		return atZero(k)
	}
	c, _ := math.Lgamma(float64(k) + 1)
	return math.Exp(float64(k)*math.Log(n.shared) - n.shared - c)
}

func atZero(k int) float64 {
	if k == 0 {
		return 1
	}
	return 0
}

// mostEvents bounds what a quantile may be: a scenario with more incidents in a quarter is no scenario but a stream.
const mostEvents = 1000

// quantile returns the least k with P(N ≤ k) ≥ p.
func (n *number) quantile(p float64) int {
	sum := 0.0
	for k := range mostEvents {
		if sum += n.at(k); sum >= p {
			return k
		}
	}
	return mostEvents
}

// Observe says what is known of the incidents of a scenario in a quarter, from an organisation's own entries.
//
//  1. An entry with incidents whose span reaches beyond the quarter does not say in which quarter they were: unclear.
//  2. If every day of the quarter is in the span of some entry, the number is that of the entries within it: whole.
//  3. Else what was not recorded may still have happened: partly.
func Observe(evidence []comity.Evidence, scenario comity.ScenarioID, q comity.Quarter) (comity.Observed, int) {
	first, last := q.First(), q.Last()
	days := make([]bool, q.Days())
	count, unclear := 0, false
	for _, e := range evidence {
		if e.Scenario != scenario || e.Kind != comity.EvidenceIncident || e.Retracted != nil || e.To.Before(first) || last.Before(e.From) {
			continue
		}
		within := !e.From.Before(first) && !last.Before(e.To)
		unclear = unclear || e.Count > 0 && !within
		if within {
			count += e.Count
		}
		for i := range days {
			day := first.AddDays(i)
			days[i] = days[i] || !day.Before(e.From) && !e.To.Before(day)
		}
	}
	switch {
	case unclear:
		return comity.ObservedUnclear, count
	case slices.Contains(days, false):
		return comity.ObservedPartly, count
	default:
		return comity.ObservedWhole, count
	}
}

// Score returns a forecast with what came, and its scores if the quarter was observed as a whole.
func Score(f comity.Forecast, evidence []comity.Evidence) comity.ScoredForecast {
	s := comity.ScoredForecast{Forecast: f}
	s.Observed, s.Count = Observe(evidence, f.Scenario, f.Quarter)
	if s.Observed != comity.ObservedWhole {
		return s
	}
	x := float64(s.Count)
	s.Brier, s.Log = Brier(f.P, s.Count > 0), Log(f.P, s.Count > 0)
	s.Interval = Interval(float64(f.Low), float64(f.High), x)
	s.Held = f.Low <= s.Count && s.Count <= f.High
	return s
}

// Summary is how forecasts did together.
type Summary struct {
	Forecasts int // of quarters that have passed
	Scored    int // of them, those whose quarter was observed as a whole
	Brier     float64
	Log       float64
	Interval  float64
	Base      float64     // Brier score of saying, each time, the share of quarters in which something happened
	Expected  float64     // quarters with at least one incident, as forecast
	Happened  int         // and as it came
	Held      Calibration // of the intervals
}

// enough is from how many scored forecasts on their means say something.
const enough = 100

// Few reports whether there are too few to say much.
func (s Summary) Few() bool { return s.Scored < enough }

// Better reports whether the forecasts did better than always saying the share that came. That share was known only
// afterwards, so it is a hard mark.
func (s Summary) Better() bool { return s.Scored > 0 && s.Brier < s.Base }

// Summarise returns how the scored ones among these did: means of their scores. The zero scores mean that there was none.
func Summarise(list []comity.ScoredForecast) Summary {
	s := Summary{Forecasts: len(list)}
	held := 0
	for _, f := range list {
		if f.Observed != comity.ObservedWhole {
			continue
		}
		s.Scored++
		s.Brier, s.Log, s.Interval = s.Brier+f.Brier, s.Log+f.Log, s.Interval+f.Interval
		s.Expected += f.P
		if f.Count > 0 {
			s.Happened++
		}
		if f.Held {
			held++
		}
	}
	s.Held = Calibrated(held, s.Scored)
	if n := float64(s.Scored); n > 0 {
		s.Brier, s.Log, s.Interval = s.Brier/n, s.Log/n, s.Interval/n
		share := float64(s.Happened) / n
		s.Base = share * (1 - share)
	}
	return s
}
