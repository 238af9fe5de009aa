package aggregate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"comity"

	"pgregory.net/rapid"
)

func orgs(n int) []comity.OrgID {
	list := make([]comity.OrgID, n)
	for i := range list {
		list[i] = comity.OrgID(fmt.Sprintf("org_%016d", i))
	}
	return list
}

// member returns a contribution of some size, drawn from rng.
func member(org comity.OrgID, size float64, rng *rand.Rand) Contribution {
	part := func() float64 { return size * (0.5 + rng.Float64()) }
	ransomware, insider, outage := part(), part(), part()
	whole := ransomware + insider + outage
	strategic := whole * (0.3 + 0.4*rng.Float64())
	p := -math.Expm1(-whole)
	c := Contribution{Org: org, Exposure: comity.Exposure{
		Org: org, Tolerance: 1e6,
		Significant: comity.Estimate{Value: p, Low: p / 2, High: min(1, p*1.5)},
		Expected:    comity.Estimate{Value: whole, Low: whole / 2, High: whole * 2},
		Loss:        comity.Loss{Mean: whole * 1e6, Areas: [3]float64{whole * 2e5, whole * 3e5, whole * 5e5}},
		Scenarios: []comity.ScenarioExposure{
			{Scenario: "ransomware", Origin: comity.OriginExternal, Expected: ransomware},
			{Scenario: "phishing", Origin: comity.OriginExternal, Expected: ransomware / 2},
			{Scenario: "insider-theft", Origin: comity.OriginInternal, Expected: insider},
			{Scenario: "operator-error", Origin: comity.OriginInternal, Expected: insider / 3},
			{Scenario: "provider-outage", Origin: comity.OriginPartner, Expected: outage},
			{Scenario: "supplier-compromise", Origin: comity.OriginPartner, Expected: outage / 4},
		},
		Splits: []comity.Split{
			{Dimension: "level", Key: "strategic", Expected: strategic},
			{Dimension: "level", Key: "operational", Expected: whole - strategic},
			{Dimension: "origin", Key: "external", Expected: ransomware},
			{Dimension: "origin", Key: "internal", Expected: insider},
			{Dimension: "origin", Key: "partner", Expected: outage},
		},
	}}
	for _, s := range c.Exposure.Scenarios {
		for _, property := range []string{"confidentiality", "availability"} {
			c.Exposure.Cells = append(c.Exposure.Cells, comity.Cell{Scenario: s.Scenario, Property: property, Expected: s.Expected})
		}
	}
	for range 2_000 {
		c.Worlds = append(c.Worlds, size*1e6*math.Exp(rng.NormFloat64()))
	}
	return c
}

// input returns the contributions of n members of like size.
func input(n int, seed uint64) Input {
	rng := rand.New(rand.NewPCG(seed, 1))
	in := Input{
		Cohort: orgs(n), AsOf: time.Date(2026, 10, 1, 9, 0, 0, 5, time.UTC), Period: "2026-Q3",
		Next: comity.Date{Year: 2027, Month: 1, Day: 1}, Catalogue: "1", ID: "rel_0000000000000001", Number: 1, Seed: 7,
	}
	for i, org := range in.Cohort {
		c := member(org, 0.2+0.1*rng.Float64(), rng)
		if i < n/2 {
			c.Suppliers = append(c.Suppliers, "Northwind Hosting Ltd", "NORTHWIND HOSTING")
		}
		if i < 2 {
			c.Suppliers = append(c.Suppliers, "Rare Supplier")
		}
		c.Suppliers = append(c.Suppliers, "Everybody's")
		if i%2 == 0 {
			c.Threats = append(c.Threats, "thr_CVE-2026-0001")
		}
		in.Contributions = append(in.Contributions, c)
	}
	return in
}

func mustRelease(t testing.TB, in Input) comity.Release {
	t.Helper()
	r, err := Release(in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// anyInput draws releases of all sorts: few members, giants, members who answered nothing.
func anyInput(t *rapid.T) Input {
	in := input(rapid.IntRange(0, 18).Draw(t, "members"), rapid.Uint64().Draw(t, "seed"))
	for i := range in.Contributions {
		if rapid.IntRange(0, 5).Draw(t, "kind") == 0 {
			scale(&in.Contributions[i], rapid.SampledFrom([]float64{0, 0.01, 30, 1e6}).Draw(t, "size"))
		}
	}
	return in
}

// scale multiplies everything that a member contributes.
func scale(c *Contribution, by float64) {
	e := &c.Exposure
	p := -math.Expm1(-by * e.Expected.Value)
	e.Significant = comity.Estimate{Value: p, Low: p, High: p}
	e.Expected.Value, e.Expected.Low, e.Expected.High = e.Expected.Value*by, e.Expected.Low*by, e.Expected.High*by
	e.Loss.Mean *= by
	for i := range e.Loss.Areas {
		e.Loss.Areas[i] *= by
	}
	e.Scenarios, e.Splits, e.Cells = slices.Clone(e.Scenarios), slices.Clone(e.Splits), slices.Clone(e.Cells)
	for i := range e.Scenarios {
		e.Scenarios[i].Expected *= by
	}
	for i := range e.Splits {
		e.Splits[i].Expected *= by
	}
	for i := range e.Cells {
		e.Cells[i].Expected *= by
	}
	c.Worlds = slices.Clone(c.Worlds)
	for i := range c.Worlds {
		c.Worlds[i] *= by
	}
}
