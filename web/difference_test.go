package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"comity"
)

// twoDays is a desk on which both organisations were assessed a week apart, the second time after a change of coverage,
// a new incident and a lower tolerance.
func twoDays(t *testing.T) *desk {
	d := newDesk(t)
	d.exposed(d.a, "Alpha")
	d.exposed(d.b, "Bravo")
	d.now = d.now.AddDate(0, 0, 7)
	for _, o := range []comity.Organization{d.a, d.b} {
		d.putProfile(o, func(p *comity.Profile) { p.Tolerance, p.Coverage = 400_000, map[string]float64{"M1051": .25} })
	}
	d.exposedAgain(d.a, "Alpha")
	d.exposedAgain(d.b, "Bravo")
	return d
}

func TestDifferenceOfTwoDays(t *testing.T) {
	d := twoDays(t)
	a := d.get("anna", "/organization/difference").want(http.StatusOK,
		`value="2026-08-07"`, `value="2026-08-14"`, "kept: nothing is computed again", "Profile revision 1 → 2", "Tolerance USD 1 M → USD 400 k",
		"Which part of the incidents is significant", "Controls: initial access", `href="/profile/coverage#M1051"`, "Update Software</bdi> 75% → 25%", "Together", "TLP:AMBER+STRICT")
	a.without("Bravo")
	d.get("anna", "/organization/difference?from=2026-08-07&to=2026-08-07").want(http.StatusOK, "Both days have the same assessment")
	d.get("anna", "/organization/difference?from=2026-08-07&to=2026-08-10").want(http.StatusOK, "Both days have the same assessment")
	for path, says := range map[string]string{
		"?from=2026-08-10&to=2026-08-08": "The second day is before the first",
		"?from=2026-08-01&to=2026-08-08": "No assessment of this day is kept",
		"?from=2026-08-07&to=2026-12-08": "This day has not come yet",
		"?from=yesterday&to=2026-08-08":  "Please give",
	} {
		a := d.get("anna", "/organization/difference"+path)
		if a.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d", path, a.Status)
		}
		a.want(http.StatusUnprocessableEntity, says)
	}
	d.get("anna", "/organization/difference?org=x").want(http.StatusUnprocessableEntity)
	for _, who := range []string{"watch", "desk", "reader"} {
		d.get(who, "/organization/difference").want(http.StatusForbidden).without("Alpha", "Bravo")
	}
	d.inEveryLanguage("anna", "/organization/difference")
	newDesk(t).get("anna", "/organization/difference").want(http.StatusOK, "No assessment is kept yet")
}

// TestMovesAddUpAsTheyAreRead writes moves with so many digits that rounding does not show in their sum.
func TestMovesAddUpAsTheyAreRead(t *testing.T) {
	l := testLocales(t)["en"]
	d := comity.ExposureDifference{Move: -0.00372, Scenarios: []comity.ScenarioDifference{{Move: -0.00372}}}
	digits := moveDigits(d)
	var got []string
	for _, move := range []float64{-0.00125, -0.00117, -0.00130, d.Move, 0.00002, 0} {
		got = append(got, strings.Trim(l.signed(move, digits), "\u2066\u2067\u2068\u2069"))
	}
	if want := []string{"−0.00125", "−0.00117", "−0.00130", "−0.00372", "+0.00002", "0.00000"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for largest, want := range map[float64]int{0: 3, 3: 3, 0.2: 3, 0.05: 4, 1e-9: 7} {
		if got := moveDigits(comity.ExposureDifference{Scenarios: []comity.ScenarioDifference{{Move: -largest}}}); got != want {
			t.Errorf("%v: %d digits, want %d", largest, got, want)
		}
	}
}
