package demo

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"comity"
)

// ProjectStep is a joint project as somebody stored it, or a report on one.
type ProjectStep struct {
	At      time.Time
	Project *comity.Project       // nil: a report
	Report  *comity.ProjectReport // nil: a project
	By      comity.Person
}

// jointProject is a joint project as the story has it. Days count from the day of the story; 0 is not yet.
type jointProject struct {
	key, lead, title, objective, scope string
	state                              comity.ProjectState
	properties                         string // with spaces between
	tlp                                comity.TLP
	made, start, end                   int
	members                            []jointMember
	milestones                         []jointPoint
	deliverables                       []jointPoint
	risks                              []comity.ProjectRisk
	reports                            []jointReport
	lessons                            string
}

type jointMember struct {
	acronym       string
	role          comity.ProjectRole
	share         int // per cent
	pledged, paid int64
}

type jointPoint struct {
	title     string
	due, done int
	where     string
}

type jointReport struct {
	day             int
	rag             comity.RAG
	narrative, next string
}

// jointProjects are what the members of the group do together.
var jointProjects = []jointProject{
	{
		key: "mail", lead: "X-SSC", title: "Shared mail authentication",
		objective: "No message that claims to come from a member reaches anybody unless that member sent it: SPF, DKIM and DMARC at “reject” for every domain, run once for all.",
		scope:     "All domains of members that take part, also those that send no mail. Encryption of content is not part of it.",
		state:     comity.ProjectActive, properties: "integrity reliability", tlp: comity.TLPGreen, made: -330, start: -320, end: 150,
		members: []jointMember{
			{"X-SSC", comity.ProjectLead, 40, 96_000, 71_000},
			{"X-PPU", comity.ProjectParticipant, 20, 48_000, 48_000},
			{"X-CHF", comity.ProjectParticipant, 20, 48_000, 24_000},
			{"X-LBC", comity.ProjectParticipant, 10, 24_000, 24_000},
			{"X-TRC", comity.ProjectParticipant, 10, 24_000, 0},
			{"X-OCO", comity.ProjectBeneficiary, 0, 0, 0},
		},
		milestones:   []jointPoint{{"Requirements agreed", -230, -228, ""}, {"Pilot in four organisations ended", -60, -40, ""}, {"Eight organisations at “reject”", 60, 0, ""}, {"All that take part at “reject”", 150, 0, ""}},
		deliverables: []jointPoint{{"Requirements of the service", -230, -228, "Annex 1 of the charter"}, {"Report on the pilot", -30, -28, "In the documents of the group"}, {"Guide for administrators of domains", -5, 0, ""}},
		risks: []comity.ProjectRisk{
			{Text: "A provider of newsletters of a member can’t sign", Likelihood: comity.GradeHigh, Impact: comity.GradeLow, Response: "A subdomain for it, with a policy of its own"},
			{Text: "The only engineer who knows the service leaves", Likelihood: comity.GradeLow, Impact: comity.GradeHigh, Response: "A second one from X-PPU, from next quarter"},
		},
		reports: []jointReport{
			{-100, comity.RAGRed, "The provider’s second site is not ready; the pilot stands still.", "Talk to the provider’s management; prepare the other bidder."},
			{-40, comity.RAGGreen, "The pilot ended four weeks late and did what it should: 99.4 % of legitimate mail passed, 31,000 forged messages a month did not.", "Offer the service to all members."},
			{-7, comity.RAGGreen, "Three more organisations have begun. The guide for administrators is a week late.", "Publish the guide; two sessions of questions and answers."},
		},
	},
	{
		key: "edr", lead: "X-HLP", title: "Joint procurement of endpoint detection",
		objective: "One framework agreement from which every member can order endpoint detection, at a price that none of them gets alone, with an exit that has been tried.",
		state:     comity.ProjectActive, properties: "confidentiality integrity availability", tlp: comity.TLPAmber, made: -300, start: -290, end: 90,
		members: []jointMember{
			{"X-HLP", comity.ProjectLead, 34, 51_000, 51_000}, {"X-ACO", comity.ProjectParticipant, 33, 49_500, 20_000}, {"X-DPO", comity.ProjectParticipant, 33, 49_500, 49_500}, {"X-SEC", comity.ProjectProvider, 0, 0, 0},
		},
		milestones: []jointPoint{{"Market survey ended", -200, -198, ""}, {"Call for tenders published", -120, -110, ""}, {"Offers evaluated", -20, 0, ""}, {"Agreement signed", 40, 0, ""}},
		risks:      []comity.ProjectRisk{{Text: "Only one offer is left", Likelihood: comity.GradeHigh, Impact: comity.GradeHigh, Response: "The executive session decides: call again, or negotiate"}},
		reports: []jointReport{
			{-120, comity.RAGAmber, "Legal review of the exit clause takes longer than planned.", "Publish the call without the annex, and add it."},
			{-20, comity.RAGRed, "One of three bidders has withdrawn, and the second offers no exit clause.", "A decision of the executive session."},
		},
	},
	{
		key: "awareness", lead: "X-TRC", title: "Awareness kit against payment fraud",
		objective: "Whoever approves payments in a member organisation knows how such fraud goes, and what the rule of calling back is.",
		state:     comity.ProjectClosed, properties: "integrity", tlp: comity.TLPClear, made: -262, start: -250, end: -90,
		members:      []jointMember{{"X-TRC", comity.ProjectLead, 60, 18_000, 17_200}, {"X-PPU", comity.ProjectParticipant, 40, 12_000, 12_000}},
		milestones:   []jointPoint{{"English and French", -170, -172, ""}, {"All six languages", -100, -92, ""}},
		deliverables: []jointPoint{{"Four short films, six languages", -100, -92, "For every member, at the secretariat"}},
		reports:      []jointReport{{-150, comity.RAGAmber, "Arabic and Chinese voice-over are missing.", "Ask the language services of X-PPU."}, {-92, comity.RAGGreen, "All six languages are there; nine organisations show the films.", ""}},
		lessons:      "Voice-over in six languages takes twice the time of writing. Films under three minutes were watched to the end by 84 %, longer ones by 40 %.",
	},
}

// projects returns the joint projects as steps in order of time: begun with nothing reached, then as they are today.
func (t *teller) projects() []ProjectStep {
	var steps []ProjectStep
	for _, j := range jointProjects {
		by := t.chief(j.lead)
		begun, today := t.jointProject(j), t.jointProject(j)
		begun.State, begun.Lessons = comity.ProjectProposed, ""
		for i := range begun.Milestones {
			begun.Milestones[i].Reached = comity.Date{}
		}
		for i := range begun.Deliverables {
			begun.Deliverables[i].Delivered = comity.Date{}
		}
		for i := range begun.Participants {
			begun.Participants[i].Paid = 0
		}
		today.Revision = 1
		steps = append(steps, ProjectStep{At: t.at(j.made), Project: &begun, By: by})
		last := j.start
		for _, r := range j.reports {
			report := comity.ProjectReport{Project: begun.ID, RAG: r.rag, Narrative: r.narrative, Next: r.next}
			steps = append(steps, ProjectStep{At: t.at(r.day), Report: &report, By: by})
			last = r.day
		}
		steps = append(steps, ProjectStep{At: t.at(last).Add(time.Hour), Project: &today, By: by})
	}
	slices.SortStableFunc(steps, func(a, b ProjectStep) int { return cmp.Or(a.At.Compare(b.At), 0) })
	return steps
}

func (t *teller) projectID(key string) comity.ProjectID {
	if key == "" {
		return ""
	}
	return comity.MakeProjectID(t.entropy("project", key))
}

func (t *teller) jointProject(j jointProject) comity.Project {
	p := comity.Project{
		ID: t.projectID(j.key), Title: j.title, Objective: j.objective, Scope: j.scope, Properties: strings.Fields(j.properties), TLP: j.tlp, State: j.state,
		Start: t.day.AddDays(j.start), End: t.day.AddDays(j.end), Currency: "USD", Risks: j.risks, Lessons: j.lessons,
	}
	for _, m := range j.members {
		p.Participants = append(p.Participants, comity.ProjectMember{Org: t.orgID(m.acronym), Role: m.role, Share: m.share * comity.Whole / 100, Pledged: m.pledged, Paid: m.paid})
	}
	for _, m := range j.milestones {
		p.Milestones = append(p.Milestones, comity.ProjectMilestone{Title: m.title, Due: t.day.AddDays(m.due), Reached: t.doneOn(m)})
	}
	for _, d := range j.deliverables {
		p.Deliverables = append(p.Deliverables, comity.ProjectDeliverable{Title: d.title, Due: t.day.AddDays(d.due), Delivered: t.doneOn(d), Where: d.where})
	}
	return p
}

func (t *teller) doneOn(p jointPoint) comity.Date {
	if p.done == 0 {
		return comity.Date{}
	}
	return t.day.AddDays(p.done)
}
