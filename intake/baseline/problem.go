package baseline

import (
	"fmt"
	"strings"
)

// Code says what is wrong; the sentences for people stand in the locale catalogues under "baseline.problem.".
type Code string

// The codes. What Value holds is said of each.
const (
	Unreadable      Code = "unreadable"        // why
	Empty           Code = "empty"             //
	NoControls      Code = "no_controls"       //
	TooMany         Code = "too_many"          // the bound
	TooManyProblems Code = "too_many_problems" // the bound
	MissingColumn   Code = "missing_column"    // its name
	UnknownColumn   Code = "unknown_column"    // what stands there
	ColumnTwice     Code = "column_twice"      // its name
	Required        Code = "required"          //
	BadID           Code = "bad_id"            // what stands there
	Duplicate       Code = "duplicate"         // the control, and where it stood before
	TooLong         Code = "too_long"          // what stands there
	UnknownParent   Code = "unknown_parent"    // the parent
	Cut             Code = "cut"               // the control; a warning
	Superseded      Code = "superseded"        // how many controls; a warning

	UnknownControl Code = "unknown_control" // what stands there; of answers, as are those below
	BadMaturity    Code = "bad_maturity"    // what stands there
	BadDate        Code = "bad_date"        // what stands there
	NeedsReason    Code = "needs_reason"    //
	NeedsTarget    Code = "needs_target"    //
)

// Codes lists the codes, for the test that each has its sentence.
var Codes = []Code{
	Unreadable, Empty, NoControls, TooMany, TooManyProblems, MissingColumn, UnknownColumn, ColumnTwice, Required, BadID, Duplicate,
	TooLong, UnknownParent, Cut, Superseded, UnknownControl, BadMaturity, BadDate, NeedsReason, NeedsTarget,
}

// Problem is one thing that is wrong with a file, and where.
type Problem struct {
	Place string `json:"place,omitempty"` // a JSON pointer, "line 12", or "Sheet!12"; empty: the file as a whole
	Field string `json:"field,omitempty"` // column or member; empty: the place as a whole
	Code  Code   `json:"code"`
	Value string `json:"value,omitempty"` // as the code's comment says, shortened
}

// Warning reports whether the file can be used as it is all the same.
func (p Problem) Warning() bool { return p.Code == Cut || p.Code == Superseded }

// Fatal reports whether nothing could be read.
func (p Problem) Fatal() bool {
	switch p.Code {
	case Unreadable, Empty, MissingColumn:
		return true
	default:
		return false
	}
}

// Usable reports whether a file with these problems can be stored.
func Usable(problems []Problem) bool {
	for _, p := range problems {
		if !p.Warning() {
			return false
		}
	}
	return true
}

var sentences = map[Code]string{
	Unreadable:      "{value}",
	Empty:           "the file is empty",
	NoControls:      "there is no control in force in it",
	TooMany:         "more than {value}",
	TooManyProblems: "there are more problems than the {value} that are told",
	MissingColumn:   "there is no column {value}",
	UnknownColumn:   "the column {value} is none that is known",
	ColumnTwice:     "the column {value} stands here twice",
	Required:        "must not be empty",
	BadID:           "{value}: want one word of at most 80 characters without a slash",
	Duplicate:       "stands here twice: {value}",
	TooLong:         "is too long: {value}",
	UnknownParent:   "there is no control {value} before it",
	Cut:             "the text of {value} is longer than 16 kB and was cut",
	Superseded:      "{value} controls of an earlier version are in the file without a mark; they were left out",
	UnknownControl:  "there is no control {value} in the baseline",
	BadMaturity:     "{value}: want initial, developing, established, advanced or leading, and for an answer also not-applicable or nothing",
	BadDate:         "{value}: want a date as YYYY-MM-DD",
	NeedsReason:     "say in the evidence why it is not applicable",
	NeedsTarget:     "a date needs a target",
}

// String returns the problem in English, such as "line 3, title: must not be empty".
func (p Problem) String() string {
	text := strings.ReplaceAll(sentences[p.Code], "{value}", p.Value)
	place := p.Place
	if p.Field != "" && place != "" {
		place = fmt.Sprintf("%s, %s", place, p.Field)
	} else if p.Field != "" {
		place = p.Field
	}
	if place == "" {
		return text
	}
	return place + ": " + text
}
