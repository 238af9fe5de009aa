package assess

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCommonSource(t *testing.T) {
	e := Exposed{N: 31, Rate: 0.2, P: 0.3}
	near(t, "marginal rate", e.Rate*e.P, 0.06, 1e-15)
	near(t, "P(any hit)", e.AnyHit(), 0.181267, 6e-7)
	near(t, "variance", e.Variance(), 18.6, 1e-12)
	near(t, "P(10 or more hits)", e.HitsAtLeast(10), 0.092517, 6e-7)
	near(t, "P(10 or more organisations)", e.OrganizationsAtLeast(10), 0.092400, 6e-7)
	near(t, "correlation", Exposed{N: 2, Rate: 0.1, P: 0.3}.Correlation(0.03), 0.15, 1e-12)
}

// What the same marginal rates would give if nobody shared anything.
func TestIndependentOrganisations(t *testing.T) {
	total := 31 * 0.06
	near(t, "P(any hit)", -math.Expm1(-total), 0.844327, 6e-7)
	near(t, "variance", total, 1.86, 1e-12)
	hits, p := 1.0, math.Exp(-total)
	for i := range 10 {
		hits -= p
		p *= total / float64(i+1)
	}
	near(t, "P(10 or more hits)", hits, 0.0000255, 6e-8)
	near(t, "P(10 or more organisations)", binomialAtLeast(31, -math.Expm1(-0.06), 10), 0.0000064, 6e-8)
}

func TestCommonSources(t *testing.T) {
	got := CommonSources([]string{"Northwind Hosting Ltd", "halyard", "NORTHWIND hosting", ""})
	want := []CommonSource{{"halyard", SourceRate}, {"northwind hosting", SourceRate}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
