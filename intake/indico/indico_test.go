package indico

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"comity"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var unplaced = cmpopts.IgnoreUnexported(Item{})

// parsed reads a file of testdata.
func parsed(t *testing.T, name string) Event {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	e, err := Parse(f)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t
}

func TestParseContributions(t *testing.T) {
	want := Event{
		Origin: "indico-event-4711@events.example.org", Title: "Autumn session", Zone: "Europe/Zurich", Place: "Room A, Palais",
		Link: "https://events.example.org/event/4711/", Note: "Annual session.\n\nBring the papers & badges.",
		Starts: at("2026-11-24T08:00:00Z"), Ends: at("2026-11-24T16:00:00Z"),
		Items: []Item{
			{Origin: "indico-contribution-901", Title: "Opening; agenda, time-table", Presenter: "Co-chair (X-METEO); Secretariat", Minutes: 15, Starts: at("2026-11-24T08:00:00Z")},
			{Origin: "indico-contribution-902", Title: "Work-plan", Note: "Priorities", Minutes: 45, Starts: at("2026-11-24T08:15:00Z")},
			{Origin: "indico-contribution-905", Title: "Evening reception", Starts: at("2026-11-24T18:00:00Z")},
			{Origin: "indico-contribution-903", Title: "Any other business", Minutes: 10},
		},
		Problems: []Problem{
			{"/results/0/contributions/0", "Work-plan", Parts, "2"},
			{"/results/0/contributions/2", "Any other business", Unscheduled, ""},
			{"/results/0/contributions/3", "", Untitled, ""},
			{"/results/0/sessions/0/contributions/0", "Evening reception", Duration, ""},
			{"/results/0/sessions/0/contributions/0", "Evening reception", Outside, "2026-11-24T18:00:00Z"},
			{"/results/0/sessions/0/contributions/1", "Work-plan", Twice, ""},
		},
	}
	if diff := cmp.Diff(want, parsed(t, "contributions.json"), unplaced); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestParseTimetable(t *testing.T) {
	want := Event{
		Origin: "indico-event-4711@events.example.org", Zone: "Europe/Zurich", Starts: at("2026-11-24T08:00:00Z"), Ends: at("2026-11-24T09:15:00Z"),
		Items: []Item{
			{Origin: "indico-contribution-901", Title: "Opening", Presenter: "Co-chair (X-METEO)", Minutes: 15, Starts: at("2026-11-24T08:00:00Z")},
			{Origin: "indico-break-b3", Title: "Coffee", Minutes: 15, Starts: at("2026-11-24T08:15:00Z")},
			{Origin: "indico-contribution-902", Title: "Work-plan", Minutes: 45, Starts: at("2026-11-24T08:30:00Z")},
		},
	}
	if diff := cmp.Diff(want, parsed(t, "timetable.json"), unplaced); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestParseCalendar(t *testing.T) {
	want := Event{
		Origin: "indico-event-4711@events.example.org", Title: "Autumn session, year's last", Zone: "Europe/Zurich", Place: "Room A, Palais",
		Link: "https://events.example.org/event/4711/", Note: "Annual session; bring the papers",
		Starts: at("2026-11-24T08:00:00Z"), Ends: at("2026-11-24T16:00:00Z"),
		Items: []Item{
			{Origin: "indico-contribution-901", Title: "Opening: agenda and a very long line that is folded", Minutes: 15, Starts: at("2026-11-24T08:00:00Z")},
			{Origin: "indico-contribution-902", Title: "Work-plan", Minutes: 90, Starts: at("2026-11-24T08:15:00Z")},
		},
		Problems: []Problem{
			{"line 38", "Called off", Cancelled, ""},
			{"line 34", "Work-plan", Floating, "DTSTART"},
		},
	}
	got := parsed(t, "event.ics")
	if got.Problems[0].Code != Cancelled {
		got.Problems[0], got.Problems[1] = got.Problems[1], got.Problems[0]
	}
	if diff := cmp.Diff(want, got, unplaced); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// One event is the same whichever way it is exported.
func TestOneIdentity(t *testing.T) {
	first := parsed(t, "contributions.json")
	for _, name := range []string{"timetable.json", "event.ics"} {
		other := parsed(t, name)
		if other.Origin != first.Origin || other.Items[0].Origin != first.Items[0].Origin {
			t.Errorf("%s: %s, %s: want %s, %s", name, other.Origin, other.Items[0].Origin, first.Origin, first.Items[0].Origin)
		}
	}
}

// What is read can be stored as it is: the checks of sessions and agenda items hold.
func TestReadIsStorable(t *testing.T) {
	for _, name := range []string{"contributions.json", "timetable.json", "event.ics"} {
		e := parsed(t, name)
		one := e.Session(comity.GroupSession{Kind: comity.SessionRegular, State: comity.SessionDraft, TLP: comity.TLPGreen, Language: "en", Title: "Given"})
		if err := one.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, a := range e.Agenda(one) {
			if err := a.Check(one); err != nil {
				t.Errorf("%s: %s: %v", name, a.Title, err)
			}
		}
	}
}

const (
	begin  = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
	vevent = "BEGIN:VEVENT\r\nUID:indico-event-1@x.example\r\nSUMMARY:S\r\n"
	end    = "END:VEVENT\r\nEND:VCALENDAR\r\n"
)

// jsonEvent is an export of one event with members added to it.
func jsonEvent(members string) string {
	return `{"url":"https://x.example/export/event/1.json","results":[{"id":"1","title":"S","timezone":"UTC",
		"startDate":{"date":"2026-11-24","time":"09:00:00","tz":"UTC"},"endDate":{"date":"2026-11-24","time":"12:00:00","tz":"UTC"}` + members + `}]}`
}

func TestParseRefuses(t *testing.T) {
	many := strings.Repeat(`{"id":1,"title":"x"},`, comity.MaxAgendaItems) + `{"id":1,"title":"x"}`
	for i := range comity.MaxAgendaItems + 1 {
		many = strings.Replace(many, `{"id":1,`, `{"id":"n`+strings.Repeat("i", i)+`",`, 1)
	}
	for _, test := range []struct {
		name, text string
		kind       comity.Kind
		want       string
	}{
		{"nothing", "", comity.Invalid, "no export of Indico"},
		{"a page", "<html></html>", comity.Invalid, "no export of Indico"},
		{"cut off", `{"results":[{"id":`, comity.Invalid, "no JSON"},
		{"a member twice", `{"results":[],"results":[]}`, comity.Invalid, "/results"},
		{"an error", `{"message":"not found"}`, comity.Invalid, "/results"},
		{"two events", `{"results":[{},{}]}`, comity.Invalid, "2 events"},
		{"no times", `{"results":[{"id":"1"}]}`, comity.Invalid, `"/results/0"`},
		{"no number", strings.Replace(jsonEvent(""), `"id":"1"`, `"id":"../1"`, 1), comity.Invalid, "/results/0/id"},
		{"a zone", strings.Replace(jsonEvent(""), `"timezone":"UTC"`, `"timezone":"Local"`, 1), comity.Invalid, "/results/0/timezone"},
		{"a date", strings.Replace(jsonEvent(""), "2026-11-24", "24.11.2026", 1), comity.Invalid, "/results/0/startDate"},
		{"ends before", strings.Replace(jsonEvent(""), "12:00:00", "08:00:00", 1), comity.Invalid, "before it begins"},
		{"a wrong type", jsonEvent(`,"contributions":[{"title":["x"]}]`), comity.Invalid, "/results/0/contributions/0/title"},
		{"a contribution's date", jsonEvent(`,"contributions":[{"id":1,"title":"x","startDate":{"date":"x"}}]`), comity.Invalid, "/results/0/contributions/0/startDate"},
		{"too many", jsonEvent(`,"contributions":[` + many + `]`), comity.TooLarge, "201 contributions"},
		{"an empty timetable", `{"results":{"1":{}}}`, comity.Invalid, "/results"},
		{"two timetables", `{"results":{"1":{},"2":{}}}`, comity.Invalid, "2 timetables"},
		{"an empty calendar", begin + "END:VCALENDAR\r\n", comity.Invalid, "no event"},
		{"a calendar cut off", begin + vevent, comity.Invalid, "cut off"},
		{"crossed", begin + vevent + "END:VCALENDAR\r\n", comity.Invalid, "line 6"},
		{"no colon", begin + vevent + "DTSTART\r\n" + end, comity.Invalid, "line 6"},
		{"no time", begin + vevent + "DTSTART:tomorrow\r\n" + end, comity.Invalid, "line 6"},
		{"no start", begin + vevent + end, comity.Invalid, "line 3"},
		{"an unknown zone", begin + vevent + "DTSTART;TZID=Mars/Olympus:20261124T090000\r\n" + end, comity.Invalid, "line 6"},
		{"a length", begin + vevent + "DTSTART:20261124T090000Z\r\nDURATION:P99999999W\r\n" + end, comity.Invalid, "line 7"},
		{"called off", begin + vevent + "STATUS:CANCELLED\r\nDTSTART:20261124T090000Z\r\n" + end, comity.Invalid, "called off"},
		{"strangers", begin + "BEGIN:VEVENT\r\nUID:a\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:b\r\n" + end, comity.Invalid, "line 3"},
		{"contributions of nothing", begin + "BEGIN:VEVENT\r\nUID:indico-contribution-1@x\r\n" + end, comity.Invalid, "line 3"},
		{"deep", strings.Repeat("BEGIN:VCALENDAR\n", 20), comity.Invalid, "line 9"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse(strings.NewReader(test.text))
			if comity.KindOf(err) != test.kind || err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %v with %q", err, test.kind, test.want)
			}
		})
	}
}

func TestAloneInItsCalendar(t *testing.T) {
	e, err := Parse(strings.NewReader(begin + "BEGIN:VEVENT\nUID:abc\nSUMMARY:Call\nDTSTART;VALUE=DATE:20261124\nRRULE:FREQ=WEEKLY\nURL:https://user:pass@x.example/\nBEGIN:VALARM\nSUMMARY:other\nEND:VALARM\n" + end))
	if err != nil {
		t.Fatal(err)
	}
	want := Event{
		Origin: "abc", Title: "Call", Starts: at("2026-11-24T00:00:00Z"), Ends: at("2026-11-25T00:00:00Z"),
		Problems: []Problem{{"line 7", "Call", Repeats, ""}, {"", "Call", Link, ""}},
	}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestLongTextsAreCut(t *testing.T) {
	long := strings.Repeat("ж", 5000)
	e, err := Parse(strings.NewReader(jsonEvent(`,"contributions":[{"id":1,"duration":5,"title":"` + long + `","description":"` + long + `","speakers":[{"fullName":"` + long + `"}],
		"startDate":{"date":"2026-11-24","time":"09:00:00","tz":"UTC"}}]`)))
	if err != nil {
		t.Fatal(err)
	}
	var cut []string
	for _, p := range e.Problems {
		cut = append(cut, p.Value)
	}
	if diff := cmp.Diff([]string{"title", "presenter", "description"}, cut); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	one := e.Session(comity.GroupSession{TLP: comity.TLPGreen})
	if err := e.Agenda(one)[0].Check(one); err != nil {
		t.Error(err)
	}
}

func TestPlainText(t *testing.T) {
	for _, test := range []struct{ markup, want string }{
		{"<p>One</p><p>Two &amp; three</p>", "One\nTwo & three"},
		{"a<br/>b<BR>c", "a\nb\nc"},
		{"3 < 5 and 5 > 3", "3 < 5 and 5 > 3"},
		{`<a href="x>y">link</a>`, `y">link`},
		{"<script>alert(1)</script>", "alert(1)"},
		{"cut <b", "cut"},
		{"one\r\n\r\n\r\ntwo\x00", "one\n\ntwo"},
	} {
		if got := plainText(test.markup); got != test.want {
			t.Errorf("%q: got %q, want %q", test.markup, got, test.want)
		}
	}
}

// FuzzParse: no input crashes the parser, and what it takes can be stored.
func FuzzParse(f *testing.F) {
	for _, name := range []string{"contributions.json", "timetable.json", "event.ics"} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add(begin + vevent + "DTSTART;TZID=\"Europe/Zurich\",x:20261124T090000\nDURATION:P1DT2H\n" + end)
	f.Add(jsonEvent(`,"contributions":[{"title":"x","duration":1e300}]`))
	f.Fuzz(func(t *testing.T, text string) {
		e, err := Parse(strings.NewReader(text))
		if err != nil {
			if comity.KindOf(err) == comity.Internal {
				t.Fatalf("%v: want a kind", err)
			}
			return
		}
		one := e.Session(comity.GroupSession{Kind: comity.SessionRegular, State: comity.SessionDraft, TLP: comity.TLPGreen, Language: "en", Title: "Given"})
		if err := one.Check(); err != nil {
			t.Errorf("session: %v", err)
		}
		seen := map[string]bool{}
		for _, a := range e.Agenda(one) {
			if err := a.Check(one); err != nil || seen[a.Origin] {
				t.Errorf("%q: %v", a.Origin, err)
			}
			seen[a.Origin] = true
		}
	})
}
