package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"comity"
)

// indicoEvent is an export of one event with two contributions, of which one has no time.
const indicoEvent = `{"url":"https://events.example.org/export/event/7.json","results":[{"id":"7","title":"Autumn <b>session</b>","timezone":"Europe/Zurich",
	"url":"https://events.example.org/event/7/","location":"Palais","description":"<p>Bring <script>alert(1)</script> badges</p>",
	"startDate":{"date":"2026-11-24","time":"09:00:00","tz":"Europe/Zurich"},"endDate":{"date":"2026-11-24","time":"12:00:00","tz":"Europe/Zurich"},
	"contributions":[
		{"id":"1","db_id":71,"title":"Work-plan","duration":45,"speakers":[{"fullName":"Chair","affiliation":"X-A"}],
		 "startDate":{"date":"2026-11-24","time":"09:15:00","tz":"Europe/Zurich"}},
		{"id":"2","db_id":72,"title":"<i>Closing</i>","duration":5,"startDate":null}]}]}`

// importEvent imports an event as the secretariat and returns where its session is.
func (d *desk) importEvent(file string) string {
	d.t.Helper()
	if got := d.upload("desk", "/sessions/import", file).want(http.StatusSeeOther).Location(); got != sessionPreviewPath {
		d.t.Fatalf("the upload led to %q", got)
	}
	form := d.get("desk", sessionPreviewPath).want(200).formValues("/sessions/import/save")
	return d.post("desk", "/sessions/import/save", form).want(http.StatusSeeOther).Location()
}

func TestEventComesInThroughItsPreview(t *testing.T) {
	d := newDesk(t)
	d.get("desk", "/sessions").want(200, "/sessions/import")
	d.get("anna", "/sessions").want(200).without("/sessions/import")
	d.upload("desk", "/sessions/import", "").want(http.StatusUnprocessableEntity, "Choose a file.")
	d.upload("desk", "/sessions/import", `{"results":[{},{}]}`).want(http.StatusUnprocessableEntity)

	d.upload("desk", "/sessions/import", indicoEvent).want(http.StatusSeeOther)
	d.get("desk", "/sessions/import").want(200, "file.csv", sessionPreviewPath)
	preview := d.get("desk", sessionPreviewPath).want(200, "A new draft", "Work-plan", "Chair (X-A)", "09:15", "/results/0/contributions/1", "comes at the end of the agenda",
		"1 thing could not be taken over as it is", "&lt;i&gt;Closing&lt;/i&gt;", "TLP:AMBER+STRICT")
	preview.without("<i>Closing</i>", "<script>alert(1)")
	page, err := d.store.GroupSessions(t.Context(), deskSystem, comity.SessionQuery{})
	if err != nil || page.Total != 0 {
		t.Fatalf("something was saved: %v, %v", page, err)
	}
	path := d.post("desk", "/sessions/import/save", preview.formValues("/sessions/import/save")).want(http.StatusSeeOther).Location()
	d.get("desk", path).want(200, "Autumn &lt;b&gt;session&lt;/b&gt;", "Europe/Zurich", "Palais", "Work-plan", "45 min")
	d.get("anna", path).want(http.StatusNotFound)
	if got := d.get("desk", sessionPreviewPath); got.Status != http.StatusSeeOther {
		t.Errorf("the draft is still there: %d", got.Status)
	}
}

func TestEventComesInAgain(t *testing.T) {
	d := newDesk(t)
	path := d.importEvent(indicoEvent)
	d.newItem(path, "Added here", comity.TLPGreen)

	d.upload("desk", "/sessions/import", indicoEvent).want(http.StatusSeeOther)
	d.get("desk", sessionPreviewPath).want(200, "already says what the event says", "As it was", "Added here, stays").without(`action="/sessions/import/save"`)

	moved := strings.Replace(strings.Replace(indicoEvent, "Work-plan", "Work-plan and projects", 1), `{"id":"2","db_id":72,"title":"<i>Closing</i>"`, `{"id":"3","db_id":73,"title":"Any other business"`, 1)
	d.upload("desk", "/sessions/import", moved).want(http.StatusSeeOther)
	preview := d.get("desk", sessionPreviewPath).want(200, "was imported from this event before", "Changed", "New", "Removed", "Added here, stays")
	stale := preview.formValues("/sessions/import/save")
	stale.Set("revision", "9")
	d.post("desk", "/sessions/import/save", stale).want(http.StatusConflict, "nothing was saved")
	if got := d.post("desk", "/sessions/import/save", preview.formValues("/sessions/import/save")).want(http.StatusSeeOther).Location(); got != path {
		t.Errorf("the event became another session: %s, want %s", got, path)
	}
	d.get("desk", path).want(200, "Work-plan and projects", "Any other business", "Added here").without("Closing")

	d.upload("desk", "/sessions/import", indicoEvent).want(http.StatusSeeOther)
	late := d.get("desk", sessionPreviewPath).want(200).formValues("/sessions/import/save")
	d.moved(path, comity.SessionPublished)
	d.post("desk", "/sessions/import/save", late).want(http.StatusConflict)
	d.get("desk", sessionPreviewPath).want(200, "an import changes only drafts").without(`action="/sessions/import/save"`)
	d.get("desk", path).want(200, "Work-plan and projects")
	d.post("desk", "/sessions/import/discard", url.Values{}).want(http.StatusSeeOther)
	d.get("desk", sessionPreviewPath).want(http.StatusSeeOther)
}

// A timetable has no title: the page asks for one.
func TestEventWithoutTitle(t *testing.T) {
	d := newDesk(t)
	d.upload("desk", "/sessions/import", `{"results":{"8":{"20261124":{"c1":{"title":"Opening","duration":15,"entryType":"Contribution","contributionId":81,
		"startDate":{"date":"2026-11-24","time":"09:00:00","tz":"UTC"}}}}}}`).want(http.StatusSeeOther)
	form := d.get("desk", sessionPreviewPath).want(200, "Opening").formValues("/sessions/import/save")
	d.post("desk", "/sessions/import/save", form).want(http.StatusUnprocessableEntity)
	form.Set("title", "Our session")
	form.Set("kind", string(comity.SessionExecutive))
	form.Set("tlp", comity.TLPAmber.String())
	path := d.post("desk", "/sessions/import/save", form).want(http.StatusSeeOther).Location()
	d.get("desk", path).want(200, "Our session", "TLP:AMBER", "Executive")
	d.inEveryLanguage("desk", "/sessions/import")
	d.upload("desk", "/sessions/import", indicoEvent).want(http.StatusSeeOther)
	d.inEveryLanguage("desk", sessionPreviewPath)
}

// Only who keeps the records imports, and nobody sees what another began.
func TestEventImportIsForKeepers(t *testing.T) {
	d := newDesk(t)
	for _, who := range []string{"anna", "alan", "bert", "watch", "reader"} {
		for _, path := range []string{"/sessions/import", sessionPreviewPath} {
			d.get(who, path).want(http.StatusForbidden)
		}
		d.upload(who, "/sessions/import", indicoEvent).want(http.StatusForbidden)
		for _, path := range []string{"/sessions/import/save", "/sessions/import/discard"} {
			d.post(who, path, url.Values{}).want(http.StatusForbidden)
		}
	}
	d.post("", "/sessions/import/save", url.Values{}).want(http.StatusUnauthorized)
	d.upload("desk", "/sessions/import", indicoEvent).want(http.StatusSeeOther)
	d.get("chair", sessionPreviewPath).want(http.StatusSeeOther)
}
