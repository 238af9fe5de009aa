package score

import "math"

// leastProbability clips the probabilities that Log takes, at both ends.
const leastProbability = 1e-6

// Brier returns (p − y)² of a forecast p of an event, y being 1 if it happened and 0 if not. 0 is best, 1 worst; saying a
// half each time gives ¼.
//
// Source: exposure model, section 8; G. W. Brier, Monthly Weather Review 78 (1950) 1.
func Brier(p float64, happened bool) float64 {
	y := 0.0
	if happened {
		y = 1
	}
	return (p - y) * (p - y)
}

// Log returns −ln of the probability that was given to what came, p clipped to [10⁻⁶, 1 − 10⁻⁶]. 0 is best; saying a half
// each time gives 0.693.
//
// Source: exposure model, section 8; I. J. Good, J. R. Stat. Soc. B 14 (1952) 107.
func Log(p float64, happened bool) float64 {
	p = math.Min(1-leastProbability, math.Max(leastProbability, p))
	if happened {
		return -math.Log(p)
	}
	return -math.Log1p(-p)
}

// intervalTail is α of the intervals that are scored: 90 % of them should hold.
const intervalTail = 0.1

// Interval returns the score of a 90 % interval against what came: its width, and 20 times how far x is outside. Lower is
// better, in the unit of x.
//
// Source: exposure model, section 8; T. Gneiting and A. E. Raftery, JASA 102 (2007) 359, section 6.2.
func Interval(low, high, x float64) float64 {
	s := high - low
	if x < low {
		s += 2 / intervalTail * (low - x)
	}
	if x > high {
		s += 2 / intervalTail * (x - high)
	}
	return s
}
