package indico

import (
	"html"
	"slices"
	"strings"
	"time"
	"unicode"

	"comity"
)

// oneLine returns a text as one line without control characters.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// lineEnds are the elements at which a line ends.
var lineEnds = []string{"br", "/p", "/div", "/li", "/h1", "/h2", "/h3", "/h4", "/tr", "/ul", "/ol"}

// plainText returns the text of what may be HTML: without its elements, a line for each block. It is not made safe for use
// as HTML, and need not be. It takes time in proportion to the text.
func plainText(markup string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(markup, "<")
		b.WriteString(before)
		if !found {
			break
		}
		if !isElement(rest) { // a sign, as in "3 < 5"
			b.WriteByte('<')
			markup = rest
			continue
		}
		element, after, closed := strings.Cut(rest, ">")
		if !closed {
			break // what is cut off within an element
		}
		name, _, _ := strings.Cut(strings.ToLower(element), " ")
		if slices.Contains(lineEnds, strings.TrimSuffix(name, "/")) {
			b.WriteByte('\n')
		}
		markup = after
	}
	return lines(html.UnescapeString(b.String()))
}

func isElement(text string) bool {
	return text != "" && (text[0] == '/' || text[0] == '!' || text[0]|0x20 >= 'a' && text[0]|0x20 <= 'z')
}

// lines returns a text with clean lines, no more than one of them empty in a row.
func lines(text string) string {
	var list []string
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r", "\n"), "\n") {
		line = oneLine(line)
		if line == "" && (len(list) == 0 || list[len(list)-1] == "") {
			continue
		}
		list = append(list, line)
	}
	return strings.TrimSpace(strings.Join(list, "\n"))
}

// zoneOf returns the time zone of a name.
func zoneOf(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return nil, comity.Errorf(comity.Invalid, "%.40q is no time zone that is known here", name)
	}
	return zone, nil
}

// places joins what is said of a place, each once.
func places(parts ...string) string {
	var list []string
	for _, p := range parts {
		if p = oneLine(p); p != "" && (len(list) == 0 || list[len(list)-1] != p) {
			list = append(list, p)
		}
	}
	return strings.Join(list, ", ")
}
