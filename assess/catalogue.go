package assess

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"

	"comity"
)

//go:embed catalogue.json
var catalogueJSON []byte

// DefaultCatalogue returns the scenarios, strengths, bands and tolerance that Comity comes with. Its numbers are
// hypotheses: each rate says what it rests on, shares, strengths and bands are our judgement. A group that knows better
// brings its own.
//
// The rates are set so that an organisation of middling criticality and coverage expects 0.10 to 0.25 significant
// incidents a year, which is what bodies that count them report; a test holds that. The techniques and mitigations are
// of ATT&CK v18.1.
func DefaultCatalogue() comity.Catalogue {
	c, err := parseCatalogue(catalogueJSON)
	if err != nil {
		panic("assess: the catalogue that comes with Comity: " + err.Error()) // our own mistake; a test holds it
	}
	return c
}

// scenarioFile is a scenario as it stands in the file: properties by name.
type scenarioFile struct {
	comity.Scenario
	Hits []string `json:"hits"`
}

func parseCatalogue(data []byte) (comity.Catalogue, error) {
	var file struct {
		comity.Catalogue
		Scenarios []scenarioFile `json:"scenarios"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return comity.Catalogue{}, fmt.Errorf("read catalogue: %w", err)
	}
	c := file.Catalogue
	c.Scenarios = nil
	for _, s := range file.Scenarios {
		for _, name := range s.Hits {
			i := slices.IndexFunc(comity.Properties[:], func(p comity.Property) bool { return p.String() == name })
			if i < 0 {
				return comity.Catalogue{}, fmt.Errorf("scenario %s: unknown property %q", s.ID, name)
			}
			s.Properties |= comity.MaskOf(comity.Properties[i])
		}
		c.Scenarios = append(c.Scenarios, s.Scenario)
	}
	return c, validateCatalogue(c)
}
