package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"comity"
	"comity/assess"

	"golang.org/x/net/html"
)

// exposed gives an organisation a profile whose names begin with word, an exposure, a match and a change, so that its
// pages have something to show.
func (d *desk) exposed(o comity.Organization, word string) comity.Exposure {
	d.t.Helper()
	n := o.ID[5]
	d.putProfile(o, func(p *comity.Profile) {
		p.Services = []comity.Service{{
			ID: comity.MakeServiceID(comity.Entropy{n}), Name: word + " service", Level: comity.LevelStrategic, Criticality: [4]int{3, 2, 4, 1},
		}}
		p.Suppliers = []comity.Supplier{{ID: comity.MakeSupplierID(comity.Entropy{n}), Name: word + " supplier", Dependence: 0.3}}
		p.Coverage = map[string]float64{"M1051": 0.75}
	})
	return d.exposedAgain(o, word)
}

// exposedAgain assesses an organisation with the profile that it has.
func (d *desk) exposedAgain(o comity.Organization, word string) comity.Exposure {
	d.t.Helper()
	n, p := o.ID[5], d.profileOf(o)
	threat := d.vulnerability("CVE-2024-21762", feb9)
	d.putThreats(threat)
	m := comity.Match{
		ID: comity.MakeMatchID(comity.Entropy{n}), Org: o.ID, Threat: threat.ID, Kind: comity.MatchSoftware, Subject: word + " gateway",
		Confidence: comity.ConfidenceHigh, Exposed: 1, Techniques: []string{"T1190"}, Found: d.now,
		Reasons: []comity.Reason{{Key: "internet-facing"}},
	}
	_, _, err := d.store.PutMatches(d.t.Context(), deskSystem, o.ID, nil, []comity.Match{m})
	d.must(err)
	knowledge, err := d.store.Knowledge(d.t.Context(), deskSystem)
	d.must(err)
	e, err := assess.Assess(assess.Input{
		Catalogue: testCatalogue, Knowledge: knowledge, Profile: p, Matches: []comity.Match{m},
		Threats: map[comity.ThreatID]comity.Threat{threat.ID: threat}, Now: d.now, Seed: 1, Draws: 64,
	})
	d.must(err)
	e.Revision = 1
	if last, err := d.store.Exposure(d.t.Context(), deskSystem, o.ID); err == nil {
		e.Revision = last.Revision + 1
	}
	d.must(d.store.PutExposure(d.t.Context(), deskSystem, e, []comity.ExposureChange{{
		Org: o.ID, At: d.now, Scenario: "edge-exploitation", Before: 0.2, After: 0.25, Threat: threat.ID, Match: m.ID,
		Why: comity.Reason{Key: "new-match", Args: map[string]string{"threat": "CVE-2024-21762", "subject": word + " gateway"}},
	}}))
	return e
}

// release publishes release number with a published, a withheld and a small figure.
func (d *desk) release(number int) {
	d.t.Helper()
	share := func(group, row, column string, v float64) comity.Figure {
		return comity.Figure{Group: group, Row: row, Column: column, Unit: "share", Published: true, Value: v, Low: v, High: v}
	}
	r := comity.Release{
		ID: comity.MakeReleaseID(comity.Entropy{byte(number)}), Number: number, Period: fmt.Sprintf("2026-Q%d", number), AsOf: d.now,
		Next: comity.Date{Year: 2026, Month: time.October, Day: 1}, Mode: "trusted", Catalogue: "2026.1", Hash: strings.Repeat("ab", 32),
		Rule:   comity.ReleaseRule{MinContributors: 7, Colluders: 2, P: 10, MinCell: 3},
		Cohort: []comity.OrgID{d.a.ID, d.b.ID}, Contributors: 2,
		Figures: []comity.Figure{
			{Group: "headline", Row: "any", Unit: "probability", Published: true, Value: 0.85, Low: 0.6, High: 0.95},
			{Group: "headline", Row: "expected", Unit: "events", Published: true, Value: 2, Low: 1, High: 3.5},
			{Group: "headline", Row: "median", Unit: "probability", Published: true, Value: 0.3, Low: 0.2, High: 0.4},
			share("level", "strategic", "", 0.6),
			{Group: "level", Row: "operational", Unit: "share", Withheld: comity.WithheldTooFew},
			share("matrix", "phishing", "confidentiality", 0.2),
			{Group: "matrix", Row: "espionage", Column: "confidentiality", Unit: "share", Withheld: comity.WithheldDominated},
			{Group: "supplier", Row: "halyard managed mail", Unit: "members", Published: true, Value: 12, Low: 12, High: 15},
		},
		Curve: []comity.LossPoint{{Loss: 1e6, P: 0.5, Low: 0.4, High: 0.6}, {Loss: 4e6, P: 0.1, Low: 0.05, High: 0.2}},
	}
	d.must(d.store.PutRelease(d.t.Context(), deskSystem, r))
}

// full is a desk on which every page has something to show.
func full(t *testing.T) *desk {
	d := newDesk(t)
	d.exposed(d.a, "Alpha")
	d.exposed(d.b, "Bravo")
	d.release(1)
	d.release(2)
	d.draftCatalogue()
	return d
}

// roadmap is every page of this file's kind that answers a GET, and who gets there; the rest is refused.
var roadmap = []struct {
	path string
	who  []string // "" is nobody
}{
	{"/", []string{"anna", "alan", "chair", "bert", "watch", "desk", "reader"}},
	{"/releases", []string{"anna", "alan", "chair", "bert", "watch", "desk", "reader"}},
	{"/releases/new", []string{"chair", "desk"}},
	{"/releases/1", []string{"anna", "alan", "chair", "bert", "watch", "desk", "reader"}},
	{"/reports", []string{"anna", "alan", "chair", "bert", "watch", "desk", "reader"}},
	{"/reports/new", []string{"chair", "desk"}},
	{"/report-templates/annual", []string{"chair", "desk"}},
	{"/organization", []string{"anna", "alan", "chair", "bert"}},
	{"/organization/version", []string{"anna", "alan", "chair", "bert"}},
	{"/organization/changes", []string{"anna", "alan", "chair", "bert"}},
	{"/organization/difference", []string{"anna", "alan", "chair", "bert"}},
	{"/organization/formula", []string{"anna", "alan", "chair", "bert"}},
	{"/organization/formula/draws.csv", []string{"anna", "alan", "chair", "bert"}},
	{"/organization/scenarios/edge-exploitation/formula", []string{"anna", "alan", "chair", "bert"}},
	{"/organization/what-if", []string{"anna", "alan", "chair", "bert"}},
	{"/organization/scenarios/edge-exploitation", []string{"anna", "alan", "chair", "bert"}},
	{"/sources", []string{"anna", "alan", "chair", "bert", "watch", "desk", "reader"}},
	{"/sources/cisa-kev", []string{"anna", "alan", "chair", "bert", "watch", "desk", "reader"}},
	{"/sources/new", []string{"chair", "desk"}},
	{"/catalogue", everybody[1:]},
	{"/catalogue/phishing", everybody[1:]},
	{"/catalogue/versions", everybody[1:]},
	{"/catalogue/versions/1", everybody[1:]},
	{"/catalogue/versions/2", everybody[1:]},
	{"/catalogue/draft", everybody[1:]},
	{"/catalogue/draft/new", []string{"chair", "desk"}},
	{"/catalogue/draft/scenarios/phishing", []string{"chair", "desk"}},
	{"/catalogue/draft/values", []string{"chair", "desk"}},
	{"/organization/webhooks", []string{"anna", "bert"}},
	{"/account/notifications", everybody[1:]},
	{"/sign-in", []string{""}},
}

var everybody = []string{"", "anna", "alan", "chair", "bert", "watch", "desk", "reader"}

func TestRolesReachTheirPages(t *testing.T) {
	d := full(t)
	for _, page := range roadmap {
		for _, who := range everybody {
			want := http.StatusForbidden
			switch {
			case slices.Contains(page.who, who):
				want = http.StatusOK
			case who == "" || page.path == "/sign-in":
				want = http.StatusSeeOther
			}
			if got := d.get(who, page.path).Status; got != want {
				t.Errorf("%s as %q: status %d, want %d", page.path, who, got, want)
			}
		}
	}
}

func TestNavigationHasNoDeadEnds(t *testing.T) {
	d := full(t)
	for _, who := range everybody[1:] {
		home := d.get(who, "/")
		for _, entry := range linksOf(t, home.Body, "main-nav") {
			first := d.get(who, entry)
			if first.Status != http.StatusOK {
				t.Errorf("%s: navigation leads to %s, which answers %d", who, entry, first.Status)
			}
			leads := map[string]string{}
			for _, m := range keyed.FindAllStringSubmatch(first.Body, -1) {
				path, key := m[1], m[2]
				if leads[key] != "" && leads[key] != path {
					t.Errorf("%s on %s: the key %q leads to %s and %s", who, entry, key, leads[key], path)
				}
				leads[key] = path
			}
			for _, link := range linksOf(t, first.Body, "sub-nav") {
				if got := d.get(who, link).Status; got != http.StatusOK {
					t.Errorf("%s: navigation of %s leads to %s, which answers %d", who, entry, link, got)
				}
			}
		}
	}
}

var keyed = regexp.MustCompile(`href="([^"]+)"[^>]* data-key="([^"]+)"`)

// linksOf returns the targets of links inside elements with this class.
func linksOf(t *testing.T, page, class string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var links []string
	var walk func(n *html.Node, inside bool)
	walk = func(n *html.Node, inside bool) {
		inside = inside || slices.Contains(strings.Fields(attribute(n, "class")), class)
		if inside && n.Data == "a" {
			links = append(links, attribute(n, "href"))
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, inside)
		}
	}
	walk(root, false)
	return links
}

func TestPagesInEveryLanguage(t *testing.T) {
	d := full(t)
	for _, page := range roadmap {
		if page.path == "/organization/version" || strings.HasSuffix(page.path, ".csv") {
			continue
		}
		for _, lang := range Languages {
			r := httptest.NewRequest(http.MethodGet, page.path, nil)
			r.AddCookie(&http.Cookie{Name: languageCookie, Value: lang})
			a := d.do(page.who[0], r).want(http.StatusOK, `lang="`+lang+`"`)
			dir := "ltr"
			if lang == "ar" {
				dir = "rtl"
			}
			a.want(http.StatusOK, `dir="`+dir+`"`)
			checkHTML(t, lang+" "+page.path, a.Body)
			if size, most := a.compressed(), 15<<10; size > most {
				t.Errorf("%s %s: %d bytes compressed, want at most %d", lang, page.path, size, most)
			}
		}
	}
}

// void are the elements without an end tag.
var void = []string{"meta", "link", "input", "br", "img", "hr"}

// checkHTML checks what a browser would silently mend: tags that do not nest, ids that are there twice, headings that
// are missing, controls and pictures without a name, and anything inline that the policy forbids.
func checkHTML(t *testing.T, where, page string) {
	t.Helper()
	tokens := html.NewTokenizer(strings.NewReader(page))
	var open []string
	ids, labels, controls := map[string]bool{}, map[string]bool{}, []string{}
	headings := 0
	for {
		kind := tokens.Next()
		if kind == html.ErrorToken {
			break
		}
		token := tokens.Token()
		n := &html.Node{Data: token.Data, Attr: token.Attr}
		switch kind {
		case html.StartTagToken:
			if !slices.Contains(void, token.Data) {
				open = append(open, token.Data)
			}
			if token.Data == "h1" {
				headings++
			}
			if token.Data == "script" && attribute(n, "src") == "" || token.Data == "style" {
				t.Errorf("%s: inline <%s>", where, token.Data)
			}
			if token.Data == "label" {
				labels[attribute(n, "for")] = true
			}
			if token.Data == "input" || token.Data == "select" || token.Data == "textarea" {
				if kind := attribute(n, "type"); kind != "hidden" && kind != "checkbox" && kind != "radio" && attribute(n, "aria-label") == "" {
					controls = append(controls, attribute(n, "id"))
				}
			}
			if token.Data == "svg" && attribute(n, "role") == "img" && attribute(n, "aria-label") == "" {
				t.Errorf("%s: a picture without a name", where)
			}
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Errorf("%s: </%s> inside %v", where, token.Data, open)
				return
			}
			open = open[:len(open)-1]
		}
		for _, a := range token.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("%s: inline %s", where, a.Key)
			}
			if a.Key == "id" && ids[a.Val] {
				t.Errorf("%s: id %q is there twice", where, a.Val)
			}
			if a.Key == "id" {
				ids[a.Val] = true
			}
			if (a.Key == "href" || a.Key == "src") && (strings.Contains(a.Val, "//") || a.Val == "") {
				t.Errorf("%s: %s=%q leads elsewhere", where, a.Key, a.Val)
			}
		}
	}
	if len(open) > 0 {
		t.Errorf("%s: not closed: %v", where, open)
	}
	if headings != 1 {
		t.Errorf("%s: %d h1, want 1", where, headings)
	}
	for _, id := range controls {
		if !labels[id] {
			t.Errorf("%s: control %q has no label", where, id)
		}
	}
}

func TestEveryAnswerHasItsPolicy(t *testing.T) {
	d := full(t)
	for _, page := range roadmap {
		for _, who := range everybody {
			if got := d.get(who, page.path).Header.Get("Content-Security-Policy"); got != policy {
				t.Errorf("%s as %q: policy %q", page.path, who, got)
			}
		}
	}
	for _, path := range []string{"/nowhere", "/releases/99", "/static/0/comity.css"} {
		if got := d.get("anna", path).Header.Get("Content-Security-Policy"); got != policy {
			t.Errorf("%s: policy %q", path, got)
		}
	}
}

func TestPagesCarryTheirMarking(t *testing.T) {
	d := full(t)
	for path, want := range map[string]string{
		"/": "TLP:GREEN", "/releases": "TLP:GREEN", "/releases/1": "TLP:GREEN", "/organization": "TLP:AMBER+STRICT", "/organization/changes": "TLP:AMBER+STRICT",
		"/organization/scenarios/phishing": "TLP:AMBER+STRICT",
		"/catalogue":                       "TLP:GREEN", "/catalogue/phishing": "TLP:GREEN", "/catalogue/draft": "TLP:AMBER+STRICT",
	} {
		d.get("anna", path).want(http.StatusOK, want)
	}
}

// TestOrganizationsSeeNothingOfEachOther visits every page of one's own as A and as B.
func TestOrganizationsSeeNothingOfEachOther(t *testing.T) {
	d := full(t)
	for _, page := range roadmap {
		for who, foreign := range map[string]string{"anna": "Bravo", "chair": "Bravo", "bert": "Alpha"} {
			d.get(who, page.path).without(foreign)
		}
		for _, who := range []string{"", "watch", "desk", "reader"} {
			d.get(who, page.path).without("Alpha", "Bravo")
		}
	}
	d.get("anna", "/organization").want(http.StatusOK, "Alpha gateway")
	d.get("bert", "/organization").want(http.StatusOK, "Bravo gateway")
}

// TestOverviewDoesNotMoveBetweenReleases changes what one member answered, and reads the system's page before and after.
func TestOverviewDoesNotMoveBetweenReleases(t *testing.T) {
	d := full(t)
	before := map[string]string{}
	for _, path := range []string{"/", "/releases/2"} {
		before[path] = d.get("anna", path).want(http.StatusOK).Body
	}
	d.exposed(d.b, "Changed")
	for path, was := range before {
		if now := d.get("anna", path).Body; now != was {
			t.Errorf("%s: the answer of one member shows between releases", path)
		}
	}
}

func TestOverviewTellsWhatIsReleasedAndWhatIsNot(t *testing.T) {
	d := full(t)
	d.get("anna", "/").want(http.StatusOK,
		"Release 2", "85%", "Interval of at least 90%: 60% to 95%", "withheld: too few", "withheld: too concentrated", "at least 12 of 2 members",
		"The next release is due on 1 October 2026", "CVE-2024-21762", "At least 7 contributors", "/releases/2")
	d.get("reader", "/").want(http.StatusOK, "85%").without("What they hit", "Scenarios, and what they hit")
	d.get("anna", "/releases/1").want(http.StatusOK, "Release 1, 2026-Q1", `href="/releases/2"`)
	d.get("anna", "/releases/3").want(http.StatusNotFound)
	d.get("anna", "/releases/x").want(http.StatusNotFound)
	newDesk(t).get("anna", "/").want(http.StatusOK, "Nothing has been released yet")
}

func TestOrganizationTellsWhatChangedAndWhy(t *testing.T) {
	d := full(t)
	d.get("anna", "/organization").want(http.StatusOK,
		"20%", "25%", "+5.0 points", "CVE-2024-21762 touches Alpha gateway.", `href="/threats/thr_CVE-2024-21762"`,
		`href="/organization/scenarios/edge-exploitation"`, "90% interval", "tolerance USD", "We are ", "What happened in the last years")
	d.get("anna", "/organization/scenarios/edge-exploitation").want(http.StatusOK, "General rate of attempts", "Controls: initial access", "M1051")
	d.get("anna", "/organization/scenarios/nonsense").want(http.StatusNotFound)
	d.get("anna", "/organization/changes").want(http.StatusOK, "CVE-2024-21762 touches Alpha gateway.")
	newDesk(t).get("anna", "/organization").want(http.StatusOK, "Nothing has been assessed yet", `href="/profile"`)
}

func TestOrganizationTellsItsVersion(t *testing.T) {
	d := full(t)
	page := d.get("anna", "/organization")
	version := d.get("anna", "/organization/version").want(http.StatusOK).Body
	page.want(http.StatusOK, `data-version="`+version+`"`)
	d.now = d.now.Add(time.Hour)
	d.exposed(d.a, "Later")
	if d.get("anna", "/organization/version").Body == version {
		t.Error("the version stays after a new assessment")
	}
}

func TestFirstPageIsLight(t *testing.T) {
	d := full(t)
	page := d.get("anna", "/").want(http.StatusOK)
	total := page.compressed()
	for _, name := range []string{"comity.css", "comity.js", "comity.svg"} {
		path := linkedAsset(t, page.Body, name)
		asset := d.get("", path).want(http.StatusOK)
		if got := asset.Header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
			t.Errorf("%s: cache control %q", name, got)
		}
		total += asset.compressed()
	}
	if total > 50<<10 {
		t.Errorf("the first page is %d bytes compressed, want at most %d", total, 50<<10)
	}
	t.Logf("first page: %d bytes compressed", total)
}

func linkedAsset(t *testing.T, page, name string) string {
	t.Helper()
	i := strings.Index(page, "/static/")
	if i < 0 {
		t.Fatal("the page links no assets")
	}
	prefix, _, _ := strings.Cut(page[i:], "comity.")
	return prefix + name
}

func TestAssetsOfAnotherVersionAreGone(t *testing.T) {
	d := newDesk(t)
	d.get("anna", "/static/000000000000/comity.css").want(http.StatusNotFound)
	d.get("", linkedAsset(t, d.get("", "/sign-in").Body, "")).want(http.StatusNotFound) // no list of the folder
}

func TestLanguageAndTheme(t *testing.T) {
	d := newDesk(t)
	a := d.post("anna", "/language", map[string][]string{"language": {"fr"}, "next": {"/organization"}}).want(http.StatusSeeOther)
	if a.Location() != "/organization" || !strings.Contains(a.Header.Get("Set-Cookie"), languageCookie+"=fr") {
		t.Errorf("to %q with %q", a.Location(), a.Header.Get("Set-Cookie"))
	}
	d.post("anna", "/language", map[string][]string{"language": {"xx"}}).want(http.StatusUnprocessableEntity)
	d.post("", "/theme", map[string][]string{"theme": {"dark"}, "next": {"https://elsewhere.example/"}}).want(http.StatusSeeOther)
	r := httptest.NewRequest(http.MethodGet, "/sign-in", nil)
	r.AddCookie(&http.Cookie{Name: themeCookie, Value: "dark"})
	r.Header.Set("Accept-Language", "es-AR, en;q=0.5")
	d.do("", r).want(http.StatusOK, `data-theme="dark"`, `lang="es"`)
}

func TestRedirectsStayHere(t *testing.T) {
	for _, next := range []string{
		"https://elsewhere.example", "//elsewhere.example", `/\elsewhere.example`, "/%0d%0a\r\nSet-Cookie: x", "javascript:alert(1)", "",
	} {
		if got := localPath(next); got != "/" {
			t.Errorf("localPath(%q) = %q, want /", next, got)
		}
	}
	if got := localPath("/threats?text=a%20b"); got != "/threats?text=a%20b" {
		t.Errorf("our own path became %q", got)
	}
}

func TestWritesFromOtherOriginsAreRefused(t *testing.T) {
	d := newDesk(t)
	r := httptest.NewRequest(http.MethodPost, "/language", strings.NewReader("language=fr"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	d.do("anna", r).want(http.StatusForbidden)
}

func TestUnknownFieldsAreRefused(t *testing.T) {
	d := newDesk(t)
	d.post("anna", "/language", map[string][]string{"language": {"fr"}, "role": {"co-chair"}}).want(http.StatusUnprocessableEntity)
}

func TestInternalErrorsAreNotTold(t *testing.T) {
	d := newDesk(t)
	d.must(d.store.Close())
	d.get("anna", "/").without("sql", "database")
}

func TestUserTextIsEscaped(t *testing.T) {
	d := newDesk(t)
	d.exposed(d.a, `<script>alert("x")</script>`)
	for _, path := range []string{"/organization", "/organization/changes", "/organization/scenarios/edge-exploitation", "/"} {
		d.get("anna", path).want(http.StatusOK).without("<script>alert")
	}
}
