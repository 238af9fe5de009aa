package stix

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of a document. The longest object of the public feeds that were looked at, a report with its references, has
// 0.2 MB.
const (
	MaxObjects = 100_000
	MaxObject  = 1 << 20 // bytes, white space before it included
	maxMembers = 64      // of a bundle
)

// Document says what was read around the objects.
type Document struct {
	Form     string // "bundle", "array", "lines" or "object"
	ID       string // of a bundle; may be empty
	Version  string // spec_version of a 2.0 bundle; empty: 2.1, where each object has its own
	Objects  int    // usable
	Problems int    // unusable
}

// Item is one object as it comes. Raw is valid only until the function that gets it returns.
type Item struct {
	Pointer string   // in the document: "/objects/12", "/12", or "/12" for the thirteenth line
	Raw     []byte   // as received, from the first brace to the last
	Object  *Object  // as far as it was read, where there is a problem
	Problem *Problem // why it can't be used; nil if it can
}

// Read reads a document to its end and hands over each object, in its order. It holds one object at a time. Its errors: an
// *[Error] for a document that is not JSON, is no STIX or passes a bound; those of r and of yield as they are.
func Read(r io.Reader, yield func(Item) error) (Document, error) {
	w := &window{r: r, taping: true}
	s := &reader{window: w, yield: yield, decoder: jsontext.NewDecoder(w, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
	err := s.document()
	if err != nil {
		err = s.told(err)
	}
	return s.doc, err
}

type reader struct {
	doc     Document
	yield   func(Item) error
	window  *window
	decoder *jsontext.Decoder
	parser  Parser
	kind    string // of the bundle
}

// passed carries an error of yield out past the decoder's own.
type passed struct{ error }

func (s *reader) document() error {
	s.widen()
	switch s.decoder.PeekKind() {
	case '[':
		s.window.stop()
		s.doc.Form = "array"
		if err := s.list(""); err != nil {
			return err
		}
		return s.end()
	case '{':
		return s.objects()
	}
	if _, err := s.decoder.ReadToken(); errors.Is(err, io.EOF) {
		return s.wrong("it is empty")
	} else if err != nil {
		return err
	}
	return s.wrong("want a bundle, an array or objects")
}

// objects reads a bundle, or one object a line. Which of them it is, the members tell: only a bundle has "objects", so that
// a whole bundle need not be held.
func (s *reader) objects() error {
	first, err := s.peekBundle()
	if err != nil {
		return err
	}
	if first == nil {
		return s.end()
	}
	s.doc.Form = "object"
	for n := 0; ; n++ {
		if n > 0 {
			s.doc.Form = "lines"
		}
		if err := s.object(fmt.Sprintf("/%d", n), n, first); err != nil {
			return err
		}
		s.widen()
		switch kind := s.decoder.PeekKind(); kind {
		case '{', '[', '"', '0', 't', 'f', 'n':
			if first, err = s.decoder.ReadValue(); err != nil {
				return err
			}
		default:
			return s.end()
		}
	}
}

// peekBundle reads the first object member by member. It returns nil if that was a bundle, which is read then, and the
// object's bytes if not.
func (s *reader) peekBundle() ([]byte, error) {
	start := s.decoder.InputOffset()
	if _, err := s.decoder.ReadToken(); err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for n := 0; s.decoder.PeekKind() != '}'; n++ {
		token, err := s.decoder.ReadToken()
		if err != nil {
			return nil, err
		}
		name := token.String()
		if name == "objects" && s.decoder.PeekKind() == '[' {
			s.window.stop()
			return nil, s.bundle(names)
		}
		value, err := s.decoder.ReadValue()
		if err != nil {
			return nil, err
		}
		if err := s.member(names, name, value); err != nil {
			return nil, err
		}
	}
	if _, err := s.decoder.ReadToken(); err != nil {
		return nil, err
	}
	raw := bytes.TrimLeft(s.window.tape[start:s.decoder.InputOffset()], " \t\r\n")
	s.window.stop()
	if s.kind == "bundle" {
		if names["objects"] {
			return nil, s.wrong("/objects is no array")
		}
		s.doc.Form = "bundle" // a bundle may be empty
		return nil, nil
	}
	return raw, nil
}

// bundle reads the list of a bundle and what stands around it.
func (s *reader) bundle(names map[string]bool) error {
	s.doc.Form = "bundle"
	names["objects"] = true
	if err := s.list("/objects"); err != nil {
		return err
	}
	s.widen()
	for s.decoder.PeekKind() != '}' {
		token, err := s.decoder.ReadToken()
		if err != nil {
			return err
		}
		name := token.String()
		value, err := s.decoder.ReadValue()
		if err != nil {
			return err
		}
		if err := s.bundleMember(names, name, value); err != nil {
			return err
		}
		s.widen()
	}
	if _, err := s.decoder.ReadToken(); err != nil {
		return err
	}
	if s.kind != "bundle" {
		return s.wrong("/type is %.40q, want \"bundle\"", s.kind)
	}
	return nil
}

func (s *reader) bundleMember(names map[string]bool, name string, value jsontext.Value) error {
	switch {
	case names[name]:
		return s.wrong("the member %.80q stands here twice", name)
	case len(names) == maxMembers:
		return s.large("more than %d members around the objects", maxMembers)
	}
	return s.member(names, name, value)
}

// member notes a member of what is perhaps a bundle.
func (s *reader) member(names map[string]bool, name string, value jsontext.Value) error {
	if names[name] && name == "type" {
		return s.wrong("the member %q stands here twice", name)
	}
	names[name] = true
	if len(names) > 4*maxMembers {
		return s.large("more than %d members", 4*maxMembers)
	}
	text := ""
	if value.Kind() == '"' {
		unquoted, err := jsontext.AppendUnquote(nil, value)
		if err != nil && (name == "type" || name == "id") {
			return s.wrong("/%s is no text", name)
		}
		text = string(unquoted)
	}
	switch name {
	case "type":
		s.kind = text
	case "id":
		s.doc.ID = text
	case "spec_version":
		s.doc.Version = text
	}
	return nil
}

// list reads an array of objects.
func (s *reader) list(under string) error {
	if _, err := s.decoder.ReadToken(); err != nil {
		return err
	}
	s.widen()
	for n := 0; s.decoder.PeekKind() != ']'; n++ {
		value, err := s.decoder.ReadValue()
		if err != nil {
			return err
		}
		if err := s.object(fmt.Sprintf("%s/%d", under, n), n, value); err != nil {
			return err
		}
		s.widen()
	}
	_, err := s.decoder.ReadToken()
	return err
}

// object hands over the n-th object.
func (s *reader) object(pointer string, n int, raw []byte) error {
	if n == MaxObjects {
		return s.large("more than %d objects", MaxObjects)
	}
	if len(raw) > MaxObject {
		return s.large("an object is longer than %d bytes", MaxObject)
	}
	item := Item{Pointer: pointer, Raw: raw}
	if item.Object, item.Problem = s.parser.Parse(raw); item.Problem != nil {
		s.doc.Problems++
	} else {
		s.doc.Objects++
	}
	if err := s.yield(item); err != nil {
		return passed{err}
	}
	return nil
}

// end makes sure that nothing follows.
func (s *reader) end() error {
	s.widen()
	switch _, err := s.decoder.ReadToken(); {
	case err == nil:
		return s.wrong("something follows its end")
	case !errors.Is(err, io.EOF):
		return err
	case s.doc.Form != "bundle" && s.doc.Objects == 0:
		return s.wrong("there is no STIX object in it")
	}
	return nil
}

// widen lets the decoder read one more object from where it is.
func (s *reader) widen() { s.window.until = s.decoder.InputOffset() + MaxObject + 1 }

func (s *reader) wrong(format string, args ...any) error {
	return &Error{Pointer: string(s.decoder.StackPointer()), Offset: s.decoder.InputOffset(), Reason: fmt.Sprintf(format, args...)}
}

func (s *reader) large(format string, args ...any) error {
	return &Error{Pointer: string(s.decoder.StackPointer()), Offset: s.decoder.InputOffset(), Reason: fmt.Sprintf(format, args...), Large: true}
}

// told turns what the decoder says into an error of ours, or one of those around us.
func (s *reader) told(err error) error {
	if p, ok := errors.AsType[passed](err); ok {
		return p.error
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	switch {
	case errors.Is(err, errWindow):
		return s.large("an object is longer than %d bytes", MaxObject)
	case s.window.failed != nil:
		return s.window.failed
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return s.wrong("it is cut off")
	}
	return s.wrong("%s", strings.TrimSpace(syntaxReason(err)))
}

var errWindow = errors.New("an object is too long")

// window lets no more bytes through than up to a place that moves with the objects, so that nobody has to hold more. Until
// it is told to stop, it keeps what passed.
type window struct {
	r           io.Reader
	read, until int64
	failed      error // of r, when it is not the end
	taping      bool
	tape        []byte // from the document's first byte
}

// Read implements io.Reader.
func (w *window) Read(b []byte) (int, error) {
	left := w.until - w.read
	if left <= 0 {
		return 0, errWindow
	}
	n, err := w.r.Read(b[:min(int64(len(b)), left)])
	if w.taping {
		w.tape = append(w.tape, b[:n]...)
	}
	w.read += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		w.failed = err
	}
	return n, err
}

// stop ends the keeping; what was kept is still valid for whoever holds it.
func (w *window) stop() { w.taping, w.tape = false, nil }
