package comity

import (
	"slices"
	"strings"
)

// Viewer is who looks. Every method of the store takes one, and what it returns is what that viewer may see. The zero
// Viewer sees nothing.
//
// The rules of who may see and do what are the methods below, all of them; the store's WHERE conditions
// (storage/visibility.go) say the same in SQL, and a property test holds the two together.
type Viewer struct {
	person PersonID
	org    OrgID
	roles  Roles
	reason string // set for System only
	reads  bool   // changes nothing, whatever the roles say
}

// ViewerOf returns the viewer that a person is.
func ViewerOf(p Person) Viewer { return Viewer{person: p.ID, org: p.Org, roles: p.Roles} }

// ReadingOnly returns the same viewer who may change nothing: a program with a token for reading.
func (v Viewer) ReadingOnly() Viewer {
	v.reads = true
	return v
}

// Writes reports whether the viewer may change anything at all.
func (v Viewer) Writes() bool { return v.SignedIn() && !v.reads }

// System returns a viewer that sees across organisations, for work that no person does: the pipeline, sign-in, a
// release. The reason, such as "pipeline: re-assess", is logged with the work. An empty reason sees nothing.
func System(reason string) Viewer { return Viewer{reason: reason} }

// Person returns who looks; empty for the system.
func (v Viewer) Person() PersonID { return v.person }

// Org returns the viewer's organisation; empty for the system.
func (v Viewer) Org() OrgID { return v.org }

// Roles returns the viewer's roles.
func (v Viewer) Roles() Roles { return v.roles }

// IsSystem reports whether this is the system at work, and why.
func (v Viewer) IsSystem() (reason string, ok bool) { return v.reason, v.reason != "" }

// SignedIn reports whether the viewer is a person or the system.
func (v Viewer) SignedIn() bool { return v.person != "" || v.reason != "" }

func (v Viewer) system() bool { return v.reason != "" }

// memberRoles are the roles that work inside a member organisation.
var memberRoles = []Role{RoleCoChair, RoleFocalPoint, RoleAlternate, RoleAnalyst, RoleSecretariat}

// Clearance returns the narrowest label that the viewer may read from another originator: members AMBER+STRICT,
// observers and auditors GREEN, everybody else CLEAR. RED and unmarked never travel.
func (v Viewer) Clearance() TLP {
	switch {
	case v.system():
		return TLPRed
	case v.roles.Has(memberRoles...):
		return TLPAmberStrict
	case v.roles.Has(RoleObserver, RoleAuditor):
		return TLPGreen
	default:
		return TLPClear
	}
}

// Sees reports whether a thing with this marking is for the viewer: within the clearance, or of the viewer's own
// organisation.
func (v Viewer) Sees(m Marking) bool {
	switch {
	case !v.SignedIn():
		return false
	case v.system():
		return true
	case m.Originator != "" && m.Originator == v.org:
		return v.roles.Has(memberRoles...) || m.TLP.strictness() <= v.Clearance().strictness()
	default:
		return m.TLP.strictness() <= v.Clearance().strictness()
	}
}

// SeesGroup reports whether the viewer may see the directory of the group: everybody who signed in.
func (v Viewer) SeesGroup() bool { return v.SignedIn() }

// SeesReleases reports whether the viewer may see what was released: everybody with a role.
func (v Viewer) SeesReleases() bool { return v.system() || v.person != "" && v.roles != 0 }

// SeesProfile reports whether the viewer may see the profile, the matches and the exposure of org: only people who work
// in that organisation, and the system.
func (v Viewer) SeesProfile(org OrgID) bool {
	if org == "" {
		return false
	}
	return v.system() || v.org == org && v.roles.Has(RoleFocalPoint, RoleAlternate, RoleAnalyst, RoleCoChair)
}

// EditsProfile reports whether the viewer may change the profile of org.
func (v Viewer) EditsProfile(org OrgID) bool {
	if org == "" {
		return false
	}
	return v.system() || v.org == org && v.roles.Has(RoleFocalPoint, RoleAlternate, RoleAnalyst)
}

// SeesBaselines reports whether the viewer may see the baselines that the group measures itself by, which are TLP:GREEN:
// members, observers and auditors. What an organisation answers to them is for those who see its profile.
func (v Viewer) SeesBaselines() bool { return v.Sees(Marking{TLP: TLPGreen}) }

// KeepsBaselines reports whether the viewer may import baselines for the group and put them in force.
func (v Viewer) KeepsBaselines() bool { return v.system() || v.roles.Has(RoleSecretariat, RoleCoChair) }

// TakesIn reports whether the viewer may take in public sources for the whole group.
func (v Viewer) TakesIn() bool { return v.system() || v.roles.Has(RoleSecretariat, RoleCoChair) }

// SeesFeed reports whether the viewer may know of a feed and how its runs went: who takes in, and everybody whom its label
// lets see. Its address, who asked and what errors say is for those who take in.
func (v Viewer) SeesFeed(f Feed) bool { return v.TakesIn() || v.Sees(Marking{TLP: f.TLP}) }

// Publishes reports whether the viewer may make a release now, before its schedule.
func (v Viewer) Publishes() bool { return v.system() || v.roles.Has(RoleCoChair, RoleSecretariat) }

// SeesCatalogue reports whether the viewer may see the scenario catalogue, its versions and its draft: everybody with a
// role.
func (v Viewer) SeesCatalogue() bool { return v.system() || v.person != "" && v.roles != 0 }

// EditsCatalogue reports whether the viewer may draft and adopt versions of the scenario catalogue.
func (v Viewer) EditsCatalogue() bool {
	return v.system() || v.person != "" && v.roles.Has(RoleCoChair, RoleSecretariat)
}

// Administers reports whether the viewer may change organisations, people and the group.
func (v Viewer) Administers() bool { return v.system() || v.roles.Has(RoleSecretariat) }

// SeesAction reports whether the viewer may see an action item: its owner's people if it is private, members and
// observers within the label if it is the group's.
func (v Viewer) SeesAction(a ActionItem) bool {
	if v.system() {
		return true
	}
	if a.Audience == AudienceGroup {
		return v.Sees(Marking{TLP: a.TLP, Originator: a.Owner})
	}
	return v.SeesProfile(a.Owner)
}

// EditsAction reports whether the viewer may change an action item that they see: the owner's people, and for the
// group's items also co-chairs and the secretariat.
func (v Viewer) EditsAction(a ActionItem) bool {
	switch {
	case v.system():
		return true
	case !v.SeesAction(a):
		return false
	case a.Audience == AudienceGroup && v.roles.Has(RoleCoChair, RoleSecretariat):
		return true
	default:
		return v.org == a.Owner && v.roles.Has(RoleFocalPoint, RoleAlternate, RoleAnalyst, RoleCoChair, RoleSecretariat)
	}
}

// SeesResponsible reports whether the viewer may see, and name, who in the owner's organisation is responsible for an
// action item: its own people and who administers the group.
func (v Viewer) SeesResponsible(a ActionItem) bool {
	return v.Administers() || a.Owner != "" && v.org == a.Owner && v.roles.Has(memberRoles...)
}

// ReviewsPlan reports whether the viewer may sit in an executive session in which the work-plan is revised: members only,
// neither guests nor observers.
func (v Viewer) ReviewsPlan() bool {
	return v.system() || v.person != "" && v.roles.Has(memberRoles...)
}

// SeesProject reports whether the viewer may see a joint project: members within its label, and the members of the
// organisations that take part.
func (v Viewer) SeesProject(p Project) bool {
	if v.system() {
		return true
	}
	if v.person == "" || !v.roles.Has(memberRoles...) {
		return false
	}
	_, takesPart := p.Member(v.org)
	return takesPart || p.TLP.strictness() <= v.Clearance().strictness()
}

// EditsProject reports whether the viewer may change a joint project that they see, and report on it: people of the
// organisations that take part, co-chairs and the secretariat.
func (v Viewer) EditsProject(p Project) bool {
	if !v.SeesProject(p) {
		return false
	}
	_, takesPart := p.Member(v.org)
	return takesPart || v.system() || v.roles.Has(RoleCoChair, RoleSecretariat)
}

// KeepsPlan reports whether the viewer may name baselines of the group's work-plan: co-chairs and the secretariat.
func (v Viewer) KeepsPlan() bool { return v.system() || v.roles.Has(RoleCoChair, RoleSecretariat) }

// SeesContacts reports whether the viewer may see the directory of contacts, by name and function: everybody with a role.
func (v Viewer) SeesContacts() bool { return v.system() || v.person != "" && v.roles != 0 }

// SeesContact reports whether the viewer may see that a contact is there, and its name: the duty desk's is for members
// and its own organisation.
func (v Viewer) SeesContact(c Contact) bool {
	return v.SeesContacts() && (c.Function != ContactOperational || v.SeesContactDetails(c.Org))
}

// SeesContactDetails reports whether the viewer may see how to reach the contacts of org: members, and people of that
// organisation.
func (v Viewer) SeesContactDetails(org OrgID) bool {
	return v.system() || v.person != "" && (v.roles.Has(memberRoles...) || v.roles != 0 && org != "" && v.org == org)
}

// Shown returns a contact as the viewer sees it, without what is not for them.
func (v Viewer) Shown(c Contact) Contact {
	if v.SeesContactDetails(c.Org) {
		return c
	}
	return Contact{Org: c.Org, Function: c.Function, Name: c.Name, Verified: c.Verified, Revision: c.Revision}
}

// EditsContacts reports whether the viewer may change the contacts of org: its focal point and alternate, and the
// secretariat, which helps.
func (v Viewer) EditsContacts(org OrgID) bool {
	return org != "" && (v.Administers() || v.org == org && v.roles.Has(RoleFocalPoint, RoleAlternate))
}

// VerifiesContacts reports whether the viewer may say that the contacts of org are true: only that organisation itself.
// Where there is no focal point, at observers and the parent network, those who attend or read for it do.
func (v Viewer) VerifiesContacts(org OrgID) bool {
	return v.person != "" && org != "" && v.org == org && v.roles.Has(RoleFocalPoint, RoleAlternate, RoleObserver, RoleParentReader)
}

// ManagesPeople reports whether the viewer may invite people into org and see who is there: its focal point and
// alternate, and the secretariat.
func (v Viewer) ManagesPeople(org OrgID) bool {
	return org != "" && (v.Administers() || v.org == org && v.roles.Has(RoleFocalPoint, RoleAlternate))
}

// ManagesPerson reports whether the viewer may change a person's roles, deactivate them or let them set a new password.
// Nobody manages themselves; and who manages an organisation only does not manage who has a role in the group, whose
// rights they would otherwise get by a new password.
func (v Viewer) ManagesPerson(p Person) bool {
	switch {
	case v.system():
		return true
	case p.ID == "" || v.person == p.ID || !v.ManagesPeople(p.Org):
		return false
	default:
		return v.Administers() || !p.Roles.Has(groupRoles...)
	}
}

// Grants reports whether the viewer may give a role to people of org, or take it away: the secretariat any, who manages
// an organisation only those that stay inside it.
func (v Viewer) Grants(org OrgID, r Role) bool {
	if r == 0 || !v.ManagesPeople(org) {
		return false
	}
	return v.Administers() || RolesOf(RoleFocalPoint, RoleAlternate, RoleAnalyst, RoleObserver).Has(r)
}

// Invites reports whether the viewer may make this invitation of somebody new: into an organisation whose people they
// manage, with at least one role, each of which they grant.
func (v Viewer) Invites(i Invitation) bool {
	if i.Roles == 0 || !v.ManagesPeople(i.Org) {
		return false
	}
	for _, r := range AllRoles {
		if i.Roles.Has(r) && !v.Grants(i.Org, r) {
			return false
		}
	}
	return true
}

// SeesTokens reports whether the viewer may list and revoke the tokens of a person: their own, and those of people whose
// organisation they manage. Nobody makes one for another.
func (v Viewer) SeesTokens(p Person) bool {
	return v.system() || v.person != "" && v.person == p.ID || v.ManagesPeople(p.Org)
}

// SeesAudit reports whether the viewer may see an entry of the audit log: auditors and the secretariat all, people who
// work in an organisation what was done by its people or about it.
func (v Viewer) SeesAudit(e AuditEntry) bool {
	return v.seesAllAudit() || v.SeesProfile(v.org) && (e.Org == v.org || e.About == v.org)
}

// SeesAuditOf reports whether the viewer may see any entry: all is true where they may see every one.
func (v Viewer) SeesAuditOf() (some, all bool) {
	return v.seesAllAudit() || v.SeesProfile(v.org), v.seesAllAudit()
}

func (v Viewer) seesAllAudit() bool { return v.system() || v.roles.Has(RoleAuditor, RoleSecretariat) }

// sharedKinds are the kinds of identity that the log may name to other organisations: what is not private to one.
var sharedKinds = []string{orgPrefix, personPrefix, sessionPrefix, tokenPrefix, invitationPrefix, releasePrefix, threatPrefix, documentPrefix, workingGroupPrefix, procedurePrefix, baselinePrefix, reportPrefix}

// ShownEntry returns an entry of the audit log as the viewer sees it. That an organisation changed something of its own is
// told; the identity of what is private to it, such as evidence, is not.
func (v Viewer) ShownEntry(e AuditEntry) AuditEntry {
	own := v.org != "" && (e.Org == v.org || e.About == v.org)
	if v.system() || own || len(e.Subject) < 4 || e.Subject[3] != '_' {
		return e
	}
	if !slices.ContainsFunc(sharedKinds, func(prefix string) bool { return strings.HasPrefix(e.Subject, prefix) }) {
		e.Subject = ""
	}
	return e
}
