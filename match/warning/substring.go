package warning

import "strings"

// gram is how many bytes of an entry decide where it is looked for.
const gram = 4

// substrings finds which of many texts stand inside another, by their first bytes: one look-up a byte.
type substrings struct {
	long  map[[gram]byte][]substring
	short []substring // of fewer bytes
}

type substring struct {
	text  string
	entry uint32
}

func newSubstrings() substrings { return substrings{long: map[[gram]byte][]substring{}} }

func (s *substrings) add(text string, entry uint32) {
	if len(text) < gram {
		s.short = append(s.short, substring{text, entry})
		return
	}
	key := [gram]byte([]byte(text[:gram]))
	s.long[key] = append(s.long[key], substring{text, entry})
}

// find adds the entries that stand inside the part.
func (s *substrings) find(found []hit, l *Lists, p part) []hit {
	for _, one := range s.short {
		if l.isFor(one.entry, p) && strings.Contains(p.text, one.text) {
			found = append(found, hit{one.entry, p})
		}
	}
	for i := 0; i+gram <= len(p.text) && len(s.long) > 0; i++ {
		for _, one := range s.long[[gram]byte([]byte(p.text[i:i+gram]))] {
			if l.isFor(one.entry, p) && strings.HasPrefix(p.text[i:], one.text) {
				found = append(found, hit{one.entry, p})
			}
		}
	}
	return found
}
