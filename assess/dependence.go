package assess

import (
	"math"
	"slices"
	"strings"

	"comity"
)

// SourceRate is θ: how often a year a supplier is hit in a way that reaches its customers. Hypothesis.
const SourceRate = 0.05

// CommonSource is something that can hit several organisations at once, such as a shared supplier.
type CommonSource struct {
	Name string  // as comity.NormalName gives it
	Rate float64 // θ, events a year
}

// CommonSources returns the sources of these names, each with the default rate, sorted by normal name, each once.
func CommonSources(names []string) []CommonSource {
	normal := make([]string, 0, len(names))
	for _, n := range names {
		if n = comity.NormalName(n); n != "" {
			normal = append(normal, n)
		}
	}
	slices.Sort(normal)
	var sources []CommonSource
	for _, n := range slices.Compact(normal) {
		sources = append(sources, CommonSource{Name: n, Rate: SourceRate})
	}
	return sources
}

// Exposed says how n organisations depend on one common source: each of its events, Rate a year, hits each of them at
// most once, independently of the others, with probability P.
//
// Source: exposure model, section 7.
type Exposed struct {
	N    int
	Rate float64 // θ, events a year
	P    float64 // includes the organisation's susceptibility
}

// AnyHit returns P(somebody is hit in 12 months) = 1 − exp(−θ(1 − (1−p)ⁿ)).
func (e Exposed) AnyHit() float64 {
	return -math.Expm1(-e.Rate * (1 - math.Pow(1-e.P, float64(e.N))))
}

// Variance returns the variance of the number of hits in 12 months: θ E[B²] with B ~ Bin(n, p).
func (e Exposed) Variance() float64 {
	np := float64(e.N) * e.P
	return e.Rate * (np*(1-e.P) + np*np)
}

// HitsAtLeast returns P(k or more hits in 12 months), an organisation counting as often as it is hit.
func (e Exposed) HitsAtLeast(k int) float64 {
	return e.overEvents(func(events int) float64 { return binomialAtLeast(events*e.N, e.P, k) })
}

// OrganizationsAtLeast returns P(k or more organisations are hit in 12 months).
func (e Exposed) OrganizationsAtLeast(k int) float64 {
	return e.overEvents(func(events int) float64 {
		return binomialAtLeast(e.N, -math.Expm1(float64(events)*math.Log1p(-e.P)), k)
	})
}

// overEvents averages over the Poisson number of the source's events.
func (e Exposed) overEvents(given func(events int) float64) float64 {
	sum, p, left := 0.0, math.Exp(-e.Rate), 1.0
	for events := 0; left > 1e-15 && events < 1000; events++ {
		sum += p * given(events)
		left -= p
		p *= e.Rate / float64(events+1)
	}
	return sum
}

// Correlation returns the correlation of the yearly counts of two organisations that each have own events besides, at
// this rate: θp²/(λ_own + θp).
func (e Exposed) Correlation(own float64) float64 { return e.Rate * e.P * e.P / (own + e.Rate*e.P) }

// binomialAtLeast returns P(Bin(n, p) ≥ k), summed from the top so that small ones keep their digits.
func binomialAtLeast(n int, p float64, k int) float64 {
	switch {
	case k <= 0:
		return 1
	case k > n || p <= 0:
		return 0
	case p >= 1:
		return 1
	}
	sum := 0.0
	for i := n; i >= k; i-- {
		sum += math.Exp(logChoose(n, i) + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return math.Min(1, sum)
}

func logChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

// source is a supplier of one organisation as a common source.
type source struct {
	name      string // normal name
	supplier  comity.SupplierID
	rate      float64 // θ
	p         float64
	campaigns []campaign
	mean      float64 // M of the source over the next 12 months
}

// events returns θ M p: events a year at this organisation.
func (s source) events() float64 { return s.rate * s.mean * s.p }

// sourcesOf lists an organisation's suppliers as common sources, by name, each once with its largest dependence.
// A compromise that matches a supplier modulates its θ.
func sourcesOf(in Input) []source {
	byName := map[string]source{}
	for _, s := range in.Profile.Suppliers {
		name := comity.NormalName(s.Name)
		if had, ok := byName[name]; ok && had.p >= s.Dependence {
			continue
		}
		byName[name] = source{name: name, supplier: s.ID, rate: SourceRate, p: s.Dependence}
	}
	list := make([]source, 0, len(byName))
	for _, s := range byName {
		s.campaigns = campaignsAt(in, func(m comity.Match) bool {
			return m.Kind == comity.MatchSupplier && sameSource(in.Profile, m.Supplier, s.name)
		}, nil)
		s.mean = MeanModulation(clusters(s.campaigns), ModulatorCap)
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b source) int { return strings.Compare(a.name, b.name) })
	return list
}

// sameSource reports whether a supplier of the profile has this normal name.
func sameSource(p comity.Profile, id comity.SupplierID, name string) bool {
	return slices.ContainsFunc(p.Suppliers, func(s comity.Supplier) bool { return s.ID == id && comity.NormalName(s.Name) == name })
}
