package comity

import (
	"encoding/base32"
	"strings"
)

// Typed identities. Each has its own prefix, so that an identity of the wrong kind does not parse, and a reader of a log
// knows what it names. Except ThreatID (see there) all are the prefix and 16 characters of lower-case base32.
type (
	// OrgID identifies an organisation: "org_…". The acronym may change, the identity does not.
	OrgID string
	// PersonID identifies a person who signs in: "per_…".
	PersonID string
	// ServiceID identifies an information asset group of one organisation: "svc_…".
	ServiceID string
	// SoftwareID identifies one line of an organisation's software inventory: "sof_…".
	SoftwareID string
	// SupplierID identifies one supplier in one organisation's profile: "sup_…".
	SupplierID string
	// EvidenceID identifies an item of evidence: "evi_…".
	EvidenceID string
	// MatchID identifies a match: "mat_…", derived from what matched, so that matching again finds the same one.
	MatchID string
	// ActionID identifies an action item: "act_…".
	ActionID string
	// ReleaseID identifies a release: "rel_…".
	ReleaseID string
	// SessionID identifies a signed-in session: "ses_…". It is no secret; the cookie is.
	SessionID string
	// TokenID identifies an API token: "tok_…". It is no secret; the token is.
	TokenID string
	// InvitationID identifies an invitation: "inv_…". It is no secret; the link is.
	InvitationID string
	// DocumentID identifies a document, the whole series of its revisions: "doc_…".
	DocumentID string
	// WorkingGroupID identifies a working group: "wgr_…".
	WorkingGroupID string
	// ProcedureID identifies a written procedure: "pro_…".
	ProcedureID string
	// ReportID identifies a report to the parent network: "rpt_…".
	ReportID string
	// AgendaItemID identifies an item of a session's agenda: "agi_…".
	AgendaItemID string
	// ConclusionID identifies a conclusion of a session: "con_…".
	ConclusionID string
	// AmendmentID identifies what an organisation asks to be amended in draft minutes: "ame_…".
	AmendmentID string
	// ProjectID identifies a joint project: "prj_…".
	ProjectID string
	// GroupSessionID identifies a session of the group: "gse_…".
	GroupSessionID string
	// DecisionID identifies a decision of the group: "dec_…".
	DecisionID string
	// TreatmentID identifies what an organisation does about one exposure: "tre_…".
	TreatmentID string
	// BaselineID identifies a baseline of the group in all its revisions: "bas_…".
	BaselineID string
	// WebhookID identifies a webhook of an organisation: "whk_…".
	WebhookID string
)

// ThreatID identifies a threat by its kind and its public key: "thr_CVE-2021-44228", "thr_T1190", "thr_DEMO-SET-01". It
// is the same in every installation, so that intake can be repeated.
type ThreatID string

// Entropy is what an identity is made from: random bytes where it must be new, a hash where it must be found again.
type Entropy [10]byte

var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

const (
	orgPrefix       = "org_"
	personPrefix    = "per_"
	servicePrefix   = "svc_"
	softwarePrefix  = "sof_"
	supplierPrefix  = "sup_"
	evidencePrefix  = "evi_"
	matchPrefix     = "mat_"
	actionPrefix    = "act_"
	treatmentPrefix = "tre_"
	projectPrefix   = "prj_"
	reportPrefix    = "rpt_"

	groupSessionPrefix = "gse_"
	decisionPrefix     = "dec_"

	releasePrefix = "rel_"
	sessionPrefix = "ses_"
	tokenPrefix   = "tok_"

	invitationPrefix = "inv_"

	documentPrefix     = "doc_"
	workingGroupPrefix = "wgr_"
	procedurePrefix    = "pro_"

	agendaItemPrefix = "agi_"
	conclusionPrefix = "con_"
	amendmentPrefix  = "ame_"

	threatPrefix = "thr_"

	baselinePrefix = "bas_"

	webhookPrefix = "whk_"
)

func makeID(prefix string, e Entropy) string { return prefix + idEncoding.EncodeToString(e[:]) }

// MakeOrgID returns the identity made from e.
func MakeOrgID(e Entropy) OrgID { return OrgID(makeID(orgPrefix, e)) }

// MakePersonID returns the identity made from e.
func MakePersonID(e Entropy) PersonID { return PersonID(makeID(personPrefix, e)) }

// MakeServiceID returns the identity made from e.
func MakeServiceID(e Entropy) ServiceID { return ServiceID(makeID(servicePrefix, e)) }

// MakeSoftwareID returns the identity made from e.
func MakeSoftwareID(e Entropy) SoftwareID { return SoftwareID(makeID(softwarePrefix, e)) }

// MakeSupplierID returns the identity made from e.
func MakeSupplierID(e Entropy) SupplierID { return SupplierID(makeID(supplierPrefix, e)) }

// MakeEvidenceID returns the identity made from e.
func MakeEvidenceID(e Entropy) EvidenceID { return EvidenceID(makeID(evidencePrefix, e)) }

// MakeMatchID returns the identity made from e.
func MakeMatchID(e Entropy) MatchID { return MatchID(makeID(matchPrefix, e)) }

// MakeActionID returns the identity made from e.
func MakeActionID(e Entropy) ActionID { return ActionID(makeID(actionPrefix, e)) }

// MakeTreatmentID returns the identity made from e.
func MakeTreatmentID(e Entropy) TreatmentID { return TreatmentID(makeID(treatmentPrefix, e)) }

// MakeReportID returns the identity made from e.
func MakeReportID(e Entropy) ReportID { return ReportID(makeID(reportPrefix, e)) }

// MakeProjectID returns the identity made from e.
func MakeProjectID(e Entropy) ProjectID { return ProjectID(makeID(projectPrefix, e)) }

// MakeGroupSessionID returns the identity made from e.
func MakeGroupSessionID(e Entropy) GroupSessionID {
	return GroupSessionID(makeID(groupSessionPrefix, e))
}

// MakeDecisionID returns the identity made from e.
func MakeDecisionID(e Entropy) DecisionID { return DecisionID(makeID(decisionPrefix, e)) }

// MakeReleaseID returns the identity made from e.
func MakeReleaseID(e Entropy) ReleaseID { return ReleaseID(makeID(releasePrefix, e)) }

// MakeSessionID returns the identity made from e.
func MakeSessionID(e Entropy) SessionID { return SessionID(makeID(sessionPrefix, e)) }

// MakeTokenID returns the identity made from e.
func MakeTokenID(e Entropy) TokenID { return TokenID(makeID(tokenPrefix, e)) }

// MakeInvitationID returns the identity made from e.
func MakeInvitationID(e Entropy) InvitationID { return InvitationID(makeID(invitationPrefix, e)) }

// MakeDocumentID returns the identity made from e.
func MakeDocumentID(e Entropy) DocumentID { return DocumentID(makeID(documentPrefix, e)) }

// MakeWorkingGroupID returns the identity made from e.
func MakeWorkingGroupID(e Entropy) WorkingGroupID {
	return WorkingGroupID(makeID(workingGroupPrefix, e))
}

// MakeProcedureID returns the identity made from e.
func MakeProcedureID(e Entropy) ProcedureID { return ProcedureID(makeID(procedurePrefix, e)) }

// MakeBaselineID returns the identity made from e.
func MakeBaselineID(e Entropy) BaselineID { return BaselineID(makeID(baselinePrefix, e)) }

// MakeAgendaItemID returns the identity made from e.
func MakeAgendaItemID(e Entropy) AgendaItemID { return AgendaItemID(makeID(agendaItemPrefix, e)) }

// MakeConclusionID returns the identity made from e.
func MakeConclusionID(e Entropy) ConclusionID { return ConclusionID(makeID(conclusionPrefix, e)) }

// MakeAmendmentID returns the identity made from e.
func MakeAmendmentID(e Entropy) AmendmentID { return AmendmentID(makeID(amendmentPrefix, e)) }

// MakeWebhookID returns the identity made from e.
func MakeWebhookID(e Entropy) WebhookID { return WebhookID(makeID(webhookPrefix, e)) }

// MakeThreatID returns the identity of the threat with this public key, such as a CVE or technique number. It is empty if
// the key has characters outside A–Z, a–z, 0–9, '.', '_' and '-', or more than 80 of them.
func MakeThreatID(key string) ThreatID {
	if !isThreatKey(key) {
		return ""
	}
	return ThreatID(threatPrefix + key)
}

// Key returns the public key of the threat: its identity without the prefix.
func (id ThreatID) Key() string { return strings.TrimPrefix(string(id), threatPrefix) }

func isThreatKey(s string) bool {
	if s == "" || len(s) > 80 {
		return false
	}
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}

func parseID[T ~string](prefix, s string) (T, error) {
	body, ok := strings.CutPrefix(s, prefix)
	if !ok || len(body) != 16 {
		return "", Errorf(Invalid, "not an identity of the kind %q", prefix)
	}
	if _, err := idEncoding.DecodeString(body); err != nil {
		return "", Errorf(Invalid, "not an identity of the kind %q", prefix)
	}
	return T(s), nil
}

// ParseOrgID parses "org_…"; its error is of kind Invalid, like that of its siblings.
func ParseOrgID(s string) (OrgID, error) { return parseID[OrgID](orgPrefix, s) }

// ParsePersonID parses "per_…".
func ParsePersonID(s string) (PersonID, error) { return parseID[PersonID](personPrefix, s) }

// ParseServiceID parses "svc_…".
func ParseServiceID(s string) (ServiceID, error) { return parseID[ServiceID](servicePrefix, s) }

// ParseSoftwareID parses "sof_…".
func ParseSoftwareID(s string) (SoftwareID, error) { return parseID[SoftwareID](softwarePrefix, s) }

// ParseSupplierID parses "sup_…".
func ParseSupplierID(s string) (SupplierID, error) { return parseID[SupplierID](supplierPrefix, s) }

// ParseEvidenceID parses "evi_…".
func ParseEvidenceID(s string) (EvidenceID, error) { return parseID[EvidenceID](evidencePrefix, s) }

// ParseMatchID parses "mat_…".
func ParseMatchID(s string) (MatchID, error) { return parseID[MatchID](matchPrefix, s) }

// ParseActionID parses "act_…".
func ParseActionID(s string) (ActionID, error) { return parseID[ActionID](actionPrefix, s) }

// ParseTreatmentID parses "tre_…".
func ParseTreatmentID(s string) (TreatmentID, error) { return parseID[TreatmentID](treatmentPrefix, s) }

// ParseReportID parses "rpt_…".
func ParseReportID(s string) (ReportID, error) { return parseID[ReportID](reportPrefix, s) }

// ParseProjectID parses "prj_…".
func ParseProjectID(s string) (ProjectID, error) { return parseID[ProjectID](projectPrefix, s) }

// ParseGroupSessionID parses "gse_…".
func ParseGroupSessionID(s string) (GroupSessionID, error) {
	return parseID[GroupSessionID](groupSessionPrefix, s)
}

// ParseDecisionID parses "dec_…".
func ParseDecisionID(s string) (DecisionID, error) { return parseID[DecisionID](decisionPrefix, s) }

// ParseReleaseID parses "rel_…".
func ParseReleaseID(s string) (ReleaseID, error) { return parseID[ReleaseID](releasePrefix, s) }

// ParseSessionID parses "ses_…".
func ParseSessionID(s string) (SessionID, error) { return parseID[SessionID](sessionPrefix, s) }

// ParseTokenID parses "tok_…".
func ParseTokenID(s string) (TokenID, error) { return parseID[TokenID](tokenPrefix, s) }

// ParseInvitationID parses "inv_…".
func ParseInvitationID(s string) (InvitationID, error) {
	return parseID[InvitationID](invitationPrefix, s)
}

// ParseDocumentID parses "doc_…".
func ParseDocumentID(s string) (DocumentID, error) { return parseID[DocumentID](documentPrefix, s) }

// ParseWorkingGroupID parses "wgr_…".
func ParseWorkingGroupID(s string) (WorkingGroupID, error) {
	return parseID[WorkingGroupID](workingGroupPrefix, s)
}

// ParseProcedureID parses "pro_…".
func ParseProcedureID(s string) (ProcedureID, error) { return parseID[ProcedureID](procedurePrefix, s) }

// ParseBaselineID parses "bas_…".
func ParseBaselineID(s string) (BaselineID, error) { return parseID[BaselineID](baselinePrefix, s) }

// ParseAgendaItemID parses "agi_…".
func ParseAgendaItemID(s string) (AgendaItemID, error) {
	return parseID[AgendaItemID](agendaItemPrefix, s)
}

// ParseConclusionID parses "con_…".
func ParseConclusionID(s string) (ConclusionID, error) {
	return parseID[ConclusionID](conclusionPrefix, s)
}

// ParseAmendmentID parses "ame_…".
func ParseAmendmentID(s string) (AmendmentID, error) { return parseID[AmendmentID](amendmentPrefix, s) }

// ParseWebhookID parses "whk_…".
func ParseWebhookID(s string) (WebhookID, error) { return parseID[WebhookID](webhookPrefix, s) }

// ParseThreatID parses "thr_…" followed by a public key.
func ParseThreatID(s string) (ThreatID, error) {
	key, ok := strings.CutPrefix(s, threatPrefix)
	if !ok || !isThreatKey(key) {
		return "", Errorf(Invalid, "not an identity of the kind %q", threatPrefix)
	}
	return ThreatID(s), nil
}
