package oscal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Error says why a document is no catalogue, and where.
type Error struct {
	Place  string // a JSON pointer, or a line such as "line 12"; empty: the document as a whole
	Reason string
	Large  bool // a bound was passed; else the document is wrong
}

// Error implements error.
func (e *Error) Error() string {
	if e.Place == "" {
		return "OSCAL catalogue: " + e.Reason
	}
	return fmt.Sprintf("OSCAL catalogue, at %s: %s", e.Place, e.Reason)
}

func wrong(place, format string, args ...any) error {
	return &Error{Place: place, Reason: fmt.Sprintf(format, args...)}
}

func large(place, format string, args ...any) error {
	return &Error{Place: place, Reason: fmt.Sprintf(format, args...), Large: true}
}

// Parse reads a catalogue in JSON or XML, whichever it is by its first character. The error is an *Error, or that of the
// reader.
func Parse(r io.Reader) (*Catalog, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the catalogue: %w", err)
	}
	return ParseBytes(data)
}

// ParseBytes is Parse of a document that is held already.
func ParseBytes(data []byte) (*Catalog, error) {
	if len(data) > MaxBytes {
		return nil, large("", "it is larger than %d MB", MaxBytes>>20)
	}
	data = bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\uFEFF")), " \t\r\n")
	if len(data) == 0 {
		return nil, wrong("", "it is empty")
	}
	var c *Catalog
	var err error
	switch data[0] {
	case '{':
		c, err = parseJSON(data)
	case '<':
		c, err = parseXML(data)
	default:
		return nil, wrong("", "it is neither JSON nor XML")
	}
	if err != nil {
		return nil, err
	}
	return c, c.check()
}

// others are the documents of OSCAL that hold no controls of their own, with what to do about it.
var others = map[string]string{
	"profile":                       "it is a profile that is not resolved: take the resolved catalogue of it",
	"component-definition":          "it is a definition of components, not a catalogue",
	"system-security-plan":          "it is a system security plan, not a catalogue",
	"assessment-plan":               "it is an assessment plan, not a catalogue",
	"assessment-results":            "it holds assessment results, not a catalogue",
	"plan-of-action-and-milestones": "it is a plan of action, not a catalogue",
	"mapping-collection":            "it is a collection of mappings, not a catalogue",
}

func refused(root string) error {
	if reason, ok := others[root]; ok {
		return wrong("", "%s", reason)
	}
	return wrong("", "its root is %.60q, want \"catalog\"", root)
}

// check holds the bounds that keep what follows from working without end.
func (c *Catalog) check() error {
	left := counts{controls: MaxControls, others: MaxObjects}
	if err := left.controlsIn(c.Controls, 1); err != nil {
		return err
	}
	return left.groupsIn(c.Groups, 1)
}

// counts are how many there may still be.
type counts struct{ controls, others int }

var errMany = errors.New("too many")

func (n *counts) groupsIn(groups []Group, depth int) error {
	for _, g := range groups {
		if n.others--; n.others < 0 || depth > maxDepth {
			return large(g.Place, "more than %d groups and parts, or nested more than %d deep", MaxObjects, maxDepth)
		}
		if n.partsIn(g.Parts, depth) != nil {
			return large(g.Place, "parts nested too deeply, or too many of them")
		}
		if err := n.controlsIn(g.Controls, depth+1); err != nil {
			return err
		}
		if err := n.groupsIn(g.Groups, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (n *counts) controlsIn(controls []Control, depth int) error {
	for _, c := range controls {
		if n.controls--; n.controls < 0 || depth > maxDepth {
			return large(c.Place, "more than %d controls, or nested more than %d deep", MaxControls, maxDepth)
		}
		if n.partsIn(c.Parts, depth) != nil {
			return large(c.Place, "parts nested too deeply, or too many of them")
		}
		if err := n.controlsIn(c.Controls, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (n *counts) partsIn(parts []Part, depth int) error {
	for _, p := range parts {
		if n.others--; n.others < 0 || depth > maxDepth {
			return errMany
		}
		if err := n.partsIn(p.Parts, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// squeezed returns a text with every run of white space as one space.
func squeezed(s string) string { return strings.Join(strings.Fields(s), " ") }
