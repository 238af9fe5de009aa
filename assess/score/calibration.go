package score

import "math"

// Calibration is how many of a number of 90 % intervals held.
type Calibration struct {
	Hits, Of  int
	Low, High float64 // Wilson's 95 % interval of the share that would hold in the long run
	Few       float64 // P(so few hits or fewer | 90 % hold)
	Many      float64 // P(so many hits or more | 90 % hold)
}

const (
	target    = 0.9  // share of intervals that should hold
	unlikely  = 0.05 // below it a result is flagged
	wilsonTwo = 1.959963984540054
)

// Calibrated returns what hits of n intervals say. n of 0 says nothing: the share may be anything.
//
// Source: exposure model, section 8; E. B. Wilson, JASA 22 (1927) 209.
func Calibrated(hits, n int) Calibration {
	c := Calibration{Hits: hits, Of: n, High: 1, Few: 1, Many: 1}
	if n <= 0 {
		return c
	}
	c.Low, c.High = Wilson(hits, n)
	c.Few = AtMost(hits, n, target)
	c.Many = 1 - AtMost(hits-1, n, target)
	return c
}

// Overconfident reports whether so few hits would be a surprise of less than 5 % if 90 % held: the intervals are too
// narrow.
func (c Calibration) Overconfident() bool { return c.Few < unlikely }

// Underconfident reports whether so many hits would be a surprise of less than 5 % if 90 % held: the intervals are wider
// than they need be.
func (c Calibration) Underconfident() bool { return c.Many < unlikely }

// Wilson returns Wilson's 95 % interval of a share of which k of n were seen, n at least 1.
func Wilson(k, n int) (low, high float64) {
	x, z := float64(n), wilsonTwo
	p := float64(k) / x
	centre, half := p+z*z/(2*x), z*math.Sqrt(p*(1-p)/x+z*z/(4*x*x))
	return math.Max(0, (centre-half)/(1+z*z/x)), math.Min(1, (centre+half)/(1+z*z/x))
}

// AtMost returns P(X ≤ k) of X ~ Binomial(n, p), 0 < p < 1.
func AtMost(k, n int, p float64) float64 {
	if k < 0 {
		return 0
	}
	if k >= n {
		return 1
	}
	sum, term := 0.0, math.Pow(1-p, float64(n)) // P(X = 0)
	for i := 0; ; i++ {
		sum += term
		if i == k {
			return math.Min(1, sum)
		}
		term *= float64(n-i) / float64(i+1) * p / (1 - p)
	}
}
