package demo

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"comity"
)

// PlanStep is one change of the work-plan: an item that is made, or some fields of it that somebody changed.
type PlanStep struct {
	At     time.Time
	Make   *comity.ActionItem // nil: a change of an item that is there
	Action comity.ActionID
	Fields []comity.ActionField
	Reason comity.ActionReason
	By     comity.Person // on whose behalf the story acts
}

// planned is an item of the group's work-plan as the story has it. Days count from the day of the story.
type planned struct {
	key, owner, title, note string
	kind                    comity.ActionKind
	priority                comity.Priority
	made, start, due        int
	effort                  int    // person-days
	after                   string // keys, with spaces between
	helpers                 string // acronyms, with spaces between
	scenario                comity.ScenarioID
	control                 string
	project                 string // key of the joint project of which it is a part
	amber                   bool   // labelled TLP:AMBER instead of TLP:GREEN
	steps                   []plannedStep
}

// plannedStep is a change: "field=value field=value", and why.
type plannedStep struct {
	day    int
	fields string
	why    string
}

// workPlan is the group's year.
var workPlan = []planned{
	{
		key: "baseline-scope", owner: "X-OCO", title: "Agree on the scope of revision 2 of the minimum baseline", kind: comity.KindBaseline, priority: comity.PriorityHigh,
		made: -360, start: -355, due: -270, effort: 12, helpers: "X-HSO X-MMA",
		steps: []plannedStep{{-300, "status=in-progress progress=60 rag=green", ""}, {-272, "status=done progress=100", "adopted without a vote"}},
	},
	{
		key: "baseline-text", owner: "X-HSO", title: "Draft revision 2 of the minimum baseline", kind: comity.KindBaseline, priority: comity.PriorityHigh,
		note: "Data protection and suppliers get chapters of their own.", made: -350, start: -268, due: -120, effort: 60, after: "baseline-scope", helpers: "X-OCO X-JTI X-TCF",
		steps: []plannedStep{
			{-250, "status=in-progress progress=10 rag=green", ""},
			{-190, "progress=35 rag=amber", "two of five chapters have no author"},
			{-170, "priority=urgent", "moved up: the parent network asked for it"},
			{-130, "progress=80 rag=green", ""},
			{-119, "status=done progress=100", ""},
		},
	},
	{
		key: "baseline-consult", owner: "X-SEC", title: "Consult members on revision 2 of the minimum baseline", kind: comity.KindSurvey, priority: comity.PriorityMedium,
		made: -340, start: -115, due: -45, effort: 15, after: "baseline-text", steps: []plannedStep{{-110, "status=in-progress progress=20", ""}, {-60, "progress=70 rag=green", "fourteen of sixteen have answered"}, {-44, "status=done progress=100", ""}},
	},
	{
		key: "baseline-adopt", owner: "X-SEC", title: "Adopt revision 2 of the minimum baseline by silence procedure", kind: comity.KindBaseline, priority: comity.PriorityHigh,
		made: -340, start: -40, due: 20, effort: 3, after: "baseline-consult", steps: []plannedStep{{-38, "status=in-progress progress=50 rag=green", ""}},
	},
	{
		key: "baseline-map", owner: "X-MMA", title: "Map revision 2 of the minimum baseline to ISO/IEC 27002", kind: comity.KindGuidance, priority: comity.PriorityLow,
		made: -100, start: 25, due: 110, effort: 20, after: "baseline-adopt",
	},
	{
		key: "mail-scope", project: "mail", owner: "X-SSC", title: "Requirements for a shared mail-authentication service", kind: comity.KindSharedService, priority: comity.PriorityMedium,
		made: -330, start: -320, due: -230, effort: 25, helpers: "X-PPU X-CHF", scenario: "phishing",
		steps: []plannedStep{{-280, "status=in-progress progress=50 rag=green", ""}, {-228, "status=done progress=100", ""}},
	},
	{
		key: "mail-pilot", project: "mail", owner: "X-SSC", title: "Pilot the shared mail-authentication service in four organisations", kind: comity.KindSharedService, priority: comity.PriorityHigh,
		made: -320, start: -225, due: -60, effort: 90, after: "mail-scope", helpers: "X-PPU X-CHF X-LBC X-TRC", scenario: "phishing",
		steps: []plannedStep{
			{-220, "status=in-progress progress=5 rag=green", ""},
			{-150, "progress=45", ""},
			{-100, "progress=55 rag=red", "the provider's second site is not ready"},
			{-70, "progress=85 rag=amber", "back on its way, four weeks late"},
			{-40, "status=done progress=100 rag=green", ""},
		},
	},
	{
		key: "mail-roll", project: "mail", owner: "X-SSC", title: "Offer the shared mail-authentication service to all members", kind: comity.KindSharedService, priority: comity.PriorityHigh,
		made: -200, start: -35, due: 150, effort: 120, after: "mail-pilot", scenario: "phishing", steps: []plannedStep{{-30, "status=in-progress progress=15 rag=green", ""}},
	},
	{
		key: "edr-market", project: "edr", owner: "X-HLP", title: "Market survey for joint procurement of endpoint detection", kind: comity.KindProcurement, priority: comity.PriorityMedium,
		made: -310, start: -300, due: -200, effort: 18, helpers: "X-ACO X-DPO", scenario: "ransomware", steps: []plannedStep{{-240, "status=in-progress progress=70", ""}, {-198, "status=done progress=100", ""}},
	},
	{
		key: "edr-frame", project: "edr", owner: "X-HLP", title: "Framework agreement for endpoint detection", kind: comity.KindProcurement, priority: comity.PriorityHigh,
		note: "Exit clause and place of processing are conditions.", made: -290, start: -190, due: 40, effort: 70, after: "edr-market", helpers: "X-ACO X-DPO X-SEC", scenario: "ransomware", amber: true,
		steps: []plannedStep{{-180, "status=in-progress progress=10 rag=green", ""}, {-120, "progress=30 rag=amber", "legal review takes longer"}, {-20, "progress=65 rag=red", "one bidder has withdrawn: needs a decision"}},
	},
	{
		key: "edr-exit", owner: "X-ACO", title: "Template for exit strategies from cloud providers", kind: comity.KindGuidance, priority: comity.PriorityMedium,
		made: -240, start: -230, due: -90, effort: 22, scenario: "supplier-compromise", steps: []plannedStep{{-200, "status=in-progress progress=30", ""}, {-95, "status=done progress=100 rag=green", ""}},
	},
	{
		key: "aware-kit", project: "awareness", owner: "X-TRC", title: "Awareness kit against payment fraud, in six languages", kind: comity.KindAwareness, priority: comity.PriorityMedium,
		made: -260, start: -250, due: -100, effort: 35, helpers: "X-PPU", scenario: "payment-fraud", steps: []plannedStep{{-210, "status=in-progress progress=40", ""}, {-150, "progress=75 rag=amber", "Arabic and Chinese voice-over are missing"}, {-92, "status=done progress=100 rag=green", ""}},
	},
	{
		key: "exercise", owner: "X-DPO", title: "Tabletop exercise: ransomware in a shared service", kind: comity.KindExercise, priority: comity.PriorityMedium,
		made: -230, start: -140, due: -15, effort: 40, helpers: "X-SSC X-OCO", scenario: "ransomware", steps: []plannedStep{{-130, "status=in-progress progress=30 rag=green", ""}, {-50, "progress=70 rag=amber", "two players have no deputy"}},
	},
	{
		key: "exercise-lessons", owner: "X-DPO", title: "Lessons from the tabletop exercise", kind: comity.KindGuidance, priority: comity.PriorityMedium,
		made: -130, start: -10, due: 50, effort: 8, after: "exercise", scenario: "ransomware",
	},
	{
		key: "zero-trust", owner: "X-TCF", title: "Position paper on incremental zero trust", kind: comity.KindPosition, priority: comity.PriorityLow,
		made: -220, start: -200, due: -30, effort: 15, steps: []plannedStep{{-120, "status=in-progress progress=50", ""}, {-70, "status=dropped rag=red", "overtaken by the paper of the parent network"}},
	},
	{
		key: "cloud-group", owner: "X-HSO", title: "Terms of reference for a working group on cloud assurance", kind: comity.KindWorkingGroup, priority: comity.PriorityMedium,
		made: -160, start: -150, due: -80, effort: 6, helpers: "X-TCF X-SSA", steps: []plannedStep{{-140, "status=in-progress progress=50", ""}, {-82, "status=done progress=100 rag=green", ""}},
	},
	{
		key: "cloud-questions", owner: "X-TCF", title: "Common questionnaire for cloud providers", kind: comity.KindAssessment, priority: comity.PriorityMedium,
		made: -80, start: -75, due: 35, effort: 30, after: "cloud-group", helpers: "X-SSA X-LBC", scenario: "supplier-compromise", steps: []plannedStep{{-60, "status=in-progress progress=25 rag=green", ""}, {-15, "progress=60", ""}},
	},
	{
		key: "field-mfa", owner: "X-DPO", title: "Multi-factor sign-in for field offices with little bandwidth", kind: comity.KindTechnical, priority: comity.PriorityHigh,
		made: -150, start: -145, due: 70, effort: 55, helpers: "X-HLP X-CHF", scenario: "phishing", control: "M1032", steps: []plannedStep{{-120, "status=in-progress progress=20", ""}, {-45, "progress=50 rag=green", ""}},
	},
	{
		key: "backup", owner: "X-CHF", title: "Guidance: backups that ransomware cannot reach", kind: comity.KindGuidance, priority: comity.PriorityHigh,
		made: -110, start: -105, due: 15, effort: 14, scenario: "ransomware", control: "M1053", steps: []plannedStep{{-80, "status=in-progress progress=50", ""}, {-12, "progress=90 rag=green", ""}},
	},
	{
		key: "insider", owner: "X-JTI", title: "Common rules for leavers and movers", kind: comity.KindGuidance, priority: comity.PriorityMedium,
		made: -90, start: -60, due: 90, effort: 16, helpers: "X-LBC", steps: []plannedStep{{-50, "status=in-progress progress=10 rag=amber", "waits for the legal network"}},
	},
	{
		key: "survey", owner: "X-SEC", title: "Yearly survey of security staffing and budgets", kind: comity.KindSurvey, priority: comity.PriorityLow,
		made: -60, start: 10, due: 80, effort: 10,
	},
}

// plan returns the group's work-plan as steps in order of time.
func (t *teller) plan() []PlanStep {
	var steps []PlanStep
	for _, p := range workPlan {
		chief := t.chief(p.owner)
		item := t.plannedItem(p)
		steps = append(steps, PlanStep{At: t.at(p.made), Make: &item, Action: item.ID, By: chief})
		for _, s := range p.steps {
			step := PlanStep{At: t.at(s.day), Action: item.ID, Reason: comity.ActionReason{Why: s.why}, By: chief}
			for _, word := range strings.Fields(s.fields) {
				name, value, _ := strings.Cut(word, "=")
				step.Fields = append(step.Fields, comity.ActionField{Name: name, Value: value})
			}
			steps = append(steps, step)
		}
	}
	slices.SortStableFunc(steps, func(a, b PlanStep) int { return cmp.Or(a.At.Compare(b.At), 0) })
	return steps
}

// at returns the morning of a day of the story.
func (t *teller) at(day int) time.Time { return t.day.AddDays(day).Time().Add(6 * time.Hour) }

func (t *teller) plannedItem(p planned) comity.ActionItem {
	a := comity.ActionItem{
		ID: comity.MakeActionID(t.entropy("action", p.key)), Kind: p.kind, Title: p.title, Note: p.note, Owner: t.orgID(p.owner), Responsible: t.chief(p.owner).ID,
		Audience: comity.AudienceGroup, TLP: comity.TLPGreen, Priority: p.priority, Status: comity.ActionOpen, Start: t.day.AddDays(p.start), Due: t.day.AddDays(p.due),
		Effort: p.effort, Scenario: p.scenario, Control: p.control, Project: t.projectID(p.project),
	}
	switch {
	case p.amber:
		a.TLP = comity.TLPAmber
	case p.after == "" && p.kind != comity.KindTechnical:
		a.TLP = comity.TLPClear // what waits for nothing narrower may be told to the parent network
	}
	for _, key := range strings.Fields(p.after) {
		a.After = append(a.After, comity.MakeActionID(t.entropy("action", key)))
	}
	for _, acronym := range strings.Fields(p.helpers) {
		a.Contributors = append(a.Contributors, t.orgID(acronym))
	}
	return a
}

// chief is who answers for security in an organisation.
func (t *teller) chief(acronym string) comity.Person {
	return t.person(acronym, "Chief, Information Security, "+acronym, "ciso", comity.RoleFocalPoint)
}
