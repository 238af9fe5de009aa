package comity

import (
	"time"
	"unicode/utf8"
)

// Term is the time in which an organisation leads the group as co-chair. It lasts until it is handed over, even past the
// day until which it was meant to.
type Term struct {
	Org   OrgID    `json:"organization"`
	From  Date     `json:"from"`
	Until Date     `json:"until"`          // as it was meant: handed over on this day
	Ended Date     `json:"ended,omitzero"` // first day on which it no longer led; zero: it goes on
	By    PersonID `json:"by,omitempty"`   // who recorded it
	Note  string   `json:"note,omitempty"` // at most 500 characters
}

// Leads reports whether the organisation leads the group on a day.
func (t Term) Leads(day Date) bool {
	return !day.Before(t.From) && (t.Ended.IsZero() || day.Before(t.Ended))
}

// RunsOut reports whether the term is pointed out on a day: it goes on and was meant to end within so many days, or before.
func (t Term) RunsOut(day Date, days int) bool {
	return t.Ended.IsZero() && !day.AddDays(days).Before(t.Until)
}

// Check reports the first thing that is wrong with a term, as Invalid.
func (t Term) Check() error {
	switch {
	case t.From.IsZero() || t.Until.IsZero() || !t.From.Before(t.Until):
		return Errorf(Invalid, "until: a term has a first day, and a later one until which it is meant")
	case !t.Ended.IsZero() && !t.From.Before(t.Ended):
		return Errorf(Invalid, "ended: after its first day")
	case !t.Until.Before(t.From.AddDays(10 * 366)):
		return Errorf(Invalid, "until: a term lasts ten years at most")
	case utf8.RuneCountInString(t.Note) > 500 || !utf8.ValidString(t.Note):
		return Errorf(Invalid, "note: at most 500 characters")
	}
	return nil
}

// CheckTerms refuses, as Conflict, terms by which on any day one organisation leads twice, or more than CoChairs lead.
// The order of terms does not matter.
func CheckTerms(terms []Term) error {
	for _, at := range terms { // who leads changes for the worse only where a term begins
		leading := map[OrgID]bool{}
		for _, t := range terms {
			if !t.Leads(at.From) {
				continue
			}
			if leading[t.Org] {
				return &Error{Kind: Conflict, Key: "terms_one_organization", Msg: "on " + at.From.String() + " both co-chairs would be of one organisation"}
			}
			leading[t.Org] = true
		}
		if len(leading) > CoChairs {
			return &Error{Kind: Conflict, Key: "co_chairs", Msg: "on " + at.From.String() + " more than two organisations would lead the group"}
		}
	}
	return nil
}

// SessionDue returns by which day the group is to meet again: so many times a year after the day on which it last met; the
// zero day where it never met, or no rules say how often.
func SessionDue(last Date, perYear int) Date {
	if last.IsZero() || perYear <= 0 {
		return Date{}
	}
	return DateOf(last.Time().AddDate(0, 12/perYear, 0))
}

// WithinDays reports whether a day that is set is at most so many days after today, or past.
func WithinDays(day, today Date, days int) bool {
	return !day.IsZero() && !today.AddDays(days).Before(day)
}

// DaysBetween returns how many days lie from one day to a later one; negative if it is earlier.
func DaysBetween(from, to Date) int { return int(to.Time().Sub(from.Time()) / (24 * time.Hour)) }
