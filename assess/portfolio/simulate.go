package portfolio

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"comity/assess"
	"comity/assess/chance"
)

// block is how many years are simulated together: their losses stay in the fastest memory. Each scenario draws for a
// block from a stream of its own, so that blocks can be simulated on any number of cores with the same result.
const block = 1 << yearBits

const yearBits = 12

// simulate plays the document's years for every organisation and replaces the exact figures of the result.
//
// Source: exposure model, sections 5 to 7. In each year the uncertain rates are drawn anew.
func (m *model) simulate(r *Result) {
	years := m.document.years()
	total := make([]float64, years)
	if len(m.groups) == 1 {
		m.play(m.groups[0], total)
	} else {
		one := make([]float64, years)
		for i, g := range m.groups {
			clear(one)
			m.play(g, one)
			for year, x := range one {
				total[year] += x
			}
			r.Organizations[i].Total = observed(one, r.Organizations[i].Total)
		}
	}
	if len(m.groups) == 1 && len(r.Organizations) == 1 {
		r.Organizations[0].Total = observed(total, r.Organizations[0].Total)
		r.Total = r.Organizations[0].Total
		return
	}
	r.Total = observed(total, r.Total)
}

// play adds the losses of an organisation to its years.
func (m *model) play(g group, losses []float64) {
	seed := m.document.Seed
	var players []player
	for _, k := range g.threats {
		players = append(players, newPlayer(m.threats[k], seed, g.id))
	}
	for _, h := range g.hits {
		s := m.sources[h.source]
		players = append(players, &struck{
			events: chance.NewColumn(seed, "source "+s.ID), hits: chance.NewColumn(seed, "hit "+g.id+" "+s.ID),
			rate: s.events, p: h.p, loss: newSampler(h.loss),
		})
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	blocks := (len(losses) + block - 1) / block
	for range min(runtime.GOMAXPROCS(0), blocks) {
		wait.Go(func() {
			for {
				b := int(next.Add(1)) - 1
				if b >= blocks {
					return
				}
				for _, p := range players {
					p.play(losses[b*block:min(len(losses), (b+1)*block)], uint64(b))
				}
			}
		})
	}
	wait.Wait()
}

// player adds the losses of one thing to the years of a block.
type player interface {
	play(years []float64, block uint64)
}

func newPlayer(t threat, seed uint64, org string) player {
	column := chance.NewColumn(seed, "scenario "+org+" "+t.scenario.ID)
	if t.rate.Rate > 0 {
		return newMixed(column, t)
	}
	return &known{column: column, rate: t.events(), loss: newSampler(t.loss)}
}

// known is a scenario whose rate is known. How many events fall into a whole block is one draw; each then falls on a year
// with equal chance. Years without an event cost nothing.
type known struct {
	column chance.Column
	rate   float64
	loss   sampler
}

func (k *known) play(years []float64, block uint64) {
	s := k.column.In(block)
	for range s.Count(k.rate * float64(len(years))) {
		year := s.Below(len(years))
		years[year] += k.loss.draw(&s)
	}
}

// mixed is a scenario whose rate is drawn anew each year: the number of events is negative binomial. The years without
// one are passed over in one draw, which is geometric.
type mixed struct {
	column chance.Column
	skip   float64   // 1/ln P(no event)
	cdf    []float64 // cdf[n−1] = P(N ≤ n | N ≥ 1)
	loss   sampler
}

// mostCounts bounds the table of counts; beyond it the count is the bound, with a probability below 1e-15 unless the rate
// is spread over many powers of ten.
const mostCounts = 1 << 20

func newMixed(column chance.Column, t threat) *mixed {
	shape, odds := t.rate.Shape, t.factor()/t.rate.Rate // mean of N is shape · odds
	p := odds / (1 + odds)
	logNone := -shape * math.Log1p(odds)
	m := &mixed{column: column, skip: 1 / logNone, loss: newSampler(t.loss)}
	some, sum := -math.Expm1(logNone), 0.0
	for n := 0; n < mostCounts && sum < 1-1e-15 && some > 0; n++ {
		gammas := lgamma(shape+float64(n)+1) - lgamma(shape) - lgamma(float64(n)+2)
		one := math.Exp(gammas+logNone+float64(n+1)*math.Log(p)) / some
		if sum += one; one == 0 && sum > 0.5 {
			break
		}
		m.cdf = append(m.cdf, sum)
	}
	return m
}

func lgamma(x float64) float64 {
	l, _ := math.Lgamma(x)
	return l
}

func (m *mixed) play(years []float64, block uint64) {
	if len(m.cdf) == 0 {
		return
	}
	s := m.column.In(block)
	for year := 0; ; year++ {
		pass := math.Log(s.Uniform()) * m.skip
		if pass >= float64(len(years)-year) {
			return
		}
		year += int(pass)
		loss := 0.0
		for range m.count(s.Uniform()) {
			loss += m.loss.draw(&s)
		}
		years[year] += loss
	}
}

// count returns the number of events of a year that has some.
func (m *mixed) count(u float64) int {
	for n, upTo := range m.cdf[:min(8, len(m.cdf))] {
		if u <= upTo {
			return n + 1
		}
	}
	lo, hi := 0, len(m.cdf)-1
	for lo < hi {
		if mid := (lo + hi) / 2; u <= m.cdf[mid] {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo + 1
}

// struck is what a common source does to one organisation. Its events are drawn for all alike, and hit each by a draw of
// its own.
type struck struct {
	events, hits chance.Column
	rate, p      float64
	loss         sampler
}

func (k *struck) play(years []float64, block uint64) {
	events, s := k.events.In(block), k.hits.In(block)
	for range events.Count(k.rate * float64(len(years))) {
		year := events.Below(len(years))
		if s.Uniform() < k.p {
			years[year] += k.loss.draw(&s)
		}
	}
}

// sampler draws the loss of one event.
type sampler struct {
	areas       []assess.Lognormal
	mu, sigma   float64 // of the one area
	common, own float64
}

func newSampler(l *loss) sampler {
	return sampler{
		areas: l.areas, mu: l.areas[0].Mu, sigma: l.areas[0].Sigma,
		common: math.Sqrt(assess.AreaCorrelation), own: math.Sqrt(1 - assess.AreaCorrelation),
	}
}

func (l *sampler) draw(s *chance.Stream) float64 {
	if len(l.areas) == 1 {
		return math.Exp(l.mu + l.sigma*s.Quick())
	}
	common, sum := l.common*s.Quick(), 0.0
	for _, a := range l.areas {
		sum += math.Exp(a.Mu + a.Sigma*(common+l.own*s.Quick()))
	}
	return sum
}

// observed describes simulated years, which it sorts, at the losses at which the exact result is told.
func observed(years []float64, exact Loss) Loss {
	l := Loss{Quantiles: map[string]float64{}, Intervals: map[string][2]float64{}}
	n := float64(len(years))
	l.Mean, l.SD = moments(years)
	ascend(years)
	l.Zero = float64(below(years, 0)) / n
	for key, q := range quantiles {
		l.Quantiles[key] = years[rank(q, len(years))]
		low, high := assess.OrderStatistics(len(years), q, 0.95)
		l.Intervals[key] = [2]float64{years[max(low, 1)-1], years[min(high, len(years))-1]}
	}
	l.TVaR99 = worst(years, 0.99)
	for _, p := range exact.Exceedance {
		l.Exceedance = append(l.Exceedance, proportion(p.Loss, len(years)-below(years, p.Loss), len(years)))
	}
	return l
}

// rank returns the place of the q-quantile: the smallest with at least the part q up to it.
func rank(q float64, n int) int { return max(0, int(math.Ceil(q*float64(n)-1e-9))-1) }

// proportion is k years of n in which a loss is exceeded, with Wilson's 95 % interval.
func proportion(x float64, k, n int) Point {
	const z = 1.959963984540054
	p, m := float64(k)/float64(n), float64(n)
	mid := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	low, high := max(0, mid-half), min(1, mid+half)
	return Point{Loss: x, P: p, Low: &low, High: &high}
}

// moments returns mean and standard deviation, in two passes so that nothing cancels.
func moments(xs []float64) (mean, sd float64) {
	for _, x := range xs {
		mean += x
	}
	mean /= float64(len(xs))
	sum := 0.0
	for _, x := range xs {
		sum += (x - mean) * (x - mean)
	}
	if len(xs) > 1 {
		sd = math.Sqrt(sum / float64(len(xs)-1))
	}
	return mean, sd
}

// below returns how many of the sorted numbers are at most x.
func below(sorted []float64, x float64) int {
	lo, hi := 0, len(sorted)
	for lo < hi {
		if mid := (lo + hi) / 2; sorted[mid] <= x {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// worst returns the mean of the worst part 1 − q, with the year at its edge counted in part.
func worst(sorted []float64, q float64) float64 {
	n := float64(len(sorted))
	wanted := (1 - q) * n
	sum, left := 0.0, wanted
	for i := len(sorted) - 1; i >= 0 && left > 0; i-- {
		part := min(1, left)
		sum += part * sorted[i]
		left -= part
	}
	return sum / wanted
}

// ascend sorts numbers that are not negative by their bits, 11 at a time: in linear time.
func ascend(xs []float64) {
	const digit = 11
	from := make([]uint64, 0, len(xs))
	for _, x := range xs {
		if x > 0 { // years without a loss are many, and first
			from = append(from, math.Float64bits(x))
		}
	}
	clear(xs[:len(xs)-len(from)])
	xs = xs[len(xs)-len(from):]
	to := make([]uint64, len(from))
	for shift := 0; shift < 64; shift += digit {
		var count [1 << digit]int
		for _, x := range from {
			count[x>>shift&(1<<digit-1)]++
		}
		sum := 0
		for i, n := range count {
			count[i] = sum
			sum += n
		}
		for _, x := range from {
			d := x >> shift & (1<<digit - 1)
			to[count[d]] = x
			count[d]++
		}
		from, to = to, from
	}
	for i, bits := range from {
		xs[i] = math.Float64frombits(bits)
	}
}
