package web

import (
	"strconv"
	"strings"

	"comity"
	"comity/assess/catalogue"
)

func (s *site) catalogueDraft(r *routes) {
	r.handle("GET /catalogue/draft", catalogueReaders, s.showDraft)
	r.handle("GET /catalogue/draft/catalogue.json", catalogueReaders, s.draftJSON)
	r.handle("POST /catalogue/draft", catalogueEditors, s.beginDraft)
	r.handle("POST /catalogue/draft/import", catalogueEditors, s.importDraft)
	r.handle("POST /catalogue/draft/drop", catalogueEditors, s.dropDraft)
	r.handle("POST /catalogue/draft/adopt", catalogueEditors, s.adoptDraft)
}

const (
	draftPath = "/catalogue/draft"
	noteRunes = 1000
)

// draftView is the page of the draft: in what it differs, and what it would do.
type draftView struct {
	catalogueView
	Form        *form
	Differences []catalogueLine
	Scenarios   []catalogueRow
	Retired     []catalogueRow
	Effects     []catalogueEffect
	Stale       int    // number of the version in force, if the draft was not made from it; else 0
	Wrong       string // what is wrong with the draft, in English, with its place; empty: nothing
}

// catalogueEffect is what the draft does to every figure of one organisation.
type catalogueEffect struct {
	Key       string // "own", "middling" or "prior"
	Rows      []figureMove
	Scenarios []scenarioMoves // those that moved
	Still     int             // scenarios that stay as they are
}

// figureMove is one figure before and after.
type figureMove struct {
	Key           string // under "catalogue.figure."; empty: the table says which
	Before, After string
	Up, Same      bool
}

// scenarioMoves is one scenario before and after.
type scenarioMoves struct {
	Name                string
	Probability, Events figureMove
	MeanLoss            figureMove
}

func (s *site) showDraft(c *call) error {
	v, err := s.draftView(c, nil)
	if err != nil {
		return err
	}
	return c.render("catalogue/draft", v)
}

func (s *site) draftView(c *call, f *form) (draftView, error) {
	v := draftView{Form: f}
	var err error
	if v.catalogueView, err = c.catalogueView(); err != nil || v.Draft == nil {
		return v, err
	}
	current, err := s.catalogueAt(c, 0)
	if err != nil {
		return v, err
	}
	if v.Draft.Base != current.Number {
		v.Stale = current.Number
	}
	if v.Differences, err = s.catalogueLines(c, v.Draft.Catalogue, current.Catalogue); err != nil {
		return v, err
	}
	for _, sc := range v.Draft.Catalogue.Scenarios {
		v.Scenarios = append(v.Scenarios, c.catalogueRow(sc))
	}
	for _, sc := range v.Draft.Catalogue.Retired {
		v.Retired = append(v.Retired, c.catalogueRow(sc))
	}
	v.Wrong, err = s.wrongWith(c, v.Draft.Catalogue)
	if err != nil || v.Wrong != "" {
		return v, err
	}
	v.Effects, err = s.effects(c, v.Draft.Catalogue)
	if len(v.Effects) > 0 && v.Effects[0].Key == "own" {
		v.Marking = comity.TLPAmberStrict // it shows figures of the viewer's organisation
	}
	return v, err
}

// wrongWith returns the first mistake of a catalogue, empty if there is none.
func (s *site) wrongWith(c *call, cat comity.Catalogue) (string, error) {
	k, err := s.store.Knowledge(c.ctx(), c.viewer)
	if err != nil {
		return "", err
	}
	if err := catalogue.Check(cat, k); err != nil {
		return err.Error(), nil
	}
	return "", nil
}

// effects shows what the draft does: to the viewer's own organisation if they may see its figures, and to two that nobody
// is. Nothing of any other member is computed.
func (s *site) effects(c *call, draft comity.Catalogue) ([]catalogueEffect, error) {
	var tables []catalogueEffect
	if c.seesOwn() {
		before, after, err := s.pipeline.TryCatalogue(c.ctx(), c.viewer, c.viewer.Org(), draft)
		if err != nil {
			return nil, err
		}
		tables = append(tables, c.draftEffect("own", before, after, draft))
	}
	effect, err := s.pipeline.TryReference(c.ctx(), c.viewer, draft)
	if err != nil {
		return nil, err
	}
	return append(tables, c.draftEffect("middling", effect.Middling[0], effect.Middling[1], draft), c.draftEffect("prior", effect.Prior[0], effect.Prior[1], draft)), nil
}

func (c *call) draftEffect(key string, before, after comity.Exposure, draft comity.Catalogue) catalogueEffect {
	money := func(x float64) string { return c.locale.Money(x, c.group.Currency) }
	three := func(x float64) string { return c.locale.Decimal(x, 3) }
	e := catalogueEffect{Key: key, Rows: []figureMove{
		moveOf("significant", before.Significant.Value, after.Significant.Value, c.locale.Percent),
		moveOf("low", before.Significant.Low, after.Significant.Low, c.locale.Percent),
		moveOf("high", before.Significant.High, after.Significant.High, c.locale.Percent),
		moveOf("expected", before.Expected.Value, after.Expected.Value, three),
		moveOf("mean_loss", before.Loss.Mean, after.Loss.Mean, money),
		moveOf("loss_95", before.Loss.Quantiles["0.95"], after.Loss.Quantiles["0.95"], money),
		moveOf("loss_99", before.Loss.Quantiles["0.99"], after.Loss.Quantiles["0.99"], money),
	}}
	add := func(id comity.ScenarioID, was, is comity.ScenarioExposure) {
		m := scenarioMoves{
			Name:        c.locale.scenarioName(id, draft),
			Probability: moveOf("", was.Significant.Value, is.Significant.Value, c.locale.Percent),
			Events:      moveOf("", was.Events, is.Events, c.locale.Rate),
			MeanLoss:    moveOf("", was.MeanLoss, is.MeanLoss, money),
		}
		if was.Significant.Value == is.Significant.Value && was.Events == is.Events && was.MeanLoss == is.MeanLoss {
			e.Still++
			return
		}
		e.Scenarios = append(e.Scenarios, m)
	}
	for _, is := range after.Scenarios {
		was, _ := before.Scenario(is.Scenario)
		add(is.Scenario, was, is)
	}
	for _, was := range before.Scenarios {
		if _, still := after.Scenario(was.Scenario); !still {
			add(was.Scenario, was, comity.ScenarioExposure{})
		}
	}
	return e
}

func moveOf(key string, was, is float64, write func(float64) string) figureMove {
	m := figureMove{Key: key, Before: write(was), After: write(is), Up: is > was}
	m.Same = m.Before == m.After
	return m
}

func (s *site) draftJSON(c *call) error {
	d, err := s.store.CatalogueDraft(c.ctx(), c.viewer)
	if err != nil {
		return err
	}
	return c.sendCatalogue(d.Catalogue, "catalogue-draft.json")
}

// beginDraft begins a draft as the version that is named stands: the one in force, or an earlier one to adopt again.
func (s *site) beginDraft(c *call) error {
	f, err := c.form("from")
	if err != nil {
		return err
	}
	from := f.Int("from", 0, 1_000_000)
	current, err := s.catalogueAt(c, 0)
	if err != nil {
		return err
	}
	d := comity.CatalogueDraft{Base: current.Number, Catalogue: current.Catalogue}
	if from > 0 && from != current.Number {
		earlier, err := s.catalogueAt(c, from)
		if err != nil {
			return err
		}
		d.Restores, d.Catalogue = from, earlier.Catalogue
	}
	if _, err := s.store.PutCatalogueDraft(c.ctx(), c.viewer, d, s.now()); err != nil {
		return err
	}
	return c.redirect(draftPath)
}

// importDraft puts a document in the place of what the draft says, or begins one with it.
func (s *site) importDraft(c *call) error {
	u, err := c.upload(catalogue.MaxBytes+1<<16, "file", "revision")
	if err != nil {
		return err
	}
	revision, _ := strconv.Atoi(u.fields["revision"]) // none: a new draft
	if u.file == nil {
		return s.refuseDraft(c, "file", "catalogue.import.none")
	}
	k, err := s.store.Knowledge(c.ctx(), c.viewer)
	if err != nil {
		return err
	}
	read, err := catalogue.Parse(u.file, k)
	if comity.KindOf(err) == comity.Invalid && err != nil {
		return s.refuseDraft(c, "file", "catalogue.import.wrong", "problem", plain(err.Error()))
	}
	if err != nil {
		return err
	}
	current, err := s.catalogueAt(c, 0)
	if err != nil {
		return err
	}
	if _, err := s.store.PutCatalogueDraft(c.ctx(), c.viewer, comity.CatalogueDraft{Revision: revision, Base: current.Number, Catalogue: read}, s.now()); err != nil {
		return err
	}
	c.flash("catalogue.draft.saved")
	return c.redirect(draftPath)
}

// refuseDraft shows the draft's page again with what is wrong.
func (s *site) refuseDraft(c *call, field, key string, args ...any) error {
	f := formOf(nil)
	f.Fail(field, key, args...)
	v, err := s.draftView(c, f)
	if err != nil {
		return err
	}
	return c.renderInvalid("catalogue/draft", v)
}

func (s *site) dropDraft(c *call) error {
	f, err := c.form("revision")
	if err != nil {
		return err
	}
	if err := s.store.DeleteCatalogueDraft(c.ctx(), c.viewer, revisionOf(f)); err != nil {
		return err
	}
	c.flash("catalogue.draft.dropped")
	return c.redirect("/catalogue")
}

// revisionOf reads the revision of the draft that a page showed; what is no number is none.
func revisionOf(f *form) int {
	n, err := strconv.Atoi(f.Value("revision"))
	if err != nil || n < 0 {
		return -1
	}
	return n
}

// adoptDraft makes the draft the next version, as it was shown: a draft that was changed since is a conflict.
func (s *site) adoptDraft(c *call) error {
	f, err := c.form("revision", "note")
	if err != nil {
		return err
	}
	note := f.Required("note", noteRunes)
	d, err := s.store.CatalogueDraft(c.ctx(), c.viewer)
	if err != nil {
		return err
	}
	current, err := s.catalogueAt(c, 0)
	if err != nil {
		return err
	}
	if d.Base != current.Number {
		f.Fail("note", "catalogue.draft.stale", "number", current.Number)
	}
	wrong, err := s.wrongWith(c, d.Catalogue)
	if err != nil {
		return err
	}
	if wrong != "" {
		f.Fail("note", "catalogue.import.wrong", "problem", plain(wrong))
	}
	if !f.OK() {
		v, err := s.draftView(c, f)
		if err != nil {
			return err
		}
		return c.renderInvalid("catalogue/draft", v)
	}
	next := comity.CatalogueVersion{Number: current.Number + 1, Restores: d.Restores, Note: note, Catalogue: d.Catalogue}
	if next, err = s.pipeline.Adopt(c.ctx(), c.viewer, next, revisionOf(f)); err != nil {
		return err
	}
	c.flash("catalogue.draft.adopted", "number", strconv.Itoa(next.Number))
	return c.redirect("/catalogue/versions/" + strconv.Itoa(next.Number))
}

// isHypothesis reports whether a basis calls itself judgement.
func isHypothesis(basis string) bool { return strings.HasPrefix(basis, hypothesisPrefix) }
