package portfolio

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"comity"
)

// scenarios returns the portfolio by which engines are compared: n scenarios with λ = 0.5 and loss (1e5, 1e6).
func scenarios(t testing.TB, n, years int) *model {
	t.Helper()
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`{"id":"s%d","rate":0.5,"loss_interval":[1e5,1e6]}`, i)
	}
	d, err := Parse(strings.NewReader(fmt.Sprintf(`{"scenarios":[%s],"years":%d,"seed":1}`, strings.Join(list, ","), years)), comity.Knowledge{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := newModel(d, comity.Knowledge{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// BenchmarkSimulate plays years; "naive" beside it is the obvious loop with the standard library's generator, and
// "writes" the bound of a program that does nothing but add one number a scenario and year. 14 scenarios are one
// organisation of the catalogue; each draws from a column of its own, so that 1 of them is what one changed input costs.
func BenchmarkSimulate(b *testing.B) {
	for _, size := range []struct{ scenarios, years int }{{100, 100_000}, {14, 100_000}, {1, 100_000}, {1, 1_000_000}} {
		name := fmt.Sprintf("%dx%d", size.scenarios, size.years)
		b.Run("comity/"+name, func(b *testing.B) {
			m := scenarios(b, size.scenarios, size.years)
			b.ReportAllocs()
			for b.Loop() {
				m.simulate(&Result{})
			}
		})
		b.Run("naive/"+name, func(b *testing.B) {
			for b.Loop() {
				naive(size.scenarios, size.years)
			}
		})
		b.Run("writes/"+name, func(b *testing.B) {
			losses := make([]float64, size.years)
			for b.Loop() {
				for range size.scenarios {
					for year := range losses {
						losses[year]++
					}
				}
			}
		})
	}
}

func naive(scenarios, years int) []float64 {
	losses := make([]float64, years)
	r := rand.New(rand.NewPCG(1, 1))
	mu, sigma := 12.6642180115, 0.6999361692
	for range scenarios {
		for year := range losses {
			for p, u := math.Exp(-0.5), r.Float64(); u > p; u *= r.Float64() {
				losses[year] += math.Exp(mu + sigma*r.NormFloat64())
			}
		}
	}
	return losses
}

func BenchmarkExact(b *testing.B) {
	for _, n := range []int{1, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m := scenarios(b, n, 1)
			severities := m.severities()
			b.ReportAllocs()
			for b.Loop() {
				m.exact(severities).total()
			}
		})
	}
}
