package chance

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mathext"
)

// TestQuick compares the ziggurat with the normal distribution by Kolmogorov and Smirnov, and far out by counts.
func TestQuick(t *testing.T) {
	const n = 1_000_000
	s := New(1, "quick", 0)
	xs, far := make([]float64, n), 0
	for i := range xs {
		xs[i] = s.Quick()
		if math.Abs(xs[i]) > 4 {
			far++
		}
	}
	slices.Sort(xs)
	distance := 0.0
	for i, x := range xs {
		distance = max(distance, math.Abs((1-math.Erf(-x/math.Sqrt2))/2-float64(i)/n))
	}
	if distance*math.Sqrt(n) > 1.63 { // 1 of 100 that are normal is farther
		t.Errorf("distance %.4g·√n", distance*math.Sqrt(n))
	}
	want := n * math.Erfc(4/math.Sqrt2)
	if math.Abs(float64(far)-want) > 4*math.Sqrt(want) {
		t.Errorf("beyond 4: %d, want %.1f", far, want)
	}
}

// TestCount compares the counts of small and large means with the Poisson distribution, by χ² over its likely values.
func TestCount(t *testing.T) {
	const n = 200_000
	for _, mean := range []float64{0.5, 9.9, 10, 42, 2048, 1e6} {
		t.Run(fmt.Sprint(mean), func(t *testing.T) {
			s := New(1, "count", uint64(mean))
			seen := map[int]int{}
			for range n {
				seen[s.Count(mean)]++
			}
			statistic, cells := 0.0, 0
			for k := int(math.Max(0, mean-3*math.Sqrt(mean))); float64(k) <= mean+3*math.Sqrt(mean); k++ {
				l, _ := math.Lgamma(float64(k) + 1)
				want := n * math.Exp(float64(k)*math.Log(mean)-mean-l)
				if want < 5 {
					continue
				}
				d := float64(seen[k]) - want
				statistic += d * d / want
				cells++
			}
			if limit := float64(cells) + 4*math.Sqrt(2*float64(cells)); statistic > limit {
				t.Errorf("χ² %.1f over %d values, want at most %.1f", statistic, cells, limit)
			}
		})
	}
}

func TestNormalIsInversion(t *testing.T) {
	a, b := New(1, "x", 0), New(1, "x", 0)
	if got, want := a.Normal(), mathext.NormalQuantile(b.Uniform()); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func BenchmarkDraw(b *testing.B) {
	s := New(1, "bench", 0)
	for name, draw := range map[string]func(){
		"normal": func() { s.Normal() }, "quick": func() { s.Quick() }, "poisson 2048": func() { s.Poisson(2048) }, "count 2048": func() { s.Count(2048) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				draw()
			}
		})
	}
}
