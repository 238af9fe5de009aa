package api

import (
	"net/http"
	"strings"
	"testing"

	"comity"
)

const catalog53 = `{"catalog":{"metadata":{"title":"Selection of Revision 5","version":"1"},"groups":[{"id":"cp","title":"Contingency","controls":[{"id":"cp-2","class":"SP800-53","title":"Plan"}]}]}}`

func TestBaselineIsImportedInRevisions(t *testing.T) {
	w := newWorld(t)
	got := w.call(secretariat, "POST", "/baselines?in_force=true", catalog53, "Content-Type", "application/octet-stream").want(http.StatusCreated)
	first := decode[importedBaseline](got).Baseline
	if first.Controls != 1 || first.InForce != 1 || got.header.Get("Location") != prefix+"/baselines/"+string(first.ID) {
		t.Errorf("got %+v", first)
	}
	w.call(secretariat, "POST", "/baselines", catalog53).want(http.StatusConflict)
	next := "/baselines?of=" + string(first.ID)
	w.call(secretariat, "POST", next, catalog53).want(http.StatusConflict)
	w.call(secretariat, "POST", next+"&revision=1&title=Renamed", catalog53).want(http.StatusCreated)
	w.call(secretariat, "POST", "/baselines?of=bas_0000000000000000", catalog53).want(http.StatusNotFound)
	if list := decode[Page[comity.BaselineHead]](w.call(focal, "GET", "/baselines?in_force=true", nil).want(200)); list.Total != 2 {
		t.Errorf("in force: %+v", list)
	}
	revisions := decode[Page[comity.BaselineHead]](w.call(observer, "GET", "/baselines/"+string(first.ID)+"/revisions", nil).want(200))
	if revisions.Total != 2 || revisions.Items[0].Title != "Renamed" || revisions.Items[0].InForce != 1 {
		t.Errorf("revisions: %+v", revisions)
	}
	head := decode[comity.BaselineHead](w.call(coChair, "PUT", "/baselines/"+string(first.ID)+"/in-force", map[string]any{"revision": 2}).want(200))
	if head.InForce != 2 {
		t.Errorf("in force: %+v", head)
	}
	w.call(coChair, "PUT", "/baselines/"+string(first.ID)+"/in-force", map[string]any{"revision": 3}).want(http.StatusNotFound)
	b := decode[comity.Baseline](w.call(focal, "GET", "/baselines/"+string(first.ID)+"?revision=1", nil).want(200))
	if b.Title != "Selection of Revision 5" || b.Groups[0].Controls[0].ID != "cp-2" {
		t.Errorf("got %+v", b)
	}
	w.call(focal, "GET", "/baselines/"+string(first.ID)+"?revision=7", nil).want(http.StatusNotFound)
}

func TestBaselineWithProblemsIsRefusedWhole(t *testing.T) {
	w := newWorld(t)
	p := w.call(secretariat, "POST", "/baselines?title=T", "id,title\nx y,\nb,B\nb,B\n").want(http.StatusUnprocessableEntity).problem()
	var told []string
	for _, e := range p.Errors {
		told = append(told, e.Message)
	}
	want := "line 2, id: x y: want one word of at most 80 characters without a slash|line 2, title: must not be empty|line 4, id: stands here twice: b, line 3"
	if got := strings.Join(told, "|"); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	w.call(secretariat, "POST", "/baselines", "id,title\na,A\n").want(http.StatusUnprocessableEntity)
	w.call(secretariat, "POST", "/baselines?title=T", "").want(http.StatusUnprocessableEntity)
	if list := decode[Page[comity.BaselineHead]](w.call(focal, "GET", "/baselines", nil).want(200)); list.Total != 1 {
		t.Errorf("something was saved: %+v", list)
	}
}

func TestBaselineAnswers(t *testing.T) {
	w := newWorld(t)
	path := "/baselines/" + string(baselineOne) + "/answers"
	got := w.call(analyst, "GET", path, nil).want(200)
	if got.header.Get("ETag") != `"1"` || decode[comity.BaselineAssessment](got).Answers["cp-10"].Evidence != "Secret answer" {
		t.Errorf("got %s, %s", got.header.Get("ETag"), got.body)
	}
	after := decode[comity.BaselineAssessment](w.call(analyst, "PUT", path, someAnswers(1)).want(200))
	if after.Revision != 2 || after.Answers["cp-9"].Target != comity.MaturityLeading || after.Answers["cp-10"].Maturity != comity.MaturityInitial {
		t.Errorf("got %+v", after)
	}
	changed := map[string]any{"answers": []any{map[string]any{"control": "cp-9", "maturity": "leading"}}}
	w.call(focal, "PUT", path, changed, "If-Match", `"1"`).want(http.StatusPreconditionFailed)
	w.call(focal, "PUT", path, changed).want(http.StatusUnprocessableEntity)
	w.call(focal, "PUT", path, changed, "If-Match", `"2"`).want(200)
	for _, wrong := range []map[string]any{
		{"control": "cp-1", "maturity": "leading"}, {"control": "cp-9", "maturity": "best"}, {"control": "cp-9", "maturity": "not-applicable"}, {"control": "cp-9", "target": "not-applicable"}, {},
	} {
		w.call(focal, "PUT", path, map[string]any{"revision": 3, "answers": []any{wrong}}).want(http.StatusUnprocessableEntity)
	}
	history := decode[Page[comity.BaselineAnswer]](w.call(focal, "GET", path+"/history?control=cp-9&limit=1", nil).want(200))
	if history.Total != 2 || history.Items[0].Maturity != comity.MaturityLeading || history.Next == "" {
		t.Errorf("history: %+v", history)
	}
	old := decode[comity.BaselineAssessment](w.call(focal, "GET", path+"?revision=1", nil).want(200))
	if old.Revision != 1 || len(old.Answers) != 1 {
		t.Errorf("as it was: %+v", old)
	}
	w.call(focal, "GET", path+"?revision=9", nil).want(http.StatusNotFound)
	w.call(focal, "GET", "/baselines/bas_0000000000000000/answers", nil).want(http.StatusNotFound)
	if page := decode[Page[comity.CoverageProposal]](w.call(focal, "GET", "/coverage-proposals", nil).want(200)); page.Total != 0 {
		t.Errorf("ATT&CK of one mitigation without techniques proposed %+v", page)
	}
}

// TestAnswersStayWithTheirOrganisation asks everybody else for every address that could tell of an answer.
func TestAnswersStayWithTheirOrganisation(t *testing.T) {
	w := newWorld(t)
	one := "/baselines/" + string(baselineOne)
	for _, as := range []who{stranger, noRole, secretariat, observer, reader, auditor} {
		for _, path := range []string{one, one + "/revisions", one + "/answers", one + "/answers?revision=1", one + "/answers/history", "/coverage-proposals", "/audit", "/releases", "/releases/1"} {
			if got := w.call(as, "GET", path, nil); strings.Contains(got.body, "Secret answer") || strings.Contains(got.body, `"cp-10":{`) {
				t.Errorf("%s at %s: %s", as, path, got.body)
			}
		}
	}
}
