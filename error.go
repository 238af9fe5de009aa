package comity

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says what a program can do about an error. The zero kind is Internal, whose text is never shown to a user.
type Kind uint8

// The kinds of error. Each layer at the edge has one table from kind to what it answers.
const (
	Internal     Kind = iota // our mistake or a broken machine: log it, show nothing of it
	Invalid                  // the input is wrong: say where
	NotFound                 // there is no such thing, or it is not for this viewer: the same answer
	Unauthorized             // nobody is signed in
	Forbidden                // signed in, but this role never may
	Conflict                 // somebody changed it in between, or the name is taken
	TooLarge                 // over a bound that is stated
	TooMany                  // too often: come back later
	Unavailable              // the store or a source can't be reached now
	Stale                    // older than what is already here: an intake that needs force
)

var kindNames = [...]string{
	"internal", "invalid", "not-found", "unauthorized", "forbidden", "conflict", "too-large", "too-many", "unavailable", "stale",
}

// String returns the kind as it stands in logs and problem types, such as "not-found".
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return kindNames[Internal]
}

// Error is an error that somebody outside can be told about: Kind for the program, Msg for the user, Err for the log.
type Error struct {
	Kind Kind
	Msg  string // what was wrong and where, in plain English; shown unless Kind is Internal
	Key  string // key of the translated sentence under "error." in the locale catalogues; optional
	Err  error  // the cause, for the log only; optional
}

// Error returns the message, and the cause behind it unless the message tells it already.
func (e *Error) Error() string {
	switch {
	case e.Err == nil:
		return e.Msg
	case e.Msg == "":
		return e.Err.Error()
	case strings.Contains(e.Msg, e.Err.Error()):
		return e.Msg
	default:
		return e.Msg + ": " + e.Err.Error()
	}
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an *Error of this kind; a cause given with %w stays reachable.
func Errorf(kind Kind, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	return &Error{Kind: kind, Msg: err.Error(), Err: errors.Unwrap(err)}
}

// KindOf returns the kind of the first *Error in err's chain, Internal if there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}
