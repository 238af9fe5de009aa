package web

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"comity"
)

const (
	formBytes = 1 << 20 // a form without files
	textRunes = 200     // of a line, unless said otherwise
)

// form is what somebody typed, and what is wrong with it. The zero form is an empty one.
type form struct {
	values url.Values
	wrong  map[string]fieldError // by field
	order  []string              // fields with errors, as they were found
}

// fieldError says what is wrong with one field.
type fieldError struct {
	Field string
	Key   string // of the sentence, such as "error.field.required"
	Args  []any
}

// form reads a form without files, of at most 1 MiB, with these fields. A field that the page does not have is an error
// of kind Invalid.
func (c *call) form(fields ...string) (*form, error) {
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, formBytes)
	if err := c.r.ParseForm(); err != nil {
		return nil, comity.Errorf(comity.Invalid, "unreadable form: %v", err)
	}
	return newForm(c.r.PostForm, fields...)
}

// newForm checks that values has no other fields than these. A name that ends in "*" stands for all that begin so.
func newForm(values url.Values, fields ...string) (*form, error) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		known := slices.ContainsFunc(fields, func(f string) bool {
			prefix, open := strings.CutSuffix(f, "*")
			return f == name || open && strings.HasPrefix(name, prefix)
		})
		if !known {
			return nil, comity.Errorf(comity.Invalid, "unknown field %q", name)
		}
	}
	return &form{values: values, wrong: map[string]fieldError{}}, nil
}

// formOf returns a form that shows these values, for editing something that exists.
func formOf(values map[string]string) *form {
	f := &form{values: url.Values{}, wrong: map[string]fieldError{}}
	for name, value := range values {
		f.values.Set(name, value)
	}
	return f
}

// Value returns what was typed, untrimmed.
func (f *form) Value(name string) string {
	if f == nil {
		return ""
	}
	return f.values.Get(name)
}

// Values returns all that was chosen under one name.
func (f *form) Values(name string) []string {
	if f == nil {
		return nil
	}
	return f.values[name]
}

// Has reports whether value was chosen under name.
func (f *form) Has(name, value string) bool { return slices.Contains(f.Values(name), value) }

// OK reports whether nothing is wrong.
func (f *form) OK() bool { return f == nil || len(f.wrong) == 0 }

// Errors returns what is wrong, in the order in which the fields were read.
func (f *form) Errors() []fieldError {
	if f == nil {
		return nil
	}
	errs := make([]fieldError, 0, len(f.order))
	for _, name := range f.order {
		errs = append(errs, f.wrong[name])
	}
	return errs
}

// Error returns what is wrong with one field, nil if nothing.
func (f *form) Error(name string) *fieldError {
	if f == nil {
		return nil
	}
	if e, ok := f.wrong[name]; ok {
		return &e
	}
	return nil
}

// Fail notes that a field is wrong: key of the sentence, names and values of its placeholders. The first stays.
func (f *form) Fail(name, key string, args ...any) {
	if _, ok := f.wrong[name]; ok {
		return
	}
	f.wrong[name] = fieldError{Field: name, Key: key, Args: args}
	f.order = append(f.order, name)
}

// Text reads a line or text of at most max characters (0: 200), trimmed. Control characters but line breaks are wrong.
func (f *form) Text(name string, max int) string {
	if max == 0 {
		max = textRunes
	}
	s := strings.TrimSpace(strings.ReplaceAll(f.Value(name), "\r\n", "\n"))
	switch {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, isControl):
		f.Fail(name, "error.field.characters")
	case utf8.RuneCountInString(s) > max:
		f.Fail(name, "error.field.long", "max", max)
	}
	return s
}

func isControl(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }

// Required reads a text as Text does, and it must not be empty.
func (f *form) Required(name string, max int) string {
	s := f.Text(name, max)
	if s == "" {
		f.Fail(name, "error.field.required")
	}
	return s
}

// Choice reads one of these values.
func (f *form) Choice(name string, values ...string) string {
	s := f.Value(name)
	if !slices.Contains(values, s) {
		f.Fail(name, "error.field.choice")
		return ""
	}
	return s
}

// Flag reads a checkbox.
func (f *form) Flag(name string) bool { return f.Value(name) != "" }

// Int reads a whole number between low and high.
func (f *form) Int(name string, low, high int) int {
	n, err := strconv.Atoi(strings.TrimSpace(f.Value(name)))
	if err != nil || n < low || n > high {
		f.Fail(name, "error.field.between", "low", low, "high", high)
		return low
	}
	return n
}

// Float reads a number between low and high, with a point or a comma before the fraction and spaces between thousands.
func (f *form) Float(name string, low, high float64) float64 {
	s := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", ",", ".").Replace(strings.TrimSpace(f.Value(name)))
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(x) || x < low || x > high {
		f.Fail(name, "error.field.between", "low", low, "high", high)
		return low
	}
	return x
}

// Date reads a day as browsers send it, "2006-01-02"; empty is no date.
func (f *form) Date(name string) comity.Date {
	d, err := comity.ParseDate(strings.TrimSpace(f.Value(name)))
	if err != nil {
		f.Fail(name, "error.field.date")
	}
	return d
}

// field is one field of a form, for the partials.
type field struct {
	Form *form
	Name string
}

// ID returns the id of the element that shows what is wrong.
func (f field) ID() string { return fmt.Sprintf("%s-error", f.Name) }

// Error returns what is wrong with the field, nil if nothing.
func (f field) Error() *fieldError { return f.Form.Error(f.Name) }

// input is a labelled one-line control, for the partial of that name.
type input struct {
	field
	Key          string // of the label
	Type         string // of the control
	Autocomplete string
	Hint         string // key of a sentence under the label; empty: none
}

func newInput(f *form, name, key, kind, autocomplete string, hint ...string) input {
	in := input{field: field{f, name}, Key: key, Type: kind, Autocomplete: autocomplete}
	if len(hint) > 0 {
		in.Hint = hint[0]
	}
	return in
}
