package web

import (
	"archive/zip"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"comity"
)

const estatePath = "/organization/data"

func TestAnOrganizationTakesAlongWhatIsItsOwn(t *testing.T) {
	d := full(t)
	for _, who := range []string{"alan", "chair", "desk", "reader", "watch"} {
		d.get(who, estatePath).want(403)
		d.get(who, estatePath+"/archive.zip").want(403)
		d.post(who, estatePath+"/erase", url.Values{"acronym": {"X-OCO"}}).want(403)
	}
	d.get("", estatePath+"/archive.zip").want(http.StatusSeeOther)
	d.get("anna", estatePath).want(200, "Download everything", "Type X-OCO to confirm")
	answer := d.get("anna", estatePath+"/archive.zip").want(200)
	archive, err := zip.NewReader(strings.NewReader(answer.Body), int64(len(answer.Body)))
	d.must(err)
	var names, all strings.Builder
	for _, f := range archive.File {
		names.WriteString(f.Name + "\n")
		r, err := f.Open()
		d.must(err)
		_, err = io.Copy(&all, r)
		d.must(err)
	}
	for _, name := range []string{"README.txt", "profile/profile.json", "profile/profile.xlsx", "profile/revisions.ndjson", "matches.ndjson", "exposure/changes.ndjson", "audit.ndjson", "people.ndjson", "contributions.ndjson"} {
		if !strings.Contains(names.String(), name+"\n") {
			t.Errorf("the archive lacks %s", name)
		}
	}
	if text := all.String(); !strings.Contains(text, "Alpha gateway") || strings.Contains(text, "Bravo") || strings.Contains(text, string(d.b.ID)) && !strings.Contains(text, "cohort") {
		t.Error("the archive lacks what is its own, or has what is another's")
	}
}

func TestAnOrganizationErasesWhatIsItsOwn(t *testing.T) {
	d := full(t)
	bravo := d.profileOf(d.b)
	form := d.get("anna", estatePath).want(200, "What goes", "What stays with the group").formValues(estatePath + "/erase")
	d.post("anna", estatePath+"/erase", form).want(422, `href="#acronym"`)
	form.Set("acronym", "x-oco")
	d.post("anna", estatePath+"/erase", form).want(422, "This is not X-OCO", `value="x-oco"`)
	if d.profileOf(d.a).Revision == 0 {
		t.Fatal("it was erased without its acronym")
	}
	form.Set("acronym", "X-OCO")
	d.post("bert", estatePath+"/erase", form).want(422)
	d.post("anna", estatePath+"/erase", form).want(200, "Erased", "What went").without("/organization/data/erase")
	if p := d.profileOf(d.a); p.Revision != 0 || len(p.Services) != 0 {
		t.Errorf("profile %+v", p)
	}
	if _, err := d.store.Exposure(t.Context(), deskSystem, d.a.ID); comity.KindOf(err) != comity.NotFound || err == nil {
		t.Errorf("exposure: %v", err)
	}
	if got := d.profileOf(d.b); got.Revision != bravo.Revision {
		t.Error("another organisation was touched")
	}
	for _, path := range []string{"/profile", "/organization", "/releases/1", estatePath} {
		d.get("anna", path).want(200)
	}
}
