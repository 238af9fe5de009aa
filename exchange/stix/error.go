package stix

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Error says why a document was not read. Pointer is the place in it, as a JSON pointer; empty for the whole.
type Error struct {
	Pointer string
	Offset  int64 // bytes before the place, as far as was read
	Reason  string
	Large   bool // a bound was passed; else the document is wrong
}

// Error implements error.
func (e *Error) Error() string {
	return fmt.Sprintf("STIX document, at %q, byte %d: %s", e.Pointer, e.Offset, e.Reason)
}

// Problem says why an object can't be used. Pointer is the place in the object, as a JSON pointer; empty for all of it.
type Problem struct {
	Pointer string
	Reason  string
}

// Error implements error.
func (p *Problem) Error() string {
	if p.Pointer == "" {
		return p.Reason
	}
	return p.Pointer + ": " + p.Reason
}

func problem(pointer, format string, args ...any) *Problem {
	return &Problem{Pointer: pointer, Reason: fmt.Sprintf(format, args...)}
}

// syntaxReason is what a decoder says is wrong, without its own name and place.
func syntaxReason(err error) string {
	syntax, ok := errors.AsType[*jsontext.SyntacticError](err)
	if !ok {
		return err.Error()
	}
	if syntax.Err == nil {
		return "it is not JSON"
	}
	return strings.TrimPrefix(syntax.Err.Error(), "jsontext: ")
}

// syntaxProblem is what a decoder says is wrong with an object, at its place.
func syntaxProblem(err error) *Problem {
	pointer := ""
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		pointer = string(syntax.JSONPointer)
	}
	return problem(pointer, "%s", syntaxReason(err))
}
