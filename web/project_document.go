package web

import (
	"strconv"

	"comity"
	"comity/document"
)

// projectDocument answers with a project as a document for paper: the charter, and the newest report first.
func (s *site) projectDocument(ending string) func(*call) error {
	return func(c *call) error {
		p, err := c.project()
		if err != nil {
			return err
		}
		v, err := c.projectView(p)
		if err != nil {
			return err
		}
		d := c.document(p.Title, c.locale.Date(comity.DateOf(s.now())), p.TLP)
		d.Blocks = c.locale.projectBlocks(v)
		return c.sendDocument("project", ending, d)
	}
}

func (l *locale) projectBlocks(v projectView) []document.Block {
	p := v.Project
	list := []document.Block{
		document.HeadingOf(1, l.T("project.charter")),
		document.ParagraphOf(document.Run{Text: l.T("project.state." + string(p.State)), Strong: true}),
	}
	for _, text := range paragraphs(p.Objective + "\n" + p.Scope) {
		list = append(list, document.ParagraphOf(document.Run{Text: text}))
	}
	list = append(list, document.TableOf(l.membersTable(v)))
	for _, t := range []document.Table{l.milestonesTable(p), l.deliverablesTable(v), l.risksTable(p)} {
		if len(t.Rows) > 0 {
			list = append(list, document.TableOf(t))
		}
	}
	if p.Lessons != "" {
		list = append(list, document.HeadingOf(1, l.T("project.field.lessons")))
		for _, text := range paragraphs(p.Lessons) {
			list = append(list, document.ParagraphOf(document.Run{Text: text}))
		}
	}
	list = append(list, document.HeadingOf(1, l.T("project.reports")))
	if len(v.Reports) == 0 {
		list = append(list, document.Remark(l.T("project.report.none")))
	}
	for _, r := range v.Reports {
		list = append(list, l.reportBlocks(r)...)
	}
	return list
}

func (l *locale) reportBlocks(r projectReport) []document.Block {
	list := []document.Block{document.ParagraphOf(
		document.Run{Text: l.T("project.report.number", "number", r.Number), Strong: true},
		document.Run{Text: " · " + l.Date(comity.DateOf(r.At)) + " · " + r.Acronym + " · "},
		document.Run{Text: l.T("action.rag." + string(r.RAG)), Strong: true},
	)}
	for _, text := range paragraphs(r.Narrative) {
		list = append(list, document.ParagraphOf(document.Run{Text: text}))
	}
	for _, text := range paragraphs(r.Next) {
		list = append(list, document.ParagraphOf(document.Run{Text: l.T("project.report.next") + " – ", Strong: true}, document.Run{Text: text}))
	}
	return list
}

// membersTable is who takes part; with what each pays, where the project costs something.
func (l *locale) membersTable(v projectView) document.Table {
	t := document.Table{Caption: l.T("project.members"), Headers: true, Columns: []document.Column{
		{Name: l.T("project.field.organization"), Weight: 1}, {Name: l.T("project.field.role"), Weight: 1},
	}}
	costs := v.Project.Currency != ""
	if costs {
		for _, name := range []string{"share", "pledged", "paid"} {
			t.Columns = append(t.Columns, document.Column{Name: l.T("project.field." + name), Weight: 1, Number: true})
		}
	}
	for _, m := range v.Members {
		row := [][]document.Run{document.Text(m.Acronym), document.Text(l.T("project.role." + string(m.Role)))}
		if costs {
			row = append(row, document.Text(m.Percent), document.Text(l.amount(m.Pledged)), document.Text(l.amount(m.Paid)))
		}
		t.Rows = append(t.Rows, row)
	}
	if costs {
		t.Rows = append(t.Rows, [][]document.Run{
			document.Strong(l.T("project.sum")), document.Text(v.Project.Currency), nil, document.Strong(l.amount(v.Pledged)), document.Strong(l.amount(v.Paid)),
		})
	}
	return t
}

func (l *locale) amount(n int64) string { return l.Decimal(float64(n), 0) }

func (l *locale) milestonesTable(p comity.Project) document.Table {
	t := l.pointsTable("project.milestones", "project.field.reached")
	for i, m := range p.Milestones {
		t.Rows = append(t.Rows, [][]document.Run{
			document.Text(strconv.Itoa(i+1) + ". " + m.Title), document.Text(l.Date(m.Due)), document.Text(l.Date(m.Reached)),
		})
	}
	return t
}

func (l *locale) deliverablesTable(v projectView) document.Table {
	t := l.pointsTable("project.deliverables", "project.field.delivered")
	for _, d := range v.Project.Deliverables {
		what := document.Strong(d.Title)
		for _, more := range nonEmpty(v.Titles[d.Document], d.Where) {
			what = append(what, document.Run{Text: " – " + more})
		}
		t.Rows = append(t.Rows, [][]document.Run{what, document.Text(l.Date(d.Due)), document.Text(l.Date(d.Delivered))})
	}
	return t
}

func (l *locale) pointsTable(caption, done string) document.Table {
	return document.Table{Caption: l.T(caption), Headers: true, Columns: []document.Column{
		{Name: l.T("project.field.title"), Weight: 3}, {Name: l.T("action.field.due"), Weight: 1}, {Name: l.T(done), Weight: 1},
	}}
}

func (l *locale) risksTable(p comity.Project) document.Table {
	t := document.Table{Caption: l.T("project.risks"), Headers: true, Columns: []document.Column{
		{Name: l.T("project.risk"), Weight: 2},
		{Name: l.T("project.field.likelihood"), Weight: 0.8},
		{Name: l.T("project.field.impact"), Weight: 0.8},
		{Name: l.T("project.field.response"), Weight: 2},
	}}
	for _, r := range p.Risks {
		t.Rows = append(t.Rows, [][]document.Run{
			document.Text(r.Text), document.Text(l.T("project.grade." + string(r.Likelihood))), document.Text(l.T("project.grade." + string(r.Impact))), document.Text(r.Response),
		})
	}
	return t
}
