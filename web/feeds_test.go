package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"comity"
)

var feedAddress = regexp.MustCompile(`http://example\.com(/feeds/([a-z-]+)/[A-Za-z0-9_-]{43}\.atom)<`)

// follows sets feeds up for somebody and returns their paths by space.
func (d *desk) follows(who string) map[string]string {
	d.t.Helper()
	page := d.post(who, "/account/notifications/feeds", nil).want(http.StatusOK)
	paths := map[string]string{}
	for _, m := range feedAddress.FindAllStringSubmatch(page.Body, -1) {
		paths[m[2]] = m[1]
	}
	return paths
}

// TestFeeds reads feeds with nothing but their addresses, and holds them to what may be seen and told.
func TestFeeds(t *testing.T) {
	d := full(t)
	a := comity.ActionItem{Owner: d.a.ID, Priority: comity.PriorityMedium, Status: comity.ActionOpen}
	for i, one := range []struct {
		title    string
		audience comity.Audience
		tlp      comity.TLP
		by       string
	}{
		{"Green guidance", comity.AudienceGroup, comity.TLPGreen, "anna"},
		{"Amber matter", comity.AudienceGroup, comity.TLPAmber, "anna"},
		{"Private matter", comity.AudienceOwner, comity.TLPClear, "anna"},
		{"Foreign matter", comity.AudienceOwner, comity.TLPClear, "bert"},
	} {
		a.ID, a.Title, a.Audience, a.TLP, a.Owner = comity.MakeActionID(comity.Entropy{9, byte(i)}), one.title, one.audience, one.tlp, d.people[one.by].Org
		_, err := d.store.PutAction(t.Context(), comity.ViewerOf(d.people[one.by]), a, "", d.now)
		d.must(err)
	}
	anna, reader := d.follows("anna"), d.follows("reader")
	if len(anna) != 3 || len(reader) != 2 || reader["organization"] != "" {
		t.Fatalf("feeds of anna: %v, of the parent network's reader: %v", anna, reader)
	}
	plan := d.get("", anna["work-plan"]).want(http.StatusOK, "Green guidance", "TLP:AMBER")
	if strings.Contains(plan.Body, "matter") {
		t.Errorf("a title travels that must not:\n%s", plan.Body)
	}
	if got := plan.Header.Get("Content-Type"); got != "application/atom+xml; charset=utf-8" {
		t.Errorf("content type: %s", got)
	}
	own := d.get("bert", anna["organization"]).want(http.StatusOK, "Exposure moved", "New match")
	if regexp.MustCompile(`matter|CVE|Alpha`).MatchString(own.Body) || strings.Count(own.Body, "<entry>") != 5 {
		t.Errorf("the own organisation's feed, five entries without names:\n%s", own.Body)
	}
	d.get("", anna["group"]).want(http.StatusOK, "2026-Q1", "2026-Q2")
	if narrow := d.get("", reader["work-plan"]).want(http.StatusOK); strings.Contains(narrow.Body, "<entry>") {
		t.Errorf("who may see TLP:CLEAR only:\n%s", narrow.Body)
	}
	d.refusesFeeds(anna, reader)
}

// refusesFeeds tries addresses that must not open anything.
func (d *desk) refusesFeeds(anna, reader map[string]string) {
	d.t.Helper()
	swapped := strings.Replace(reader["group"], "/group/", "/organization/", 1)
	for name, path := range map[string]string{
		"not theirs": swapped, "no space": strings.Replace(anna["group"], "/group/", "/gossip/", 1), "guess": "/feeds/group/" + strings.Repeat("A", 43) + ".atom",
		"no key": "/feeds/group/.atom", "no ending": strings.TrimSuffix(anna["group"], ".atom"),
	} {
		if got := d.get("", path).Status; got != http.StatusNotFound {
			d.t.Errorf("%s: status %d, want not found", name, got)
		}
	}
	again := d.follows("anna")
	if d.get("", anna["group"]).Status != http.StatusNotFound || d.get("", again["group"]).Status != http.StatusOK {
		d.t.Error("a new address leaves the earlier one open")
	}
	d.post("anna", "/account/notifications/feeds/revoke", url.Values{}).want(http.StatusSeeOther)
	if got := d.get("", again["group"]).Status; got != http.StatusNotFound {
		d.t.Errorf("a void address: status %d", got)
	}
	d.must(d.store.DeactivatePerson(d.t.Context(), deskSystem, d.people["reader"].ID, d.now))
	if got := d.get("", reader["group"]).Status; got != http.StatusNotFound {
		d.t.Errorf("the feed of somebody who left: status %d", got)
	}
}

func TestFeedIsNotSentTwice(t *testing.T) {
	d := full(t)
	path := d.follows("anna")["group"]
	tag := d.get("", path).want(http.StatusOK).Header.Get("ETag")
	ask := func(match string) answer {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("If-None-Match", match)
		return d.do("", r)
	}
	for match, want := range map[string]int{tag: http.StatusNotModified, `"x", W/` + tag: http.StatusNotModified, "*": http.StatusNotModified, `"x"`: http.StatusOK, "": http.StatusOK} {
		if a := ask(match); a.Status != want || (a.Body == "") != (want == http.StatusNotModified) {
			t.Errorf("%q: status %d with %d bytes", match, a.Status, len(a.Body))
		}
	}
	d.now = d.now.Add(time.Hour)
	d.release(3)
	ask(tag).want(http.StatusOK, "2026-Q3")
}

var calendarAddress = regexp.MustCompile(`http://example\.com(/feeds/calendar/[A-Za-z0-9_-]{43}\.ics)<`)

// calendar sets addresses up for somebody and returns the path of the calendar.
func (d *desk) calendar(who string) string {
	d.t.Helper()
	m := calendarAddress.FindStringSubmatch(d.post(who, "/account/notifications/feeds", nil).want(http.StatusOK).Body)
	if m == nil {
		d.t.Fatal("no address of a calendar")
	}
	return m[1]
}

// TestCalendar reads calendars with nothing but their addresses, and holds them to what may be seen and told.
func TestCalendar(t *testing.T) {
	d := newDesk(t)
	d.withTerms()
	for i, one := range []struct {
		title    string
		audience comity.Audience
		tlp      comity.TLP
		by       string
	}{
		{"Green guidance", comity.AudienceGroup, comity.TLPGreen, "anna"},
		{"Private matter", comity.AudienceOwner, comity.TLPClear, "anna"},
		{"Foreign matter", comity.AudienceOwner, comity.TLPClear, "bert"},
	} {
		a := comity.ActionItem{
			ID: comity.MakeActionID(comity.Entropy{9, byte(i)}), Title: one.title, Audience: one.audience, TLP: one.tlp, Owner: d.people[one.by].Org,
			Priority: comity.PriorityMedium, Status: comity.ActionOpen, Due: comity.DateOf(d.now).AddDays(9),
		}
		_, err := d.store.PutAction(t.Context(), comity.ViewerOf(d.people[one.by]), a, "", d.now)
		d.must(err)
	}
	executive, regular := d.newSession(comity.SessionExecutive, "Secret matters", comity.TLPGreen), d.newSession(comity.SessionRegular, "Amber session", comity.TLPAmber)
	for _, path := range []string{executive, regular} {
		d.get("desk", path+"/session.ics").want(http.StatusNotFound) // it is a draft
		d.newItem(path, "Opening", comity.TLPAmber)
		d.moved(path, comity.SessionPublished)
	}
	d.open(comity.ProcedureSilence, comity.TLPGreen, nil)
	anna, watch := d.calendar("anna"), d.calendar("watch")
	page := d.get("", anna).want(http.StatusOK, "SUMMARY:Session\r\n", "Green guidance", "Buy a drum", executive, regular)
	page.without("Private matter", "Foreign matter", "Amber session", "Secret matters")
	if strings.Count(page.Body, "BEGIN:VEVENT") != 5 {
		t.Errorf("want two sessions, two items and a procedure:\n%s", page.Body)
	}
	if got := page.Header.Get("Content-Type"); got != "text/calendar; charset=utf-8" {
		t.Errorf("content type: %s", got)
	}
	d.get("", watch).want(http.StatusOK).without("Secret matters", executive, regular, "Private matter", "Green guidance")
	d.get("bert", executive+"/session.ics").want(http.StatusOK, "BEGIN:VCALENDAR", "SUMMARY:Session").without("Secret matters")
	d.get("watch", executive+"/session.ics").want(http.StatusNotFound).without("Secret matters")
	d.get("anna", regular+"/session.ics").want(http.StatusOK).without("Amber session")
	d.get("", regular+"/session.ics").want(http.StatusSeeOther)
	d.get("", strings.TrimSuffix(anna, ".ics")).want(http.StatusNotFound)
	d.get("", strings.Replace(anna, ".ics", ".atom", 1)).want(http.StatusNotFound)
	d.post("anna", "/account/notifications/feeds/revoke", url.Values{}).want(http.StatusSeeOther)
	d.get("", anna).want(http.StatusNotFound)
}
