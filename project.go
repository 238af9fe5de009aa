package comity

import "time"

// ProjectState is where a joint project stands. The zero state is none.
type ProjectState string

// The states.
const (
	ProjectProposed ProjectState = "proposed"
	ProjectActive   ProjectState = "active"
	ProjectPaused   ProjectState = "paused"
	ProjectClosed   ProjectState = "closed"
)

// ProjectStates lists the states in the order of work.
var ProjectStates = []ProjectState{ProjectProposed, ProjectActive, ProjectPaused, ProjectClosed}

// ProjectRole is what an organisation does in a joint project.
type ProjectRole string

// The roles.
const (
	ProjectLead        ProjectRole = "lead" // answers for it; exactly one
	ProjectParticipant ProjectRole = "participant"
	ProjectProvider    ProjectRole = "provider"    // delivers a service to it
	ProjectBeneficiary ProjectRole = "beneficiary" // uses what comes out
)

// ProjectRoles lists the roles in the order in which they are offered.
var ProjectRoles = []ProjectRole{ProjectLead, ProjectParticipant, ProjectProvider, ProjectBeneficiary}

// Grade is low, medium or high.
type Grade string

// The grades.
const (
	GradeLow    Grade = "low"
	GradeMedium Grade = "medium"
	GradeHigh   Grade = "high"
)

// Grades lists the grades from low to high.
var Grades = []Grade{GradeLow, GradeMedium, GradeHigh}

// Whole is all of a project's cost, in basis points.
const Whole = 10_000

// Project is something that several organisations do together: its charter, who takes part and pays how much, what is to
// come out, and what was learnt.
type Project struct {
	ID           ProjectID            `json:"id"`
	Title        string               `json:"title"`
	Objective    string               `json:"objective"`
	Scope        string               `json:"scope,omitempty"`
	Properties   []string             `json:"properties,omitempty"` // that it protects: names of Properties, in their order
	TLP          TLP                  `json:"tlp"`
	State        ProjectState         `json:"state"`
	Start        Date                 `json:"start,omitzero"`
	End          Date                 `json:"end,omitzero"`
	Currency     string               `json:"currency,omitempty"` // ISO 4217; empty: it costs nothing
	Participants []ProjectMember      `json:"participants"`       // sorted by organisation; one of them leads
	Milestones   []ProjectMilestone   `json:"milestones,omitempty"`
	Deliverables []ProjectDeliverable `json:"deliverables,omitempty"`
	Risks        []ProjectRisk        `json:"risks,omitempty"`
	Lessons      string               `json:"lessons,omitempty"` // asked for at the end
	Created      time.Time            `json:"created"`
	Updated      time.Time            `json:"updated"`
	Revision     int                  `json:"revision"` // from 1; a change names the one that it was made on, else Conflict
}

// ProjectMember is an organisation that takes part, and what it pays. Sums are in whole units of the project's currency.
type ProjectMember struct {
	Org     OrgID       `json:"organization"`
	Role    ProjectRole `json:"role"`
	Share   int         `json:"share,omitempty"` // basis points; those of all are Whole, or 0 if it costs nothing
	Pledged int64       `json:"pledged,omitempty"`
	Paid    int64       `json:"paid,omitempty"`
}

// ProjectMilestone is a point that is to be reached by a day.
type ProjectMilestone struct {
	Title   string `json:"title"`
	Due     Date   `json:"due,omitzero"`
	Reached Date   `json:"reached,omitzero"` // zero: not yet
}

// ProjectDeliverable is something that comes out: a revision of a document of the group, or what a text says.
type ProjectDeliverable struct {
	Title     string     `json:"title"`
	Due       Date       `json:"due,omitzero"`
	Delivered Date       `json:"delivered,omitzero"` // zero: not yet
	Document  DocumentID `json:"document,omitempty"`
	Revision  int        `json:"revision,omitempty"` // of the document; 0: the one in force
	Where     string     `json:"where,omitempty"`    // what it is or where it is found, where it is no document
}

// ProjectRisk is what could go wrong with a project, and what is done about it.
type ProjectRisk struct {
	Text       string `json:"text"`
	Likelihood Grade  `json:"likelihood"`
	Impact     Grade  `json:"impact"`
	Response   string `json:"response,omitempty"`
}

// ProjectReport says how a project is at one time. Reports are only added.
type ProjectReport struct {
	Project   ProjectID `json:"project"`
	Number    int       `json:"number"` // from 1
	At        time.Time `json:"at"`
	Person    PersonID  `json:"person,omitempty"`
	Org       OrgID     `json:"organization,omitempty"`
	RAG       RAG       `json:"rag"`
	Narrative string    `json:"narrative"`
	Next      string    `json:"next,omitempty"` // steps
}

// Bounds of a project.
const (
	MaxProjectLines = 100 // milestones, deliverables and risks, each
	MaxProjectText  = 4000
	MaxProjectSum   = 1_000_000_000_000 // of money, whole units
)

// Lead returns the organisation that answers for the project; empty if none does.
func (p Project) Lead() OrgID {
	for _, m := range p.Participants {
		if m.Role == ProjectLead {
			return m.Org
		}
	}
	return ""
}

// Member returns what an organisation does in the project; ok is false if it takes no part.
func (p Project) Member(org OrgID) (m ProjectMember, ok bool) {
	for _, m := range p.Participants {
		if m.Org == org && org != "" {
			return m, true
		}
	}
	return ProjectMember{}, false
}

// ProjectReportDays is how many days a project that is under way may go without a report before it counts as silent.
const ProjectReportDays = 60

// Next returns the milestone that is due next, of those that have a day and are not reached; ok is false if there is none.
func (p Project) Next() (next ProjectMilestone, ok bool) {
	for _, m := range p.Milestones {
		if m.Reached.IsZero() && !m.Due.IsZero() && (!ok || m.Due.Before(next.Due)) {
			next, ok = m, true
		}
	}
	return next, ok
}

// Silent reports whether a project that is under way has gone without a report for too long on a day: last is when the
// newest report was given, the zero time if there is none.
func (p Project) Silent(last time.Time, day Date) bool {
	if last.IsZero() {
		last = p.Created
	}
	return p.State == ProjectActive && DateOf(last).AddDays(ProjectReportDays).Before(day)
}

// Sums returns what is pledged and paid by all.
func (p Project) Sums() (pledged, paid int64) {
	for _, m := range p.Participants {
		pledged += m.Pledged
		paid += m.Paid
	}
	return pledged, paid
}

// ProjectQuery selects projects, newest first. The zero query is the first 50 that the viewer may see.
type ProjectQuery struct {
	State  ProjectState // empty: any
	Org    OrgID        // that takes part; empty: any
	Open   bool         // only those that are not closed
	Limit  int          // 1–200; 0 counts as 50
	Offset int
}

// ProjectPage is one page of projects.
type ProjectPage struct {
	Projects []Project
	Total    int // of the whole selection
}
