package web

import (
	"reflect"

	"comity"
)

func (s *site) profile(r *routes) {
	r.handle("GET /profile", members, s.showProfile)
	r.handle("POST /profile/undo", editors, s.undoProfile)
	s.profileServices(r)
	s.profileBands(r)
	s.profileSoftware(r)
	s.profileSuppliers(r)
	s.profileScope(r)
	s.profileIncidents(r)
	s.profileCoverage(r)
	s.profileImport(r)
}

// ownProfile returns the profile of the viewer's organisation.
func (c *call) ownProfile() (comity.Profile, error) {
	return c.site.store.Profile(c.ctx(), c.viewer, c.viewer.Org())
}

// profileView is what every page of the profile shows besides its own.
type profileView struct {
	view
	Profile comity.Profile
	Edits   bool
	Form    *form
	Changed bool // somebody else saved in the meantime; Form has what the user typed, Profile what is saved
}

// profileView returns the common part of a page on this profile.
func (c *call) profileView(p comity.Profile, f *form) profileView {
	v := profileView{view: c.view(), Profile: p, Form: f, Edits: editors(c) == nil}
	v.Marking = ownMarking
	return v
}

// sectionState says how far a section is answered.
type sectionState string

const (
	sectionPrior    sectionState = "prior"
	sectionPartly   sectionState = "partly"
	sectionAnswered sectionState = "answered"
)

// profileSection is one line of the overview.
type profileSection struct {
	Key    string // of its name and path
	State  sectionState
	Amount string // what is there, in words
}

// profileOverview is the overview of the profile.
type profileOverview struct {
	profileView
	Sections []profileSection
	Answered int
	Leaves   bool // the viewer may take along and erase all that is here
}

func (s *site) showProfile(c *call) error {
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	evidence, err := s.store.EvidenceOf(c.ctx(), c.viewer, c.viewer.Org())
	if err != nil {
		return err
	}
	k, err := s.store.Knowledge(c.ctx(), c.viewer)
	if err != nil {
		return err
	}
	v := profileOverview{profileView: c.profileView(p, nil), Sections: c.sections(p, evidence, len(k.Mitigations)), Leaves: leavers(c) == nil}
	for _, section := range v.Sections {
		if section.State == sectionAnswered {
			v.Answered++
		}
	}
	return c.render("profile/overview", v)
}

// sections says of each section what is answered, in the order in which answers are worth most.
func (c *call) sections(p comity.Profile, evidence []comity.Evidence, mitigations int) []profileSection {
	entries := 0
	for _, e := range evidence {
		if isOwnRecord(e) && e.Retracted == nil {
			entries++
		}
	}
	bands := "profile.amount.bands_group"
	if p.Bands != nil || p.Tolerance != 0 {
		bands = "profile.amount.bands_own"
	}
	scope := sectionPrior
	switch {
	case len(p.Sectors) > 0 && len(p.Regions) > 0:
		scope = sectionAnswered
	case len(p.Sectors)+len(p.Regions)+len(p.OutOfScope) > 0:
		scope = sectionPartly
	}
	return []profileSection{
		{"services", stateOf(len(p.Services), 5), c.t("profile.amount.services", "count", len(p.Services))},
		{"software", stateOf(len(p.Software), 1), c.t("profile.amount.software", "count", len(p.Software))},
		{"coverage", stateOf(len(p.Coverage), mitigations), c.t("profile.amount.coverage", "count", len(p.Coverage), "total", mitigations)},
		{"incidents", stateOf(entries, 1), c.t("profile.amount.incidents", "count", entries)},
		{"suppliers", stateOf(len(p.Suppliers), 1), c.t("profile.amount.suppliers", "count", len(p.Suppliers))},
		{"scope", scope, c.t("profile.amount.scope", "sectors", len(p.Sectors), "regions", len(p.Regions), "scenarios", len(p.OutOfScope))},
		{"bands", bandsState(p), c.t(bands)},
	}
}

// stateOf says how far a section is answered that has n of the want answers that make it useful.
func stateOf(n, want int) sectionState {
	switch {
	case n == 0:
		return sectionPrior
	case n < want:
		return sectionPartly
	default:
		return sectionAnswered
	}
}

func bandsState(p comity.Profile) sectionState {
	switch {
	case p.Bands != nil && p.Tolerance > 0:
		return sectionAnswered
	case p.Bands != nil || p.Tolerance > 0:
		return sectionPartly
	default:
		return sectionPrior
	}
}

// profileAt returns an earlier revision; revision 0 is the empty profile.
func (c *call) profileAt(org comity.OrgID, revision int) (comity.Profile, error) {
	if revision == 0 {
		return comity.Profile{Org: org}, nil
	}
	return c.site.store.ProfileAt(c.ctx(), c.viewer, org, revision)
}

// profilePart is a part of a profile that one form changes.
type profilePart func(comity.Profile) any

// editable returns the profile as it is now, for a form that began at an earlier revision, and whether the part that the
// form changes has been changed since. Changes elsewhere in the profile are no reason to refuse.
func (c *call) editable(f *form, part profilePart) (p comity.Profile, changed bool, err error) {
	if p, err = c.ownProfile(); err != nil {
		return p, false, err
	}
	began := f.Int("revision", 0, 1<<30)
	if began == p.Revision {
		return p, false, nil
	}
	old, err := c.profileAt(p.Org, began)
	if comity.KindOf(err) == comity.NotFound && err != nil {
		return p, true, nil
	}
	if err != nil {
		return p, false, err
	}
	return p, !same(part(old), part(p)), nil
}

// same compares parts of two profiles; no list and an empty one are the same.
func same(a, b any) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	if isList(x) && isList(y) && x.Len() == 0 && y.Len() == 0 {
		return true
	}
	return reflect.DeepEqual(a, b)
}

func isList(v reflect.Value) bool { return v.Kind() == reflect.Slice || v.Kind() == reflect.Map }

// putProfile saves a changed profile and goes on to path. It reports whether somebody else was faster in between, in
// which case nothing is saved and the form is to be shown again.
func (c *call) putProfile(before, after comity.Profile, path, flash string) (faster bool, err error) {
	if reflect.DeepEqual(before, after) {
		c.flash("profile.unchanged")
		return false, c.redirect(path)
	}
	_, err = c.site.store.PutProfile(c.ctx(), c.viewer, after, c.site.now())
	if err != nil && comity.KindOf(err) == comity.Conflict {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	c.flash(flash)
	return false, c.redirect(path)
}

// renderChanged shows a page of the profile again because somebody else saved that part in the meantime.
func (c *call) renderChanged(page string, data any) error {
	return c.renderStatus(statusOf(comity.Conflict), page, data)
}

// undoProfile takes back what one revision changed: the sections that it wrote are again as they were before it, if nobody
// changed them since. Changes of other sections stay.
func (s *site) undoProfile(c *call) error {
	f, err := c.form("revision")
	if err != nil {
		return err
	}
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	revision := f.Int("revision", 1, max(1, p.Revision))
	if !f.OK() {
		return errUndo
	}
	at, err := c.profileAt(p.Org, revision)
	if err != nil {
		return err
	}
	before, err := c.profileAt(p.Org, revision-1)
	if err != nil {
		return err
	}
	after := p
	for _, part := range profileParts {
		if same(part.of(&before), part.of(&at)) {
			continue
		}
		if !same(part.of(&at), part.of(&p)) {
			return errUndo
		}
		part.restore(&after, before)
	}
	faster, err := c.putProfile(p, after, "/profile", "profile.undo.done")
	if faster {
		return errUndo
	}
	return err
}

var errUndo = comity.Errorf(comity.Conflict, "the profile was changed in the meantime: look at it again first")

// profileParts are the sections of a profile that are stored apart.
var profileParts = []struct {
	of      func(*comity.Profile) any
	restore func(p *comity.Profile, from comity.Profile)
}{
	{func(p *comity.Profile) any { return p.Services }, func(p *comity.Profile, from comity.Profile) { p.Services = from.Services }},
	{func(p *comity.Profile) any { return p.Bands }, func(p *comity.Profile, from comity.Profile) { p.Bands = from.Bands }},
	{func(p *comity.Profile) any { return p.Tolerance }, func(p *comity.Profile, from comity.Profile) { p.Tolerance = from.Tolerance }},
	{func(p *comity.Profile) any { return p.Software }, func(p *comity.Profile, from comity.Profile) { p.Software = from.Software }},
	{func(p *comity.Profile) any { return p.Suppliers }, func(p *comity.Profile, from comity.Profile) { p.Suppliers = from.Suppliers }},
	{func(p *comity.Profile) any { return p.Sectors }, func(p *comity.Profile, from comity.Profile) { p.Sectors = from.Sectors }},
	{func(p *comity.Profile) any { return p.Regions }, func(p *comity.Profile, from comity.Profile) { p.Regions = from.Regions }},
	{func(p *comity.Profile) any { return p.OutOfScope }, func(p *comity.Profile, from comity.Profile) { p.OutOfScope = from.OutOfScope }},
	{func(p *comity.Profile) any { return p.Coverage }, func(p *comity.Profile, from comity.Profile) { p.Coverage = from.Coverage }},
}
