package web

import (
	"fmt"
	"io"
	"mime"
	"net/url"
	"strconv"
	"strings"

	"comity"
	"comity/intake/baseline"
)

func (s *site) baselines(r *routes) {
	r.handle("GET /baselines", baselineReaders, s.listBaselines)
	r.handle("GET /baselines/{id}", baselineReaders, s.showBaseline)
	r.handle("GET /baselines/{id}/difference", baselineReaders, s.showBaselineDifference)
	r.handle("GET /baselines/{id}/controls.csv", baselineReaders, func(c *call) error {
		return c.exportBaseline("csv", "text/csv; charset=utf-8; header=present", baseline.WriteCSV)
	})
	r.handle("GET /baselines/{id}/oscal.json", baselineReaders, func(c *call) error {
		return c.exportBaseline("json", "application/json", baseline.WriteOSCAL)
	})
	r.handle("POST /baselines/{id}/force", baselineKeepers, s.forceBaseline)
	s.baselinesImport(r)
}

// baselinesView is what every page of the group's baselines shows besides its own.
type baselinesView struct {
	view
	Keeps bool // the viewer imports, and puts in force
	Form  *form
}

func (c *call) baselinesView(f *form) baselinesView {
	v := baselinesView{view: c.view(), Keeps: c.viewer.KeepsBaselines(), Form: f}
	v.Marking = comity.TLPGreen
	return v
}

// baselineList is the list of the group's baselines.
type baselineList struct {
	baselinesView
	List   []comity.BaselineHead
	Began  bool // the viewer began an import
	Draft  string
	SizeMB int

	Columns string // of a CSV file
}

func (s *site) listBaselines(c *call) error {
	v, err := c.baselineList(formOf(nil))
	if err != nil {
		return err
	}
	return c.render("baselines/list", v)
}

func (c *call) baselineList(f *form) (baselineList, error) {
	v := baselineList{baselinesView: c.baselinesView(f), SizeMB: baseline.MaxBytes >> 20, Columns: strings.Join(baseline.Columns, ", ")}
	var err error
	if v.List, err = c.site.store.Baselines(c.ctx(), c.viewer); err != nil || !v.Keeps {
		return v, err
	}
	d, err := c.baselineDraft()
	if err != nil && comity.KindOf(err) != comity.NotFound {
		return v, err
	}
	v.Began, v.Draft = err == nil, d.Name
	return v, nil
}

func (c *call) baselineID() (comity.BaselineID, error) {
	id, err := comity.ParseBaselineID(c.r.PathValue("id"))
	if err != nil {
		return "", comity.Errorf(comity.NotFound, "no such baseline")
	}
	return id, nil
}

// numberOf reads a revision from the query; what is none is 0, the newest.
func numberOf(q url.Values, name string) int {
	n, err := strconv.Atoi(q.Get(name))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// controlPage is how many controls a page shows at once: those of SP 800-53 have long texts.
const controlPage = 25

// baselineView is one revision of a baseline.
type baselineView struct {
	baselinesView
	Baseline  comity.Baseline
	Head      comity.BaselineHead
	Revisions []baselineRevision
	Family    *comity.BaselineGroup // nil: the list of groups
	Controls  []comity.BaselineControl
	Paging    paging
}

// baselineRevision is one line of the list of revisions.
type baselineRevision struct {
	comity.BaselineHead
	Path       string
	Difference string // path of what differs from the revision before; empty for the first
	Shown      bool
}

func (s *site) showBaseline(c *call) error {
	id, err := c.baselineID()
	if err != nil {
		return err
	}
	q := c.r.URL.Query()
	b, err := s.store.Baseline(c.ctx(), c.viewer, id, numberOf(q, "revision"))
	if err != nil {
		return err
	}
	revisions, err := s.store.BaselineRevisions(c.ctx(), c.viewer, id)
	if err != nil {
		return err
	}
	v := baselineView{baselinesView: c.baselinesView(nil), Baseline: b}
	for _, head := range revisions {
		line := baselineRevision{BaselineHead: head, Path: baselinePath(id, head.Revision), Shown: head.Revision == b.Revision}
		if head.Revision > 1 {
			line.Difference = fmt.Sprintf("/baselines/%s/difference?before=%d&after=%d", id, head.Revision-1, head.Revision)
		}
		if line.Shown {
			v.Head = head
		}
		v.Revisions = append(v.Revisions, line)
	}
	if g, ok := b.Group(q.Get("group")); ok {
		offset := min(offsetOf(q), len(g.Controls))
		v.Family, v.Controls = &g, g.Controls[offset:min(offset+controlPage, len(g.Controls))]
		v.Paging = pagingBy(controlPage, c.r.URL.Path, q, offset, len(v.Controls), len(g.Controls))
	}
	return c.render("baselines/show", v)
}

func baselinePath(id comity.BaselineID, revision int) string {
	return fmt.Sprintf("/baselines/%s?revision=%d", id, revision)
}

// exportBaseline writes a revision as a file that the import reads.
func (c *call) exportBaseline(ending, kind string, write func(io.Writer, comity.Baseline) error) error {
	id, err := c.baselineID()
	if err != nil {
		return err
	}
	b, err := c.site.store.Baseline(c.ctx(), c.viewer, id, numberOf(c.r.URL.Query(), "revision"))
	if err != nil {
		return err
	}
	c.download(kind, fmt.Sprintf("%s-%d.%s", b.Key, b.Revision, ending))
	return write(c.w, b)
}

// download says that what follows is a file.
func (c *call) download(kind, name string) {
	h := c.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
}

func (s *site) forceBaseline(c *call) error {
	f, err := c.form("revision")
	if err != nil {
		return err
	}
	id, err := c.baselineID()
	if err != nil {
		return err
	}
	revision := f.Int("revision", 0, 1<<30)
	if !f.OK() {
		return comity.Errorf(comity.Invalid, "no such revision")
	}
	if err := s.store.SetBaselineInForce(c.ctx(), c.viewer, id, revision); err != nil {
		return err
	}
	if revision == 0 {
		c.flash("baselines.out_of_force")
	} else {
		c.flash("baselines.now_in_force", "revision", strconv.Itoa(revision))
	}
	return c.redirect("/baselines/" + string(id))
}

// differenceView is what differs between two revisions.
type differenceView struct {
	baselinesView
	From, To   comity.BaselineHead
	Difference differenceList
}

// differenceList is one of the lists of a difference, with the ways to the others.
type differenceList struct {
	Show   string // "added", "removed" or "changed"; empty: nothing differs
	Shows  []showChoice
	Lines  []differenceLine
	Paging paging
}

// differenceLine is one control that differs. Of one that is new or gone, Text has all that it says.
type differenceLine struct {
	comity.BaselineControl
	TitleWas string // empty: the title is the same
	Text     []textPart
}

// textPart is a piece of a text, as it stayed, went or came.
type textPart struct {
	What string // "", "removed" or "added"
	Text string
}

func (s *site) showBaselineDifference(c *call) error {
	id, err := c.baselineID()
	if err != nil {
		return err
	}
	q := c.r.URL.Query()
	from, err := s.store.Baseline(c.ctx(), c.viewer, id, max(1, numberOf(q, "before")))
	if err != nil {
		return err
	}
	to, err := s.store.Baseline(c.ctx(), c.viewer, id, numberOf(q, "after"))
	if err != nil {
		return err
	}
	v := differenceView{baselinesView: c.baselinesView(nil), From: from.Head(), To: to.Head()}
	v.Difference = differenceListOf(comity.BaselineDiff(from, to), c.r.URL.Path, q)
	return c.render("baselines/difference", v)
}

// differenceListOf returns the list that the query asks for; without one the first that has something.
func differenceListOf(d comity.BaselineDifference, path string, q url.Values) differenceList {
	lists := map[string][]differenceLine{}
	for _, control := range d.Added {
		lists["added"] = append(lists["added"], differenceLine{BaselineControl: control, Text: []textPart{{Text: control.Text}}})
	}
	for _, control := range d.Removed {
		lists["removed"] = append(lists["removed"], differenceLine{BaselineControl: control, Text: []textPart{{Text: control.Text}}})
	}
	for _, pair := range d.Changed {
		lists["changed"] = append(lists["changed"], changedLine(pair[0], pair[1]))
	}
	var v differenceList
	kinds := []string{"changed", "added", "removed"}
	for _, kind := range kinds {
		if len(lists[kind]) > 0 && (v.Show == "" || kind == q.Get("show")) {
			v.Show = kind
		}
	}
	for _, kind := range kinds {
		if len(lists[kind]) == 0 {
			continue
		}
		other := url.Values{"show": {kind}}
		for _, name := range []string{"before", "after", "of"} {
			if value := q.Get(name); value != "" {
				other.Set(name, value)
			}
		}
		v.Shows = append(v.Shows, showChoice{Show: kind, Count: len(lists[kind]), Path: path + "?" + other.Encode(), Current: kind == v.Show})
	}
	all := lists[v.Show]
	offset := min(offsetOf(q), len(all))
	v.Lines = all[offset:min(offset+controlPage, len(all))]
	v.Paging = pagingBy(controlPage, path, q, offset, len(v.Lines), len(all))
	return v
}

func changedLine(before, after comity.BaselineControl) differenceLine {
	line := differenceLine{BaselineControl: after, Text: textDifference(before.Text, after.Text)}
	if before.Title != after.Title {
		line.TitleWas = before.Title
	}
	return line
}

// textDifference returns what stays at both ends of a text, and what changed between them, word by word.
func textDifference(before, after string) []textPart {
	was, is := wordsOf(before), wordsOf(after)
	head := 0
	for head < len(was) && head < len(is) && was[head] == is[head] {
		head++
	}
	tail := 0
	for tail < len(was)-head && tail < len(is)-head && was[len(was)-1-tail] == is[len(is)-1-tail] {
		tail++
	}
	var parts []textPart
	for _, p := range []struct {
		what string
		list []string
	}{{"", is[:head]}, {"removed", was[head : len(was)-tail]}, {"added", is[head : len(is)-tail]}, {"", is[len(is)-tail:]}} {
		if len(p.list) > 0 {
			parts = append(parts, textPart{p.what, strings.Join(p.list, "")})
		}
	}
	return parts
}

// wordsOf cuts a text behind each white space, which stays with its word.
func wordsOf(text string) []string {
	var list []string
	start := 0
	for i, r := range text {
		if r == ' ' || r == '\n' {
			list = append(list, text[start:i+1])
			start = i + 1
		}
	}
	if start < len(text) {
		list = append(list, text[start:])
	}
	return list
}
