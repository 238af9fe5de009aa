package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/arabic"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
	"golang.org/x/text/unicode/norm"
)

// stemmers are those of the languages that a script is written in. A text says nothing of its language, so a word in
// Latin letters gets the stems of three.
//
// Source: the Snowball stemmers, https://snowballstem.org.
var stemmers = []struct {
	script *unicode.RangeTable
	stem   []func(*snowballstem.Env) bool
}{
	{unicode.Latin, []func(*snowballstem.Env) bool{english.Stem, french.Stem, spanish.Stem}},
	{unicode.Cyrillic, []func(*snowballstem.Env) bool{russian.Stem}},
	{unicode.Arabic, []func(*snowballstem.Env) bool{arabic.Stem}},
}

// forms returns the folded word, then its folded stems, each once.
func forms(word string) []string {
	list := []string{fold(word)}
	if strings.ContainsFunc(word, func(r rune) bool { return unicode.IsDigit(r) || isConnector(r) }) {
		return list
	}
	first, _ := utf8.DecodeRuneInString(word)
	word = strings.ReplaceAll(strings.ToLower(word), "ё", "е")
	for _, s := range stemmers {
		if !unicode.Is(s.script, first) {
			continue
		}
		for _, stem := range s.stem {
			env := snowballstem.NewEnv(word)
			stem(env)
			if folded := fold(env.Current()); folded != "" && !slices.Contains(list, folded) {
				list = append(list, folded)
			}
		}
	}
	return list
}

// arabicLetters are letters that people write one for the other.
var arabicLetters = strings.NewReplacer("أ", "ا", "إ", "ا", "آ", "ا", "ٱ", "ا", "ى", "ي", "ة", "ه", "ؤ", "و", "ئ", "ي")

// fold returns a word as it is compared: lower case, without accents and vowel signs, Arabic letters in one form, digits
// as 0–9, at most 64 bytes.
func fold(word string) string {
	if isASCII(word) {
		word = strings.ToLower(word)
		return word[:min(len(word), maxTerm)]
	}
	word = arabicLetters.Replace(strings.ToLower(word))
	var b strings.Builder
	for _, r := range norm.NFKD.String(word) {
		if digit, ok := digitOf(r); ok {
			r = digit
		}
		if unicode.Is(unicode.M, r) || !isWord(r) && !isConnector(r) {
			continue
		}
		if b.Len()+utf8.RuneLen(r) > maxTerm {
			break
		}
		b.WriteRune(r)
	}
	return norm.NFC.String(b.String())
}

// digitOf returns the ASCII digit that an Arabic-Indic one stands for.
func digitOf(r rune) (rune, bool) {
	switch {
	case '٠' <= r && r <= '٩':
		return '0' + r - '٠', true
	case '۰' <= r && r <= '۹':
		return '0' + r - '۰', true
	default:
		return r, false
	}
}

// isASCII reports whether a word, which has only letters, digits and connectors, has only those of ASCII.
func isASCII(word string) bool {
	return !strings.ContainsFunc(word, func(r rune) bool { return r >= utf8.RuneSelf })
}
