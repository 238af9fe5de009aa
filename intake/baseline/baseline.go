// Package baseline reads baselines from files: OSCAL catalogues and resolved profiles, and CSV with a control in each row.
// It also reads and writes an organisation's answers to a baseline (answers.go). It stores nothing. [Parse] is what to read
// first.
//
// What is wrong with a file is told as problems, each with its place and all of them, so that somebody can look at them
// before anything is saved.
package baseline

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"comity"
	"comity/exchange/oscal"
	"comity/intake"
)

// MaxBytes bounds a file, unpacked.
const MaxBytes = oscal.MaxBytes

// maxProblems bounds how many problems are told.
const maxProblems = 1000

// Bounds of single texts, in characters.
const (
	maxID    = 80
	maxTitle = 500
)

// Options say of a baseline what its file may not.
type Options struct {
	Title   string // in place of the file's; a CSV file has none
	Version string // likewise
}

// Parse reads a baseline, packed with gzip or not: the controls that are in force, and everything that is wrong. If a
// problem is no warning the baseline is not to be stored. The error is that of the reader alone.
func Parse(r io.Reader, o Options) (comity.Baseline, []Problem, error) {
	p := &parser{seen: map[string]string{}}
	doc, err := intake.Open(r, MaxBytes)
	if err == nil {
		var data []byte
		if data, err = io.ReadAll(doc); err == nil {
			p.read(data)
			p.out.Hash = doc.Hash()
		}
	}
	switch kind := comity.KindOf(err); {
	case err == nil:
	case kind == comity.Invalid || kind == comity.TooLarge:
		p.fail(Problem{Code: Unreadable, Value: err.Error()})
	default:
		return comity.Baseline{}, nil, fmt.Errorf("read the baseline: %w", err)
	}
	p.finish(o)
	return p.out, p.problems, nil
}

type parser struct {
	out      comity.Baseline
	problems []Problem
	seen     map[string]string // control → its place
	controls int
}

func (p *parser) fail(problem Problem) {
	problem.Place, problem.Value = shorten(problem.Place, 300), shorten(problem.Value, 200)
	switch len(p.problems) {
	case maxProblems:
		p.problems = append(p.problems, Problem{Code: TooManyProblems, Value: fmt.Sprint(maxProblems)})
	default:
		if len(p.problems) < maxProblems {
			p.problems = append(p.problems, problem)
		}
	}
}

func (p *parser) read(data []byte) {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	first := bytes.TrimLeft(data, " \t\r\n")
	switch {
	case len(first) == 0:
		p.fail(Problem{Code: Empty})
	case first[0] == '{' || first[0] == '<':
		p.readOSCAL(data)
	default:
		p.readCSV(data)
	}
}

func (p *parser) readOSCAL(data []byte) {
	c, err := oscal.ParseBytes(data)
	if e, ok := errors.AsType[*oscal.Error](err); ok {
		p.fail(Problem{Place: e.Place, Code: Unreadable, Value: e.Reason})
		return
	}
	if err != nil {
		p.fail(Problem{Code: Unreadable, Value: err.Error()})
		return
	}
	p.catalog(c)
}

// finish fills in what the options say and checks the whole.
func (p *parser) finish(o Options) {
	b := &p.out
	if o.Title != "" {
		b.Title = o.Title
	}
	if o.Version != "" {
		b.Version = o.Version
	}
	b.Title, b.Version = line(b.Title), line(b.Version)
	b.Key = KeyOf(b.Title)
	unreadable := len(p.problems) > 0 && p.problems[0].Fatal()
	switch {
	case unreadable:
	case b.Count() == 0:
		p.fail(Problem{Code: NoControls})
	case len(b.Groups) > comity.MaxBaselineGroups:
		p.fail(Problem{Code: TooMany, Value: fmt.Sprintf("%d groups", comity.MaxBaselineGroups)})
	}
	if len([]rune(b.Title)) > maxTitle || len([]rune(b.Version)) > maxID {
		p.fail(Problem{Field: "title", Code: TooLong, Value: b.Title})
	}
}

// group adds a group, to be filled by what follows.
func (p *parser) group(g comity.BaselineGroup) {
	p.out.Groups = append(p.out.Groups, g)
}

// control adds a control to the last group, if nothing is wrong with it.
func (p *parser) control(place string, c comity.BaselineControl) {
	before := len(p.problems)
	switch other, twice := p.seen[c.ID]; {
	case c.ID == "":
		p.fail(Problem{Place: place, Field: "id", Code: Required})
	case !isID(c.ID):
		p.fail(Problem{Place: place, Field: "id", Code: BadID, Value: c.ID})
	case twice:
		p.fail(Problem{Place: place, Field: "id", Code: Duplicate, Value: c.ID + ", " + other})
	}
	if c.Title == "" {
		p.fail(Problem{Place: place, Field: "title", Code: Required})
	}
	if utf8.RuneCountInString(c.Title) > maxTitle || utf8.RuneCountInString(c.Label) > maxID {
		p.fail(Problem{Place: place, Field: "title", Code: TooLong, Value: c.Title})
	}
	if len(c.Text) > comity.MaxBaselineText {
		c.Text = strings.ToValidUTF8(c.Text[:comity.MaxBaselineText], "") + "…"
		p.fail(Problem{Place: place, Field: "text", Code: Cut, Value: c.ID})
		before++
	}
	p.seen[c.ID] = place
	if p.controls++; p.controls == comity.MaxBaselineControls+1 {
		p.fail(Problem{Place: place, Code: TooMany, Value: fmt.Sprintf("%d controls", comity.MaxBaselineControls)})
	}
	if len(p.problems) > before || p.controls > comity.MaxBaselineControls {
		return
	}
	if c.Label == "" {
		c.Label = c.ID
	}
	g := &p.out.Groups[len(p.out.Groups)-1]
	g.Controls = append(g.Controls, c)
}

// isID reports whether s can name a control: one word of letters, digits and marks.
func isID(s string) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxID && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == '/' || r == '\\'
	})
}

// dropEmpty takes out groups in which nothing is in force.
func (p *parser) dropEmpty() {
	kept := p.out.Groups[:0]
	for _, g := range p.out.Groups {
		if len(g.Controls) > 0 {
			kept = append(kept, g)
		}
	}
	p.out.Groups = kept
}

// KeyOf returns what names a baseline in all its revisions: its title in lower case, words joined by hyphens, without what
// counts versions, such as "5.1.1" or "v2.0".
func KeyOf(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.'
	})
	kept := words[:0]
	for _, w := range words {
		if w = strings.Trim(w, "."); w != "" && !isVersion(w) {
			kept = append(kept, w)
		}
	}
	return shorten(strings.Join(kept, "-"), maxTitle)
}

func isVersion(word string) bool {
	digits := strings.TrimPrefix(word, "v")
	return strings.Contains(digits, ".") && strings.Trim(digits, "0123456789.") == ""
}

// line returns a text as one line without control characters.
func line(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// lines returns a text without control characters but line breaks.
func lines(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r != '\n' && unicode.IsControl(r):
			return -1
		default:
			return r
		}
	}, s))
}

func shorten(s string, most int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}
