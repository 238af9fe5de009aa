package pattern

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is what a token is.
type kind uint8

const (
	end kind = iota
	word
	text
	integer
	float
	timestamp
	hexadecimal
	binary
	sign
)

// token is one token with its place in the pattern, in bytes.
type token struct {
	kind kind
	text string // of a text without quotes and escapes
	at   int
}

// lexer cuts a pattern into tokens.
type lexer struct {
	source string
	at     int
}

var signs = []string{"==", "!=", "<>", "<=", ">=", "=", "<", ">", "[", "]", "(", ")", ":", ".", ",", "*"}

func (l *lexer) next() (token, error) {
	if err := l.skip(); err != nil {
		return token{}, err
	}
	rest := l.source[l.at:]
	if rest == "" {
		return token{kind: end, at: l.at}, nil
	}
	for prefix, k := range map[string]kind{"'": text, "t'": timestamp, "h'": hexadecimal, "b'": binary} {
		if strings.HasPrefix(rest, prefix) {
			return l.quoted(k, len(prefix))
		}
	}
	c := rest[0]
	switch {
	case isLetter(c):
		return l.word(), nil
	case isDigit(c), (c == '-' || c == '+') && len(rest) > 1 && (isDigit(rest[1]) || rest[1] == '.'), c == '.' && len(rest) > 1 && isDigit(rest[1]):
		return l.number(), nil
	}
	for _, s := range signs {
		if strings.HasPrefix(rest, s) {
			t := token{sign, s, l.at}
			l.at += len(s)
			return t, nil
		}
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return token{}, wrong(l.at, "%q has no place here", r)
}

// skip passes over white space and comments.
func (l *lexer) skip() error {
	for l.at < len(l.source) {
		rest := l.source[l.at:]
		r, size := utf8.DecodeRuneInString(rest)
		switch {
		case unicode.IsSpace(r):
			l.at += size
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				return wrong(l.at, "a comment without its end")
			}
			l.at += n + 4
		case strings.HasPrefix(rest, "//"):
			n := strings.IndexByte(rest, '\n')
			if n < 0 {
				n = len(rest)
			}
			l.at += n
		default:
			return nil
		}
	}
	return nil
}

func (l *lexer) word() token {
	start := l.at
	for l.at < len(l.source) && (isLetter(l.source[l.at]) || isDigit(l.source[l.at]) || l.source[l.at] == '-') {
		l.at++
	}
	return token{word, l.source[start:l.at], start}
}

func (l *lexer) number() token {
	start, k := l.at, integer
	l.at++
	if l.source[start] == '.' {
		k = float
	}
	for l.at < len(l.source) && (isDigit(l.source[l.at]) || k == integer && l.source[l.at] == '.') {
		if l.source[l.at] == '.' {
			k = float
		}
		l.at++
	}
	return token{k, l.source[start:l.at], start}
}

// quoted reads a literal in quotes, whose opening takes n bytes. Only in a text a backslash stands before a quote or
// another backslash.
func (l *lexer) quoted(k kind, n int) (token, error) {
	start := l.at
	var b strings.Builder
	for i := start + n; i < len(l.source); i++ {
		switch c := l.source[i]; {
		case c == '\'':
			l.at = i + 1
			return token{k, b.String(), start}, nil
		case c == '\\' && k == text:
			if i++; i == len(l.source) || l.source[i] != '\'' && l.source[i] != '\\' {
				return token{}, wrong(i-1, `a backslash stands before ' or \ only`)
			}
			b.WriteByte(l.source[i])
		default:
			b.WriteByte(c)
		}
	}
	return token{}, wrong(start, "a literal without its closing quote")
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
