// Package profilejson reads and writes an organisation's profile as one JSON document, the form in which the API answers
// with it. It is the only form that carries the whole profile: besides what stands in tables also sectors, regions, what is
// out of scope, bands and tolerance. Read [Parse], then [Write].
//
// A member that is not there says nothing of its section; one that is empty says that there is nothing.
package profilejson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"comity"
	"comity/intake/profile"
	"comity/intake/walk"
)

// MaxBytes bounds a document.
const MaxBytes = 10 << 20

// Parse reads a document: what is right, and all that is wrong with the rest, by JSON pointer. The error is that of the
// reader alone.
func Parse(r io.Reader, o profile.Options) (profile.Document, []profile.Problem, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if _, known := errors.AsType[*comity.Error](err); known {
		return profile.Document{}, nil, err
	}
	if err != nil {
		return profile.Document{}, nil, fmt.Errorf("read the file: %w", err)
	}
	p := &parser{check: profile.NewChecker(o), r: walk.New(bytes.TrimPrefix(data, []byte("\uFEFF")))}
	if len(data) > MaxBytes {
		p.check.Fail(profile.Place{}, "", profile.TooBig, strconv.Itoa(MaxBytes>>20)+" MiB")
	} else if err := p.read(); err != nil {
		p.check.Fail(profile.Place{}, "", profile.Unreadable, p.r.Told(err))
	}
	document, problems := p.check.Document()
	return document, problems, nil
}

type parser struct {
	check *profile.Checker
	r     *walk.Reader
	full  bool // there are more rows than are read
}

func (p *parser) read() error {
	if err := p.r.Object(p.member); err != nil {
		return err
	}
	return p.r.End()
}

// lists says which members are lists of rows.
var lists = map[string]struct {
	kind    string
	section profile.Section
}{
	"services":  {profile.KindService, profile.Services},
	"software":  {profile.KindSoftware, profile.Software},
	"suppliers": {profile.KindSupplier, profile.Suppliers},
}

func (p *parser) member(name string) error {
	if list, ok := lists[name]; ok {
		p.check.Speaks(list.section)
		return p.r.Array(func() error { return p.row(list.kind) })
	}
	switch name {
	case "organization", "revision", "updated":
		return p.r.Skip()
	case "coverage":
		p.check.Speaks(profile.Coverage)
		return p.coverage()
	case "sectors", "regions", "out_of_scope":
		return p.words(name)
	case "tolerance":
		text, err := p.r.Number()
		if err == nil {
			p.check.Tolerance(p.place(), text)
		}
		return err
	case "bands":
		return p.bands()
	default:
		return walk.Error(fmt.Sprintf("a profile has no member %.60q", name))
	}
}

func (p *parser) place() profile.Place { return profile.Place{Path: p.r.Place()} }

// numbers are the members of rows that are numbers; the others are texts.
var numbers = []string{profile.ColumnDependence}

// row reads an object of texts and numbers as a row.
func (p *parser) row(kind string) error {
	values := map[string]string{profile.ColumnKind: kind}
	columns := profile.ColumnsOf(kind)
	err := p.r.Object(func(name string) (err error) {
		switch {
		case kind == profile.KindService && name == "criticality":
			return p.criticality(values)
		case !slices.Contains(columns, name):
			return walk.Error(fmt.Sprintf("there is no member %.60q here", name))
		case slices.Contains(numbers, name):
			values[name], err = p.r.Number()
		default:
			values[name], err = p.r.Text()
		}
		return err
	})
	if err == nil {
		p.take(values)
	}
	return err
}

func (p *parser) take(values map[string]string) {
	at := p.place()
	if p.full {
		return
	}
	if p.full = p.check.Full(at); !p.full {
		p.check.Row(at, values, "")
	}
}

// criticality reads the four grades, in the order of the properties.
func (p *parser) criticality(values map[string]string) error {
	n := 0
	return p.r.Array(func() error {
		grade, err := p.r.Number()
		if err == nil && n >= comity.PropertyCount {
			return walk.Error(fmt.Sprintf("more than %d grades", comity.PropertyCount))
		}
		if err == nil {
			values[comity.Properties[n].String()] = grade
		}
		n++
		return err
	})
}

func (p *parser) coverage() error {
	return p.r.Object(func(name string) error {
		share, err := p.r.Number()
		if err == nil {
			p.take(map[string]string{profile.ColumnKind: profile.KindCoverage, profile.ColumnMitigation: name, profile.ColumnCoverage: share})
		}
		return err
	})
}

func (p *parser) words(name string) error {
	p.check.Speaks(profile.Scope)
	return p.r.Array(func() error {
		word, err := p.r.Text()
		if err == nil {
			p.check.Word(p.place(), name, word)
		}
		return err
	})
}

// bands reads the table: a row for each criticality, in it an interval for each area.
func (p *parser) bands() error {
	p.check.Speaks(profile.Bands)
	var table comity.BandTable
	i := 0
	err := p.r.Array(func() error {
		j := 0
		err := p.r.Array(func() error {
			if i >= len(table) || j >= len(table[i]) {
				return walk.Error(fmt.Sprintf("want %d by %d intervals", len(table), len(table[0])))
			}
			err := p.interval(&table[i][j])
			j++
			return err
		})
		if err == nil && i < len(table) && j < len(table[i]) {
			return walk.Error(fmt.Sprintf("want %d intervals", len(table[i])))
		}
		i++
		return err
	})
	switch {
	case err != nil:
		return err
	case i == 0: // null: the group's
		return nil
	case i < len(table):
		return walk.Error(fmt.Sprintf("want %d rows", len(table)))
	}
	p.check.Bands(p.place(), table)
	return nil
}

func (p *parser) interval(of *comity.Interval) error {
	return p.r.Object(func(name string) error {
		text, err := p.r.Number()
		if err != nil {
			return err
		}
		amount, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return walk.Error("not a number that can be computed with")
		}
		switch name {
		case "low":
			of.Low = amount
		case "high":
			of.High = amount
		default:
			return walk.Error(fmt.Sprintf("there is no member %.60q here", name))
		}
		return nil
	})
}

// Write writes a profile as a document that Parse reads and profile.Apply finds equal.
func Write(w io.Writer, p comity.Profile) error {
	for _, list := range []*[]string{&p.Sectors, &p.Regions} {
		*list = append([]string{}, *list...) // an empty list, not null
	}
	p.Services, p.Software, p.Suppliers = append([]comity.Service{}, p.Services...), append([]comity.Software{}, p.Software...), append([]comity.Supplier{}, p.Suppliers...)
	p.OutOfScope = append([]comity.ScenarioID{}, p.OutOfScope...)
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(data, '\n'))
	return err
}
