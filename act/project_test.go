package act

import (
	"strings"
	"testing"

	"comity"
)

func project() comity.Project {
	return comity.Project{
		Title: "Shared mail", Objective: "Less phishing", TLP: comity.TLPGreen, State: comity.ProjectActive, Currency: "USD",
		Participants: []comity.ProjectMember{
			{Org: "org_a", Role: comity.ProjectLead, Share: 3334, Pledged: 100, Paid: 50}, {Org: "org_b", Role: comity.ProjectParticipant, Share: 3333}, {Org: "org_c", Role: comity.ProjectProvider, Share: 3333},
		},
	}
}

func TestProjectProblems(t *testing.T) {
	tests := []struct {
		name   string
		change func(*comity.Project)
		field  string // empty: valid
	}{
		{"as it is", func(*comity.Project) {}, ""},
		{"no title", func(p *comity.Project) { p.Title = " " }, "title"},
		{"no objective", func(p *comity.Project) { p.Objective = "" }, "objective"},
		{"a long scope", func(p *comity.Project) { p.Scope = strings.Repeat("x", 4001) }, "scope"},
		{"an unknown property", func(p *comity.Project) { p.Properties = []string{"speed"} }, "properties"},
		{"no label", func(p *comity.Project) { p.TLP = comity.TLPUnmarked }, "tlp"},
		{"no state", func(p *comity.Project) { p.State = "" }, "state"},
		{"ends before it begins", func(p *comity.Project) { p.Start, p.End = day("2026-02-01"), day("2026-01-01") }, "end"},
		{"a currency of our own", func(p *comity.Project) { p.Currency = "€" }, "currency"},
		{"99.99 %", func(p *comity.Project) { p.Participants[0].Share-- }, "shares"},
		{"100.01 %", func(p *comity.Project) { p.Participants[0].Share++ }, "shares"},
		{"shares without a currency", func(p *comity.Project) { p.Currency = "" }, "shares"},
		{"money without shares", func(p *comity.Project) {
			for i := range p.Participants {
				p.Participants[i].Share = 0
			}
		}, "shares"},
		{"nothing to pay", func(p *comity.Project) {
			for i := range p.Participants {
				p.Participants[i].Share = 0
			}
			p.Participants[0].Pledged, p.Participants[0].Paid, p.Currency = 0, 0, ""
		}, ""},
		{"nobody leads", func(p *comity.Project) { p.Participants[0].Role = comity.ProjectParticipant }, "participants"},
		{"two lead", func(p *comity.Project) { p.Participants[1].Role = comity.ProjectLead }, "participants"},
		{"one twice", func(p *comity.Project) { p.Participants[1].Org = "org_a" }, "participants"},
		{"a negative sum", func(p *comity.Project) { p.Participants[0].Paid = -1 }, "participants"},
		{"a milestone without a title", func(p *comity.Project) { p.Milestones = []comity.ProjectMilestone{{Title: "one"}, {}} }, "milestones"},
		{"a deliverable on two lines", func(p *comity.Project) { p.Deliverables = []comity.ProjectDeliverable{{Title: "a\nb"}} }, "deliverables"},
		{"an ungraded risk", func(p *comity.Project) { p.Risks = []comity.ProjectRisk{{Text: "late"}} }, "risks"},
		{"101 milestones", func(p *comity.Project) {
			for range 101 {
				p.Milestones = append(p.Milestones, comity.ProjectMilestone{Title: "x"})
			}
		}, "milestones"},
		{"closed without lessons", func(p *comity.Project) { p.State = comity.ProjectClosed }, "lessons"},
		{"closed with lessons", func(p *comity.Project) { p.State, p.Lessons = comity.ProjectClosed, "Begin with the contract." }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := project()
			tt.change(&p)
			problems := ProjectProblems(p)
			if tt.field == "" && len(problems) > 0 || tt.field != "" && (len(problems) != 1 || problems[0].Field != tt.field) {
				t.Errorf("problems %v, want one of field %q", problems, tt.field)
			}
		})
	}
	for _, r := range []comity.ProjectReport{{}, {RAG: comity.RAGRed}, {Narrative: "x"}, {RAG: "blue", Narrative: "x"}} {
		if len(ReportProblems(r)) == 0 {
			t.Errorf("%+v is a report", r)
		}
	}
}
