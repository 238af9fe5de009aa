package web

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"comity"
	"comity/intake/profile"
)

func (s *site) releases(r *routes) {
	r.handle("GET /releases", readers, s.listReleases)
	r.handle("GET /releases/new", publishers, s.previewRelease)
	r.handle("POST /releases/new", publishers, s.publishRelease)
	r.handle("GET /releases/{number}", readers, s.showRelease)
	r.handle("GET /releases/{number}/release.json", readers, s.releaseJSON)
	r.handle("GET /releases/{number}/release.csv", readers, s.releaseCSV)
}

// publishers admits those who may publish a release before its schedule.
func publishers(c *call) error { return c.require(c.viewer.Publishes()) }

// mostReleases is how many releases the list shows: fifty years of quarters.
const mostReleases = 200

// releasesView is the page of all releases.
type releasesView struct {
	view
	Rows      []releaseRow
	Trend     *trendChart
	Next      comity.Date // when the next is due; zero: nothing was released yet
	Late      bool
	Publishes bool
}

// releaseRow is one release in the list.
type releaseRow struct {
	comity.Release
	Any         comity.Figure
	Figures     int // published
	Withheld    []withheldCount
	Published   comity.Publication
	By          string // acronym of the organisation whose co-chair or secretariat published it; empty: nobody's
	Contributed string // key of whether the viewer's organisation took part; empty: it was not asked
}

// withheldCount is how many figures one reason holds back.
type withheldCount struct {
	Why   comity.Withholding
	Count int
}

func (s *site) listReleases(c *call) error {
	releases, err := s.store.Releases(c.ctx(), c.viewer, mostReleases)
	if err != nil {
		return err
	}
	published, err := s.publications(c)
	if err != nil {
		return err
	}
	v := releasesView{view: c.view(), Publishes: c.viewer.Publishes(), Trend: c.releaseTrend(releases[:min(len(releases), trendReleases)])}
	v.Marking = comity.TLPGreen
	for _, r := range releases {
		v.Rows = append(v.Rows, c.releaseRow(r, published))
	}
	if len(releases) > 0 {
		v.Next = releases[0].Next
		v.Late = v.Next.Before(comity.DateOf(s.now()))
	}
	return c.render("releases/list", v)
}

// publication is how a release was published, and by whom.
type publication struct {
	comity.Publication
	by string
}

func (s *site) publications(c *call) (map[comity.ReleaseID]publication, error) {
	list, err := s.store.Publications(c.ctx(), c.viewer)
	if err != nil {
		return nil, err
	}
	owners, err := s.owners(c)
	if err != nil {
		return nil, err
	}
	byID := map[comity.ReleaseID]publication{}
	for _, p := range list {
		byID[p.Release] = publication{p, owners[p.Org].Acronym}
	}
	return byID, nil
}

func (c *call) releaseRow(r comity.Release, published map[comity.ReleaseID]publication) releaseRow {
	p := published[r.ID]
	row := releaseRow{
		Release: r, Any: r.Figure("headline", "any", ""), Withheld: withheldCounts(r), Published: p.Publication, By: p.by,
		Contributed: c.contributed(r),
	}
	for _, f := range r.Figures {
		if f.Published {
			row.Figures++
		}
	}
	return row
}

// contributed returns the key of whether the viewer's own organisation took part; empty if it was not of the cohort.
func (c *call) contributed(r comity.Release) string {
	switch org := c.viewer.Org(); {
	case slices.Contains(contributorsOf(r), org):
		return "release.contributed.yes"
	case slices.Contains(r.Cohort, org):
		return "release.contributed.no"
	default:
		return ""
	}
}

// contributorsOf returns who took part; releases that do not say so had their whole cohort.
func contributorsOf(r comity.Release) []comity.OrgID {
	if len(r.Contributed) > 0 {
		return r.Contributed
	}
	return r.Cohort
}

// withheldCounts returns how many figures each reason holds back, the curve among them, most first.
func withheldCounts(r comity.Release) []withheldCount {
	counts := map[comity.Withholding]int{}
	for _, f := range r.Figures {
		if !f.Published {
			counts[why(f)]++
		}
	}
	if len(r.Curve) == 0 {
		counts[curveWhy(r)]++
	}
	var list []withheldCount
	for w, n := range counts {
		list = append(list, withheldCount{w, n})
	}
	slices.SortFunc(list, func(a, b withheldCount) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Why, b.Why)) })
	return list
}

// releaseView is one release, as it was frozen.
type releaseView struct {
	view
	Last        *released
	Previous    int // number of the release before, 0: none
	Following   int // number of the release after, 0: none
	CohortSize  int
	Cohort      []cohortMember
	Contributed string // key of whether the viewer's organisation took part; empty: it was not asked
	Published   comity.Publication
	By          string
	Withheld    []withheldGroup
	Compared    []comparison
	Before      string // period of the release that it is compared with
	Audited     int    // releases of the year that were audited together
	Inferable   int    // values of members that they bound too closely
}

// cohortMember is one organisation of the cohort, which the release names.
type cohortMember struct {
	Acronym string
	Took    bool // took part
}

// withheldGroup is what one reason holds back.
type withheldGroup struct {
	Why   comity.Withholding
	Names []string
}

func (s *site) showRelease(c *call) error {
	release, err := c.release()
	if err != nil {
		return err
	}
	near, err := c.nearReleases(release)
	if err != nil {
		return err
	}
	published, err := s.publications(c)
	if err != nil {
		return err
	}
	p := published[release.ID]
	v := releaseView{
		view: c.view(), Last: c.released(release), Previous: release.Number - 1, CohortSize: len(release.Cohort),
		Contributed: c.contributed(release), Published: p.Publication, By: p.by, Withheld: c.locale.withheldGroups(release),
	}
	v.Marking = comity.TLPGreen
	if err := s.rankSteps(c, v.Last); err != nil {
		return err
	}
	if v.Cohort, err = s.cohort(c, release); err != nil {
		return err
	}
	var together []comity.Release
	for _, r := range near {
		switch {
		case r.Number == release.Number+1:
			v.Following = r.Number
		case r.Number == release.Number-1:
			v.Compared, v.Before = c.locale.compare(r, release), r.Period
		}
		if r.Number <= release.Number && sameYear(r, release) {
			together = append(together, r)
		}
	}
	v.Audited, v.Inferable = len(together), s.pipeline.Audit(together)
	return c.render("releases/show", v)
}

// nearReleases returns the release after one, itself, those before it in the same year and one before these, newest first.
func (c *call) nearReleases(release comity.Release) ([]comity.Release, error) {
	var near []comity.Release
	for next := release.Number + 2; ; {
		list, err := c.site.store.ReleasesBefore(c.ctx(), c.viewer, next, yearOfReleases)
		if err != nil {
			return nil, err
		}
		near = append(near, list...)
		if len(list) < yearOfReleases || !sameYear(list[len(list)-1], release) && list[len(list)-1].Number < release.Number {
			return near, nil
		}
		next = list[len(list)-1].Number
	}
}

// yearOfReleases is how many releases are read at once: about as many as a year has.
const yearOfReleases = 6

// sameYear reports whether the periods of two releases are of one year.
func sameYear(a, b comity.Release) bool { return firstRunes(a.Period, 4) == firstRunes(b.Period, 4) }

// release returns the release in the path.
func (c *call) release() (comity.Release, error) {
	number, err := strconv.Atoi(c.r.PathValue("number"))
	if err != nil || number < 1 {
		return comity.Release{}, comity.Errorf(comity.NotFound, "no such release")
	}
	return c.site.store.Release(c.ctx(), c.viewer, number)
}

// cohort returns who was asked, by acronym. An organisation that is gone since has none and is left out.
func (s *site) cohort(c *call, r comity.Release) ([]cohortMember, error) {
	owners, err := s.owners(c)
	if err != nil {
		return nil, err
	}
	var list []cohortMember
	for _, id := range r.Cohort {
		if o, ok := owners[id]; ok {
			list = append(list, cohortMember{o.Acronym, slices.Contains(contributorsOf(r), id)})
		}
	}
	slices.SortFunc(list, func(a, b cohortMember) int { return cmp.Compare(a.Acronym, b.Acronym) })
	return list, nil
}

// withheldGroups returns what each reason holds back, in words.
func (l *locale) withheldGroups(r comity.Release) []withheldGroup {
	var list []withheldGroup
	for _, n := range withheldCounts(r) {
		g := withheldGroup{Why: n.Why}
		for _, f := range r.Figures {
			if !f.Published && why(f) == n.Why {
				g.Names = append(g.Names, l.figureName(f))
			}
		}
		if len(r.Curve) == 0 && curveWhy(r) == n.Why {
			g.Names = append(g.Names, l.T("overview.curve.title"))
		}
		list = append(list, g)
	}
	return list
}

// figureName writes which figure it is.
func (l *locale) figureName(f comity.Figure) string {
	switch f.Group {
	case "headline":
		return l.T("release.headline." + f.Row)
	case "matrix":
		return l.word("scenario", f.Row, "name") + l.T("app.comma") + l.word("property", f.Column, "")
	case "mitigation", "action":
		return l.T("release.steps.name."+f.Group) + l.T("app.comma") + f.Row
	case "level", "origin", "area":
		return l.word(f.Group, "title", "") + l.T("app.comma") + l.word(f.Group, f.Row, "")
	default:
		return strings.TrimPrefix(f.Row, "thr_")
	}
}

// comparison is one figure in two releases.
type comparison struct {
	Name          string
	Was, Is       string
	WasWhy, IsWhy comity.Withholding // why one is not published; empty: it is
	Change        string             // in points or a number; empty: cannot be told
}

// compared are the figures that two releases are compared by.
var compared = []struct{ group, row string }{
	{"headline", "any"},
	{"headline", "expected"},
	{"headline", "median"},
	{"level", "strategic"},
	{"level", "operational"},
	{"origin", "external"},
	{"origin", "internal"},
	{"origin", "partner"},
	{"area", "integrity"},
	{"area", "image"},
	{"area", "operations"},
}

// compare returns what two releases say, figure by figure. Only what both published has a difference: it was rounded
// before, and is one between published figures.
func (l *locale) compare(before, now comity.Release) []comparison {
	var list []comparison
	for _, name := range compared {
		was, is := before.Figure(name.group, name.row, ""), now.Figure(name.group, name.row, "")
		if was.Unit == "" && is.Unit == "" {
			continue
		}
		c := comparison{Name: l.figureName(is), Was: l.figureText(was), Is: l.figureText(is)}
		if !was.Published {
			c.WasWhy = why(was)
		}
		if !is.Published {
			c.IsWhy = why(is)
		}
		if was.Published && is.Published {
			c.Change = l.change(is, is.Value-was.Value)
		}
		list = append(list, c)
	}
	return list
}

func (l *locale) figureText(f comity.Figure) string {
	switch {
	case !f.Published:
		return ""
	case f.Unit == "events":
		return l.Decimal(f.Value, 1)
	case f.Unit == "share":
		return l.share(f)
	default:
		return l.Percent(f.Value)
	}
}

// change writes by how much a figure differs; "=" if it does not.
func (l *locale) change(f comity.Figure, by float64) string {
	if by == 0 {
		return "="
	}
	if f.Unit != "events" {
		return l.Points(by)
	}
	sign := ""
	if by > 0 {
		sign = "+"
	}
	return l.isolated(sign + l.Decimal(by, 1))
}

// publishView is the page on which a release is published before its schedule.
type publishView struct {
	view
	comity.ReleasePreview
	Due       comity.Date // of the schedule; zero: there was no release yet
	Error     *form
	Confirmed bool
}

func (s *site) previewRelease(c *call) error {
	v, err := c.publishView()
	if err != nil {
		return err
	}
	return c.render("releases/publish", v)
}

func (c *call) publishView() (publishView, error) {
	v := publishView{view: c.view(), Error: formOf(nil)}
	v.Marking = comity.TLPGreen
	var err error
	if v.ReleasePreview, err = c.site.pipeline.Preview(c.ctx(), c.viewer); err != nil {
		return v, err
	}
	last, err := c.site.store.Releases(c.ctx(), c.viewer, 1)
	if len(last) > 0 {
		v.Due = last[0].Next
	}
	return v, err
}

// publishRelease publishes what was previewed. A release that would be withheld as a whole uses its period up all the
// same, so that it takes another yes.
func (s *site) publishRelease(c *call) error {
	f, err := c.form("all_withheld")
	if err != nil {
		return err
	}
	v, err := c.publishView()
	if err != nil {
		return err
	}
	if v.Withheld != "" && !f.Flag("all_withheld") {
		f.Fail("all_withheld", "release.publish.confirm")
		v.Error = f
		return c.renderInvalid("releases/publish", v)
	}
	release, err := s.pipeline.Publish(c.ctx(), c.viewer)
	if err != nil {
		return err
	}
	c.flash("release.publish.done", "number", strconv.Itoa(release.Number))
	return c.redirect(fmt.Sprintf("/releases/%d", release.Number))
}

// attachment says that the answer is a file to keep, with the marking in its name.
func (c *call) attachment(kind, name string) {
	h := c.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
}

// releaseJSON writes a release as it was hashed, beside its marking.
func (s *site) releaseJSON(c *call) error {
	r, err := c.release()
	if err != nil {
		return err
	}
	body, err := json.MarshalIndent(struct {
		Marking comity.TLP     `json:"marking"`
		Release comity.Release `json:"release"`
	}{comity.TLPGreen, r}, "", "  ")
	if err != nil {
		return err
	}
	c.attachment("application/json", fmt.Sprintf("release-%d-TLP-GREEN.json", r.Number))
	_, _ = c.w.Write(append(body, '\n')) // who went away does not hear of it
	return nil
}

// releaseColumns head the table of a release.
var releaseColumns = []string{"marking", "release", "period", "group", "row", "column", "unit", "published", "withheld", "value", "low", "high"}

// releaseCSV writes the figures and the curve of a release as a table. No cell runs as a formula in a spreadsheet.
func (s *site) releaseCSV(c *call) error {
	r, err := c.release()
	if err != nil {
		return err
	}
	c.attachment("text/csv; charset=utf-8", fmt.Sprintf("release-%d-TLP-GREEN.csv", r.Number))
	w := csv.NewWriter(c.w)
	line := func(group, row, column, unit string, published bool, withheld comity.Withholding, values ...float64) {
		cells := []string{
			comity.TLPGreen.String(), strconv.Itoa(r.Number), r.Period, group, row, column, unit, strconv.FormatBool(published), string(withheld),
		}
		for _, x := range values {
			text := ""
			if published {
				text = strconv.FormatFloat(x, 'g', -1, 64)
			}
			cells = append(cells, text)
		}
		for i := range cells {
			cells[i] = profile.Guard(cells[i])
		}
		_ = w.Write(cells) // Flush keeps the error
	}
	_ = w.Write(releaseColumns)
	for _, f := range r.Figures {
		line(f.Group, f.Row, f.Column, f.Unit, f.Published, f.Withheld, f.Value, f.Low, f.High)
	}
	for _, p := range r.Curve {
		line("curve", strconv.FormatFloat(p.Loss, 'f', -1, 64), "", "probability", true, "", p.P, p.Low, p.High)
	}
	if len(r.Curve) == 0 {
		line("curve", "", "", "probability", false, r.CurveWithheld, 0, 0, 0)
	}
	w.Flush()
	if err := w.Error(); err != nil {
		c.site.log.Debug("release as CSV", "err", err) // who went away does not hear of it
	}
	return nil
}

// withheldText says in words why a figure of a release is withheld, with the parameters of the rule that it passed.
func (l *locale) withheldText(w comity.Withholding, r comity.Release) string {
	return l.T("release.because."+string(w), "least", l.Number(r.Rule.MinContributors), "members", l.Number(r.Contributors),
		"colluders", l.Number(r.Rule.Colluders), "p", l.Decimal(r.Rule.P, 0), "cell", l.Number(r.Rule.MinCell))
}
