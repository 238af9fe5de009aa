package demo

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"comity"
)

// Sitting is a session of the group as the story has it: prepared, and as far as it has come held, minuted and approved.
type Sitting struct {
	Session    comity.GroupSession
	Items      []SittingItem
	Made       time.Time
	Published  time.Time
	Present    []comity.OrgID
	Early      comity.OrgID // leaves an hour before the end; empty: nobody
	State      comity.SessionState
	Minutes    time.Time // when the draft minutes came out; amendments are asked for three days later
	AmendUntil comity.Date
	Amendments []SittingAmendment
	Approved   time.Time
	By         comity.Person   // who keeps the record
	CoChairs   []comity.Person // who approve
}

// SittingItem is an item with what was concluded on it. Its record and outcome are told when the session is held.
type SittingItem struct {
	comity.AgendaItem
	Conclusions []SittingConclusion
}

// SittingConclusion is a conclusion with the decision and the action item that follow.
type SittingConclusion struct {
	comity.Conclusion
	Decision comity.DecisionID
	Asked    *comity.Asked
}

// SittingAmendment is what an organisation asked for, and what it was told.
type SittingAmendment struct {
	comity.Amendment
	Person comity.Person
	State  comity.AmendmentState
	Answer string
}

// sitting is a session as it is written down below. Days count from the day of the story.
type sitting struct {
	key, title, place, zone, hosts, previous string
	link, note                               string
	kind                                     comity.SessionKind
	tlp                                      comity.TLP
	day, hour, hours                         int // hour in UTC
	state                                    comity.SessionState
	absent, early                            string // acronyms
	until                                    int    // last day for amendments
	items                                    []sittingItem
	amendments                               []string // "acronym: text", the first answered
}

// sittingItem is an item: "minutes presenter-acronym presenter" in by; papers by their titles.
type sittingItem struct {
	key, title, by, note, record, from string
	papers                             []string
	minutes                            int
	tlp                                comity.TLP // zero: the session's
	outcome                            comity.Outcome
	conclusions                        []string // "verb|text" or "verb|text|owner|title of the action item|due"
}

// sittings are the group's sessions of a year, in the order in which they were made.
var sittings = []sitting{
	{
		key: "seventeenth", title: "Seventeenth session", kind: comity.SessionRegular, tlp: comity.TLPGreen, day: -325, hour: 8, hours: 8,
		place: "Heritage House, Room IV", zone: "Europe/Paris", hosts: "X-HSO X-SEC", state: comity.SessionApproved, absent: "X-TRC", early: "X-LBC",
		items: []sittingItem{
			{key: "opening", title: "Opening and adoption of the agenda", by: "X-HSO Co-chair", minutes: 15, outcome: comity.OutcomeInformation, papers: []string{"Provisional agenda"}, record: "The co-chairs opened the session and welcomed the host.\nThe agenda was adopted without change.", conclusions: []string{"decided|to adopt its agenda."}},
			{key: "chairs", title: "Election of a co-chair", by: "X-OCO Co-chair", minutes: 20, outcome: comity.OutcomeDecision, record: "One organisation stood for election.", conclusions: []string{"decided|to elect X-HSO as co-chair for two years, with the thanks of the group to X-MMA."}},
			{key: "threats", title: "Threats of the past year", by: "X-TCF Chief, Information Security", minutes: 60, outcome: comity.OutcomeInformation, papers: []string{"Threats against the system: a review of the year"}, record: "The review was presented. Phishing remains the first way in; unpatched edge devices the second.\nMembers shared what had helped them.", conclusions: []string{"took-note|of the review of the year, with appreciation."}},
			{key: "baseline", title: "Revision 2 of the minimum baseline", by: "X-OCO Chief, Information Security", minutes: 75, outcome: comity.OutcomeAction, papers: []string{"Scope of revision 2 of the minimum baseline", "What members asked for"}, record: "The scope was presented. Several members asked for chapters on suppliers and on data protection.", conclusions: []string{"endorsed|the scope of revision 2 of the minimum baseline, with chapters on suppliers and on data protection.", "requested|X-HSO to draft the text, and to consult members on it.|X-HSO|Report on the drafting of revision 2|38"}},
			{key: "mail", title: "Shared mail-authentication service", by: "X-SSC Head of services", minutes: 45, outcome: comity.OutcomeDecision, papers: []string{"Requirements for a shared service"}, record: "The provider presented the requirements and what the service would cost.", conclusions: []string{"agreed|to pilot the shared service in four organisations.", "urged|members with field offices to take part in the pilot."}},
			{key: "logs", title: "How long shared logs are kept", by: "X-JTI Legal adviser", minutes: 30, outcome: comity.OutcomeDeferred, papers: []string{"Retention of logs that are shared: options"}, record: "There was no time for this item. It was deferred to the next session.", conclusions: nil},
			{key: "closing", title: "Next session and closing", by: "X-HSO Co-chair", minutes: 15, outcome: comity.OutcomeDecision, record: "X-OCO offered to host the next session.", conclusions: []string{"decided|to hold its eighteenth session at X-OCO."}},
		},
		amendments: []string{"X-MMA: Under item 3, please add that X-MMA offered its measurements of phishing.", "X-PPU: Under item 5, the cost should stand in the minutes."},
	},
	{
		key: "suppliers", title: "Inter-sessional meeting on shared suppliers", kind: comity.SessionIntersessional, tlp: comity.TLPGreen, day: -140, hour: 13, hours: 2,
		link: "https://meet.meridian.example/missig-suppliers", hosts: "X-SEC", state: comity.SessionApproved, absent: "X-TRC X-RCF X-ACO",
		items: []sittingItem{
			{key: "concentration", title: "Suppliers on which many depend", by: "X-SEC Secretariat of the group", minutes: 45, outcome: comity.OutcomeAction, papers: []string{"Shared suppliers: what the releases tell"}, record: "The released figures were presented; no organisation was named.", conclusions: []string{"agreed|to assess jointly a supplier on which most members depend.|X-DPO|Terms of a joint supplier assessment|60"}},
			{key: "questions", title: "One questionnaire for all", by: "X-CHF Chief, Information Security", minutes: 45, outcome: comity.OutcomeDecision, record: "Members compared their questionnaires.", conclusions: []string{"decided|to use one questionnaire for suppliers, and to review it every year."}},
		},
	},
	{
		key: "executive", title: "Executive Session on the work-plan", kind: comity.SessionExecutive, tlp: comity.TLPAmber, day: -12, hour: 13, hours: 2,
		link: "https://meet.meridian.example/missig-executive", hosts: "X-OCO X-HSO", state: comity.SessionAmendment, absent: "X-TRC X-RCF X-JTI", until: 9,
		items: []sittingItem{
			{key: "review", title: "Review of priority and progress on the work-plan", by: "X-OCO Co-chair", minutes: 70, outcome: comity.OutcomeDecision, papers: []string{"The work-plan since the last session"}, record: "The work-plan was walked item by item; what changed stands in the plan itself.", conclusions: []string{"agreed|to move work on edge devices ahead of all else for the next quarter."}},
			{key: "funds", title: "Funds for joint assessments", by: "X-SEC Secretariat of the group", minutes: 40, tlp: comity.TLPAmberStrict, outcome: comity.OutcomeAction, record: "Members told what they could contribute.", conclusions: []string{"requested|X-SEC to put a proposal on cost shares before the next session.|X-SEC|Proposal on cost shares for joint assessments|30"}},
		},
		amendments: []string{"X-MMA: Under item 1, “next quarter” should read “next two quarters”."},
	},
	{
		key: "eighteenth", title: "Eighteenth session", kind: comity.SessionRegular, tlp: comity.TLPGreen, day: 38, hour: 8, hours: 8, previous: "seventeenth",
		place: "Ocean House, Assembly Hall", zone: "Europe/Zurich", hosts: "X-OCO X-SEC", link: "https://events.meridian.example/missig-18", state: comity.SessionPublished,
		note: "Papers are out two weeks before. Please tell the secretariat who comes, and bring your badge.",
		items: []sittingItem{
			{key: "opening", title: "Opening and adoption of the agenda", by: "X-OCO Co-chair", minutes: 15, papers: []string{"Provisional agenda"}},
			{key: "logs", title: "How long shared logs are kept", by: "X-JTI Legal adviser", minutes: 45, from: "seventeenth", papers: []string{"Retention of logs that are shared: a proposal"}},
			{key: "year", title: "Exposure of the system: the year in figures", by: "X-SEC Secretariat of the group", minutes: 60, papers: []string{"What was released, and what it means"}},
			{key: "baseline", title: "Adoption of revision 2 of the minimum baseline", by: "X-HSO Chief, Information Security", minutes: 60, papers: []string{"Minimum baseline, revision 2", "Answers to the consultation"}},
			{key: "pilot", title: "Pilot of the shared mail-authentication service", by: "X-SSC Head of services", minutes: 45},
			{key: "suppliers", title: "First joint assessment of a supplier", by: "X-DPO Chief, Information Security", minutes: 60, tlp: comity.TLPAmber, papers: []string{"Findings of the joint assessment"}},
			{key: "chairs", title: "Election of a co-chair", by: "X-HSO Co-chair", minutes: 20},
			{key: "any", title: "Other matters, next session", by: "X-OCO Co-chair", minutes: 20},
		},
	},
}

// sessions returns the group's sessions.
func (t *teller) sessions() []Sitting {
	list := make([]Sitting, len(sittings))
	for i, s := range sittings {
		list[i] = t.sitting(s)
	}
	return list
}

func (t *teller) sessionID(key string) comity.GroupSessionID {
	return comity.MakeGroupSessionID(t.entropy("session", key))
}

func (t *teller) sitting(s sitting) Sitting {
	starts := t.day.AddDays(s.day).Time().Add(time.Duration(s.hour) * time.Hour)
	one := Sitting{
		Session: comity.GroupSession{
			ID: t.sessionID(s.key), Kind: s.kind, Title: s.title, TLP: s.tlp, Starts: starts, Ends: starts.Add(time.Duration(s.hours) * time.Hour), Zone: s.zone,
			Place: s.place, Link: s.link, Language: "en", Note: s.note,
		},
		Made: starts.AddDate(0, 0, -70), Published: starts.AddDate(0, 0, -50), State: s.state, Minutes: starts.AddDate(0, 0, 3),
		AmendUntil: t.day.AddDays(s.day + 27), Approved: starts.AddDate(0, 0, 30),
		By:       t.person("X-SEC", "Secretariat of the group, X-SEC", "secretariat", comity.RoleSecretariat),
		CoChairs: []comity.Person{t.coChair("X-OCO"), t.coChair("X-HSO")},
	}
	if s.until != 0 {
		one.AmendUntil = t.day.AddDays(s.until)
	}
	if s.previous != "" {
		one.Session.Previous = t.sessionID(s.previous)
	}
	for _, acronym := range strings.Fields(s.hosts) {
		one.Session.Hosts = append(one.Session.Hosts, t.orgID(acronym))
	}
	for _, o := range organizations {
		if !strings.Contains(" "+s.absent+" ", " "+o.acronym+" ") {
			one.Present = append(one.Present, t.orgID(o.acronym))
		}
	}
	if s.early != "" {
		one.Early = t.orgID(s.early)
	}
	for _, item := range s.items {
		one.Items = append(one.Items, t.sittingItem(s, item))
	}
	for i, text := range s.amendments {
		one.Amendments = append(one.Amendments, t.sittingAmendment(s, i, text))
	}
	return one
}

// coChair is the person who leads the group for an organisation.
func (t *teller) coChair(acronym string) comity.Person {
	return t.person(acronym, "Co-chair, "+acronym, "co-chair", comity.RoleCoChair)
}

func (t *teller) sittingItem(s sitting, item sittingItem) SittingItem {
	acronym, presenter, _ := strings.Cut(item.by, " ")
	a := SittingItem{AgendaItem: comity.AgendaItem{
		ID: comity.MakeAgendaItemID(t.entropy("agenda item", s.key, item.key)), Session: t.sessionID(s.key), Title: item.title, Note: item.note,
		Presenter: presenter, Org: t.orgID(acronym), Minutes: item.minutes, TLP: cmp.Or(item.tlp, s.tlp), Outcome: item.outcome, Record: item.record,
	}}
	if item.from != "" {
		a.From = comity.MakeAgendaItemID(t.entropy("agenda item", item.from, item.key))
	}
	for _, title := range item.papers {
		a.Papers = append(a.Papers, comity.Paper{Title: title})
	}
	for i, text := range item.conclusions {
		name := fmt.Sprint(s.key, item.key, i)
		words := strings.Split(text, "|")
		c := SittingConclusion{
			Conclusion: comity.Conclusion{
				ID: comity.MakeConclusionID(t.entropy("conclusion", name)), Session: a.Session, Item: a.ID, Verb: comity.Verb(words[0]), Text: words[1],
			},
			Decision: comity.MakeDecisionID(t.entropy("decision", name)),
		}
		if len(words) == 5 {
			var due int
			_, _ = fmt.Sscan(words[4], &due) // written above
			c.Asked = &comity.Asked{Owner: t.orgID(words[2]), Title: words[3], Due: t.day.AddDays(due), Action: comity.MakeActionID(t.entropy("asked", name))}
		}
		a.Conclusions = append(a.Conclusions, c)
	}
	return a
}

// sittingAmendment is a request; the first of a session whose minutes are approved was accepted, others declined.
func (t *teller) sittingAmendment(s sitting, i int, text string) SittingAmendment {
	acronym, words, _ := strings.Cut(text, ": ")
	a := SittingAmendment{
		Amendment: comity.Amendment{ID: comity.MakeAmendmentID(t.entropy("amendment", s.key, acronym)), Session: t.sessionID(s.key), Text: words}, Person: t.chief(acronym),
	}
	switch {
	case s.state != comity.SessionApproved:
	case i == 0:
		a.State, a.Answer = comity.AmendmentAccepted, "It is in the text now."
	default:
		a.State, a.Answer = comity.AmendmentDeclined, "It stands in the paper to which the minutes refer."
	}
	return a
}
