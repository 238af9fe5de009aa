package comity

import (
	"strings"
	"testing"
	"time"
)

func TestWellKnownFeedsAreOffAndRight(t *testing.T) {
	for _, f := range WellKnown {
		if f.Enabled || !f.Next.IsZero() || f.Revision != 0 {
			t.Errorf("%s runs without anybody's doing", f.Source)
		}
		if err := f.Check(); err != nil {
			t.Error(err)
		}
	}
}

func TestFeedCheck(t *testing.T) {
	good := Feed{Source: "stix-partner", Format: FormatSTIX, Name: "Partner", Address: "https://feeds.example/x?key=1", Every: 24, TLP: TLPAmber, Enabled: true}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Feed){
		"no name":            func(f *Feed) { f.Name = " " },
		"long name":          func(f *Feed) { f.Name = strings.Repeat("é", MaxFeedName+1) },
		"bytes for a name":   func(f *Feed) { f.Name = "\xff" },
		"no label":           func(f *Feed) { f.TLP = TLPUnmarked },
		"unknown label":      func(f *Feed) { f.TLP = 9 },
		"below 0 hours":      func(f *Feed) { f.Every = -1 },
		"a year":             func(f *Feed) { f.Every = 365 * 24 },
		"on, no address":     func(f *Feed) { f.Address = "" },
		"http":               func(f *Feed) { f.Address = "http://feeds.example/" },
		"file":               func(f *Feed) { f.Address = "file:///etc/passwd" },
		"no host":            func(f *Feed) { f.Address = "https:///x" },
		"password":           func(f *Feed) { f.Address = "https://user:password@feeds.example/" },
		"no URL":             func(f *Feed) { f.Address = "https://%zz" },
		"long address":       func(f *Feed) { f.Address = "https://feeds.example/" + strings.Repeat("x", MaxFeedAddress) },
		"source of no kind":  func(f *Feed) { f.Source = "rumours" },
		"source in capitals": func(f *Feed) { f.Source = "stix-A" },
		"source with a path": func(f *Feed) { f.Source = "stix-a/../b" },
		"long source":        func(f *Feed) { f.Source = SourceID("stix-" + strings.Repeat("x", 60)) },
		"another format":     func(f *Feed) { f.Format = FormatKEV },
	} {
		f := good
		change(&f)
		if err := f.Check(); KindOf(err) != Invalid || err == nil {
			t.Errorf("%s: got %v, want Invalid", name, err)
		}
	}
}

func TestStale(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	ago := func(hours int) time.Time { return now.Add(-time.Duration(hours) * time.Hour) }
	daily := Feed{Address: "https://feeds.example/", Every: 24, Enabled: true}
	weekly := Feed{Address: "https://feeds.example/", Every: 168, Enabled: true}
	for _, test := range []struct {
		name  string
		feed  Feed
		taken time.Time
		well  time.Time
		want  bool
	}{
		{"daily, of yesterday", daily, ago(30), time.Time{}, false},
		{"daily, of last week", daily, ago(7 * 24), time.Time{}, true},
		{"daily, of last week, found unchanged yesterday", daily, ago(7 * 24), ago(25), false},
		{"weekly, of last week", weekly, ago(8 * 24), time.Time{}, false},
		{"files, of last week", Feed{}, ago(7 * 24), time.Time{}, false},
		{"files, of two months ago", Feed{}, ago(60 * 24), time.Time{}, true},
	} {
		s := SourceState{Feed: test.feed, Source: &Source{TakenIn: test.taken}, Well: test.well}
		if got := s.Stale(now); got != test.want {
			t.Errorf("%s: stale %v", test.name, got)
		}
	}
	if (SourceState{Feed: daily}).Stale(now) {
		t.Error("what was never taken in is stale")
	}
}
