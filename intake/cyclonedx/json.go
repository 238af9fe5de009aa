package cyclonedx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"comity"
	"comity/intake/profile"

	"github.com/go-json-experiment/json/jsontext"
)

// ParseJSON reads a document: the software that is right, and all that is wrong with the rest, by JSON pointer. The error
// is that of the reader alone.
func ParseJSON(r io.Reader, o profile.Options) (profile.Document, []profile.Problem, error) {
	check := profile.NewChecker(o)
	data, err := read(r, check)
	if err != nil {
		return profile.Document{}, nil, err
	}
	if data != nil {
		j := &jsonReader{document: document{check: check}, d: jsontext.NewDecoder(bytes.NewBuffer(data))}
		if err := j.read(); err != nil {
			check.Fail(profile.Place{}, "", profile.Unreadable, j.told(err))
		} else {
			j.end(j.version)
		}
	}
	d, problems := check.Document()
	return d, problems, nil
}

// read returns a document's bytes, or nil and the problem of too many.
func read(r io.Reader, check *profile.Checker) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if _, known := errors.AsType[*comity.Error](err); known {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	if len(data) > MaxBytes {
		check.Fail(profile.Place{}, "", profile.TooBig, strconv.Itoa(MaxBytes>>20)+" MiB")
		return nil, nil
	}
	return bytes.TrimPrefix(data, []byte("\uFEFF")), nil
}

// jsonReader reads one document token by token, so that nothing but what is kept is held.
type jsonReader struct {
	document
	d       *jsontext.Decoder
	version string
}

// errForm is an error in the document's form at the place that the decoder has reached.
type errForm string

func (e errForm) Error() string { return string(e) }

// told says what is wrong, with its place.
func (j *jsonReader) told(err error) string {
	if form, ok := errors.AsType[errForm](err); ok {
		return fmt.Sprintf("at %q, byte %d: %s", string(j.d.StackPointer()), j.d.InputOffset(), form)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Sprintf("it is cut off after byte %d", j.d.InputOffset())
	}
	return strings.TrimPrefix(err.Error(), "jsontext: ")
}

func (j *jsonReader) read() error {
	format := ""
	err := j.object(0, func(name string) (err error) {
		switch name {
		case "bomFormat":
			format, err = j.text()
		case "specVersion":
			j.version, err = j.text()
		case "metadata":
			err = j.object(1, func(name string) error {
				if name == "component" {
					return j.component(2)
				}
				return j.skip(2)
			})
		case "components":
			err = j.array(1, j.component)
		default:
			err = j.skip(1)
		}
		return err
	})
	if err != nil {
		return err
	}
	switch _, end := j.d.ReadToken(); {
	case end == nil:
		return errForm("something follows the document")
	case !errors.Is(end, io.EOF):
		return end
	case format != "CycloneDX":
		return errForm("/bomFormat is not CycloneDX")
	}
	return nil
}

// component reads one component with those inside it.
func (j *jsonReader) component(depth int) error {
	var c component
	fields := map[string]*string{
		"type": &c.kind, "group": &c.group, "name": &c.name, "version": &c.version, "publisher": &c.publisher, "purl": &c.purl, "cpe": &c.cpe,
	}
	named := map[string]*string{"supplier": &c.supplier, "manufacturer": &c.manufacturer}
	err := j.object(depth, func(name string) (err error) {
		switch {
		case fields[name] != nil:
			*fields[name], err = j.text()
		case named[name] != nil:
			*named[name], err = j.member(depth+1, "name")
		case name == "properties":
			err = j.array(depth+1, func(depth int) error { return j.property(depth, &c) })
		case name == "components":
			err = j.array(depth+1, j.component)
		default:
			err = j.skip(depth + 1)
		}
		return err
	})
	if err == nil {
		j.take(profile.Place{Path: string(j.d.StackPointer())}, c)
	}
	return err
}

// member reads an object for one text in it.
func (j *jsonReader) member(depth int, want string) (value string, err error) {
	err = j.object(depth, func(name string) (err error) {
		if name != want {
			return j.skip(depth + 1)
		}
		value, err = j.text()
		return err
	})
	return value, err
}

func (j *jsonReader) property(depth int, c *component) error {
	var key, value string
	err := j.object(depth, func(name string) (err error) {
		switch name {
		case "name":
			key, err = j.text()
		case "value":
			value, err = j.text()
		default:
			err = j.skip(depth + 1)
		}
		return err
	})
	if strings.HasPrefix(key, "comity:") {
		c.property(key, value)
	}
	return err
}

// object reads an object whose members do reads, one after the other; null is an object without any.
func (j *jsonReader) object(depth int, do func(name string) error) error {
	open, err := j.open('{', depth)
	if err != nil || !open {
		return err
	}
	for n := 0; j.d.PeekKind() != '}'; n++ {
		if n == maxMembers {
			return errForm(fmt.Sprintf("more than %d members", maxMembers))
		}
		token, err := j.d.ReadToken()
		if err != nil {
			return err
		}
		if err := do(token.String()); err != nil {
			return err
		}
	}
	_, err = j.d.ReadToken()
	return err
}

// array reads an array whose elements do reads, one after the other; null is an empty one.
func (j *jsonReader) array(depth int, do func(depth int) error) error {
	open, err := j.open('[', depth)
	if err != nil || !open {
		return err
	}
	for j.d.PeekKind() != ']' {
		if err := do(depth + 1); err != nil {
			return err
		}
	}
	_, err = j.d.ReadToken()
	return err
}

// open reads the start of an object or array and reports whether there is one; else it was null.
func (j *jsonReader) open(kind jsontext.Kind, depth int) (bool, error) {
	if depth > maxDepth {
		return false, errForm(fmt.Sprintf("nested more than %d deep", maxDepth))
	}
	token, err := j.d.ReadToken()
	switch {
	case err != nil:
		return false, err
	case token.Kind() == 'n':
		return false, nil
	case token.Kind() != kind && kind == '{':
		return false, errForm("want an object")
	case token.Kind() != kind:
		return false, errForm("want an array")
	}
	return true, nil
}

// text reads a text; null is an empty one.
func (j *jsonReader) text() (string, error) {
	token, err := j.d.ReadToken()
	switch {
	case err != nil:
		return "", err
	case token.Kind() == 'n':
		return "", nil
	case token.Kind() != '"':
		return "", errForm("want a text")
	}
	return token.String(), nil
}

// skip passes over a value within the same bounds.
func (j *jsonReader) skip(depth int) error {
	switch j.d.PeekKind() {
	case '{':
		return j.object(depth, func(string) error { return j.skip(depth + 1) })
	case '[':
		return j.array(depth, j.skip)
	default:
		_, err := j.d.ReadToken()
		return err
	}
}
