package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// hyphens are the connectors that are not written as ASCII; a soft hyphen only says where a word may break.
var hyphens = strings.NewReplacer("\u00ad", "", "\u2010", "-", "\u2011", "-", "\u2012", "-", "\u2013", "-", "\u0640", "")

// tokens cuts a text into words. A connector belongs to a word only between two of its letters or digits.
func tokens(text string) []token {
	rest := hyphens.Replace(norm.NFKC.String(text))
	var list []token
	for rest != "" {
		r, size := utf8.DecodeRuneInString(rest)
		if !isWord(r) || unicode.Is(unicode.M, r) {
			rest = rest[size:]
			continue
		}
		length := wordLength(rest, isDense(r))
		if word := rest[:length]; isDense(r) {
			list = append(list, token{whole: word, dense: true})
		} else {
			list = append(list, token{whole: word, parts: partsOf(word)})
		}
		rest = rest[length:]
	}
	return list
}

// wordLength returns how many bytes of s, which begins with a word, are that word.
func wordLength(s string, dense bool) int {
	length := 0
	for length < len(s) {
		r, size := utf8.DecodeRuneInString(s[length:])
		switch {
		case isWord(r) && isDense(r) == dense:
		case isConnector(r) && !dense && followed(s[length+size:]):
		default:
			return length
		}
		length += size
	}
	return length
}

// followed reports whether a word goes on after a connector.
func followed(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return isWord(r) && !isDense(r) && !unicode.Is(unicode.M, r)
}

// partsOf returns the parts of a word between connectors, and those of each where a small letter is followed by a
// capital. It returns nil for a word in one part.
func partsOf(word string) []string {
	var parts []string
	for _, part := range strings.FieldsFunc(word, isConnector) {
		humps := humpsOf(part)
		if len(humps) > 1 {
			parts = append(parts, humps...)
		}
		parts = append(parts, part)
	}
	if len(parts) < 2 {
		return nil
	}
	return parts
}

func humpsOf(s string) []string {
	var humps []string
	start, small := 0, false
	for i, r := range s {
		if small && unicode.IsUpper(r) {
			humps = append(humps, s[start:i])
			start = i
		}
		small = unicode.IsLower(r)
	}
	return append(humps, s[start:])
}
