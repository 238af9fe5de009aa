package oscal

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

const space = "http://csrc.nist.gov/ns/oscal/1.0"

// markup reads XML element by element.
type markup struct {
	d     *xml.Decoder
	depth int
	left  int // elements that may still come

	controls int // that may still come
}

func parseXML(data []byte) (*Catalog, error) {
	m := &markup{d: xml.NewDecoder(bytes.NewReader(data)), left: 2 * MaxObjects, controls: MaxControls}
	root, err := m.root()
	if err != nil {
		return nil, m.told(err)
	}
	if root.Name.Local != "catalog" {
		return nil, refused(root.Name.Local)
	}
	if root.Name.Space != space {
		return nil, wrong(m.place(), "its name space is %.80q, want %q", root.Name.Space, space)
	}
	c := &Catalog{Form: "xml", UUID: attribute(root, "uuid")}
	if err := m.catalog(c); err != nil {
		return nil, m.told(err)
	}
	return c, m.end()
}

// next returns the next start, end or text. A document type is refused, so that no entity is ever expanded.
func (m *markup) next() (xml.Token, error) {
	for {
		token, err := m.d.Token()
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if m.depth++; m.depth > 3*maxDepth {
				return nil, large(m.place(), "nested more than %d deep", 3*maxDepth)
			}
			if m.left--; m.left < 0 {
				return nil, large(m.place(), "too many elements")
			}
			return token, nil
		case xml.EndElement:
			m.depth--
			return token, nil
		case xml.CharData:
			return token, nil
		case xml.Directive:
			return nil, wrong(m.place(), "a document type has no place here")
		}
	}
}

func (m *markup) root() (xml.StartElement, error) {
	for {
		token, err := m.next()
		if err != nil {
			return xml.StartElement{}, err
		}
		if start, ok := token.(xml.StartElement); ok {
			return start, nil
		}
	}
}

// end makes sure that nothing follows the root.
func (m *markup) end() error {
	for {
		token, err := m.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return m.told(err)
		}
		if _, ok := token.(xml.StartElement); ok {
			return wrong(m.place(), "something follows the catalogue")
		}
	}
}

func (m *markup) place() string {
	line, _ := m.d.InputPos()
	return fmt.Sprintf("line %d", line)
}

// told says what is wrong, and in which line.
func (m *markup) told(err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if e, ok := errors.AsType[*xml.SyntaxError](err); ok {
		return wrong(fmt.Sprintf("line %d", e.Line), "%s", e.Msg)
	}
	if errors.Is(err, io.EOF) {
		return wrong(m.place(), "there is no element")
	}
	return wrong(m.place(), "%s", err)
}

// children reads to the end of the element that was opened last; do must read each element in it to its end.
func (m *markup) children(do func(xml.StartElement) error) error {
	for {
		token, err := m.next()
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.EndElement:
			return nil
		case xml.StartElement:
			if err := do(token); err != nil {
				return err
			}
		}
	}
}

func (m *markup) skip() error { return m.children(func(xml.StartElement) error { return m.skip() }) }

// line reads the element that was opened last as one line of text.
func (m *markup) line() (string, error) {
	text, err := m.inline()
	return squeezed(text), err
}

// inline reads the mixed content of an element as Markdown: emphasis is dropped, parameters stand as JSON has them.
func (m *markup) inline() (string, error) {
	var b strings.Builder
	for {
		token, err := m.next()
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.EndElement:
			return b.String(), nil
		case xml.CharData:
			b.Write(token)
		case xml.StartElement:
			if token.Name.Local == "insert" {
				fmt.Fprintf(&b, "{{ insert: %s, %s }}", attribute(token, "type"), attribute(token, "id-ref"))
			}
			text, err := m.inline()
			if err != nil {
				return "", err
			}
			b.WriteString(text)
		}
		if b.Len() > MaxText {
			return "", large(m.place(), "a text of more than %d bytes", MaxText)
		}
	}
}

// block reads one element of text, of one or several paragraphs.
func (m *markup) block(start xml.StartElement) (string, error) {
	switch start.Name.Local {
	case "ul", "ol":
		var lines []string
		err := m.children(func(item xml.StartElement) error {
			text, err := m.line()
			if text != "" {
				lines = append(lines, "- "+text)
			}
			return err
		})
		return strings.Join(lines, "\n"), err
	default:
		return m.line()
	}
}

// isText are the elements that hold prose.
var isText = map[string]bool{
	"p": true, "ul": true, "ol": true, "h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "pre": true, "blockquote": true, "table": true,
}

func (m *markup) catalog(c *Catalog) error {
	return m.children(func(start xml.StartElement) (err error) {
		switch start.Name.Local {
		case "metadata":
			return m.metadata(&c.Metadata)
		case "param":
			c.Params, err = appended(c.Params, start, m.param)
		case "group":
			c.Groups, err = appended(c.Groups, start, m.group)
		case "control":
			c.Controls, err = appended(c.Controls, start, m.control)
		default:
			err = m.skip()
		}
		return err
	})
}

// appended reads one more element of a list.
func appended[T any](list []T, start xml.StartElement, read func(xml.StartElement) (T, error)) ([]T, error) {
	item, err := read(start)
	return append(list, item), err
}

func (m *markup) metadata(d *Metadata) error {
	return m.children(func(start xml.StartElement) (err error) {
		switch start.Name.Local {
		case "title":
			d.Title, err = m.line()
		case "published":
			d.Published, err = m.line()
		case "last-modified":
			d.LastModified, err = m.line()
		case "version":
			d.Version, err = m.line()
		case "oscal-version":
			d.OSCALVersion, err = m.line()
		case "prop":
			d.Props, err = appended(d.Props, start, m.prop)
		default:
			err = m.skip()
		}
		return err
	})
}

func (m *markup) prop(start xml.StartElement) (Property, error) {
	p := Property{Name: attribute(start, "name"), NS: attribute(start, "ns"), Value: attribute(start, "value"), Class: attribute(start, "class")}
	return p, m.skip()
}

func (m *markup) link(start xml.StartElement) (Link, error) {
	return Link{Href: attribute(start, "href"), Rel: attribute(start, "rel")}, m.skip()
}

func (m *markup) group(start xml.StartElement) (Group, error) {
	g := Group{ID: attribute(start, "id"), Class: attribute(start, "class"), Place: m.place()}
	err := m.children(func(start xml.StartElement) (err error) {
		switch start.Name.Local {
		case "title":
			g.Title, err = m.line()
		case "param":
			g.Params, err = appended(g.Params, start, m.param)
		case "prop":
			g.Props, err = appended(g.Props, start, m.prop)
		case "part":
			g.Parts, err = appended(g.Parts, start, m.part)
		case "group":
			g.Groups, err = appended(g.Groups, start, m.group)
		case "control":
			g.Controls, err = appended(g.Controls, start, m.control)
		default:
			err = m.skip()
		}
		return err
	})
	return g, err
}

func (m *markup) control(start xml.StartElement) (Control, error) {
	c := Control{ID: attribute(start, "id"), Class: attribute(start, "class"), Place: m.place()}
	if m.controls--; m.controls < 0 {
		return c, large(c.Place, "more than %d controls", MaxControls)
	}
	err := m.children(func(start xml.StartElement) (err error) {
		switch start.Name.Local {
		case "title":
			c.Title, err = m.line()
		case "param":
			c.Params, err = appended(c.Params, start, m.param)
		case "prop":
			c.Props, err = appended(c.Props, start, m.prop)
		case "link":
			c.Links, err = appended(c.Links, start, m.link)
		case "part":
			c.Parts, err = appended(c.Parts, start, m.part)
		case "control":
			c.Controls, err = appended(c.Controls, start, m.control)
		default:
			err = m.skip()
		}
		return err
	})
	return c, err
}

func (m *markup) part(start xml.StartElement) (Part, error) {
	p := Part{ID: attribute(start, "id"), Name: attribute(start, "name")}
	var prose []string
	err := m.children(func(start xml.StartElement) (err error) {
		switch name := start.Name.Local; {
		case name == "title":
			p.Title, err = m.line()
		case name == "prop":
			p.Props, err = appended(p.Props, start, m.prop)
		case name == "part":
			p.Parts, err = appended(p.Parts, start, m.part)
		case isText[name]:
			var text string
			if text, err = m.block(start); text != "" {
				prose = append(prose, text)
			}
		default:
			err = m.skip()
		}
		return err
	})
	p.Prose = strings.Join(prose, "\n\n")
	return p, err
}

func (m *markup) param(start xml.StartElement) (Param, error) {
	p := Param{ID: attribute(start, "id")}
	err := m.children(func(start xml.StartElement) (err error) {
		switch start.Name.Local {
		case "label":
			p.Label, err = m.line()
		case "value":
			var value string
			value, err = m.line()
			p.Values = append(p.Values, value)
		case "select":
			p.Select = &Selection{HowMany: attribute(start, "how-many")}
			err = m.children(func(xml.StartElement) error {
				choice, err := m.line()
				p.Select.Choice = append(p.Select.Choice, choice)
				return err
			})
		default:
			err = m.skip()
		}
		return err
	})
	return p, err
}

// attribute returns the value of an attribute without name space, empty if it is not there.
func attribute(start xml.StartElement, name string) string {
	for _, a := range start.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}
