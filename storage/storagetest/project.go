package storagetest

import (
	"fmt"
	"testing"
	"time"

	"comity"

	"pgregory.net/rapid"
)

// project stores a joint project that an organisation leads, alone unless others are named.
func (s *stage) project(t *testing.T, v comity.Viewer, lead comity.Organization, label comity.TLP, title string, others ...comity.Organization) comity.Project {
	t.Helper()
	p := comity.Project{
		ID: comity.MakeProjectID(entropy("project " + title)), Title: title, Objective: "Together", TLP: label, State: comity.ProjectActive,
		Participants: []comity.ProjectMember{{Org: lead.ID, Role: comity.ProjectLead}},
	}
	for _, o := range others {
		p.Participants = append(p.Participants, comity.ProjectMember{Org: o.ID, Role: comity.ProjectParticipant})
	}
	p, err := s.PutProject(s.ctx, v, p, now)
	must(t, err)
	return p
}

// testProjects changes a project, reports on it, and asks who may.
func testProjects(t *testing.T, s *stage) {
	v, other := s.as(t, s.a, comity.RoleFocalPoint), s.as(t, s.b, comity.RoleFocalPoint)
	p := s.project(t, v, s.a, comity.TLPAmber, "Shared mail")
	_, err := s.PutProjectReport(s.ctx, other, comity.ProjectReport{Project: p.ID, RAG: comity.RAGRed, Narrative: "no"}, now)
	wantKind(t, "who takes no part reports", err, comity.Forbidden)
	stranger := p
	stranger.Title = "Taken over"
	_, err = s.PutProject(s.ctx, other, stranger, now)
	wantKind(t, "who takes no part changes it", err, comity.Forbidden)
	_, err = s.PutProject(s.ctx, other, comity.Project{
		ID: comity.MakeProjectID(entropy("for them")), Title: "For them", Objective: "x", TLP: comity.TLPGreen, State: comity.ProjectProposed,
		Participants: []comity.ProjectMember{{Org: s.a.ID, Role: comity.ProjectLead}},
	}, now)
	wantKind(t, "a project that others are to do", err, comity.Forbidden)

	p.Participants = append(p.Participants, comity.ProjectMember{Org: s.b.ID, Role: comity.ProjectParticipant, Share: 5000, Pledged: 10})
	p, err = s.PutProject(s.ctx, v, p, now.Add(time.Hour))
	must(t, err)
	stale := p
	stale.Revision = 1
	_, err = s.PutProject(s.ctx, v, stale, now)
	wantKind(t, "changed in between", err, comity.Conflict)
	for i := range 2 {
		r, err := s.PutProjectReport(s.ctx, other, comity.ProjectReport{Project: p.ID, RAG: comity.RAGs[i], Narrative: fmt.Sprint("report ", i)}, now.Add(2*time.Hour))
		must(t, err)
		if r.Number != i+1 || r.Org != s.b.ID {
			t.Errorf("report %+v", r)
		}
	}
	list, err := s.ProjectReports(s.ctx, v, p.ID, 10)
	must(t, err)
	last, err := s.LastReports(s.ctx, v, []comity.ProjectID{p.ID})
	must(t, err)
	if len(list) != 2 || list[0].Number != 2 || last[p.ID].Narrative != "report 1" {
		t.Errorf("reports %+v, last %+v", list, last)
	}
	got, err := s.Projects(s.ctx, other, comity.ProjectQuery{Org: s.b.ID, Open: true, State: comity.ProjectActive})
	must(t, err)
	if got.Total != 1 || got.Projects[0].Revision != 2 {
		t.Errorf("projects with us: %+v", got)
	}
	out := got.Projects[0]
	out.Participants = out.Participants[:0]
	for _, m := range p.Participants {
		if m.Org != s.b.ID {
			out.Participants = append(out.Participants, m)
		}
	}
	_, err = s.PutProject(s.ctx, other, out, now.Add(3*time.Hour))
	wantKind(t, "who leaves a project changes it no more", err, comity.Forbidden)
}

// testProjectVisibility holds the condition in SQL to what comity.Viewer says.
func testProjectVisibility(t *testing.T, s *stage) {
	organizations := []comity.Organization{s.a, s.b, s.observer, s.parent}
	var all []comity.Project
	for _, label := range labels {
		all = append(all,
			s.project(t, system, s.a, label, fmt.Sprint("of A ", label)),
			s.project(t, system, s.b, label, fmt.Sprint("of both ", label), s.a),
			s.project(t, system, s.b, label, fmt.Sprint("with the observer ", label), s.observer))
	}
	for _, p := range all {
		_, err := s.PutProjectReport(s.ctx, system, comity.ProjectReport{Project: p.ID, RAG: comity.RAGGreen, Narrative: "x"}, now)
		must(t, err)
	}
	rapid.Check(t, func(t *rapid.T) {
		v := anyViewer(organizations).Draw(t, "viewer")
		page, err := s.Projects(s.ctx, v, comity.ProjectQuery{Limit: 200})
		if err != nil {
			t.Fatal(err)
		}
		listed, ids := map[comity.ProjectID]bool{}, []comity.ProjectID{}
		for _, p := range page.Projects {
			listed[p.ID] = true
		}
		hold(t, v, "count of projects", page.Total == len(listed), true)
		for _, p := range all {
			ids = append(ids, p.ID)
			hold(t, v, "list project "+p.Title, listed[p.ID], v.SeesProject(p))
		}
		last, err := s.LastReports(s.ctx, v, ids)
		if err != nil {
			t.Fatal(err)
		}
		p := rapid.SampledFrom(all).Draw(t, "project")
		_, reported := last[p.ID]
		hold(t, v, "last report on "+p.Title, reported, v.SeesProject(p))
		_, err = s.Project(s.ctx, v, p.ID)
		hold(t, v, "read project "+p.Title, err == nil, v.SeesProject(p))
		_, err = s.ProjectReports(s.ctx, v, p.ID, 10)
		hold(t, v, "reports on "+p.Title, err == nil, v.SeesProject(p))
	})
}
