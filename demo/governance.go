package demo

import (
	_ "embed"
	"time"

	"comity"
)

// Governance is how the group governs itself, in the order in which it is told.
type Governance struct {
	Day           comity.Date // of the story
	Terms         []comity.Term
	WorkingGroups []comity.WorkingGroup
	Documents     []Document
	Procedures    []Procedure
}

// Document is a document with its published revisions; one without Effective is proposed.
type Document struct {
	comity.Document
	Revisions []comity.DocumentRevision
}

// Procedure is a written procedure with what was said in it. Closes: its deadline has passed, and it is decided.
type Procedure struct {
	comity.Procedure
	Positions []comity.Position
	Closes    bool
}

// Texts of the group's documents. All are fictional.
var (
	//go:embed texts/terms-1.md
	terms1 string
	//go:embed texts/terms-2.md
	terms2 string
	//go:embed texts/baseline-1.md
	baseline1 string
	//go:embed texts/baseline-2.md
	baseline2 string
	//go:embed texts/working-group.md
	workingGroupTerms string
	//go:embed texts/edge-devices.md
	edgeDevices string
)

// groupRules are those of the second revision of the Terms of Reference; the first had a higher quorum and less time.
func groupRules(revision int) *comity.Rules {
	r := comity.Rules{
		Quorum: comity.Quorum{Numerator: 1, Denominator: 2, Above: true}, Threshold: comity.ThresholdConsensus, SilenceDays: 10, BallotDays: 14,
		ProvidersVote: true, SessionsPerYear: 1, NoticeDays: 14, AmendmentDays: 21, TermMonths: 24, ReminderDays: 60,
	}
	if revision == 1 {
		r.Quorum, r.SilenceDays, r.BallotDays, r.ProvidersVote = comity.Quorum{Numerator: 2, Denominator: 3}, 5, 10, false
	}
	return &r
}

// governance tells the group's own records, in days before and after the day of the story.
func (t *teller) governance(w *World) {
	w.Group.Secretariat = t.orgID("X-SEC")
	w.Group.ReportingLine = "MDTN → Meridian High-Level Committee on Management → Meridian Board"
	w.Group.Links = []comity.Link{
		{Title: "Meridian Digital Technology Network", Address: "https://mdtn.meridian.example/"},
		{Title: "Calendar of the Meridian System", Address: "https://calendar.meridian.example/missig"},
	}
	w.Governance = Governance{
		Day: t.day,
		Terms: []comity.Term{
			{Org: t.orgID("X-OCO"), From: t.day.AddDays(-690), Until: t.day.AddDays(40), Note: "Elected at the sixteenth session"},
			{Org: t.orgID("X-HSO"), From: t.day.AddDays(-325), Until: t.day.AddDays(405), Note: "Elected at the seventeenth session"},
			{Org: t.orgID("X-MMA"), From: t.day.AddDays(-1055), Until: t.day.AddDays(-325), Ended: t.day.AddDays(-325)},
			{Org: t.orgID("X-SSA"), From: t.day.AddDays(-1420), Until: t.day.AddDays(-690), Ended: t.day.AddDays(-690)},
		},
		WorkingGroups: t.workingGroups(),
		Documents:     t.documents(),
		Procedures:    t.procedures(),
	}
}

func (t *teller) orgIDs(acronyms ...string) []comity.OrgID {
	ids := make([]comity.OrgID, len(acronyms))
	for i, a := range acronyms {
		ids[i] = t.orgID(a)
	}
	return ids
}

func (t *teller) workingGroupID(name string) comity.WorkingGroupID {
	return comity.MakeWorkingGroupID(t.entropy("working group", name))
}

func (t *teller) documentID(name string) comity.DocumentID {
	return comity.MakeDocumentID(t.entropy("document", name))
}

func (t *teller) workingGroups() []comity.WorkingGroup {
	return []comity.WorkingGroup{
		{
			ID: t.workingGroupID("baseline"), Name: "Minimum baseline", TLP: comity.TLPGreen, Chair: t.orgID("X-MMA"),
			Purpose: "Keeps the minimum baseline of the Meridian System under review and prepares its second revision.",
			Members: t.orgIDs("X-HLP", "X-SEC", "X-SSC", "X-TCF"), Established: t.day.AddDays(-320), Mandate: t.day.AddDays(45),
		},
		{
			ID: t.workingGroupID("awareness"), Name: "Awareness training", TLP: comity.TLPGreen, Chair: t.orgID("X-TRC"),
			Purpose: "Wrote the common syllabus for awareness training.", Members: t.orgIDs("X-JTI", "X-LBC"),
			Established: t.day.AddDays(-1100), Mandate: t.day.AddDays(-400), Closed: t.day.AddDays(-390),
		},
	}
}

func (t *teller) documents() []Document {
	record := func(name string, kind comity.DocumentKind, title string, group comity.WorkingGroupID, revisions ...comity.DocumentRevision) Document {
		d := Document{Document: comity.Document{ID: t.documentID(name), Kind: kind, Title: title, TLP: comity.TLPGreen, WorkingGroup: group}, Revisions: revisions}
		for i := range revisions {
			r := &revisions[i]
			r.Document, r.Language, r.TLP = d.ID, "en", comity.TLPGreen
		}
		return d
	}
	at := func(days int) time.Time { return t.day.AddDays(days).Time().Add(10 * time.Hour) }
	baseline := t.workingGroupID("baseline")
	return []Document{
		record("terms", comity.DocumentTerms, "Terms of Reference of MISSIG", "",
			comity.DocumentRevision{
				Symbol: "MISSIG/2011/2", Text: terms1, Rules: groupRules(1), Note: "Adopted by the founding session.",
				Published: time.Date(2011, 10, 3, 10, 0, 0, 0, time.UTC), Effective: comity.Date{Year: 2011, Month: time.October, Day: 3},
			},
			comity.DocumentRevision{
				Symbol: "MISSIG/2025/7", Text: terms2, Rules: groupRules(2), Published: at(-320), Effective: t.day.AddDays(-315),
				Note: "Executive Sessions, written procedures, and a voice for providers of shared services.",
			}),
		record("baseline", comity.DocumentBaseline, "Minimum baseline of the Meridian System", "",
			comity.DocumentRevision{Symbol: "MISSIG/2024/5", Text: baseline1, Note: "First edition.", Published: at(-700), Effective: t.day.AddDays(-690)},
			comity.DocumentRevision{
				Symbol: "MISSIG/2026/3", Text: baseline2, Published: at(-6),
				Note: "Edge devices within 72 hours, phishing-resistant sign-in, restores that are tried.",
			}),
		record("working group", comity.DocumentTerms, "Terms of reference: minimum baseline", baseline,
			comity.DocumentRevision{Text: workingGroupTerms, Published: at(-322), Effective: t.day.AddDays(-320), Note: "As the seventeenth session decided."}),
		record("edge", comity.DocumentOutput, "Guidance on hardening edge devices", baseline,
			comity.DocumentRevision{Symbol: "MISSIG/2026/1", Text: edgeDevices, Published: at(-80), Effective: t.day.AddDays(-80), Note: "First edition."}),
	}
}

func (t *teller) procedures() []Procedure {
	at := func(days int) time.Time { return t.day.AddDays(days).Time().Add(12 * time.Hour) }
	id := func(name string) comity.ProcedureID { return comity.MakeProcedureID(t.entropy("procedure", name)) }
	say := func(days int, position comity.PositionKind, reason string, acronyms ...string) (list []comity.Position) {
		for i, org := range t.orgIDs(acronyms...) {
			list = append(list, comity.Position{Org: org, Position: position, Reason: reason, At: at(days).Add(time.Duration(i) * time.Hour)})
		}
		return list
	}
	join := func(lists ...[]comity.Position) (all []comity.Position) {
		for _, l := range lists {
			all = append(all, l...)
		}
		return all
	}
	return []Procedure{
		{
			Procedure: comity.Procedure{
				ID: id("exercise"), Kind: comity.ProcedureSilence, Title: "Hold the yearly exercise in the first quarter", TLP: comity.TLPGreen,
				Text: "The group holds its yearly exercise in the first quarter instead of the fourth.", Opened: at(-150), Deadline: at(-138),
			},
			Positions: say(-146, comity.PositionDiscuss, "The first quarter is when we close our accounts: our treasury staff cannot take part.", "X-PPU"),
		},
		{
			Procedure: comity.Procedure{
				ID: id("monitoring"), Kind: comity.ProcedureBallot, Title: "Joint subscription to monitoring of look-alike domains", TLP: comity.TLPGreen,
				Text:   "The group:\n\n1. **Agrees** to subscribe jointly to monitoring of look-alike domains for one year;\n2. **Requests** X-SSC to procure it and to report at the next session.",
				Rules:  comity.BindingRules{Rules: comity.Rules{Threshold: comity.ThresholdTwoThirds}},
				Opened: at(-60), Deadline: at(-40),
			},
			Positions: join(
				say(-58, comity.PositionAgree, "", "X-OCO", "X-HSO", "X-SEC", "X-CHF", "X-DPO"),
				say(-52, comity.PositionDiscuss, "Who pays in the second year is not said.", "X-ACO", "X-LBC"),
				say(-50, comity.PositionNoObjection, "", "X-MMA", "X-TCF", "X-HLP"),
				say(-48, comity.PositionRecuse, "We would be the provider.", "X-SSC"),
				say(-45, comity.PositionAgree, "The paper now says that it ends after a year.", "X-ACO"),
				say(-44, comity.PositionAbstain, "", "X-TRC"),
			),
			Closes: true,
		},
		{
			Procedure: comity.Procedure{
				ID: id("baseline"), Kind: comity.ProcedureSilence, Title: "Adopt revision 2 of the minimum baseline", TLP: comity.TLPGreen,
				Text:     "The group **adopts** revision 2 of the minimum baseline of the Meridian System, in force on the day of its adoption.",
				Document: t.documentID("baseline"), Number: 2, Opened: at(-5), Deadline: at(9),
			},
			Positions: say(-3, comity.PositionNoObjection, "", "X-MMA", "X-HLP"),
		},
	}
}
