package storagetest

import (
	"testing"
	"time"

	"comity"

	"pgregory.net/rapid"
)

func deskOf(o comity.Organization, f comity.ContactFunction) comity.Contact {
	return comity.Contact{
		Org: o.ID, Function: f, Name: "Desk of " + o.Acronym, Email: "desk@" + o.Acronym + ".example", Phone: "+999 555 0100", Hours: "24×7", Languages: "en",
	}
}

func testContacts(t *testing.T, s *stage) {
	focal, desk := s.as(t, s.a, comity.RoleFocalPoint), s.as(t, s.b, comity.RoleSecretariat)
	c, err := s.PutContact(s.ctx, focal, deskOf(s.a, comity.ContactOperational), now)
	must(t, err)
	if c.Revision != 1 || !c.Verified.Equal(now) || c.VerifiedBy != focal.Person() {
		t.Errorf("what the organisation writes is verified by it: got %+v", c)
	}
	_, err = s.PutContact(s.ctx, focal, deskOf(s.a, comity.ContactOperational), now)
	wantKind(t, "written on nothing", err, comity.Conflict)
	c.Phone = "+999 555 0101"
	c, err = s.PutContact(s.ctx, desk, c, now)
	must(t, err)
	if c.Revision != 2 || !c.Verified.IsZero() {
		t.Errorf("what the secretariat writes is not verified: got %+v", c)
	}
	wantKind(t, "the secretariat verifies for another", s.VerifyContacts(s.ctx, desk, s.a.ID, "", now), comity.NotFound)
	wantKind(t, "an analyst verifies", s.VerifyContacts(s.ctx, s.as(t, s.a, comity.RoleAnalyst), s.a.ID, "", now), comity.NotFound)
	wantKind(t, "nothing to verify", s.VerifyContacts(s.ctx, focal, s.a.ID, comity.ContactDataProtection, now), comity.NotFound)
	later := now.AddDate(0, 0, 1)
	must(t, s.VerifyContacts(s.ctx, focal, s.a.ID, "", later))
	list, err := s.Contacts(s.ctx, focal, s.a.ID)
	must(t, err)
	c.Verified, c.VerifiedBy = later, focal.Person()
	same(t, "contacts", list, []comity.Contact{c})
	if c.Overdue(later.AddDate(0, 0, 180), 180) || !c.Overdue(later.AddDate(0, 0, 180).Add(time.Second), 180) {
		t.Error("overdue begins after 180 days")
	}
	bad := deskOf(s.a, comity.ContactAlternate)
	bad.Email, bad.Phone = "", ""
	_, err = s.PutContact(s.ctx, focal, bad, now)
	wantKind(t, "a contact that cannot be reached", err, comity.Invalid)
	bad = deskOf(s.a, "head-of-state")
	_, err = s.PutContact(s.ctx, focal, bad, now)
	wantKind(t, "unknown function", err, comity.Invalid)
	must(t, s.DeleteContact(s.ctx, focal, s.a.ID, comity.ContactOperational))
	wantKind(t, "deleted twice", s.DeleteContact(s.ctx, focal, s.a.ID, comity.ContactOperational), comity.NotFound)
}

// testContactVisibility holds lists of contacts, people's invitations, tokens and the log to what comity.Viewer says.
func testContactVisibility(t *testing.T, s *stage) {
	organizations := []comity.Organization{s.a, s.b, s.observer, s.parent}
	var all []comity.Contact
	for _, o := range organizations {
		for _, f := range comity.ContactFunctions {
			c, err := s.PutContact(s.ctx, system, deskOf(o, f), now)
			must(t, err)
			all = append(all, c)
		}
		must(t, s.PutInvitation(s.ctx, system, invitation(o, "new@"+o.Acronym+".example", "of "+o.Acronym, comity.RoleObserver)))
	}
	log, err := s.AuditEntries(s.ctx, system, comity.AuditQuery{Limit: 1000})
	must(t, err)
	rapid.Check(t, func(t *rapid.T) {
		v := anyViewer(organizations).Draw(t, "viewer")
		list, err := s.Contacts(s.ctx, v, "")
		hold(t, v, "list contacts", err == nil, v.SeesContacts())
		listed := map[string]comity.Contact{}
		for _, c := range list {
			listed[string(c.Org)+string(c.Function)] = c
		}
		for _, c := range all {
			got, ok := listed[string(c.Org)+string(c.Function)]
			hold(t, v, "contact "+string(c.Function)+" of "+string(c.Org), ok, v.SeesContact(c))
			hold(t, v, "telephone", got.Phone != "", v.SeesContact(c) && v.SeesContactDetails(c.Org))
		}
		for _, o := range organizations {
			invited, err := s.Invitations(s.ctx, v, o.ID)
			hold(t, v, "invitations of "+o.Acronym, err == nil && len(invited) == 1, v.ManagesPeople(o.ID))
			_, err = s.TokensOf(s.ctx, v, o.ID)
			hold(t, v, "tokens of "+o.Acronym, err == nil, v.ManagesPeople(o.ID))
		}
		some, _ := v.SeesAuditOf()
		page, err := s.AuditEntries(s.ctx, v, comity.AuditQuery{Limit: 1000})
		hold(t, v, "the log", err == nil, some)
		want := 0
		for _, e := range log.Entries {
			if v.SeesAudit(e) {
				want++
			}
			if own := e.Org != "" && e.Org == v.Org(); v.ShownEntry(e).Subject == "" && e.Subject != "" && own {
				t.Fatalf("an own entry hides %q", e.Subject)
			}
		}
		hold(t, v, "entries of the log", page.Total == want && len(page.Entries) == want, true)
	})
}

func invitation(o comity.Organization, email, name string, roles ...comity.Role) comity.Invitation {
	return comity.Invitation{
		ID: comity.MakeInvitationID(entropy(email)), Org: o.ID, Email: email, Name: name, Roles: comity.RolesOf(roles...),
		Hash: []byte("hash of " + email), Created: now, Expires: now.Add(comity.InvitationFor),
	}
}

// testPeopleRules lets everybody try to change everybody: what goes through is what comity.Viewer allows, and nobody gets
// a right that whoever gave it may not give.
func testPeopleRules(t *testing.T, s *stage) {
	focal, secretariat := s.as(t, s.a, comity.RoleFocalPoint), s.as(t, s.b, comity.RoleSecretariat)
	analyst := person(s.a, comity.RoleAnalyst)
	must(t, s.PutPerson(s.ctx, system, analyst))
	auditor := person(s.a, comity.RoleAuditor)
	must(t, s.PutPerson(s.ctx, system, auditor))
	foreign := person(s.b, comity.RoleAnalyst)
	must(t, s.PutPerson(s.ctx, system, foreign))
	plain, raised := comity.RolesOf(comity.RoleAnalyst), comity.RolesOf(comity.RoleAnalyst, comity.RoleAlternate)
	change := func(v comity.Viewer, id comity.PersonID, roles comity.Roles) error {
		return s.ChangePerson(s.ctx, v, id, "Somebody", roles)
	}
	must(t, change(focal, analyst.ID, raised))
	must(t, change(focal, analyst.ID, plain))
	wantKind(t, "focal point makes a co-chair", change(focal, analyst.ID, plain|comity.RolesOf(comity.RoleCoChair)), comity.Forbidden)
	wantKind(t, "focal point makes a secretariat", change(focal, analyst.ID, plain|comity.RolesOf(comity.RoleSecretariat)), comity.Forbidden)
	wantKind(t, "focal point makes an auditor", change(focal, analyst.ID, plain|comity.RolesOf(comity.RoleAuditor)), comity.Forbidden)
	wantKind(t, "focal point changes who has a role in the group", change(focal, auditor.ID, plain), comity.NotFound)
	wantKind(t, "focal point changes another organisation's", change(focal, foreign.ID, plain), comity.NotFound)
	wantKind(t, "focal point raises themselves", change(focal, focal.Person(), raised), comity.NotFound)
	wantKind(t, "secretariat raises itself", change(secretariat, secretariat.Person(), raised), comity.NotFound)
	wantKind(t, "analyst changes a colleague", change(comity.ViewerOf(analyst), focal.Person(), plain), comity.NotFound)
	wantKind(t, "secretariat makes a co-chair where nobody leads", change(secretariat, analyst.ID, comity.RolesOf(comity.RoleCoChair)), comity.Conflict)
	wantKind(t, "secretariat makes a parent reader at a member", change(secretariat, analyst.ID, comity.RolesOf(comity.RoleParentReader)), comity.Conflict)
	wantKind(t, "somebody puts a person", s.PutPerson(s.ctx, secretariat, analyst), comity.NotFound)
	must(t, change(secretariat, analyst.ID, comity.RolesOf(comity.RoleAuditor)))
	reset := invitation(s.a, "reset", "", comity.RoleAnalyst)
	reset.Person = auditor.ID
	wantKind(t, "focal point gets the password of an auditor", s.PutInvitation(s.ctx, focal, reset), comity.NotFound)
	reset.Person = secretariat.Person()
	wantKind(t, "focal point gets the password of the secretariat", s.PutInvitation(s.ctx, focal, reset), comity.NotFound)
	must(t, s.PutPreferences(s.ctx, focal, "fr", "dark"))
	me, err := s.Person(s.ctx, focal, focal.Person())
	must(t, err)
	if me.Language != "fr" || me.Theme != "dark" || me.Roles != comity.RolesOf(comity.RoleFocalPoint) {
		t.Errorf("preferences: got %+v", me)
	}
}

func testLastSecretariat(t *testing.T, s *stage) {
	last := s.as(t, s.a, comity.RoleSecretariat)
	wantKind(t, "system deactivates the last", s.DeactivatePerson(s.ctx, system, last.Person(), now), comity.Conflict)
	wantKind(t, "system takes the last one's role", s.ChangePerson(s.ctx, system, last.Person(), "x", comity.RolesOf(comity.RoleAnalyst)), comity.Conflict)
	wantKind(t, "the last one's organisation", s.DeactivateOrganization(s.ctx, last, s.a.ID, now), comity.Conflict)
	p := person(s.a, comity.RoleSecretariat)
	p.Roles = comity.RolesOf(comity.RoleAnalyst)
	wantKind(t, "put over the last", s.PutPerson(s.ctx, system, p), comity.Conflict)
	second := s.as(t, s.b, comity.RoleSecretariat)
	must(t, s.DeactivatePerson(s.ctx, last, second.Person(), now))
	wantKind(t, "the last that is active", s.DeactivatePerson(s.ctx, system, last.Person(), now), comity.Conflict)
	must(t, s.ReactivatePerson(s.ctx, last, second.Person()))
	must(t, s.DeactivatePerson(s.ctx, second, last.Person(), now))
}

func testInvitations(t *testing.T, s *stage) {
	focal, secretariat := s.as(t, s.a, comity.RoleFocalPoint), s.as(t, s.b, comity.RoleSecretariat)
	must(t, s.PutInvitation(s.ctx, focal, invitation(s.a, "new@a.example", "New", comity.RoleAnalyst)))
	for name, i := range map[string]comity.Invitation{
		"another organisation": invitation(s.b, "x@b.example", "X", comity.RoleAnalyst), "no role": invitation(s.a, "x@a.example", "X"),
		"a role of the group":             invitation(s.a, "x@a.example", "X", comity.RoleSecretariat),
		"one of each":                     invitation(s.a, "x@a.example", "X", comity.RoleAnalyst, comity.RoleAuditor),
		"the parent network as its admin": invitation(s.parent, "x@a.example", "X", comity.RoleParentReader),
	} {
		wantKind(t, "focal point invites: "+name, s.PutInvitation(s.ctx, focal, i), comity.NotFound)
	}
	wantKind(t, "an analyst invites", s.PutInvitation(s.ctx, s.as(t, s.a, comity.RoleAnalyst), invitation(s.a, "y@a.example", "Y", comity.RoleAnalyst)), comity.NotFound)
	taken := invitation(s.a, "focal-point@X-AAA.example", "Taken", comity.RoleAnalyst)
	wantKind(t, "address taken", s.PutInvitation(s.ctx, secretariat, taken), comity.Conflict)
	wantKind(t, "an observer's focal point", s.PutInvitation(s.ctx, secretariat, invitation(s.observer, "o@o.example", "O", comity.RoleFocalPoint)), comity.Conflict)

	fresh := comity.Person{ID: comity.MakePersonID(entropy("accepted")), Org: s.b.ID, Name: "Newcomer", Email: "other@b.example", Roles: comity.RolesOf(comity.RoleSecretariat), Language: "fr"}
	hash := []byte("hash of new@a.example")
	_, err := s.AcceptInvitation(s.ctx, system, hash, fresh, "secret", now.Add(comity.InvitationFor))
	wantKind(t, "expired", err, comity.NotFound)
	_, err = s.AcceptInvitation(s.ctx, focal, hash, fresh, "secret", now)
	wantKind(t, "a person accepts for another", err, comity.NotFound)
	got, err := s.AcceptInvitation(s.ctx, system, hash, fresh, "secret", now)
	must(t, err)
	if got.Org != s.a.ID || got.Email != "new@a.example" || got.Roles != comity.RolesOf(comity.RoleAnalyst) || got.Language != "fr" {
		t.Errorf("organisation, address and roles are the invitation's: got %+v", got)
	}
	stored, err := s.Person(s.ctx, focal, got.ID)
	must(t, err)
	same(t, "who accepted", stored, got)
	_, err = s.AcceptInvitation(s.ctx, system, hash, fresh, "secret", now)
	wantKind(t, "used", err, comity.NotFound)

	reset := invitation(s.b, "reset", "", comity.RoleSecretariat) // what it says is not what it does
	reset.Person = got.ID
	must(t, s.PutInvitation(s.ctx, focal, reset))
	session := comity.Session{ID: comity.MakeSessionID(entropy("r")), Person: got.ID, Hash: []byte("cookie"), Created: now, Seen: now, Expires: now.Add(time.Hour)}
	must(t, s.PutSession(s.ctx, system, session))
	again, err := s.AcceptInvitation(s.ctx, system, []byte("hash of reset"), fresh, "new secret", now)
	must(t, err)
	same(t, "whose password", again, got)
	if hash, err := s.Credential(s.ctx, system, got.ID); err != nil || hash != "new secret" {
		t.Errorf("password: got %q, %v", hash, err)
	}
	_, _, err = s.SessionByHash(s.ctx, system, []byte("cookie"), now)
	wantKind(t, "session after a new password", err, comity.NotFound)

	must(t, s.PutInvitation(s.ctx, focal, invitation(s.a, "z@a.example", "Z", comity.RoleAnalyst)))
	open, err := s.Invitations(s.ctx, focal, s.a.ID)
	must(t, err)
	if len(open) != 1 || open[0].By != focal.Person() {
		t.Fatalf("open invitations: got %+v", open)
	}
	wantKind(t, "another organisation revokes", s.DeleteInvitation(s.ctx, s.as(t, s.b, comity.RoleFocalPoint), open[0].ID), comity.NotFound)
	must(t, s.DeleteInvitation(s.ctx, focal, open[0].ID))
	_, err = s.InvitationByHash(s.ctx, system, []byte("hash of z@a.example"), now)
	wantKind(t, "revoked", err, comity.NotFound)

	must(t, s.PutInvitation(s.ctx, focal, invitation(s.a, "w@a.example", "W", comity.RoleAnalyst)))
	must(t, s.DeactivatePerson(s.ctx, secretariat, focal.Person(), now))
	_, err = s.InvitationByHash(s.ctx, system, []byte("hash of w@a.example"), now)
	wantKind(t, "by somebody who may no more", err, comity.NotFound)
}

func testDeactivation(t *testing.T, s *stage) {
	secretariat := s.as(t, s.b, comity.RoleSecretariat)
	p := person(s.a, comity.RoleAnalyst)
	fill := func() {
		must(t, s.PutPerson(s.ctx, system, p))
		must(t, s.PutSession(s.ctx, system, comity.Session{ID: comity.MakeSessionID(entropy("d")), Person: p.ID, Hash: []byte("cookie"), Created: now, Seen: now, Expires: now.Add(time.Hour)}))
		must(t, s.PutToken(s.ctx, system, comity.Token{ID: comity.MakeTokenID(entropy("d")), Person: p.ID, Name: "script", Hash: []byte("token"), Created: now}))
	}
	gone := func(what string) {
		t.Helper()
		_, _, err := s.SessionByHash(s.ctx, system, []byte("cookie"), now)
		wantKind(t, "session of "+what, err, comity.NotFound)
		_, _, err = s.TokenByHash(s.ctx, system, []byte("token"), now)
		wantKind(t, "token of "+what, err, comity.NotFound)
		_, err = s.PersonByEmail(s.ctx, system, p.Email)
		wantKind(t, "sign-in of "+what, err, comity.NotFound)
	}
	fill()
	must(t, s.DeactivatePerson(s.ctx, s.as(t, s.a, comity.RoleFocalPoint), p.ID, now))
	gone("a person")
	must(t, s.ReactivatePerson(s.ctx, secretariat, p.ID))
	_, err := s.PersonByEmail(s.ctx, system, p.Email)
	must(t, err)
	_, _, err = s.TokenByHash(s.ctx, system, []byte("token"), now)
	wantKind(t, "a token does not come back", err, comity.NotFound)

	fill()
	wantKind(t, "a focal point deactivates", s.DeactivateOrganization(s.ctx, s.as(t, s.a, comity.RoleFocalPoint), s.a.ID, now), comity.NotFound)
	_, err = s.PutContact(s.ctx, system, deskOf(s.a, comity.ContactFocalPoint), now)
	must(t, err)
	must(t, s.DeactivateOrganization(s.ctx, secretariat, s.a.ID, now))
	gone("an organisation")
	o, err := s.Organization(s.ctx, secretariat, s.a.ID)
	must(t, err)
	if o.Active() || o.Contributes() || !o.Deactivated.Equal(now) {
		t.Errorf("organisation: got %+v", o)
	}
	if list, err := s.Contacts(s.ctx, secretariat, ""); err != nil || len(list) != 0 {
		t.Errorf("contacts of an organisation that takes no part: got %d, %v", len(list), err)
	}
	must(t, s.ReactivateOrganization(s.ctx, secretariat, s.a.ID))
	_, err = s.PersonByEmail(s.ctx, system, p.Email)
	must(t, err)
}

func testOrganizationRules(t *testing.T, s *stage) {
	secretariat := s.as(t, s.b, comity.RoleSecretariat)
	lead := func(o comity.Organization, leads bool) error {
		o.CoChair = leads
		return s.PutOrganization(s.ctx, secretariat, o)
	}
	third := s.organization(t, "X-CCC", comity.KindMember)
	must(t, lead(s.a, true))
	wantKind(t, "an observer leads", lead(s.observer, true), comity.Conflict)
	must(t, lead(s.b, true))
	wantKind(t, "a third leads", lead(third, true), comity.Conflict)
	s.as(t, s.a, comity.RoleCoChair)
	wantKind(t, "lead taken from a co-chair", lead(s.a, false), comity.Conflict)
	must(t, lead(s.b, false))
	must(t, lead(third, true))
	s.as(t, third, comity.RoleAnalyst)
	third.Kind, third.CoChair = comity.KindObserver, false
	wantKind(t, "an analyst at an observer", s.PutOrganization(s.ctx, secretariat, third), comity.Conflict)
	third.Kind, third.Acronym, third.Name, third.CoChair = comity.KindProvider, "X-NEW", "New name", true
	must(t, s.PutOrganization(s.ctx, secretariat, third))
	got, err := s.Organization(s.ctx, secretariat, third.ID)
	must(t, err)
	same(t, "renamed", got, third)
	wantKind(t, "a focal point renames", s.PutOrganization(s.ctx, s.as(t, s.a, comity.RoleFocalPoint), s.a), comity.NotFound)
}

func testOwnSessionsAndTokens(t *testing.T, s *stage) {
	a, b := s.as(t, s.a, comity.RoleAnalyst), s.as(t, s.b, comity.RoleFocalPoint)
	focal := s.as(t, s.a, comity.RoleFocalPoint)
	session := comity.Session{ID: comity.MakeSessionID(entropy("s")), Person: a.Person(), Hash: []byte("cookie"), Created: now, Seen: now, Expires: now.Add(time.Hour), Confirmed: now}
	must(t, s.PutSession(s.ctx, system, session))
	list, err := s.Sessions(s.ctx, a, now)
	must(t, err)
	if len(list) != 1 || list[0].ID != session.ID || list[0].Hash != nil {
		t.Errorf("own sessions: got %+v", list)
	}
	if list, err = s.Sessions(s.ctx, focal, now); err != nil || len(list) != 0 {
		t.Errorf("another's sessions: got %+v, %v", list, err)
	}
	must(t, s.DeleteSession(s.ctx, focal, session.ID)) // does nothing
	_, _, err = s.SessionByHash(s.ctx, system, []byte("cookie"), now)
	must(t, err)
	must(t, s.ConfirmSession(s.ctx, system, session.ID, now.Add(time.Minute)))
	got, _, err := s.SessionByHash(s.ctx, system, []byte("cookie"), now)
	must(t, err)
	if !got.Confirmed.Equal(now.Add(time.Minute)) {
		t.Errorf("confirmed at %v", got.Confirmed)
	}
	must(t, s.DeleteSession(s.ctx, a, session.ID))
	_, _, err = s.SessionByHash(s.ctx, system, []byte("cookie"), now)
	wantKind(t, "ended by its person", err, comity.NotFound)

	token := comity.Token{ID: comity.MakeTokenID(entropy("t")), Person: a.Person(), Name: "script", Hash: []byte("token"), Created: now, ReadOnly: true}
	must(t, s.PutToken(s.ctx, system, token))
	must(t, s.TouchToken(s.ctx, system, token.ID, now))
	for _, v := range []comity.Viewer{a, focal} {
		list, err := s.Tokens(s.ctx, v, a.Person())
		must(t, err)
		if len(list) != 1 || !list[0].ReadOnly || !list[0].Seen.Equal(now) || list[0].Hash != nil {
			t.Errorf("tokens: got %+v", list)
		}
	}
	wantKind(t, "another organisation revokes", s.DeleteToken(s.ctx, b, token.ID), comity.NotFound)
	wantKind(t, "somebody makes one for another", s.PutToken(s.ctx, focal, token), comity.NotFound)
	must(t, s.DeleteToken(s.ctx, focal, token.ID))
	wantKind(t, "revoked twice", s.DeleteToken(s.ctx, a, token.ID), comity.NotFound)

	_, err = s.PutContact(s.ctx, focal.ReadingOnly(), deskOf(s.a, comity.ContactFocalPoint), now)
	wantKind(t, "a token for reading writes", err, comity.Forbidden)
	_, err = s.PutProfile(s.ctx, focal.ReadingOnly(), s.profile(s.a.ID), now)
	wantKind(t, "a token for reading writes a profile", err, comity.Forbidden)
}
