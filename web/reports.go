package web

import (
	"html/template"
	"slices"
	"strconv"

	"comity"
	"comity/document"
)

func (s *site) reports(r *routes) {
	r.handle("GET /reports", readers, s.listReports)
	r.handle("GET /reports/new", reportWriters, s.newReport)
	r.handle("POST /reports/new", reportWriters, s.createReport)
	r.handle("GET /reports/{id}", readers, s.showReport)
	r.handle("GET /reports/{id}/{language}/{file}", readers, s.reportFile)
	r.handle("GET /reports/{id}/edit", reportWriters, s.editReport)
	r.handle("POST /reports/{id}/edit", reportWriters, s.saveReport)
	r.handle("POST /reports/{id}/freeze", reportWriters, s.freezeReport)
	r.handle("POST /reports/{id}/delete", reportWriters, s.deleteReport)
	r.handle("GET /report-templates/{kind}", reportWriters, s.editTemplate)
	r.handle("POST /report-templates/{kind}", reportWriters, s.saveTemplate)
}

// reportWriters admits those who write reports.
func reportWriters(c *call) error { return c.require(c.viewer.WritesReports()) }

// reportsView is the page of all reports.
type reportsView struct {
	view
	Rows   []comity.GroupReport
	Paging paging
	Writes bool
	Kinds  []comity.ReportKind
}

func (s *site) listReports(c *call) error {
	query := c.r.URL.Query()
	v := reportsView{view: c.view(), Writes: c.viewer.WritesReports(), Kinds: comity.ReportKinds}
	q := comity.ReportQuery{Limit: pageSize, Offset: offsetOf(query)}
	page, err := s.store.Reports(c.ctx(), c.viewer, q)
	if err != nil {
		return err
	}
	v.Rows, v.Marking = page.Reports, comity.TLPClear
	for _, r := range page.Reports {
		v.Marking = comity.Strictest(v.Marking, r.TLP)
	}
	v.Paging = pagingOf("/reports", query, q.Offset, len(page.Reports), page.Total)
	return c.render("reports/list", v)
}

// reportView is one report in one of its languages.
type reportView struct {
	view
	Report  comity.GroupReport
	Heading string
	Reading string // language
	ReadDir string
	Content template.HTML // escaped by package document
	Endings []string
	Writes  bool
	Removes bool // it is the last one
	LeftOut int
}

func (s *site) showReport(c *call) error {
	r, err := c.report()
	if err != nil {
		return err
	}
	language := c.reportLanguage(r, c.r.URL.Query().Get("language"))
	d, leftOut, err := c.documentOf(r, language)
	if err != nil {
		return err
	}
	content, err := document.Fragment(d)
	if err != nil {
		return err
	}
	v := reportView{
		view: c.view(), Report: r, Heading: d.Title, Reading: language, ReadDir: s.locales[language].dir,
		Content: template.HTML(content), //nolint:gosec // package document escapes every text
		Endings: documentEndings, Writes: c.viewer.WritesReports(), LeftOut: leftOut,
	}
	v.Marking = r.TLP
	if v.Writes && r.State == comity.ReportDraft {
		last, err := s.store.Reports(c.ctx(), c.viewer, comity.ReportQuery{Limit: 1})
		if err != nil {
			return err
		}
		v.Removes = len(last.Reports) > 0 && last.Reports[0].ID == r.ID
	}
	return c.render("reports/show", v)
}

// report returns the report in the path, which the viewer may see.
func (c *call) report() (comity.GroupReport, error) {
	id, err := comity.ParseReportID(c.r.PathValue("id"))
	if err != nil {
		return comity.GroupReport{}, comity.Errorf(comity.NotFound, "no such report")
	}
	return c.site.store.Report(c.ctx(), c.viewer, id)
}

// reportLanguage returns the language in which a report is read: the one that is asked for, the page's, or its first.
func (c *call) reportLanguage(r comity.GroupReport, asked string) string {
	for _, l := range []string{asked, c.locale.lang, "en"} {
		if slices.Contains(r.Languages, l) {
			return l
		}
	}
	return r.Languages[0]
}

// documentOf returns a report in one of its languages, and how much it leaves out: as it was frozen, or as it would be now.
func (c *call) documentOf(r comity.GroupReport, language string) (document.Doc, int, error) {
	if r.State == comity.ReportFrozen {
		text, err := c.site.store.ReportDocument(c.ctx(), c.viewer, r.ID, language)
		if err != nil {
			return document.Doc{}, 0, err
		}
		d, err := document.Parse([]byte(text), comity.MaxReportDocument)
		return d, r.LeftOut, err
	}
	p := c.reporter()
	f, err := p.facts(c.ctx(), r)
	return p.document(r, f, language), f.leftOut, err
}

// reportFile answers with a report as a file, such as /reports/rpt_…/ar/report.pdf.
func (s *site) reportFile(c *call) error {
	r, err := c.report()
	if err != nil {
		return err
	}
	language := c.r.PathValue("language")
	ending, ok := reportEnding(c.r.PathValue("file"))
	if !ok || !slices.Contains(r.Languages, language) {
		return comity.Errorf(comity.NotFound, "no such file of the report")
	}
	d, _, err := c.documentOf(r, language)
	if err != nil {
		return err
	}
	return c.sendDocument(string(r.Kind)+"-"+strconv.Itoa(r.Number)+"-"+language, ending, d)
}

func reportEnding(file string) (string, bool) {
	for _, ending := range documentEndings {
		if file == "report."+ending {
			return ending, true
		}
	}
	return "", false
}

// freezeReport freezes a draft as it would be read now, in each of its languages.
func (s *site) freezeReport(c *call) error {
	f, err := c.form("revision")
	if err != nil {
		return err
	}
	r, err := c.report()
	if err != nil {
		return err
	}
	r.Revision = f.Int("revision", 0, 1<<30)
	r, documents, err := c.reporter().frozen(c.ctx(), r)
	if err != nil {
		return err
	}
	if _, err := s.store.FreezeReport(c.ctx(), c.viewer, r, documents, s.now()); err != nil {
		return err
	}
	c.flash("report.frozen_now")
	return c.redirect("/reports/" + string(r.ID))
}

func (s *site) deleteReport(c *call) error {
	f, err := c.form("revision")
	if err != nil {
		return err
	}
	r, err := c.report()
	if err != nil {
		return err
	}
	if err := s.store.DeleteReport(c.ctx(), c.viewer, r.ID, f.Int("revision", 0, 1<<30)); err != nil {
		return err
	}
	c.flash("report.deleted")
	return c.redirect("/reports")
}
