// Package search turns text into terms, the same for what is kept and for what is asked, so that both databases find the
// same: they only compare terms. It knows the six languages of the United Nations and needs not be told which one a text
// is in. Read [Terms] and [Parse].
//
// A word becomes its folded form (lower case, without accents, with one form of each Arabic letter) and its stems; a name
// like "CVE-2021-44228" or "FortiGate" also its parts; Chinese, Japanese and Korean, which put no space between words,
// single characters and pairs of neighbours.
package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"comity"
)

// Version changes whenever the terms of a text do: what was kept under another version must be made anew.
const Version = 1

// Bounds on what is kept and what is asked.
const (
	maxText  = 64 << 10 // bytes of a text that are looked at
	maxTerms = 4000     // different terms kept of a text
	maxTerm  = 64       // bytes of a term; a longer word counts by its beginning
	maxAsked = 64       // terms of a question

	shortestPrefix = 3 // letters of a word that also finds longer ones
)

// Query is a question: every group must be found.
type Query []Group

// Group is one word of a question: any alternative is enough.
type Group []Alternative

// Alternative is a set of terms that must all be there.
type Alternative []Term

// Term is one term. It has only letters, digits, '-', '.' and '_', and needs no escaping within quotes.
type Term struct {
	Text   string
	Prefix bool // every term that begins so will do
}

// Terms returns the terms of a text, sorted, each once. Its cost is proportional to the text, of which the first 64 KB
// count.
func Terms(text string) []string {
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "")
	}
	set, seen := map[string]bool{}, map[string]bool{}
	for _, t := range tokens(text) {
		if seen[t.whole] {
			continue
		}
		seen[t.whole] = true
		for _, term := range t.kept() {
			if term != "" && len(set) < maxTerms {
				set[term] = true
			}
		}
	}
	list := make([]string, 0, len(set))
	for term := range set {
		list = append(list, term)
	}
	slices.Sort(list)
	return list
}

// Parse reads a question as people type it. A word also finds those that begin with it, from three letters on. A question
// without any letter or digit is empty and finds everything; one with too many words is Invalid.
func Parse(text string) (Query, error) {
	if !utf8.ValidString(text) {
		return nil, comity.Errorf(comity.Invalid, "search text: not valid UTF-8")
	}
	if len(text) > maxText {
		return nil, comity.Errorf(comity.Invalid, "search text: longer than %d bytes", maxText)
	}
	var q Query
	asked := 0
	for _, t := range tokens(text) {
		group := t.asked()
		if len(group) == 0 {
			continue
		}
		for _, alternative := range group {
			asked += len(alternative)
		}
		if asked > maxAsked {
			return nil, comity.Errorf(comity.Invalid, "search text: too many words; leave some out")
		}
		q = append(q, group)
	}
	return q, nil
}

// token is one word of a text.
type token struct {
	whole string   // as written, in NFC, with its connectors; of a run without spaces, the run
	parts []string // as written, between connectors and where small letters turn to capitals; nil: no parts
	dense bool     // of a script without spaces between words
}

// kept returns the terms under which the word is found.
func (t token) kept() []string {
	if t.dense {
		return slices.Concat(neighbours(t.whole, 1), neighbours(t.whole, 2))
	}
	terms := forms(t.whole)
	for _, part := range t.parts {
		terms = append(terms, forms(part)...)
	}
	if t.parts != nil {
		terms = append(terms, joined(t.whole))
	}
	return terms
}

// asked returns what finds the word.
func (t token) asked() Group {
	if t.dense {
		size := min(2, utf8.RuneCountInString(t.whole))
		var all Alternative
		for _, term := range neighbours(t.whole, size) {
			all = append(all, Term{Text: term})
		}
		return Group{all}
	}
	group := Group{}
	add := func(terms ...Term) {
		if !slices.Contains(terms, Term{}) && !slices.ContainsFunc(group, func(a Alternative) bool { return slices.Equal(a, terms) }) {
			group = append(group, terms)
		}
	}
	for i, form := range forms(t.whole) {
		add(Term{Text: form, Prefix: i == 0 && utf8.RuneCountInString(form) >= shortestPrefix})
	}
	if parts := t.written(); len(parts) > 1 {
		add(Term{Text: joined(t.whole)})
		if !slices.ContainsFunc(parts, isNumber) {
			all := make([]Term, len(parts))
			for i, part := range parts {
				all[i] = Term{Text: fold(part)}
			}
			add(all...)
		}
	}
	return group
}

// written returns the parts between connectors.
func (t token) written() []string { return strings.FieldsFunc(t.whole, isConnector) }

// joined is a compound without its connectors: "co-operation" is "cooperation" elsewhere.
func joined(s string) string {
	return fold(strings.Map(func(r rune) rune {
		if isConnector(r) {
			return -1
		}
		return r
	}, s))
}

// neighbours returns every run of size characters.
func neighbours(s string, size int) []string {
	runes := []rune(s)
	var list []string
	for i := 0; i+size <= len(runes); i++ {
		list = append(list, string(runes[i:i+size]))
	}
	return list
}

func isNumber(s string) bool { return strings.Trim(s, "0123456789") == "" }

func isConnector(r rune) bool { return r == '-' || r == '.' || r == '_' }

func isWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)
}

func isDense(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai)
}
