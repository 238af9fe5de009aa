package notify

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"comity"
)

// readFeed reads a feed as a program would, and checks what RFC 4287 asks of each.
func readFeed(t *testing.T, data []byte) (title string, entries map[string]string) {
	t.Helper()
	var f struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		ID      string   `xml:"id"`
		Title   string   `xml:"title"`
		Updated string   `xml:"updated"`
		Author  string   `xml:"author>name"`
		Entries []struct {
			ID      string `xml:"id"`
			Title   string `xml:"title"`
			Updated string `xml:"updated"`
			Rights  string `xml:"rights"`
			Link    struct {
				Href string `xml:"href,attr"`
			} `xml:"link"`
		} `xml:"entry"`
	}
	d := xml.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(&f); err != nil {
		t.Fatalf("%v in\n%s", err, data)
	}
	if rest := data[d.InputOffset():]; len(bytes.TrimSpace(rest)) > 0 {
		t.Errorf("after the feed: %q", rest)
	}
	entries = map[string]string{}
	for _, e := range f.Entries {
		if _, twice := entries[e.ID]; twice || e.ID == "" || e.Title == "" || !strings.HasPrefix(e.Link.Href, "https://comity.example/") {
			t.Errorf("entry %+v", e)
		}
		if _, err := time.Parse(time.RFC3339, e.Updated); err != nil {
			t.Error(err)
		}
		entries[e.ID] = e.Title
	}
	if _, err := time.Parse(time.RFC3339, f.Updated); err != nil || f.ID == "" || f.Author == "" || len(entries) != len(f.Entries) {
		t.Errorf("feed %+v, %v", f, err)
	}
	return f.Title, entries
}

func TestAtom(t *testing.T) {
	f := Feed{
		Group: comity.Group{Acronym: "MISSIG"}, Space: comity.SpaceWorkPlan, Base: "https://comity.example", Created: since,
		Entries: []comity.News{
			{Event: comity.NewsAction, Subject: "act_1", Title: "Open <b>&\x00 guidance", TLP: comity.TLPGreen, Count: 1, At: since.Add(time.Hour), Seq: 9},
			{Event: comity.NewsAction, Subject: "act_2", Title: "Hush", TLP: comity.TLPAmber, Count: 1, At: since, Seq: 8},
			{Event: comity.NewsAction, Subject: "act_3", Title: "Hush", Count: 1, At: since, Seq: 7},
			{Event: comity.NewsExposure, TLP: comity.TLPAmberStrict, Count: 3, At: since, Seq: 1},
		},
	}
	for _, lang := range append([]string{""}, comity.Languages...) {
		f.Language = lang
		data, err := Atom(f)
		if err != nil {
			t.Fatal(err)
		}
		title, entries := readFeed(t, data)
		if strings.Contains(string(data), "Hush") || !strings.Contains(title, "MISSIG") {
			t.Errorf("%s: got\n%s", lang, data)
		}
		if got := entries["tag:comity.example,2026:action-changed/act_1/9"]; !strings.Contains(got, "Open <b>& guidance") {
			t.Errorf("%s: got the entries %v", lang, entries)
		}
		again, err := Atom(f)
		if err != nil || !bytes.Equal(again, data) {
			t.Errorf("%s: the same feed differs: %v", lang, err)
		}
	}
	f.Entries = nil
	data, err := Atom(f)
	if err != nil || !strings.Contains(string(data), "<updated>2026-11-16T06:00:00Z</updated>") {
		t.Errorf("an empty feed: %v\n%s", err, data)
	}
	if _, err := Atom(Feed{Base: "nowhere"}); err == nil {
		t.Error("a feed without an address")
	}
}
