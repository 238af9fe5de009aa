package web

import (
	"cmp"

	"comity"
	"comity/document"
)

// planDocument answers with the selection of the work-plan as a document for paper.
func (s *site) planDocument(ending string) func(*call) error {
	return func(c *call) error {
		f := planFilterOf(c.r.URL.Query())
		items, err := c.planItems(f)
		if err != nil {
			return err
		}
		acronyms, err := c.acronyms()
		if err != nil {
			return err
		}
		marking := comity.TLPClear
		rows := c.actionRows(items, acronyms, &marking)
		day := comity.DateOf(s.now())
		if !f.AsOf.IsZero() {
			day = f.AsOf
		}
		d := c.document(c.t("action.title"), c.locale.Date(day), marking)
		if len(rows) == 0 {
			d.Blocks = []document.Block{document.Remark(c.t("document.empty"))}
		} else {
			d.Blocks = []document.Block{document.TableOf(c.locale.planTable(rows))}
		}
		return c.sendDocument("work-plan", ending, d)
	}
}

// planItems reads the whole selection, up to the bound of files.
func (c *call) planItems(f planFilter) ([]comity.ActionItem, error) {
	var list []comity.ActionItem
	q := c.planQuery(f)
	for q.Limit = planFilePage; len(list) < planFileRows; q.Offset += planFilePage {
		page, err := c.site.store.Actions(c.ctx(), c.viewer, q)
		if err != nil {
			return nil, err
		}
		list = append(list, page.Actions...)
		if len(page.Actions) < planFilePage {
			break
		}
	}
	return list, nil
}

// planTable is a table of action items, each with its own label.
func (l *locale) planTable(rows []actionRow) document.Table {
	t := document.Table{Caption: l.T("action.title"), Headers: true, Columns: []document.Column{
		{Name: l.T("action.field.title"), Weight: 3.6},
		{Name: l.T("action.field.owner"), Weight: 1},
		{Name: l.T("action.field.priority"), Weight: 1},
		{Name: l.T("action.field.due"), Weight: 1.4},
		{Name: l.T("action.field.status"), Weight: 1.3},
		{Name: l.T("action.field.done"), Weight: 0.9, Number: true},
	}}
	for _, r := range rows {
		title := []document.Run{{Text: r.Title, Strong: true}, {Text: " " + cmp.Or(actionMarking(r.ActionItem).String(), l.T("document.unmarked"))}}
		t.Rows = append(t.Rows, [][]document.Run{
			title, document.Text(r.OwnerAcronym), document.Text(l.T("action.priority." + string(r.Priority))), document.Text(l.Date(r.Due)),
			document.Text(l.T("action.status." + string(r.Status))), document.Text(l.Percent(r.Done())),
		})
	}
	return t
}
