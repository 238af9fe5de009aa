package comity

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Audience says who an action item is for. The zero Audience is the owner's organisation only.
type Audience string

// The audiences.
const (
	AudienceOwner Audience = ""      // people of the owner organisation
	AudienceGroup Audience = "group" // the whole group, within the item's label
)

// Priority of an action item.
type Priority string

// The priorities.
const (
	PriorityUrgent Priority = "urgent"
	PriorityHigh   Priority = "high"
	PriorityMedium Priority = "medium"
	PriorityLow    Priority = "low"
)

// Priorities lists the priorities from first to last.
var Priorities = []Priority{PriorityUrgent, PriorityHigh, PriorityMedium, PriorityLow}

// ActionStatus is where an action item stands.
type ActionStatus string

// The statuses.
const (
	ActionOpen       ActionStatus = "open"
	ActionInProgress ActionStatus = "in-progress"
	ActionDone       ActionStatus = "done"
	ActionDropped    ActionStatus = "dropped"
)

// ActionStatuses lists the statuses in the order of work.
var ActionStatuses = []ActionStatus{ActionOpen, ActionInProgress, ActionDone, ActionDropped}

// ActionKind is what sort of work an action item is. The zero kind is not said.
type ActionKind string

// The kinds.
const (
	KindGuidance      ActionKind = "guidance"       // a guidance document
	KindBaseline      ActionKind = "baseline"       // a revision of a baseline or standard
	KindProcurement   ActionKind = "procurement"    // joint procurement
	KindSharedService ActionKind = "shared-service" // a service that several use
	KindAwareness     ActionKind = "awareness"      // awareness material
	KindSurvey        ActionKind = "survey"         // a survey or benchmark
	KindExercise      ActionKind = "exercise"
	KindWorkingGroup  ActionKind = "working-group"
	KindPosition      ActionKind = "position"   // a position paper
	KindTechnical     ActionKind = "technical"  // a technical measure
	KindAssessment    ActionKind = "assessment" // of a supplier, a product or an organisation
	KindOther         ActionKind = "other"
)

// ActionKinds lists the kinds in the order in which they are offered.
var ActionKinds = []ActionKind{
	KindGuidance, KindBaseline, KindProcurement, KindSharedService, KindAwareness, KindSurvey, KindExercise, KindWorkingGroup,
	KindPosition, KindTechnical, KindAssessment, KindOther,
}

// RAG says whether work is on its way: red, amber or green. The zero RAG is not said.
type RAG string

// The ratings.
const (
	RAGGreen RAG = "green" // as planned
	RAGAmber RAG = "amber" // at risk, and whoever owns it can put it right
	RAGRed   RAG = "red"   // will not be done as planned without help
)

// RAGs lists the ratings from good to bad.
var RAGs = []RAG{RAGGreen, RAGAmber, RAGRed}

// Bounds of what an action item names.
const (
	MaxContributors = 60     // organisations
	MaxDependencies = 20     // items that must be finished before
	MaxEffort       = 10_000 // person-days
)

// ActionItem is something to do: an item of the work-plan.
type ActionItem struct {
	ID           ActionID       `json:"id"`
	Kind         ActionKind     `json:"kind,omitempty"`
	Title        string         `json:"title"`
	Note         string         `json:"note,omitempty"`
	Owner        OrgID          `json:"owner"`
	Responsible  PersonID       `json:"responsible,omitempty"`  // of the owner; only the owner's people see who
	Contributors []OrgID        `json:"contributors,omitempty"` // organisations that help, sorted, without the owner
	Audience     Audience       `json:"audience,omitempty"`
	TLP          TLP            `json:"tlp"`
	Priority     Priority       `json:"priority"`
	Status       ActionStatus   `json:"status"`
	Progress     int            `json:"progress"` // per cent, 0–100
	RAG          RAG            `json:"rag,omitempty"`
	Start        Date           `json:"start,omitzero"` // when work begins; zero: when it was created
	Due          Date           `json:"due,omitzero"`
	Effort       int            `json:"effort,omitempty"` // person-days; 0: not estimated
	After        []ActionID     `json:"after,omitempty"`  // items that must be finished before, sorted, without a circle
	Threat       ThreatID       `json:"threat,omitempty"`
	Match        MatchID        `json:"match,omitempty"`
	Scenario     ScenarioID     `json:"scenario,omitempty"`
	Control      string         `json:"control,omitempty"`  // M-code
	Decision     DecisionID     `json:"decision,omitempty"` // on which it rests
	Session      GroupSessionID `json:"session,omitempty"`  // in which it is to be reported
	Project      ProjectID      `json:"project,omitempty"`  // of which it is a part
	Created      time.Time      `json:"created"`
	Updated      time.Time      `json:"updated,omitzero"` // zero: not known, of an item as it was
	By           PersonID       `json:"by,omitempty"`
	Revision     int            `json:"revision"` // from 1; a change names the one that it was made on, else Conflict
}

// IsOpen reports whether there is still something to do.
func (a ActionItem) IsOpen() bool { return a.Status == ActionOpen || a.Status == ActionInProgress }

// AtRisk reports whether somebody said that it will not be done as planned.
func (a ActionItem) AtRisk() bool { return a.RAG == RAGAmber || a.RAG == RAGRed }

// Begins returns the day on which work begins.
func (a ActionItem) Begins() Date {
	if !a.Start.IsZero() {
		return a.Start
	}
	return DateOf(a.Created)
}

// ActionRevision is one append-only row: who changed which field of an action item, for which organisation, in which
// session or by which decision, and why. The field "review" with the new value "no-change" says that somebody looked at the
// item and left it as it is.
type ActionRevision struct {
	Action   ActionID       `json:"action"`
	At       time.Time      `json:"at"`
	Person   PersonID       `json:"person,omitempty"`
	Org      OrgID          `json:"organization,omitempty"`
	Session  GroupSessionID `json:"session,omitempty"`
	Decision DecisionID     `json:"decision,omitempty"`
	Field    string         `json:"field"`
	Old      string         `json:"old"`
	New      string         `json:"new"`
	Why      string         `json:"why,omitempty"`
}

// Reviewed is the field of a revision that says that nothing was changed.
const Reviewed = "review"

// ActionReason goes with a change of an action item into each of its rows.
type ActionReason struct {
	Why      string
	Session  GroupSessionID // in which it was decided; empty: in none
	Decision DecisionID     // by which; empty: by none
	Key      string         // made up by who sends the change: one that comes twice is stored once; empty: each is stored
}

// ActionField is one field of an action item as text.
type ActionField struct{ Name, Value string }

// Fields returns the fields that are followed, as text, always in the same order. Lists are joined by spaces.
func (a ActionItem) Fields() []ActionField {
	return []ActionField{
		{"kind", string(a.Kind)},
		{"title", a.Title},
		{"note", a.Note},
		{"owner", string(a.Owner)},
		{"responsible", string(a.Responsible)},
		{"contributors", joined(a.Contributors)},
		{"audience", string(a.Audience)},
		{"tlp", a.TLP.String()},
		{"priority", string(a.Priority)},
		{"status", string(a.Status)},
		{"progress", strconv.Itoa(a.Progress)},
		{"rag", string(a.RAG)},
		{"start", a.Start.String()},
		{"due", a.Due.String()},
		{"effort", strconv.Itoa(a.Effort)},
		{"after", joined(a.After)},
		{"threat", string(a.Threat)},
		{"match", string(a.Match)},
		{"scenario", string(a.Scenario)},
		{"control", a.Control},
		{"decision", string(a.Decision)},
		{"session", string(a.Session)},
		{"project", string(a.Project)},
	}
}

// SetField sets a field that Fields returned. A name that is none, or a value that the field can't have, is Invalid.
func (a *ActionItem) SetField(name, value string) error {
	words := map[string]*string{
		"kind": (*string)(&a.Kind), "title": &a.Title, "note": &a.Note, "owner": (*string)(&a.Owner), "responsible": (*string)(&a.Responsible),
		"audience": (*string)(&a.Audience), "priority": (*string)(&a.Priority), "status": (*string)(&a.Status), "rag": (*string)(&a.RAG),
		"threat": (*string)(&a.Threat), "match": (*string)(&a.Match), "scenario": (*string)(&a.Scenario), "control": &a.Control,
		"decision": (*string)(&a.Decision), "session": (*string)(&a.Session), "project": (*string)(&a.Project),
	}
	if field, ok := words[name]; ok {
		*field = value
		return nil
	}
	var err error
	switch name {
	case "contributors":
		a.Contributors = split[OrgID](value)
	case "after":
		a.After = split[ActionID](value)
	case "tlp":
		err = a.TLP.UnmarshalText([]byte(value))
	case "progress":
		a.Progress, err = number(value)
	case "effort":
		a.Effort, err = number(value)
	case "start":
		a.Start, err = ParseDate(value)
	case "due":
		a.Due, err = ParseDate(value)
	default:
		return Errorf(Invalid, "an action item has no field %q", name)
	}
	return err
}

// SameFields reports whether two items agree in every field that is followed.
func (a ActionItem) SameFields(b ActionItem) bool { return slices.Equal(a.Fields(), b.Fields()) }

func joined[T ~string](ids []T) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = string(id)
	}
	return strings.Join(words, " ")
}

func split[T ~string](s string) []T {
	var ids []T
	for _, word := range strings.Fields(s) {
		ids = append(ids, T(word))
	}
	return ids
}

// number reads a whole number; the empty text, as before an item was made, is 0.
func number(s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, Errorf(Invalid, "not a whole number: %q", s)
	}
	return n, nil
}
