package stix

import (
	"bytes"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth bounds how deep an object's values nest. The deepest standard object, an email message in observed data, has 9.
const maxDepth = 64

// The versions of STIX that are understood.
const (
	Version20 = "2.0"
	Version21 = "2.1"
)

// Object is the parsed view of one object: what every object may have, and its own properties by name. All of it points
// into the object's bytes, of which nothing is lost.
type Object struct {
	Type        string
	ID          string
	SpecVersion string    // "2.0" of objects that name none, save those of types that only 2.1 has
	Created     time.Time // zero if there is none
	Modified    time.Time // zero: the object is not versioned
	Revoked     bool
	CreatedBy   string   // id of an identity; may be empty
	MarkingRefs []string // of the object and of parts of it, each once
	Markings    []string // only those of the whole object

	members []member
}

type member struct {
	name  string
	value jsontext.Value
}

// Parser parses objects one after another and uses its memory again. The zero Parser is ready.
type Parser struct {
	decoder *jsontext.Decoder
	buffer  bytes.Buffer
}

// Parse parses one object, which must be valid as STIX as far as every object must: JSON without two members of one name
// or half a surrogate pair, at most 64 levels deep; integers within ±(2^53−1), other numbers within a double; no U+0000; an
// id after section 2.9; timestamps after 2.7; and the common properties of its kind after 3.2. The view points into raw.
func (p *Parser) Parse(raw []byte) (*Object, *Problem) {
	o := &Object{}
	if wrong := p.walk(raw, o); wrong != nil {
		return o, wrong
	}
	return o, o.read()
}

// walk reads all tokens of an object, checks each, and notes the members of the first level.
func (p *Parser) walk(raw []byte, o *Object) *Problem {
	p.buffer.Reset()
	p.buffer.Write(raw)
	if p.decoder == nil {
		p.decoder = jsontext.NewDecoder(&p.buffer)
	} else {
		p.decoder.Reset(&p.buffer)
	}
	d := p.decoder
	if d.PeekKind() != '{' {
		return problem("", "it is no object")
	}
	for {
		token, err := d.ReadToken()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return syntaxProblem(err)
		}
		if wrong := checkToken(d, token); wrong != nil {
			return wrong
		}
		if d.StackDepth() == 1 && token.Kind() == '"' {
			if kind, n := d.StackIndex(1); kind == '{' && n%2 == 1 {
				o.members = append(o.members, member{name: token.String()})
				if wrong := p.value(raw, o); wrong != nil {
					return wrong
				}
			}
		}
	}
}

// value reads the value of the last member to its end.
func (p *Parser) value(raw []byte, o *Object) *Problem {
	d := p.decoder
	start := int(d.InputOffset())
	for {
		token, err := d.ReadToken()
		if err != nil {
			return syntaxProblem(err)
		}
		if wrong := checkToken(d, token); wrong != nil {
			return wrong
		}
		if d.StackDepth() == 1 {
			break
		}
	}
	o.members[len(o.members)-1].value = jsontext.Value(bytes.TrimLeft(raw[start:d.InputOffset()], ": \t\r\n"))
	return nil
}

// checkToken checks what JSON allows and STIX does not.
func checkToken(d *jsontext.Decoder, token jsontext.Token) *Problem {
	if d.StackDepth() > maxDepth {
		return problem(string(d.StackPointer()), "deeper than %d levels", maxDepth)
	}
	switch token.Kind() {
	case '0':
		return checkNumber(string(d.StackPointer()), token.String())
	case '"':
		if strings.IndexByte(token.String(), 0) >= 0 {
			return problem(string(d.StackPointer()), "the character U+0000 has no place in a text")
		}
	}
	return nil
}

// checkNumber holds integers to section 2.8 and other numbers to 2.5.
func checkNumber(pointer, text string) *Problem {
	if strings.ContainsAny(text, ".eE") {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(f, 0) {
			return problem(pointer, "the number %.40s is out of range", text)
		}
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n > 1<<53-1 || n < -(1<<53-1) {
		return problem(pointer, "the number %.40s is out of range", text)
	}
	return nil
}

// Value returns a property as it was received, nil if it is not there.
func (o *Object) Value(name string) jsontext.Value {
	for _, m := range o.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// Names returns the names of the object's properties, in its order.
func (o *Object) Names() []string {
	names := make([]string, len(o.members))
	for i, m := range o.members {
		names[i] = m.name
	}
	return names
}

// Text returns a property that is a text; empty if it is not there or is none.
func (o *Object) Text(name string) string { return textOf(o.Value(name)) }

func textOf(value jsontext.Value) string {
	if value.Kind() != '"' {
		return ""
	}
	if plain := value[1 : len(value)-1]; bytes.IndexByte(plain, '\\') < 0 {
		return string(plain)
	}
	text, err := jsontext.AppendUnquote(nil, value)
	if err != nil {
		return ""
	}
	return string(text)
}

// Texts returns a property that is a list of texts; what is no text in it is passed over.
func (o *Object) Texts(name string) []string {
	value := o.Value(name)
	if value.Kind() != '[' {
		return nil
	}
	var values []jsontext.Value
	if json.Unmarshal(value, &values) != nil {
		return nil
	}
	var texts []string
	for _, v := range values {
		if v.Kind() == '"' {
			texts = append(texts, textOf(v))
		}
	}
	return texts
}

// Time returns a property that is a timestamp; zero if it is not there or is none.
func (o *Object) Time(name string) time.Time {
	t, err := ParseTime(o.Text(name))
	if err != nil {
		return time.Time{}
	}
	return t
}

// Flag returns a property that is true or false; false if it is not there.
func (o *Object) Flag(name string) bool { return o.Value(name).Kind() == 't' }

// Reference is one item of external_references.
type Reference struct {
	Source string `json:"source_name"`
	ID     string `json:"external_id"`
	URL    string `json:"url"`
}

// References returns the object's external references; those of another form are left out.
func (o *Object) References() []Reference {
	var values []jsontext.Value
	if json.Unmarshal(o.Value("external_references"), &values) != nil {
		return nil
	}
	var list []Reference
	for _, v := range values {
		var r Reference
		if json.Unmarshal(v, &r) == nil {
			list = append(list, r)
		}
	}
	return list
}

// Hash returns the SHA-256 of the object in the canonical form of RFC 8785 with numbers as they are written, hex: the same
// whatever the white space, escapes and order of members.
func Hash(raw []byte) (string, error) {
	canonical := jsontext.Value(slices.Clone(raw))
	if err := canonical.Canonicalize(jsontext.CanonicalizeRawInts(false), jsontext.CanonicalizeRawFloats(false)); err != nil {
		return "", err
	}
	return sum(canonical), nil
}
