package assess

import (
	"comity"
	"comity/assess/catalogue"
)

// DefaultCatalogue returns the scenarios, strengths, bands and tolerance that Comity comes with, as catalogue.Default
// says. Each call reads them anew: what it returns is the caller's.
func DefaultCatalogue() comity.Catalogue { return catalogue.Default() }

// middlingCoverage is the coverage of every mitigation in the middling organisation.
const middlingCoverage = 0.5

// Middling returns the profile of an organisation that nobody is: three typical services and half coverage of every
// mitigation of these catalogues. Catalogues are compared on it.
func Middling(catalogues ...comity.Catalogue) comity.Profile {
	p := comity.Profile{Services: assumedServices, OutOfScope: []comity.ScenarioID{}, Coverage: map[string]float64{}}
	for _, c := range catalogues {
		for code := range c.Strength {
			p.Coverage[code] = middlingCoverage
		}
	}
	return p
}
