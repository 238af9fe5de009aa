package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"comity"
	"comity/intake/profile"
	"comity/intake/profilefile"
)

// draft is an import that somebody looks at before it is saved: what was read of the file, and what they decided. It is
// kept by the store for the person alone, for an hour at most, so that what is confirmed is what was shown.
type draft struct {
	Name      string           `json:"name"` // of the file; empty: pasted
	File      profilefile.File `json:"file"`
	Mode      profile.Mode     `json:"mode"`
	Placement comity.Placement `json:"placement"`
	Classes   []profile.Class  `json:"classes"`
	Leave     bool             `json:"leave"` // rows with problems are left out
}

// outcome is what an import would do to a profile.
type outcome struct {
	after       comity.Profile
	effects     profile.Effects
	differences []profile.Difference
}

// apply returns what the draft makes of a profile. Lines of the profile that the file does not name are no difference.
func (d draft) apply(p comity.Profile) outcome {
	after, effects := profile.Apply(p, d.File.Document.Only(d.Classes), profile.Choice{Mode: d.Mode, Placement: d.Placement})
	return outcome{after, effects, profile.Compare(p, after)}
}

// fatal reports whether nothing can be taken of the file.
func (d draft) fatal() bool {
	return slices.ContainsFunc(d.File.Problems, profile.Problem.Fatal)
}

// saveable reports whether the draft may be saved: without problems, or with their rows left out.
func (d draft) saveable() bool {
	return len(d.File.Problems) == 0 || d.Leave && !d.fatal()
}

// result names an outcome: the hash of the profile that it makes, with the revision that it was made on.
func (o outcome) result() (string, error) {
	text, err := json.Marshal(o.after)
	if err != nil {
		return "", fmt.Errorf("encode profile: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

func (c *call) putDraft(d draft) error {
	body, err := packed(d)
	if err != nil {
		return err
	}
	return c.site.store.PutProfileDraft(c.ctx(), c.viewer, body, c.site.now())
}

// draft returns what the viewer began to import; NotFound if there is nothing.
func (c *call) draft() (draft, error) {
	body, err := c.site.store.ProfileDraft(c.ctx(), c.viewer, c.site.now())
	if err != nil {
		return draft{}, err
	}
	return unpacked[draft](body)
}

// packed returns what is kept of an import until it is confirmed, as JSON in gzip.
func packed(draft any) ([]byte, error) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if err := json.NewEncoder(w).Encode(draft); err != nil {
		return nil, fmt.Errorf("encode draft: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("pack draft: %w", err)
	}
	return b.Bytes(), nil
}

// unpacked returns what packed was given.
func unpacked[T any](body []byte) (T, error) {
	var draft T
	r, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return draft, fmt.Errorf("unpack draft: %w", err)
	}
	if err := json.NewDecoder(r).Decode(&draft); err != nil {
		return draft, fmt.Errorf("decode draft: %w", err)
	}
	return draft, nil
}
