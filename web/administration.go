package web

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"comity"
)

func (s *site) administration(r *routes) {
	r.handle("GET /administration", managers, s.showAdministration)
	r.handle("GET /administration/group", administrators, s.showGroup)
	r.handle("POST /administration/group", administrators, s.saveGroup)
	r.handle("GET /administration/organizations/new", administrators, s.newOrganization)
	r.handle("POST /administration/organizations/new", administrators, s.createOrganization)
	r.handle("GET /administration/organizations/{id}", managers, s.showPeople)
	r.handle("GET /administration/organizations/{id}/edit", administrators, s.editOrganization)
	r.handle("POST /administration/organizations/{id}/edit", administrators, s.saveOrganization)
	r.handle("POST /administration/organizations/{id}/deactivate", administrators, s.deactivateOrganization)
	r.handle("POST /administration/organizations/{id}/reactivate", administrators, s.reactivateOrganization)
}

// managers admits those who manage the people of their organisation or of all.
func managers(c *call) error { return c.require(c.viewer.ManagesPeople(c.viewer.Org())) }

// administrators admits those who change organisations and the group.
func administrators(c *call) error { return c.require(c.viewer.Administers()) }

// administrationView is the start of administration, for the secretariat.
type administrationView struct {
	view
	Organizations []comity.Organization
	CoChairs      int
}

// showAdministration lists the organisations for the secretariat; who manages one goes there at once.
func (s *site) showAdministration(c *call) error {
	if !c.viewer.Administers() {
		return c.redirect(organizationPath(c.viewer.Org()))
	}
	v := administrationView{view: c.view()}
	v.Marking = comity.TLPGreen
	var err error
	v.Organizations, err = s.store.Organizations(c.ctx(), c.viewer)
	for _, o := range v.Organizations {
		if o.CoChair {
			v.CoChairs++
		}
	}
	if err != nil {
		return err
	}
	return c.render("administration/start", v)
}

func organizationPath(id comity.OrgID) string { return "/administration/organizations/" + string(id) }

// pathOrganization returns the organisation of the path, if the viewer manages its people.
func (c *call) pathOrganization() (comity.Organization, error) {
	id, err := comity.ParseOrgID(c.r.PathValue("id"))
	if err != nil || !c.viewer.ManagesPeople(id) {
		return comity.Organization{}, comity.Errorf(comity.NotFound, "no such organisation")
	}
	return c.site.store.Organization(c.ctx(), c.viewer, id)
}

// organizationView is the form of an organisation.
type organizationEditView struct {
	view
	Organization comity.Organization // as it is stored; the zero one for a new one
	Form         *form
	Kinds        []comity.OrganizationKind
	Failed       string // key of the sentence why the store refused it
}

func (c *call) organizationEditView(o comity.Organization, f *form) organizationEditView {
	v := organizationEditView{view: c.view(), Organization: o, Form: f, Kinds: comity.OrganizationKinds}
	v.Marking = comity.TLPGreen
	return v
}

func (s *site) newOrganization(c *call) error {
	return c.render("administration/organization", c.organizationEditView(comity.Organization{}, formOf(map[string]string{"kind": string(comity.KindMember)})))
}

func (s *site) createOrganization(c *call) error {
	id, err := newID(comity.MakeOrgID)
	if err != nil {
		return err
	}
	return c.putOrganization(comity.Organization{}, id, "administration.organization.added")
}

func (s *site) editOrganization(c *call) error {
	o, err := c.pathOrganization()
	if err != nil {
		return err
	}
	values := map[string]string{"acronym": o.Acronym, "name": o.Name, "kind": string(o.Kind)}
	if o.CoChair {
		values["co_chair"] = "1"
	}
	return c.render("administration/organization", c.organizationEditView(o, formOf(values)))
}

func (s *site) saveOrganization(c *call) error {
	o, err := c.pathOrganization()
	if err != nil {
		return err
	}
	return c.putOrganization(o, o.ID, "administration.organization.saved")
}

// putOrganization reads the form onto an organisation and stores it under id.
func (c *call) putOrganization(o comity.Organization, id comity.OrgID, done string) error {
	f, err := c.form("acronym", "name", "kind", "co_chair")
	if err != nil {
		return err
	}
	v := c.organizationEditView(o, f)
	o.ID, o.Acronym, o.Name = id, readAcronym(f, "acronym"), f.Required("name", 0)
	o.Kind, o.CoChair = comity.OrganizationKind(f.Choice("kind", stringsOf(comity.OrganizationKinds)...)), f.Flag("co_chair")
	if !f.OK() {
		return c.renderInvalid("administration/organization", v)
	}
	err = c.site.store.PutOrganization(c.ctx(), c.viewer, o)
	if err != nil && comity.KindOf(err) == comity.Conflict {
		v.Failed = refusalKey(err, "administration.refused.acronym")
		return c.renderStatus(statusOf(comity.Conflict), "administration/organization", v)
	}
	if err != nil {
		return err
	}
	c.flash(done)
	return c.redirect(organizationPath(id))
}

func (s *site) deactivateOrganization(c *call) error {
	return c.actOnOrganization("administration.organization.deactivated", func(o comity.Organization) error {
		return s.store.DeactivateOrganization(c.ctx(), c.viewer, o.ID, s.now())
	})
}

func (s *site) reactivateOrganization(c *call) error {
	return c.actOnOrganization("administration.organization.reactivated", func(o comity.Organization) error {
		return s.store.ReactivateOrganization(c.ctx(), c.viewer, o.ID)
	})
}

// actOnOrganization does what asks for the password again, and goes back to the organisation.
func (c *call) actOnOrganization(done string, do func(comity.Organization) error) error {
	o, err := c.pathOrganization()
	if err != nil {
		return err
	}
	if _, err := c.form(); err != nil {
		return err
	}
	if asked, err := c.askAgain(organizationPath(o.ID) + "/edit"); asked || err != nil {
		return err
	}
	return c.finish(do(o), done, organizationPath(o.ID))
}

// finish goes to path with a message: done, or why the store refused.
func (c *call) finish(err error, done, path string) error {
	switch {
	case err == nil:
		c.flash(done)
	case comity.KindOf(err) == comity.Conflict:
		c.flash(refusalKey(err, "administration.refused.conflict"))
	default:
		return err
	}
	return c.redirect(path)
}

// groupView is the form of the group's settings.
type groupView struct {
	view
	Form *form
	Orgs []comity.Organization // that may support the group
}

var groupFields = []string{
	"acronym", "name", "parent", "established", "secretariat", "reporting_line", "links", "currency", "release_months", "verify_days",
}

func (s *site) showGroup(c *call) error {
	g := c.group
	v, err := c.groupView(formOf(map[string]string{
		"acronym": g.Acronym, "name": g.Name, "parent": g.ParentNetwork, "established": strconv.Itoa(g.Established), "currency": g.Currency,
		"release_months": strconv.Itoa(releaseMonths(g)), "verify_days": strconv.Itoa(g.ContactDays()),
		"secretariat": string(g.Secretariat), "reporting_line": g.ReportingLine, "links": comity.FormatLinks(g.Links),
	}))
	if err != nil {
		return err
	}
	return c.render("administration/group", v)
}

func (c *call) groupView(f *form) (groupView, error) {
	v := groupView{view: c.view(), Form: f}
	v.Marking = comity.TLPGreen
	all, err := c.site.store.Organizations(c.ctx(), c.viewer)
	for _, o := range all {
		if o.Active() {
			v.Orgs = append(v.Orgs, o)
		}
	}
	return v, err
}

// releaseMonths returns how many months lie between releases.
func releaseMonths(g comity.Group) int {
	if g.ReleaseMonths <= 0 {
		return 3
	}
	return g.ReleaseMonths
}

func (s *site) saveGroup(c *call) error {
	f, err := c.form(groupFields...)
	if err != nil {
		return err
	}
	v, err := c.groupView(f)
	if err != nil {
		return err
	}
	g := c.group // the demonstration stays one
	g.Acronym, g.Name, g.ParentNetwork = readAcronym(f, "acronym"), f.Required("name", 0), f.Text("parent", 40)
	g.Established, g.Currency = f.Int("established", 1900, s.now().Year()), strings.ToUpper(f.Required("currency", 3))
	g.ReleaseMonths, g.VerifyDays = f.Int("release_months", 1, 12), f.Int("verify_days", 30, 730)
	if len(g.Currency) != 3 || strings.Trim(g.Currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		f.Fail("currency", "administration.group.currency_wrong")
	}
	g.ReportingLine = f.Text("reporting_line", comity.MaxReportingLine)
	g.Secretariat = comity.OrgID(f.Choice("secretariat", append(organizationIDs(v.Orgs), "")...))
	if g.Links, err = comity.ParseLinks(f.Text("links", comity.MaxLinks*(comity.MaxLinkTitle+500))); err != nil {
		f.Fail("links", "administration.group.links_wrong")
	}
	if !f.OK() {
		return c.renderInvalid("administration/group", v)
	}
	if err := s.store.PutGroup(c.ctx(), c.viewer, g); err != nil {
		return err
	}
	c.flash("administration.group.saved")
	return c.redirect("/administration")
}

// peopleView is an organisation's people, open invitations and tokens.
type peopleView struct {
	view
	Organization comity.Organization
	People       []personRow
	Invitations  []invitationRow
	Tokens       []tokenRow
	Administers  bool
	Own          bool
}

type personRow struct {
	comity.Person
	Manages bool
	Me      bool
}

type invitationRow struct {
	comity.Invitation
	Expired bool
}

type tokenRow struct {
	comity.Token
	Who     string
	Expired bool
}

func (s *site) showPeople(c *call) error {
	o, err := c.pathOrganization()
	if err != nil {
		return err
	}
	v := peopleView{view: c.view(), Organization: o, Administers: c.viewer.Administers(), Own: o.ID == c.viewer.Org()}
	v.Marking = comity.TLPAmberStrict
	people, err := s.store.People(c.ctx(), c.viewer, o.ID)
	if err != nil {
		return err
	}
	for _, p := range people {
		v.People = append(v.People, personRow{Person: p, Manages: c.viewer.ManagesPerson(p), Me: p.ID == c.viewer.Person()})
	}
	slices.SortStableFunc(v.People, func(a, b personRow) int { return a.Deactivated.Compare(b.Deactivated) })
	invitations, err := s.store.Invitations(c.ctx(), c.viewer, o.ID)
	if err != nil {
		return err
	}
	for _, i := range invitations {
		v.Invitations = append(v.Invitations, invitationRow{i, i.Expired(s.now())})
	}
	tokens, err := s.store.TokensOf(c.ctx(), c.viewer, o.ID)
	v.Tokens = tokenRows(tokens, people, s.now())
	if err != nil {
		return err
	}
	return c.render("administration/people", v)
}

func tokenRows(tokens []comity.Token, people []comity.Person, now time.Time) []tokenRow {
	var list []tokenRow
	for _, t := range tokens {
		row := tokenRow{Token: t, Expired: !t.Expires.IsZero() && !now.Before(t.Expires)}
		for _, p := range people {
			if p.ID == t.Person {
				row.Who = p.Name
			}
		}
		list = append(list, row)
	}
	return list
}
