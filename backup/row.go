package backup

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"comity"
	"comity/storage"

	"github.com/go-json-experiment/json/jsontext"
)

// maxRow bounds one row as it stands in the archive, in bytes: it is what a reader must be ready to hold.
const maxRow = 256 << 20

// appendRow appends a row as one line of canonical JSON, in the order of the table's columns, which is by name.
func appendRow(b []byte, t storage.Table, row []any) ([]byte, error) {
	start := len(b)
	b = append(b, '{')
	for i, c := range t.Columns {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendText(b, c.Name), ':')
		var err error
		if b, err = appendValue(b, c, row[i]); err != nil {
			return nil, fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	b = append(b, '}', '\n')
	if len(b)-start > maxRow {
		return nil, comity.Errorf(comity.TooLarge, "table %s has a row of %d bytes, more than the %d of a backup", t.Name, len(b)-start, maxRow)
	}
	return b, nil
}

func appendValue(b []byte, c storage.Column, value any) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(b, "null"...), nil
	case int64:
		if c.Type == storage.Real { // a driver's whole number
			return appendReal(b, float64(v)), nil
		}
		if c.Type == storage.Integer {
			return strconv.AppendInt(b, v, 10), nil
		}
	case float64:
		if c.Type == storage.Real {
			return appendReal(b, v), nil
		}
	case string:
		if c.Type == storage.Text {
			return appendText(b, v), nil
		}
	case []byte:
		if c.Type == storage.Blob {
			return appendBase64(b, v), nil
		}
	}
	return nil, fmt.Errorf("column %s of type %s holds a %T", c.Name, c.Type, value)
}

// appendReal appends the shortest decimal that reads back as the same number. Zero has no sign, as SQLite keeps none, and
// what is no number is a string.
func appendReal(b []byte, f float64) []byte {
	if f == 0 {
		return append(b, '0')
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return appendText(b, strconv.FormatFloat(f, 'g', -1, 64))
	}
	return strconv.AppendFloat(b, f, 'g', -1, 64)
}

// appendText appends a string. Bytes that are no UTF-8, which SQLite keeps as it was given them, become an object with
// their base64.
func appendText(b []byte, s string) []byte {
	if !utf8.ValidString(s) {
		return append(appendBase64(append(b, `{"base64":`...), []byte(s)), '}')
	}
	b, _ = jsontext.AppendQuote(b, s) // fails for what is no UTF-8 only
	return b
}

func appendBase64(b, data []byte) []byte {
	return append(base64.StdEncoding.AppendEncode(append(b, '"'), data), '"')
}

// parseRow reads a line that appendRow wrote. Any other line, be it the same JSON in another form, is Invalid.
func parseRow(line []byte, t storage.Table) ([]any, error) {
	d := jsontext.NewDecoder(bytes.NewReader(line))
	if token, err := d.ReadToken(); err != nil || token.Kind() != '{' {
		return nil, comity.Errorf(comity.Invalid, "the line is no JSON object")
	}
	row := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		name, err := d.ReadToken()
		if err != nil || name.Kind() != '"' || name.String() != c.Name {
			return nil, comity.Errorf(comity.Invalid, "column %s is not where it belongs", c.Name)
		}
		value, err := d.ReadValue()
		if err != nil {
			return nil, comity.Errorf(comity.Invalid, "column %s: not JSON", c.Name)
		}
		if row[i], err = parseValue(value, c); err != nil {
			return nil, comity.Errorf(comity.Invalid, "column %s: %w", c.Name, err)
		}
	}
	again, err := appendRow(make([]byte, 0, len(line)), t, row)
	if err != nil || !bytes.Equal(again, line) {
		return nil, comity.Errorf(comity.Invalid, "the line is not in the form in which backups are written")
	}
	return row, nil
}

func parseValue(v jsontext.Value, c storage.Column) (any, error) {
	switch {
	case v.Kind() == 'n':
		return nil, nil
	case c.Type == storage.Integer && v.Kind() == '0':
		return strconv.ParseInt(string(v), 10, 64)
	case c.Type == storage.Real && v.Kind() == '0':
		return strconv.ParseFloat(string(v), 64)
	case c.Type == storage.Real && v.Kind() == '"':
		return parseNoNumber(v)
	case c.Type == storage.Text && v.Kind() == '"':
		text, err := jsontext.AppendUnquote(nil, v)
		return string(text), err
	case c.Type == storage.Text && v.Kind() == '{':
		inner, _ := bytes.CutPrefix(bytes.TrimSuffix(v, []byte("}")), []byte(`{"base64":`))
		text, err := parseBase64(inner)
		return string(text), err
	case c.Type == storage.Blob && v.Kind() == '"':
		return parseBase64(v)
	}
	return nil, fmt.Errorf("not a value of type %s", c.Type)
}

func parseNoNumber(v jsontext.Value) (any, error) {
	for text, f := range map[string]float64{`"NaN"`: math.NaN(), `"+Inf"`: math.Inf(1), `"-Inf"`: math.Inf(-1)} {
		if string(v) == text {
			return f, nil
		}
	}
	return nil, fmt.Errorf("neither a number nor the name of one")
}

func parseBase64(quoted []byte) ([]byte, error) {
	if len(quoted) < 2 || quoted[0] != '"' {
		return nil, fmt.Errorf("not base64")
	}
	return base64.StdEncoding.Strict().AppendDecode([]byte{}, quoted[1:len(quoted)-1])
}

// after reports whether a row comes after another by the table's primary key, with text and bytes in the order of bytes:
// no row is there twice.
func after(t storage.Table, row, before []any) bool {
	for _, k := range t.Key {
		i := slices.IndexFunc(t.Columns, func(c storage.Column) bool { return c.Name == k })
		if i < 0 {
			return false
		}
		if order := compare(row[i], before[i]); order != 0 {
			return order > 0
		}
	}
	return false
}

// compare compares two values of one column.
func compare(a, b any) int {
	switch a := a.(type) {
	case int64:
		if b, ok := b.(int64); ok {
			return cmp.Compare(a, b)
		}
	case float64:
		if b, ok := b.(float64); ok {
			return cmp.Compare(a, b)
		}
	case string:
		if b, ok := b.(string); ok {
			return strings.Compare(a, b)
		}
	case []byte:
		if b, ok := b.([]byte); ok {
			return bytes.Compare(a, b)
		}
	}
	return 0
}
