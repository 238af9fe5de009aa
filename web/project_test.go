package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"comity"
)

// charter is the form of a project of both organisations, as anna begins it.
func (d *desk) charter() url.Values {
	return url.Values{
		"title": {"Shared mail authentication"}, "objective": {"Nobody sends in our name."}, "properties": {"integrity"}, "tlp": {"TLP:AMBER"}, "state": {"active"},
		"start": {"2026-02-01"}, "end": {"2027-01-31"}, "currency": {"usd"},
		"role." + string(d.a.ID): {"lead"}, "share." + string(d.a.ID): {"66.67"}, "pledged." + string(d.a.ID): {"20 000"},
		"role." + string(d.b.ID): {"participant"}, "share." + string(d.b.ID): {"33,33"}, "paid." + string(d.b.ID): {"500"},
		"m.title.0": {"Pilot ended"}, "m.due.0": {"2026-06-01"}, "m.reached.0": {"2026-06-20"}, "m.title.1": {"All at reject"}, "m.due.1": {"2026-07-01"},
		"d.title.0": {"Report on the pilot"}, "d.where.0": {"Annex 1"}, "r.text.0": {"Newsletters"}, "r.likelihood.0": {"high"}, "r.impact.0": {"low"},
	}
}

// begin makes a project and returns its path.
func (d *desk) beginProject() string {
	d.t.Helper()
	path := d.post("anna", "/projects/new", d.charter()).want(http.StatusSeeOther).Location()
	if !strings.HasPrefix(path, "/projects/prj_") {
		d.t.Fatalf("on to %q", path)
	}
	return path
}

func TestProjectFromCharterToLessons(t *testing.T) {
	d := newDesk(t)
	d.get("anna", "/projects").want(200, "No joint project here", "New joint project")
	path := d.beginProject()
	d.get("anna", path).want(200, "Shared mail authentication", "Nobody sends in our name.", "66.67%", "33.33%", "20,000", "USD", "Pilot ended", "Overdue", "Annex 1", "Newsletters", `<svg class="course"`, "TLP:AMBER")
	d.get("bert", "/projects").want(200, "Shared mail authentication", "All at reject", "Overdue", "No report yet").without("No report for a long time")
	d.post("bert", path+"/reports", url.Values{"rag": {"amber"}, "narrative": {"The provider is late."}, "next": {"Talk to them."}}).want(http.StatusSeeOther)
	d.get("anna", path).want(200, "The provider is late.", "Talk to them.", "At risk", "X-SSA")
	d.post("bert", path+"/reports", url.Values{"rag": {"amber"}, "narrative": {""}}).want(422)

	d.now = d.now.Add(70 * 24 * time.Hour)
	d.get("anna", "/projects").want(200, "No report for a long time")
	d.get("anna", path).want(200, "more than 60 days old")

	form := d.get("anna", path+"/edit").want(200).formValues(path + "/edit")
	if form.Get("share."+string(d.b.ID)) != "33.33" || form.Get("m.title.1") != "All at reject" {
		t.Fatalf("the form lost what was stored: %v", form)
	}
	form.Set("state", "closed")
	d.post("anna", path+"/edit", form).want(422, "Say what was learnt")
	form.Set("lessons", "Begin with the provider.")
	stale := url.Values{}
	for name, values := range form {
		stale[name] = values
	}
	d.post("anna", path+"/edit", form).want(http.StatusSeeOther)
	stale.Set("title", "Something else")
	d.post("bert", path+"/edit", stale).want(409, "Something else", "Below is what you typed")
	d.get("anna", "/projects").want(200).without("Shared mail authentication")
	d.get("anna", "/projects?closed=1").want(200, "Shared mail authentication", "Closed")
	d.get("anna", path).want(200, "Begin with the provider.").without("more than 60 days old")
}

func TestProjectIsForMembers(t *testing.T) {
	d := newDesk(t)
	path := d.beginProject()
	files := []string{path + "/project.pdf", path + "/project.docx", path + "/project.html"}
	for _, who := range []string{"watch", "reader"} {
		for _, page := range append([]string{"/projects", "/projects/new", path, path + "/edit"}, files...) {
			d.get(who, page).want(403).without("mail")
		}
		d.post(who, "/projects/new", d.charter()).want(403)
		d.post(who, path+"/edit", d.charter()).want(403)
		d.post(who, path+"/reports", url.Values{"rag": {"green"}, "narrative": {"x"}}).want(403)
	}
	for _, page := range append([]string{"/projects", path}, files...) {
		d.get("", page).want(http.StatusSeeOther)
		d.get("bert", page).want(200)
	}
	only := d.charter() // without b, and marked for those who take part
	only.Set("title", "Secret of A")
	only.Set("tlp", "TLP:RED")
	for _, name := range []string{"role.", "share.", "paid."} {
		only.Del(name + string(d.b.ID))
	}
	only.Set("share."+string(d.a.ID), "100")
	secret := d.post("anna", "/projects/new", only).want(http.StatusSeeOther).Location()
	d.get("anna", secret).want(200, "Secret of A", "TLP:RED")
	d.get("bert", "/projects").want(200).without("Secret of A")
	for _, page := range []string{secret, secret + "/edit", secret + "/project.pdf"} {
		d.get("bert", page).want(404)
	}
	d.post("bert", secret+"/reports", url.Values{"rag": {"green"}, "narrative": {"x"}}).want(404)

	list := d.plan()
	item := "/actions/" + string(list[0].ID)
	form := d.get("anna", item).formValues(item)
	form.Set("project", strings.TrimPrefix(secret, "/projects/"))
	d.now = d.now.Add(time.Hour)
	d.post("anna", item, form).want(http.StatusSeeOther)
	d.get("anna", item).want(200, `<a href="`+secret+`">`, "Secret of A")
	d.get("anna", secret).want(200, "1 action item")
	d.get("bert", item).want(200, "a project that is not shown").without("Secret of A", secret)
	d.get("reader", item).want(404)
}

func TestProjectSaysWhatIsWrong(t *testing.T) {
	d := newDesk(t)
	for _, c := range []struct{ name, value, says string }{
		{"title", "", "Please fill"},
		{"share." + string(d.a.ID), "66.66", "Shares of the cost must be 100 %"},
		{"share." + string(d.a.ID), "66.667", "Shares of the cost must be 100 %"},
		{"share." + string(d.a.ID), "-1", "Shares of the cost must be 100 %"},
		{"pledged." + string(d.a.ID), "a lot", "Sums are whole numbers"},
		{"role." + string(d.b.ID), "lead", "exactly one that leads"},
		{"currency", "$", "Three letters"},
		{"end", "2026-01-01", "Not before it begins"},
		{"m.title.1", "", "A line without a title"},
		{"m.due.1", "soon", "give a date"},
		{"r.impact.0", "", "how likely it is"},
		{"d.document.0", "doc_x", ""},
		{"d.revision.0", "0", ""},
	} {
		form := d.charter()
		form.Set(c.name, c.value)
		a := d.post("anna", "/projects/new", form).want(422, c.says)
		if c.name != "title" && !strings.Contains(a.Body, "Shared mail authentication") {
			t.Errorf("%s: what was typed is lost", c.name)
		}
	}
	form := d.charter()
	form.Set("role."+string(d.a.ID), "")
	form.Set("share."+string(d.a.ID), "")
	form.Set("pledged."+string(d.a.ID), "")
	form.Set("role."+string(d.b.ID), "lead")
	form.Set("share."+string(d.b.ID), "100")
	d.post("anna", "/projects/new", form).want(422, "Your organisation must take part")
	d.get("anna", "/projects").want(200, "No joint project here")
}

func TestProjectPagesInAllLanguages(t *testing.T) {
	d := newDesk(t)
	path := d.beginProject()
	d.post("bert", path+"/reports", url.Values{"rag": {"red"}, "narrative": {"Late."}}).want(http.StatusSeeOther)
	d.inEveryLanguage("anna", "/projects", "/projects/new", path, path+"/edit")
}

func TestShares(t *testing.T) {
	for _, c := range []struct {
		text string
		want int
		ok   bool
	}{
		{"100", 10_000, true},
		{"33.33", 3_333, true},
		{"33,3", 3_330, true},
		{".5", 50, true},
		{"", 0, true},
		{"100.01", 10_001, false},
		{"33.333", 0, false},
		{"+5", 0, false},
		{"1e2", 0, false},
	} {
		got, ok := parseShare(c.text)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%q: %d, %t, want %d, %t", c.text, got, ok, c.want, c.ok)
		}
		if ok && c.text != "" && c.text[0] != '.' && strings.TrimSuffix(shareText(got), "0") != strings.TrimSuffix(strings.ReplaceAll(c.text, ",", "."), "0") {
			t.Errorf("%q is written %q", c.text, shareText(got))
		}
	}
}

func TestProjectIsSilent(t *testing.T) {
	began := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	p := comity.Project{State: comity.ProjectActive, Created: began}
	day := comity.DateOf(began)
	for _, c := range []struct {
		last time.Time
		day  comity.Date
		want bool
	}{
		{time.Time{}, day.AddDays(60), false},
		{time.Time{}, day.AddDays(61), true},
		{began.AddDate(0, 0, 30), day.AddDays(61), false},
		{began.AddDate(0, 0, 30), day.AddDays(91), true},
	} {
		if got := p.Silent(c.last, c.day); got != c.want {
			t.Errorf("last %s, on %s: %t", c.last, c.day, got)
		}
	}
	p.State = comity.ProjectPaused
	if p.Silent(time.Time{}, day.AddDays(500)) {
		t.Error("a paused project owes no report")
	}
}

// A report to the parent network tells of a project what its label lets in, and what was reported until its last day.
func TestReportTellsOfProjects(t *testing.T) {
	d := newDesk(t)
	green := d.charter()
	green.Set("title", "Told to all")
	green.Set("tlp", "TLP:GREEN")
	path := d.post("anna", "/projects/new", green).want(http.StatusSeeOther).Location()
	d.beginProject() // TLP:AMBER
	proposed := d.charter()
	proposed.Set("title", "Only an idea")
	proposed.Set("state", "proposed")
	proposed.Set("tlp", "TLP:CLEAR")
	d.post("anna", "/projects/new", proposed).want(http.StatusSeeOther)
	d.post("anna", path+"/reports", url.Values{"rag": {"amber"}, "narrative": {"The provider is late."}}).want(http.StatusSeeOther)
	d.now = d.now.Add(48 * time.Hour)
	d.post("anna", path+"/reports", url.Values{"rag": {"red"}, "narrative": {"The provider is gone."}}).want(http.StatusSeeOther)

	report := d.newReport(comity.TLPGreen, nil)
	d.get("desk", report).want(200, "Told to all", "Under way", "At risk", "The provider is late.", "1 ").
		without("Shared mail authentication", "Only an idea", "The provider is gone.")
	d.freeze(report)
	d.get("bert", report).want(200, "Told to all").without("Shared mail authentication")
	d.get("desk", d.newReport(comity.TLPAmber, nil)).want(200, "Told to all", "Shared mail authentication")
	d.get("desk", d.newReport(comity.TLPClear, nil)).want(200).without("Told to all")
}

// TestCourseNamesNoMonthThatWouldBeCutOff looks at the names near the end to which time runs.
func TestCourseNamesNoMonthThatWouldBeCutOff(t *testing.T) {
	c := &call{locale: testLocales(t)["en"]}
	from, last := comity.Date{Year: 2026, Month: 2, Day: 7}, comity.Date{Year: 2027, Month: 2, Day: 22}
	for _, rtl := range []bool{false, true} {
		ticks := c.courseTicks(courseScale{from: from, days: 380, rtl: rtl}, last)
		if n := len(ticks); n < 4 || ticks[n-1].Label != "" || ticks[0].Label == "" || ticks[n-2].Label == "" {
			t.Errorf("right to left %v: %+v", rtl, ticks)
		}
	}
}
