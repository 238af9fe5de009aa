package web

import (
	"comity"
	"comity/document"
)

// sheetDocument answers with the directory's sheet as a document for paper, as far as the viewer sees it.
func (s *site) sheetDocument(ending string) func(*call) error {
	return func(c *call) error {
		v, err := c.directory()
		if err != nil {
			return err
		}
		d := c.document(c.t("members.sheet.title"), c.locale.Moment(v.At), v.Marking)
		if t := c.locale.sheetTable(v); len(t.Rows) > 0 {
			d.Blocks = []document.Block{document.TableOf(t)}
		} else {
			d.Blocks = []document.Block{document.Remark(c.t("document.empty"))}
		}
		return c.sendDocument("contacts", ending, d)
	}
}

// sheetTable is a table of contacts; how to reach them is for those who see it.
func (l *locale) sheetTable(v membersView) document.Table {
	t := document.Table{Caption: l.T("members.sheet.title"), Headers: true, Columns: []document.Column{
		{Name: l.T("members.sheet.organization"), Weight: 0.9},
		{Name: l.T("members.sheet.function"), Weight: 1.4},
		{Name: l.T("members.field.name"), Weight: 1.8},
	}}
	if v.Full {
		t.Columns = append(t.Columns, document.Column{Name: l.T("members.field.phone"), Weight: 1.5}, document.Column{Name: l.T("members.field.email"), Weight: 2.2})
	}
	t.Columns = append(t.Columns, document.Column{Name: l.T("members.sheet.verified"), Weight: 1.2})
	for _, m := range v.Members {
		for _, one := range m.Contacts {
			t.Rows = append(t.Rows, l.sheetRow(v, m, one))
		}
	}
	return t
}

func (l *locale) sheetRow(v membersView, m member, one contactRow) [][]document.Run {
	row := [][]document.Run{document.Text(m.Acronym), document.Text(l.T("members.function." + string(one.Function))), document.Text(one.Name)}
	if v.Full {
		row = append(row, document.Text(l.isolated(one.Phone)), document.Text(l.isolated(one.Email)))
	}
	verified := l.T("members.sheet.never")
	if !one.Verified.IsZero() {
		verified = l.Date(comity.DateOf(one.Verified))
	}
	return append(row, document.Text(verified))
}
