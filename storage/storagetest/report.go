package storagetest

import (
	"fmt"
	"testing"
	"time"

	"comity"
)

func groupReport(name string, label comity.TLP) comity.GroupReport {
	return comity.GroupReport{
		ID: comity.MakeReportID(entropy("report " + name)), Kind: comity.ReportBrief, TLP: label, From: comity.Date{Year: 2026, Month: 7, Day: 1},
		Until: comity.Date{Year: 2026, Month: 9, Day: 30}, Languages: []string{"ar", "en"}, Sections: comity.DefaultTemplate(comity.ReportBrief).Sections,
	}
}

func reportDocuments() []comity.ReportDocument {
	return []comity.ReportDocument{{Language: "en", Document: `{"title":"x"}`}, {Language: "ar", Document: `{"title":"س"}`}}
}

// testReports writes a draft, freezes it, and tries to change what is frozen.
func testReports(t *testing.T, s *stage) {
	v := s.as(t, s.a, comity.RoleSecretariat)
	r, err := s.PutReport(s.ctx, v, groupReport("one", comity.TLPClear), now)
	must(t, err)
	if r.Number != 1 || r.Revision != 1 || r.State != comity.ReportDraft || !r.Created.Equal(now) {
		t.Errorf("a new draft: %+v", r)
	}
	stale := r
	r.Until.Day = 29
	r, err = s.PutReport(s.ctx, v, r, now)
	must(t, err)
	_, err = s.PutReport(s.ctx, v, stale, now)
	wantKind(t, "a change made on an old revision", err, comity.Conflict)
	_, err = s.FreezeReport(s.ctx, v, r, reportDocuments()[:1], now)
	wantKind(t, "freeze without a language", err, comity.Invalid)
	_, err = s.FreezeReport(s.ctx, v, stale, reportDocuments(), now)
	wantKind(t, "freeze an old revision", err, comity.Conflict)

	r.LeftOut = 3
	frozen, err := s.FreezeReport(s.ctx, v, r, reportDocuments(), now.Add(time.Hour))
	must(t, err)
	want, err := frozen.Seal(reportDocuments())
	must(t, err)
	if frozen.State != comity.ReportFrozen || frozen.Hash != want || frozen.LeftOut != 3 || frozen.Revision != r.Revision+1 {
		t.Errorf("frozen: %+v, want the hash %s", frozen, want)
	}
	got, err := s.Report(s.ctx, v, r.ID)
	must(t, err)
	same(t, "read back", got, frozen)
	text, err := s.ReportDocument(s.ctx, v, r.ID, "ar")
	must(t, err)
	same(t, "document", text, `{"title":"س"}`)

	for what, err := range map[string]error{
		"change": second(s.PutReport(s.ctx, v, frozen, now)),
		"freeze": second(s.FreezeReport(s.ctx, v, frozen, reportDocuments(), now)),
		"delete": s.DeleteReport(s.ctx, v, frozen.ID, frozen.Revision),
	} {
		wantKind(t, what+" what is frozen", err, comity.Conflict)
	}
	for _, change := range []func(*comity.GroupReport){
		func(r *comity.GroupReport) { r.TLP = comity.TLPUnmarked },
		func(r *comity.GroupReport) { r.TLP = comity.TLPRed },
		func(r *comity.GroupReport) { r.Languages = nil },
		func(r *comity.GroupReport) { r.Languages = []string{"en", "ar"} },
		func(r *comity.GroupReport) { r.Languages = []string{"de"} },
		func(r *comity.GroupReport) { r.Until = comity.Date{} },
		func(r *comity.GroupReport) { r.From = r.Until.AddDays(1) },
		func(r *comity.GroupReport) { r.Sections = nil },
		func(r *comity.GroupReport) { r.Sections = []comity.ReportSection{{Part: "other"}} },
		func(r *comity.GroupReport) { r.Kind = "novel" },
	} {
		bad := groupReport("bad", comity.TLPClear)
		change(&bad)
		wantKind(t, fmt.Sprintf("%+v", bad), second(s.PutReport(s.ctx, v, bad, now)), comity.Invalid)
	}
}

func testReportNumbers(t *testing.T, s *stage) {
	v := s.as(t, s.a, comity.RoleCoChair)
	one, err := s.PutReport(s.ctx, v, groupReport("one", comity.TLPClear), now)
	must(t, err)
	two, err := s.PutReport(s.ctx, v, groupReport("two", comity.TLPClear), now)
	must(t, err)
	wantKind(t, "delete one in between", s.DeleteReport(s.ctx, v, one.ID, one.Revision), comity.Conflict)
	must(t, s.DeleteReport(s.ctx, v, two.ID, two.Revision))
	again, err := s.PutReport(s.ctx, v, groupReport("three", comity.TLPClear), now)
	must(t, err)
	if again.Number != 2 {
		t.Errorf("the next number after a removed draft is %d, want 2", again.Number)
	}
	page, err := s.Reports(s.ctx, v, comity.ReportQuery{Limit: 1})
	must(t, err)
	if page.Total != 2 || len(page.Reports) != 1 || page.Reports[0].Number != 2 {
		t.Errorf("page: %+v", page)
	}
}

// testReportVisibility holds what is listed and read to comity.Viewer.SeesReport, for every role, state and label; who does
// not write reports changes none.
func testReportVisibility(t *testing.T, s *stage) {
	writer := s.as(t, s.a, comity.RoleSecretariat)
	var all []comity.GroupReport
	for _, label := range []comity.TLP{comity.TLPClear, comity.TLPGreen, comity.TLPAmber, comity.TLPAmberStrict} {
		draft, err := s.PutReport(s.ctx, writer, groupReport("draft "+label.String(), label), now)
		must(t, err)
		frozen, err := s.PutReport(s.ctx, writer, groupReport("frozen "+label.String(), label), now)
		must(t, err)
		frozen, err = s.FreezeReport(s.ctx, writer, frozen, reportDocuments(), now)
		must(t, err)
		all = append(all, draft, frozen)
	}
	for _, o := range []comity.Organization{s.a, s.b, s.observer, s.parent} {
		for _, role := range append(comity.AllRoles[:len(comity.AllRoles):len(comity.AllRoles)], 0) {
			v := s.as(t, o, role)
			s.seesReports(t, fmt.Sprintf("%s of %s", role, o.Acronym), v, all)
			if v.WritesReports() {
				continue
			}
			for what, err := range map[string]error{
				"put":          second(s.PutReport(s.ctx, v, groupReport("mine", comity.TLPClear), now)),
				"change":       second(s.PutReport(s.ctx, v, all[0], now)),
				"freeze":       second(s.FreezeReport(s.ctx, v, all[0], reportDocuments(), now)),
				"delete":       s.DeleteReport(s.ctx, v, all[0].ID, all[0].Revision),
				"put template": second(s.PutReportTemplate(s.ctx, v, comity.DefaultTemplate(comity.ReportBrief), now)),
			} {
				wantKind(t, role.String()+": "+what, err, comity.Forbidden)
			}
			wantKind(t, role.String()+": template", second(s.ReportTemplate(s.ctx, v, comity.ReportBrief)), comity.NotFound)
		}
	}
}

func (s *stage) seesReports(t *testing.T, who string, v comity.Viewer, all []comity.GroupReport) {
	t.Helper()
	listed := map[comity.ReportID]bool{}
	page, err := s.Reports(s.ctx, v, comity.ReportQuery{})
	must(t, err)
	for _, r := range page.Reports {
		listed[r.ID] = true
	}
	if page.Total != len(listed) {
		t.Errorf("%s: counted %d, listed %d", who, page.Total, len(listed))
	}
	for _, r := range all {
		want := v.SeesReport(r)
		_, err := s.Report(s.ctx, v, r.ID)
		_, read := s.ReportDocument(s.ctx, v, r.ID, "en")
		if listed[r.ID] != want || (err == nil) != want || (read == nil) != (want && r.State == comity.ReportFrozen) {
			t.Errorf("%s, %s %s: listed %v, read %v, document %v, want %v", who, r.State, r.TLP, listed[r.ID], err, read, want)
		}
	}
}

func testReportTemplates(t *testing.T, s *stage) {
	v := s.as(t, s.a, comity.RoleSecretariat)
	first, err := s.ReportTemplate(s.ctx, v, comity.ReportAnnual)
	must(t, err)
	same(t, "as it comes", first, comity.DefaultTemplate(comity.ReportAnnual))
	first.Sections[0].Titles = map[string]string{"fr": "Avant-propos"}
	changed, err := s.PutReportTemplate(s.ctx, v, first, now)
	must(t, err)
	if changed.Version != 1 {
		t.Errorf("version %d", changed.Version)
	}
	_, err = s.PutReportTemplate(s.ctx, v, first, now)
	wantKind(t, "a change made on an old version", err, comity.Conflict)
	got, err := s.ReportTemplate(s.ctx, v, comity.ReportAnnual)
	must(t, err)
	same(t, "read back", got, changed)
	other, err := s.ReportTemplate(s.ctx, v, comity.ReportBrief)
	must(t, err)
	same(t, "the other kind", other, comity.DefaultTemplate(comity.ReportBrief))
}
