package demo

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"comity"
	"comity/assess"
	"comity/intake/epss"
	"comity/intake/kev"
	"comity/match"

	"github.com/google/go-cmp/cmp"
)

var day = comity.Date{Year: 2026, Month: 11, Day: 23}

func TestSameSeedAndDayMakeTheSameWorld(t *testing.T) {
	if diff := cmp.Diff(Meridian(1, day), Meridian(1, day)); diff != "" {
		t.Errorf("two tellings differ:\n%s", diff)
	}
	if cmp.Equal(Meridian(1, day).People, Meridian(2, day).People) {
		t.Error("another seed makes the same people")
	}
}

func TestWhoThereIs(t *testing.T) {
	w := Meridian(1, day)
	kinds := map[comity.OrganizationKind]int{}
	for _, o := range w.Organizations {
		kinds[o.Kind]++
		if o.Kind != comity.KindParent && !strings.HasPrefix(o.Acronym, "X-") {
			t.Errorf("%s is not a fictional acronym", o.Acronym)
		}
	}
	want := map[comity.OrganizationKind]int{comity.KindMember: 14, comity.KindObserver: 1, comity.KindProvider: 1, comity.KindParent: 1}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("organisations (-want +got):\n%s", diff)
	}
	address := regexp.MustCompile(`^[a-z-]+@[a-z0-9-]+\.example$`)
	for _, p := range w.People {
		if !address.MatchString(p.Email) {
			t.Errorf("address %q is not of a documentation range", p.Email)
		}
	}
}

// Every reference of the story leads to something, and every number is one that the rest of the program takes.
func TestStoryHoldsTogether(t *testing.T) {
	catalogue := assess.DefaultCatalogue()
	facts, err := Facts()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, m := range facts.Knowledge.Mitigations {
		known[m.Number] = true
	}
	w := Meridian(1, day)
	for i, c := range w.Chapters {
		if i > 0 && !c.At.After(w.Chapters[i-1].At) {
			t.Errorf("chapter %d is not after the one before", i)
		}
		for _, p := range c.Profiles {
			if len(p.Coverage) == 0 || len(p.Services) == 0 || len(p.Software) == 0 {
				t.Errorf("%s: a profile that says nothing", p.Org)
			}
			for m := range p.Coverage {
				if !known[m] {
					t.Errorf("%s: no mitigation %s", p.Org, m)
				}
			}
			for _, s := range p.Software {
				if s.Vendor == "" || s.PatchedOn.IsZero() || comity.DateOf(c.At).Before(s.PatchedOn) {
					t.Errorf("%s: software %+v", p.Org, s)
				}
			}
		}
		for _, e := range c.Evidence {
			if _, ok := catalogue.Scenario(e.Scenario); !ok || e.To.Before(e.From) {
				t.Errorf("evidence %+v", e)
			}
		}
		for _, threat := range c.Threats {
			if threat.Marking.TLP == comity.TLPUnmarked || threat.Marking.Originator == "" {
				t.Errorf("%s is not marked", threat.ID)
			}
		}
	}
}

// Exactly three profiles have the edge device of the first story line, and the catalogue has it on the day only.
func TestEdgeDeviceTouchesThree(t *testing.T) {
	facts, err := Facts()
	if err != nil {
		t.Fatal(err)
	}
	w := Meridian(1, day)
	today := w.Chapters[len(w.Chapters)-1]
	for _, test := range []struct {
		until comity.Date
		want  int
	}{{catalogueBefore, 0}, {today.KEV, 3}} {
		catalogue := parse(t, facts, test.until)
		touched := 0
		for _, p := range today.Profiles {
			for _, m := range match.New(p).Find(catalogue.Threats, today.At) {
				if m.Threat == EdgeThreat && m.Open() {
					touched++
				}
			}
		}
		if touched != test.want {
			t.Errorf("catalogue until %s touches %d, want %d", test.until, touched, test.want)
		}
	}
}

func parse(t *testing.T, facts *PublicFacts, until comity.Date) kev.Catalogue {
	t.Helper()
	data, err := facts.KEVUntil(until)
	if err != nil {
		t.Fatal(err)
	}
	c, err := kev.Parse(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFacts(t *testing.T) {
	facts, err := Facts()
	if err != nil {
		t.Fatal(err)
	}
	whole, err := facts.KEV()
	if err != nil {
		t.Fatal(err)
	}
	c, err := kev.Parse(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	if c.Version != "2026.07.23" || len(c.Threats) != 1653 {
		t.Errorf("catalogue %s with %d entries", c.Version, len(c.Threats))
	}
	scores, err := epss.Parse(bytes.NewReader(facts.EPSS))
	if err != nil {
		t.Fatal(err)
	}
	if scores.Model != "v2025.03.14" || len(scores.Scores) < 1500 {
		t.Errorf("scores of model %s: %d", scores.Model, len(scores.Scores))
	}
	if n := len(facts.Knowledge.Mitigations); n != 43 {
		t.Errorf("%d mitigations, want 43", n)
	}
	if len(mitigations) != 43 {
		t.Errorf("the story answers %d mitigations, want 43", len(mitigations))
	}
	size := 0
	entries, err := files.ReadDir("facts")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		size += int(info.Size())
	}
	if size > 600<<10 {
		t.Errorf("embedded facts are %d KB, want at most 600", size>>10)
	}
}

// Whoever speaks in a session of the story is somebody, and items that are carried on were there before.
func TestSessionsHoldTogether(t *testing.T) {
	w := Meridian(1, day)
	people, organizations, items := map[comity.PersonID]bool{}, map[comity.OrgID]bool{}, map[comity.AgendaItemID]bool{}
	for _, p := range w.People {
		people[p.ID] = true
	}
	for _, o := range w.Organizations {
		organizations[o.ID] = true
	}
	for _, s := range w.Sessions {
		if err := s.checked(); err != nil {
			t.Errorf("%s: %v", s.Session.Title, err)
		}
		speakers := append([]comity.Person{s.By}, s.CoChairs...)
		for _, a := range s.Amendments {
			speakers = append(speakers, a.Person)
		}
		for _, p := range speakers {
			if !people[p.ID] {
				t.Errorf("%s: there is no %s", s.Session.Title, p.Name)
			}
		}
		for _, o := range append(s.Present, s.Session.Hosts...) {
			if !organizations[o] {
				t.Errorf("%s: there is no organisation %s", s.Session.Title, o)
			}
		}
		for _, a := range s.Items {
			if items[a.ID] = true; a.From != "" && !items[a.From] {
				t.Errorf("%s: %q carries nothing on", s.Session.Title, a.Title)
			}
		}
	}
}

// checked reports the first thing that the store would refuse.
func (s Sitting) checked() error {
	one := s.Session
	one.State = s.State
	if err := one.Check(); err != nil {
		return err
	}
	for _, a := range s.Items {
		if err := a.Check(one); err != nil {
			return err
		}
		for _, c := range a.Conclusions {
			if err := c.Check(); err != nil {
				return err
			}
		}
	}
	return nil
}
