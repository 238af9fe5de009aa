// Package profiletest draws profiles for property tests of the forms in which they are written. Read [Profile].
package profiletest

import (
	"fmt"
	"slices"
	"strings"

	"comity"
	"comity/intake/profile"

	"pgregory.net/rapid"
)

// Profile draws a profile such as people and attackers make one: formulas, signs of every script, lines that are about the
// same thing and, if whole, what stands in no table. Its lists are in their order.
func Profile(t *rapid.T, whole bool) comity.Profile {
	p := comity.Profile{Org: comity.MakeOrgID(comity.Entropy{1}), Coverage: map[string]float64{}}
	for i := range rapid.IntRange(0, 4).Draw(t, "lines") {
		e := comity.Entropy{byte(i)}
		if rapid.Bool().Draw(t, "has service") {
			p.Services = append(p.Services, service(t, e))
		}
		if rapid.Bool().Draw(t, "has software") {
			p.Software = append(p.Software, software(t, e))
		}
		if rapid.Bool().Draw(t, "has supplier") {
			p.Suppliers = append(p.Suppliers, comity.Supplier{
				ID: comity.MakeSupplierID(e), Name: name().Draw(t, "supplier"), Dependence: rapid.Float64Range(0, 1).Draw(t, "dependence"),
			})
		}
		if rapid.Bool().Draw(t, "has answer") {
			p.Coverage[fmt.Sprintf("M10%d", 30+i)] = rapid.SampledFrom(comity.CoverageSteps).Draw(t, "coverage")
		}
	}
	if whole {
		rest(t, &p)
	}
	profile.Sort(&p)
	return p
}

func service(t *rapid.T, e comity.Entropy) comity.Service {
	s := comity.Service{
		ID: comity.MakeServiceID(e), Name: name().Draw(t, "service"), Level: rapid.SampledFrom(comity.Levels).Draw(t, "level"),
	}
	for j := range s.Criticality {
		s.Criticality[j] = rapid.IntRange(0, 4).Draw(t, "grade")
	}
	return s
}

func software(t *rapid.T, e comity.Entropy) comity.Software {
	s := comity.Software{
		ID: comity.MakeSoftwareID(e), Vendor: name().Draw(t, "vendor"), Name: name().Draw(t, "software"),
		Placement: rapid.SampledFrom([]comity.Placement{comity.InternalOnly, comity.InternetFacing}).Draw(t, "placement"),
		CPE:       rapid.SampledFrom([]string{"", "cpe:2.3:a:acme:gate\\:way:1.0:*:*:*:*:*:*:*"}).Draw(t, "cpe"),
		PURL:      rapid.SampledFrom([]string{"", "pkg:deb/debian/openssl@3.0.15?arch=amd64", "pkg:npm/%40scope/name@1.0"}).Draw(t, "purl"),
	}
	if rapid.Bool().Draw(t, "has version") {
		s.Version = name().Draw(t, "version")
	}
	if rapid.Bool().Draw(t, "has day") {
		s.PatchedOn = comity.Date{Year: 2026, Month: 1, Day: rapid.IntRange(1, 31).Draw(t, "day")}
	}
	return s
}

// rest draws what stands in no table.
func rest(t *rapid.T, p *comity.Profile) {
	p.Sectors, p.Regions = words(t, comity.Sectors), words(t, comity.Regions)
	p.OutOfScope = words(t, []comity.ScenarioID{"fraud", "phishing", "ransomware"})
	p.Tolerance = rapid.SampledFrom([]float64{0, 250_000, 0.1}).Draw(t, "tolerance")
	if rapid.Bool().Draw(t, "has bands") {
		p.Bands = &comity.BandTable{}
		p.Bands[1][comity.AreaImage] = comity.Interval{Low: 1000, High: 90_000.5}
	}
}

func words[T ~string](t *rapid.T, all []T) []T {
	var list []T
	for _, w := range all {
		if rapid.Bool().Draw(t, string(w)) {
			list = append(list, w)
		}
	}
	slices.Sort(list)
	return list
}

// name draws names such as people and attackers write.
func name() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		s := rapid.StringOfN(rapid.RuneFrom([]rune("aZ0 é中ع'=+-@,;\"#<&")), 1, 20, -1).Draw(t, "name")
		if s = strings.TrimSpace(s); s == "" {
			return "x"
		}
		return s
	})
}
