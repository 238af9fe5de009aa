package api

import (
	"context"
	"net/http"

	"comity"
	"comity/act"
)

type projectsInput struct {
	State        string `query:"state" enum:"proposed,active,paused,closed" doc:"Only those in this state"`
	Organization string `query:"organization" doc:"Only those in which this organisation takes part, org_…"`
	Open         bool   `query:"open" doc:"Only those that are not closed"`
	Paging
}

func (in *projectsInput) query() (comity.ProjectQuery, error) {
	q := comity.ProjectQuery{State: comity.ProjectState(in.State), Open: in.Open, Limit: in.Limit, Offset: in.Offset}
	var err error
	q.Org, err = optional(comity.ParseOrgID, "query.organization", in.Organization)
	return q, err
}

type projectInput struct {
	ID string `path:"id" doc:"Identity, prj_…"`
}

type projectReportsInput struct {
	ID string `path:"id" doc:"Identity, prj_…"`
	Paging
}

type reportProjectInput struct {
	ID   string `path:"id" doc:"Identity, prj_…"`
	Body newProjectReport
}

// newProjectReport is a report to be given on a joint project.
type newProjectReport struct {
	RAG       string `json:"rag" enum:"green,amber,red" doc:"As planned, at risk, or not without help"`
	Narrative string `json:"narrative" minLength:"1" maxLength:"4000" doc:"What happened"`
	Next      string `json:"next,omitempty" maxLength:"4000" doc:"Next steps"`
}

func (a *api) projects() {
	handle(a, get("list-projects", "/projects", "projects", "Joint projects that you may see, newest first"),
		func(ctx context.Context, c caller, in *projectsInput) (*content[Page[comity.Project]], error) {
			if err := require(c.viewer.ReviewsPlan()); err != nil {
				return nil, err
			}
			q, err := in.query()
			if err != nil {
				return nil, err
			}
			p, err := a.store.Projects(ctx, c.viewer, q)
			return pageOf(c, in.Paging, p.Projects, p.Total), err
		}, http.StatusForbidden)
	handle(a, get("get-project", "/projects/{id}", "projects", "One joint project: charter, cost shares, milestones, deliverables, risks and lessons"),
		func(ctx context.Context, c caller, in *projectInput) (*revised[comity.Project], error) {
			p, err := a.project(ctx, c, in.ID)
			return revisedBody(p, p.Revision), err
		}, http.StatusForbidden, http.StatusNotFound)
	handle(a, get("list-project-reports", "/projects/{id}/reports", "projects", "How a joint project was, newest first: the last 200 reports"),
		func(ctx context.Context, c caller, in *projectReportsInput) (*content[Page[comity.ProjectReport]], error) {
			p, err := a.project(ctx, c, in.ID)
			if err != nil {
				return nil, err
			}
			list, err := a.store.ProjectReports(ctx, c.viewer, p.ID, 200)
			return cut(c, in.Paging, list), err
		}, http.StatusForbidden, http.StatusNotFound)
	report := write(http.MethodPost, "report-on-project", "/projects/{id}/reports", "projects", "Report on a joint project in which you take part")
	report.DefaultStatus = http.StatusCreated
	handle(a, report, a.reportOnProject, http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
}

// project returns the joint project that the caller may see; joint projects are for members.
func (a *api) project(ctx context.Context, c caller, text string) (comity.Project, error) {
	if err := require(c.viewer.ReviewsPlan()); err != nil {
		return comity.Project{}, err
	}
	id, err := parsed(comity.ParseProjectID, text)
	if err != nil {
		return comity.Project{}, err
	}
	return a.store.Project(ctx, c.viewer, id)
}

func (a *api) reportOnProject(ctx context.Context, c caller, in *reportProjectInput) (*created[comity.ProjectReport], error) {
	p, err := a.project(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	if err := require(c.viewer.EditsProject(p)); err != nil {
		return nil, err
	}
	r := comity.ProjectReport{Project: p.ID, RAG: comity.RAG(in.Body.RAG), Narrative: in.Body.Narrative, Next: in.Body.Next}
	if problems := act.ReportProblems(r); len(problems) > 0 {
		wrong := newProblem(http.StatusUnprocessableEntity, "the report is not complete")
		for _, one := range problems {
			wrong.Errors = append(wrong.Errors, problemField{"body." + one.Field, one.Msg})
		}
		return nil, wrong
	}
	if r, err = a.store.PutProjectReport(ctx, c.viewer, r, a.now()); err != nil {
		return nil, err
	}
	return &created[comity.ProjectReport]{Location: prefix + "/projects/" + string(p.ID) + "/reports", Body: r}, nil
}
