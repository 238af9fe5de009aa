package act

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"comity"
)

// Bounds of what people write, in characters (runes).
const (
	MaxTitle = 200
	MaxNote  = 4000
)

// Problem is what is wrong with one field of an action item.
type Problem struct {
	Field string // as in the item's JSON, which is also the name in a form
	Msg   string // what is wanted, in plain English
}

// Problems returns what is wrong with an action item, in the order of the fields; none if it may be stored. Not checked:
// whether the person may do this, and whether what the item refers to exists.
func Problems(a comity.ActionItem) []Problem {
	var list []Problem
	want := func(ok bool, field, msg string) {
		if !ok {
			list = append(list, Problem{field, msg})
		}
	}
	want(isLine(a.Title, 1, MaxTitle), "title", "1 to 200 characters on one line")
	want(utf8.ValidString(a.Note) && utf8.RuneCountInString(a.Note) <= MaxNote, "note", "at most 4000 characters")
	want(a.Owner != "", "owner", "an organisation")
	want(a.Audience == comity.AudienceOwner || a.Audience == comity.AudienceGroup, "audience", "the owner's organisation or the group")
	want(a.Audience != comity.AudienceGroup || travels(a.TLP), "tlp", "what is for the group needs a label from TLP:CLEAR to TLP:AMBER+STRICT")
	want(slices.Contains(comity.Priorities, a.Priority), "priority", "urgent, high, medium or low")
	want(slices.Contains(comity.ActionStatuses, a.Status), "status", "open, in-progress, done or dropped")
	want(a.Progress >= 0 && a.Progress <= 100, "progress", "0 to 100 per cent")
	want(a.Kind == "" || slices.Contains(comity.ActionKinds, a.Kind), "kind", "one of the kinds of action item, or none")
	want(a.RAG == "" || slices.Contains(comity.RAGs, a.RAG), "rag", "green, amber or red, or nothing said")
	want(a.Effort >= 0 && a.Effort <= comity.MaxEffort, "effort", "0 to 10,000 person-days")
	want(len(a.Contributors) <= comity.MaxContributors, "contributors", "at most 60 organisations")
	want(len(a.After) <= comity.MaxDependencies, "after", "at most 20 action items")
	want(a.Start.IsZero() || a.Due.IsZero() || !a.Due.Before(a.Start), "start", "not after the day on which it is due")
	want(a.Status != comity.ActionDone || a.Progress == 100, "progress", "100 per cent, since it is done")
	want(a.Due.IsZero() || !a.Due.Before(comity.DateOf(a.Created)), "due", "not before the day on which it was created")
	return list
}

// Validate returns an error of kind Invalid that names each field that is wrong, nil if the item may be stored.
func Validate(a comity.ActionItem) error {
	problems := Problems(a)
	if len(problems) == 0 {
		return nil
	}
	parts := make([]string, len(problems))
	for i, p := range problems {
		parts[i] = p.Field + ": " + p.Msg
	}
	return comity.Errorf(comity.Invalid, "%s", strings.Join(parts, "; "))
}

// isLine reports whether s is text of least to most characters with something to see, and none that controls.
func isLine(s string, least, most int) bool {
	n := utf8.RuneCountInString(strings.TrimSpace(s))
	return utf8.ValidString(s) && n >= least && utf8.RuneCountInString(s) <= most && !strings.ContainsFunc(s, unicode.IsControl)
}

// travels reports whether something with this label leaves its originator's organisation.
func travels(t comity.TLP) bool { return t >= comity.TLPClear && t <= comity.TLPAmberStrict }
