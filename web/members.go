package web

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"comity"
)

func (s *site) members(r *routes) {
	r.handle("GET /members", contactReaders, s.listMembers)
	r.handle("GET /members/sheet", contactReaders, s.showSheet)
	r.handle("GET /members/contacts.csv", contactReaders, s.exportContactsCSV)
	r.handle("GET /members/contacts.vcf", contactReaders, s.exportContactsCard)
	r.handle("GET /members/contacts.pdf", contactReaders, s.sheetDocument("pdf"))
	r.handle("GET /members/contacts.docx", contactReaders, s.sheetDocument("docx"))
	r.handle("GET /members/contacts.html", contactReaders, s.sheetDocument("html"))
	r.handle("GET /members/{id}", contactReaders, s.showMember)
	r.handle("POST /members/{id}/verify", contactReaders, s.verifyContacts)
	r.handle("GET /members/{id}/{function}", contactReaders, s.showContact)
	r.handle("POST /members/{id}/{function}", contactReaders, s.saveContact)
	r.handle("POST /members/{id}/{function}/remove", contactReaders, s.removeContact)
}

// contactReaders admits those who may see the directory.
func contactReaders(c *call) error { return c.require(c.viewer.SeesContacts()) }

// member is one organisation of the directory with its contacts.
type member struct {
	comity.Organization
	Contacts []contactRow // in the order of comity.ContactFunctions
	Missing  []comity.ContactFunction
	Overdue  int // contacts that are to be verified again
	Oldest   time.Time
}

// contactRow is one contact as the viewer sees it.
type contactRow struct {
	comity.Contact
	Overdue  bool
	Verifier string // name of a colleague, or the organisation; empty: not verified
	Details  bool   // how to reach it is for the viewer
}

// KeyGroups is the fingerprint in groups of four, as people compare it.
func (r contactRow) KeyGroups() string {
	var groups []string
	for k := range slices.Chunk([]byte(r.Key), 4) {
		groups = append(groups, string(k))
	}
	return strings.Join(groups, " ")
}

// Dial is the telephone number as the address of a call.
func (r contactRow) Dial() string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' || c == '+' {
			return c
		}
		return -1
	}, r.Phone)
}

// membersView is the directory.
type membersView struct {
	view
	Text    string
	Kind    string
	Overdue bool // only organisations with something overdue
	Kinds   []comity.OrganizationKind
	Members []member
	Filters bool // any is set
	Late    int  // organisations with something overdue, in the whole directory
	All     int
	Days    int
	Own     *member // the viewer's, if they verify for it
	Full    bool    // the viewer sees how to reach members
	Edits   bool
	At      time.Time // when the sheet was made
	Query   string    // of the filters, for the links that export
}

// directoryMarking is the label of a directory: how to reach members is for members, names and functions for the
// community.
func directoryMarking(c *call) comity.TLP {
	if c.viewer.SeesContactDetails("") {
		return comity.TLPAmber
	}
	return comity.TLPGreen
}

func (s *site) listMembers(c *call) error {
	v, err := c.directory()
	if err != nil {
		return err
	}
	return c.render("members/list", v)
}

// showSheet shows the directory as a sheet to print and to keep where no network is needed.
func (s *site) showSheet(c *call) error {
	v, err := c.directory()
	if err != nil {
		return err
	}
	return c.render("members/sheet", v)
}

// directory reads the organisations that take part with their contacts, as the query of the address selects them.
func (c *call) directory() (membersView, error) {
	query := c.r.URL.Query()
	v := membersView{
		view: c.view(), Text: strings.TrimSpace(query.Get("q")), Overdue: query.Get("overdue") != "", Kinds: comity.OrganizationKinds,
		Days: c.group.ContactDays(), Full: c.viewer.SeesContactDetails(""), Edits: c.viewer.EditsContacts(c.viewer.Org()), At: c.site.now(),
	}
	v.Marking = directoryMarking(c)
	if kind := comity.OrganizationKind(query.Get("kind")); slices.Contains(v.Kinds, kind) {
		v.Kind = string(kind)
	}
	v.Filters = v.Text != "" || v.Overdue || v.Kind != ""
	v.Query = filterQuery(v)
	all, err := c.memberList("")
	for _, m := range all {
		v.All++
		if m.Overdue > 0 {
			v.Late++
		}
		if m.ID == c.viewer.Org() && c.viewer.VerifiesContacts(m.ID) {
			v.Own = &m
		}
		if m.selected(v) {
			v.Members = append(v.Members, m)
		}
	}
	return v, err
}

func filterQuery(v membersView) string {
	q := url.Values{}
	for name, value := range map[string]string{"q": v.Text, "kind": v.Kind} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if v.Overdue {
		q.Set("overdue", "1")
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// selected reports whether a member is among those that the filters leave: every word of the text occurs in what the
// viewer sees of it.
func (m member) selected(v membersView) bool {
	if v.Kind != "" && string(m.Kind) != v.Kind || v.Overdue && m.Overdue == 0 {
		return false
	}
	var all strings.Builder
	all.WriteString(m.Acronym + " " + m.Name)
	for _, c := range m.Contacts {
		all.WriteString(" " + strings.Join([]string{c.Name, c.Email, c.Phone, c.Other, c.Languages, string(c.Function)}, " "))
	}
	text := strings.ToLower(all.String())
	for _, word := range strings.Fields(strings.ToLower(v.Text)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// memberList returns the organisations that take part, or one of them, each with its contacts.
func (c *call) memberList(only comity.OrgID) ([]member, error) {
	orgs, err := c.site.store.Organizations(c.ctx(), c.viewer)
	if err != nil {
		return nil, err
	}
	contacts, err := c.site.store.Contacts(c.ctx(), c.viewer, only)
	if err != nil {
		return nil, err
	}
	colleagues, err := c.site.store.People(c.ctx(), c.viewer, c.viewer.Org())
	if err != nil {
		return nil, err
	}
	var list []member
	for _, o := range orgs {
		if o.Active() && (only == "" || o.ID == only) {
			list = append(list, c.memberOf(o, contacts, colleagues))
		}
	}
	return list, nil
}

func (c *call) memberOf(o comity.Organization, contacts []comity.Contact, colleagues []comity.Person) member {
	m := member{Organization: o}
	now, days := c.site.now(), c.group.ContactDays()
	for _, f := range comity.ContactFunctions {
		i := slices.IndexFunc(contacts, func(t comity.Contact) bool { return t.Org == o.ID && t.Function == f })
		if i < 0 {
			if c.viewer.SeesContact(comity.Contact{Org: o.ID, Function: f}) {
				m.Missing = append(m.Missing, f)
			}
			continue
		}
		row := contactRow{Contact: contacts[i], Overdue: contacts[i].Overdue(now, days), Details: c.viewer.SeesContactDetails(o.ID)}
		if !row.Verified.IsZero() {
			row.Verifier = o.Acronym
		}
		for _, p := range colleagues {
			if p.ID == row.VerifiedBy && row.VerifiedBy != "" {
				row.Verifier = p.Name
			}
		}
		if row.Overdue {
			m.Overdue++
		}
		if m.Oldest.IsZero() || row.Verified.Before(m.Oldest) {
			m.Oldest = row.Verified
		}
		m.Contacts = append(m.Contacts, row)
	}
	return m
}

// memberView is the page of one organisation's contacts.
type memberView struct {
	view
	Member   member
	Days     int
	Edits    bool
	Verifies bool
	Helps    bool // edits for another organisation
}

// pathMember returns the organisation of the path with its contacts. One that takes no part is not found.
func (c *call) pathMember() (member, error) {
	id, err := comity.ParseOrgID(c.r.PathValue("id"))
	if err != nil {
		return member{}, comity.Errorf(comity.NotFound, "no such organisation")
	}
	list, err := c.memberList(id)
	if err == nil && len(list) == 0 {
		err = comity.Errorf(comity.NotFound, "no such organisation")
	}
	if err != nil {
		return member{}, err
	}
	return list[0], nil
}

func (s *site) showMember(c *call) error {
	m, err := c.pathMember()
	if err != nil {
		return err
	}
	v := memberView{
		view: c.view(), Member: m, Days: c.group.ContactDays(), Edits: c.viewer.EditsContacts(m.ID),
		Verifies: c.viewer.VerifiesContacts(m.ID), Helps: m.ID != c.viewer.Org(),
	}
	v.Marking = directoryMarking(c)
	if c.viewer.SeesContactDetails(m.ID) {
		v.Marking = comity.TLPAmber
	}
	return c.render("members/show", v)
}

func (s *site) verifyContacts(c *call) error {
	m, err := c.pathMember()
	if err != nil {
		return err
	}
	f, err := c.form("function", "next")
	if err != nil {
		return err
	}
	function := comity.ContactFunction("")
	if f.Value("function") != "" {
		if function, err = comity.ParseContactFunction(f.Value("function")); err != nil {
			return err
		}
	}
	if err := c.require(c.viewer.VerifiesContacts(m.ID)); err != nil {
		return err
	}
	if err := s.store.VerifyContacts(c.ctx(), c.viewer, m.ID, function, s.now()); err != nil {
		return err
	}
	c.flash("members.verified")
	return c.redirect(cmp.Or(f.Value("next"), memberPath(m.ID)))
}

func memberPath(id comity.OrgID) string { return "/members/" + string(id) }

// contactView is the form of one contact.
type contactView struct {
	view
	Member   member
	Function comity.ContactFunction
	Contact  comity.Contact // as it is stored; the zero contact for a new one
	Form     *form
	Changed  bool // somebody else saved in between
	Helps    bool
}

var contactFields = []string{"name", "email", "phone", "key", "other", "hours", "languages"}

func contactValues(c comity.Contact) map[string]string {
	return map[string]string{
		"name": c.Name, "email": c.Email, "phone": c.Phone, "key": c.Key, "other": c.Other, "hours": c.Hours, "languages": c.Languages,
	}
}

// pathContact returns the contact of the path that the viewer may change; a function that has none yet is a new one.
func (c *call) pathContact() (contactView, error) {
	m, err := c.pathMember()
	if err != nil {
		return contactView{}, err
	}
	function, err := comity.ParseContactFunction(c.r.PathValue("function"))
	if err != nil {
		return contactView{}, comity.Errorf(comity.NotFound, "no such function")
	}
	if err := c.require(c.viewer.EditsContacts(m.ID)); err != nil {
		return contactView{}, err
	}
	v := contactView{view: c.view(), Member: m, Function: function, Helps: m.ID != c.viewer.Org()}
	v.Marking = comity.TLPAmber
	v.Contact = comity.Contact{Org: m.ID, Function: function}
	for _, row := range m.Contacts {
		if row.Function == function {
			v.Contact = row.Contact
		}
	}
	return v, nil
}

func (s *site) showContact(c *call) error {
	v, err := c.pathContact()
	if err != nil {
		return err
	}
	v.Form = formOf(contactValues(v.Contact))
	return c.render("members/contact", v)
}

// contactErrors are the sentences for what comity.Contact.Problems finds.
var contactErrors = map[string]string{
	"name": "members.error.name", "email": "members.error.email", "phone": "members.error.phone", "key": "members.error.key",
}

func (s *site) saveContact(c *call) error {
	v, err := c.pathContact()
	if err != nil {
		return err
	}
	if v.Form, err = c.form(append([]string{"revision"}, contactFields...)...); err != nil {
		return err
	}
	f := v.Form
	contact := comity.Contact{
		Org: v.Member.ID, Function: v.Function, Name: f.Text("name", comity.MaxContactName), Email: strings.ToLower(f.Text("email", 254)),
		Phone: f.Text("phone", 60), Key: comity.ParseKeyFingerprint(f.Text("key", 120)), Other: f.Text("other", comity.MaxContactText),
		Hours: f.Text("hours", comity.MaxContactText), Languages: f.Text("languages", comity.MaxContactText), Revision: f.Int("revision", 0, 1<<30),
	}
	for _, p := range contact.Problems() {
		key := cmp.Or(contactErrors[p.Field], "error.field.characters")
		if p.Field == "email" && contact.Email == "" {
			key = "members.error.reach"
		}
		f.Fail(p.Field, key)
	}
	if !f.OK() {
		return c.renderInvalid("members/contact", v)
	}
	_, err = s.store.PutContact(c.ctx(), c.viewer, contact, s.now())
	if comity.KindOf(err) == comity.Conflict && err != nil {
		if v, err = c.pathContact(); err != nil {
			return err
		}
		v.Form, v.Changed = f, true
		return c.renderStatus(statusOf(comity.Conflict), "members/contact", v)
	}
	if err != nil {
		return err
	}
	c.flash("members.saved")
	return c.redirect(memberPath(v.Member.ID))
}

func (s *site) removeContact(c *call) error {
	v, err := c.pathContact()
	if err != nil {
		return err
	}
	if _, err := c.form(); err != nil {
		return err
	}
	if err := s.store.DeleteContact(c.ctx(), c.viewer, v.Member.ID, v.Function); err != nil {
		return err
	}
	c.flash("members.removed")
	return c.redirect(memberPath(v.Member.ID))
}
