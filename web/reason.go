package web

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"comity"
)

// Reason writes a reason: the message under namespace, such as "reason" or "why", and the reason's key, with its args.
// An arg that is a number, day or vocabulary word is written as the language does.
func (l *locale) Reason(namespace string, r comity.Reason) string {
	args := make([]any, 0, 2*len(r.Args))
	for _, name := range slices.Sorted(maps.Keys(r.Args)) {
		args = append(args, name, l.reasonArg(name, r.Args[name]))
	}
	key := r.Key
	if namespace != "" {
		key = namespace + "." + key
	}
	return l.T(key, args...)
}

// reasonArg turns the text of an arg into what is shown.
func (l *locale) reasonArg(name, value string) any {
	switch name {
	case "count":
		if n, err := strconv.Atoi(value); err == nil {
			return n
		}
	case "date", "published":
		if d, err := comity.ParseDate(value); err == nil && !d.IsZero() {
			return plain(l.Date(d))
		}
	case "score":
		if p, err := strconv.ParseFloat(value, 64); err == nil {
			return plain(l.Percent(p))
		}
	case "scenario":
		return l.word("scenario", value, "name")
	case "section":
		return l.word("profile.section", value, "")
	case "subject":
		return l.subject(value)
	case "sectors":
		return l.wordList("sector", value)
	case "regions":
		return l.wordList("region", value)
	}
	return value
}

// subject writes what a match touches: as the profile names it, or for an actor the sectors and regions, which are words.
func (l *locale) subject(s string) string {
	var out []string
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		switch {
		case l.has("sector." + part):
			part = l.T("sector." + part)
		case l.has("region." + part):
			part = l.T("region." + part)
		default:
			return s
		}
		out = append(out, part)
	}
	return strings.Join(out, l.T("app.comma"))
}

// word returns the message of one word of a vocabulary, or the word itself.
func (l *locale) word(namespace, word, last string) string {
	key := namespace + "." + word
	if last != "" {
		key += "." + last
	}
	if l.has(key) {
		return l.T(key)
	}
	return word
}

// wordList translates words with commas between.
func (l *locale) wordList(namespace, list string) string {
	words := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
	for i, w := range words {
		words[i] = l.word(namespace, w, "")
	}
	return strings.Join(words, l.T("app.comma"))
}
