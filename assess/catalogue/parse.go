package catalogue

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"comity"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// MaxBytes bounds a document.
const MaxBytes = 1 << 20

// document is a catalogue as it stands in JSON.
type document struct {
	Schema    string             `json:"$schema,omitempty"`
	Version   string             `json:"version,omitempty"`
	Scenarios []scenario         `json:"scenarios"`
	Retired   []scenario         `json:"retired,omitempty"`
	Strength  map[string]float64 `json:"strength"`
	Bands     [][]interval       `json:"bands"`
	Tolerance float64            `json:"tolerance"`
}

// scenario is a scenario as it stands in JSON: properties by name.
type scenario struct {
	ID       string          `json:"id"`
	Source   string          `json:"source"`
	Origin   string          `json:"origin"`
	Hits     []string        `json:"hits"`
	Targeted bool            `json:"targeted"`
	Rate     interval        `json:"rate"`
	Basis    string          `json:"basis"`
	Path     []stage         `json:"path,omitempty"`
	Texts    map[string]text `json:"texts,omitempty"`
}

type stage struct {
	Name       string  `json:"name"`
	Techniques []share `json:"techniques"`
}

type share struct {
	Technique string  `json:"technique"`
	Share     float64 `json:"share"`
}

type interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

type text struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Parse reads a catalogue and checks it as Check does. Its error is of kind Invalid, or TooLarge, and begins with the JSON
// pointer (RFC 6901) of the place that is wrong, such as "/scenarios/0/path/1". Unknown members, and two of one name, are
// refused. The version that the document names is kept as text and decides nothing.
func Parse(r io.Reader, known comity.Knowledge) (comity.Catalogue, error) {
	var d document
	decoder := jsontext.NewDecoder(&bound{r: r, left: MaxBytes})
	if err := json.UnmarshalDecode(decoder, &d, json.RejectUnknownMembers(true)); err != nil {
		return comity.Catalogue{}, told(err)
	}
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return comity.Catalogue{}, comity.Errorf(comity.Invalid, "something follows the document's end, at byte %d", decoder.InputOffset())
	}
	c, err := d.catalogue()
	if err != nil {
		return comity.Catalogue{}, err
	}
	return c, Check(c, known)
}

// Write writes a catalogue as Parse reads it, indented, with names in order: the same catalogue has the same bytes.
func Write(w io.Writer, c comity.Catalogue) error {
	d := document{Version: c.Version, Scenarios: written(c.Scenarios), Retired: written(c.Retired), Strength: c.Strength, Tolerance: c.Tolerance}
	for _, row := range c.Bands {
		var line []interval
		for _, i := range row {
			line = append(line, interval(i))
		}
		d.Bands = append(d.Bands, line)
	}
	return json.MarshalWrite(w, d, json.Deterministic(true), jsontext.WithIndent("  "))
}

func written(scenarios []comity.Scenario) []scenario {
	list := make([]scenario, 0, len(scenarios))
	for _, s := range scenarios {
		one := scenario{
			ID: string(s.ID), Source: string(s.Source), Origin: string(s.Origin), Hits: []string{}, Targeted: s.Targeted,
			Rate: interval(s.Rate), Basis: s.Basis,
		}
		for _, p := range comity.Properties {
			if s.Properties.Has(p) {
				one.Hits = append(one.Hits, p.String())
			}
		}
		for _, st := range s.Path {
			line := stage{Name: st.Name}
			for _, t := range st.Techniques {
				line.Techniques = append(line.Techniques, share(t))
			}
			one.Path = append(one.Path, line)
		}
		for language, t := range s.Texts {
			if one.Texts == nil {
				one.Texts = map[string]text{}
			}
			one.Texts[language] = text(t)
		}
		list = append(list, one)
	}
	return list
}

// catalogue turns the document into the noun; what only the form can say wrong is found here.
func (d document) catalogue() (comity.Catalogue, error) {
	c := comity.Catalogue{Version: d.Version, Strength: d.Strength, Tolerance: d.Tolerance}
	if len(d.Bands) != len(c.Bands) {
		return c, at("/bands", "%d rows: want %d, for criticality 1 to %d", len(d.Bands), len(c.Bands), len(c.Bands))
	}
	for l, row := range d.Bands {
		if len(row) != comity.AreaCount {
			return c, at(fmt.Sprintf("/bands/%d", l), "%d intervals: want %d, for integrity, image and operations", len(row), comity.AreaCount)
		}
		for a, i := range row {
			c.Bands[l][a] = comity.Interval(i)
		}
	}
	var err error
	if c.Scenarios, err = read("/scenarios", d.Scenarios); err != nil {
		return c, err
	}
	c.Retired, err = read("/retired", d.Retired)
	return c, err
}

func read(list string, scenarios []scenario) ([]comity.Scenario, error) {
	var all []comity.Scenario
	for i, s := range scenarios {
		one := comity.Scenario{
			ID: comity.ScenarioID(s.ID), Source: comity.ThreatSource(s.Source), Origin: comity.Origin(s.Origin),
			Targeted: s.Targeted, Rate: comity.Interval(s.Rate), Basis: s.Basis,
		}
		for j, name := range s.Hits {
			p := slices.IndexFunc(comity.Properties[:], func(p comity.Property) bool { return p.String() == name })
			if p < 0 {
				return nil, at(fmt.Sprintf("%s/%d/hits/%d", list, i, j), "%q is none of confidentiality, integrity, availability and reliability", name)
			}
			one.Properties |= comity.MaskOf(comity.Properties[p])
		}
		for _, st := range s.Path {
			line := comity.Stage{Name: st.Name}
			for _, t := range st.Techniques {
				line.Techniques = append(line.Techniques, comity.StageTechnique(t))
			}
			one.Path = append(one.Path, line)
		}
		for language, t := range s.Texts {
			if one.Texts == nil {
				one.Texts = map[string]comity.ScenarioText{}
			}
			one.Texts[language] = comity.ScenarioText(t)
		}
		all = append(all, one)
	}
	return all, nil
}

// bound is a reader that ends with an error of kind TooLarge.
type bound struct {
	r    io.Reader
	left int64
}

// Read implements io.Reader.
func (b *bound) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, comity.Errorf(comity.TooLarge, "the catalogue is larger than %d MB", MaxBytes>>20)
	}
	return n, err
}

// told makes an error that names the place.
func told(err error) error {
	if own, ok := errors.AsType[*comity.Error](err); ok {
		return own
	}
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		why := "this kind of value can't be used here"
		switch {
		case errors.Is(e.Err, json.ErrUnknownName):
			why = "unknown name"
		case e.Err != nil:
			why = e.Err.Error()
		}
		return at(string(e.JSONPointer), "%s", why)
	}
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		if errors.Is(e.Err, io.ErrUnexpectedEOF) || errors.Is(e.Err, io.EOF) {
			return at(string(e.JSONPointer), "the catalogue is cut off after %d bytes", e.ByteOffset)
		}
		return at(string(e.JSONPointer), "no JSON at byte %d: %s", e.ByteOffset, strings.TrimPrefix(e.Err.Error(), "jsontext: "))
	}
	if errors.Is(err, io.EOF) {
		return comity.Errorf(comity.Invalid, "the catalogue is empty")
	}
	return fmt.Errorf("read catalogue: %w", err)
}

// at returns an error about the place that a JSON pointer names.
func at(pointer, format string, args ...any) error {
	if pointer == "" {
		pointer = "/"
	}
	return comity.Errorf(comity.Invalid, "%s: %s", pointer, fmt.Sprintf(format, args...))
}
