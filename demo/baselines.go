package demo

import (
	"crypto/sha256"

	"comity"
)

// Assessor is the organisation that assesses itself by the baselines in the story.
const Assessor = "X-OCO"

// Baselines returns the embedded baselines with the identities that they have in the story of a seed.
func (f *PublicFacts) Baselines(seed uint64) []comity.Baseline {
	t := teller{seed: seed}
	list := make([]comity.Baseline, len(f.baselines))
	for i, b := range f.baselines {
		b.ID = comity.MakeBaselineID(t.entropy("baseline", b.Key))
		list[i] = b
	}
	return list
}

// OrganizationID returns the identity of an organisation in the story of a seed.
func OrganizationID(seed uint64, acronym string) comity.OrgID {
	t := teller{seed: seed}
	return t.orgID(acronym)
}

// Round says when the assessor answers: a first look at the beginning of the story, another on its last day.
type Round int

// The rounds.
const (
	FirstRound  Round = iota // a third of the controls, low
	SecondRound              // most of them, with targets
)

// Answers returns what the assessor says of a baseline in a round. They hang on the controls' identities alone, so that two
// baselines that share a control get the same answer.
func Answers(b comity.Baseline, round Round, day comity.Date) []comity.BaselineAnswer {
	var answers []comity.BaselineAnswer
	for _, g := range b.Groups {
		for _, c := range g.Controls {
			if a, said := answerTo(c.ID, round, day); said {
				a.Control = c.ID
				answers = append(answers, a)
			}
		}
	}
	return answers
}

// evidence is what an answer rests on, by level.
var evidence = [5][]string{
	{"No rule yet. Each office does as it sees fit.", "Known as a gap since the audit of last year."},
	{"Done at headquarters, not yet in the field offices.", "A draft is with the ICT board.", "Begun with the new service desk."},
	{"Standing instruction 14, in force since March. Confirmed by the internal audit.", "In the contract with the hosting provider, checked once a year."},
	{"Measured each quarter; the last two reports show no exception.", "Tested in the exercise in May, three findings closed since."},
	{"Reviewed with two other members this year, who took over our procedure."},
}

func answerTo(id string, round Round, day comity.Date) (comity.BaselineAnswer, bool) {
	draw := sha256.Sum256([]byte("answer to " + id))
	share := 96 // of 256
	if round == SecondRound {
		share = 212
	}
	if int(draw[0]) >= share {
		return comity.BaselineAnswer{}, false
	}
	if draw[0] == 1 || draw[0] == 2 {
		return comity.BaselineAnswer{Maturity: comity.MaturityNotApplicable, Evidence: "The organisation runs no such systems of its own."}, true
	}
	level := []int{0, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 2, 1, 4}[draw[1]%16]
	if round == FirstRound {
		level = max(0, level-1)
	}
	a := comity.BaselineAnswer{Maturity: comity.Maturities[level]}
	if draw[2] < 128 {
		a.Evidence = evidence[level][int(draw[3])%len(evidence[level])]
	}
	if round == SecondRound && draw[4] < 180 {
		a.Target = comity.Maturities[max(level, 2+int(draw[5]%2))]
		a.Due = day.AddDays(int(draw[6]) - 20)
	}
	return a, true
}
