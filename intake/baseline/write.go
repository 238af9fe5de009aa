package baseline

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"

	"comity"
	"comity/exchange/oscal"
)

// WriteOSCAL writes a baseline as an OSCAL catalogue in JSON that Parse reads with the same controls. Statements have their
// parameters put in already.
func WriteOSCAL(w io.Writer, b comity.Baseline) error {
	c := oscal.Catalog{UUID: identity(b), Metadata: oscal.Metadata{
		Title: b.Title, Version: b.Version, OSCALVersion: "1.1.3", LastModified: moment(b), Published: published(b),
	}}
	class := ""
	if b.Framework == comity.FrameworkSP80053 {
		class = "SP800-53"
	}
	for _, g := range b.Groups {
		group := oscal.Group{ID: g.ID, Title: g.Title, Controls: controlsOf(rooted(g.Controls), "", class)}
		if g.Text != "" {
			group.Parts = []oscal.Part{{Name: "overview", Prose: g.Text}}
		}
		last := len(c.Groups) - 1
		switch {
		case g.Within == "":
			c.Groups = append(c.Groups, group)
		case last >= 0 && c.Groups[last].Title == g.Within && len(c.Groups[last].Controls) == 0:
			c.Groups[last].Groups = append(c.Groups[last].Groups, group)
		default:
			c.Groups = append(c.Groups, oscal.Group{Title: g.Within, Groups: []oscal.Group{group}})
		}
	}
	return oscal.Write(w, &c)
}

// rooted returns the controls of a group; one that enhances a control of another group stands by itself.
func rooted(controls []comity.BaselineControl) []comity.BaselineControl {
	here := map[string]bool{}
	for _, c := range controls {
		here[c.ID] = true
	}
	list := slices.Clone(controls)
	for i, c := range list {
		if !here[c.Parent] {
			list[i].Parent = ""
		}
	}
	return list
}

// controlsOf returns the controls under one parent, each with its enhancements.
func controlsOf(all []comity.BaselineControl, parent, class string) []oscal.Control {
	var list []oscal.Control
	for _, c := range all {
		if c.Parent != parent {
			continue
		}
		control := oscal.Control{ID: c.ID, Class: class, Title: c.Title, Controls: controlsOf(all, c.ID, class)}
		if c.Label != "" {
			control.Props = []oscal.Property{{Name: "label", Value: c.Label}}
		}
		if c.Text != "" {
			control.Parts = []oscal.Part{{Name: "statement", Prose: c.Text}}
		}
		list = append(list, control)
	}
	return list
}

// identity returns a UUID that is the same for the same revision of a baseline. Source: RFC 9562, version 8.
func identity(b comity.Baseline) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", b.ID, b.Revision))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	s := hex.EncodeToString(sum[:16])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

func moment(b comity.Baseline) string {
	if b.Imported.IsZero() {
		return published(b)
	}
	return b.Imported.UTC().Format("2006-01-02T15:04:05Z")
}

func published(b comity.Baseline) string {
	if b.Published.IsZero() {
		return ""
	}
	return b.Published.String() + "T00:00:00Z"
}
