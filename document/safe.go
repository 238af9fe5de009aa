package document

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Inert returns a text that no spreadsheet computes: an apostrophe stands before what begins like a formula, with or
// without spaces or invisible characters in front, and before line breaks and tabs that some programs skip.
//
// Source: OWASP, CSV Injection.
func Inert(s string) string {
	trimmed := strings.TrimLeftFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.IsControl(r)
	})
	first, _ := utf8.DecodeRuneInString(trimmed)
	begins, _ := utf8.DecodeRuneInString(s)
	if strings.ContainsRune("=+-@＝＋－＠", first) && trimmed != "" || s != "" && strings.ContainsRune("\t\r\n\x00", begins) {
		return "'" + s
	}
	return s
}

// legible returns a text without characters that XML does not allow.
//
// Source: XML 1.0 §2.2.
func legible(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r >= 0x20 && r != 0xFFFE && r != 0xFFFF {
			return r
		}
		return -1
	}, s)
}
