package web

import (
	"context"
	"strings"

	"comity"
	"comity/document"
)

// reportProjects is how many joint projects a report tells of.
const reportProjects = 100

// toldProject is a joint project as a report tells of it: with the last report that was given in the period or before.
type toldProject struct {
	comity.Project
	last *comity.ProjectReport // nil: none
}

// addProjects adds the joint projects that were under way in the period, as far as the report's label lets them in. One
// that is only proposed is not told.
func (p reporter) addProjects(ctx context.Context, f *reportFacts, r comity.GroupReport) error {
	page, err := p.store.Projects(ctx, p.viewer, comity.ProjectQuery{Limit: reportProjects})
	if err != nil {
		return err
	}
	var ids []comity.ProjectID
	for _, one := range page.Projects {
		over := one.State == comity.ProjectClosed && comity.DateOf(one.Updated).Before(r.From)
		switch {
		case one.State == comity.ProjectProposed || over || r.Until.Before(comity.DateOf(one.Created)):
		case !allowed(r.TLP, one.TLP):
			f.leftOut++
		default:
			f.projects = append(f.projects, toldProject{Project: one})
			ids = append(ids, one.ID)
		}
	}
	last, err := p.store.LastReports(ctx, p.viewer, ids)
	if err != nil {
		return err
	}
	for i := range f.projects {
		one := &f.projects[i]
		report, ok := last[one.ID]
		if ok && r.Until.Before(comity.DateOf(report.At)) {
			if report, ok, err = p.reportUntil(ctx, one.ID, r.Until); err != nil {
				return err
			}
		}
		if ok {
			one.last = &report
		}
	}
	return nil
}

// reportUntil returns the newest report on a project that was given until the end of a day.
func (p reporter) reportUntil(ctx context.Context, id comity.ProjectID, until comity.Date) (comity.ProjectReport, bool, error) {
	reports, err := p.store.ProjectReports(ctx, p.viewer, id, 0)
	if err != nil {
		return comity.ProjectReport{}, false, err
	}
	for _, one := range reports {
		if !until.Before(comity.DateOf(one.At)) {
			return one, true, nil
		}
	}
	return comity.ProjectReport{}, false, nil
}

// projects adds a paragraph for each joint project: where it stands, and what it reported last.
func (b *reportBuilder) projects() {
	for _, p := range b.facts.projects {
		runs := []document.Run{{Text: b.apart(p.Title), Strong: true}, {Text: " – " + b.T("project.state."+string(p.State))}}
		if p.last != nil {
			runs = append(runs, document.Run{Text: ", " + b.T("action.rag."+string(p.last.RAG)) + " (" + b.Date(comity.DateOf(p.last.At)) + ")"})
			runs = append(runs, document.Run{Text: ". " + strings.Join(paragraphs(p.last.Narrative), " ")})
		}
		b.paragraph(runs...)
	}
}
