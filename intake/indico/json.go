package indico

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"comity"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// envelope is what is around every answer of the API.
type envelope struct {
	URL     word           `json:"url"` // that was asked
	Results jsontext.Value `json:"results"`
}

// event is one result of /export/event.
type event struct {
	ID            word           `json:"id"`
	Title         word           `json:"title"`
	Description   word           `json:"description"` // HTML
	URL           word           `json:"url"`
	Timezone      word           `json:"timezone"`
	Room          word           `json:"roomFullname"`
	RoomName      word           `json:"room"`
	Location      word           `json:"location"`
	Start         *moment        `json:"startDate"`
	End           *moment        `json:"endDate"`
	Contributions []contribution `json:"contributions"`
	Sessions      []struct {
		Contributions []contribution `json:"contributions"`
	} `json:"sessions"` // of detail=sessions
}

// contribution is a contribution of an event, or an entry of a timetable.
type contribution struct {
	ID               word                    `json:"id"`
	Database         word                    `json:"db_id"`          // since Indico 2: the identity that calendars use
	Contribution     word                    `json:"contributionId"` // of an entry of a timetable
	EntryType        word                    `json:"entryType"`      // of a timetable: Contribution, Break or Session
	Title            word                    `json:"title"`
	Description      word                    `json:"description"` // HTML
	Start            *moment                 `json:"startDate"`   // null: not scheduled
	End              *moment                 `json:"endDate"`
	Minutes          *float64                `json:"duration"`
	Speakers         []person                `json:"speakers"`
	Presenters       []person                `json:"presenters"` // of a timetable
	SubContributions []jsontext.Value        `json:"subContributions"`
	Entries          map[string]contribution `json:"entries"` // of a session in a timetable
	Room             word                    `json:"room"`
	Location         word                    `json:"location"`
}

// person is who presents.
type person struct {
	Name        word `json:"name"`
	FullName    word `json:"fullName"`
	Affiliation word `json:"affiliation"`
}

// moment is a time as Indico writes it.
type moment struct {
	Date word `json:"date"` // 2026-11-24
	Time word `json:"time"` // 09:30:00
	Zone word `json:"tz"`
}

// word is a text; versions of Indico write some as numbers, and null where there is none.
type word string

// UnmarshalJSON implements the interface of that name.
func (w *word) UnmarshalJSON(b []byte) error {
	value := jsontext.Value(b)
	switch value.Kind() {
	case 'n':
		*w = ""
	case '0':
		*w = word(b)
	case '"':
		s, err := jsontext.AppendUnquote(nil, b)
		if err != nil {
			return err
		}
		*w = word(strings.ReplaceAll(string(s), "\x00", ""))
	default:
		return comity.Errorf(comity.Invalid, "want a text")
	}
	return nil
}

// decode reads a value at a place of the document.
func decode(at jsontext.Pointer, text []byte, into any) error {
	err := json.Unmarshal(text, into)
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		return comity.Errorf(comity.Invalid, "at %q: this is not what Indico writes there", short(at+e.JSONPointer))
	}
	return notJSON(at, err)
}

const results = jsontext.Pointer("/results")

func parseJSON(text []byte) (Event, error) {
	if err := counted(text); err != nil {
		return Event{}, err
	}
	var e envelope
	if err := decode("", text, &e); err != nil {
		return Event{}, err
	}
	switch e.Results.Kind() {
	case '[':
		return parseEvents(e)
	case '{':
		return parseTimetables(e)
	default:
		return Event{}, comity.Errorf(comity.Invalid, "at %q: want the result of an export of one event", string(results))
	}
}

// maxValues bounds the objects of a document and the elements of its arrays together: what is read of them takes far more
// memory than their text. An agenda that is full has about 6,000.
const maxValues = 30_000

// counted reports a document with too many values as TooLarge, and one that is no JSON as Invalid.
func counted(text []byte) error {
	d := jsontext.NewDecoder(bytes.NewReader(text))
	for n := 0; n <= maxValues; {
		parent, _ := d.StackIndex(d.StackDepth())
		token, err := d.ReadToken()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return notJSON("", err)
		case token.Kind() == '{' || parent == '[' && token.Kind() != ']':
			n++
		}
	}
	return comity.Errorf(comity.TooLarge, "at %q: more than %d values", short(d.StackPointer()), maxValues)
}

// short returns a place without what is too deep to be read.
func short(at jsontext.Pointer) string {
	const room = 200
	if len(at) > room {
		return strings.ToValidUTF8(string(at[:room]), "") + "…"
	}
	return string(at)
}

// notJSON tells where a text is no JSON.
func notJSON(at jsontext.Pointer, err error) error {
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return comity.Errorf(comity.Invalid, "at %q, byte %d: this is no JSON: %w", short(at+e.JSONPointer), e.ByteOffset, e.Err)
	}
	return comity.Errorf(comity.Invalid, "at %q: this is no JSON: %w", short(at), err)
}

func parseEvents(e envelope) (Event, error) {
	var list []event
	if err := decode(results, e.Results, &list); err != nil {
		return Event{}, err
	}
	if len(list) != 1 {
		return Event{}, comity.Errorf(comity.Invalid, "at %q: there are %d events: export one", string(results), len(list))
	}
	at, one := results.AppendToken("0"), list[0]
	if one.Start == nil || one.End == nil {
		return Event{}, comity.Errorf(comity.Invalid, "at %q: the event does not say when it begins and ends", string(at))
	}
	read := Event{
		Title: string(one.Title), Note: plainText(string(one.Description)), Link: string(one.URL),
		Place: places(cmp.Or(string(one.Room), string(one.RoomName)), string(one.Location)),
	}
	var err error
	if read.Origin, err = eventOrigin(at, string(one.ID), string(one.URL), string(e.URL)); err != nil {
		return read, err
	}
	zone := cmp.Or(one.Timezone, one.Start.Zone)
	if read.Zone, err = zoneName(at, string(zone)); err != nil {
		return read, err
	}
	if read.Starts, err = one.Start.in(at.AppendToken("startDate"), zone); err != nil {
		return read, err
	}
	if read.Ends, err = one.End.in(at.AppendToken("endDate"), zone); err != nil {
		return read, err
	}
	r := reader{event: &read, zone: zone}
	if err := r.list(at.AppendToken("contributions"), one.Contributions); err != nil {
		return read, err
	}
	for i, s := range one.Sessions {
		if err := r.list(at.AppendToken("sessions").AppendToken(strconv.Itoa(i)).AppendToken("contributions"), s.Contributions); err != nil {
			return read, err
		}
	}
	return read, nil
}

func parseTimetables(e envelope) (Event, error) {
	var byEvent map[string]map[string]map[string]contribution
	if err := decode(results, e.Results, &byEvent); err != nil {
		return Event{}, err
	}
	if len(byEvent) != 1 {
		return Event{}, comity.Errorf(comity.Invalid, "at %q: there are %d timetables: export one", string(results), len(byEvent))
	}
	var read Event
	r := reader{event: &read}
	for id, days := range byEvent {
		at := results.AppendToken(id)
		var err error
		if read.Origin, err = eventOrigin(at, id, string(e.URL)); err != nil {
			return read, err
		}
		for _, day := range slices.Sorted(maps.Keys(days)) {
			if err := r.entries(at.AppendToken(day), days[day], true); err != nil {
				return read, err
			}
		}
	}
	for _, item := range read.Items {
		read.span(item)
	}
	if read.Starts.IsZero() {
		return read, comity.Errorf(comity.Invalid, "at %q: nothing of the timetable has a time", string(results))
	}
	return read, nil
}

// span makes the event as long as its items, where nothing else says it.
func (e *Event) span(item Item) {
	if item.Starts.IsZero() {
		return
	}
	if e.Starts.IsZero() || item.Starts.Before(e.Starts) {
		e.Starts = item.Starts
	}
	if end := item.Starts.Add(time.Duration(max(item.Minutes, 1)) * time.Minute); end.After(e.Ends) {
		e.Ends = end
	}
}

// reader reads the items of an event.
type reader struct {
	event *Event
	zone  word // of times without one
}

func (r *reader) list(at jsontext.Pointer, all []contribution) error {
	for i, c := range all {
		if err := r.item(at.AppendToken(strconv.Itoa(i)), c); err != nil {
			return err
		}
	}
	return nil
}

// entries reads the entries of a day, and those within its sessions, in the order of their names.
func (r *reader) entries(at jsontext.Pointer, all map[string]contribution, sessions bool) error {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		c, at := all[name], at.AppendToken(name)
		var err error
		switch {
		case sessions && len(c.Entries) > 0:
			err = r.entries(at.AppendToken("entries"), c.Entries, false)
		default:
			c.ID = cmp.Or(c.ID, word(name))
			err = r.item(at, c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) item(at jsontext.Pointer, c contribution) error {
	item := Item{
		Title: string(c.Title), Note: plainText(string(c.Description)), Presenter: presenters(c), Origin: itemOrigin(c), place: string(at),
	}
	if len(item.Origin) > maxOrigin {
		return comity.Errorf(comity.Invalid, "at %q: the contribution's identity is longer than %d bytes", string(at), maxOrigin)
	}
	var end time.Time
	var err error
	if c.Start != nil {
		if item.Starts, err = c.Start.in(at.AppendToken("startDate"), r.zone); err != nil {
			return err
		}
		if r.event.Zone == "" {
			r.event.Zone = string(c.Start.Zone)
		}
	}
	if c.End != nil {
		if end, err = c.End.in(at.AppendToken("endDate"), r.zone); err != nil {
			return err
		}
	}
	switch {
	case c.Minutes != nil:
		item.Minutes = int(math.Round(min(max(*c.Minutes, 0), 1e6)))
	case c.Start != nil && c.End != nil:
		item.Minutes = minutesBetween(item.Starts, end)
	}
	if n := len(c.SubContributions); n > 0 {
		r.event.problem(item.place, oneLine(item.Title), Parts, strconv.Itoa(n))
	}
	r.event.Items = append(r.event.Items, item)
	return nil
}

// minutesBetween returns the minutes between two times, at most a month's.
func minutesBetween(from, until time.Time) int {
	return int(min(max(until.Sub(from), 0), 31*24*time.Hour) / time.Minute)
}

// itemOrigin is the identity of a contribution as Indico's calendars write it, without the server; breaks have none there.
func itemOrigin(c contribution) string {
	if c.EntryType != "" && c.EntryType != "Contribution" {
		return "indico-" + strings.ToLower(string(c.EntryType)) + "-" + string(c.ID)
	}
	return contributionOrigin(string(cmp.Or(c.Contribution, c.Database, c.ID)))
}

func contributionOrigin(id string) string { return contributionUID + id }

// presenters tells who presents: names with their affiliations.
func presenters(c contribution) string {
	var list []string
	for _, p := range append(slices.Clone(c.Speakers), c.Presenters...) {
		name := oneLine(cmp.Or(string(p.FullName), string(p.Name)))
		if affiliation := oneLine(string(p.Affiliation)); affiliation != "" {
			name = strings.TrimSpace(fmt.Sprintf("%s (%s)", name, affiliation))
		}
		if name != "" && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return strings.Join(list, "; ")
}

// in returns the moment as a time in UTC; a moment without a zone is in the event's.
func (m moment) in(at jsontext.Pointer, event word) (time.Time, error) {
	zone, err := zoneOf(string(cmp.Or(m.Zone, event)))
	if err != nil {
		return time.Time{}, comity.Errorf(comity.Invalid, "at %q: %w", string(at.AppendToken("tz")), err)
	}
	clock, _, _ := strings.Cut(string(m.Time), ".")
	t, err := time.ParseInLocation(time.DateTime, string(m.Date)+" "+clock, zone)
	if err != nil || t.Year() < 1970 {
		return time.Time{}, comity.Errorf(comity.Invalid, "at %q: want a date and a time of day", string(at))
	}
	return t.UTC(), nil
}

func zoneName(at jsontext.Pointer, name string) (string, error) {
	if _, err := zoneOf(name); err != nil {
		return "", comity.Errorf(comity.Invalid, "at %q: %w", string(at.AppendToken("timezone")), err)
	}
	return name, nil
}

// eventOrigin is the identity of an event as Indico's calendars write it: its number and the server, which the first
// address that has a host names.
func eventOrigin(at jsontext.Pointer, id string, addresses ...string) (string, error) {
	odd := func(r rune) bool {
		return (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z') && r != '-' && r != '_'
	}
	if id == "" || len(id) > 64 || strings.ContainsFunc(id, odd) {
		return "", comity.Errorf(comity.Invalid, "at %q: want the number of the event", string(at.AppendToken("id")))
	}
	for _, address := range addresses {
		if u, err := url.Parse(address); err == nil && u.Hostname() != "" {
			return eventUID + id + "@" + strings.ToLower(u.Hostname()), nil
		}
	}
	return eventUID + id, nil
}
