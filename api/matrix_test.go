package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// row says what everybody gets from one route. statuses follow the order of everybody.
type row struct {
	method, path string // as registered, without the prefix
	url          string // with real identities; empty: the path
	body         any
	statuses     string
}

// The routes, and what everybody gets. Each request is made in a world of its own where it changes something.
//
//	no  nobody          ex  expired token    st  focal point of another organisation   nr  person of A without a role
//	fp  focal point     al  alternate        an  analyst         cc  co-chair (all of A)
//	se  secretariat     ob  observer         re  parent-network reader                 au  auditor
var matrix = []row{
	//                                                                  no  ex  st  nr  fp  al  an  cc  se  ob  re  au
	{"GET", "/openapi.json", "", nil /*                            */, "200 200 200 200 200 200 200 200 200 200 200 200"},
	{"GET", "/me", "", nil /*                                      */, "401 401 200 200 200 200 200 200 200 200 200 200"},
	{"GET", "/group", "", nil /*                                   */, "401 401 200 200 200 200 200 200 200 200 200 200"},
	{"GET", "/organizations", "", nil /*                           */, "401 401 200 200 200 200 200 200 200 200 200 200"},
	{"GET", "/organizations/{id}", "/organizations/" + string(orgA.ID), nil, "401 401 200 200 200 200 200 200 200 200 200 200"},
	{"GET", "/organizations/{id}/people", "/organizations/" + string(orgA.ID) + "/people", nil, "401 401 403 403 200 200 403 403 200 403 403 403"},
	{"GET", "/contacts", "", nil /*                                */, "401 401 200 403 200 200 200 200 200 200 200 200"},
	{"PUT", "/organizations/{id}/contacts/{function}", "/organizations/" + string(orgA.ID) + "/contacts/operational", someContact(1), "401 401 403 403 200 200 403 403 200 403 403 403"},
	{"DELETE", "/organizations/{id}/contacts/{function}", "/organizations/" + string(orgA.ID) + "/contacts/operational", nil, "401 401 403 403 204 204 403 403 204 403 403 403"},
	{"POST", "/organizations/{id}/verification", "/organizations/" + string(orgA.ID) + "/verification", map[string]any{}, "401 401 403 403 204 204 403 403 403 403 403 403"},
	{"GET", "/tokens", "", nil /*                                  */, "401 401 200 200 200 200 200 200 200 200 200 200"},
	{"DELETE", "/tokens/{id}", "/tokens/" + string(tokenA), nil /* */, "401 401 404 404 204 204 404 404 204 404 404 404"},
	{"GET", "/audit", "", nil /*                                   */, "401 401 200 403 200 200 200 200 200 403 403 200"},
	{"GET", "/threats", "", nil /*                                 */, "401 401 200 200 200 200 200 200 200 200 200 200"},
	{"GET", "/threats/{id}", "/threats/" + string(clearThreat), nil, "401 401 200 200 200 200 200 200 200 200 200 200"},
	{"GET", "/threats/{id}/warnings", "/threats/" + string(clearThreat) + "/warnings", nil, "401 401 200 200 200 200 200 200 200 200 200 200"},
	{"GET", "/sources", "", nil /*                                 */, "401 401 200 200 200 200 200 200 200 200 200 200"},
	{"GET", "/matches", "", nil /*                                 */, "401 401 200 403 200 200 200 200 403 403 403 403"},
	{"GET", "/matches/{id}", "/matches/" + string(matchA), nil /*  */, "401 401 404 403 200 200 200 200 403 403 403 403"},
	{"GET", "/exposure", "", nil /*                                */, "401 401 200 403 200 200 200 200 403 403 403 403"},
	{"GET", "/exposure/history", "", nil /*                        */, "401 401 200 403 200 200 200 200 403 403 403 403"},
	{"GET", "/exposure/changes", "", nil /*                        */, "401 401 200 403 200 200 200 200 403 403 403 403"},
	{"POST", "/exposure/what-if", "", map[string]any{"incidents": map[string]any{"ransomware": 1}}, "401 401 200 403 200 200 200 200 403 403 403 403"},
	{"GET", "/exposure/improvements", "", nil /*                   */, "401 401 200 403 200 200 200 200 403 403 403 403"},
	{"GET", "/profile", "", nil /*                                 */, "401 401 200 403 200 200 200 200 403 403 403 403"},
	{"PUT", "/profile", "", emptyProfile(1) /*                     */, "401 401 409 403 200 200 200 403 403 403 403 403"},
	{"GET", "/organization/archive", "", nil /*                    */, "401 401 200 403 200 200 403 403 403 403 403 403"},
	{"GET", "/organization/erasure", "", nil /*                    */, "401 401 200 403 200 403 403 403 403 403 403 403"},
	{"POST", "/organization/erasure", "", map[string]any{"acronym": orgA.Acronym}, "401 401 422 403 200 403 403 403 403 403 403 403"},
	{"GET", "/evidence", "", nil /*                                */, "401 401 200 403 200 200 200 200 403 403 403 403"},
	{"GET", "/evidence/{id}", "/evidence/" + string(evidenceA), nil, "401 401 404 403 200 200 200 200 403 403 403 403"},
	{"POST", "/evidence", "", someEvidence() /*                    */, "401 401 201 403 201 201 201 403 403 403 403 403"},
	{"DELETE", "/evidence/{id}", "/evidence/" + string(evidenceA), nil, "401 401 404 403 200 200 200 403 403 403 403 403"},
	{"GET", "/releases", "", nil /*                                */, "401 401 200 403 200 200 200 200 200 200 200 200"},
	{"GET", "/releases/{number}", "/releases/1", nil /*            */, "401 401 200 403 200 200 200 200 200 200 200 200"},
	{"GET", "/reports", "", nil /*                                 */, "401 401 200 403 200 200 200 200 200 200 200 200"},
	{"GET", "/reports/{id}", "/reports/" + string(reportClear), nil, "401 401 200 403 200 200 200 200 200 200 200 200"},
	{"GET", "/reports/{id}/documents/{language}", "/reports/" + string(reportClear) + "/documents/en", nil, "401 401 200 403 200 200 200 200 200 200 200 200"},
	{"GET", "/actions", "", nil /*                                 */, "401 401 200 200 200 200 200 200 200 200 200 200"},
	{"POST", "/actions", "", someAction() /*                       */, "401 401 201 403 201 201 201 201 403 403 403 403"},
	{"GET", "/actions/{id}", "/actions/" + string(privateA), nil /**/, "401 401 404 404 200 200 200 200 404 404 404 404"},
	{"PATCH", "/actions/{id}", "/actions/" + string(privateA), changed(1), "401 401 404 404 200 200 200 200 404 404 404 404"},
	{"GET", "/actions/{id}/revisions", "/actions/" + string(privateA) + "/revisions", nil, "401 401 404 404 200 200 200 200 404 404 404 404"},
	{"GET", "/projects", "", nil /*                                */, "401 401 200 403 200 200 200 200 200 403 403 403"},
	{"GET", "/projects/{id}", "/projects/" + string(projectGreen), nil, "401 401 200 403 200 200 200 200 200 403 403 403"},
	{"GET", "/projects/{id}/reports", "/projects/" + string(projectGreen) + "/reports", nil, "401 401 200 403 200 200 200 200 200 403 403 403"},
	{"POST", "/projects/{id}/reports", "/projects/" + string(projectGreen) + "/reports", projectReport("Late"), "401 401 403 403 201 201 201 201 201 403 403 403"},
	{"POST", "/intake/{source}", "/intake/cisa-kev", kevDocument /**/, "401 401 403 403 403 403 403 200 200 403 403 403"},
	{"GET", "/baselines", "", nil /*                               */, "401 401 200 403 200 200 200 200 200 200 403 200"},
	{"GET", "/baselines/{id}", "/baselines/" + string(baselineOne), nil, "401 401 200 403 200 200 200 200 200 200 403 200"},
	{"GET", "/baselines/{id}/revisions", "/baselines/" + string(baselineOne) + "/revisions", nil, "401 401 200 403 200 200 200 200 200 200 403 200"},
	{"POST", "/baselines", "/baselines?title=Own", "id,title\na,A\n" /**/, "401 401 403 403 403 403 403 201 201 403 403 403"},
	{"PUT", "/baselines/{id}/in-force", "/baselines/" + string(baselineOne) + "/in-force", map[string]any{"revision": 0}, "401 401 403 403 403 403 403 200 200 403 403 403"},
	{"GET", "/baselines/{id}/answers", "/baselines/" + string(baselineOne) + "/answers", nil, "401 401 200 403 200 200 200 200 403 403 403 403"},
	{"PUT", "/baselines/{id}/answers", "/baselines/" + string(baselineOne) + "/answers", someAnswers(1), "401 401 200 403 200 200 200 403 403 403 403 403"},
	{"GET", "/baselines/{id}/answers/history", "/baselines/" + string(baselineOne) + "/answers/history", nil, "401 401 200 403 200 200 200 200 403 403 403 403"},
	{"GET", "/catalogue/versions", "", nil /*                      */, "401 401 200 403 200 200 200 200 200 200 200 200"},
	{"GET", "/catalogue/versions/{number}", "/catalogue/versions/0", nil, "401 401 200 403 200 200 200 200 200 200 200 200"},
	{"GET", "/exposure/days/{day}", "/exposure/days/2099-01-01", nil, "401 401 404 403 200 200 200 200 403 403 403 403"},
	{"GET", "/coverage-proposals", "", nil /*                      */, "401 401 200 403 200 200 200 200 403 403 403 403"},
	{"GET", "/forecasts", "", nil /*                               */, "401 401 200 403 200 200 200 200 403 403 403 403"},
	{"GET", "/treatments", "", nil /*                              */, "401 401 200 403 200 200 200 200 403 403 403 403"},
	{"GET", "/treatments/{scenario}/history", "/treatments/phishing/history", nil, "401 401 200 403 200 200 200 200 403 403 403 403"},
	{"PUT", "/treatments/{scenario}", "/treatments/phishing", someTreatment(1), "401 401 409 403 200 200 200 403 403 403 403 403"},
	{"POST", "/treatments/{scenario}/approval", "/treatments/phishing/approval", map[string]any{"revision": 1}, "401 401 409 403 200 200 403 200 403 403 403 403"},
	{"GET", "/sessions", "", nil /*                                */, "401 401 200 403 200 200 200 200 200 200 200 200"},
	{"GET", "/sessions/{id}", "/sessions/" + string(sessionGreen), nil, "401 401 200 403 200 200 200 200 200 200 404 200"},
	{"POST", "/sessions", "", someSession() /*                     */, "401 401 403 403 403 403 403 201 201 403 403 403"},
	{"POST", "/sessions/{id}/items", "/sessions/" + string(sessionGreen) + "/items", someAgendaItem(), "401 401 403 403 403 403 403 201 201 403 403 403"},
	{"GET", "/decisions", "", nil /*                               */, "401 401 200 403 200 200 200 200 200 200 200 200"},
	{"GET", "/decisions/{id}", "/decisions/" + string(adoptedDecision), nil, "401 401 200 403 200 200 200 200 200 200 404 200"},
	{"GET", "/documents", "", nil /*                               */, "401 401 200 403 200 200 200 200 200 200 200 200"},
	{"GET", "/documents/{id}", "/documents/" + string(termsDocument), nil, "401 401 200 403 200 200 200 200 200 200 404 200"},
	{"GET", "/documents/{id}/revisions/{number}", "/documents/" + string(termsDocument) + "/revisions/1", nil, "401 401 200 403 200 200 200 200 200 200 404 200"},
	{"GET", "/working-groups", "", nil /*                          */, "401 401 200 403 200 200 200 200 200 200 200 200"},
	{"GET", "/terms", "", nil /*                                   */, "401 401 200 200 200 200 200 200 200 200 200 200"},
	{"GET", "/procedures", "", nil /*                              */, "401 401 200 403 200 200 200 200 200 200 200 200"},
	{"GET", "/procedures/{id}", "/procedures/" + string(openProcedure), nil, "401 401 200 403 200 200 200 200 200 200 404 200"},
	{"POST", "/procedures/{id}/positions", "/procedures/" + string(openProcedure) + "/positions", somePosition("agree"), "401 401 201 403 201 201 403 201 403 403 404 403"},

	// The same routes on other things.
	{"POST", "/sessions/{id}/items", "/sessions/" + string(sessionExecutive) + "/items", someAgendaItem(), "401 401 403 403 403 403 403 201 201 403 403 403"},
	{"GET", "/sessions/{id}", "/sessions/" + string(sessionExecutive), nil, "401 401 200 403 200 200 200 200 200 404 404 404"},
	{"GET", "/documents/{id}", "/documents/" + string(amberDocument), nil, "401 401 200 403 200 200 200 200 200 404 404 404"},
	{"GET", "/documents/{id}/revisions/{number}", "/documents/" + string(amberDocument) + "/revisions/1", nil, "401 401 200 403 200 200 200 200 200 404 404 404"},
	{"GET", "/procedures/{id}", "/procedures/" + string(amberProcedure), nil, "401 401 200 403 200 200 200 200 200 404 404 404"},
	{"POST", "/procedures/{id}/positions", "/procedures/" + string(amberProcedure) + "/positions", somePosition("agree"), "401 401 201 403 201 201 403 201 403 404 404 404"},
	{"POST", "/procedures/{id}/positions", "/procedures/" + string(adoptedProcedure) + "/positions", somePosition("agree"), "401 401 409 403 409 409 403 409 403 403 404 403"},
	{"GET", "/reports/{id}", "/reports/" + string(reportGreen), nil, "401 401 200 403 200 200 200 200 200 200 404 200"},
	{"GET", "/reports/{id}/documents/{language}", "/reports/" + string(reportGreen) + "/documents/en", nil, "401 401 200 403 200 200 200 200 200 200 404 200"},
	{"GET", "/reports/{id}/documents/{language}", "/reports/" + string(reportClear) + "/documents/fr", nil, "401 401 404 403 404 404 404 404 404 404 404 404"},
	{"GET", "/reports/{id}", "/reports/" + string(reportDraft), nil, "401 401 404 403 404 404 404 200 200 404 404 404"},
	{"GET", "/reports/{id}/documents/{language}", "/reports/" + string(reportDraft) + "/documents/en", nil, "401 401 404 403 404 404 404 409 409 404 404 404"},
	{"GET", "/actions/{id}", "/actions/" + string(groupGreenA), nil, "401 401 200 404 200 200 200 200 200 200 404 200"},
	{"GET", "/actions/{id}", "/actions/" + string(groupClearA), nil, "401 401 200 200 200 200 200 200 200 200 200 200"},
	{"PATCH", "/actions/{id}", "/actions/" + string(groupGreenA), changed(1), "401 401 403 404 200 200 200 200 200 403 404 403"},
	{"GET", "/projects/{id}", "/projects/" + string(projectRed), nil, "401 401 404 403 200 200 200 200 404 403 403 403"},
	{"GET", "/projects/{id}/reports", "/projects/" + string(projectRed) + "/reports", nil, "401 401 404 403 200 200 200 200 404 403 403 403"},
	{"POST", "/projects/{id}/reports", "/projects/" + string(projectRed) + "/reports", projectReport("Late"), "401 401 404 403 201 201 201 201 404 403 403 403"},
	{"GET", "/threats/{id}", "/threats/" + string(amberThreat), nil, "401 401 200 404 200 200 200 200 200 404 404 404"},
	{"GET", "/threats/{id}", "/threats/" + string(redThreat), nil /**/, "401 401 404 404 200 200 200 200 404 404 404 404"},
	{"GET", "/threats/{id}/warnings", "/threats/" + string(amberThreat) + "/warnings", nil, "401 401 200 404 200 200 200 200 200 404 404 404"},
	{"GET", "/threats/{id}/warnings", "/threats/" + string(redThreat) + "/warnings", nil, "401 401 404 404 200 200 200 200 404 404 404 404"},
	{"GET", "/threats/{id}", "/threats/" + string(bareThreat), nil, "401 401 404 404 200 200 200 200 404 404 404 404"},
	{"POST", "/actions", "", groupAction() /*                      */, "401 401 201 403 201 201 201 201 201 403 403 403"},
}

func emptyProfile(revision int) map[string]any {
	return map[string]any{
		"revision": revision, "services": []any{}, "tolerance": 0, "software": []any{}, "suppliers": []any{}, "sectors": []any{"health"}, "regions": []any{},
		"out_of_scope": []any{}, "coverage": map[string]any{},
	}
}

func someContact(revision int) map[string]any {
	return map[string]any{"revision": revision, "name": "Duty desk", "phone": "+999 555 0100"}
}

func someAnswers(revision int) map[string]any {
	return map[string]any{"revision": revision, "answers": []any{map[string]any{"control": "cp-9", "maturity": "established", "target": "leading", "due": "2027-01-31"}}}
}

func someTreatment(revision int) map[string]any {
	return map[string]any{"revision": revision, "option": "share", "owner": "Chief Financial Officer", "reason": "Insured.", "until": "2026-12-31"}
}

func someEvidence() map[string]any {
	return map[string]any{"scenario": "phishing", "kind": "incident", "count": 2, "from": "2025-08-07", "to": "2026-08-07"}
}

func someAction() map[string]any { return map[string]any{"title": "Do it", "priority": "high"} }

func groupAction() map[string]any {
	return map[string]any{"title": "Do it together", "priority": "high", "audience": "group", "tlp": "TLP:GREEN"}
}

func changed(revision int) map[string]any {
	return map[string]any{"revision": revision, "progress": 50, "why": "half done"}
}

// kevDocument is a catalogue with one entry.
const kevDocument = `{"title":"CISA Catalog of Known Exploited Vulnerabilities","catalogVersion":"2026.08.07","dateReleased":"2026-08-07T12:00:00.0000Z","count":1,
"vulnerabilities":[{"cveID":"CVE-2026-0002","vendorProject":"Vendor","product":"Product","vulnerabilityName":"Name","dateAdded":"2026-08-07",
"shortDescription":"Text","requiredAction":"Patch","dueDate":"2026-08-28","knownRansomwareCampaignUse":"Unknown","notes":"","cwes":["CWE-79"]}]}`

// TestMatrix asks every route as everybody.
func TestMatrix(t *testing.T) {
	shared := newWorld(t)
	for _, r := range matrix {
		want := strings.Fields(r.statuses)
		if len(want) != len(everybody) {
			t.Fatalf("%s %s: %d statuses for %d columns", r.method, r.path, len(want), len(everybody))
		}
		for i, as := range everybody {
			t.Run(r.method+" "+r.path+" as "+string(as), func(t *testing.T) {
				w := shared
				if r.method != http.MethodGet && want[i][0] == '2' {
					w = newWorld(t)
				}
				w = w.in(t)
				url := r.url
				if url == "" {
					url = r.path
				}
				got := w.call(as, r.method, url, r.body)
				if http.StatusText(got.status) != http.StatusText(atoi(want[i])) {
					t.Errorf("%s %s: status %d, want %s: %.300s", r.method, url, got.status, want[i], got.body)
				}
				if got.status >= 400 {
					got.problem()
				}
				if got.status == http.StatusUnauthorized && !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer") {
					t.Error("401 without WWW-Authenticate")
				}
			})
		}
	}
}

func atoi(s string) int { return int(s[0]-'0')*100 + int(s[1]-'0')*10 + int(s[2]-'0') }

// TestMatrixIsComplete asks that every registered route has a row, and every row a route.
func TestMatrixIsComplete(t *testing.T) {
	w := newWorld(t)
	rows := map[string]bool{}
	for _, r := range matrix {
		rows[r.method+" "+prefix+r.path] = true
	}
	for _, route := range w.api.routes {
		if !rows[route] {
			t.Errorf("route %q has no row in the matrix: say who gets what", route)
		}
	}
	for route := range rows {
		if !slices.Contains(w.api.routes, route) {
			t.Errorf("row %q has no route", route)
		}
	}
}

// TestWithoutCredentials asks that nothing but the document can be told apart without credentials.
func TestWithoutCredentials(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"", "/", "/nothing", "/me/", "//me", "/threats/" + string(clearThreat) + "/x", "/openapi.yaml", "/docs", "/schemas/Threat.json"} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} {
			got := w.call(nobody, method, path, nil)
			if got.status != http.StatusUnauthorized {
				t.Errorf("%s %s: %d, want 401", method, path, got.status)
			}
		}
	}
	w.call(nobody, "POST", "/openapi.json", "{}").want(http.StatusUnauthorized)
}
