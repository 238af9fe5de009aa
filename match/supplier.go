package match

import (
	"strings"

	"comity"
)

// supplier is a supplier of the profile with its name as it is compared.
type supplier struct {
	comity.Supplier
	name string
}

// compromise joins a compromised supplier with the suppliers of the profile. Equal names decide with high confidence; a
// name that stands whole inside the other only makes it low.
func (m *Matcher) compromise(c *comity.Compromise) []comity.Match {
	name := comity.NormalName(c.Supplier)
	var found []comity.Match
	for _, s := range m.suppliers {
		confidence := sameSupplier(name, s.name)
		if confidence == "" {
			continue
		}
		found = append(found, comity.Match{
			Kind: comity.MatchSupplier, Supplier: s.ID, Subject: s.Name, Confidence: confidence, Exposed: 1,
			Scenarios: c.Scenarios,
			Reasons:   []comity.Reason{reason("supplier-name", "supplier", c.Supplier)},
		})
	}
	return found
}

// shortestSupplier is how many letters a name needs to be looked for inside another: "IT" stands in too many.
const shortestSupplier = 4

func sameSupplier(a, b string) comity.Confidence {
	switch {
	case a == "" || b == "":
		return ""
	case a == b:
		return comity.ConfidenceHigh
	case len(a) >= shortestSupplier && wholeWords(b, a), len(b) >= shortestSupplier && wholeWords(a, b):
		return comity.ConfidenceLow
	default:
		return ""
	}
}

// wholeWords reports whether the words of part stand in text, one after the other. Both are normal names.
func wholeWords(text, part string) bool {
	return !allGeneric(strings.Fields(part)) && strings.Contains(" "+text+" ", " "+part+" ")
}
