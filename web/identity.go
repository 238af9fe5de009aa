package web

import (
	"crypto/rand"
	"fmt"

	"comity"
)

// newID makes an identity of something that somebody enters on a page.
func newID[T ~string](make func(comity.Entropy) T) (T, error) {
	var e comity.Entropy
	if _, err := rand.Read(e[:]); err != nil {
		return "", fmt.Errorf("read entropy: %w", err)
	}
	return make(e), nil
}
