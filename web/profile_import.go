package web

import (
	"io"
	"mime"
	"strings"

	"comity"
	"comity/intake/profilecsv"
)

func (s *site) profileImport(r *routes) {
	r.handle("GET /profile/import", editors, s.showImport)
	r.handle("POST /profile/import", editors, s.importProfile)
	r.handle("GET /profile/export.csv", members, s.exportProfile)
}

// importBytes bounds the rows that somebody sends; profilecsv tells of one byte more.
const importBytes = profilecsv.MaxBytes + 1

// importView is the page of the import. Its preview carries the rows to the second step in the form itself: nothing of
// an unfinished import is kept here.
type importView struct {
	profileView
	Mode     profilecsv.Mode
	Rows     string // what was read, for the second step
	Checked  bool   // Problems and Effects say something
	NoFile   bool
	Problems []importProblem
	Effects  []importEffect
	Nothing  bool // the profile is so already
	Columns  []importColumn
	SizeMB   int
}

// importProblem is one thing that is wrong, in words.
type importProblem struct {
	profilecsv.Problem
	Text string
}

func (c *call) importProblems(problems []profilecsv.Problem) []importProblem {
	list := make([]importProblem, 0, len(problems))
	for _, p := range problems {
		list = append(list, importProblem{p, c.t("profile.problem."+string(p.Code), "value", p.Value)})
	}
	return list
}

// importEffect is what the import does to one section.
type importEffect struct {
	Section string
	profilecsv.Effect
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
		words("kind", profilecsv.KindService, profilecsv.KindSoftware, profilecsv.KindSupplier, profilecsv.KindCoverage),
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
	return importView{profileView: c.profileView(p, formOf(nil)), Mode: profilecsv.Merge, Columns: importColumns(), SizeMB: profilecsv.MaxBytes >> 20}
}

func (s *site) showImport(c *call) error {
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	return c.render("profile/import", c.importView(p))
}

func (s *site) importProfile(c *call) error {
	u, err := c.upload(2*importBytes+formBytes, "file", "mode", "rows", "apply", "revision")
	if err != nil {
		return err
	}
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	v := c.importView(p)
	if u.fields["mode"] == string(profilecsv.Replace) {
		v.Mode = profilecsv.Replace
	}
	if v.Rows, err = importRows(u); err != nil {
		return err
	}
	if strings.TrimSpace(v.Rows) == "" {
		v.NoFile = true
		v.Form.Fail("file", "profile.import.no_file")
		return c.renderInvalid("profile/import", v)
	}
	k, err := s.store.Knowledge(c.ctx(), c.viewer)
	if err != nil {
		return err
	}
	document, problems, err := profilecsv.Parse(strings.NewReader(v.Rows), profilecsv.Options{Mitigations: mitigationNumbers(k)})
	if err != nil {
		return err
	}
	v.Checked, v.Problems = true, c.importProblems(problems)
	if len(problems) > 0 {
		return c.renderInvalid("profile/import", v)
	}
	after, effects := profilecsv.Apply(p, document, v.Mode)
	v.Nothing, v.Effects = effects.Empty(), effectRows(effects)
	if u.fields["apply"] == "" || v.Nothing {
		return c.render("profile/import", v)
	}
	if len(after.Software) > maxSoftware || len(after.Services) > maxServices || len(after.Suppliers) > maxSuppliers {
		return comity.Errorf(comity.TooLarge, "at most %d services, %d lines of software and %d suppliers", maxServices, maxSoftware, maxSuppliers)
	}
	if u.fields["revision"] != revisionText(p) {
		v.Changed = true
		return c.renderChanged("profile/import", v)
	}
	faster, err := c.putProfile(p, after, "/profile", "profile.import.done")
	if !faster || err != nil {
		return err
	}
	v.Changed = true
	return c.renderChanged("profile/import", v)
}

// importRows returns the rows that were pasted or carried over, else the file's.
func importRows(u *upload) (string, error) {
	if u.file == nil || strings.TrimSpace(u.fields["rows"]) != "" {
		return u.fields["rows"], nil
	}
	data, err := io.ReadAll(io.LimitReader(u.file, importBytes))
	if err != nil {
		return "", err
	}
	return string(data), nil
}

func mitigationNumbers(k comity.Knowledge) []string {
	numbers := make([]string, 0, len(k.Mitigations))
	for _, m := range k.Mitigations {
		numbers = append(numbers, m.Number)
	}
	return numbers
}

func effectRows(e profilecsv.Effects) []importEffect {
	return []importEffect{{"services", e.Services}, {"software", e.Software}, {"suppliers", e.Suppliers}, {"coverage", e.Coverage}}
}

func (s *site) exportProfile(c *call) error {
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	name := c.org.Acronym + "-profile-" + comity.DateOf(s.now()).String() + ".csv"
	h := c.w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	return profilecsv.Write(c.w, p)
}
