package web

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"comity"
)

// plan puts some items of the group into the work-plan, one after another, and one private one.
func (d *desk) plan() []comity.ActionItem {
	d.t.Helper()
	var list []comity.ActionItem
	put := func(a comity.ActionItem) {
		a.ID = comity.MakeActionID(comity.Entropy{byte(len(list) + 1)})
		if len(list) > 0 && a.Audience == comity.AudienceGroup {
			a.After = []comity.ActionID{list[len(list)-1].ID}
		}
		made, err := d.store.PutAction(d.t.Context(), comity.ViewerOf(d.people["anna"]), a, "", d.now)
		d.must(err)
		list = append(list, made)
	}
	day := comity.DateOf(d.now)
	base := comity.ActionItem{Owner: d.a.ID, TLP: comity.TLPGreen, Audience: comity.AudienceGroup, Priority: comity.PriorityMedium, Status: comity.ActionOpen}
	for i, title := range []string{"Agree on the scope", "Write the guidance", "Test it in two organisations"} {
		a := base
		a.Title, a.Kind, a.Start, a.Due = title, comity.KindGuidance, day.AddDays(30*i), day.AddDays(30*i+25)
		put(a)
	}
	private := base
	private.Title, private.Audience, private.RAG, private.Priority = "=Secret of A", comity.AudienceOwner, comity.RAGRed, comity.PriorityUrgent
	put(private)
	return list
}

func TestPlanInThreeViews(t *testing.T) {
	d := newDesk(t)
	list := d.plan()
	first := "/actions/" + string(list[0].ID)
	d.get("anna", "/actions").want(200, "Agree on the scope", "=Secret of A", "Needs help", "Guidance document")
	d.get("anna", "/actions?view=board").want(200, "Agree on the scope", "In progress", first+"/status")
	timeline := d.get("anna", "/actions?view=timeline").want(200, "<svg class=\"plan\"", "Agree on the scope", "Today")
	if got := strings.Count(timeline.Body, `class="link"`); got != 2 {
		t.Errorf("%d arrows, want 2: each of the group's items waits for the one before", got)
	}
	for _, view := range planViews {
		d.get("bert", "/actions?view="+view).want(200, "Agree on the scope").without("Secret of A", first+"/status")
		d.get("reader", "/actions?view="+view).want(200).without("Agree on the scope", "Secret of A")
	}
	d.get("anna", "/actions?risk=1").want(200, "Secret of A").without("Agree on the scope")
	d.get("anna", "/actions?kind=guidance").want(200, "Agree on the scope").without("Secret of A")
	d.get("anna", "/actions?priority=urgent").want(200, "Secret of A").without("Agree on the scope")
	d.get("anna", "/actions?which=helped&kind=nonsense&as-of=x&view=x").want(200, "Agree on the scope")
	d.inEveryLanguage("anna", "/actions", "/actions?view=board", "/actions?view=timeline", first)
}

func TestPlanAsItWas(t *testing.T) {
	d := newDesk(t)
	list := d.plan()
	d.now = d.now.AddDate(0, 0, 10)
	a := list[0]
	a.Title, a.Priority = "Agree on less", comity.PriorityUrgent
	_, err := d.store.PutAction(t.Context(), comity.ViewerOf(d.people["anna"]), a, "", d.now)
	d.must(err)
	then := "/actions?as-of=" + comity.DateOf(d.now.AddDate(0, 0, -1)).String()
	d.get("bert", "/actions").want(200, "Agree on less")
	d.get("bert", then).want(200, "Agree on the scope", "as it was at the end of").without("Agree on less", "Secret of A")
	d.get("bert", "/actions?as-of=2020-01-01").want(200, "No action items here yet").without("Agree")
	d.get("bert", then+"&view=board").want(200, "Agree on the scope").without("/status")
}

func TestPlanNeedsMe(t *testing.T) {
	d := newDesk(t)
	mine := d.makeAction("anna", "title", "Mine and late", "due", "2026-08-10", "responsible", string(d.people["anna"].ID))
	d.makeAction("anna", "title", "Nobody’s", "due", "2027-09-01")
	d.makeAction("anna", "title", "Of a colleague", "due", "2026-08-10", "responsible", string(d.people["alan"].ID))
	d.makeAction("anna", "title", "Mine and far", "due", "2027-09-01", "responsible", string(d.people["anna"].ID))
	d.get("anna", "/actions?which=needs").want(200, mine, "Mine and late", "Nobody’s").without("Of a colleague", "Mine and far")
	d.get("anna", mine).want(200, "Responsible", d.people["anna"].Name)
	d.post("anna", "/actions/new", actionValuesFor(d, "responsible", string(d.people["bert"].ID))).want(422, `href="#responsible"`)
}

func TestPlanDependenciesAreChecked(t *testing.T) {
	d := newDesk(t)
	list := d.plan()
	first := "/actions/" + string(list[0].ID)
	values := d.get("anna", first).want(200, "Wait for this", "Write the guidance").formValues(first)
	values["after"] = []string{string(list[2].ID)}
	d.post("anna", first, values).want(422, `href="#after"`, "they wait for it themselves")
	last := "/actions/" + string(list[2].ID)
	values = d.get("anna", last).want(200, "Waits for").formValues(last)
	if got := values["after"]; len(got) != 1 || got[0] != string(list[1].ID) {
		t.Fatalf("the form says that it waits for %v", got)
	}
	values["after"], values["contributors"] = nil, []string{string(d.b.ID)}
	d.post("anna", last, values).want(http.StatusSeeOther)
	d.get("bert", last).want(200, "X-SSA").without("Waits for")
}

func TestPlanBoardMoves(t *testing.T) {
	d := newDesk(t)
	list := d.plan()
	path := "/actions/" + string(list[0].ID) + "/status"
	move := func(revision string) url.Values {
		return url.Values{"status": {"done"}, "revision": {revision}, "next": {"/actions?view=board"}}
	}
	d.post("bert", path, move("1")).want(403)
	d.post("reader", path, move("1")).want(404)
	a := d.post("anna", path, move("1")).want(http.StatusSeeOther)
	if a.Location() != "/actions?view=board" {
		t.Errorf("to %q", a.Location())
	}
	d.post("anna", path, move("1")).want(409)
	d.get("anna", "/actions/"+string(list[0].ID)).want(200, "100%")
	d.post("bert", "/actions/"+string(list[3].ID)+"/status", move("1")).want(404)
}

func TestPlanFiltersAreOnesOwn(t *testing.T) {
	d := newDesk(t)
	d.plan()
	d.post("anna", "/actions/filters", url.Values{"name": {"Hot"}, "query": {"priority=urgent&evil=1"}}).want(http.StatusSeeOther)
	d.get("anna", "/actions").want(200, "Hot", `/actions?priority=urgent"`)
	d.get("alan", "/actions").want(200).without("Hot")
	d.post("anna", "/actions/filters", url.Values{"name": {""}, "query": {""}}).want(422)
	d.post("alan", "/actions/filters", url.Values{"forget": {"Hot"}, "query": {""}}).want(404)
	d.post("anna", "/actions/filters", url.Values{"forget": {"Hot"}, "query": {""}}).want(http.StatusSeeOther)
	d.get("anna", "/actions").want(200).without("Hot")
}

func TestPlanAsFiles(t *testing.T) {
	d := newDesk(t)
	d.plan()
	rows, err := csv.NewReader(strings.NewReader(d.get("anna", "/actions.csv").want(200).Body)).ReadAll()
	d.must(err)
	if len(rows) != 5 || rows[1][2] != "'=Secret of A" {
		t.Errorf("the file has %d rows; the title is %q, want it safe from being computed", len(rows), rows[1][2])
	}
	d.get("bert", "/actions.csv").want(200, "Agree on the scope", "X-OCO").without("Secret of A")
	d.get("reader", "/actions.csv").want(200).without("Agree")
	d.get("anna", "/actions.csv?kind=guidance").want(200, "Agree").without("Secret of A")

	data := []byte(d.get("anna", "/actions.xlsx").want(200).Body)
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	d.must(err)
	f, err := z.Open("xl/worksheets/sheet1.xml")
	d.must(err)
	sheet, err := io.ReadAll(f)
	d.must(err)
	if !bytes.Contains(sheet, []byte(`t="inlineStr"`)) || !bytes.Contains(sheet, []byte("=Secret of A")) || bytes.Contains(sheet, []byte("<f>")) {
		t.Errorf("the sheet: %.500s", sheet)
	}
	d.get("bert", "/actions.xlsx").want(200)

	d.get("anna", "/actions.html").want(200, "Secret of A", "TLP:AMBER+STRICT")
	d.get("bert", "/actions.html").want(200, "Agree on the scope").without("Secret of A")
	d.get("reader", "/actions.docx").want(200)
	if file := d.get("anna", "/actions.pdf").want(200).Body; !strings.HasPrefix(file, "%PDF-1.7") {
		t.Errorf("the PDF begins with %.20q", file)
	}
}

// However long the time and the titles, a timeline keeps the shape of a sheet on its side.
func TestTimelineStaysOnItsSheet(t *testing.T) {
	d := newDesk(t)
	day := comity.DateOf(d.now)
	c := &call{site: &site{now: func() time.Time { return d.now }, store: d.store}, locale: mustLocales(t)["ar"]}
	var rows []actionRow
	for i := range timelineRows {
		a := comity.ActionItem{ID: comity.MakeActionID(comity.Entropy{byte(i)}), Title: strings.Repeat("x", 100), Created: d.now, Start: day.AddDays(-400 * i), Due: day.AddDays(300 * i)}
		if i > 0 {
			a.After = []comity.ActionID{comity.MakeActionID(comity.Entropy{byte(i - 1)})}
		}
		rows = append(rows, actionRow{ActionItem: a})
	}
	drawn := c.timeline(rows)
	if drawn.Height/drawn.Width > 0.7 || len(drawn.Bars) != timelineRows || len(drawn.Links) != timelineRows-1 || len(drawn.Ticks) > 60 {
		t.Errorf("%v × %v with %d bars, %d arrows and %d ticks", drawn.Width, drawn.Height, len(drawn.Bars), len(drawn.Links), len(drawn.Ticks))
	}
}

func mustLocales(t *testing.T) map[string]*locale {
	t.Helper()
	l, err := loadLocales()
	if err != nil {
		t.Fatal(err)
	}
	return l
}
