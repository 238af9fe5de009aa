package api

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"comity"
)

// Joint projects of organisation A: one that all members see, one that only those who take part do.
var (
	projectGreen = id(comity.MakeProjectID, "green")
	projectRed   = id(comity.MakeProjectID, "red")
)

func (w *world) projects(ctx context.Context, v comity.Viewer) {
	w.t.Helper()
	for project, label := range map[comity.ProjectID]comity.TLP{projectGreen: comity.TLPGreen, projectRed: comity.TLPRed} {
		_, err := w.store.PutProject(ctx, v, comity.Project{
			ID: project, Title: "Project " + label.String(), Objective: "Together", TLP: label, State: comity.ProjectActive,
			Participants: []comity.ProjectMember{{Org: orgA.ID, Role: comity.ProjectLead}},
		}, now)
		w.must(err)
		_, err = w.store.PutProjectReport(ctx, v, comity.ProjectReport{Project: project, RAG: comity.RAGGreen, Narrative: "As planned with " + label.String()}, now)
		w.must(err)
	}
}

func projectReport(text string) map[string]any {
	return map[string]any{"rag": "amber", "narrative": text, "next": "Talk to them"}
}

func TestProjectReports(t *testing.T) {
	w := newWorld(t)
	path := "/projects/" + string(projectGreen)
	got := w.call(analyst, "POST", path+"/reports", projectReport("The provider is late")).want(http.StatusCreated)
	if r := decode[comity.ProjectReport](got); r.Number != 2 || r.Org != orgA.ID || r.RAG != comity.RAGAmber {
		t.Errorf("stored %+v", r)
	}
	if at := got.header.Get("Location"); at != prefix+path+"/reports" {
		t.Errorf("it is at %q", at)
	}
	page := decode[Page[comity.ProjectReport]](w.call(stranger, "GET", path+"/reports?limit=1", nil).want(200))
	if page.Total != 2 || len(page.Items) != 1 || page.Items[0].Narrative != "The provider is late" || page.Next == "" {
		t.Errorf("reports: %+v", page)
	}
	for _, bad := range []map[string]any{projectReport(" "), projectReport(strings.Repeat("x", 4001)), {"rag": "blue", "narrative": "x"}, {"rag": "red"}} {
		w.call(analyst, "POST", path+"/reports", bad).want(http.StatusUnprocessableEntity)
	}
}

// TestProjectsAreSeparate asks that nobody learns of a project beyond its label.
func TestProjectsAreSeparate(t *testing.T) {
	w := newWorld(t)
	if page := decode[Page[comity.Project]](w.call(focal, "GET", "/projects", nil).want(200)); page.Total != 2 {
		t.Errorf("who takes part sees %d", page.Total)
	}
	for _, query := range []string{"", "?open=true", "?state=active", "?organization=" + string(orgA.ID)} {
		got := w.call(stranger, "GET", "/projects"+query, nil).want(200)
		if page := decode[Page[comity.Project]](got); page.Total != 1 || strings.Contains(got.body, "RED") {
			t.Errorf("%s: another organisation sees %s", query, got.body)
		}
	}
	if page := decode[Page[comity.Project]](w.call(focal, "GET", "/projects?organization="+string(orgB.ID), nil).want(200)); page.Total != 0 {
		t.Errorf("%d projects of an organisation that takes no part", page.Total)
	}
	w.call(focal, "GET", "/projects?organization=x", nil).want(http.StatusUnprocessableEntity)
}
