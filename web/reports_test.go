package web

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"comity"
)

// reportValuesOf is the form of a report from 1 July to 7 August 2026.
func reportValuesOf(label comity.TLP, more url.Values) url.Values {
	v := url.Values{"kind": {"brief"}, "from": {"2026-07-01"}, "until": {"2026-08-07"}, "tlp": {label.String()}, "languages": {"en", "ar"}}
	for name, values := range more {
		v[name] = values
	}
	return v
}

var reportAt = regexp.MustCompile(`^/reports/rpt_[0-9a-z]{16}`)

// newReport begins a report as the secretariat and returns its path.
func (d *desk) newReport(label comity.TLP, more url.Values) string {
	d.t.Helper()
	a := d.post("desk", "/reports/new", reportValuesOf(label, more)).want(http.StatusSeeOther)
	path := reportAt.FindString(a.Header.Get("Location"))
	if path == "" {
		d.t.Fatalf("a new report leads to %q", a.Header.Get("Location"))
	}
	return path
}

func (d *desk) freeze(path string) {
	d.t.Helper()
	revision := regexp.MustCompile(`name="revision" value="(\d+)"`).FindStringSubmatch(d.get("desk", path).want(200).Body)
	if revision == nil {
		d.t.Fatalf("%s has no revision to freeze", path)
	}
	d.post("desk", path+"/freeze", url.Values{"revision": {revision[1]}}).want(http.StatusSeeOther)
}

// labelled puts one item of the group of each label into the work-plan, and a private one.
func (d *desk) labelled() map[string]comity.ActionItem {
	d.t.Helper()
	items := map[string]comity.ActionItem{}
	put := func(title string, label comity.TLP, audience comity.Audience) {
		made, err := d.store.PutAction(d.t.Context(), comity.ViewerOf(d.people["anna"]), comity.ActionItem{
			ID: comity.MakeActionID(comity.Entropy{byte(len(items) + 50)}), Title: title, Owner: d.a.ID, TLP: label, Audience: audience,
			Priority: comity.PriorityHigh, Status: comity.ActionOpen,
		}, "", d.now)
		d.must(err)
		items[title] = made
	}
	put("Clear work", comity.TLPClear, comity.AudienceGroup)
	put("Green work", comity.TLPGreen, comity.AudienceGroup)
	put("Amber work", comity.TLPAmber, comity.AudienceGroup)
	put("Strict work", comity.TLPAmberStrict, comity.AudienceGroup)
	put("Private work", comity.TLPClear, comity.AudienceOwner)
	return items
}

var allWork = []string{"Clear work", "Green work", "Amber work", "Strict work", "Private work"}

// A report holds what its label lets in, and says how much it leaves out, on the page and in every file.
func TestReportLeavesOutWhatItsLabelForbids(t *testing.T) {
	for _, c := range []struct {
		label comity.TLP
		in    []string
		out   string
	}{
		{comity.TLPClear, []string{"Clear work"}, "4 things that are marked more narrowly than TLP:CLEAR are left out"}, // with the release
		{comity.TLPGreen, []string{"Clear work", "Green work"}, "2 things that are marked more narrowly than TLP:GREEN are left out"},
		{comity.TLPAmber, []string{"Clear work", "Green work", "Amber work"}, "1 thing that is marked more narrowly than TLP:AMBER is left out"},
		{comity.TLPAmberStrict, []string{"Clear work", "Green work", "Amber work", "Strict work"}, ""},
	} {
		d := newDesk(t)
		d.labelled()
		d.release(1)
		path := d.newReport(c.label, nil)
		for _, frozen := range []bool{false, true} {
			if frozen {
				d.freeze(path)
			}
			for _, p := range []string{path, path + "/en/report.html"} {
				body := d.get("desk", p).want(200, c.label.String()).Body
				for _, title := range allWork {
					if strings.Contains(body, title) != slices.Contains(c.in, title) {
						t.Errorf("%s frozen %v: %q in it is %v", c.label, frozen, title, !slices.Contains(c.in, title))
					}
				}
				if c.out != "" && !strings.Contains(body, c.out) || c.out == "" && strings.Contains(body, "left out") {
					t.Errorf("%s frozen %v: %s does not say %q", c.label, frozen, p, c.out)
				}
			}
		}
	}
}

// What was marked more narrowly since the period stays out, whatever it was then.
func TestReportHeedsALaterMarking(t *testing.T) {
	d := newDesk(t)
	item := d.labelled()["Clear work"]
	path := d.newReport(comity.TLPClear, nil)
	d.get("desk", path).want(200, "Clear work")
	d.now = d.now.AddDate(0, 0, 10)
	item.TLP = comity.TLPAmber
	_, err := d.store.PutAction(t.Context(), comity.ViewerOf(d.people["anna"]), item, "", d.now)
	d.must(err)
	d.get("desk", path).want(200).without("Clear work")
	item.Revision, item.TLP, item.Audience = 2, comity.TLPClear, comity.AudienceOwner
	_, err = d.store.PutAction(t.Context(), comity.ViewerOf(d.people["anna"]), item, "", d.now)
	d.must(err)
	d.get("chair", path).want(200).without("Clear work")
}

// Released figures are TLP:GREEN: a wider report tells them only if the group says so.
func TestReportTellsReleasesOnlyIfDisclosed(t *testing.T) {
	d := newDesk(t)
	d.release(1)
	d.release(2)
	closed := d.newReport(comity.TLPClear, nil)
	d.get("desk", closed).want(200, "2 things that are marked").without("85%", "2026-Q1")
	told := d.newReport(comity.TLPClear, url.Values{"disclosed": {"1"}})
	d.get("desk", told).want(200, "85%", "2026-Q1", "withheld").without("left out")
	green := d.newReport(comity.TLPGreen, nil)
	d.get("desk", green).want(200, "85%").without("left out")
}

func TestFrozenReportNeverChanges(t *testing.T) {
	d := newDesk(t)
	item := d.labelled()["Clear work"]
	path := d.newReport(comity.TLPClear, nil)
	d.post("desk", path+"/edit", reportValuesOf(comity.TLPClear, url.Values{
		"revision": {"1"}, "language": {"ar"}, "text.0": {"فقرة أولى\n\nفقرة ثانية"}, "title.0": {"تمهيد"},
	})).want(http.StatusSeeOther)
	d.post("desk", path+"/edit", reportValuesOf(comity.TLPClear, url.Values{"revision": {"1"}, "language": {"en"}})).want(http.StatusConflict)
	d.get("desk", path+"?language=ar").want(200, "تمهيد", "فقرة ثانية", `dir="rtl"`)
	d.get("desk", path+"?language=en").want(200, `<span lang="ar" dir="rtl">فقرة أولى</span>`) // nobody wrote it in English
	d.get("desk", path+"/en/report.html").want(200, "Draft: not frozen")
	d.freeze(path)

	files := map[string]string{}
	names := []string{"/en/report.html", "/ar/report.html", "/en/report.pdf", "/ar/report.pdf", "/en/report.docx"}
	for _, name := range names {
		files[name] = d.get("reader", path+name).want(200).Body
	}
	if !strings.Contains(files["/en/report.html"], "Clear work") || strings.Contains(files["/en/report.html"], "Draft") {
		t.Error("the frozen file is not the report")
	}
	d.now = d.now.AddDate(0, 1, 0)
	item.Title, item.Progress = "Renamed", 90
	_, err := d.store.PutAction(t.Context(), comity.ViewerOf(d.people["anna"]), item, "", d.now)
	d.must(err)
	for _, name := range names {
		if d.get("reader", path+name).want(200).Body != files[name] {
			t.Errorf("%s changed after it was frozen", name)
		}
	}
	for _, p := range []string{path + "/edit", path + "/freeze", path + "/delete"} {
		values := url.Values{"revision": {"3"}}
		if strings.HasSuffix(p, "edit") {
			values = reportValuesOf(comity.TLPClear, url.Values{"revision": {"3"}, "language": {"en"}})
		}
		d.post("desk", p, values).want(http.StatusConflict)
	}
	d.get("desk", path+"/edit").want(http.StatusConflict)
	d.get("desk", path).want(200, "SHA-256").without("/edit", "/freeze", "/delete")
}

// The parent network's reader sees frozen reports within their label, and nothing else; drafts are for those who write.
func TestReportsByRole(t *testing.T) {
	d := newDesk(t)
	draft := d.newReport(comity.TLPClear, nil)
	paths := map[comity.TLP]string{}
	for _, label := range []comity.TLP{comity.TLPClear, comity.TLPGreen, comity.TLPAmber, comity.TLPAmberStrict} {
		paths[label] = d.newReport(label, nil)
		d.freeze(paths[label])
	}
	for who, sees := range map[string]comity.TLP{
		"anna": comity.TLPAmberStrict, "bert": comity.TLPAmberStrict, "chair": comity.TLPAmberStrict, "watch": comity.TLPGreen, "reader": comity.TLPClear,
	} {
		list := d.get(who, "/reports").want(200).Body
		for label, path := range paths {
			want := http.StatusOK
			if comity.Strictest(sees, label) != sees {
				want = http.StatusNotFound
			}
			if strings.Contains(list, path) != (want == http.StatusOK) {
				t.Errorf("%s, %s: listed is %v", who, label, want != http.StatusOK)
			}
			for _, p := range []string{path, path + "/en/report.pdf", path + "/ar/report.docx"} {
				d.get(who, p).want(want)
			}
		}
		if who == "chair" {
			d.get(who, draft).want(200)
			continue
		}
		if strings.Contains(list, draft) || strings.Contains(list, "/reports/new") {
			t.Errorf("%s: drafts are listed", who)
		}
		d.get(who, draft).want(404)
		d.get(who, draft+"/en/report.pdf").want(404)
		d.get(who, draft+"/edit").want(403)
		for _, p := range []string{"/edit", "/freeze", "/delete"} {
			d.post(who, draft+p, url.Values{"revision": {"1"}}).want(403)
		}
		d.get(who, "/reports/new").want(403)
		d.get(who, "/report-templates/brief").want(403)
		d.post(who, "/report-templates/brief", url.Values{}).want(403)
	}
	d.get("", "/reports").want(http.StatusSeeOther)
	d.get("reader", paths[comity.TLPClear]+"/fr/report.pdf").want(404)
	d.get("reader", paths[comity.TLPClear]+"/en/report.exe").want(404)
	d.get("reader", "/reports/act_0000000000000000").want(404)
}

func TestReportForms(t *testing.T) {
	d := newDesk(t)
	for name, more := range map[string]url.Values{
		"label": {"tlp": {"TLP:RED"}}, "none": {"tlp": {""}}, "period": {"until": {"2026-06-01"}}, "day": {"from": {"x"}}, "languages": {"languages": {}},
		"tongue": {"languages": {"de"}}, "kind": {"kind": {"novel"}},
	} {
		if got := d.post("desk", "/reports/new", reportValuesOf(comity.TLPClear, more)).Status; got != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d", name, got)
		}
	}
	d.post("desk", "/reports/new", reportValuesOf(comity.TLPClear, url.Values{"surprise": {"1"}})).want(http.StatusUnprocessableEntity)

	path := d.newReport(comity.TLPClear, nil)
	d.post("desk", path+"/delete", url.Values{"revision": {"1"}}).want(http.StatusSeeOther)
	d.get("desk", path).want(404)
}

// A template's sections are put in order, renamed and taken out; reports that are there keep what they began with.
func TestReportTemplates(t *testing.T) {
	d := newDesk(t)
	before := d.newReport(comity.TLPClear, nil)
	values := url.Values{"version": {"0"}, "language": {"fr"}, "part.0": {"text"}, "order.0": {"9"}, "text.0": {"Texte permanent"}, "part.2": {"work-plan"}, "order.2": {"1"}, "title.2": {"Avancement"}}
	d.post("desk", "/report-templates/brief", values).want(http.StatusSeeOther)
	d.post("desk", "/report-templates/brief", values).want(http.StatusConflict)
	d.post("desk", "/report-templates/brief", url.Values{"version": {"1"}, "language": {"fr"}}).want(http.StatusUnprocessableEntity)
	d.get("desk", "/report-templates/brief?language=fr").want(200, "Avancement", "Texte permanent")
	d.get("desk", "/report-templates/novel").want(404)
	after := d.newReport(comity.TLPClear, url.Values{"languages": {"fr"}})
	body := d.get("desk", after).want(200, "Avancement", "Texte permanent").Body
	if strings.Index(body, "Avancement") > strings.Index(body, "Texte permanent") {
		t.Error("the sections are not in the order of the template")
	}
	d.get("desk", before).want(200).without("Avancement")
}

// Decisions of the period are told within the label; what an Executive Session decided is for members only.
func TestReportTellsDecisions(t *testing.T) {
	d := newDesk(t)
	adopt := func(text string, label comity.TLP, membersOnly bool) {
		_, err := d.store.AdoptDecision(t.Context(), comity.ViewerOf(d.people["desk"]), comity.Decision{
			ID: comity.MakeDecisionID(comity.Entropy{byte(len(text))}), Text: text, TLP: label, MembersOnly: membersOnly, Adopted: d.now,
		})
		d.must(err)
	}
	adopt("Protect administrators", comity.TLPClear, false)
	adopt("Keep it among members", comity.TLPClear, true)
	adopt("Amber decision", comity.TLPAmber, false)
	path := d.newReport(comity.TLPClear, nil)
	d.get("desk", path).want(200, "MISSIG/26/D001", "Protect administrators", "2 things that are marked").without("Keep it among", "Amber decision")
	path = d.newReport(comity.TLPAmberStrict, nil)
	d.get("desk", path+"/en/report.html").want(200, "Amber decision", "MISSIG/26/D003").without("Keep it among")
	d.get("desk", path+"?language=ar").want(200, "Amber decision")
}
