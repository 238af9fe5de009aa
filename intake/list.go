package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"comity"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// List is the form that large JSON documents have: one object, a few members, one of which is a long array of items. It
// is read item by item, so that memory does not grow with the document.
type List struct {
	What     string // the document, as errors call it: "KEV catalogue"
	Name     string // of the member that is the array
	MaxItem  int64  // bytes of one item and of any other member, white space before it included
	MaxItems int
	Skip     string // of an item's members, an array of any length that is passed over; may be empty
}

// maxMembers bounds the members of the object around the list.
const maxMembers = 64

// Reader is what is done with the parts of a document. A value is valid only until the function returns. An error that
// is a *comity.Error goes to the caller with the place before its message.
type Reader struct {
	Member func(name string, value jsontext.Value) error // each member but the list, in the document's order
	Item   func(value jsontext.Value) error              // each item, in the document's order
	Page   func(value jsontext.Value) error              // of ReadEach: an object around a list, without the list
}

// Read reads a document to its end. Its error is of kind Invalid and names the place where the document is not JSON of
// this form: two members of one name in any object, text that is not UTF-8, the character U+0000, a list that is missing
// or no array, something after the end. It is TooLarge where a bound is passed. Errors of r stay what they are.
func (l List) Read(r io.Reader, do Reader) error {
	w := &window{r: r}
	s := &listReader{List: l, do: do, window: w, decoder: jsontext.NewDecoder(w)}
	if err := s.document(); err != nil {
		return s.told(err)
	}
	return nil
}

// Errorf is an error of kind Invalid about the document as a whole.
func (l List) Errorf(format string, args ...any) error {
	return comity.Errorf(comity.Invalid, l.What+": "+format, args...)
}

type listReader struct {
	List
	do      Reader
	window  *window
	decoder *jsontext.Decoder
	listed  bool
	count   int            // of items
	onLines bool           // places tell the line, too
	item    jsontext.Value // without what is skipped; used again for the next
}

func (s *listReader) document() error {
	s.widen()
	if err := s.open('{', "an object"); err != nil {
		return err
	}
	for n := 0; s.decoder.PeekKind() != '}'; n++ {
		if n == maxMembers {
			return s.tooLarge("more than %d members", maxMembers)
		}
		if err := s.member(); err != nil {
			return err
		}
		s.widen()
	}
	if _, err := s.decoder.ReadToken(); err != nil {
		return err
	}
	switch _, err := s.decoder.ReadToken(); {
	case err == nil:
		return s.Errorf("something follows its end, at byte %d", s.decoder.InputOffset())
	case !errors.Is(err, io.EOF):
		return err
	case !s.listed:
		return s.Errorf("/%s is missing", s.Name)
	}
	return nil
}

// open reads the token that starts an object or array.
func (s *listReader) open(kind jsontext.Kind, what string) error {
	token, err := s.decoder.ReadToken()
	switch {
	case errors.Is(err, io.EOF) && s.decoder.InputOffset() == 0:
		return s.Errorf("it is empty")
	case err != nil:
		return err
	case token.Kind() != kind:
		return s.wrong("want %s", what)
	}
	return nil
}

func (s *listReader) member() error {
	token, err := s.decoder.ReadToken()
	if err != nil {
		return err
	}
	name := token.String()
	if name == s.Name {
		return s.list()
	}
	value, err := s.value()
	if err != nil {
		return err
	}
	return s.at(s.do.Member(name, value))
}

func (s *listReader) list() error {
	s.listed = true
	if err := s.open('[', "an array"); err != nil {
		return err
	}
	s.widen()
	for s.decoder.PeekKind() != ']' {
		if err := s.counted(); err != nil {
			return err
		}
		value, err := s.next()
		if err != nil {
			return err
		}
		if err := s.at(s.do.Item(value)); err != nil {
			return err
		}
		s.widen()
	}
	_, err := s.decoder.ReadToken()
	return err
}

// counted counts one more item.
func (s *listReader) counted() error {
	if s.count == s.MaxItems {
		return s.tooLarge("more than %d items", s.MaxItems)
	}
	s.count++
	return nil
}

// next reads the next item, without the member that is skipped.
func (s *listReader) next() (jsontext.Value, error) {
	if s.Skip == "" || s.decoder.PeekKind() != '{' {
		return s.value()
	}
	if _, err := s.decoder.ReadToken(); err != nil {
		return nil, err
	}
	s.item = append(s.item[:0], '{')
	for s.decoder.PeekKind() != '}' {
		if err := s.part(); err != nil {
			return nil, err
		}
		if int64(len(s.item)) > s.MaxItem {
			return nil, errWindow
		}
	}
	_, err := s.decoder.ReadToken()
	s.item = append(s.item, '}')
	return s.item, err
}

// part adds the next member to the item, or skips it.
func (s *listReader) part() error {
	token, err := s.decoder.ReadToken()
	if err != nil {
		return err
	}
	name := token.String()
	if name == s.Skip && s.decoder.PeekKind() == '[' {
		return s.skip()
	}
	return s.keep(name)
}

// keep adds a member to the item: its name, and the value that comes next.
func (s *listReader) keep(name string) (err error) {
	if len(s.item) > 1 {
		s.item = append(s.item, ',')
	}
	if s.item, err = jsontext.AppendQuote(s.item, name); err != nil {
		return err
	}
	value, err := s.value()
	s.item = append(append(s.item, ':'), value...)
	return err
}

// skip passes over an array, holding one element at a time.
func (s *listReader) skip() error {
	if _, err := s.decoder.ReadToken(); err != nil {
		return err
	}
	for s.decoder.PeekKind() != ']' {
		if _, err := s.decoder.ReadValue(); err != nil {
			return err
		}
		s.widen()
	}
	_, err := s.decoder.ReadToken()
	return err
}

// value reads the next value whole.
func (s *listReader) value() (jsontext.Value, error) {
	value, err := s.decoder.ReadValue()
	if err != nil {
		return nil, err
	}
	if hasNUL(value) { // PostgreSQL's text can't hold it, and no honest document has it
		return nil, s.wrong("the character U+0000 has no place in a text")
	}
	return value, nil
}

// widen lets the decoder read one more item from where it is.
func (s *listReader) widen() { s.window.until = s.decoder.InputOffset() + s.MaxItem }

// wrong is an error at the place that the decoder has reached.
func (s *listReader) wrong(format string, args ...any) error {
	return s.at(comity.Errorf(comity.Invalid, format, args...))
}

func (s *listReader) tooLarge(format string, args ...any) error {
	return s.at(comity.Errorf(comity.TooLarge, format, args...))
}

// at puts the place that the decoder has reached before an error's message.
func (s *listReader) at(err error) error {
	if err == nil {
		return nil
	}
	place := s.decoder.StackPointer()
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		place += semantic.JSONPointer
		err = misplaced(semantic)
	}
	head := fmt.Sprintf("%s%s, at %q, byte %d", s.What, s.onLine(), string(place), s.decoder.InputOffset())
	e, ok := errors.AsType[*comity.Error](err)
	if !ok {
		return fmt.Errorf("%s: %w", head, err)
	}
	return &comity.Error{Kind: e.Kind, Msg: head + ": " + e.Msg, Key: e.Key, Err: e.Err}
}

// misplaced says what is wrong with a value that does not fit, without the words of our program.
func misplaced(e *json.SemanticError) error {
	kinds := map[jsontext.Kind]string{'n': "null", 't': "true", 'f': "false", '"': "a text", '0': "a number", '{': "an object", '[': "an array"}
	what, ok := kinds[e.JSONKind]
	if !ok {
		what = "this"
	}
	if len(e.JSONValue) > 0 {
		what += fmt.Sprintf(" such as %.40s", e.JSONValue)
	}
	return comity.Errorf(comity.Invalid, "%s does not belong here", what)
}

// told gives what the decoder says a kind.
func (s *listReader) told(err error) error {
	e, known := errors.AsType[*comity.Error](err)
	syntax, isSyntax := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case errors.Is(err, errWindow):
		return s.tooLarge("longer than %s", Size(s.MaxItem))
	case known:
		return e // the decoder wraps what the reader said
	case s.window.failed != nil:
		return fmt.Errorf("read %s: %w", s.What, s.window.failed)
	case isSyntax:
		return comity.Errorf(comity.Invalid, "%s%s: %s", s.What, s.onLine(), strings.TrimPrefix(syntax.Error(), "jsontext: "))
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return comity.Errorf(comity.Invalid, "%s%s: it is cut off after byte %d", s.What, s.onLine(), s.decoder.InputOffset())
	}
	return fmt.Errorf("read %s: %w", s.What, err)
}

// onLine says to which line the decoder has come, where lines are told.
func (s *listReader) onLine() string {
	if !s.onLines {
		return ""
	}
	return fmt.Sprintf(", line %d", 1+s.window.lines-bytes.Count(s.decoder.UnreadBuffer(), []byte{'\n'}))
}

// hasNUL reports whether a text in valid JSON has the character U+0000, which is always escaped there.
func hasNUL(value []byte) bool {
	for {
		i := bytes.Index(value, []byte(`\u0000`))
		if i < 0 {
			return false
		}
		before := len(value[:i]) - len(bytes.TrimRight(value[:i], `\`))
		if before%2 == 0 { // else the backslash is itself escaped
			return true
		}
		value = value[i+1:]
	}
}

// errWindow says that an item is longer than the window.
var errWindow = errors.New("item is too long")

// window lets no more bytes through than up to a place that moves with the items, so that nobody has to hold more.
type window struct {
	r           io.Reader
	read, until int64
	lines       int   // line ends read
	failed      error // of r, when it is not the end
}

// Read implements io.Reader.
func (w *window) Read(b []byte) (int, error) {
	left := w.until - w.read
	if left <= 0 {
		return 0, errWindow
	}
	n, err := w.r.Read(b[:min(int64(len(b)), left)])
	w.read += int64(n)
	w.lines += bytes.Count(b[:n], []byte{'\n'})
	if err != nil && !errors.Is(err, io.EOF) {
		w.failed = err
	}
	return n, err
}
