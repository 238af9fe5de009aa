package cyclonedx

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"comity/intake/markup"
	"comity/intake/profile"
)

// namespace is that of the documents, with the version after it.
const namespace = "http://cyclonedx.org/schema/bom/"

// ParseXML reads a document: the software that is right, and all that is wrong with the rest, by the path of elements. The
// error is that of the reader alone.
func ParseXML(r io.Reader, o profile.Options) (profile.Document, []profile.Problem, error) {
	check := profile.NewChecker(o)
	data, err := read(r, check)
	if err != nil {
		return profile.Document{}, nil, err
	}
	if data != nil {
		x := &xmlReader{document: document{check: check}, r: markup.New(bytes.NewReader(data))}
		if err := x.read(); err != nil {
			check.Fail(profile.Place{}, "", profile.Unreadable, x.told(err))
		} else {
			x.end(x.version)
		}
	}
	d, problems := check.Document()
	return d, problems, nil
}

// xmlReader reads one document token by token, so that nothing but what is kept is held.
type xmlReader struct {
	document
	r       *markup.Reader
	path    []step
	version string
}

// step is an element that is open.
type step struct {
	name       string
	index      int // of a component among those of the same element, from 1
	components int // read inside it so far
}

// told says what is wrong, with its place.
func (x *xmlReader) told(err error) string {
	if form, ok := errors.AsType[markup.Error](err); ok && len(x.path) > 0 {
		err = markup.Error("at " + x.place() + ": " + string(form))
	}
	return x.r.Told(err)
}

// place is the path of the element that the decoder is in, such as "/bom/components/component[4]".
func (x *xmlReader) place() string {
	var b strings.Builder
	for _, s := range x.path {
		b.WriteString("/" + s.name)
		if s.index > 0 {
			fmt.Fprintf(&b, "[%d]", s.index)
		}
	}
	return b.String()
}

func (x *xmlReader) read() error {
	start, err := x.r.Root()
	if err != nil {
		return err
	}
	if start.Name.Local != "bom" || !strings.HasPrefix(start.Name.Space, namespace) {
		return markup.Error(fmt.Sprintf("the element %.60q of %.60q is not CycloneDX", start.Name.Local, start.Name.Space))
	}
	x.version = strings.TrimPrefix(start.Name.Space, namespace)
	if err := x.element(start, x.bom); err != nil {
		return err
	}
	return x.nothing()
}

// nothing asks that the document ends.
func (x *xmlReader) nothing() error {
	for {
		token, err := x.r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if text, ok := token.(xml.CharData); !ok || len(bytes.TrimSpace(text)) > 0 {
			return markup.Error("something follows the document")
		}
	}
}

// element reads an element to its end: do reads each element in it.
func (x *xmlReader) element(start xml.StartElement, do func(xml.StartElement) error) error {
	s := step{name: start.Name.Local}
	if n := len(x.path); n > 0 && s.name == "component" {
		x.path[n-1].components++
		s.index = x.path[n-1].components
	}
	x.path = append(x.path, s)
	err := x.r.Children(do)
	if err == nil {
		x.path = x.path[:len(x.path)-1]
	}
	return err
}

func (x *xmlReader) bom(start xml.StartElement) error {
	switch start.Name.Local {
	case "metadata":
		return x.element(start, func(start xml.StartElement) error {
			if start.Name.Local == "component" {
				return x.component(start)
			}
			return x.skip(start)
		})
	case "components":
		return x.components(start)
	default:
		return x.skip(start)
	}
}

func (x *xmlReader) components(start xml.StartElement) error {
	return x.element(start, func(start xml.StartElement) error {
		if start.Name.Local == "component" {
			return x.component(start)
		}
		return x.skip(start)
	})
}

// component reads one component with those inside it.
func (x *xmlReader) component(start xml.StartElement) error {
	c := component{kind: markup.Attribute(start, "type")}
	seen := map[string]bool{}
	fields := map[string]*string{
		"group": &c.group, "name": &c.name, "version": &c.version, "publisher": &c.publisher, "purl": &c.purl, "cpe": &c.cpe,
	}
	named := map[string]*string{"supplier": &c.supplier, "manufacturer": &c.manufacturer}
	err := x.element(start, func(start xml.StartElement) (err error) {
		name := start.Name.Local
		if (fields[name] != nil || named[name] != nil) && seen[name] {
			return markup.Error(fmt.Sprintf("the element %q stands here twice", name))
		}
		seen[name] = true
		switch {
		case fields[name] != nil:
			*fields[name], err = x.text(start)
		case named[name] != nil:
			err = x.element(start, func(start xml.StartElement) (err error) {
				if start.Name.Local != "name" {
					return x.skip(start)
				}
				*named[name], err = x.text(start)
				return err
			})
		case name == "properties":
			err = x.element(start, func(start xml.StartElement) error { return x.property(start, &c) })
		case name == "components":
			err = x.components(start)
		default:
			err = x.skip(start)
		}
		return err
	})
	if err == nil {
		place := fmt.Sprintf("%s/component[%d]", x.place(), x.path[len(x.path)-1].components)
		x.take(profile.Place{Path: place}, c)
	}
	return err
}

func (x *xmlReader) property(start xml.StartElement, c *component) error {
	value, err := x.text(start)
	if name := markup.Attribute(start, "name"); strings.HasPrefix(name, "comity:") {
		c.property(name, value)
	}
	return err
}

// text reads an element that has only text.
func (x *xmlReader) text(start xml.StartElement) (string, error) {
	x.path = append(x.path, step{name: start.Name.Local})
	text, err := x.r.Text()
	if err == nil {
		x.path = x.path[:len(x.path)-1]
	}
	return text, err
}

// skip passes over an element within the same bounds.
func (x *xmlReader) skip(xml.StartElement) error { return x.r.Skip() }
