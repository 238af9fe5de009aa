package web

import (
	"fmt"
	"io"
	"mime"
	"slices"
	"strings"

	"comity"
	"comity/intake/profile"
	"comity/intake/profilefile"
)

func (s *site) profileImport(r *routes) {
	r.handle("GET /profile/import", editors, s.showImport)
	r.handle("POST /profile/import", editors, s.readImport)
	r.handle("GET /profile/import/preview", editors, s.previewImport)
	r.handle("POST /profile/import/preview", editors, s.decideImport)
	r.handle("POST /profile/import/save", editors, s.saveImport)
	r.handle("POST /profile/import/discard", editors, s.discardImport)
	s.profileExports(r)
}

// importBytes bounds what somebody sends; the parsers tell of one byte more.
const importBytes = profilefile.MaxBytes + 1

// importView is the page on which a file is chosen.
type importView struct {
	profileView
	Draft   string // name of an import that was begun; empty: none, or pasted rows
	Began   bool   // there is one
	Columns []importColumn
	SizeMB  int
}

// importColumn documents one column of the file.
type importColumn struct {
	Name   string
	Values []string // what may stand there; none: see Form
	Form   string   // key of the form: "free" or "date_form"
}

func importColumns() []importColumn {
	free := func(name string) importColumn { return importColumn{Name: name, Form: "free"} }
	words := func(name string, values ...string) importColumn { return importColumn{Name: name, Values: values} }
	columns := []importColumn{
		words("kind", profile.Kinds...),
		free("id"), free("name"), free("vendor"), free("version"),
		words("placement", stringsOf(placements)...),
		{Name: "patched_on", Form: "date_form"},
		free("cpe"), free("purl"),
		words("level", stringsOf(comity.Levels)...),
	}
	for _, p := range comity.Properties {
		columns = append(columns, words(p.String(), "0–4"))
	}
	return append(columns, words("dependence", "0–1", "0–100%"), words("mitigation", "M1032"), words("coverage", "0", "25", "50", "75", "95"))
}

func (c *call) importView(p comity.Profile) importView {
	return importView{profileView: c.profileView(p, formOf(nil)), Columns: importColumns(), SizeMB: profilefile.MaxBytes >> 20}
}

func (s *site) showImport(c *call) error {
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	v := c.importView(p)
	d, err := c.draft()
	if err != nil && comity.KindOf(err) != comity.NotFound {
		return err
	}
	v.Began, v.Draft = err == nil, d.Name
	return c.render("profile/import", v)
}

// readImport reads a file, keeps what it says, and goes on to the preview. Nothing of the profile changes.
func (s *site) readImport(c *call) error {
	u, err := c.upload(2*importBytes+formBytes, "file", "rows")
	if err != nil {
		return err
	}
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	var document io.Reader = strings.NewReader(u.fields["rows"])
	name := ""
	switch {
	case strings.TrimSpace(u.fields["rows"]) != "":
	case u.file != nil:
		document, name = u.file, u.name
	default:
		v := c.importView(p)
		v.Form.Fail("file", "profile.import.no_file")
		return c.renderInvalid("profile/import", v)
	}
	k, err := s.store.Knowledge(c.ctx(), c.viewer)
	if err != nil {
		return err
	}
	f, err := profilefile.Read(document, "", profile.Options{Mitigations: mitigationNumbers(k), Scenarios: scenarioNames(s.pipeline.Catalogue())})
	if err != nil {
		return err
	}
	if err := c.putDraft(draft{Name: name, File: f, Mode: profile.Merge, Placement: comity.InternalOnly, Classes: profile.Classes}); err != nil {
		return err
	}
	return c.redirect(previewPath)
}

func mitigationNumbers(k comity.Knowledge) []string {
	numbers := make([]string, 0, len(k.Mitigations))
	for _, m := range k.Mitigations {
		numbers = append(numbers, m.Number)
	}
	return numbers
}

func scenarioNames(catalogue comity.Catalogue) []string {
	names := make([]string, 0, len(catalogue.Scenarios))
	for _, s := range catalogue.Scenarios {
		names = append(names, string(s.ID))
	}
	return names
}

const previewPath = "/profile/import/preview"

// previewView is the page that shows everything that an import would do, and everything that is wrong with it.
type previewView struct {
	profileView
	Draft      draft
	Rows       int // read without a problem
	Wrong      int // places with a problem
	Fatal      bool
	Saveable   bool
	Nothing    bool // the profile is so already
	Late       bool // what was confirmed is not what would be saved now
	Effects    []importEffect
	Classes    []classChoice
	Passed     int
	Show       string // "problems", or a profile.What
	Shows      []showChoice
	Problems   []importProblem
	Lines      []profile.Difference
	Paging     paging
	Result     string
	Placements []comity.Placement
}

// importProblem is one thing that is wrong, in words.
type importProblem struct {
	profile.Problem
	Text string
}

func (c *call) importProblem(p profile.Problem) importProblem {
	key := "profile.problem." + string(p.Code)
	if p.Code == profile.Duplicate && p.Path != "" {
		key += "_at"
	}
	return importProblem{p, c.t(key, "value", p.Value)}
}

// importEffect is what the import does to one section.
type importEffect struct {
	Section profile.Section
	profile.Effect
}

// classChoice is a class of software with how many of it the file has.
type classChoice struct {
	Class  profile.Class
	Count  int
	Chosen bool
}

// showChoice is a list that the preview can show.
type showChoice struct {
	Show    string
	Count   int
	Path    string
	Current bool
}

func (s *site) previewImport(c *call) error {
	d, err := c.draft()
	if comity.KindOf(err) == comity.NotFound && err != nil {
		c.flash("profile.import.gone")
		return c.redirect("/profile/import")
	}
	if err != nil {
		return err
	}
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	v, err := c.previewView(p, d)
	if err != nil {
		return err
	}
	return c.render("profile/preview", v)
}

// previewView returns what the draft would do to the profile.
func (c *call) previewView(p comity.Profile, d draft) (previewView, error) {
	o := d.apply(p)
	v := previewView{
		profileView: c.profileView(p, nil), Draft: d, Rows: d.File.Document.Rows(), Wrong: wrongPlaces(d.File.Problems), Fatal: d.fatal(), Saveable: d.saveable(),
		Nothing: o.effects.Empty(), Placements: placements,
	}
	for _, section := range profile.Sections {
		if e := o.effects.Of(section); e != (profile.Effect{}) {
			v.Effects = append(v.Effects, importEffect{section, e})
		}
	}
	for _, class := range profile.Classes {
		n := 0
		for _, other := range d.File.Document.Classes {
			if other == class {
				n++
			}
		}
		if n > 0 {
			v.Classes = append(v.Classes, classChoice{class, n, slices.Contains(d.Classes, class)})
		}
	}
	for _, n := range d.File.Document.Passed {
		v.Passed += n
	}
	c.addLists(&v, o)
	var err error
	v.Result, err = o.result()
	return v, err
}

// wrongPlaces counts the rows that have a problem.
func wrongPlaces(problems []profile.Problem) int {
	places := map[profile.Place]bool{}
	for _, p := range problems {
		places[p.Place()] = true
	}
	return len(places)
}

// addLists adds the list that the address asks for, and the ways to the others.
func (c *call) addLists(v *previewView, o outcome) {
	query := c.r.URL.Query()
	byWhat := map[string][]profile.Difference{}
	for _, d := range o.differences {
		byWhat[string(d.What)] = append(byWhat[string(d.What)], d)
	}
	counts := []showChoice{{Show: "problems", Count: len(v.Draft.File.Problems)}}
	for _, what := range profile.Whats {
		counts = append(counts, showChoice{Show: string(what), Count: len(byWhat[string(what)])})
	}
	for _, choice := range counts {
		if choice.Count > 0 && (v.Show == "" || choice.Show == query.Get("show")) {
			v.Show = choice.Show
		}
	}
	for _, choice := range counts {
		if choice.Path, choice.Current = previewPath+"?show="+choice.Show, choice.Show == v.Show; choice.Count > 0 {
			v.Shows = append(v.Shows, choice)
		}
	}
	if v.Show == "problems" {
		all := v.Draft.File.Problems
		offset := min(offsetOf(query), len(all))
		for _, p := range all[offset:min(offset+pageSize, len(all))] {
			v.Problems = append(v.Problems, c.importProblem(p))
		}
		v.Paging = pagingOf(previewPath, query, offset, len(v.Problems), len(all))
		return
	}
	all := byWhat[v.Show]
	offset := min(offsetOf(query), len(all))
	for _, d := range all[offset:min(offset+pageSize, len(all))] {
		v.Lines = append(v.Lines, told(d))
	}
	v.Paging = pagingOf(previewPath, query, offset, len(v.Lines), len(all))
}

// told returns a difference without the fields that its name says already: those of a line that comes or goes.
func told(d profile.Difference) profile.Difference {
	if d.What != profile.Added && d.What != profile.Removed {
		return d
	}
	d.Fields = slices.DeleteFunc(slices.Clone(d.Fields), func(f profile.FieldChange) bool {
		return slices.Contains([]string{profile.ColumnName, profile.ColumnVendor, profile.ColumnVersion, profile.ColumnMitigation}, f.Column)
	})
	return d
}

// decideImport changes what was decided about an import, and shows what it would do then.
func (s *site) decideImport(c *call) error {
	f, err := c.form("mode", "placement", "class", "leave")
	if err != nil {
		return err
	}
	d, err := c.draft()
	if err != nil {
		return err
	}
	d.Mode = profile.Mode(f.Choice("mode", string(profile.Merge), string(profile.Replace)))
	d.Leave = f.Flag("leave")
	if f.Value("placement") != "" {
		d.Placement = comity.Placement(f.Choice("placement", stringsOf(placements)...))
	}
	if d.File.Document.Classes != nil {
		d.Classes = nil
		for _, class := range profile.Classes {
			if f.Has("class", string(class)) {
				d.Classes = append(d.Classes, class)
			}
		}
	}
	if !f.OK() {
		return comity.Errorf(comity.Invalid, "no such choice")
	}
	if err := c.putDraft(d); err != nil {
		return err
	}
	return c.redirect(previewPath)
}

// saveImport saves what the preview showed: if that is no longer what the import would do, it shows what it would do now
// and saves nothing.
func (s *site) saveImport(c *call) error {
	f, err := c.form("result")
	if err != nil {
		return err
	}
	d, err := c.draft()
	if err != nil {
		return err
	}
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	v, err := c.previewView(p, d)
	if err != nil {
		return err
	}
	if !v.Saveable || v.Nothing {
		return c.renderInvalid("profile/preview", v)
	}
	if v.Late = f.Value("result") != v.Result; v.Late {
		return c.renderChanged("profile/preview", v)
	}
	after := d.apply(p).after
	if len(after.Software) > maxSoftware || len(after.Services) > maxServices || len(after.Suppliers) > maxSuppliers {
		return comity.Errorf(comity.TooLarge, "at most %d services, %d lines of software and %d suppliers", maxServices, maxSoftware, maxSuppliers)
	}
	faster, err := c.putProfile(p, after, "/profile", "profile.import.done")
	if err != nil {
		return err
	}
	if v.Late = faster; faster {
		return c.renderChanged("profile/preview", v)
	}
	if err := s.store.DeleteProfileDraft(c.ctx(), c.viewer); err != nil {
		s.log.Error("forget a saved import", "err", err) // it is saved, and its draft ends by itself
	}
	return nil
}

func (s *site) discardImport(c *call) error {
	if _, err := c.form(); err != nil {
		return err
	}
	if err := s.store.DeleteProfileDraft(c.ctx(), c.viewer); err != nil {
		return err
	}
	c.flash("profile.import.discarded")
	return c.redirect("/profile/import")
}

// exports are the files in which a profile leaves, by the last part of their path.
var exports = []struct {
	file, name, kind string
	format           profilefile.Format
}{
	{"export.csv", "CSV", "text/csv; charset=utf-8; header=present", profilefile.CSV},
	{"export.xlsx", "XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", profilefile.XLSX},
	{"export.json", "JSON", "application/json", profilefile.JSON},
	{"export.cdx.json", "CycloneDX", "application/vnd.cyclonedx+json", profilefile.CycloneDX},
}

func (s *site) profileExports(r *routes) {
	for _, e := range exports {
		r.handle("GET /profile/"+e.file, members, func(c *call) error {
			p, err := c.ownProfile()
			if err != nil {
				return err
			}
			name := fmt.Sprintf("%s-profile-%s%s", c.org.Acronym, comity.DateOf(s.now()), strings.TrimPrefix(e.file, "export"))
			h := c.w.Header()
			h.Set("Content-Type", e.kind)
			h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
			return profilefile.Write(c.w, e.format, p)
		})
	}
}
