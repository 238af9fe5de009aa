package web

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"comity"
	"comity/assess/catalogue"
)

func (s *site) catalogueEdit(r *routes) {
	r.handle("GET /catalogue/draft/new", catalogueEditors, s.editScenario)
	r.handle("POST /catalogue/draft/new", catalogueEditors, s.putScenario)
	r.handle("GET /catalogue/draft/scenarios/{scenario}", catalogueEditors, s.editScenario)
	r.handle("POST /catalogue/draft/scenarios/{scenario}", catalogueEditors, s.putScenario)
	r.handle("POST /catalogue/draft/scenarios/{scenario}/move", catalogueEditors, s.moveScenario)
	r.handle("GET /catalogue/draft/values", catalogueEditors, s.editValues)
	r.handle("POST /catalogue/draft/values", catalogueEditors, s.putValues)
}

const (
	spareRows  = 4   // of the path's table, to add techniques
	mostRows   = 200 // of a path's table
	basisRunes = 2000
	nameRunes  = 120
	textRows   = 1000 // characters of a description
	sumOfOne   = 1e-9
)

// scenarioEditView is the form of one scenario of the draft.
type scenarioEditView struct {
	catalogueView
	Form       *form
	ID         comity.ScenarioID // empty: a new one
	Action     string
	Sources    []comity.ThreatSource
	Origins    []comity.Origin
	Properties []string
	Tactics    []string // short names
	Rows       []pathRow
	Languages  []string
	Texts      bool // names and descriptions are worth showing at once
}

// pathRow is one row of the table of a path.
type pathRow struct {
	N                       int
	Stage, Technique, Share field
	Name                    string // of the technique
}

// draftOf returns the draft, which must be there.
func (s *site) draftOf(c *call) (comity.CatalogueDraft, error) {
	return s.store.CatalogueDraft(c.ctx(), c.viewer)
}

// scenarioOf returns the scenario of the draft that the path names; the zero Scenario for a new one.
func scenarioOf(c *call, d comity.CatalogueDraft) (comity.Scenario, error) {
	id := comity.ScenarioID(c.r.PathValue("scenario"))
	if id == "" {
		return comity.Scenario{}, nil
	}
	sc, ok := d.Catalogue.Scenario(id)
	if !ok {
		return sc, comity.Errorf(comity.NotFound, "no such scenario in the draft")
	}
	return sc, nil
}

func (s *site) editScenario(c *call) error {
	d, err := s.draftOf(c)
	if err != nil {
		return err
	}
	sc, err := scenarioOf(c, d)
	if err != nil {
		return err
	}
	f := scenarioForm(sc)
	f.values.Set("revision", strconv.Itoa(d.Revision))
	v, err := s.scenarioEditView(c, sc.ID, f, len(mixRows(sc))+spareRows)
	if err != nil {
		return err
	}
	return c.render("catalogue/edit", v)
}

// scenarioForm shows a scenario in a form.
func scenarioForm(sc comity.Scenario) *form {
	f := formOf(map[string]string{
		"id": string(sc.ID), "source": string(sc.Source), "origin": string(sc.Origin), "basis": sc.Basis,
		"low": amountText(sc.Rate.Low), "high": amountText(sc.Rate.High),
	})
	if sc.ID == "" {
		f.values.Set("low", "")
		f.values.Set("high", "")
		f.values.Set("basis", hypothesisPrefix+" ")
	}
	if sc.Targeted {
		f.values.Set("targeted", "1")
	}
	for _, p := range comity.Properties {
		if sc.Properties.Has(p) {
			f.values.Add("hits", p.String())
		}
	}
	for i, r := range mixRows(sc) {
		f.values.Set(fmt.Sprintf("stage.%d", i), r.stage)
		f.values.Set(fmt.Sprintf("technique.%d", i), r.technique)
		f.values.Set(fmt.Sprintf("share.%d", i), amountText(r.share))
	}
	for lang, t := range sc.Texts {
		f.values.Set("name."+lang, t.Name)
		f.values.Set("text."+lang, t.Text)
	}
	return f
}

func (s *site) scenarioEditView(c *call, id comity.ScenarioID, f *form, rows int) (scenarioEditView, error) {
	v := scenarioEditView{
		Form: f, ID: id, Action: draftPath + "/new", Sources: comity.ThreatSources, Origins: comity.Origins, Properties: propertyKeys(), Languages: Languages,
	}
	if id != "" {
		v.Action = draftPath + "/scenarios/" + string(id)
	}
	k, err := s.store.Knowledge(c.ctx(), c.viewer)
	if err != nil {
		return v, err
	}
	v.Texts = id == "" || f.Value("name.en") != "" || !f.OK()
	v.Tactics = tactics(k, s.pipeline.Catalogue())
	for i := range min(rows, mostRows) {
		technique := fmt.Sprintf("technique.%d", i)
		v.Rows = append(v.Rows, pathRow{
			N: i + 1, Stage: field{f, fmt.Sprintf("stage.%d", i)}, Technique: field{f, technique}, Share: field{f, fmt.Sprintf("share.%d", i)},
			Name: k.Names[strings.TrimSpace(f.Value(technique))],
		})
	}
	v.catalogueView, err = c.catalogueView()
	return v, err
}

// tactics lists the short names of ATT&CK's tactics in matrix order; before ATT&CK was taken in, those that the catalogue has.
func tactics(k comity.Knowledge, cat comity.Catalogue) []string {
	var names []string
	for _, t := range k.Tactics {
		names = append(names, t.ShortName)
	}
	if len(names) > 0 {
		return names
	}
	for _, sc := range cat.Scenarios {
		for _, st := range sc.Path {
			if !slices.Contains(names, st.Name) {
				names = append(names, st.Name)
			}
		}
	}
	return names
}

// putScenario keeps one scenario in the draft, or shows the form again with what is wrong or with more rows.
func (s *site) putScenario(c *call) error {
	f, err := c.form("revision", "id", "source", "origin", "hits", "targeted", "low", "high", "basis", "stage.*", "technique.*", "share.*", "name.*", "text.*", "more")
	if err != nil {
		return err
	}
	d, err := s.draftOf(c)
	if err != nil {
		return err
	}
	old, err := scenarioOf(c, d)
	if err != nil {
		return err
	}
	rows := rowsIn(f)
	if f.Flag("more") {
		v, err := s.scenarioEditView(c, old.ID, f, rows+spareRows)
		if err != nil {
			return err
		}
		return c.render("catalogue/edit", v)
	}
	k, err := s.store.Knowledge(c.ctx(), c.viewer)
	if err != nil {
		return err
	}
	sc := readScenario(f, old, d.Catalogue, k, tactics(k, d.Catalogue), rows)
	after := withScenario(d, sc)
	if f.OK() {
		if err := catalogue.Check(after.Catalogue, k); err != nil {
			f.Fail(fieldOf(err), "catalogue.import.wrong", "problem", plain(err.Error()))
		}
	}
	if !f.OK() {
		v, err := s.scenarioEditView(c, old.ID, f, rows)
		if err != nil {
			return err
		}
		return c.renderInvalid("catalogue/edit", v)
	}
	return s.keepDraft(c, f, after)
}

// fieldOf returns the field of the form to which the place of a mistake belongs.
func fieldOf(err error) string {
	for part, field := range map[string]string{"/rate: ": "high", "/path": "technique.0", "/texts": "name.en", "/hits: ": "hits"} {
		if strings.Contains(err.Error(), part) {
			return field
		}
	}
	return "basis"
}

// keepDraft stores a draft that was made from the revision that the form names.
func (s *site) keepDraft(c *call, f *form, d comity.CatalogueDraft) error {
	d.Revision, d.Restores = revisionOf(f), 0
	if _, err := s.store.PutCatalogueDraft(c.ctx(), c.viewer, d, s.now()); err != nil {
		return err
	}
	c.flash("catalogue.draft.saved")
	return c.redirect(draftPath)
}

// withScenario returns the draft with a scenario in the place of the one of its name, or at the end.
func withScenario(d comity.CatalogueDraft, sc comity.Scenario) comity.CatalogueDraft {
	d.Catalogue.Scenarios = slices.Clone(d.Catalogue.Scenarios)
	for i, other := range d.Catalogue.Scenarios {
		if other.ID == sc.ID {
			d.Catalogue.Scenarios[i] = sc
			return d
		}
	}
	d.Catalogue.Scenarios = append(d.Catalogue.Scenarios, sc)
	return d
}

// rowsIn returns how many rows of a path the form has.
func rowsIn(f *form) int {
	n := 0
	for name := range f.values {
		if digits, ok := strings.CutPrefix(name, "technique."); ok {
			if i, err := strconv.Atoi(digits); err == nil && i >= n && i < mostRows {
				n = i + 1
			}
		}
	}
	return n
}

var scenarioWord = regexp.MustCompile(`^[a-z][a-z0-9-]{1,39}$`)

// readScenario reads a scenario; old is what it was, zero for a new one.
func readScenario(f *form, old comity.Scenario, in comity.Catalogue, k comity.Knowledge, stages []string, rows int) comity.Scenario {
	sc := comity.Scenario{ID: old.ID, Texts: readTexts(f)}
	if sc.ID == "" {
		sc.ID = comity.ScenarioID(f.Required("id", 40))
		_, taken := in.Scenario(sc.ID)
		_, retired := in.RetiredScenario(sc.ID)
		switch {
		case !scenarioWord.MatchString(string(sc.ID)):
			f.Fail("id", "catalogue.edit.error.id")
		case taken || retired:
			f.Fail("id", "catalogue.edit.error.taken")
		}
		if f.Value("name.en") == "" {
			f.Fail("name.en", "error.field.required")
		}
	}
	sc.Source = comity.ThreatSource(f.Choice("source", words(comity.ThreatSources)...))
	sc.Origin = comity.Origin(f.Choice("origin", words(comity.Origins)...))
	for _, p := range comity.Properties {
		if f.Has("hits", p.String()) {
			sc.Properties |= comity.MaskOf(p)
		}
	}
	if sc.Properties == 0 {
		f.Fail("hits", "catalogue.edit.error.hits")
	}
	sc.Rate = comity.Interval{Low: f.Float("low", 1e-6, 1e6), High: f.Float("high", 1e-6, 1e6)}
	if f.Error("low") == nil && sc.Rate.High <= sc.Rate.Low {
		f.Fail("high", "catalogue.edit.error.order")
	}
	sc.Basis = f.Required("basis", basisRunes)
	adversarial := sc.Source == comity.SourceAdversarial
	if sc.Targeted = f.Flag("targeted"); sc.Targeted && !adversarial {
		f.Fail("targeted", "catalogue.edit.error.targeted")
	}
	sc.Path = readPath(f, k, stages, rows)
	if len(sc.Path) > 0 && !adversarial {
		f.Fail("technique.0", "catalogue.edit.error.path")
	}
	return sc
}

func readTexts(f *form) map[string]comity.ScenarioText {
	texts := map[string]comity.ScenarioText{}
	for _, lang := range Languages {
		t := comity.ScenarioText{Name: f.Text("name."+lang, nameRunes), Text: f.Text("text."+lang, textRows)}
		switch {
		case t.Name != "":
			texts[lang] = t
		case t.Text != "":
			f.Fail("name."+lang, "error.field.required")
		}
	}
	if _, english := texts["en"]; len(texts) > 0 && !english {
		f.Fail("name.en", "catalogue.edit.error.english")
	}
	if len(texts) == 0 {
		return nil
	}
	return texts
}

// readPath reads the table of a path: rows of one stage need not stand together, and stages come in the order of their
// first row.
func readPath(f *form, k comity.Knowledge, stages []string, rows int) []comity.Stage {
	var path []comity.Stage
	last := map[string]string{} // the last row's field of each stage
	for i := range rows {
		technique, share := fmt.Sprintf("technique.%d", i), fmt.Sprintf("share.%d", i)
		number := strings.ToUpper(f.Text(technique, 12))
		if number == "" {
			continue
		}
		if _, known := k.Names[number]; len(k.Names) > 0 && !known {
			f.Fail(technique, "catalogue.edit.error.technique", "technique", plain(number))
		}
		stage := f.Choice(fmt.Sprintf("stage.%d", i), stages...)
		one := comity.StageTechnique{Technique: number, Share: f.Float(share, 0, 1)}
		at := slices.IndexFunc(path, func(s comity.Stage) bool { return s.Name == stage })
		if at < 0 {
			at = len(path)
			path = append(path, comity.Stage{Name: stage})
		}
		path[at].Techniques = append(path[at].Techniques, one)
		last[stage] = share
	}
	for _, st := range path {
		sum := 0.0
		for _, t := range st.Techniques {
			sum += t.Share
		}
		if math.Abs(sum-1) > sumOfOne {
			f.Fail(last[st.Name], "catalogue.edit.error.sum", "sum", plain(strconv.FormatFloat(sum, 'g', 10, 64)))
		}
	}
	return path
}

// moveScenario retires a scenario of the draft, or brings a retired one back.
func (s *site) moveScenario(c *call) error {
	f, err := c.form("revision")
	if err != nil {
		return err
	}
	d, err := s.draftOf(c)
	if err != nil {
		return err
	}
	id := comity.ScenarioID(c.r.PathValue("scenario"))
	is := func(sc comity.Scenario) bool { return sc.ID == id }
	from, to := &d.Catalogue.Scenarios, &d.Catalogue.Retired
	if _, retired := d.Catalogue.RetiredScenario(id); retired {
		from, to = to, from
	}
	i := slices.IndexFunc(*from, is)
	if i < 0 {
		return comity.Errorf(comity.NotFound, "no such scenario in the draft")
	}
	if from == &d.Catalogue.Scenarios && len(*from) == 1 {
		return s.refuseDraft(c, "note", "catalogue.edit.error.last")
	}
	*to = append(slices.Clone(*to), (*from)[i])
	*from = slices.DeleteFunc(slices.Clone(*from), is)
	return s.keepDraft(c, f, d)
}

// valuesEditView is the form of what is the same for all scenarios: tolerance, bands and strengths.
type valuesEditView struct {
	catalogueView
	Form      *form
	Tolerance field
	Grades    []bandGrade
	Areas     []comity.Area
	Strengths []strengthField
}

type strengthField struct {
	control
	Field field
}

func (s *site) editValues(c *call) error {
	d, err := s.draftOf(c)
	if err != nil {
		return err
	}
	values := map[string]string{"revision": strconv.Itoa(d.Revision), "tolerance": amountText(d.Catalogue.Tolerance)}
	for i, row := range d.Catalogue.Bands {
		for _, area := range comity.Areas {
			values[bandField("low", i+1, area)] = amountText(row[area].Low)
			values[bandField("high", i+1, area)] = amountText(row[area].High)
		}
	}
	for code, e := range d.Catalogue.Strength {
		values["strength."+code] = amountText(e)
	}
	v, err := s.valuesEditView(c, d, formOf(values))
	if err != nil {
		return err
	}
	return c.render("catalogue/values", v)
}

func (s *site) valuesEditView(c *call, d comity.CatalogueDraft, f *form) (valuesEditView, error) {
	v := valuesEditView{Form: f, Tolerance: field{f, "tolerance"}, Areas: comity.Areas[:], Grades: bandGrades(f)}
	names, err := s.mitigationNames(c)
	if err != nil {
		return v, err
	}
	for _, code := range slices.Sorted(maps.Keys(d.Catalogue.Strength)) {
		v.Strengths = append(v.Strengths, strengthField{control{code, names[code]}, field{f, "strength." + code}})
	}
	v.catalogueView, err = c.catalogueView()
	return v, err
}

// bandGrades lays the fields of a band table out.
func bandGrades(f *form) []bandGrade {
	var grades []bandGrade
	for grade := 1; grade <= 4; grade++ {
		row := bandGrade{Grade: grade}
		for _, area := range comity.Areas {
			row.Cells = append(row.Cells, bandCell{
				Grade: grade, Area: area,
				Low: field{f, bandField("low", grade, area)}, High: field{f, bandField("high", grade, area)},
			})
		}
		grades = append(grades, row)
	}
	return grades
}

func (s *site) putValues(c *call) error {
	f, err := c.form("revision", "tolerance", "low.*", "high.*", "strength.*")
	if err != nil {
		return err
	}
	d, err := s.draftOf(c)
	if err != nil {
		return err
	}
	d.Catalogue.Tolerance = f.Float("tolerance", 1, maxAmount)
	d.Catalogue.Bands = *readBands(f)
	strength := map[string]float64{}
	for code := range d.Catalogue.Strength {
		strength[code] = f.Float("strength."+code, 0, 1)
	}
	d.Catalogue.Strength = strength
	if f.OK() {
		wrong, err := s.wrongWith(c, d.Catalogue)
		if err != nil {
			return err
		}
		if wrong != "" {
			f.Fail("tolerance", "catalogue.import.wrong", "problem", plain(wrong))
		}
	}
	if !f.OK() {
		v, err := s.valuesEditView(c, d, f)
		if err != nil {
			return err
		}
		return c.renderInvalid("catalogue/values", v)
	}
	return s.keepDraft(c, f, d)
}

// mixRows lists the techniques of a path with their stages, in order.
func mixRows(sc comity.Scenario) []mixRow {
	var rows []mixRow
	for _, st := range sc.Path {
		for _, t := range st.Techniques {
			rows = append(rows, mixRow{st.Name, t.Technique, t.Share})
		}
	}
	return rows
}

type mixRow struct {
	stage, technique string
	share            float64
}
