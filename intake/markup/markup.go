// Package markup reads XML that others wrote, token by token and with bounds: no token is long, nothing is nested deeply,
// and a document type is refused, so that no entity is ever expanded. The one type to read first is [Reader].
package markup

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

const (
	maxToken = 1 << 20 // bytes of one tag, text or comment
	maxDepth = 100
	maxText  = 64 << 10 // bytes of an element's own text, where it is kept

	// MaxElements bounds a document, or several that are read as one: a million take about a second.
	MaxElements = 1_000_000
)

// Reader reads one document.
type Reader struct {
	d      *xml.Decoder
	window *window
	depth  int
	left   *int // elements that may still come
}

// New returns a reader of the document that r holds.
func New(r io.Reader) *Reader {
	left := MaxElements
	return NewWithin(r, &left)
}

// NewWithin is New for one of several documents that have left elements together.
func NewWithin(r io.Reader, left *int) *Reader {
	w := &window{r: r}
	return &Reader{d: xml.NewDecoder(w), window: w, left: left}
}

// Error is what is wrong with the form of a document.
type Error string

// Error implements error.
func (e Error) Error() string { return string(e) }

const errLong = Error("one tag or text is longer than 1 MB")

// Next returns the next start, end or text, io.EOF after the last. Comments and processing instructions are passed over.
// The bytes of a text are valid until the next call.
func (r *Reader) Next() (xml.Token, error) {
	for {
		r.window.until = max(r.window.until, r.d.InputOffset()+maxToken)
		token, err := r.d.Token()
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			if r.depth++; r.depth > maxDepth {
				return nil, Error(fmt.Sprintf("nested more than %d deep", maxDepth))
			}
			if *r.left--; *r.left < 0 {
				return nil, Error(fmt.Sprintf("more than %d elements", MaxElements))
			}
			return token, nil
		case xml.EndElement:
			r.depth--
			return token, nil
		case xml.CharData:
			return token, nil
		case xml.Directive:
			return nil, Error("a document type has no place here")
		}
	}
}

// Root returns the first element.
func (r *Reader) Root() (xml.StartElement, error) {
	for {
		token, err := r.Next()
		if errors.Is(err, io.EOF) {
			return xml.StartElement{}, Error("there is no element")
		}
		if err != nil {
			return xml.StartElement{}, err
		}
		if start, ok := token.(xml.StartElement); ok {
			return start, nil
		}
	}
}

// Children reads to the end of the element that was opened last: do must read each element in it to its end.
func (r *Reader) Children(do func(xml.StartElement) error) error {
	for {
		token, err := r.Next()
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

// Skip passes over the element that was opened last.
func (r *Reader) Skip() error { return r.Children(func(xml.StartElement) error { return r.Skip() }) }

// Text reads the element that was opened last, which must have text alone, of at most 64 kB.
func (r *Reader) Text() (string, error) {
	var text []byte
	for {
		token, err := r.Next()
		if err != nil {
			return "", err
		}
		switch token := token.(type) {
		case xml.EndElement:
			return string(text), nil
		case xml.StartElement:
			return "", Error("want text alone")
		case xml.CharData:
			if len(text)+len(token) > maxText {
				return "", Error(fmt.Sprintf("a text of more than %d bytes", maxText))
			}
			text = append(text, token...)
		}
	}
}

// Told says what is wrong with the document, and in which line.
func (r *Reader) Told(err error) string {
	if syntax, ok := errors.AsType[*xml.SyntaxError](err); ok {
		return fmt.Sprintf("line %d: %s", syntax.Line, syntax.Msg)
	}
	line, _ := r.d.InputPos()
	return fmt.Sprintf("line %d: %s", line, err)
}

// Attribute returns the value of an attribute without name space, empty if it is not there.
func Attribute(start xml.StartElement, name string) string {
	for _, a := range start.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// window lets no more bytes through than up to a place that moves with the tokens.
type window struct {
	r           io.Reader
	read, until int64
}

// Read implements io.Reader.
func (w *window) Read(b []byte) (int, error) {
	left := w.until - w.read
	if left <= 0 {
		return 0, errLong
	}
	n, err := w.r.Read(b[:min(int64(len(b)), left)])
	w.read += int64(n)
	return n, err
}
