package web

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"comity"
	"comity/assess/catalogue"
)

func (s *site) catalogue(r *routes) {
	r.handle("GET /catalogue", catalogueReaders, s.showCatalogue)
	r.handle("GET /catalogue/{scenario}", catalogueReaders, s.showCatalogueScenario)
	r.handle("GET /catalogue/versions", catalogueReaders, s.listCatalogues)
	r.handle("GET /catalogue/versions/{number}", catalogueReaders, s.showCatalogueVersion)
	r.handle("GET /catalogue/versions/{number}/catalogue.json", catalogueReaders, s.catalogueJSON)
	s.catalogueDraft(r)
	s.catalogueEdit(r)
}

// catalogueReaders admits everybody with a role.
func catalogueReaders(c *call) error { return c.require(c.viewer.SeesCatalogue()) }

// catalogueEditors admits those who draft and adopt versions.
func catalogueEditors(c *call) error { return c.require(c.viewer.EditsCatalogue()) }

// catalogueMark is the label of the catalogue: everybody in the group reads it.
const catalogueMark = comity.TLPGreen

// catalogueView is what all pages of the catalogue show.
type catalogueView struct {
	view
	Edits bool
	Draft *comity.CatalogueDraft // nil: none
}

func (c *call) catalogueView() (catalogueView, error) {
	v := catalogueView{view: c.view(), Edits: c.viewer.EditsCatalogue()}
	v.Marking = catalogueMark
	d, err := c.site.store.CatalogueDraft(c.ctx(), c.viewer)
	if err != nil && comity.KindOf(err) == comity.NotFound {
		return v, nil
	}
	v.Draft = &d
	return v, err
}

// catalogueListView is the catalogue in force.
type catalogueListView struct {
	catalogueView
	Version   comity.CatalogueVersion
	Scenarios []catalogueRow
	Strengths []strengthRow
	Areas     []comity.Area
}

// catalogueRow is one scenario in the list.
type catalogueRow struct {
	comity.Scenario
	Stages     int
	Hypothesis bool
	Name       string // as this version calls it
	Low, High  string // of the rate, as text
}

// strengthRow is one mitigation with its strength.
type strengthRow struct {
	control
	Strength float64
}

// hypothesisPrefix begins the basis of a rate that is judgement.
const hypothesisPrefix = "hypothesis:"

func (c *call) catalogueRow(sc comity.Scenario) catalogueRow {
	return catalogueRow{
		Scenario: sc, Stages: len(sc.Path), Hypothesis: isHypothesis(sc.Basis),
		Name: c.locale.nameOf(sc), Low: c.locale.exact(sc.Rate.Low), High: c.locale.exact(sc.Rate.High),
	}
}

func (s *site) showCatalogue(c *call) error {
	v := catalogueListView{Areas: comity.Areas[:]}
	var err error
	if v.catalogueView, err = c.catalogueView(); err != nil {
		return err
	}
	if v.Version, err = s.catalogueAt(c, 0); err != nil {
		return err
	}
	for _, sc := range v.Version.Catalogue.Scenarios {
		v.Scenarios = append(v.Scenarios, c.catalogueRow(sc))
	}
	if v.Strengths, err = s.strengthRows(c, v.Version.Catalogue); err != nil {
		return err
	}
	return c.render("catalogue/list", v)
}

// catalogueAt reads a version, 0 for the one in force; before anything was stored it is the one that the pipeline uses.
func (s *site) catalogueAt(c *call, number int) (comity.CatalogueVersion, error) {
	v, err := s.store.Catalogue(c.ctx(), c.viewer, number)
	if err != nil && comity.KindOf(err) == comity.NotFound && number == 0 {
		return comity.CatalogueVersion{Number: 1, Adopted: s.now(), Catalogue: s.pipeline.Catalogue()}, nil
	}
	return v, err
}

func (s *site) strengthRows(c *call, cat comity.Catalogue) ([]strengthRow, error) {
	names, err := s.mitigationNames(c)
	if err != nil {
		return nil, err
	}
	var rows []strengthRow
	for _, code := range slices.Sorted(maps.Keys(cat.Strength)) {
		rows = append(rows, strengthRow{control{code, names[code]}, cat.Strength[code]})
	}
	return rows, nil
}

func (s *site) mitigationNames(c *call) (map[string]string, error) {
	k, err := s.store.Knowledge(c.ctx(), c.viewer)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, m := range k.Mitigations {
		names[m.Number] = m.Name
	}
	return names, nil
}

// catalogueScenarioView is one scenario, as it stands in the version in force.
type catalogueScenarioView struct {
	catalogueView
	catalogueRow
	Number  int // of the version
	Retired bool
	Path    []pathStage
	Own     bool // the viewer's organisation has figures of it
}

// pathStage is one stage with its techniques by name.
type pathStage struct {
	Name       string
	Techniques []pathTechnique
}

type pathTechnique struct {
	comity.StageTechnique
	Name  string
	Width float64
}

func (s *site) showCatalogueScenario(c *call) error {
	id := comity.ScenarioID(c.r.PathValue("scenario"))
	version, err := s.catalogueAt(c, 0)
	if err != nil {
		return err
	}
	sc, ok := version.Catalogue.Scenario(id)
	retired := !ok
	if retired {
		if sc, ok = version.Catalogue.RetiredScenario(id); !ok {
			return comity.Errorf(comity.NotFound, "no such scenario in the catalogue")
		}
	}
	v := catalogueScenarioView{catalogueRow: c.catalogueRow(sc), Number: version.Number, Retired: retired}
	if v.catalogueView, err = c.catalogueView(); err != nil {
		return err
	}
	v.Own = c.seesOwn() && !retired
	k, err := s.store.Knowledge(c.ctx(), c.viewer)
	if err != nil {
		return err
	}
	for _, st := range sc.Path {
		stage := pathStage{Name: st.Name}
		for _, t := range st.Techniques {
			stage.Techniques = append(stage.Techniques, pathTechnique{t, k.Names[t.Technique], 100 * t.Share})
		}
		v.Path = append(v.Path, stage)
	}
	return c.render("catalogue/scenario", v)
}

// cataloguesView is the list of versions.
type cataloguesView struct {
	catalogueView
	Versions []comity.CatalogueVersion
	Paging   paging
	Current  int
}

func (s *site) listCatalogues(c *call) error {
	var v cataloguesView
	var err error
	if v.catalogueView, err = c.catalogueView(); err != nil {
		return err
	}
	q := c.r.URL.Query()
	offset := offsetOf(q)
	page, err := s.store.Catalogues(c.ctx(), c.viewer, pageSize, offset)
	if err != nil {
		return err
	}
	v.Versions, v.Paging = page.Versions, pagingOf("/catalogue/versions", q, offset, len(page.Versions), page.Total)
	if v.Current, err = s.store.CatalogueNumber(c.ctx(), c.viewer); err != nil {
		return err
	}
	return c.render("catalogue/versions", v)
}

// catalogueVersionView is one version, and in what it differs from another.
type catalogueVersionView struct {
	catalogueView
	Version     comity.CatalogueVersion // without what is in it
	From        int
	Differences []catalogueLine
	Others      []int // numbers that it can be compared with
	Current     bool
}

// comparable is how many versions can be chosen to compare with.
const comparableVersions = 200

func (s *site) showCatalogueVersion(c *call) error {
	version, err := s.numberedCatalogue(c)
	if err != nil {
		return err
	}
	v := catalogueVersionView{Version: version, From: max(version.Number-1, 1)}
	if v.catalogueView, err = c.catalogueView(); err != nil {
		return err
	}
	if n, err := strconv.Atoi(c.r.URL.Query().Get("with")); err == nil && n > 0 {
		v.From = n
	}
	from, err := s.catalogueAt(c, v.From)
	if err != nil {
		return err
	}
	if v.Differences, err = s.catalogueLines(c, version.Catalogue, from.Catalogue); err != nil {
		return err
	}
	v.Version.Catalogue = comity.Catalogue{}
	page, err := s.store.Catalogues(c.ctx(), c.viewer, comparableVersions, 0)
	if err != nil {
		return err
	}
	for _, other := range page.Versions {
		v.Others = append(v.Others, other.Number)
	}
	v.Current = len(page.Versions) > 0 && page.Versions[0].Number == version.Number
	return c.render("catalogue/version", v)
}

// numberedCatalogue reads the version whose number stands in the path.
func (s *site) numberedCatalogue(c *call) (comity.CatalogueVersion, error) {
	number, err := strconv.Atoi(c.r.PathValue("number"))
	if err != nil || number < 1 {
		return comity.CatalogueVersion{}, comity.Errorf(comity.NotFound, "no such version")
	}
	return s.store.Catalogue(c.ctx(), c.viewer, number)
}

func (s *site) catalogueJSON(c *call) error {
	version, err := s.numberedCatalogue(c)
	if err != nil {
		return err
	}
	return c.sendCatalogue(version.Catalogue, fmt.Sprintf("catalogue-%d.json", version.Number))
}

// sendCatalogue answers with the document that the command line exports too.
func (c *call) sendCatalogue(cat comity.Catalogue, name string) error {
	var text bytes.Buffer
	if err := catalogue.Write(&text, cat); err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	c.w.WriteHeader(http.StatusOK)
	_, _ = c.w.Write(text.Bytes()) // who went away does not hear of it
	return nil
}

// catalogueLine is one difference as it is shown.
type catalogueLine struct {
	Scenario      string // name; empty: of the catalogue as a whole
	What          string // key under "catalogue.difference."
	Where         string
	Before, After string
	Foreign       bool // Before and After are text that somebody wrote
}

func (s *site) catalogueLines(c *call, now, from comity.Catalogue) ([]catalogueLine, error) {
	names, err := s.mitigationNames(c)
	if err != nil {
		return nil, err
	}
	list := now.Differences(from)
	lines := make([]catalogueLine, 0, len(list))
	for _, d := range list {
		line := catalogueLine{Scenario: c.locale.scenarioName(d.Scenario, now, from), What: d.What, Where: d.Where, Before: d.Before, After: d.After, Foreign: d.What == "basis" || d.What == "text"}
		c.locale.tell(&line, names)
		lines = append(lines, line)
	}
	return lines, nil
}

// tell writes a difference in the language of the page.
func (l *locale) tell(d *catalogueLine, mitigations map[string]string) {
	both := func(write func(string) string) {
		for _, text := range []*string{&d.Before, &d.After} {
			if *text != "" {
				*text = write(*text)
			}
		}
	}
	switch d.What {
	case "source":
		both(func(s string) string { return l.word("scenario.source", s, "") })
	case "origin":
		both(func(s string) string { return l.word("origin", s, "") })
	case "targeted":
		both(func(s string) string {
			if s == "true" {
				return l.T("scenario.targeted")
			}
			return l.T("scenario.opportunistic")
		})
	case "hits":
		both(func(s string) string { return l.wordList("property", s) })
	case "rate", "tolerance":
		both(l.exactText)
	case "order":
		both(func(s string) string { return l.wordList("exposure.stage", s) })
	case "share":
		stage, technique, _ := strings.Cut(d.Where, " ")
		d.Where = technique + " · " + l.word("exposure.stage", stage, "")
		both(l.exactText)
	case "strength":
		d.Where = strings.TrimSpace(d.Where + " " + mitigations[d.Where])
		both(l.exactText)
	case "band":
		grade, area, _ := strings.Cut(d.Where, " ")
		d.Where = grade + " · " + l.word("area", area, "")
		both(l.exactText)
	}
}

// exact writes a number with every digit that it has.
func (l *locale) exact(x float64) string { return l.exactText(amountText(x)) }

// exactText writes the text of a number, or of two, as the language does.
func (l *locale) exactText(text string) string { return strings.ReplaceAll(text, ".", l.conv.point) }

// nameOf returns a scenario's name as its catalogue has it, which need not be in force.
func (l *locale) nameOf(sc comity.Scenario) string {
	if name, _ := scenarioText(sc, l.lang); name != "" {
		return name
	}
	return l.word("scenario", string(sc.ID), "name")
}

// scenarioName returns the name of a scenario in the first of these catalogues that has it; empty for no scenario.
func (l *locale) scenarioName(id comity.ScenarioID, in ...comity.Catalogue) string {
	if id == "" {
		return ""
	}
	for _, cat := range in {
		for _, find := range []func(comity.ScenarioID) (comity.Scenario, bool){cat.Scenario, cat.RetiredScenario} {
			if sc, ok := find(id); ok {
				return l.nameOf(sc)
			}
		}
	}
	return l.word("scenario", string(id), "name")
}
