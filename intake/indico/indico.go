// Package indico reads one event as Indico exports it: the JSON of /export/event/ID.json, with its contributions where they
// were asked for, the JSON of /export/timetable/ID.json, and iCalendar. It tells what cannot be taken over by place, and
// never asks a server for anything. Read [Parse] first.
//
// Source: Indico's documentation of its HTTP API, https://docs.getindico.io/en/stable/http-api/; RFC 5545.
package indico

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"comity"
	"comity/intake"

	_ "time/tzdata" // events name time zones, on machines without a list of them too
)

// Bounds of a document.
const (
	MaxBytes  = 4 << 20 // unpacked
	maxOrigin = 255     // bytes
	maxText   = 200     // characters of a title, a place or a presenter
	maxLink   = 2000    // bytes
)

// Event is what a document says of one event.
type Event struct {
	Origin   string    `json:"origin"`          // Indico's identity of the event: "indico-event-7@events.example.org"
	Title    string    `json:"title,omitempty"` // empty: the document has none, as timetables do
	Starts   time.Time `json:"starts"`          // UTC
	Ends     time.Time `json:"ends"`            // UTC
	Zone     string    `json:"zone,omitempty"`  // such as "Europe/Zurich"; empty: not said
	Place    string    `json:"place,omitempty"` // room and location
	Link     string    `json:"link,omitempty"`  // https
	Note     string    `json:"note,omitempty"`  // the description, as plain text
	Items    []Item    `json:"items,omitempty"` // in the order in which they begin
	Problems []Problem `json:"problems,omitempty"`
}

// Item is a contribution or a break.
type Item struct {
	Origin    string    `json:"origin"` // unique within the event
	Title     string    `json:"title"`
	Note      string    `json:"note,omitempty"`
	Presenter string    `json:"presenter,omitempty"`
	Minutes   int       `json:"minutes"`         // 0: not said
	Starts    time.Time `json:"starts,omitzero"` // UTC; zero: not scheduled

	place string // in the document
}

// Code says what is wrong.
type Code string

// The codes of problems. None stops an import: each says what is done instead.
const (
	Untitled    Code = "untitled"    // an item without a title is left out
	Twice       Code = "twice"       // an item that came before is left out
	Cancelled   Code = "cancelled"   // an item that was called off is left out
	Unscheduled Code = "unscheduled" // an item without a time comes at the end
	Outside     Code = "outside"     // an item begins before or after the event
	Duration    Code = "duration"    // how long an item takes is not said, or more than a day
	Cut         Code = "cut"         // a text is longer than there is room for; Value: of what
	Parts       Code = "parts"       // contributions within a contribution are left out; Value: how many
	Floating    Code = "floating"    // a time without a zone is taken as UTC
	Repeats     Code = "repeats"     // only the first of a repeated event is taken
	Link        Code = "link"        // an address that is not https is left out
)

// Problem is one thing that cannot be taken over as it is.
type Problem struct {
	Place string `json:"place"`          // a JSON pointer, or "line 12"
	Item  string `json:"item,omitempty"` // its title; empty: the event itself
	Code  Code   `json:"code"`
	Value string `json:"value,omitempty"`
}

// sentences tell problems in English; pages translate the code.
var sentences = map[Code]string{
	Untitled: "has no title and is left out", Twice: "came before and is left out", Cancelled: "was called off and is left out",
	Unscheduled: "has no time and comes at the end", Outside: "begins outside of the event's times",
	Duration: "does not say how long it takes, at most a day", Cut: "is longer than there is room for and was cut",
	Parts: "has contributions within it, which are left out", Floating: "has a time without a zone, which is taken as UTC",
	Repeats: "is repeated; only the first time is taken", Link: "has an address that is not https, which is left out",
}

// String tells the problem with its place, in English.
func (p Problem) String() string {
	s := p.Place + ": "
	if p.Item != "" {
		s += fmt.Sprintf("%q ", p.Item)
	}
	s += sentences[p.Code]
	if p.Value != "" {
		s += ": " + p.Value
	}
	return s
}

// Parse reads a document of at most [MaxBytes], packed with gzip or not. A document that is none of the forms, has not
// exactly one event, or an event without its times, is an error of kind Invalid that names the JSON pointer or the line; one
// beyond a bound is TooLarge. All else is told in the event's problems.
func Parse(r io.Reader) (Event, error) {
	document, err := intake.Open(r, MaxBytes)
	if err != nil {
		return Event{}, err
	}
	text, err := io.ReadAll(document)
	if err != nil {
		return Event{}, err
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	var e Event
	switch head := bytes.TrimSpace(text); {
	case len(head) > 0 && head[0] == '{':
		e, err = parseJSON(text)
	case len(head) >= len(calendarHead) && strings.EqualFold(string(head[:len(calendarHead)]), calendarHead):
		e, err = parseCalendar(text)
	default:
		err = comity.Errorf(comity.Invalid, "this is no export of Indico: want JSON or iCalendar")
	}
	if err != nil {
		return Event{}, err
	}
	return e.settled()
}

const calendarHead = "BEGIN:VCALENDAR"

// problem notes a problem.
func (e *Event) problem(place, item string, code Code, value string) {
	e.Problems = append(e.Problems, Problem{place, item, code, value})
}

// settled puts the items in order and bounds all texts.
func (e Event) settled() (Event, error) {
	if !e.Ends.After(e.Starts) || e.Ends.Sub(e.Starts) > comity.MaxSessionLength*24*time.Hour {
		return e, comity.Errorf(comity.Invalid, "the event ends before it begins, or lasts more than %d days", comity.MaxSessionLength)
	}
	if len(e.Origin) > maxOrigin {
		return e, comity.Errorf(comity.Invalid, "the event's identity is longer than %d bytes", maxOrigin)
	}
	e.Title = e.cut("", "", "title", oneLine(e.Title), maxText)
	e.Place = e.cut("", e.Title, "place", oneLine(e.Place), maxText)
	e.Note = e.cut("", e.Title, "description", e.Note, comity.MaxSessionNote)
	if e.Link != "" && !isLink(e.Link) {
		e.problem("", e.Title, Link, "")
		e.Link = ""
	}
	items := e.Items
	e.Items = nil
	seen := map[string]bool{}
	for _, item := range items {
		item.Title = oneLine(item.Title)
		switch {
		case item.Title == "":
			e.problem(item.place, "", Untitled, "")
		case seen[item.Origin]:
			e.problem(item.place, item.Title, Twice, "")
		default:
			seen[item.Origin] = true
			e.Items = append(e.Items, e.settledItem(item))
		}
	}
	slices.SortStableFunc(e.Items, func(a, b Item) int {
		if a.Starts.IsZero() != b.Starts.IsZero() {
			return cmp.Compare(b.Starts.Unix(), a.Starts.Unix()) // the zero time is the last
		}
		return a.Starts.Compare(b.Starts)
	})
	if len(e.Items) > comity.MaxAgendaItems {
		return e, comity.Errorf(comity.TooLarge, "the event has %d contributions: an agenda has at most %d items", len(e.Items), comity.MaxAgendaItems)
	}
	return e, nil
}

// isLink reports whether sessions take the address: https, without a password.
func isLink(address string) bool {
	u, err := url.Parse(address)
	return err == nil && len(address) <= maxLink && u.Scheme == "https" && u.Host != "" && u.User == nil
}

func (e *Event) settledItem(item Item) Item {
	item.Title = e.cut(item.place, item.Title, "title", item.Title, maxText)
	item.Presenter = e.cut(item.place, item.Title, "presenter", oneLine(item.Presenter), maxText)
	item.Note = e.cut(item.place, item.Title, "description", item.Note, comity.MaxSessionNote)
	if item.Minutes <= 0 || item.Minutes > 24*60 {
		e.problem(item.place, item.Title, Duration, "")
		item.Minutes = 0
	}
	switch {
	case item.Starts.IsZero():
		e.problem(item.place, item.Title, Unscheduled, "")
	case item.Starts.Before(e.Starts) || !item.Starts.Before(e.Ends):
		e.problem(item.place, item.Title, Outside, item.Starts.Format(time.RFC3339))
	}
	return item
}

// cut returns a text without what is beyond its room, and notes it.
func (e *Event) cut(place, item, what, text string, room int) string {
	if utf8.RuneCountInString(text) <= room {
		return text
	}
	runes := []rune(text)[:room-1]
	text = strings.TrimSpace(string(runes)) + "…"
	if item == "" || what == "title" {
		item = text
	}
	e.problem(place, item, Cut, what)
	return text
}

// Session returns a session with what the event says of it: identity, dates, and where the document has them title, time
// zone, place, address and note. All else stays.
func (e Event) Session(one comity.GroupSession) comity.GroupSession {
	one.Origin, one.Starts, one.Ends = e.Origin, e.Starts, e.Ends
	one.Title, one.Zone, one.Note = cmp.Or(e.Title, one.Title), cmp.Or(e.Zone, one.Zone), cmp.Or(e.Note, one.Note)
	one.Place, one.Link = cmp.Or(e.Place, one.Place), cmp.Or(e.Link, one.Link)
	return one
}

// Agenda returns the items for the agenda of a session, without identities and with its label.
func (e Event) Agenda(one comity.GroupSession) []comity.AgendaItem {
	list := make([]comity.AgendaItem, len(e.Items))
	for i, item := range e.Items {
		list[i] = comity.AgendaItem{
			Session: one.ID, Position: i + 1, Title: item.Title, Note: item.Note, Presenter: item.Presenter, Minutes: item.Minutes, TLP: one.TLP, Origin: item.Origin,
		}
	}
	return list
}
