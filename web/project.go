package web

import (
	"cmp"
	"slices"
	"time"

	"comity"
	"comity/act"
)

func (s *site) projects(r *routes) {
	r.handle("GET /projects", reviewers, s.listProjects)
	r.handle("GET /projects/new", reviewers, s.newProject)
	r.handle("POST /projects/new", reviewers, s.createProject)
	r.handle("GET /projects/{id}", reviewers, s.showProject)
	r.handle("GET /projects/{id}/project.pdf", reviewers, s.projectDocument("pdf"))
	r.handle("GET /projects/{id}/project.docx", reviewers, s.projectDocument("docx"))
	r.handle("GET /projects/{id}/project.html", reviewers, s.projectDocument("html"))
	r.handle("GET /projects/{id}/edit", reviewers, s.editProject)
	r.handle("POST /projects/{id}/edit", reviewers, s.changeProject)
	r.handle("POST /projects/{id}/reports", reviewers, s.reportProject)
}

// projectsView lists the joint projects.
type projectsView struct {
	view
	Closed bool // those that are closed too
	Mine   bool // only those in which the own organisation takes part
	Rows   []projectRow
	Paging paging
	Makes  bool
}

// projectRow is one project of the list.
type projectRow struct {
	comity.Project
	LeadAcronym string
	Last        *comity.ProjectReport    // nil: none yet
	Milestone   *comity.ProjectMilestone // that is due next; nil: none
	Late        bool                     // it is
	Quiet       bool                     // the last report is too old
}

func (s *site) listProjects(c *call) error {
	query := c.r.URL.Query()
	v := projectsView{view: c.view(), Closed: query.Get("closed") != "", Mine: query.Get("mine") != "", Makes: c.makesProjects()}
	q := comity.ProjectQuery{Open: !v.Closed, Limit: pageSize, Offset: offsetOf(query)}
	if v.Mine {
		q.Org = c.viewer.Org()
	}
	page, err := s.store.Projects(c.ctx(), c.viewer, q)
	if err != nil {
		return err
	}
	acronyms, err := c.acronyms()
	if err != nil {
		return err
	}
	ids := make([]comity.ProjectID, len(page.Projects))
	for i, p := range page.Projects {
		ids[i] = p.ID
	}
	last, err := s.store.LastReports(c.ctx(), c.viewer, ids)
	if err != nil {
		return err
	}
	v.Marking = comity.TLPClear
	today := comity.DateOf(s.now())
	for _, p := range page.Projects {
		row := projectRow{Project: p, LeadAcronym: acronyms[p.Lead()], Quiet: p.Silent(last[p.ID].At, today)}
		if r, ok := last[p.ID]; ok {
			row.Last = &r
		}
		if m, ok := p.Next(); ok {
			row.Milestone, row.Late = &m, m.Due.Before(today)
		}
		v.Marking = comity.Strictest(v.Marking, p.TLP)
		v.Rows = append(v.Rows, row)
	}
	v.Paging = pagingOf("/projects", query, q.Offset, len(page.Projects), page.Total)
	return c.render("projects/list", v)
}

// makesProjects reports whether the viewer may begin a project that their organisation leads.
func (c *call) makesProjects() bool {
	lead := comity.Project{TLP: comity.TLPGreen, Participants: []comity.ProjectMember{{Org: c.viewer.Org(), Role: comity.ProjectLead}}}
	return c.viewer.Writes() && c.viewer.EditsProject(lead)
}

// projectView is the page of one project.
type projectView struct {
	view
	Project comity.Project
	Members []projectMember
	Pledged int64
	Paid    int64
	Reports []projectReport
	Actions int // items of the work-plan that are a part of it
	Edits   bool
	Form    *form // of a report
	RAGs    []comity.RAG
	Course  *course                      // nil: no milestone has a day
	Quiet   bool                         // the last report is too old
	Late    []bool                       // of milestones: the day is over
	Overdue []bool                       // of deliverables
	Titles  map[comity.DocumentID]string // of documents that the viewer may see
}

// projectMember is an organisation that takes part.
type projectMember struct {
	comity.ProjectMember
	Acronym string
	Percent string // its share of the cost
}

// projectReport is a report with who gave it.
type projectReport struct {
	comity.ProjectReport
	Acronym string
}

// reportsShown is how many reports the page of a project lists.
const reportsShown = 24

func (c *call) projectID() (comity.ProjectID, error) {
	id, err := comity.ParseProjectID(c.r.PathValue("id"))
	if err != nil {
		return "", comity.Errorf(comity.NotFound, "no such project")
	}
	return id, nil
}

// project loads the project of the path.
func (c *call) project() (comity.Project, error) {
	id, err := c.projectID()
	if err != nil {
		return comity.Project{}, err
	}
	return c.site.store.Project(c.ctx(), c.viewer, id)
}

func (s *site) showProject(c *call) error {
	p, err := c.project()
	if err != nil {
		return err
	}
	v, err := c.projectView(p)
	if err != nil {
		return err
	}
	return c.render("projects/show", v)
}

func (c *call) projectView(p comity.Project) (projectView, error) {
	v := projectView{view: c.view(), Project: p, Edits: c.viewer.EditsProject(p) && c.viewer.Writes(), RAGs: comity.RAGs, Form: formOf(nil)}
	v.Marking = p.TLP
	v.Pledged, v.Paid = p.Sums()
	acronyms, err := c.acronyms()
	if err != nil {
		return v, err
	}
	for _, m := range p.Participants {
		v.Members = append(v.Members, projectMember{m, acronyms[m.Org], shareText(m.Share)})
	}
	if v.Titles, err = c.documentTitles(p); err != nil {
		return v, err
	}
	slices.SortStableFunc(v.Members, func(a, b projectMember) int {
		return cmp.Compare(slices.Index(comity.ProjectRoles, a.Role), slices.Index(comity.ProjectRoles, b.Role))
	})
	today := comity.DateOf(c.site.now())
	for _, m := range p.Milestones {
		v.Late = append(v.Late, m.Reached.IsZero() && !m.Due.IsZero() && m.Due.Before(today))
	}
	for _, d := range p.Deliverables {
		v.Overdue = append(v.Overdue, d.Delivered.IsZero() && !d.Due.IsZero() && d.Due.Before(today))
	}
	reports, err := c.site.store.ProjectReports(c.ctx(), c.viewer, p.ID, reportsShown)
	if err != nil {
		return v, err
	}
	for _, r := range reports {
		v.Reports = append(v.Reports, projectReport{r, acronyms[r.Org]})
	}
	var last time.Time
	if len(reports) > 0 {
		last = reports[0].At
	}
	v.Quiet, v.Course = p.Silent(last, today), c.course(p)
	page, err := c.site.store.Actions(c.ctx(), c.viewer, comity.ActionQuery{Project: p.ID, Limit: 1})
	v.Actions = page.Total
	return v, err
}

// documentTitles returns the titles of the documents that a project delivers, of those that the viewer may see.
func (c *call) documentTitles(p comity.Project) (map[comity.DocumentID]string, error) {
	titles := map[comity.DocumentID]string{}
	for _, d := range p.Deliverables {
		if d.Document == "" || titles[d.Document] != "" {
			continue
		}
		document, err := c.site.store.Document(c.ctx(), c.viewer, d.Document)
		if err != nil && comity.KindOf(err) != comity.NotFound {
			return nil, err
		}
		if err == nil {
			titles[d.Document] = document.Title
		}
	}
	return titles, nil
}

// reportProject adds a report.
func (s *site) reportProject(c *call) error {
	p, err := c.project()
	if err != nil {
		return err
	}
	if !c.viewer.EditsProject(p) {
		return comity.Errorf(comity.Forbidden, "only who takes part reports")
	}
	f, err := c.form("rag", "narrative", "next")
	if err != nil {
		return err
	}
	r := comity.ProjectReport{
		Project: p.ID, RAG: comity.RAG(f.Choice("rag", stringsOf(comity.RAGs)...)), Narrative: f.Required("narrative", comity.MaxProjectText),
		Next: f.Text("next", comity.MaxProjectText),
	}
	for _, problem := range act.ReportProblems(r) {
		f.Fail(problem.Field, "error.field.choice")
	}
	if !f.OK() {
		v, err := c.projectView(p)
		if err != nil {
			return err
		}
		v.Form = f
		return c.renderInvalid("projects/show", v)
	}
	if _, err := s.store.PutProjectReport(c.ctx(), c.viewer, r, s.now()); err != nil {
		return err
	}
	c.flash("project.report.saved")
	return c.redirect("/projects/" + string(p.ID) + "#reports")
}
