package act

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"comity"
)

// ProjectProblems returns what is wrong with a joint project, in the order of the fields; none if it may be stored. Not
// checked: whether the person may do this, and whether the organisations and documents exist.
func ProjectProblems(p comity.Project) []Problem {
	var list []Problem
	want := func(ok bool, field, msg string) {
		if !ok {
			list = append(list, Problem{field, msg})
		}
	}
	want(isLine(p.Title, 1, MaxTitle), "title", "1 to 200 characters on one line")
	want(isText(p.Objective, 1), "objective", "1 to 4000 characters")
	want(isText(p.Scope, 0), "scope", "at most 4000 characters")
	want(len(p.Properties) <= comity.PropertyCount && !slices.ContainsFunc(p.Properties, unknownProperty), "properties", "confidentiality, integrity, availability, reliability")
	want(p.TLP >= comity.TLPClear && p.TLP <= comity.TLPRed, "tlp", "a label")
	want(slices.Contains(comity.ProjectStates, p.State), "state", "proposed, active, paused or closed")
	want(p.Start.IsZero() || p.End.IsZero() || !p.End.Before(p.Start), "end", "not before the beginning")
	want(p.Currency == "" || len(p.Currency) == 3 && strings.Trim(p.Currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "", "currency", "three capital letters, such as USD")
	want(onlyOneLeads(p), "participants", "each organisation once, exactly one of them as lead")
	want(!slices.ContainsFunc(p.Participants, wrongMember), "participants", "a role, a share from 0 to 100 %, sums that are not negative")
	want(sharesAreWhole(p), "shares", "100 % in all, in a currency, or nothing at all")
	list = append(list, lineProblems(p)...)
	want(isText(p.Lessons, 0), "lessons", "at most 4000 characters")
	want(p.State != comity.ProjectClosed || strings.TrimSpace(p.Lessons) != "", "lessons", "what was learnt, before it is closed")
	return list
}

func unknownProperty(name string) bool {
	return !slices.ContainsFunc(comity.Properties[:], func(p comity.Property) bool { return p.String() == name })
}

func onlyOneLeads(p comity.Project) bool {
	leads, seen := 0, map[comity.OrgID]bool{}
	for _, m := range p.Participants {
		if m.Org == "" || seen[m.Org] {
			return false
		}
		seen[m.Org] = true
		if m.Role == comity.ProjectLead {
			leads++
		}
	}
	return leads == 1 && len(p.Participants) <= comity.MaxContributors
}

func wrongMember(m comity.ProjectMember) bool {
	return !slices.Contains(comity.ProjectRoles, m.Role) || m.Share < 0 || m.Share > comity.Whole ||
		m.Pledged < 0 || m.Pledged > comity.MaxProjectSum || m.Paid < 0 || m.Paid > comity.MaxProjectSum
}

// sharesAreWhole reports whether the cost shares are all of the cost, exactly, or there are none and no money.
func sharesAreWhole(p comity.Project) bool {
	sum, money := 0, false
	for _, m := range p.Participants {
		sum += m.Share
		money = money || m.Pledged > 0 || m.Paid > 0
	}
	if sum == 0 {
		return !money
	}
	return sum == comity.Whole && p.Currency != ""
}

// lineProblems finds what is wrong with milestones, deliverables and risks, by field and line.
func lineProblems(p comity.Project) []Problem {
	var list []Problem
	want := func(ok bool, field string, i int, msg string) {
		if !ok {
			list = append(list, Problem{field, fmt.Sprintf("line %d: %s", i+1, msg)})
		}
	}
	for i, m := range p.Milestones {
		want(isLine(m.Title, 1, MaxTitle), "milestones", i, "1 to 200 characters")
	}
	for i, d := range p.Deliverables {
		want(isLine(d.Title, 1, MaxTitle) && isLine(d.Where, 0, MaxTitle) && d.Revision >= 0, "deliverables", i, "1 to 200 characters")
	}
	for i, r := range p.Risks {
		graded := slices.Contains(comity.Grades, r.Likelihood) && slices.Contains(comity.Grades, r.Impact)
		want(graded && isLine(r.Text, 1, 2*MaxTitle) && isLine(r.Response, 0, 2*MaxTitle), "risks", i, "1 to 400 characters, a likelihood and an impact")
	}
	for field, n := range map[string]int{"milestones": len(p.Milestones), "deliverables": len(p.Deliverables), "risks": len(p.Risks)} {
		want(n <= comity.MaxProjectLines, field, n-1, "at most 100 lines")
	}
	return list
}

// ReportProblems returns what is wrong with a report on a project.
func ReportProblems(r comity.ProjectReport) []Problem {
	var list []Problem
	if !slices.Contains(comity.RAGs, r.RAG) {
		list = append(list, Problem{"rag", "green, amber or red"})
	}
	if !isText(r.Narrative, 1) {
		list = append(list, Problem{"narrative", "1 to 4000 characters"})
	}
	if !isText(r.Next, 0) {
		list = append(list, Problem{"next", "at most 4000 characters"})
	}
	return list
}

// isText reports whether s is text of least to MaxProjectText characters.
func isText(s string, least int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(strings.TrimSpace(s)) >= least && utf8.RuneCountInString(s) <= comity.MaxProjectText
}
