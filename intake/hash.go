package intake

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/go-json-experiment/json/jsontext"
)

// Hash returns the SHA-256 of a JSON value, hex: the same whatever the white space, escapes and order of members, another
// one as soon as any field differs. Numbers count as they are written, since the shortest form of RFC 8785 makes some that
// differ equal.
func Hash(value jsontext.Value) (string, error) {
	canonical := value.Clone()
	if err := canonical.Canonicalize(jsontext.CanonicalizeRawInts(false), jsontext.CanonicalizeRawFloats(false)); err != nil {
		return "", err
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:]), nil
}
