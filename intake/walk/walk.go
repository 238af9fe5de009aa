// Package walk reads a JSON document that others wrote, token by token and with bounds: nothing is held but what is kept,
// two members of one name are refused, and so are deep nesting and objects with very many members. The one type to read
// first is [Reader].
package walk

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	maxDepth   = 100    // of nested objects and arrays
	maxMembers = 10_000 // of one object
)

// Reader reads one document. What a method reads is the next value.
type Reader struct {
	d *jsontext.Decoder
}

// New returns a reader of a document.
func New(data []byte) *Reader { return &Reader{jsontext.NewDecoder(bytes.NewBuffer(data))} }

// Error is what is wrong with the form of a document at the place that the reader has reached.
type Error string

// Error implements error.
func (e Error) Error() string { return string(e) }

// Place is the JSON pointer of what was read last.
func (r *Reader) Place() string { return string(r.d.StackPointer()) }

// Told says what is wrong with the document, and where.
func (r *Reader) Told(err error) string {
	if form, ok := errors.AsType[Error](err); ok {
		return fmt.Sprintf("at %q, byte %d: %s", r.Place(), r.d.InputOffset(), form)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Sprintf("it is cut off after byte %d", r.d.InputOffset())
	}
	return strings.TrimPrefix(err.Error(), "jsontext: ")
}

// Object reads an object whose members do reads, one after the other; null is an object without any.
func (r *Reader) Object(do func(name string) error) error {
	open, err := r.open('{', "an object")
	if err != nil || !open {
		return err
	}
	for n := 0; r.d.PeekKind() != '}'; n++ {
		if n == maxMembers {
			return Error(fmt.Sprintf("more than %d members", maxMembers))
		}
		token, err := r.d.ReadToken()
		if err != nil {
			return err
		}
		if err := do(token.String()); err != nil {
			return err
		}
	}
	_, err = r.d.ReadToken()
	return err
}

// Array reads an array whose elements do reads, one after the other; null is an empty one.
func (r *Reader) Array(do func() error) error {
	open, err := r.open('[', "an array")
	if err != nil || !open {
		return err
	}
	for r.d.PeekKind() != ']' {
		if err := do(); err != nil {
			return err
		}
	}
	_, err = r.d.ReadToken()
	return err
}

// open reads the start of an object or array and reports whether there is one; else it was null.
func (r *Reader) open(kind jsontext.Kind, what string) (bool, error) {
	token, err := r.d.ReadToken()
	switch {
	case err != nil:
		return false, err
	case token.Kind() == 'n':
		return false, nil
	case token.Kind() != kind:
		return false, Error("want " + what)
	case r.d.StackDepth() > maxDepth:
		return false, Error(fmt.Sprintf("nested more than %d deep", maxDepth))
	}
	return true, nil
}

// Text reads a text; null is an empty one.
func (r *Reader) Text() (string, error) { return r.scalar('"', "a text") }

// Number reads a number as it is written; null is none.
func (r *Reader) Number() (string, error) { return r.scalar('0', "a number") }

func (r *Reader) scalar(kind jsontext.Kind, what string) (string, error) {
	token, err := r.d.ReadToken()
	switch {
	case err != nil:
		return "", err
	case token.Kind() == 'n':
		return "", nil
	case token.Kind() != kind:
		return "", Error("want " + what)
	}
	return token.String(), nil
}

// Skip passes over a value within the same bounds.
func (r *Reader) Skip() error {
	switch r.d.PeekKind() {
	case '{':
		return r.Object(func(string) error { return r.Skip() })
	case '[':
		return r.Array(r.Skip)
	default:
		_, err := r.d.ReadToken()
		return err
	}
}

// End asks that the document ends.
func (r *Reader) End() error {
	switch _, err := r.d.ReadToken(); {
	case err == nil:
		return Error("something follows the document")
	case errors.Is(err, io.EOF):
		return nil
	default:
		return err
	}
}
