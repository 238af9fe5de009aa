package baseline

import (
	"cmp"
	"strconv"
	"strings"

	"comity"
	"comity/exchange/oscal"
)

// catalog takes the groups and controls of a catalogue.
//
// A control of class "category" is a heading that holds requirements (CSF), so that it becomes a group. Enhancements
// follow the control that they enhance. Controls that are withdrawn are left out and counted, with what stands in them.
func (p *parser) catalog(c *oscal.Catalog) {
	m := c.Metadata
	p.out.Title, p.out.Version = m.Title, m.Version
	day := cmp.Or(m.Published, m.LastModified)
	if published, err := comity.ParseDate(day[:min(len(day), len("2006-01-02"))]); err == nil {
		p.out.Published = published
	}
	p.out.Framework = frameworkOf(c)
	r := &catalogReader{parser: p, resolver: c.Resolver(), bare: isCSF2(m)}
	if len(c.Controls) > 0 {
		p.group(comity.BaselineGroup{ID: "controls", Title: line(m.Title)})
		r.controls(c.Controls, "")
	}
	for _, g := range c.Groups {
		r.group(g, "")
	}
	if r.superseded > 0 {
		p.fail(Problem{Code: Superseded, Value: strconv.Itoa(r.superseded)})
	}
	p.dropEmpty()
}

// frameworkOf recognises SP 800-53 revision 5 by the class that NIST gives its controls.
func frameworkOf(c *oscal.Catalog) string {
	all, ours := 0, 0
	c.Each(func(control *oscal.Control) {
		all++
		if strings.HasPrefix(control.Class, "SP800-53") {
			ours++
		}
	})
	if all > 0 && all == ours && strings.Contains(c.Metadata.Title, "Revision 5") {
		return comity.FrameworkSP80053
	}
	return ""
}

// isCSF2 recognises the Cybersecurity Framework 2.0. As NIST publishes it in OSCAL 1.1.3 it carries over 12 categories and
// 79 subcategories of version 1.1 that are withdrawn, and does not mark them: the categories have no statement, the
// subcategories no implementation example, which all 106 in force have (counted in the file, and as CSWP 29 says).
func isCSF2(m oscal.Metadata) bool {
	for _, p := range m.Props {
		if p.Name == "framework-version-identifier" && p.Value == "CSF_2_0_0" {
			return true
		}
	}
	return false
}

// catalogReader turns groups and controls into ours.
type catalogReader struct {
	*parser
	resolver   *oscal.Resolver
	bare       bool // what has no example is not in force
	superseded int
	groups     int
}

func (r *catalogReader) group(g oscal.Group, within string) {
	if len(g.Controls) > 0 {
		text, _ := r.resolver.Text(g.Parts, "overview")
		r.open(g.ID, g.Title, within, text)
		r.controls(g.Controls, "")
	}
	for _, inner := range g.Groups {
		r.group(inner, line(g.Title))
	}
}

// open begins a group. One without identity, or with that of another, gets a number.
func (r *catalogReader) open(id, title, within, text string) {
	r.groups++
	id = line(id)
	if _, taken := r.out.Group(id); taken || !isID(id) || id == "" {
		id = "group-" + strconv.Itoa(r.groups)
	}
	r.parser.group(comity.BaselineGroup{
		ID: id, Title: shorten(line(cmp.Or(title, id)), maxTitle), Within: shorten(line(within), maxTitle), Text: shorten(lines(text), comity.MaxBaselineText/4),
	})
}

func (r *catalogReader) controls(controls []oscal.Control, parent string) {
	around := r.out.Groups[len(r.out.Groups)-1]
	for _, c := range controls {
		switch {
		case c.Withdrawn():
			r.out.Withdrawn += 1 + below(c)
		case c.Class == "category":
			r.category(c, around)
		case r.bare && !hasPart(c, "example"):
			r.out.Withdrawn += 1 + below(c)
			r.superseded += 1 + below(c)
		default:
			r.requirement(c, parent)
		}
	}
}

// category makes a group of a control that is a heading.
func (r *catalogReader) category(c oscal.Control, around comity.BaselineGroup) {
	text, _ := r.resolver.Text(c.Parts, "statement")
	if r.bare && text == "" {
		r.out.Withdrawn += 1 + below(c)
		r.superseded += 1 + below(c)
		return
	}
	r.open(c.ID, c.Title, around.Title, text)
	r.controls(c.Controls, "")
}

func (r *catalogReader) requirement(c oscal.Control, parent string) {
	text, cut := r.resolver.Text(c.Parts, "statement")
	if cut {
		r.fail(Problem{Place: c.Place, Field: "text", Code: Cut, Value: c.ID})
	}
	id := strings.TrimSpace(c.ID)
	r.control(c.Place, comity.BaselineControl{
		ID: id, Label: line(oscal.Value(c.Props, "label", "")), Title: line(c.Title), Text: lines(text), Parent: parent,
	})
	r.controls(c.Controls, id)
}

func below(c oscal.Control) int {
	n := len(c.Controls)
	for _, inner := range c.Controls {
		n += below(inner)
	}
	return n
}

func hasPart(c oscal.Control, name string) bool {
	for _, p := range c.Parts {
		if p.Name == name {
			return true
		}
	}
	return false
}
