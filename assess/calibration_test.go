package assess

import (
	"math"
	"testing"

	"comity/assess/chance"
)

// TestIntervalsAreCalibrated draws 40,000 rates from the prior, the incidents that each would have made in three years behind
// controls, and learns from them: the 90 % interval must hold the rate in 90 ± 0.5 % of the cases, and leave as many below as
// above. (By chance alone the share is off by 0.5 % once in 1,200.)
func TestIntervalsAreCalibrated(t *testing.T) {
	const draws, years, v = 40_000, 3, 0.3
	prior := mustPrior(t, 0.5, 5)
	s := chance.New(1, "calibration", 0)
	known := map[int][2]float64{} // the interval, by the number of incidents
	inside, below := 0, 0
	for range draws {
		rate := s.Gamma(prior.Shape) / prior.Rate
		n := s.Poisson(rate * v * years)
		ends, ok := known[n]
		if !ok {
			g := prior.Update(Observation{Count: float64(n), Years: years, Weight: 1, V: v})
			ends = [2]float64{g.Quantile(0.05), g.Quantile(0.95)}
			known[n] = ends
		}
		switch {
		case rate < ends[0]:
			below++
		case rate <= ends[1]:
			inside++
		}
	}
	near(t, "inside", float64(inside)/draws, 0.9, 0.005)
	near(t, "below", float64(below)/draws, 0.05, 0.004)
	if len(known) < 5 || math.IsNaN(known[0][0]) {
		t.Errorf("only %d different counts", len(known))
	}
}
