package indico

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"comity"
)

// What the identities of Indico's calendars begin with.
const (
	eventUID        = "indico-event-"
	contributionUID = "indico-contribution-"
)

const (
	maxDepth  = 8      // components within components
	maxEvents = 1000   // VEVENT, before those that are left out
	maxLines  = 50_000 // unfolded
	maxParams = 50     // of one line
)

// property is one content line.
type property struct {
	name   string            // upper case
	params map[string]string // upper case names; the last value counts
	value  string
	line   int // on which it begins, from 1
}

// entry is a VEVENT: its properties by name, the first of each.
type entry struct {
	line int
	of   map[string]property
}

func (e entry) text(name string) string { return unescaped(e.of[name].value) }

func parseCalendar(text []byte) (Event, error) {
	if !utf8.Valid(text) {
		return Event{}, comity.Errorf(comity.Invalid, "the calendar is not in UTF-8")
	}
	entries, err := calendarEntries(string(text))
	if err != nil {
		return Event{}, err
	}
	if len(entries) == 0 {
		return Event{}, comity.Errorf(comity.Invalid, "the calendar has no event")
	}
	head, items, err := parted(entries)
	if err != nil {
		return Event{}, err
	}
	var read Event
	if head != nil {
		err = read.takeEvent(*head)
	} else {
		read.Origin, err = relatedOrigin(items)
	}
	if err != nil {
		return read, err
	}
	for _, e := range items {
		if err := read.takeItem(e); err != nil {
			return read, err
		}
	}
	if head == nil {
		for _, item := range read.Items {
			read.span(item)
		}
	}
	return read, nil
}

// parted tells the event from its contributions: a calendar has at most one event, or one entry alone.
func parted(entries []entry) (head *entry, items []entry, err error) {
	for i, e := range entries {
		uid := e.of["UID"].value
		switch {
		case uid == "":
			return nil, nil, comity.Errorf(comity.Invalid, "line %d: an event without a UID", e.line)
		case strings.HasPrefix(uid, contributionUID):
			items = append(items, e)
		case head == nil && (strings.HasPrefix(uid, eventUID) || len(entries) == 1):
			head = &entries[i]
		default:
			return nil, nil, comity.Errorf(comity.Invalid, "line %d: want the calendar of one event of Indico, with its contributions", e.line)
		}
	}
	return head, items, nil
}

// relatedOrigin is the event that contributions are of.
func relatedOrigin(items []entry) (string, error) {
	origin := items[0].of["RELATED-TO"].value
	for _, e := range items {
		if e.of["RELATED-TO"].value != origin || !strings.HasPrefix(origin, eventUID) {
			return "", comity.Errorf(comity.Invalid, "line %d: a contribution that does not name the event of the others", e.line)
		}
	}
	return origin, nil
}

func (e *Event) takeEvent(v entry) error {
	if strings.EqualFold(v.of["STATUS"].value, "CANCELLED") {
		return comity.Errorf(comity.Invalid, "line %d: the event was called off", v.of["STATUS"].line)
	}
	e.Origin, e.Title, e.Place, e.Note = v.of["UID"].value, v.text("SUMMARY"), v.text("LOCATION"), plainText(v.text("DESCRIPTION"))
	e.Link = v.of["URL"].value
	if _, repeats := v.of["RRULE"]; repeats {
		e.problem(lineOf(v.of["RRULE"].line), oneLine(e.Title), Repeats, "")
	}
	var err error
	if e.Starts, e.Ends, err = e.times(v); err != nil {
		return err
	}
	if e.Starts.IsZero() {
		return comity.Errorf(comity.Invalid, "line %d: an event without DTSTART", v.line)
	}
	e.Zone = v.of["DTSTART"].params["TZID"]
	return nil
}

func (e *Event) takeItem(v entry) error {
	item := Item{Title: v.text("SUMMARY"), Note: plainText(v.text("DESCRIPTION")), place: lineOf(v.line)}
	if strings.EqualFold(v.of["STATUS"].value, "CANCELLED") {
		e.problem(item.place, oneLine(item.Title), Cancelled, "")
		return nil
	}
	id, _, _ := strings.Cut(strings.TrimPrefix(v.of["UID"].value, contributionUID), "@")
	item.Origin = contributionOrigin(id)
	if len(item.Origin) > maxOrigin {
		return comity.Errorf(comity.Invalid, "line %d: a UID longer than %d bytes", v.of["UID"].line, maxOrigin)
	}
	starts, ends, err := e.times(v)
	if err != nil {
		return err
	}
	if item.Starts = starts; !starts.IsZero() {
		item.Minutes = minutesBetween(starts, ends)
	}
	if e.Zone == "" {
		e.Zone = v.of["DTSTART"].params["TZID"]
	}
	e.Items = append(e.Items, item)
	return nil
}

// times returns when an entry begins and ends, both zero if it does not say.
func (e *Event) times(v entry) (starts, ends time.Time, err error) {
	start, ok := v.of["DTSTART"]
	if !ok {
		return starts, ends, nil
	}
	if starts, err = e.time(v, start); err != nil {
		return starts, ends, err
	}
	if end, ok := v.of["DTEND"]; ok {
		ends, err = e.time(v, end)
		return starts, ends, err
	}
	if length, ok := v.of["DURATION"]; ok {
		d, err := duration(length)
		return starts, starts.Add(d), err
	}
	if len(start.value) == len(dateForm) {
		return starts, starts.AddDate(0, 0, 1), nil // a day; RFC 5545 §3.6.1
	}
	return starts, starts, nil
}

const (
	dateForm = "20060102"
	timeForm = "20060102T150405"
)

// time reads a DATE or a DATE-TIME of any of its three forms.
//
// Source: RFC 5545 §3.3.4 and §3.3.5.
func (e *Event) time(v entry, p property) (time.Time, error) {
	zone, name := time.UTC, p.params["TZID"]
	if name != "" {
		var err error
		if zone, err = zoneOf(name); err != nil {
			return time.Time{}, comity.Errorf(comity.Invalid, "line %d: %w", p.line, err)
		}
	}
	text, utc := strings.CutSuffix(p.value, "Z")
	form := timeForm
	if len(text) == len(dateForm) {
		form = dateForm
	}
	if utc {
		zone = time.UTC
	}
	t, err := time.ParseInLocation(form, text, zone)
	if err != nil || t.Year() < 1970 {
		return time.Time{}, comity.Errorf(comity.Invalid, "line %d: %.40q is no time", p.line, p.value)
	}
	if !utc && name == "" && form == timeForm {
		e.problem(lineOf(p.line), oneLine(v.text("SUMMARY")), Floating, p.name)
	}
	return t.UTC(), nil
}

// duration reads a DURATION of at most a month: P[nW] or P[nD][T[nH][nM][nS]].
//
// Source: RFC 5545 §3.3.6.
func duration(p property) (time.Duration, error) {
	units := map[byte]time.Duration{'W': 7 * 24 * time.Hour, 'D': 24 * time.Hour, 'H': time.Hour, 'M': time.Minute, 'S': time.Second}
	wrong := comity.Errorf(comity.Invalid, "line %d: %.40q is no length of time of at most a month", p.line, p.value)
	text, ok := strings.CutPrefix(strings.TrimPrefix(p.value, "+"), "P")
	if !ok || text == "" {
		return 0, wrong
	}
	var sum, n time.Duration
	digits := false
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9' && n < 1e6:
			n, digits = n*10+time.Duration(c-'0'), true
		case c == 'T' && !digits:
		case units[c] > 0 && digits:
			if n > 31*24*time.Hour/units[c] {
				return 0, wrong
			}
			sum, n, digits = sum+n*units[c], 0, false
		default:
			return 0, wrong
		}
	}
	if digits || sum > 31*24*time.Hour {
		return 0, wrong
	}
	return sum, nil
}

func lineOf(n int) string { return fmt.Sprintf("line %d", n) }

// calendarEntries reads the events of a calendar.
//
// Source: RFC 5545 §3.1, §3.4 and §3.6.
func calendarEntries(text string) ([]entry, error) {
	list, err := contentLines(text)
	if err != nil {
		return nil, err
	}
	var entries []entry
	var open []string
	for i, p := range list {
		name := strings.ToUpper(p.value)
		switch {
		case len(open) == 0 && (p.name != "BEGIN" || i > 0):
			return nil, comity.Errorf(comity.Invalid, "line %d: something follows the calendar's end", p.line)
		case p.name == "BEGIN":
			if open = append(open, name); len(open) > maxDepth {
				return nil, comity.Errorf(comity.Invalid, "line %d: more than %d components within one another", p.line, maxDepth)
			}
			if isEvent(open) {
				entries = append(entries, entry{p.line, map[string]property{}})
			}
			if len(entries) > maxEvents {
				return nil, comity.Errorf(comity.TooLarge, "line %d: more than %d events", p.line, maxEvents)
			}
		case p.name == "END":
			if name != open[len(open)-1] {
				return nil, comity.Errorf(comity.Invalid, "line %d: END:%.40s closes %s", p.line, name, open[len(open)-1])
			}
			open = open[:len(open)-1]
		case isEvent(open):
			if of := entries[len(entries)-1].of; of[p.name].line == 0 {
				of[p.name] = p
			}
		}
	}
	if len(open) > 0 {
		return nil, comity.Errorf(comity.Invalid, "the calendar is cut off: %s has no end", open[len(open)-1])
	}
	return entries, nil
}

func isEvent(open []string) bool { return slices.Equal(open, []string{"VCALENDAR", "VEVENT"}) }

// contentLines unfolds and splits the lines of a calendar. Empty lines are passed over.
func contentLines(text string) ([]property, error) {
	var list []property
	var whole strings.Builder
	number, begins := 0, 0
	flush := func() error {
		if whole.Len() == 0 {
			return nil
		}
		p, err := contentLine(whole.String(), begins)
		whole.Reset()
		if list = append(list, p); err == nil && len(list) > maxLines {
			err = comity.Errorf(comity.TooLarge, "line %d: more than %d lines", begins, maxLines)
		}
		return err
	}
	for line := range strings.SplitSeq(text, "\n") {
		number++
		line = strings.TrimSuffix(line, "\r")
		if line != "" && (line[0] == ' ' || line[0] == '\t') {
			whole.WriteString(line[1:])
			continue
		}
		if err := flush(); err != nil {
			return nil, err
		}
		whole.WriteString(line)
		begins = number
	}
	return list, flush()
}

// contentLine splits NAME;PARAM=VALUE;PARAM="VALUE":value.
func contentLine(line string, number int) (property, error) {
	p := property{params: map[string]string{}, line: number}
	end := strings.IndexAny(line, ";:")
	if end <= 0 {
		return p, comity.Errorf(comity.Invalid, "line %d: want NAME:value", number)
	}
	p.name = strings.ToUpper(line[:end])
	rest := line[end:]
	for strings.HasPrefix(rest, ";") {
		name, after, ok := strings.Cut(rest[1:], "=")
		if !ok {
			return p, comity.Errorf(comity.Invalid, "line %d: want NAME=value after a semicolon", number)
		}
		var value string
		if value, rest, ok = paramValue(after); !ok {
			return p, comity.Errorf(comity.Invalid, "line %d: a parameter without its end", number)
		}
		if len(p.params) == maxParams {
			return p, comity.Errorf(comity.TooLarge, "line %d: more than %d parameters", number, maxParams)
		}
		p.params[strings.ToUpper(name)] = value
	}
	value, ok := strings.CutPrefix(rest, ":")
	if !ok {
		return p, comity.Errorf(comity.Invalid, "line %d: want a colon before the value", number)
	}
	p.value = value
	return p, nil
}

// paramValue reads the values of a parameter up to the semicolon or colon after them; of several the last counts.
func paramValue(text string) (value, rest string, ok bool) {
	for {
		if quoted, isQuoted := strings.CutPrefix(text, `"`); isQuoted {
			if value, text, ok = strings.Cut(quoted, `"`); !ok {
				return "", "", false
			}
		} else {
			end := strings.IndexAny(text, ";:,")
			if end < 0 {
				return "", "", false
			}
			value, text = text[:end], text[end:]
		}
		if next, more := strings.CutPrefix(text, ","); more {
			text = next
			continue
		}
		return value, text, text != "" && (text[0] == ';' || text[0] == ':')
	}
}

// unescaped returns a TEXT value. Source: RFC 5545 §3.3.11.
func unescaped(text string) string {
	return strings.ReplaceAll(escapes.Replace(text), "\x00", "")
}

var escapes = strings.NewReplacer(`\\`, `\`, `\;`, `;`, `\,`, `,`, `\n`, "\n", `\N`, "\n")
