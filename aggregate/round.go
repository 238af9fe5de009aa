package aggregate

import "math"

// The grids on which figures are published.
const (
	probabilityStep = 0.05 // headline probability
	shareStep       = 0.1  // shares, medians, quartile bands
	eventStep       = 0.5  // expected events a year
	moneyDigits     = 2    // significant digits of money
)

// Ends of the headline probability: the first and last steps stand for "at most" and "at least".
const (
	leastProbability = probabilityStep
	mostProbability  = 1 - probabilityStep
)

// onGrid, below and above return the nearest, the next lower and the next higher multiple of the step. They divide by
// the whole number of steps in a unit, so that 0.3 is 0.3 and not 0.30000000000000004.
func onGrid(x, step float64) float64 { return scaled(x, step, math.Round) }
func below(x, step float64) float64  { return scaled(x, step, math.Floor) }
func above(x, step float64) float64  { return scaled(x, step, math.Ceil) }

func scaled(x, step float64, to func(float64) float64) float64 {
	per := math.Round(1 / step)
	const slack = 1e-9 // what arithmetic lost must not move an end by a whole step
	y := x * per
	if nearest := math.Round(y); math.Abs(y-nearest) < slack {
		return nearest / per
	}
	return to(y) / per
}

// money rounds to two significant digits.
func money(x float64) float64 {
	if x == 0 {
		return 0
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(x)))-(moneyDigits-1))
	if unit < 1 { // dividing by a whole number keeps the decimals exact
		return math.Round(x*math.Round(1/unit)) / math.Round(1/unit)
	}
	return math.Round(x/unit) * unit
}
