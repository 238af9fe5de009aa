// Package oscal reads and writes catalogues of controls in OSCAL, the Open Security Controls Assessment Language of NIST:
// catalogues as published, and those that a profile was resolved to. The one type to read first is [Catalog].
//
// [Parse] reads JSON and XML within bounds; what is wrong is told with its place. [Write] writes JSON that Parse reads as
// the same. Profiles that are not resolved, component definitions, plans and results are refused by name. It does not check
// a document against the schema: a catalogue that lacks what others must have is read as far as it goes, and whoever uses
// it says what it needs.
//
// Source: OSCAL 1.1.3, catalog model, https://pages.nist.gov/OSCAL/reference/1.1.3/catalog/json-outline/
package oscal

import "strings"

// Bounds of a document. The largest catalogue that NIST publishes, SP 800-53 with all its assessment parts, is 10 MB as
// indented JSON.
const (
	MaxBytes    = 16 << 20
	MaxControls = 20_000
	MaxObjects  = 120_000 // of all kinds; in XML elements
	maxTokens   = 1_500_000
	MaxText     = 64 << 10
	maxDepth    = 40
)

// Catalog is a catalogue of controls.
type Catalog struct {
	UUID     string    `json:"uuid,omitempty"`
	Metadata Metadata  `json:"metadata"`
	Params   []Param   `json:"params,omitempty"`
	Controls []Control `json:"controls,omitempty"` // outside any group
	Groups   []Group   `json:"groups,omitempty"`

	// Form is "json" or "xml"; empty for one that was not read.
	Form string `json:"-"`
}

// Metadata says what a catalogue is.
type Metadata struct {
	Title        string     `json:"title"`
	Published    string     `json:"published,omitempty"`     // RFC 3339
	LastModified string     `json:"last-modified,omitempty"` // RFC 3339
	Version      string     `json:"version"`
	OSCALVersion string     `json:"oscal-version"`
	Props        []Property `json:"props,omitempty"`
}

// Group is a group of controls, or of groups.
type Group struct {
	ID       string     `json:"id,omitempty"`
	Class    string     `json:"class,omitempty"`
	Title    string     `json:"title"`
	Params   []Param    `json:"params,omitempty"`
	Props    []Property `json:"props,omitempty"`
	Parts    []Part     `json:"parts,omitempty"`
	Groups   []Group    `json:"groups,omitempty"`
	Controls []Control  `json:"controls,omitempty"`

	Place string `json:"-"` // where it stood: a JSON pointer, or a line such as "line 12"
}

// Control is a requirement. The controls in it are its enhancements.
type Control struct {
	ID       string     `json:"id"`
	Class    string     `json:"class,omitempty"`
	Title    string     `json:"title"`
	Params   []Param    `json:"params,omitempty"`
	Props    []Property `json:"props,omitempty"`
	Links    []Link     `json:"links,omitempty"`
	Parts    []Part     `json:"parts,omitempty"`
	Controls []Control  `json:"controls,omitempty"`

	Place string `json:"-"` // as of a Group
}

// Property is a name with a value. The same name in another name space is another property.
type Property struct {
	Name  string `json:"name"`
	NS    string `json:"ns,omitempty"` // empty: OSCAL's own
	Value string `json:"value"`
	Class string `json:"class,omitempty"`
}

// Link is a reference, such as to the control that a withdrawn one went into.
type Link struct {
	Href string `json:"href"`
	Rel  string `json:"rel,omitempty"`
}

// Part is a piece of text with the parts below it.
type Part struct {
	ID    string     `json:"id,omitempty"`
	Name  string     `json:"name"` // "statement", "item", "guidance" …
	Title string     `json:"title,omitempty"`
	Props []Property `json:"props,omitempty"`
	Prose string     `json:"prose,omitempty"` // Markdown; parameters stand in it as {{ insert: param, ID }}
	Parts []Part     `json:"parts,omitempty"`
}

// Param is something that a statement leaves open.
type Param struct {
	ID     string     `json:"id"`
	Label  string     `json:"label,omitempty"`
	Values []string   `json:"values,omitempty"`
	Select *Selection `json:"select,omitempty"`
}

// Selection is a parameter that is chosen from a list.
type Selection struct {
	HowMany string   `json:"how-many,omitempty"` // "one" (the default) or "one-or-more"
	Choice  []string `json:"choice,omitempty"`
}

// Value returns the value of the first property of OSCAL's own name space with this name and class.
func Value(props []Property, name, class string) string {
	for _, p := range props {
		if p.Name == name && p.Class == class && (p.NS == "" || p.NS == "http://csrc.nist.gov/ns/oscal") {
			return p.Value
		}
	}
	return ""
}

// Withdrawn reports whether the control is there only to say where it went.
func (c Control) Withdrawn() bool {
	for _, p := range c.Props {
		if p.Name == "status" && strings.EqualFold(strings.TrimSpace(p.Value), "withdrawn") {
			return true
		}
	}
	return false
}

// Each calls do for every control, those in it after it, in the order of the document.
func (c *Catalog) Each(do func(*Control)) {
	eachControl(c.Controls, do)
	eachGroup(c.Groups, do)
}

func eachGroup(groups []Group, do func(*Control)) {
	for i := range groups {
		eachControl(groups[i].Controls, do)
		eachGroup(groups[i].Groups, do)
	}
}

func eachControl(controls []Control, do func(*Control)) {
	for i := range controls {
		do(&controls[i])
		eachControl(controls[i].Controls, do)
	}
}
