package portfolio

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"comity"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Parse reads a document and checks it. Its error is of kind Invalid, or TooLarge, and begins with the JSON pointer
// (RFC 6901) of the place that is wrong, such as "/scenarios/0/loss_interval". Unknown members, and two of one name, are
// refused. known is ATT&CK, for techniques that are named; without it names are taken as they are.
func Parse(r io.Reader, known comity.Knowledge) (*Document, error) {
	bounded := &bound{r: r, left: MaxBytes}
	d := &Document{}
	decoder := jsontext.NewDecoder(bounded)
	if err := json.UnmarshalDecode(decoder, d, json.RejectUnknownMembers(true)); err != nil {
		return nil, told(err)
	}
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, comity.Errorf(comity.Invalid, "something follows the document's end, at byte %d", decoder.InputOffset())
	}
	c := checker{document: d, known: known}
	c.check()
	return d, c.err
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
		return 0, comity.Errorf(comity.TooLarge, "the document is larger than %d MB", MaxBytes>>20)
	}
	return n, err
}

// told makes an error that names the place.
func told(err error) error {
	if own, ok := errors.AsType[*comity.Error](err); ok {
		return own
	}
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		why := fmt.Sprintf("a JSON %s can't be used here", kindName(e.JSONKind))
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
			return at(string(e.JSONPointer), "the document is cut off after %d bytes", e.ByteOffset)
		}
		return at(string(e.JSONPointer), "no JSON at byte %d: %s", e.ByteOffset, strings.TrimPrefix(e.Err.Error(), "jsontext: "))
	}
	if errors.Is(err, io.EOF) {
		return comity.Errorf(comity.Invalid, "the document is empty")
	}
	return fmt.Errorf("read document: %w", err)
}

func kindName(k jsontext.Kind) string {
	switch k {
	case 'n':
		return "null"
	case 'f', 't':
		return "boolean"
	case '"':
		return "string"
	case '0':
		return "number"
	case '{':
		return "object"
	case '[':
		return "array"
	default:
		return "value"
	}
}

// at returns an error about the place that a JSON pointer names.
func at(pointer, format string, args ...any) error {
	if pointer == "" {
		pointer = "/"
	}
	return comity.Errorf(comity.Invalid, "%s: %s", pointer, fmt.Sprintf(format, args...))
}

// list is an array of bounded length.
type list[T any] []T

// UnmarshalJSONFrom reads an array and stops at its bound.
func (l *list[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if kind := d.PeekKind(); kind != '[' {
		return fmt.Errorf("want an array, not a %s", kindName(kind))
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	most := maxList
	var item T
	if own, ok := any(item).(interface{ most() int }); ok {
		most = own.most()
	}
	*l = list[T]{}
	for d.PeekKind() != ']' {
		if len(*l) == most {
			return comity.Errorf(comity.TooLarge, "%s: more than %d items", pointerOf(d), most)
		}
		var item T
		if err := json.UnmarshalDecode(d, &item, json.RejectUnknownMembers(true)); err != nil {
			return err
		}
		*l = append(*l, item)
	}
	_, err := d.ReadToken()
	return err
}

// pointerOf returns the pointer of the array that is being read.
func pointerOf(d *jsontext.Decoder) string {
	pointer := string(d.StackPointer())
	if i := strings.LastIndexByte(pointer, '/'); i > 0 {
		return pointer[:i]
	}
	return pointer
}

// UnmarshalJSONFrom reads [low, high].
func (i *Interval) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	var ends list[float64]
	if err := ends.UnmarshalJSONFrom(d); err != nil {
		return err
	}
	if len(ends) != 2 {
		return fmt.Errorf("want two numbers, the low and the high end, not %d", len(ends))
	}
	*i = Interval{ends[0], ends[1]}
	return nil
}

// UnmarshalJSONFrom reads one pair, or an object with a pair for each area.
func (l *Losses) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() == '[' {
		*l = Losses{}
		return l[comity.AreaIntegrity].UnmarshalJSONFrom(d)
	}
	var areas struct {
		Integrity  Interval `json:"integrity"`
		Image      Interval `json:"image"`
		Operations Interval `json:"operations"`
	}
	if err := json.UnmarshalDecode(d, &areas, json.RejectUnknownMembers(true)); err != nil {
		return err
	}
	*l = Losses{areas.Integrity, areas.Image, areas.Operations}
	return nil
}
