package comity_test

import (
	"strings"
	"testing"
	"time"

	"comity"
)

func TestSessionsAreChecked(t *testing.T) {
	at := time.Date(2026, 8, 7, 9, 0, 0, 0, time.UTC)
	good := comity.GroupSession{
		Kind: comity.SessionRegular, Title: "Annual session", State: comity.SessionDraft, TLP: comity.TLPGreen, Starts: at, Ends: at.Add(time.Hour), Language: "en",
	}
	tests := []struct {
		name, want string // want: what the error names; empty: none
		change     func(*comity.GroupSession)
	}{
		{"good", "", func(*comity.GroupSession) {}},
		{"a zone", "", func(s *comity.GroupSession) { s.Zone = "America/Port-au-Prince" }},
		{"the machine's own zone", "zone", func(s *comity.GroupSession) { s.Zone = "Local" }},
		{"a path as a zone", "zone", func(s *comity.GroupSession) { s.Zone = "../../etc/passwd" }},
		{"a long zone", "zone", func(s *comity.GroupSession) { s.Zone = strings.Repeat("a", 65) }},
		{"no kind", "kind", func(s *comity.GroupSession) { s.Kind = "" }},
		{"TLP:RED", "tlp", func(s *comity.GroupSession) { s.TLP = comity.TLPRed }},
		{"unmarked", "tlp", func(s *comity.GroupSession) { s.TLP = 0 }},
		{"no title", "title", func(s *comity.GroupSession) { s.Title = " " }},
		{"no time", "ends", func(s *comity.GroupSession) { s.Ends = s.Starts }},
		{"too long", "ends", func(s *comity.GroupSession) { s.Ends = s.Starts.AddDate(0, 2, 0) }},
		{"a link without TLS", "link", func(s *comity.GroupSession) { s.Link = "http://x.example" }},
		{"a link with a password", "link", func(s *comity.GroupSession) { s.Link = "https://a:b@x.example" }},
		{"a script as a link", "link", func(s *comity.GroupSession) { s.Link = "javascript:alert(1)" }},
	}
	for _, test := range tests {
		s := good
		test.change(&s)
		err := s.Check()
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", test.name, err)
		case test.want != "" && (comity.KindOf(err) != comity.Invalid || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: got %v, want an error that names %s", test.name, err, test.want)
		}
	}
}
