package web

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"comity"
	"comity/document"
	"comity/storage"
)

// reporter makes the documents of reports: whose eyes it looks with, and how it writes.
type reporter struct {
	store   *storage.Store
	viewer  comity.Viewer
	group   comity.Group
	locales map[string]*locale
	now     time.Time
}

func (c *call) reporter() reporter {
	return reporter{store: c.site.store, viewer: c.viewer, group: c.group, locales: c.site.locales, now: c.site.now()}
}

// FrozenReport returns a report as it is to be frozen: with how much it leaves out, and its document in each of its
// languages. It is what the page does, for programs without one.
func FrozenReport(ctx context.Context, s *storage.Store, v comity.Viewer, r comity.GroupReport, now time.Time) (comity.GroupReport, []comity.ReportDocument, error) {
	locales, err := loadLocales()
	if err != nil {
		return r, nil, err
	}
	group, err := s.Group(ctx, v)
	if err != nil {
		return r, nil, err
	}
	return reporter{store: s, viewer: v, group: group, locales: locales, now: now}.frozen(ctx, r)
}

// frozen returns a report and its documents as they are frozen.
func (p reporter) frozen(ctx context.Context, r comity.GroupReport) (comity.GroupReport, []comity.ReportDocument, error) {
	f, err := p.facts(ctx, r)
	if err != nil {
		return r, nil, err
	}
	r.LeftOut = f.leftOut
	told := r
	told.State = comity.ReportFrozen // so that it does not call itself a draft
	var list []comity.ReportDocument
	for _, l := range r.Languages {
		d := p.document(told, f, l)
		if err := d.Check(); err != nil {
			return r, nil, err
		}
		text, err := json.Marshal(d)
		if err != nil {
			return r, nil, err
		}
		list = append(list, comity.ReportDocument{Language: l, Document: string(text)})
	}
	return r, list, nil
}

// reportFacts are what a report is made from besides its texts: only what its label lets in, and how much it left out.
type reportFacts struct {
	decisions []comity.Decision // the earliest first
	changes   []planChange
	releases  []comity.Release // the latest first
	projects  []toldProject
	leftOut   int
	unseen    int // items of the work-plan among those left out
	more      int // changes beyond the bound
}

// The bounds of a report.
const (
	briefPages    = 2  // that a brief fills at most
	briefChanges  = 10 // lines of the work-plan in a brief
	annualChanges = 400
	trendInReport = 8 // releases
)

// allowed reports whether a thing with this label may stand in a report with that one. What is unmarked never may.
func allowed(report, thing comity.TLP) bool { return comity.Strictest(report, thing) == report }

// facts reads what there is for the period of a report.
func (p reporter) facts(ctx context.Context, r comity.GroupReport) (reportFacts, error) {
	var f reportFacts
	if err := p.addDecisions(ctx, &f, r); err != nil {
		return f, err
	}
	if err := p.addPlanChanges(ctx, &f, r); err != nil {
		return f, err
	}
	if err := p.addProjects(ctx, &f, r); err != nil {
		return f, err
	}
	all, err := p.store.Releases(ctx, p.viewer, mostReleases)
	if err != nil {
		return f, err
	}
	for _, one := range all {
		switch {
		case r.Until.Before(comity.DateOf(one.AsOf)) || len(f.releases) == trendInReport:
		case r.Disclosed || allowed(r.TLP, comity.TLPGreen):
			f.releases = append(f.releases, one)
		case !comity.DateOf(one.AsOf).Before(r.From):
			f.leftOut++
		}
	}
	return f, nil
}

// addDecisions adds the decisions of the period. What an Executive Session decided stays among members, whatever its label.
func (p reporter) addDecisions(ctx context.Context, f *reportFacts, r comity.GroupReport) error {
	q := comity.DecisionQuery{From: r.From.Time(), Before: r.Until.AddDays(1).Time(), Limit: planFilePage}
	for ; ; q.Offset += planFilePage {
		page, err := p.store.Decisions(ctx, p.viewer, q)
		if err != nil {
			return err
		}
		for _, d := range page.Decisions {
			if d.MembersOnly || !allowed(r.TLP, d.TLP) {
				f.leftOut++
				continue
			}
			d.Text = decisionText(p.locales, d)
			f.decisions = append(f.decisions, d)
		}
		if q.Offset+planFilePage >= page.Total {
			slices.Reverse(f.decisions)
			return nil
		}
	}
}

// addPlanChanges adds what became of the group's items in the period. An item counts by the narrower of its labels then and
// now: it may have been marked again since.
func (p reporter) addPlanChanges(ctx context.Context, f *reportFacts, r comity.GroupReport) error {
	orgs, err := p.store.Organizations(ctx, p.viewer)
	if err != nil {
		return err
	}
	acronyms := map[comity.OrgID]string{}
	for _, o := range orgs {
		acronyms[o.ID] = o.Acronym
	}
	most := briefChanges
	if r.Kind == comity.ReportAnnual {
		most = annualChanges
	}
	from, until := endOfDay(r.From.AddDays(-1)), endOfDay(r.Until)
	for offset := 0; ; offset += planFilePage {
		found, err := p.store.PlanDifferences(ctx, p.viewer, from, until, planFilePage, offset)
		if err != nil {
			return err
		}
		now, err := p.labelsNow(ctx, found.Items)
		if err != nil {
			return err
		}
		for _, d := range found.Items {
			label, ok := now[d.Item.ID]
			switch {
			case d.Item.Audience != comity.AudienceGroup && !ok:
			case !ok || !allowed(r.TLP, comity.Strictest(label, d.Item.TLP)) || d.Item.Audience != comity.AudienceGroup:
				f.leftOut++
				f.unseen++
			case len(f.changes) == most:
				f.more++
			default:
				f.changes = append(f.changes, reportChange(d, acronyms))
			}
		}
		if offset+planFilePage >= found.Total {
			return nil
		}
	}
}

// labelsNow returns the labels that the group's items among these have now.
func (p reporter) labelsNow(ctx context.Context, list []comity.PlanDifference) (map[comity.ActionID]comity.TLP, error) {
	labels := map[comity.ActionID]comity.TLP{}
	if len(list) == 0 {
		return labels, nil
	}
	ids := make([]comity.ActionID, len(list))
	for i, d := range list {
		ids[i] = d.Item.ID
	}
	page, err := p.store.Actions(ctx, p.viewer, comity.ActionQuery{IDs: ids, Group: true, Limit: len(ids)})
	for _, a := range page.Actions {
		labels[a.ID] = a.TLP
	}
	return labels, err
}

// reportFields are the fields of an action item that a report tells: none in which what it was before could say more than
// its label allows now.
var reportFields = []string{"priority", "status", "progress", "due"}

func reportChange(d comity.PlanDifference, acronyms map[comity.OrgID]string) planChange {
	one := planChange{actionRow: actionRow{ActionItem: d.Item, OwnerAcronym: acronyms[d.Item.Owner]}, New: d.New, Gone: d.Gone}
	for _, change := range d.Changes {
		if slices.Contains(reportFields, change.Field) {
			one.Changes = append(one.Changes, historyChange{Field: change.Field, Old: change.Old, New: change.New})
		}
	}
	return one
}

// reportBuilder makes the document of a report in one language.
type reportBuilder struct {
	*locale
	report comity.GroupReport
	facts  reportFacts
	blocks []document.Block
	number int // of the last paragraph
}

// document returns the document of a report in one of its languages.
func (p reporter) document(r comity.GroupReport, f reportFacts, language string) document.Doc {
	l := p.locales[language]
	b := reportBuilder{locale: l, report: r, facts: f}
	for _, s := range r.Sections {
		b.section(s)
	}
	if f.leftOut > 0 {
		b.add(document.Remark(l.T("report.left_out", "count", f.leftOut, "label", r.TLP.String())))
	}
	title := l.T("report.heading."+string(r.Kind), "parent", cmp.Or(p.group.ParentNetwork, l.T("report.parent")), "number", strconv.Itoa(r.Number))
	d := newDocument(l, p.group, p.now, title, l.T("report.period", "from", plain(l.Date(r.From)), "until", plain(l.Date(r.Until))), r.TLP)
	if r.Kind == comity.ReportBrief {
		d.Pages = briefPages
	}
	d.Blocks = b.blocks
	if r.State != comity.ReportFrozen {
		d.Notice = strings.Join(nonEmpty(d.Notice, l.T("report.draft_notice")), " · ")
	}
	return d
}

func (b *reportBuilder) add(blocks ...document.Block) { b.blocks = append(b.blocks, blocks...) }

// paragraph adds a numbered paragraph.
func (b *reportBuilder) paragraph(runs ...document.Run) {
	b.number++
	b.add(document.Block{Kind: document.Paragraph, Number: strconv.Itoa(b.number) + ".", Runs: runs})
}

// section adds a section, unless there is nothing to say in it.
func (b *reportBuilder) section(s comity.ReportSection) {
	start := len(b.blocks)
	title, _ := inLanguage(s.Titles, b.lang)
	if title == "" {
		title = b.T("report.part." + string(s.Part))
	}
	b.add(document.HeadingOf(1, title))
	text, language := inLanguage(s.Texts, b.lang)
	for _, p := range paragraphs(text) {
		run := document.Run{Text: p}
		if language != b.lang {
			run.Language = language
		}
		b.paragraph(run)
	}
	switch s.Part {
	case comity.PartDecisions:
		b.decisions()
	case comity.PartWorkPlan:
		b.workPlan()
	case comity.PartExposure:
		b.exposure()
	case comity.PartProjects:
		b.projects()
	case comity.PartText, comity.PartRequests:
	}
	if len(b.blocks) == start+1 {
		b.blocks = b.blocks[:start] // only its heading
	}
}

// inLanguage returns the text in a language, else in English, else in any, and the language that it is in.
func inLanguage(texts map[string]string, language string) (text, in string) {
	for _, l := range append([]string{language, "en"}, Languages...) {
		if texts[l] != "" {
			return texts[l], l
		}
	}
	return "", language
}

// paragraphs returns the lines of a text that hold something.
func paragraphs(text string) []string {
	var list []string
	for _, p := range strings.Split(text, "\n") {
		if p = strings.TrimSpace(p); p != "" {
			list = append(list, p)
		}
	}
	return list
}

// decisions adds one paragraph for each, under its number.
func (b *reportBuilder) decisions() {
	for _, d := range b.facts.decisions {
		runs := []document.Run{{Text: b.apart(d.Number), Strong: true}, {Text: b.T("report.decision", "date", plain(b.Date(comity.DateOf(d.Adopted))))}, {Text: d.Text}}
		if d.Provisional {
			runs = append(runs, document.Run{Text: b.T("report.provisional"), Emphasis: true})
		}
		b.paragraph(runs...)
	}
}

// workPlan adds how many items came, were finished or changed, and a table of them.
func (b *reportBuilder) workPlan() {
	added, done, changed := 0, 0, b.facts.more
	for _, d := range b.facts.changes {
		switch {
		case d.New:
			added++
		case !d.IsOpen():
			done++
		default:
			changed++
		}
	}
	if len(b.facts.changes) == 0 {
		key := "report.plan.none"
		if b.facts.unseen > 0 {
			key = "report.plan.unseen"
		}
		b.paragraph(document.Run{Text: b.T(key)})
		return
	}
	b.paragraph(document.Run{Text: b.T("report.plan.counts", "added", added, "closed", done, "changed", changed)})
	t := document.Table{Caption: b.T("report.plan.caption"), Headers: true, Columns: []document.Column{
		{Name: b.T("action.field.title"), Weight: 3},
		{Name: b.T("action.field.owner"), Weight: 0.9},
		{Name: b.T("report.plan.change"), Weight: 2.6},
		{Name: b.T("action.field.done"), Weight: 0.9, Number: true},
	}}
	for _, d := range b.facts.changes {
		t.Rows = append(t.Rows, [][]document.Run{document.Text(d.Title), document.Text(d.OwnerAcronym), document.Text(b.change(d)), document.Text(b.Percent(d.Done()))})
	}
	b.add(document.TableOf(t))
	if b.facts.more > 0 {
		b.add(document.Remark(b.T("report.plan.more", "count", b.facts.more)))
	}
}

// change writes what became of an item.
func (b *reportBuilder) change(d planChange) string {
	switch {
	case d.New:
		return b.T("report.plan.new")
	case d.Gone:
		return b.T("report.plan.gone")
	}
	var list []string
	for _, h := range d.Changes {
		list = append(list, b.T("report.plan.field", "field", plain(b.T("action.field."+fieldKey(h.Field))), "old", plain(b.value(h.Field, h.Old)), "new", plain(b.value(h.Field, h.New))))
	}
	if len(list) == 0 {
		return b.T("report.plan.edited")
	}
	return strings.Join(list, "\n")
}

// fieldKey returns the key of a field's short name.
func fieldKey(field string) string {
	if field == "progress" {
		return "done"
	}
	return field
}

// value writes the value of a field as revisions keep it.
func (b *reportBuilder) value(field, value string) string {
	switch field {
	case "priority", "status":
		return b.T("action." + field + "." + value)
	case "progress":
		n, _ := strconv.Atoi(value) // stored by us
		return b.Percent(float64(n) / 100)
	default:
		day, err := comity.ParseDate(value)
		if err != nil || day.IsZero() {
			return "–"
		}
		return b.Date(day)
	}
}

// exposure adds the trend of the headline over releases, and the last of them beside the one before.
func (b *reportBuilder) exposure() {
	releases := b.facts.releases
	if len(releases) == 0 {
		b.paragraph(document.Run{Text: b.T("report.exposure.none")})
		return
	}
	last := releases[0]
	b.paragraph(document.Run{Text: b.T("report.exposure.lead", "number", strconv.Itoa(last.Number), "date", plain(b.Date(comity.DateOf(last.AsOf))), "count", last.Contributors)})
	b.add(document.FigureOf(b.trendFigure(releases)))
	if len(releases) > 1 {
		b.add(document.TableOf(b.comparison(releases[1], last)))
	}
	b.add(document.Remark(b.T("report.exposure.rule")))
}

func (b *reportBuilder) trendFigure(releases []comity.Release) document.Drafted {
	f := document.Drafted{Caption: b.T("report.exposure.caption"), Line: true}
	s := document.Series{Name: f.Caption}
	highest := 0.0
	var told []string
	for _, r := range slices.Backward(releases) {
		any := r.Figure("headline", "any", "")
		p := document.Point{Value: any.Value, Text: b.anyText(any)}
		if !any.Published {
			p = document.Point{Missing: true, Text: b.T("report.withheld")}
		}
		highest = max(highest, p.Value)
		s.Points = append(s.Points, p)
		f.Categories = append(f.Categories, b.apart(r.Period))
		told = append(told, b.apart(r.Period)+": "+p.Text)
	}
	f.Series, f.Ticks = []document.Series{s}, b.ticks(highest)
	f.Alt = f.Caption + ". " + strings.Join(told, b.T("app.comma")) + "."
	return f
}

// apart sets a period such as "2026-Q3" apart, so that a right-to-left language does not turn it around.
func (l *locale) apart(s string) string { return l.isolated(s) }

// ticks returns a scale of shares that reaches beyond the highest.
func (b *reportBuilder) ticks(highest float64) []document.Tick {
	top := 1.0
	for _, t := range []float64{0.8, 0.6, 0.4, 0.2, 0.1} {
		if highest <= t*0.94 {
			top = t
		}
	}
	var list []document.Tick
	for i := range 5 {
		x := top * float64(i) / 4
		list = append(list, document.Tick{Value: x, Text: b.percentOf(x, digitsOf(top))})
	}
	return list
}

// digitsOf returns how many digits a quarter of a scale needs, in per cent.
func digitsOf(top float64) int {
	if top < 0.2 {
		return 1
	}
	return 0
}

// comparison is a table of two releases; what either withholds is said to be withheld.
func (b *reportBuilder) comparison(before, now comity.Release) document.Table {
	t := document.Table{Caption: b.T("report.exposure.compared"), Headers: true, Columns: []document.Column{
		{Name: b.T("release.compare.figure"), Weight: 3},
		{Name: b.apart(before.Period), Number: true},
		{Name: b.apart(now.Period), Number: true},
		{Name: b.T("release.compare.change"), Weight: 1.2, Number: true},
	}}
	shown := func(text string, why comity.Withholding) []document.Run {
		if why != "" {
			return []document.Run{{Text: b.T("report.withheld"), Emphasis: true}}
		}
		return document.Text(text)
	}
	for _, one := range b.compare(before, now) {
		change := one.Change
		if change == "" {
			change = "–"
		}
		t.Rows = append(t.Rows, [][]document.Run{document.Text(one.Name), shown(one.Was, one.WasWhy), shown(one.Is, one.IsWhy), document.Text(change)})
	}
	return t
}
