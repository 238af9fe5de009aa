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
	"comity/intake/walk"
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
		j := &jsonReader{document: document{check: check}, r: walk.New(data)}
		if err := j.read(); err != nil {
			check.Fail(profile.Place{}, "", profile.Unreadable, j.r.Told(err))
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
	r       *walk.Reader
	version string
}

func (j *jsonReader) read() error {
	format := ""
	err := j.r.Object(func(name string) (err error) {
		switch name {
		case "bomFormat":
			format, err = j.r.Text()
		case "specVersion":
			j.version, err = j.r.Text()
		case "metadata":
			err = j.r.Object(func(name string) error {
				if name == "component" {
					return j.component()
				}
				return j.r.Skip()
			})
		case "components":
			err = j.r.Array(j.component)
		default:
			err = j.r.Skip()
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := j.r.End(); err != nil {
		return err
	}
	if format != "CycloneDX" {
		return walk.Error("/bomFormat is not CycloneDX")
	}
	return nil
}

// component reads one component with those inside it.
func (j *jsonReader) component() error {
	var c component
	fields := map[string]*string{
		"type": &c.kind, "group": &c.group, "name": &c.name, "version": &c.version, "publisher": &c.publisher, "purl": &c.purl, "cpe": &c.cpe,
	}
	named := map[string]*string{"supplier": &c.supplier, "manufacturer": &c.manufacturer}
	err := j.r.Object(func(name string) (err error) {
		switch {
		case fields[name] != nil:
			*fields[name], err = j.r.Text()
		case named[name] != nil:
			*named[name], err = j.member("name")
		case name == "properties":
			err = j.r.Array(func() error { return j.property(&c) })
		case name == "components":
			err = j.r.Array(j.component)
		default:
			err = j.r.Skip()
		}
		return err
	})
	if err == nil {
		j.take(profile.Place{Path: j.r.Place()}, c)
	}
	return err
}

// member reads an object for one text in it.
func (j *jsonReader) member(want string) (value string, err error) {
	err = j.r.Object(func(name string) (err error) {
		if name != want {
			return j.r.Skip()
		}
		value, err = j.r.Text()
		return err
	})
	return value, err
}

func (j *jsonReader) property(c *component) error {
	var key, value string
	err := j.r.Object(func(name string) (err error) {
		switch name {
		case "name":
			key, err = j.r.Text()
		case "value":
			value, err = j.r.Text()
		default:
			err = j.r.Skip()
		}
		return err
	})
	if strings.HasPrefix(key, "comity:") {
		c.property(key, value)
	}
	return err
}
