package storage

import (
	"strings"

	"comity"
)

// The conditions below say in SQL what the methods of comity.Viewer say in Go; the test Visibility of storagetest holds the two together.

// ownOnly is the condition that a row belongs to an organisation whose profile the viewer sees.
func ownOnly(w *where, v comity.Viewer, column string) {
	if _, ok := v.IsSystem(); ok {
		return
	}
	if !v.SeesProfile(v.Org()) {
		w.and("1 = 0")
		return
	}
	w.and(column+" = ?", string(v.Org()))
}

// marked is the condition that a marking lets the viewer see: within the clearance or of the own organisation. Unmarked
// (0) is for its originator only.
func marked(w *where, v comity.Viewer, tlp, originator string) {
	if _, ok := v.IsSystem(); ok {
		return
	}
	if !v.SignedIn() {
		w.and("1 = 0")
		return
	}
	within := tlp + " BETWEEN 1 AND ?"
	if v.Org() != "" && v.Sees(comity.Marking{Originator: v.Org()}) {
		w.and(within+" OR "+originator+" = ?", int64(v.Clearance()), string(v.Org()))
		return
	}
	w.and(within, int64(v.Clearance()))
}

// visibleActions is the condition of comity.Viewer.SeesAction.
func visibleActions(w *where, v comity.Viewer) {
	if _, ok := v.IsSystem(); ok {
		return
	}
	var group where
	marked(&group, v, "tlp", "owner_org_id")
	own := "1 = 0"
	args := group.args
	if v.SeesProfile(v.Org()) {
		own = "owner_org_id = ?"
		args = append(args, string(v.Org()))
	}
	condition := "audience = 'group' AND " + unbind(group.conditions[0]) + " OR audience <> 'group' AND " + own
	w.and(condition, args...)
}

// visibleFeeds is the condition of comity.Viewer.SeesFeed.
func visibleFeeds(w *where, v comity.Viewer, tlp string) {
	if !v.TakesIn() {
		marked(w, v, tlp, "''")
	}
}

// visibleSource is the condition that the viewer may know of a source: of one with a feed by the feed's label, of STIX
// documents without a feed only who takes in, of every other everybody who signed in.
func visibleSource(w *where, v comity.Viewer, column string) {
	if v.TakesIn() {
		return
	}
	if !v.SignedIn() {
		w.and("1 = 0")
		return
	}
	feed := "EXISTS (SELECT 1 FROM feeds WHERE feeds.source = " + column
	w.and(feed+" AND feeds.tlp BETWEEN 1 AND ?) OR "+column+" NOT LIKE 'stix%' AND NOT "+feed+")", int64(v.Clearance()))
}

// unbind turns numbered placeholders back into ?, for a condition that goes into another.
func unbind(condition string) string {
	var b strings.Builder
	for i := 0; i < len(condition); i++ {
		if condition[i] != '$' {
			b.WriteByte(condition[i])
			continue
		}
		b.WriteByte('?')
		for i+1 < len(condition) && '0' <= condition[i+1] && condition[i+1] <= '9' {
			i++
		}
	}
	return b.String()
}

// colleagues is the condition that a person is of the viewer's organisation; who administers the group sees all.
func colleagues(w *where, v comity.Viewer) {
	switch {
	case v.Administers():
	case v.Org() != "" && v.SignedIn():
		w.and("org_id = ?", string(v.Org()))
	default:
		w.and("1 = 0")
	}
}

// visibleContacts is the condition of comity.Viewer.SeesContact.
func visibleContacts(w *where, v comity.Viewer) {
	switch {
	case v.SeesContactDetails(""):
	case v.SeesContacts():
		w.and("function <> ? OR org_id = ?", string(comity.ContactOperational), string(v.Org()))
	default:
		w.and("1 = 0")
	}
}

// managed is the condition of comity.Viewer.ManagesPeople.
func managed(w *where, v comity.Viewer, column string) {
	switch {
	case v.Administers():
	case v.ManagesPeople(v.Org()):
		w.and(column+" = ?", string(v.Org()))
	default:
		w.and("1 = 0")
	}
}

// visibleAudit is the condition of comity.Viewer.SeesAudit.
func visibleAudit(w *where, v comity.Viewer) {
	switch some, all := v.SeesAuditOf(); {
	case all:
	case some:
		w.and("org_id = ? OR about_org_id = ?", string(v.Org()), string(v.Org()))
	default:
		w.and("1 = 0")
	}
}

// visibleDocuments is the condition of comity.Viewer.SeesDocument, and of SeesWorkingGroup and SeesProcedure.
func visibleDocuments(w *where, v comity.Viewer, tlp string) {
	switch {
	case v.KeepsRecords():
	case v.Roles() == 0:
		w.and("1 = 0")
	default:
		marked(w, v, tlp, "''")
	}
}

// visibleRevisions is the condition of comity.Viewer.SeesRevision.
func visibleRevisions(w *where, v comity.Viewer) {
	visibleDocuments(w, v, "document_revisions.tlp")
	if !v.KeepsRecords() {
		w.and("document_revisions.published_at > 0")
	}
}

// visibleSessions is the condition of comity.Viewer.SeesGroupSession.
func visibleSessions(w *where, v comity.Viewer) {
	if _, ok := v.IsSystem(); ok {
		return
	}
	if v.Roles() == 0 {
		w.and("1 = 0")
		return
	}
	if !v.WorksInMember() {
		w.and("members_only = 0")
	}
	if !v.KeepsRecords() {
		w.and("state <> 'draft'")
		marked(w, v, "tlp", "''")
	}
}

// visibleDecisions is the condition of comity.Viewer.SeesDecision.
func visibleDecisions(w *where, v comity.Viewer) {
	if _, ok := v.IsSystem(); ok {
		return
	}
	if v.Roles() == 0 {
		w.and("1 = 0")
		return
	}
	if !v.WorksInMember() {
		w.and("members_only = 0")
	}
	if !v.KeepsRecords() {
		marked(w, v, "tlp", "''")
	}
}

// visibleProjects is the condition of comity.Viewer.SeesProject.
func visibleProjects(w *where, v comity.Viewer) {
	switch {
	case v.SeesProject(comity.Project{TLP: comity.TLPUnmarked}): // only the system
	case v.ReviewsPlan():
		w.and("tlp BETWEEN 1 AND ? OR id IN (SELECT project_id FROM project_participants WHERE org_id = ?)", int64(v.Clearance()), string(v.Org()))
	default:
		w.and("1 = 0")
	}
}
