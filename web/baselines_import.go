package web

import (
	"slices"
	"strconv"

	"comity"
	"comity/intake/baseline"
	"comity/storage"
)

func (s *site) baselinesImport(r *routes) {
	r.handle("POST /baselines/import", baselineKeepers, s.readBaseline)
	r.handle("GET /baselines/import/preview", baselineKeepers, s.previewBaseline)
	r.handle("POST /baselines/import/save", baselineKeepers, s.saveBaseline)
	r.handle("POST /baselines/import/discard", baselineKeepers, s.discardBaseline)
}

// baselineDraft is a baseline that somebody looks at before it is saved.
type baselineDraft struct {
	Name     string             `json:"name"` // of the file
	Baseline comity.Baseline    `json:"baseline"`
	Problems []baseline.Problem `json:"problems"`
}

func (c *call) baselineDraft() (baselineDraft, error) {
	body, err := c.site.store.BaselineDraft(c.ctx(), c.viewer, storage.DraftBaseline, c.site.now())
	if err != nil {
		return baselineDraft{}, err
	}
	return unpacked[baselineDraft](body)
}

const baselinePreview = "/baselines/import/preview"

// readBaseline reads a file, keeps what it says, and goes on to the preview. Nothing of the group changes.
func (s *site) readBaseline(c *call) error {
	u, err := c.upload(baseline.MaxBytes+formBytes, "file", "title", "version")
	if err != nil {
		return err
	}
	if u.file == nil {
		v, err := c.baselineList(formOf(nil))
		if err != nil {
			return err
		}
		v.Form.Fail("file", "profile.import.no_file")
		return c.renderInvalid("baselines/list", v)
	}
	b, problems, err := baseline.Parse(u.file, baseline.Options{Title: u.fields["title"], Version: u.fields["version"]})
	if err != nil {
		return err
	}
	body, err := packed(baselineDraft{Name: u.name, Baseline: b, Problems: problems})
	if err != nil {
		return err
	}
	if err := s.store.PutBaselineDraft(c.ctx(), c.viewer, storage.DraftBaseline, body, s.now()); err != nil {
		return err
	}
	return c.redirect(baselinePreview)
}

// baselinePreviewView shows what an import would do, and everything that is wrong with it.
type baselinePreviewView struct {
	baselinesView
	Draft      baselineDraft
	Usable     bool
	Problems   []baselineProblem // one page of them
	Paging     paging
	All        []comity.BaselineHead
	Of         comity.BaselineHead // of which it is a new revision; zero: it is a new baseline
	Difference differenceList
	Nothing    bool // it says what the newest revision says
	Late       bool // there is a newer revision than the one that was compared with
}

// baselineProblem is one thing that is wrong, in words.
type baselineProblem struct {
	baseline.Problem
	Text string
}

func (c *call) baselineProblems(all []baseline.Problem) []baselineProblem {
	list := make([]baselineProblem, 0, len(all))
	for _, p := range all {
		list = append(list, baselineProblem{p, c.t("baseline.problem."+string(p.Code), "value", p.Value)})
	}
	return list
}

func (s *site) previewBaseline(c *call) error {
	d, err := c.baselineDraft()
	if err != nil && comity.KindOf(err) == comity.NotFound {
		c.flash("profile.import.gone")
		return c.redirect("/baselines")
	}
	if err != nil {
		return err
	}
	q := c.r.URL.Query()
	v, err := c.baselinePreview(d, q.Get("of"), q.Has("of"))
	if err != nil {
		return err
	}
	return c.render("baselines/preview", v)
}

// baselinePreview compares the draft with the newest revision of the baseline that was chosen; if none was, with the one
// of the same key.
func (c *call) baselinePreview(d baselineDraft, of string, chosen bool) (baselinePreviewView, error) {
	q := c.r.URL.Query()
	v := baselinePreviewView{baselinesView: c.baselinesView(formOf(map[string]string{"title": d.Baseline.Title, "version": d.Baseline.Version})), Draft: d, Usable: baseline.Usable(d.Problems)}
	offset := min(offsetOf(q), len(d.Problems))
	if v.Usable {
		offset = 0 // the address pages through the difference
	}
	v.Problems = c.baselineProblems(d.Problems[offset:min(offset+pageSize, len(d.Problems))])
	v.Paging = pagingOf(baselinePreview, q, offset, len(v.Problems), len(d.Problems))
	var err error
	if v.All, err = c.site.store.Baselines(c.ctx(), c.viewer); err != nil {
		return v, err
	}
	i := slices.IndexFunc(v.All, func(h comity.BaselineHead) bool {
		return chosen && string(h.ID) == of || !chosen && h.Key == d.Baseline.Key
	})
	if i < 0 || !v.Usable {
		return v, nil
	}
	v.Of = v.All[i]
	newest, err := c.site.store.Baseline(c.ctx(), c.viewer, v.Of.ID, v.Of.Revision)
	if err != nil {
		return v, err
	}
	difference := comity.BaselineDiff(newest, d.Baseline)
	v.Nothing = difference.Empty()
	q.Set("of", string(v.Of.ID))
	v.Difference = differenceListOf(difference, baselinePreview, q)
	return v, nil
}

// saveBaseline saves the draft as what the form says that it is: a new baseline, or the revision after the one that it
// was compared with.
func (s *site) saveBaseline(c *call) error {
	f, err := c.form("of", "revision", "title", "version", "force")
	if err != nil {
		return err
	}
	d, err := c.baselineDraft()
	if err != nil {
		return err
	}
	v, err := c.baselinePreview(d, f.Value("of"), true)
	if err != nil {
		return err
	}
	v.Form = f
	b := d.Baseline
	b.Title, b.Version = f.Required("title", 500), f.Text("version", 80)
	if !f.OK() || !v.Usable {
		return c.renderInvalid("baselines/preview", v)
	}
	if v.Late = f.Int("revision", 0, 1<<30) != v.Of.Revision; v.Late {
		return c.renderChanged("baselines/preview", v)
	}
	if b.ID, b.Key, b.Revision = v.Of.ID, v.Of.Key, v.Of.Revision; b.ID == "" {
		if b.ID, err = newID(comity.MakeBaselineID); err != nil {
			return err
		}
		b.Key = baseline.KeyOf(b.Title)
	}
	b, err = s.store.PutBaseline(c.ctx(), c.viewer, b, f.Flag("force"), s.now())
	if err != nil && comity.KindOf(err) == comity.Conflict {
		f.Fail("title", "baselines.import.taken")
		return c.renderChanged("baselines/preview", v)
	}
	if err != nil {
		return err
	}
	if err := s.store.DeleteBaselineDraft(c.ctx(), c.viewer, storage.DraftBaseline); err != nil {
		s.log.Error("forget a saved import", "err", err) // it is saved, and its draft ends by itself
	}
	c.flash("baselines.import.done", "revision", strconv.Itoa(b.Revision))
	return c.redirect("/baselines/" + string(b.ID))
}

func (s *site) discardBaseline(c *call) error {
	if _, err := c.form(); err != nil {
		return err
	}
	if err := s.store.DeleteBaselineDraft(c.ctx(), c.viewer, storage.DraftBaseline); err != nil {
		return err
	}
	c.flash("profile.import.discarded")
	return c.redirect("/baselines")
}
