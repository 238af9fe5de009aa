package web

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"comity"
	"comity/act"
)

// projectForm is the page on which a project is begun or changed.
type projectForm struct {
	view
	Project      comity.Project // as it is stored; the zero project for a new one
	Form         *form
	Changed      bool // somebody else changed it meanwhile
	Members      []memberInput
	Milestones   []int // numbers of lines
	Deliverables []int
	Risks        []int
	Documents    []comity.DocumentEntry
	Labels       []comity.TLP
	States       []comity.ProjectState
	Roles        []comity.ProjectRole
	Grades       []comity.Grade
	Properties   []string
}

// memberInput is an organisation in the form: one line of the table of who takes part.
type memberInput struct {
	ID      comity.OrgID
	Acronym string
}

// spareLines is how many empty lines a form offers below those that are filled.
const spareLines = 3

func (s *site) newProject(c *call) error {
	if err := c.require(c.makesProjects()); err != nil {
		return err
	}
	p := comity.Project{TLP: comity.TLPGreen, State: comity.ProjectProposed, Participants: []comity.ProjectMember{{Org: c.viewer.Org(), Role: comity.ProjectLead}}}
	v, err := c.projectForm(comity.Project{}, projectFormOf(p))
	if err != nil {
		return err
	}
	return c.render("projects/edit", v)
}

func (s *site) editProject(c *call) error {
	p, err := c.project()
	if err != nil {
		return err
	}
	if !c.viewer.EditsProject(p) {
		return comity.Errorf(comity.Forbidden, "only who takes part changes it")
	}
	v, err := c.projectForm(p, projectFormOf(p))
	if err != nil {
		return err
	}
	return c.render("projects/edit", v)
}

func (c *call) projectForm(p comity.Project, f *form) (projectForm, error) {
	v := projectForm{
		view: c.view(), Project: p, Form: f, States: comity.ProjectStates, Roles: comity.ProjectRoles, Grades: comity.Grades,
		Labels:     []comity.TLP{comity.TLPClear, comity.TLPGreen, comity.TLPAmber, comity.TLPAmberStrict, comity.TLPRed},
		Milestones: linesOf(f, "m.title."), Deliverables: linesOf(f, "d.title."), Risks: linesOf(f, "r.text."),
	}
	v.Marking = cmp.Or(p.TLP, comity.TLPAmberStrict)
	for _, property := range comity.Properties {
		v.Properties = append(v.Properties, property.String())
	}
	orgs, err := c.site.store.Organizations(c.ctx(), c.viewer)
	if err != nil {
		return v, err
	}
	for _, o := range orgs {
		if _, takesPart := p.Member(o.ID); takesPart || o.Kind != comity.KindParent && o.Active() {
			v.Members = append(v.Members, memberInput{o.ID, o.Acronym})
		}
	}
	page, err := c.site.store.Documents(c.ctx(), c.viewer, comity.DocumentQuery{Limit: 100}, comity.DateOf(c.site.now()))
	v.Documents = page.Documents
	return v, err
}

// linesOf returns the numbers of the lines that a form has, and of some more.
func linesOf(f *form, prefix string) []int {
	last := -1
	for name := range f.values {
		if text, ok := strings.CutPrefix(name, prefix); ok && f.Value(name) != "" {
			if n, err := strconv.Atoi(text); err == nil && n < comity.MaxProjectLines {
				last = max(last, n)
			}
		}
	}
	var lines []int
	for i := range min(last+1+spareLines, comity.MaxProjectLines) {
		lines = append(lines, i)
	}
	return lines
}

// projectFields are the fields that the form of a project may have.
var projectFields = []string{
	"revision", "title", "objective", "scope", "properties", "tlp", "state", "start", "end", "currency", "lessons", "role.*", "share.*", "pledged.*", "paid.*",
	"m.*", "d.*", "r.*",
}

// projectValues returns a project as its form holds it.
func projectValues(p comity.Project) map[string]string {
	values := map[string]string{
		"title": p.Title, "objective": p.Objective, "scope": p.Scope, "tlp": p.TLP.String(), "state": string(p.State), "start": p.Start.String(), "end": p.End.String(),
		"currency": p.Currency, "lessons": p.Lessons,
	}
	for _, m := range p.Participants {
		id := string(m.Org)
		values["role."+id], values["share."+id] = string(m.Role), shareText(m.Share)
		values["pledged."+id], values["paid."+id] = sumText(m.Pledged), sumText(m.Paid)
	}
	for i, m := range p.Milestones {
		n := strconv.Itoa(i)
		values["m.title."+n], values["m.due."+n], values["m.reached."+n] = m.Title, m.Due.String(), m.Reached.String()
	}
	for i, d := range p.Deliverables {
		n := strconv.Itoa(i)
		values["d.title."+n], values["d.due."+n], values["d.delivered."+n] = d.Title, d.Due.String(), d.Delivered.String()
		values["d.document."+n], values["d.revision."+n], values["d.where."+n] = string(d.Document), countText(d.Revision), d.Where
	}
	for i, r := range p.Risks {
		n := strconv.Itoa(i)
		values["r.text."+n], values["r.likelihood."+n], values["r.impact."+n], values["r.response."+n] = r.Text, string(r.Likelihood), string(r.Impact), r.Response
	}
	return values
}

// projectFormOf returns a form that shows a project.
func projectFormOf(p comity.Project) *form {
	f := formOf(projectValues(p))
	f.values["properties"] = p.Properties
	return f
}

// shareText writes basis points as per cent, exactly; none is empty.
func shareText(points int) string {
	if points == 0 {
		return ""
	}
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%d.%02d", points/100, points%100), "0"), ".")
}

// countText writes a number; none is empty.
func countText(n int) string { return sumText(int64(n)) }

func sumText(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// parseShare reads per cent with at most two digits after the point as basis points, exactly: without floating point.
func parseShare(s string) (int, bool) {
	whole, fraction, _ := strings.Cut(strings.ReplaceAll(strings.TrimSpace(s), ",", "."), ".")
	if len(fraction) > 2 || len(whole) > 3 {
		return 0, false
	}
	n, err := strconv.ParseUint(cmp.Or(whole, "0")+(fraction + "00")[:2], 10, 32)
	return int(n), err == nil && n <= comity.Whole
}

func (s *site) createProject(c *call) error {
	if err := c.require(c.makesProjects()); err != nil {
		return err
	}
	return c.putProject(comity.Project{})
}

func (s *site) changeProject(c *call) error {
	p, err := c.project()
	if err != nil {
		return err
	}
	if !c.viewer.EditsProject(p) {
		return comity.Errorf(comity.Forbidden, "only who takes part changes it")
	}
	return c.putProject(p)
}

// putProject reads the form onto a project, the zero project for a new one, and stores it.
func (c *call) putProject(stored comity.Project) error {
	f, err := c.form(projectFields...)
	if err != nil {
		return err
	}
	p, err := c.readProject(f, stored)
	if err != nil {
		return err
	}
	if stored.ID != "" {
		p.Revision = f.Int("revision", 1, 1<<30)
	} else if p.ID, err = newID(comity.MakeProjectID); err != nil {
		return err
	}
	if f.OK() && !c.viewer.EditsProject(p) {
		f.Fail("participants", "project.error.out_of_reach")
	}
	if f.OK() {
		done, err := c.site.store.PutProject(c.ctx(), c.viewer, p, c.site.now())
		if err == nil {
			c.flash("project.saved")
			return c.redirect("/projects/" + string(done.ID))
		}
		if comity.KindOf(err) != comity.Conflict {
			return err
		}
		return c.projectConflict(f, stored)
	}
	v, err := c.projectForm(stored, f)
	if err != nil {
		return err
	}
	return c.renderInvalid("projects/edit", v)
}

// projectConflict shows what was typed on top of what somebody else stored: saving again takes it over, knowingly.
func (c *call) projectConflict(f *form, stored comity.Project) error {
	now, err := c.site.store.Project(c.ctx(), c.viewer, stored.ID)
	if err != nil {
		return err
	}
	v, err := c.projectForm(now, f)
	if err != nil {
		return err
	}
	v.Changed = true
	return c.renderStatus(statusOf(comity.Conflict), "projects/edit", v)
}

// projectErrors are the sentences for what act.ProjectProblems finds wrong.
var projectErrors = map[string]string{
	"objective": "error.field.required", "end": "project.error.end", "currency": "project.error.currency", "participants": "project.error.participants",
	"shares": "project.error.shares", "milestones": "project.error.lines", "deliverables": "project.error.lines", "risks": "project.error.risks", "lessons": "project.error.lessons",
}

func (c *call) readProject(f *form, p comity.Project) (comity.Project, error) {
	p.Title, p.Objective, p.Scope = f.Required("title", act.MaxTitle), f.Required("objective", comity.MaxProjectText), f.Text("scope", comity.MaxProjectText)
	p.Lessons = f.Text("lessons", comity.MaxProjectText)
	p.State = comity.ProjectState(f.Choice("state", stringsOf(comity.ProjectStates)...))
	p.Start, p.End = f.Date("start"), f.Date("end")
	p.Currency = strings.ToUpper(f.Text("currency", 3))
	label, err := parseLabel(f.Value("tlp"))
	if err != nil || label == comity.TLPUnmarked {
		f.Fail("tlp", "error.field.choice")
	}
	p.TLP = label
	p.Properties = nil
	for _, property := range comity.Properties {
		if f.Has("properties", property.String()) {
			p.Properties = append(p.Properties, property.String())
		}
	}
	orgs, err := c.site.store.Organizations(c.ctx(), c.viewer)
	if err != nil {
		return p, err
	}
	p.Participants = readMembers(f, orgs)
	p.Milestones, p.Deliverables, p.Risks = readMilestones(f), readDeliverables(f), readRisks(f)
	for _, problem := range act.ProjectProblems(p) {
		f.Fail(problem.Field, cmp.Or(projectErrors[problem.Field], "error.field.choice"))
	}
	return p, nil
}

func readMembers(f *form, orgs []comity.Organization) []comity.ProjectMember {
	var list []comity.ProjectMember
	for _, o := range orgs {
		id := string(o.ID)
		role := comity.ProjectRole(f.Value("role." + id))
		if role == "" {
			continue
		}
		share, ok := parseShare(f.Value("share." + id))
		if !ok {
			f.Fail("shares", "project.error.shares")
		}
		list = append(list, comity.ProjectMember{Org: o.ID, Role: role, Share: share, Pledged: f.sum("pledged." + id), Paid: f.sum("paid." + id)})
	}
	return list
}

// sum reads an amount of money in whole units; empty is nothing.
func (f *form) sum(name string) int64 {
	text := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "").Replace(f.Value(name))
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > comity.MaxProjectSum {
		f.Fail("shares", "project.error.sums")
		return 0
	}
	return n
}

func readMilestones(f *form) []comity.ProjectMilestone {
	var list []comity.ProjectMilestone
	for i := range comity.MaxProjectLines {
		n := strconv.Itoa(i)
		m := comity.ProjectMilestone{Title: f.Text("m.title."+n, act.MaxTitle), Due: f.Date("m.due." + n), Reached: f.Date("m.reached." + n)}
		if m != (comity.ProjectMilestone{}) {
			list = append(list, m)
		}
	}
	return list
}

func readDeliverables(f *form) []comity.ProjectDeliverable {
	var list []comity.ProjectDeliverable
	for i := range comity.MaxProjectLines {
		n := strconv.Itoa(i)
		d := comity.ProjectDeliverable{
			Title: f.Text("d.title."+n, act.MaxTitle), Due: f.Date("d.due." + n), Delivered: f.Date("d.delivered." + n), Where: f.Text("d.where."+n, act.MaxTitle),
		}
		if f.Value("d.revision."+n) != "" {
			d.Revision = f.Int("d.revision."+n, 1, 1<<20)
		}
		if id := f.Value("d.document." + n); id != "" {
			document, err := comity.ParseDocumentID(id)
			if err != nil {
				f.Fail("deliverables", "error.field.choice")
			}
			d.Document = document
		}
		if d != (comity.ProjectDeliverable{}) {
			list = append(list, d)
		}
	}
	return list
}

func readRisks(f *form) []comity.ProjectRisk {
	var list []comity.ProjectRisk
	for i := range comity.MaxProjectLines {
		n := strconv.Itoa(i)
		r := comity.ProjectRisk{
			Text: f.Text("r.text."+n, 2*act.MaxTitle), Likelihood: comity.Grade(f.Value("r.likelihood." + n)), Impact: comity.Grade(f.Value("r.impact." + n)),
			Response: f.Text("r.response."+n, 2*act.MaxTitle),
		}
		if r != (comity.ProjectRisk{}) {
			list = append(list, r)
		}
	}
	return list
}
