package aggregate

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"comity"
)

// Hash returns the SHA-256, in hex, of the canonical JSON of the release without its hash: keys sorted, no space, numbers
// as written, text not escaped for HTML. Absent and empty lists are the same, so that storing does not change it.
func Hash(r comity.Release) string {
	if r.Cohort == nil {
		r.Cohort = []comity.OrgID{}
	}
	if r.Figures == nil {
		r.Figures = []comity.Figure{}
	}
	if r.Curve == nil {
		r.Curve = []comity.LossPoint{}
	}
	sum := sha256.Sum256(canonical(r))
	return hex.EncodeToString(sum[:])
}

// canonical returns what is hashed. It cannot fail on a release, which has only finite numbers and text.
func canonical(r comity.Release) []byte {
	written, err := json.Marshal(r)
	if err != nil {
		panic("aggregate: a release that is no JSON: " + err.Error())
	}
	var fields map[string]any
	decoder := json.NewDecoder(bytes.NewReader(written))
	decoder.UseNumber()
	if err := decoder.Decode(&fields); err != nil {
		panic("aggregate: a release that is no JSON object: " + err.Error())
	}
	delete(fields, "hash")
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(fields); err != nil {
		panic("aggregate: canonical form: " + err.Error())
	}
	return bytes.TrimSpace(out.Bytes())
}
