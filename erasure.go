package comity

// Estate is a kind of thing that the store has of an organisation, as it is told before it is exported or erased.
type Estate string

// The kinds.
const (
	EstateProfile      Estate = "profile"     // rows are sections by revision
	EstateDrafts       Estate = "drafts"      // of imports
	EstateBaselines    Estate = "baselines"   // answers to the controls of baselines
	EstateCalibration  Estate = "calibration" // rounds of people's warm-ups
	EstateEvidence     Estate = "evidence"
	EstateMatches      Estate = "matches"
	EstateTreatments   Estate = "treatments"    // with their history
	EstateExposure     Estate = "exposure"      // with its history
	EstateLog          Estate = "log"           // of changes
	EstateActions      Estate = "actions"       // private action items with their history
	EstateAccess       Estate = "access"        // sessions and tokens
	EstateGroupActions Estate = "group-actions" // action items of the group with their history
	EstateDirectory    Estate = "directory"     // people, passwords, contacts, invitations
	EstateGovernance   Estate = "governance"    // positions, terms, working groups, documents that its people published
	EstateThreats      Estate = "threats"       // what the organisation told the group
	EstateAudit        Estate = "audit"         // who did what, without content
)

// Erasure is what goes when an organisation erases what it has, and what stays with the group. What is in releases stays
// too: they are frozen, and name nobody.
type Erasure struct {
	Org    OrgID         `json:"organization"`
	Erased []EstateCount `json:"erased"`
	Kept   []EstateCount `json:"kept"`
}

// EstateCount is how many rows of a kind there are.
type EstateCount struct {
	What Estate `json:"what"`
	Rows int    `json:"rows"`
}

// TakesAlong reports whether the viewer may export everything that is here of org: its focal points and alternates. It is
// noted in the audit log, so a token for reading is not enough.
func (v Viewer) TakesAlong(org OrgID) bool {
	return org != "" && v.Writes() && (v.system() || v.org == org && v.roles.Has(RoleFocalPoint, RoleAlternate))
}

// Erases reports whether the viewer may erase what org has here: its focal points alone. The system may only look.
func (v Viewer) Erases(org OrgID) bool {
	return org != "" && (v.system() || v.org == org && v.roles.Has(RoleFocalPoint))
}
