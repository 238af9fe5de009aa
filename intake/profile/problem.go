package profile

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Code says what is wrong with a cell, a row or the file. It is also the end of a key in the locale catalogues:
// "profile.problem.<code>".
type Code string

// The codes.
const (
	Unreadable      Code = "unreadable"        // not the form that it looks like; the value says why. Nothing can be taken of it
	WrongVersion    Code = "wrong-version"     // a version of CycloneDX that is not taken in, which is the value
	NoComponents    Code = "no-components"     // a list of components without any
	NoSoftware      Code = "no-software"       // a list of components none of which is software; the value says what they are
	Empty           Code = "empty"             // the file has no row below its header
	TooBig          Code = "too-big"           // larger than its form may be; nothing of the file was read
	TooManyRows     Code = "too-many-rows"     // more than MaxRows; the rest was not read
	TooManyProblems Code = "too-many-problems" // more than MaxProblems; the rest was not read
	TooManyCells    Code = "too-many-cells"    // a row with more cells than the header
	TooLong         Code = "too-long"          // a cell over MaxCell characters
	NotUTF8         Code = "not-utf8"          // not UTF-8, or a control character in it
	Quoting         Code = "quoting"           // a quote where none may stand, or one that is not closed
	UnknownColumn   Code = "unknown-column"    // a header that means nothing here
	TwiceColumn     Code = "twice-column"      // the same header twice
	UnknownKind     Code = "unknown-kind"      // none of service, software, supplier, coverage
	Required        Code = "required"          // must not be empty
	Unused          Code = "unused"            // this kind of row has no such cell
	Duplicate       Code = "duplicate"         // says the same thing as an earlier row, whose place is the value
	BadID           Code = "bad-id"            // not an identity of this kind
	BadPlacement    Code = "bad-placement"
	BadDate         Code = "bad-date"
	BadCPE          Code = "bad-cpe"
	BadPURL         Code = "bad-purl"
	BadLevel        Code = "bad-level"
	BadGrade        Code = "bad-grade"      // not 0–4
	BadDependence   Code = "bad-dependence" // not 0–1 and not 0–100 %
	BadMitigation   Code = "bad-mitigation" // not an M-code, or none of the catalogue's
	BadCoverage     Code = "bad-coverage"   // none of the five steps
	BadWord         Code = "bad-word"       // none of the sectors, regions or scenarios
	BadAmount       Code = "bad-amount"     // no tolerance, or an interval of a band that is none
)

// Codes lists all codes, for the test that each has its sentence in every language.
var Codes = []Code{
	Unreadable, WrongVersion, NoComponents, NoSoftware, Empty, TooBig, TooManyRows, TooManyProblems, TooManyCells, TooLong, NotUTF8, Quoting, UnknownColumn, TwiceColumn, UnknownKind, Required,
	Unused, Duplicate, BadID, BadPlacement, BadDate, BadCPE, BadPURL, BadLevel, BadGrade, BadDependence, BadMitigation,
	BadCoverage, BadWord, BadAmount,
}

// sentences say the same in English, for the command line; {value} stands for the problem's value.
var sentences = map[Code]string{
	Unreadable:      "the file cannot be read: {value}",
	WrongVersion:    "CycloneDX {value}: versions 1.2 to 1.6 are taken in",
	NoComponents:    "the file names no components",
	NoSoftware:      "none of the components is software: {value}",
	Empty:           "the file has no rows",
	TooBig:          "the file is larger than {value}",
	TooManyRows:     "more than {value} rows; the rest was not read",
	TooManyProblems: "more than {value} problems; the rest was not read",
	TooManyCells:    "more cells than the header has columns",
	TooLong:         "longer than {value} characters",
	NotUTF8:         "not UTF-8 text, or has control characters",
	Quoting:         "a quotation mark is out of place or not closed",
	UnknownColumn:   "unknown column {value}",
	TwiceColumn:     "the column {value} stands here twice",
	UnknownKind:     "unknown kind {value}: want service, software, supplier or coverage",
	Required:        "must not be empty",
	Unused:          "a row of this kind has no such cell; {value} stands there",
	Duplicate:       "says the same as {value}",
	BadID:           "{value} is no identity of this kind; leave the cell empty for a new line",
	BadPlacement:    "{value}: want internet-facing or internal",
	BadDate:         "{value}: want a date as YYYY-MM-DD",
	BadCPE:          "{value}: want a CPE 2.3 name such as cpe:2.3:a:vendor:product:1.0:*:*:*:*:*:*:*",
	BadPURL:         "{value}: want a package URL such as pkg:deb/debian/openssl",
	BadLevel:        "{value}: want strategic or operational",
	BadGrade:        "{value}: want 0, 1, 2, 3 or 4",
	BadDependence:   "{value}: want a number from 0 to 1, or per cent such as 30%",
	BadMitigation:   "{value}: want a mitigation of ATT&CK such as M1032",
	BadCoverage:     "{value}: want 0, 25, 50, 75 or 95",
	BadWord:         "{value} is none of the words that may stand here",
	BadAmount:       "{value}: want an amount from 0 on, in an interval the smaller one first",
}

// Problem is one thing that is wrong, and where.
type Problem struct {
	Line   int    `json:"line,omitempty"`   // in the file, from 1; 0: not by line, the file as a whole, or a form's field
	Path   string `json:"path,omitempty"`   // as in Place
	Column string `json:"column,omitempty"` // canonical name of the column; empty: the row as a whole
	Code   Code   `json:"code"`
	Value  string `json:"value,omitempty"` // what stands there, shortened; or what the code's comment says
}

// Place returns where the problem is.
func (p Problem) Place() Place { return Place{Line: p.Line, Path: p.Path} }

// Fatal reports whether the rest of the file can't be trusted: the rows that were read must not be taken without it.
func (p Problem) Fatal() bool {
	switch p.Code {
	case Unreadable, WrongVersion, NoComponents, NoSoftware, Empty, TooBig, TooManyRows, TooManyProblems:
		return true
	default:
		return false
	}
}

// String returns the problem in English, such as "line 3, placement: …".
func (p Problem) String() string {
	value := p.Value
	switch p.Code {
	case TooBig, TooManyRows, TooManyProblems, TooLong, Duplicate, Unreadable, WrongVersion, NoSoftware:
	default:
		value = fmt.Sprintf("%q", p.Value)
	}
	if p.Code == Duplicate && p.Line > 0 {
		value = "line " + value
	}
	what := strings.ReplaceAll(sentences[p.Code], "{value}", value)
	place := p.Path
	if p.Line > 0 {
		place = fmt.Sprintf("line %d", p.Line)
	}
	for _, before := range []string{p.Column, place} {
		switch {
		case before == "":
		case before == place && p.Column != "":
			what = before + ", " + what
		default:
			what = before + ": " + what
		}
	}
	return what
}

// shorten cuts a value for a message, at a character's edge.
func shorten(s string, most int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}
