package demo

import (
	"time"

	"comity"
)

// Terms are the group's Terms of Reference in their revisions, the earliest first.
type Terms struct {
	Document  comity.Document
	Revisions []comity.DocumentRevision
}

const (
	firstTerms = `# Terms of Reference

1. The group is the system's principal mechanism for cooperation on information security. It reports to MDTN.
2. Two organisations lead it in turn, for two years each.
3. It meets once a year. Two thirds of its members are a quorum.
4. A decision in writing is adopted if nobody objects within five working days.
`
	secondTerms = `# Terms of Reference

1. The group is the system's principal mechanism for cooperation on information security and data protection. It reports to MDTN.
2. Two organisations lead it in turn, for two years each.
3. It meets at least once a year. More than half of its members are a quorum; providers of shared services take part without being counted.
4. Its Executive Sessions, for members only, review priority and progress of action items on the work-plan.
5. A decision in writing is adopted if nobody objects within ten days.
`
)

// terms tells the Terms of Reference: those of the beginning, and what is in force since before the story.
func (t *teller) terms() Terms {
	d := comity.Document{
		ID: comity.MakeDocumentID(t.entropy("document", "terms")), Kind: comity.DocumentTerms, Title: "Terms of Reference", TLP: comity.TLPClear,
	}
	first := comity.Rules{
		Quorum: comity.Quorum{Numerator: 2, Denominator: 3}, Threshold: comity.ThresholdConsensus, SilenceDays: 5, BallotDays: 10,
		SessionsPerYear: 1, NoticeDays: 14, AmendmentDays: 14, TermMonths: 24, ReminderDays: 60,
	}
	second := first
	second.Quorum, second.SilenceDays, second.BallotDays, second.AmendmentDays = comity.Quorum{Numerator: 1, Denominator: 2, Above: true}, 10, 14, 21
	revision := func(text string, rules comity.Rules, note string, days int) comity.DocumentRevision {
		return comity.DocumentRevision{
			Document: d.ID, Language: "en", TLP: comity.TLPClear, Text: text, Rules: &rules, Note: note,
			Published: t.at(days), Effective: comity.DateOf(t.at(days).Add(5 * 24 * time.Hour)),
		}
	}
	return Terms{Document: d, Revisions: []comity.DocumentRevision{
		revision(firstTerms, first, "Adopted by the founding session.", -5400),
		revision(secondTerms, second, "A lower quorum, and Executive Sessions.", -700),
	}}
}
