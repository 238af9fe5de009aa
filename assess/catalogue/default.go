package catalogue

import (
	"bytes"
	_ "embed"

	"comity"
)

//go:embed catalogue.json
var embedded []byte

// Schema is the JSON Schema of the document.
//
//go:embed schema.json
var Schema []byte

// Default returns the scenarios, strengths, bands and tolerance that Comity comes with: version 1 of every group. Its
// numbers are hypotheses: each rate says what it rests on, shares, strengths and bands are our judgement. A group that
// knows better adopts its own.
//
// The rates are set so that an organisation of middling criticality and coverage expects 0.10 to 0.25 significant
// incidents a year, which is what bodies that count them report; a test holds that. The techniques and mitigations are
// of ATT&CK v18.1.
func Default() comity.Catalogue {
	c, err := Parse(bytes.NewReader(embedded), comity.Knowledge{})
	if err != nil {
		panic("catalogue: the one that comes with Comity: " + err.Error()) // our own mistake; a test holds it
	}
	return c
}
