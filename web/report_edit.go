package web

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"comity"
)

// reportForm is the page on which a report is begun or written.
type reportForm struct {
	view
	Report   comity.GroupReport
	New      bool
	Form     *form
	Kinds    []comity.ReportKind
	Labels   []comity.TLP
	Writing  string // language of the texts
	WriteDir string
	Sections []sectionField
}

// sectionField is one section in a form.
type sectionField struct {
	Index int
	Part  comity.ReportPart
	Usual string // title in the language that is written, where none is given
}

// Name returns the name of a field of the section.
func (s sectionField) Name(field string) string { return field + "." + strconv.Itoa(s.Index) }

var reportLabels = []comity.TLP{comity.TLPClear, comity.TLPGreen, comity.TLPAmber, comity.TLPAmberStrict}

var reportFieldNames = []string{"kind", "from", "until", "tlp", "disclosed", "languages", "revision", "language", "title.*", "text.*"}

func (c *call) reportForm(r comity.GroupReport, f *form, writing string) reportForm {
	if !slices.Contains(Languages, writing) {
		writing = c.locale.lang
		if len(r.Languages) > 0 {
			writing = c.reportLanguage(r, "")
		}
	}
	v := reportForm{
		view: c.view(), Report: r, New: r.Revision == 0, Form: f, Kinds: comity.ReportKinds, Labels: reportLabels, Writing: writing, WriteDir: c.site.locales[writing].dir,
	}
	v.Marking = cmp.Or(r.TLP, comity.TLPGreen)
	for i, s := range r.Sections {
		v.Sections = append(v.Sections, sectionField{i, s.Part, c.site.locales[writing].T("report.part." + string(s.Part))})
	}
	if f == nil {
		v.Form = reportValues(r, writing)
	}
	return v
}

// reportValues returns a form that shows a report as it is.
func reportValues(r comity.GroupReport, writing string) *form {
	values := map[string]string{"kind": string(r.Kind), "from": r.From.String(), "until": r.Until.String(), "tlp": r.TLP.String()}
	if r.Disclosed {
		values["disclosed"] = "1"
	}
	addSections(values, r.Sections, writing)
	f := formOf(values)
	f.values["languages"] = r.Languages
	return f
}

func addSections(values map[string]string, list []comity.ReportSection, writing string) {
	for i, s := range list {
		values["title."+strconv.Itoa(i)] = s.Titles[writing]
		values["text."+strconv.Itoa(i)] = s.Texts[writing]
	}
}

// newReport proposes the period since the last frozen report.
func (s *site) newReport(c *call) error {
	r := comity.GroupReport{Kind: comity.ReportBrief, TLP: comity.TLPClear, Until: comity.DateOf(s.now()), Languages: []string{"en"}}
	if k := comity.ReportKind(c.r.URL.Query().Get("kind")); slices.Contains(comity.ReportKinds, k) {
		r.Kind = k
	}
	last, err := s.store.Reports(c.ctx(), c.viewer, comity.ReportQuery{State: comity.ReportFrozen, Kind: r.Kind, Limit: 1})
	if err != nil {
		return err
	}
	r.From = r.Until.AddDays(-90)
	if len(last.Reports) > 0 && last.Reports[0].Until.Before(r.Until) {
		r.From = last.Reports[0].Until.AddDays(1)
	}
	return c.render("reports/edit", c.reportForm(r, nil, ""))
}

func (s *site) createReport(c *call) error {
	f, err := c.form(reportFieldNames...)
	if err != nil {
		return err
	}
	var r comity.GroupReport
	r.Kind = comity.ReportKind(f.Choice("kind", string(comity.ReportBrief), string(comity.ReportAnnual)))
	readReport(f, &r)
	if !f.OK() {
		return c.renderInvalid("reports/edit", c.reportForm(r, f, ""))
	}
	template, err := s.store.ReportTemplate(c.ctx(), c.viewer, r.Kind)
	if err != nil {
		return err
	}
	r.Sections = template.Sections
	if r.ID, err = newID(comity.MakeReportID); err != nil {
		return err
	}
	if r, err = s.store.PutReport(c.ctx(), c.viewer, r, s.now()); err != nil {
		return err
	}
	c.flash("report.created")
	return c.redirect("/reports/" + string(r.ID) + "/edit")
}

// readReport reads what a report is, without its texts.
func readReport(f *form, r *comity.GroupReport) {
	r.From, r.Until = f.Date("from"), f.Date("until")
	if f.OK() && (r.From.IsZero() || r.Until.IsZero() || r.Until.Before(r.From)) {
		f.Fail("until", "report.error.period")
	}
	label, err := comity.ParseTLP(f.Value("tlp"))
	if err != nil || !slices.Contains(reportLabels, label) {
		f.Fail("tlp", "error.field.choice")
	}
	r.TLP, r.Disclosed = label, f.Flag("disclosed")
	r.Languages = slices.Clone(f.Values("languages"))
	slices.Sort(r.Languages)
	r.Languages = slices.Compact(r.Languages)
	known := !slices.ContainsFunc(r.Languages, func(l string) bool { return !slices.Contains(Languages, l) })
	if len(r.Languages) == 0 || !known {
		f.Fail("languages", "report.error.languages")
		r.Languages = nil
	}
}

func (s *site) editReport(c *call) error {
	r, err := c.report()
	if err != nil {
		return err
	}
	if r.State == comity.ReportFrozen {
		return comity.Errorf(comity.Conflict, "the report is frozen: it does not change any more")
	}
	return c.render("reports/edit", c.reportForm(r, nil, c.r.URL.Query().Get("language")))
}

func (s *site) saveReport(c *call) error {
	r, err := c.report()
	if err != nil {
		return err
	}
	f, err := c.form(reportFieldNames...)
	if err != nil {
		return err
	}
	writing := f.Choice("language", Languages...)
	r.Revision = f.Int("revision", 0, 1<<30)
	readReport(f, &r)
	r.Sections = readSections(f, r.Sections, writing)
	if !f.OK() {
		return c.renderInvalid("reports/edit", c.reportForm(r, f, writing))
	}
	if _, err := s.store.PutReport(c.ctx(), c.viewer, r, s.now()); err != nil {
		return err
	}
	c.flash("report.saved")
	return c.redirect("/reports/" + string(r.ID) + "?language=" + writing)
}

// readSections returns sections with what was written in one language; the others stay as they are.
func readSections(f *form, list []comity.ReportSection, writing string) []comity.ReportSection {
	out := slices.Clone(list)
	for i := range out {
		n := strconv.Itoa(i)
		out[i].Titles = withText(out[i].Titles, writing, f.Text("title."+n, comity.MaxReportTitle))
		out[i].Texts = withText(out[i].Texts, writing, f.Text("text."+n, comity.MaxReportText))
	}
	return out
}

func withText(texts map[string]string, language, text string) map[string]string {
	out := maps.Clone(texts)
	if out == nil {
		out = map[string]string{}
	}
	out[language] = text
	if text == "" {
		delete(out, language)
	}
	return out
}

// templateForm is the page on which a template is changed.
type templateForm struct {
	view
	Template comity.ReportTemplate
	Form     *form
	Kinds    []comity.ReportKind
	Parts    []comity.ReportPart
	Writing  string
	WriteDir string
	Rows     []sectionField
}

// spareSections is how many empty sections the form of a template has.
const spareSections = 2

func (c *call) templateForm(t comity.ReportTemplate, f *form, writing string) templateForm {
	if !slices.Contains(Languages, writing) {
		writing = c.locale.lang
	}
	v := templateForm{
		view: c.view(), Template: t, Form: f, Kinds: comity.ReportKinds, Parts: comity.ReportParts, Writing: writing, WriteDir: c.site.locales[writing].dir,
	}
	v.Marking = comity.TLPGreen
	for i := range min(len(t.Sections)+spareSections, comity.MaxReportSections) {
		row := sectionField{Index: i}
		if i < len(t.Sections) {
			row.Part = t.Sections[i].Part
			row.Usual = c.site.locales[writing].T("report.part." + string(row.Part))
		}
		v.Rows = append(v.Rows, row)
	}
	if f == nil {
		values := map[string]string{}
		addSections(values, t.Sections, writing)
		for i, s := range t.Sections {
			values["part."+strconv.Itoa(i)], values["order."+strconv.Itoa(i)] = string(s.Part), strconv.Itoa(i+1)
		}
		v.Form = formOf(values)
	}
	return v
}

func (s *site) template(c *call) (comity.ReportTemplate, error) {
	return s.store.ReportTemplate(c.ctx(), c.viewer, comity.ReportKind(c.r.PathValue("kind")))
}

func (s *site) editTemplate(c *call) error {
	t, err := s.template(c)
	if err != nil {
		return err
	}
	return c.render("reports/template", c.templateForm(t, nil, c.r.URL.Query().Get("language")))
}

func (s *site) saveTemplate(c *call) error {
	t, err := s.template(c)
	if err != nil {
		return err
	}
	f, err := c.form("language", "version", "part.*", "order.*", "title.*", "text.*")
	if err != nil {
		return err
	}
	writing := f.Choice("language", Languages...)
	t.Version = f.Int("version", 0, 1<<30)
	changed := t
	changed.Sections = readTemplate(f, t.Sections, writing)
	if len(changed.Sections) == 0 {
		f.Fail("part.0", "report.error.sections")
	}
	if !f.OK() {
		return c.renderInvalid("reports/template", c.templateForm(t, f, writing))
	}
	if _, err := s.store.PutReportTemplate(c.ctx(), c.viewer, changed, s.now()); err != nil {
		return err
	}
	c.flash("report.template.saved")
	return c.redirect("/report-templates/" + string(t.Kind) + "?language=" + writing)
}

// readTemplate returns the sections in the order that was chosen, without those that were taken out.
func readTemplate(f *form, list []comity.ReportSection, writing string) []comity.ReportSection {
	padded := slices.Clone(list)
	for range min(spareSections, comity.MaxReportSections-len(list)) {
		padded = append(padded, comity.ReportSection{})
	}
	type ordered struct {
		comity.ReportSection
		order int
	}
	var kept []ordered
	for i, s := range readSections(f, padded, writing) {
		n := strconv.Itoa(i)
		if f.Value("part."+n) == "" {
			continue
		}
		s.Part = comity.ReportPart(f.Choice("part."+n, partNames()...))
		order := comity.MaxReportSections + i
		if f.Value("order."+n) != "" {
			order = f.Int("order."+n, 1, 99)
		}
		kept = append(kept, ordered{s, order})
	}
	slices.SortStableFunc(kept, func(a, b ordered) int { return cmp.Compare(a.order, b.order) })
	var sections []comity.ReportSection
	for _, k := range kept {
		sections = append(sections, k.ReportSection)
	}
	return sections
}

func partNames() []string {
	var names []string
	for _, p := range comity.ReportParts {
		names = append(names, string(p))
	}
	return names
}
