package cyclonedx

import (
	"bufio"
	"encoding/json"
	"io"
	"strings"

	"comity"
)

// bill and the types below are what is written.
type bill struct {
	Format     string        `json:"bomFormat"`
	Version    string        `json:"specVersion"`
	Revision   int           `json:"version"`
	Components []billElement `json:"components"`
}

type billElement struct {
	Type       string         `json:"type"`
	Ref        string         `json:"bom-ref"`
	Supplier   billSupplier   `json:"supplier"`
	Name       string         `json:"name"`
	Version    string         `json:"version,omitempty"`
	CPE        string         `json:"cpe,omitempty"`
	PURL       string         `json:"purl,omitempty"`
	Properties []billProperty `json:"properties"`
}

type billSupplier struct {
	Name string `json:"name"`
}

type billProperty struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Write writes the software of a profile as CycloneDX 1.6 JSON that ParseJSON reads and profile.Apply finds equal. The rest
// of the profile has no place in it.
func Write(w io.Writer, p comity.Profile) error {
	b := bill{Format: "CycloneDX", Version: "1.6", Revision: max(p.Revision, 1), Components: make([]billElement, 0, len(p.Software))}
	for _, s := range p.Software {
		e := billElement{
			Type: typeOf(s), Ref: string(s.ID), Supplier: billSupplier{s.Vendor}, Name: s.Name, Version: s.Version, CPE: s.CPE, PURL: s.PURL,
			Properties: []billProperty{{propertyID, string(s.ID)}, {propertyPlacement, string(s.Placement)}},
		}
		if !s.PatchedOn.IsZero() {
			e.Properties = append(e.Properties, billProperty{propertyPatchedOn, s.PatchedOn.String()})
		}
		b.Components = append(b.Components, e)
	}
	out := bufio.NewWriter(w)
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(b); err != nil {
		return err
	}
	return out.Flush()
}

// typeOf is the type of component that software is, as far as a profile tells.
func typeOf(s comity.Software) string {
	switch {
	case strings.HasPrefix(s.CPE, cpePrefix+"o:"):
		return "operating-system"
	case strings.HasPrefix(s.CPE, cpePrefix+"h:"):
		return "device"
	case s.PURL != "":
		return "library"
	default:
		return "application"
	}
}
