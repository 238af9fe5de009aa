package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"comity"
)

// TestSeparation asks that nothing that organisation A keeps to itself shows in any answer that B, the observer, the
// auditor or the parent network gets.
func TestSeparation(t *testing.T) {
	w := newWorld(t)
	w.call(focal, "POST", "/actions", map[string]any{"title": "Secret new action", "match": matchA}).want(http.StatusCreated)
	secrets := []string{
		"Secret service", "Secret evidence", "Secret software", "Secret action", "Secret new action", "Secret GROUP-RED",
		"Secret GROUP-UNMARKED", string(matchA), string(evidenceA), string(privateA), "0.4321",
	}
	for _, as := range []who{stranger, secretariat, observer, reader, auditor} {
		for _, r := range matrix {
			url := r.url
			if url == "" {
				url = r.path
			}
			if r.method != http.MethodGet {
				continue
			}
			got := w.call(as, r.method, url, nil)
			for _, secret := range secrets {
				if strings.Contains(got.body, secret) {
					t.Errorf("%s reads %q in GET %s", as, secret, url)
				}
			}
		}
	}
	own := w.call(focal, "GET", "/profile", nil).want(http.StatusOK)
	if !strings.Contains(own.body, "Secret service") {
		t.Errorf("the test sees no secrets at all: %s", own.body)
	}
}

// TestAbsentIsForeign asks that a thing of another organisation and one that is not there get the same answer.
func TestAbsentIsForeign(t *testing.T) {
	w := newWorld(t)
	tests := []struct{ name, foreign, absent string }{
		{"match", "/matches/" + string(matchA), "/matches/" + string(id(comity.MakeMatchID, "none"))},
		{"evidence", "/evidence/" + string(evidenceA), "/evidence/" + string(id(comity.MakeEvidenceID, "none"))},
		{"action", "/actions/" + string(privateA), "/actions/" + string(absentAction)},
		{"revisions", "/actions/" + string(privateA) + "/revisions", "/actions/" + string(absentAction) + "/revisions"},
		{"threat", "/threats/" + string(redThreat), "/threats/thr_NONE"},
		{"wrong kind", "/actions/" + string(privateA), "/actions/" + string(matchA)},
		{"filter by owner", "/actions?owner=" + string(orgA.ID) + "&match=" + string(matchA), "/actions?owner=" + string(orgA.ID) + "&match=" + string(id(comity.MakeMatchID, "none"))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			foreign, absent := w.call(stranger, "GET", tt.foreign, nil), w.call(stranger, "GET", tt.absent, nil)
			if foreign.status != absent.status || foreign.body != absent.body {
				t.Errorf("foreign: %d %s\nabsent: %d %s", foreign.status, foreign.body, absent.status, absent.body)
			}
		})
	}
}

// TestMarkings asks who finds which threat in lists, searches and counts.
func TestMarkings(t *testing.T) {
	w := newWorld(t)
	all := []comity.ThreatID{clearThreat, amberThreat, redThreat, bareThreat}
	for as, sees := range map[who][]bool{ // clear, amber, red, unmarked
		focal: {true, true, true, true}, stranger: {true, true, false, false}, secretariat: {true, true, false, false},
		observer: {true, false, false, false}, reader: {true, false, false, false}, auditor: {true, false, false, false}, noRole: {true, false, false, false},
	} {
		total := 0
		for i, threat := range all {
			page := decode[Page[comity.Threat]](w.call(as, "GET", "/threats?q="+threat.Key(), nil).want(http.StatusOK))
			if found := page.Total == 1 && len(page.Items) == 1; found != sees[i] || page.Total > 1 {
				t.Errorf("%s finds %s: %v (total %d), want %v", as, threat, found, page.Total, sees[i])
			}
			if sees[i] {
				total++
			}
		}
		if page := decode[Page[comity.Threat]](w.call(as, "GET", "/threats", nil)); page.Total != total {
			t.Errorf("%s counts %d threats, want %d", as, page.Total, total)
		}
	}
}

// TestGroupActionKeepsMarking asks that nobody tells the group of a threat that its marking keeps narrower.
func TestGroupActionKeepsMarking(t *testing.T) {
	w := newWorld(t)
	make := func(threat comity.ThreatID, tlp string) map[string]any {
		return map[string]any{"title": "Together", "audience": "group", "tlp": tlp, "threat": threat}
	}
	tests := []struct {
		threat comity.ThreatID
		tlp    string
		want   int
	}{
		{clearThreat, "TLP:CLEAR", 201},
		{amberThreat, "TLP:GREEN", 422},
		{amberThreat, "TLP:AMBER", 201},
		{amberThreat, "TLP:AMBER+STRICT", 201},
		{redThreat, "TLP:AMBER+STRICT", 422},
		{bareThreat, "TLP:AMBER+STRICT", 422},
		{clearThreat, "", 422},
		{clearThreat, "TLP:RED", 422},
		{clearThreat, "TLP:WHITE", 422},
	}
	for _, tt := range tests {
		t.Run(string(tt.threat)+" "+tt.tlp, func(t *testing.T) {
			w := w.in(t)
			w.call(focal, "POST", "/actions", make(tt.threat, tt.tlp)).want(tt.want)
		})
	}
	private := w.call(focal, "POST", "/actions", map[string]any{"title": "Own", "threat": amberThreat}).want(201)
	path := strings.TrimPrefix(private.header.Get("Location"), prefix)
	w.call(focal, "PATCH", path, map[string]any{"revision": 1, "audience": "group", "tlp": "TLP:CLEAR"}).want(422)
	w.call(focal, "PATCH", path, map[string]any{"revision": 1, "audience": "group", "tlp": "TLP:AMBER"}).want(200)
}

func TestActionsRefuse(t *testing.T) {
	w := newWorld(t)
	tests := []struct {
		name string
		as   who
		body any
		want int
	}{
		{"a match of another organisation", stranger, map[string]any{"title": "x", "match": matchA}, 422},
		{"a threat that is not theirs to see", stranger, map[string]any{"title": "x", "threat": redThreat}, 422},
		{"an owner that is another organisation", focal, map[string]any{"title": "x", "owner": orgB.ID}, 403},
		{"the group's, owned by another", focal, map[string]any{"title": "x", "owner": orgB.ID, "audience": "group", "tlp": "TLP:GREEN"}, 403},
		{"the group's, by a co-chair", coChair, map[string]any{"title": "x", "owner": orgB.ID, "audience": "group", "tlp": "TLP:GREEN"}, 201},
		{"an owner that is not there", coChair, map[string]any{"title": "x", "owner": id(comity.MakeOrgID, "none"), "audience": "group", "tlp": "TLP:GREEN"}, 422},
		{"an unknown field", focal, map[string]any{"title": "x", "by": "per_x"}, 422},
		{"a revision", focal, map[string]any{"title": "x", "revision": 3}, 422},
		{"an identity", focal, map[string]any{"title": "x", "id": privateA}, 422},
		{"no title", focal, map[string]any{"priority": "high"}, 422},
		{"a title of two lines", focal, map[string]any{"title": "x\ny"}, 422},
		{"a scenario that is not there", focal, map[string]any{"title": "x", "scenario": "dragons"}, 422},
		{"a mitigation that is not there", focal, map[string]any{"title": "x", "control": "M9999"}, 422},
		{"a mitigation", focal, map[string]any{"title": "x", "control": "M1032"}, 201},
		{"a match brings its threat", focal, map[string]any{"title": "x", "match": matchA}, 201},
		{"a match with another threat", focal, map[string]any{"title": "x", "match": matchA, "threat": amberThreat}, 422},
		{"a due date that is none", focal, map[string]any{"title": "x", "due": "2026-02-30"}, 422},
		{"a doubled key", focal, `{"title":"x","tlp":"TLP:RED","tlp":"TLP:CLEAR"}`, 400},
		{"a key in another case", focal, `{"title":"x","TLP":"TLP:CLEAR"}`, 422},
		{"half a document", focal, `{"title":"x"`, 400},
		{"no document", focal, ``, 400},
		{"a list", focal, `[]`, 422},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := w.in(t)
			w.call(tt.as, "POST", "/actions", tt.body).want(tt.want)
		})
	}
}

func TestRevisions(t *testing.T) {
	w := newWorld(t)
	path := "/actions/" + string(privateA)
	if tag := w.call(focal, "GET", path, nil).want(200).header.Get("ETag"); tag != `"1"` {
		t.Errorf("ETag %s, want \"1\"", tag)
	}
	w.call(focal, "PATCH", path, map[string]any{"progress": 10}).want(422)
	w.call(focal, "PATCH", path, map[string]any{"progress": 10, "revision": 2}).want(409)
	w.call(focal, "PATCH", path, map[string]any{"progress": 10}, "If-Match", `"7"`).want(412)
	w.call(focal, "PATCH", path, map[string]any{"progress": 10, "revision": 1}, "If-Match", `"2"`).want(412)
	w.call(focal, "PATCH", path, map[string]any{"progress": 10}, "If-Match", `junk`).want(412)
	if tag := w.call(focal, "PATCH", path, map[string]any{"progress": 10, "why": "begun"}, "If-Match", `"1"`).want(200).header.Get("ETag"); tag != `"2"` {
		t.Errorf("ETag %s, want \"2\"", tag)
	}
	w.call(analyst, "PATCH", path, map[string]any{"progress": 20, "revision": 1}).want(409)
	history := decode[Page[comity.ActionRevision]](w.call(focal, "GET", path+"/revisions", nil).want(200))
	last := history.Items[len(history.Items)-1]
	if last.Field != "progress" || last.New != "10" || last.Why != "begun" || last.Org != orgA.ID {
		t.Errorf("last revision %+v", last)
	}
}

func TestProfileRoundTrip(t *testing.T) {
	w := newWorld(t)
	put := emptyProfile(1)
	put["services"] = []any{map[string]any{"name": "Mail", "level": "operational", "criticality": []int{1, 2, 3, 4}}}
	put["software"] = []any{map[string]any{"vendor": "V", "name": "N", "placement": "internal", "patched_on": "2026-01-02"}}
	put["suppliers"] = []any{map[string]any{"name": "S", "dependence": 0.3}}
	put["coverage"] = map[string]any{"M1032": 0.5}
	put["out_of_scope"] = []any{"phishing"}
	first := w.call(focal, "PUT", "/profile", put).want(200)
	stored := decode[comity.Profile](first)
	if stored.Revision != 2 || stored.Services[0].ID == "" || stored.Software[0].ID == "" || stored.Suppliers[0].ID == "" {
		t.Errorf("stored %+v", stored)
	}
	read := w.call(focal, "GET", "/profile", nil).want(200)
	again := w.call(focal, "PUT", "/profile", read.body).want(200)
	if same := decode[comity.Profile](again); same.Revision != 2 {
		t.Errorf("what was read and put back is revision %d, want 2 as before", same.Revision)
	}
	w.call(analyst, "PUT", "/profile", emptyProfile(1)).want(409)
	if p := decode[comity.Profile](w.call(stranger, "GET", "/profile", nil).want(200)); p.Revision != 0 || p.Org != orgB.ID {
		t.Errorf("organisation B reads %+v", p)
	}
}

func TestProfileRefuses(t *testing.T) {
	w := newWorld(t)
	software := func(key string, value any) []any {
		s := map[string]any{"vendor": "V", "name": "N", "placement": "internal"}
		s[key] = value
		return []any{s}
	}
	svc := id(comity.MakeServiceID, "x")
	tests := []struct {
		name, field string
		value       any
	}{
		{"another organisation", "organization", orgB.ID},
		{"an unknown field", "orgs", 1},
		{"a grade of 5", "services", []any{map[string]any{"name": "x", "level": "strategic", "criticality": []int{5, 0, 0, 0}}}},
		{"three grades", "services", []any{map[string]any{"name": "x", "level": "strategic", "criticality": []int{1, 0, 0}}}},
		{"an unknown level", "services", []any{map[string]any{"name": "x", "level": "royal", "criticality": []int{1, 0, 0, 0}}}},
		{"no name", "services", []any{map[string]any{"name": " ", "level": "strategic", "criticality": []int{1, 0, 0, 0}}}},
		{"an identity of another kind", "services", []any{map[string]any{"id": matchA, "name": "x", "level": "strategic", "criticality": []int{1, 0, 0, 0}}}},
		{"an identity twice", "services", []any{
			map[string]any{"id": svc, "name": "x", "level": "strategic", "criticality": []int{1, 0, 0, 0}},
			map[string]any{"id": svc, "name": "y", "level": "strategic", "criticality": []int{1, 0, 0, 0}},
		}},
		{"a tolerance below nothing", "tolerance", -1},
		{"an unknown sector", "sectors", []any{"piracy"}},
		{"a sector twice", "sectors", []any{"health", "health"}},
		{"an unknown region", "regions", []any{"atlantis"}},
		{"an unknown scenario", "out_of_scope", []any{"dragons"}},
		{"an unknown mitigation", "coverage", map[string]any{"M9999": 0.5}},
		{"a step between", "coverage", map[string]any{"M1032": 0.6}},
		{"a placement", "software", software("placement", "basement")},
		{"a CPE that is none", "software", software("cpe", "cpe:/a:old")},
		{"a purl that is none", "software", software("purl", "npm/left-pad")},
		{"a date that is none", "software", software("patched_on", "yesterday")},
		{"a control character", "software", software("vendor", "a\u0000b")},
		{"dependence above one", "suppliers", []any{map[string]any{"name": "x", "dependence": 1.5}}},
		{"bands in the wrong order", "bands", [4][3]map[string]float64{0: {0: {"low": 2, "high": 1}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := w.in(t)
			body := emptyProfile(1)
			body[tt.field] = tt.value
			w.call(focal, "PUT", "/profile", body).want(422)
		})
	}
	if p := decode[comity.Profile](w.call(focal, "GET", "/profile", nil).want(200)); p.Revision != 1 {
		t.Errorf("something was stored: revision %d", p.Revision)
	}
}

func TestEvidence(t *testing.T) {
	w := newWorld(t)
	with := func(key string, value any) map[string]any {
		e := someEvidence()
		e[key] = value
		return e
	}
	for name, body := range map[string]any{
		"an unknown scenario": with("scenario", "dragons"), "an unknown kind": with("kind", "report"), "fewer than none": with("count", -1),
		"tomorrow": with("to", "2026-08-08"), "an end before the start": with("to", "2024-01-01"), "no start": with("from", ""),
		"more than one's own": with("weight", 1.1), "an organisation": with("organization", orgB.ID),
		"peers that weigh too much": map[string]any{"scenario": "phishing", "kind": "peer", "count": 1, "from": "2026-01-01", "to": "2026-02-01", "weight": 0.6},
	} {
		t.Run(name, func(t *testing.T) {
			w := w.in(t)
			w.call(focal, "POST", "/evidence", body).want(422)
		})
	}
	made := w.call(focal, "POST", "/evidence", someEvidence()).want(201)
	path := strings.TrimPrefix(made.header.Get("Location"), prefix)
	if e := decode[comity.Evidence](w.call(focal, "GET", path, nil).want(200)); e.Weight != 1 || e.Org != orgA.ID || e.Count != 2 {
		t.Errorf("stored %+v", e)
	}
	w.call(stranger, "DELETE", path, nil).want(404)
	if e := decode[comity.Evidence](w.call(analyst, "DELETE", path, nil).want(200)); e.Retracted == nil {
		t.Error("not retracted")
	}
	if list := decode[Page[comity.Evidence]](w.call(focal, "GET", "/evidence", nil)); list.Total != 2 {
		t.Errorf("%d items on record, want 2: retracting forgets nothing", list.Total)
	}
}

func TestPages(t *testing.T) {
	w := newWorld(t)
	seen := map[comity.ThreatID]bool{}
	path := "/threats?limit=1&sort=name&kind=vulnerability"
	for n := 0; path != ""; n++ {
		if n > 10 {
			t.Fatal("no end of pages")
		}
		page := decode[Page[comity.Threat]](w.call(focal, "GET", path, nil).want(200))
		if len(page.Items) != 1 || page.Total != 4 || seen[page.Items[0].ID] {
			t.Fatalf("page %d: %+v", n, page)
		}
		seen[page.Items[0].ID] = true
		path = strings.TrimPrefix(page.Next, prefix)
	}
	if len(seen) != 4 {
		t.Errorf("%d of 4 threats on the pages", len(seen))
	}
	for _, query := range []string{"limit=0", "limit=201", "limit=x", "offset=-1", "offset=1000001", "limit=1&page=2", "kind=myth", "since=yesterday", "since=2026-02-30", "sort=random", "%zz=1"} {
		if got := w.call(focal, "GET", "/threats?"+query, nil); got.status != 422 && !(query == "%zz=1" && got.status == 200) {
			t.Errorf("?%s: status %d, want 422", query, got.status)
		}
	}
	if page := decode[Page[comity.Organization]](w.call(focal, "GET", "/organizations?limit=2&offset=4", nil).want(200)); len(page.Items) != 1 || page.Total != 5 || page.Next != "" {
		t.Errorf("last page of organisations %+v", page)
	}
	if page := w.call(focal, "GET", "/organizations?offset=99", nil).want(200); !strings.Contains(page.body, `"items":[]`) {
		t.Errorf("a page after the last: %s", page.body)
	}
}

func TestProblems(t *testing.T) {
	w := newWorld(t)
	if got := w.call(focal, "DELETE", "/me", nil).want(405); got.header.Get("Allow") != "GET, HEAD" {
		t.Errorf("Allow: %s", got.header.Get("Allow"))
	}
	for _, path := range []string{"", "/", "/nothing", "/me/", "//me", "/threats/", "/actions/x/y/z", "/threats/../me"} {
		w.call(focal, "GET", path, nil).want(404)
	}
	w.call(focal, "POST", "/actions", "title=x", "Content-Type", "application/x-www-form-urlencoded").want(415)
	w.call(focal, "POST", "/actions", `{"title":"`+strings.Repeat("x", 2<<20)+`"}`).want(413)
	w.call(secretariat, "POST", "/intake/rumours", "{}").want(422)
	w.call(secretariat, "POST", "/intake/cisa-kev", "{}").want(422)
	w.call(focal, "GET", "/me", nil, "Authorization", "Basic eDp5").want(401)
	w.call(focal, "GET", "/me", nil, "Authorization", "Bearer cty_guess").want(401)
	if got := w.call(focal, "POST", "/actions", `{"title":"hunter2`); strings.Contains(got.body, "hunter2") {
		t.Errorf("what was sent comes back: %s", got.body)
	}
}

// TestStale asks that an older catalogue is refused unless forced, and that nothing of it stays.
func TestStale(t *testing.T) {
	w := newWorld(t)
	older := strings.ReplaceAll(kevDocument, "2026-08-07T", "2026-08-06T")
	w.call(secretariat, "POST", "/intake/cisa-kev", kevDocument, "Content-Type", "application/octet-stream").want(200)
	if got := w.call(secretariat, "POST", "/intake/cisa-kev", older).want(409); got.problem().Kind != "stale" {
		t.Errorf("kind %q, want stale", got.problem().Kind)
	}
	delta := decode[comity.Delta](w.call(secretariat, "POST", "/intake/cisa-kev", kevDocument).want(200))
	if !delta.Empty() || delta.Total != 1 {
		t.Errorf("the same again: %+v", delta)
	}
	w.call(secretariat, "POST", "/intake/cisa-kev?force=true", older).want(200)
}

// TestSession asks that a cookie works as a token does, and that another site can't write with it.
func TestSession(t *testing.T) {
	w := newWorld(t)
	value, err := w.auth.StartSession(t.Context(), id(comity.MakePersonID, string(focal)))
	w.must(err)
	cookie := w.auth.Cookie(value).String()
	w.call(nobody, "GET", "/profile", nil, "Cookie", cookie).want(200)
	w.call(nobody, "POST", "/actions", someAction(), "Cookie", cookie, "Sec-Fetch-Site", "same-origin").want(201)
	w.call(nobody, "POST", "/actions", someAction(), "Cookie", cookie, "Sec-Fetch-Site", "cross-site").want(403)
	w.call(nobody, "POST", "/actions", someAction(), "Cookie", cookie, "Origin", "https://elsewhere.example").want(403)
	w.call(nobody, "DELETE", "/evidence/"+string(evidenceA), nil, "Cookie", cookie, "Sec-Fetch-Site", "same-site").want(403)
	w.call(focal, "POST", "/actions", someAction(), "Sec-Fetch-Site", "cross-site").want(201) // a token is not sent by a browser
	w.must(w.auth.SignOut(t.Context(), value))
	w.call(nobody, "GET", "/profile", nil, "Cookie", cookie).want(401)
}

// TestWhatIf tries a change twice: it is told on the same luck, each time alike, and nothing is saved.
func TestWhatIf(t *testing.T) {
	w := newWorld(t)
	profile := w.call(focal, "GET", "/profile", nil).want(200).body
	change := map[string]any{"incidents": map[string]any{"ransomware": 3}}
	first := w.call(focal, "POST", "/exposure/what-if", change).want(200)
	tried := decode[triedContent](first)
	rate := func(e comity.Exposure) float64 {
		i := slices.IndexFunc(e.Scenarios, func(s comity.ScenarioExposure) bool { return s.Scenario == "ransomware" })
		return e.Scenarios[i].Rate.Value
	}
	if rate(tried.After) <= rate(tried.Before) {
		t.Errorf("three incidents moved the rate from %v to %v", rate(tried.Before), rate(tried.After))
	}
	if again := w.call(focal, "POST", "/exposure/what-if", change).want(200); again.body != first.body {
		t.Error("the same change was told otherwise")
	}
	if w.call(focal, "GET", "/profile", nil).want(200).body != profile {
		t.Error("trying changed the profile")
	}
	w.call(focal, "POST", "/exposure/what-if", map[string]any{"coverage": map[string]any{"M9999": 0.5}}).want(422)
	w.call(focal, "POST", "/exposure/what-if", map[string]any{"coverage": map[string]any{"M1032": 0.33}}).want(422)
	w.call(focal, "POST", "/exposure/what-if", map[string]any{"incidents": map[string]any{"ransomware": 21}}).want(422)
}

// TestUnassessed asks that no figures are given before there are any.
func TestUnassessed(t *testing.T) {
	w := newWorld(t)
	if got := strings.TrimSpace(w.call(stranger, "GET", "/exposure", nil).want(200).body); got != `{"assessed":false}` {
		t.Errorf("before the first assessment: %s", got)
	}
	own := decode[exposureContent](w.call(focal, "GET", "/exposure", nil).want(200))
	if !own.Assessed || own.Significant.Value != 0.4321 {
		t.Errorf("own exposure %+v", own)
	}
}
