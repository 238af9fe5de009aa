package e2e

import (
	"os"
	"testing"
)

// TestSessionImportLooks looks at what an event of Indico becomes: with problems, without a title, and without an agenda.
func TestSessionImportLooks(t *testing.T) {
	d := shared(t)
	for _, lang := range []string{"en", "ar"} {
		b := open(t, d, setting{language: lang})
		b.signIn(d.role(t, "secretariat"))
		for _, file := range []string{"contributions.json", "timetable.json"} {
			text, err := os.ReadFile("../../intake/indico/testdata/" + file)
			if err != nil {
				t.Fatal(err)
			}
			b.lookAtEvent(t, lang, file, string(text))
		}
		b.lookAtEvent(t, lang, "event.ics", "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:indico-event-9@events.example.org\r\nSUMMARY:Call\r\nDTSTART:20261124T090000\r\nDURATION:PT1H\r\n"+
			"END:VEVENT\r\nEND:VCALENDAR\r\n")
		b.visit("/sessions/import/preview")
		b.submit("form[action='/sessions/import/discard'] button")
		b.at("/sessions/import")
	}
}

// lookAtEvent chooses a file and looks at its preview.
func (b *tab) lookAtEvent(t *testing.T, lang, name, text string) {
	b.visit("/sessions/import")
	b.choose("#file", name, text)
	b.submit("form[action='/sessions/import'] button")
	b.at("/sessions/import/preview")
	look(t, b, lang, "/sessions/import/preview/"+name)
}
