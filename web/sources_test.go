package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"comity"
	"comity/intake/fetch"
)

func TestIntakeIsForCoChairsAndTheSecretariat(t *testing.T) {
	d := newDesk(t)
	for _, who := range []string{"anna", "alan", "bert", "watch", "reader"} {
		d.get(who, "/sources").want(200, "CISA Known Exploited Vulnerabilities", "not yet").without("/sources/new", "<form method=\"post\" action=\"/sources")
		d.get(who, "/sources/cisa-kev").want(200, "No runs yet").without("cisa.gov", "<form method=\"post\" action=\"/sources")
		d.get(who, "/sources/new").want(403)
		d.upload(who, "/sources/cisa-kev/document", "{}").want(403)
	}
	d.get("", "/sources").want(http.StatusSeeOther)
	for _, who := range []string{"chair", "desk"} {
		d.get(who, "/sources").want(200, "CISA Known Exploited Vulnerabilities", "not yet", "TLP:CLEAR", "/sources/new")
		d.get(who, "/sources/cisa-kev").want(200, "https://www.cisa.gov/")
	}
	if to := d.get("desk", "/intake").want(http.StatusMovedPermanently).Location(); to != "/sources" {
		t.Errorf("/intake leads to %s", to)
	}
	if d.intake.document != "" {
		t.Error("something was taken in")
	}
}

func TestIntakeOfAFile(t *testing.T) {
	d := newDesk(t)
	d.intake.delta = comity.Delta{Added: 9, Changed: 8, Total: 1637}
	answer := d.upload("desk", "/sources/cisa-kev/document", `{"the":"document"}`, "force", "1").want(http.StatusSeeOther)
	if d.intake.source != comity.SourceKEV || d.intake.document != `{"the":"document"}` || !d.intake.force {
		t.Errorf("the pipeline got %+v", d.intake)
	}
	r, err := http.NewRequest(http.MethodGet, answer.Location(), nil)
	d.must(err)
	for _, c := range (&http.Response{Header: answer.Header}).Cookies() {
		r.AddCookie(c)
	}
	d.do("desk", r).want(200, "9 added, 0 removed, 8 changed")
	d.putThreats(d.vulnerability("CVE-2024-21762", feb9))
	d.get("desk", "/sources").want(200, "2026.08.07", "+1 −0 ~0", "v2025.03.14")
}

func TestIntakeErrorsNameThePlace(t *testing.T) {
	d := newDesk(t)
	d.putThreats()
	tests := []struct {
		name   string
		err    error
		status int
		has    string
	}{
		{"wrong", comity.Errorf(comity.Invalid, "kev: vulnerabilities[3].dateAdded: want a date"), 422, "vulnerabilities[3].dateAdded"},
		{"too large", comity.Errorf(comity.TooLarge, "the document is larger than 32 MiB"), 413, "32 MiB"},
		{"older", comity.Errorf(comity.Stale, "older"), 409, "2026.08.07"},
		{"our own", comity.Errorf(comity.Internal, "the disk"), 500, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d.t = t
			d.intake.err = tt.err
			d.upload("desk", "/sources/cisa-kev/document", "{}").want(tt.status, tt.has).without("the disk")
		})
	}
}

func TestIntakeFormErrors(t *testing.T) {
	d := newDesk(t)
	d.upload("desk", "/sources/cisa-kev/document", "").want(422, `href="#file"`)
	d.upload("desk", "/sources/elsewhere/document", "{}").want(404)
	d.upload("desk", "/sources/cisa-kev/document", "{}", "url", "http://169.254.169.254/").want(422)
	d.post("desk", "/sources/cisa-kev/document", nil).want(422)
	if d.intake.document != "" {
		t.Error("something was taken in")
	}
}

func TestIntakeIsBounded(t *testing.T) {
	d := newDesk(t)
	d.upload("desk", "/sources/cisa-kev/document", strings.Repeat("x", uploadBytes+1)).want(413)
}

// A document at an address is fetched by the client that cmd hands in, here a real one that may talk to this machine.
func TestIntakeFromAnAddress(t *testing.T) {
	d := newDesk(t)
	source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/kev.json" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, `{"the":"document"}`)
	}))
	defer source.Close()
	if strings.Contains(d.get("desk", "/sources/cisa-kev").want(200).Body, `name="once"`) {
		t.Error("an address is asked for where nothing can be fetched")
	}

	open, shut := fetch.New(fetch.Options{AllowPrivate: true}), fetch.New(fetch.Options{})
	for _, test := range []struct {
		name    string
		fetch   Fetch
		address string
		status  int
		says    string
	}{
		{"there", open.Get, source.URL + "/kev.json", http.StatusSeeOther, ""},
		{"not there", open.Get, source.URL + "/other", http.StatusServiceUnavailable, "404"},
		{"this machine, by the client that serves", shut.Get, source.URL + "/kev.json", http.StatusUnprocessableEntity, "only https"},
		{"no document at all", open.Get, "", http.StatusUnprocessableEntity, "Choose a file, or give an address."},
	} {
		t.Run(test.name, func(t *testing.T) {
			d.intake.document = ""
			var err error
			d.site, err = New(Options{
				Store: d.store, Pipeline: d.intake, Auth: headerAuth{people: d.people}, Now: func() time.Time { return d.now }, Fetch: test.fetch,
			})
			d.must(err)
			d.upload("desk", "/sources/cisa-kev/document", "", "once", test.address).want(test.status, test.says)
			if taken := d.intake.document != ""; taken != (test.status == http.StatusSeeOther) {
				t.Errorf("taken in: %v", taken)
			}
		})
	}
	d.upload("anna", "/sources/cisa-kev/document", "", "once", source.URL+"/kev.json").want(http.StatusForbidden)
}
