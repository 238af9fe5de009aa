package assess

import (
	"sync"

	"comity"
	"comity/assess/catalogue"
)

// defaultCatalogue reads the catalogue once.
var defaultCatalogue = sync.OnceValue(catalogue.Default)

// DefaultCatalogue returns the scenarios, strengths, bands and tolerance that Comity comes with, as catalogue.Default
// says. Nobody changes what it returns.
func DefaultCatalogue() comity.Catalogue { return defaultCatalogue() }

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
