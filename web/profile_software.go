package web

import (
	"slices"
	"strings"

	"comity"
	"comity/intake/profile"
)

func (s *site) profileSoftware(r *routes) {
	r.handle("GET /profile/software", members, s.listSoftware)
	r.handle("GET /profile/software/new", editors, s.newSoftware)
	r.handle("POST /profile/software/new", editors, s.addSoftware)
	r.handle("GET /profile/software/{id}", members, s.showSoftware)
	r.handle("POST /profile/software/{id}", editors, s.putSoftware)
	r.handle("POST /profile/software/{id}/remove", editors, s.removeSoftware)
}

const maxSoftware = 10_000

var placements = []comity.Placement{comity.InternetFacing, comity.InternalOnly}

// softwareFields are the fields of the form, as the columns of a file are called.
var softwareFields = []string{
	profile.ColumnVendor, profile.ColumnName, profile.ColumnVersion, profile.ColumnPlacement,
	profile.ColumnPatchedOn, profile.ColumnCPE, profile.ColumnPURL,
}

// softwareListView is the inventory.
type softwareListView struct {
	profileView
	Text   string
	Rows   []softwareRow
	Paging paging
}

// softwareRow is one line of the inventory with the number of open matches that it has.
type softwareRow struct {
	comity.Software
	Matches int
}

func (s *site) listSoftware(c *call) error {
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	query := c.r.URL.Query()
	v := softwareListView{profileView: c.profileView(p, nil), Text: strings.TrimSpace(query.Get("q"))}
	found := findSoftware(p.Software, v.Text)
	offset := min(offsetOf(query), len(found))
	shown := found[offset:min(offset+pageSize, len(found))]
	matches := map[comity.SoftwareID]int{}
	err = c.eachMatch(comity.MatchQuery{Open: true, Kind: comity.MatchSoftware}, func(m comity.Match) { matches[m.Software]++ })
	if err != nil {
		return err
	}
	for _, line := range shown {
		v.Rows = append(v.Rows, softwareRow{Software: line, Matches: matches[line.ID]})
	}
	v.Paging = pagingOf("/profile/software", query, offset, len(shown), len(found))
	return c.render("profile/software", v)
}

// findSoftware returns the lines that have every word of text in vendor, name, version, CPE or package URL.
func findSoftware(lines []comity.Software, text string) []comity.Software {
	words := strings.Fields(strings.ToLower(text))
	if len(words) == 0 {
		return lines
	}
	var found []comity.Software
	for _, s := range lines {
		all := strings.ToLower(strings.Join([]string{s.Vendor, s.Name, s.Version, s.CPE, s.PURL, string(s.Placement)}, "\n"))
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(all, w) }) {
			found = append(found, s)
		}
	}
	return found
}

// softwareView is the form of one line of the inventory.
type softwareView struct {
	profileView
	Line       comity.Software // as it is saved; zero for a new one
	New        bool
	Placements []comity.Placement
	Matches    []softwareMatch
}

// softwareMatch is an open match of the line, with what it is of.
type softwareMatch struct {
	comity.Match
	Title string
}

func (c *call) softwareView(p comity.Profile, line comity.Software, f *form) softwareView {
	return softwareView{profileView: c.profileView(p, f), Line: line, New: line.ID == "", Placements: placements}
}

func (s *site) newSoftware(c *call) error {
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	return c.render("profile/software_edit", c.softwareView(p, comity.Software{}, formOf(nil)))
}

// softwareLine returns the line that the path names.
func (c *call) softwareLine(p comity.Profile) (comity.Software, int, error) {
	id, err := comity.ParseSoftwareID(c.r.PathValue("id"))
	i := slices.IndexFunc(p.Software, func(s comity.Software) bool { return s.ID == id })
	if err != nil || i < 0 {
		return comity.Software{}, 0, comity.Errorf(comity.NotFound, "no such software")
	}
	return p.Software[i], i, nil
}

func (s *site) showSoftware(c *call) error {
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	line, _, err := c.softwareLine(p)
	if err != nil {
		return err
	}
	v := c.softwareView(p, line, softwareForm(line))
	if err := c.addSoftwareMatches(&v); err != nil {
		return err
	}
	return c.render("profile/software_edit", v)
}

// addSoftwareMatches adds the open matches of the line, so that a change can be seen against them.
func (c *call) addSoftwareMatches(v *softwareView) error {
	var ids []comity.ThreatID
	err := c.eachMatch(comity.MatchQuery{Open: true, Kind: comity.MatchSoftware}, func(m comity.Match) {
		if m.Software == v.Line.ID {
			v.Matches = append(v.Matches, softwareMatch{Match: m})
			ids = append(ids, m.Threat)
		}
	})
	if err != nil || len(ids) == 0 {
		return err
	}
	threats, err := c.site.store.ThreatsByID(c.ctx(), c.viewer, ids)
	for i, m := range v.Matches {
		v.Matches[i].Title = threatTitle(threats[m.Threat])
	}
	return err
}

func softwareForm(s comity.Software) *form {
	return formOf(map[string]string{
		"vendor": s.Vendor, "name": s.Name, "version": s.Version, "placement": string(s.Placement),
		"patched_on": s.PatchedOn.String(), "cpe": s.CPE, "purl": s.PURL,
	})
}

// readSoftware reads one line from the form.
func readSoftware(f *form) comity.Software {
	line, problems := profile.ParseSoftware(f.Value)
	for _, p := range problems {
		f.Fail(p.Column, "profile.problem."+string(p.Code), "value", p.Value)
	}
	return line
}

func (s *site) addSoftware(c *call) error {
	f, err := c.form(append([]string{"revision"}, softwareFields...)...)
	if err != nil {
		return err
	}
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	line := readSoftware(f)
	if len(p.Software) >= maxSoftware {
		f.Fail("name", "profile.problem.limit", "value", maxSoftware)
	}
	v := c.softwareView(p, comity.Software{}, f)
	if !f.OK() {
		return c.renderInvalid("profile/software_edit", v)
	}
	if line.ID, err = newID(comity.MakeSoftwareID); err != nil {
		return err
	}
	after := p
	after.Software = append(slices.Clone(p.Software), line)
	profile.Sort(&after)
	return c.saveSoftware(p, after, v, "profile.software.added")
}

// saveSoftware saves a changed inventory; if somebody was faster it shows the form again.
func (c *call) saveSoftware(before, after comity.Profile, v softwareView, flash string) error {
	faster, err := c.putProfile(before, after, "/profile/software", flash)
	if !faster || err != nil {
		return err
	}
	v.Changed = true
	return c.renderChanged("profile/software_edit", v)
}

func (s *site) putSoftware(c *call) error {
	f, err := c.form(append([]string{"revision"}, softwareFields...)...)
	if err != nil {
		return err
	}
	id := comity.SoftwareID(c.r.PathValue("id"))
	p, changed, err := c.editable(f, func(p comity.Profile) any { return lineWith(p, id) })
	if err != nil {
		return err
	}
	saved, i, err := c.softwareLine(p)
	if err != nil {
		return err
	}
	line := readSoftware(f)
	line.ID = saved.ID
	v := c.softwareView(p, saved, f)
	if !f.OK() {
		return c.renderInvalid("profile/software_edit", v)
	}
	if changed {
		v.Changed = true
		return c.renderChanged("profile/software_edit", v)
	}
	after := p
	after.Software = slices.Clone(p.Software)
	after.Software[i] = line
	profile.Sort(&after)
	return c.saveSoftware(p, after, v, "profile.saved")
}

// lineWith returns the line of the inventory with this identity, the zero line if there is none.
func lineWith(p comity.Profile, id comity.SoftwareID) comity.Software {
	for _, s := range p.Software {
		if s.ID == id {
			return s
		}
	}
	return comity.Software{}
}

func (s *site) removeSoftware(c *call) error {
	f, err := c.form("revision")
	if err != nil {
		return err
	}
	id := comity.SoftwareID(c.r.PathValue("id"))
	p, changed, err := c.editable(f, func(p comity.Profile) any { return lineWith(p, id) })
	if err != nil {
		return err
	}
	line, i, err := c.softwareLine(p)
	if err != nil {
		return err
	}
	v := c.softwareView(p, line, softwareForm(line))
	if changed {
		v.Changed = true
		return c.renderChanged("profile/software_edit", v)
	}
	after := p
	after.Software = slices.Delete(slices.Clone(p.Software), i, i+1)
	return c.saveSoftware(p, after, v, "profile.software.removed")
}
