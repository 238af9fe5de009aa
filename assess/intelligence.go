package assess

import (
	"math"
	"time"

	"comity"
)

// ModulatorCap is the factor by which intelligence can raise a rate at most.
const ModulatorCap = 10

// modulatorSpread is the standard deviation of ln m₀ around what is stated.
const modulatorSpread = 0.35

// Modulators of matches. Both are hypotheses, to be scored against what happens.
const (
	actorMultiplier      = 2.0   // an actor that targets this sector is active
	actorHalfLife        = 120.0 // days
	compromiseMultiplier = 3.0   // a supplier is known to be compromised
	compromiseHalfLife   = 90.0  // days
)

// relevance is how far an actor's or supplier's match counts, by its confidence. Hypotheses.
var relevance = map[comity.Confidence]float64{
	comity.ConfidenceHigh: 1, comity.ConfidenceMedium: 0.8, comity.ConfidenceLow: 0.5,
}

// Report is intelligence without an exposure denominator. It never counts as an event: it multiplies the rate.
type Report struct {
	Multiplier float64 // m₀, as stated
	HalfLife   float64 // h, days
	Confidence float64 // reliability · relevance, 0..1
	Age        float64 // days before now; 0: now
}

// At returns m(t), t days from now: 1 + (m₀,eff − 1)·2^(−(t+age)/h) with m₀,eff = 1 + reliability · relevance · (m₀ − 1).
//
// Source: exposure model, section 2.
func (r Report) At(t float64) float64 { return r.at(t, 0) }

// at is At with m₀ moved by z standard deviations of its logarithm.
func (r Report) at(t, z float64) float64 {
	return 1 + r.Confidence*(r.Multiplier*math.Exp(modulatorSpread*z)-1)*Decay(t+r.Age, r.HalfLife)
}

// Cluster is all reports of one campaign or vulnerability, however many repeat it: the largest m(t) counts.
type Cluster []Report

// At returns m(t) of the cluster; 1 if it is empty.
func (c Cluster) At(t float64) float64 {
	if len(c) == 0 {
		return 1
	}
	largest := math.Inf(-1)
	for _, r := range c {
		largest = math.Max(largest, r.At(t))
	}
	return largest
}

// Modulation returns min(limit, Π m(t)), the factor on the rate t days from now.
func Modulation(clusters []Cluster, limit, t float64) float64 {
	return math.Min(limit, product(clusters, t))
}

func product(clusters []Cluster, t float64) float64 {
	m := 1.0
	for _, c := range clusters {
		m *= c.At(t)
	}
	return m
}

// panels is into how many equal parts the year is cut for quadrature.
const panels = 20

// MeanModulation returns M = (1/365) ∫₀³⁶⁵ min(limit, Π m(t)) dt: the factor on the rate over the next 12 months. It
// integrates by Gauss and Legendre's rule with 8 nodes on 20 panels, cut where the product passes the limit.
//
// Source: exposure model, section 2.
func MeanModulation(clusters []Cluster, limit float64) float64 {
	if len(clusters) == 0 {
		return math.Min(limit, 1)
	}
	sum := 0.0
	for i := range panels {
		from, to := float64(i)*daysAYear/panels, float64(i+1)*daysAYear/panels
		sum += panel(clusters, limit, from, to)
	}
	return sum / daysAYear
}

// panel integrates over one panel, in two parts if the product passes the limit inside it.
func panel(clusters []Cluster, limit, from, to float64) float64 {
	over := func(t float64) bool { return product(clusters, t) > limit }
	if over(from) == over(to) {
		return legendre(clusters, limit, from, to)
	}
	lo, hi := from, to
	for range 60 {
		if mid := (lo + hi) / 2; over(mid) == over(from) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return legendre(clusters, limit, from, lo) + legendre(clusters, limit, lo, to)
}

// Nodes and weights of Gauss and Legendre's rule of order 8 on [−1, 1], the positive half.
// Source: Abramowitz and Stegun, Handbook of Mathematical Functions, table 25.4.
var (
	legendreNodes   = [4]float64{0.183434642495650, 0.525532409916329, 0.796666477413627, 0.960289856497536}
	legendreWeights = [4]float64{0.362683783378362, 0.313706645877887, 0.222381034453374, 0.101228536290376}
)

func legendre(clusters []Cluster, limit, from, to float64) float64 {
	mid, half, sum := (from+to)/2, (to-from)/2, 0.0
	for i, x := range legendreNodes {
		sum += legendreWeights[i] * (Modulation(clusters, limit, mid-half*x) + Modulation(clusters, limit, mid+half*x))
	}
	return sum * half
}

// shapleyMost is up to how many clusters ln M is shared exactly: the work doubles with each.
const shapleyMost = 6

// shareModulation splits ln M among the clusters, so that the parts sum to it: by Shapley value, since cap and averaging
// break a plain product. Above six clusters by the proportion of what each would do alone.
//
// Source: exposure model, section 8.
func shareModulation(clusters []Cluster, limit float64) []float64 {
	if len(clusters) > shapleyMost {
		return proportional(clusters, limit)
	}
	n := len(clusters)
	logs := make([]float64, 1<<n)
	for set := range logs {
		logs[set] = math.Log(MeanModulation(subset(clusters, set), limit))
	}
	shares := make([]float64, n)
	for set := range logs {
		for i := range n {
			if set&(1<<i) == 0 {
				shares[i] += shapleyWeight(set, n) * (logs[set|1<<i] - logs[set])
			}
		}
	}
	return shares
}

func subset(clusters []Cluster, set int) []Cluster {
	var chosen []Cluster
	for i, c := range clusters {
		if set&(1<<i) != 0 {
			chosen = append(chosen, c)
		}
	}
	return chosen
}

// shapleyWeight is |S|! (n − |S| − 1)! / n!.
func shapleyWeight(set, n int) float64 {
	size := 0
	for ; set > 0; set &= set - 1 {
		size++
	}
	weight := 1 / float64(n)
	for i := 1; i <= size; i++ {
		weight *= float64(i) / float64(n-i)
	}
	return weight
}

func proportional(clusters []Cluster, limit float64) []float64 {
	shares, sum := make([]float64, len(clusters)), 0.0
	for i, c := range clusters {
		shares[i] = math.Log(MeanModulation([]Cluster{c}, limit))
		sum += shares[i]
	}
	whole := math.Log(MeanModulation(clusters, limit))
	for i := range shares {
		if sum == 0 {
			shares[i] = whole / float64(len(shares))
			continue
		}
		shares[i] *= whole / sum
	}
	return shares
}

// campaign is a cluster with where it comes from.
type campaign struct {
	key      string
	reports  Cluster
	evidence []comity.EvidenceID
	matches  []comity.MatchID
	threats  []comity.ThreatID
}

// ageDays returns the days from a moment to now, 0 for the future and for no moment.
func ageDays(now, then time.Time) float64 {
	if then.IsZero() || then.After(now) {
		return 0
	}
	return now.Sub(then).Hours() / 24
}

// reportOf reads an item of evidence of kind report.
func reportOf(e comity.Evidence, now time.Time) Report {
	then := e.To.Time()
	if e.To.IsZero() {
		then = e.Recorded
	}
	return Report{Multiplier: e.Multiplier, HalfLife: e.HalfLife, Confidence: e.Confidence, Age: ageDays(now, then)}
}

// campaignKey names the cluster of a report: its own, else its threat, else itself.
func campaignKey(e comity.Evidence) string {
	switch {
	case e.Cluster != "":
		return e.Cluster
	case e.Threat != "":
		return string(e.Threat)
	default:
		return string(e.ID)
	}
}

// actorReport is what an actor's match does to the rate of the scenarios that it makes likelier.
func actorReport(m comity.Match, t comity.Threat, now time.Time) Report {
	seen := t.Published
	if t.Actor != nil && !t.Actor.LastSeen.IsZero() {
		seen = t.Actor.LastSeen.Time()
	}
	return Report{Multiplier: actorMultiplier, HalfLife: actorHalfLife, Confidence: relevance[m.Confidence], Age: ageDays(now, seen)}
}

// compromiseReport is what a compromised supplier's match does. It acts on the rate of events at that supplier, and on
// the rate of the scenarios that the threat names: what was taken there serves to approach its customers by other ways.
func compromiseReport(m comity.Match, t comity.Threat, now time.Time) Report {
	since := t.Published
	if t.Compromise != nil && !t.Compromise.Since.IsZero() {
		since = t.Compromise.Since.Time()
	}
	return Report{
		Multiplier: compromiseMultiplier, HalfLife: compromiseHalfLife, Confidence: relevance[m.Confidence], Age: ageDays(now, since),
	}
}

// modulator draws M: the same average as [MeanModulation], on few fixed nodes so that thousands of draws are cheap.
type modulator struct {
	reports [][]nodeReport // by cluster
	limit   float64
}

// nodeReport is a report with its decay at each node.
type nodeReport struct {
	confidence, multiplier float64
	decay                  [modulatorNodes]float64
}

const modulatorNodes = 16 // two panels of eight

func newModulator(campaigns []campaign, limit float64) modulator {
	m := modulator{limit: limit}
	for _, c := range campaigns {
		var reports []nodeReport
		for _, r := range c.reports {
			n := nodeReport{confidence: r.Confidence, multiplier: r.Multiplier}
			for i := range n.decay {
				n.decay[i] = Decay(modulatorNode(i)+r.Age, r.HalfLife)
			}
			reports = append(reports, n)
		}
		m.reports = append(m.reports, reports)
	}
	return m
}

// modulatorNode returns the place of node i in days: eight to a half-year, four on each side of its middle.
func modulatorNode(i int) float64 {
	half := daysAYear / 4.0
	mid := half * (1 + 2*float64(i/8))
	x := legendreNodes[i%4]
	if i%8 >= 4 {
		x = -x
	}
	return mid + half*x
}

// mean returns M with the m₀ of each cluster moved by its z standard deviations of the logarithm.
func (m modulator) mean(z []float64) float64 {
	if len(m.reports) == 0 {
		return 1
	}
	var products [modulatorNodes]float64
	for i := range products {
		products[i] = 1
	}
	for c, reports := range m.reports {
		moved := math.Exp(modulatorSpread * z[c])
		for i := range products {
			largest := math.Inf(-1)
			for _, r := range reports {
				largest = math.Max(largest, 1+r.confidence*(r.multiplier*moved-1)*r.decay[i])
			}
			products[i] *= largest
		}
	}
	sum := 0.0
	for i, p := range products {
		sum += legendreWeights[i%4] * math.Min(m.limit, p)
	}
	return sum / 4
}
