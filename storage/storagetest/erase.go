package storagetest

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"comity"
	"comity/storage"
)

// fill gives an organisation one of everything that is its own, and an action item of the group that was private once.
func (s *stage) fill(t *testing.T, o comity.Organization) {
	t.Helper()
	v := s.as(t, o, comity.RoleFocalPoint)
	_, err := s.PutProfile(s.ctx, v, s.profile(o.ID), now)
	must(t, err)
	must(t, s.PutProfileDraft(s.ctx, v, []byte("draft"), now))
	b := baseline("of "+o.Acronym, 2)
	_, err = s.PutBaseline(s.ctx, system, b, true, now)
	must(t, err)
	_, err = s.PutBaselineAnswers(s.ctx, v, o.ID, b.ID, 0, []comity.BaselineAnswer{answer("c-1", comity.MaturityInitial)}, now)
	must(t, err)
	must(t, s.PutForecasts(s.ctx, system, o.ID, []comity.Forecast{forecast(o.ID, comity.QuarterOf(comity.DateOf(now)), "ransomware", .1)}))
	_, err = s.PutTreatment(s.ctx, v, treatment(o.ID, "ransomware"), now)
	must(t, err)
	must(t, s.PutTreatmentThreshold(s.ctx, v, o.ID, .1, now))
	must(t, s.PutGuideMark(s.ctx, v, comity.GuideMark{Org: o.ID, Step: comity.GuideServices, At: now}))
	_, err = s.PutCalibrationRound(s.ctx, v, comity.CalibrationRound{At: now})
	must(t, err)
	must(t, s.PutEvidence(s.ctx, v, evidence(o.ID, "of "+o.Acronym)))
	m := match(o.ID, "CVE-2026-0001", 1)
	_, _, err = s.PutMatches(s.ctx, system, o.ID, nil, []comity.Match{m})
	must(t, err)
	must(t, s.PutExposure(s.ctx, system, exposure(o.ID, 1, now, .2), []comity.ExposureChange{{Org: o.ID, At: now}}))
	s.action(t, v, o, comity.AudienceOwner, comity.TLPAmber, "private of "+o.Acronym)
	a, err := s.PutAction(s.ctx, v, comity.ActionItem{
		ID: comity.MakeActionID(entropy("shared of " + o.Acronym)), Title: "hush of " + o.Acronym, Owner: o.ID, Audience: comity.AudienceOwner,
		TLP: comity.TLPGreen, Match: m.ID, Priority: comity.PriorityMedium, Status: comity.ActionOpen,
	}, "", now)
	must(t, err)
	a.Title, a.Audience = "Guidance of "+o.Acronym, comity.AudienceGroup
	a, err = s.PutAction(s.ctx, v, a, "", now.Add(time.Hour))
	must(t, err)
	a.Progress = 10
	_, err = s.PutAction(s.ctx, v, a, "", now.Add(2*time.Hour))
	must(t, err)
	project := s.project(t, v, o, comity.TLPGreen, "Project of "+o.Acronym)
	_, err = s.PutProjectReport(s.ctx, v, comity.ProjectReport{Project: project.ID, RAG: comity.RAGGreen, Narrative: "Begun"}, now)
	must(t, err)
	must(t, s.PutActionEffect(s.ctx, system, comity.ActionEffect{Action: a.ID, Org: o.ID, At: now}))
	s.attends(t, o)
	s.govern(t, o)
	must(t, s.PutPlanFilter(s.ctx, v, comity.PlanFilter{Name: "Mine", Query: "which=mine"}))
	must(t, s.PutNotifications(s.ctx, v, map[comity.Topic]comity.Frequency{comity.TopicReleases: comity.FrequencyDaily}))
	must(t, s.AskTestMail(s.ctx, v, now))
	hook := webhook(o, "Ticketing")
	must(t, s.PutWebhook(s.ctx, v, hook, []byte("hush")))
	must(t, s.AskDelivery(s.ctx, v, comity.Delivery{Webhook: hook.ID, Message: "msg_1", Body: "{}", Created: now}))
	must(t, s.PutFeedKey(s.ctx, v, []byte("hush feed "+o.Acronym), now))
	number, err := s.CatalogueNumber(s.ctx, v)
	must(t, err)
	must(t, s.PutCatalogue(s.ctx, s.as(t, o, comity.RoleCoChair), catalogueOf(number+1), 0))
	must(t, s.PutSession(s.ctx, system, comity.Session{ID: comity.MakeSessionID(entropy(o.Acronym)), Person: v.Person(), Hash: []byte(o.Acronym), Created: now, Expires: now.Add(time.Hour)}))
	must(t, s.PutToken(s.ctx, system, comity.Token{ID: comity.MakeTokenID(entropy(o.Acronym)), Person: v.Person(), Name: "token", Hash: []byte("hush" + o.Acronym), Created: now}))
}

func rowsOf(list []comity.EstateCount) map[comity.Estate]int {
	counts := map[comity.Estate]int{}
	for _, c := range list {
		counts[c.What] = c.Rows
	}
	return counts
}

// testErase erases what one organisation has, and looks at what is left of it and of another.
func testErase(t *testing.T, s *stage) {
	_, err := s.PutThreats(s.ctx, system, kevSource("1", now), []comity.Threat{vulnerability("CVE-2026-0001", "Acme", "Gate", "1")}, withdraw)
	must(t, err)
	s.fill(t, s.a)
	s.fill(t, s.b)
	v := s.as(t, s.a, comity.RoleFocalPoint)
	before, err := s.Erasure(s.ctx, v, s.a.ID)
	must(t, err)
	for what, n := range rowsOf(before.Erased) {
		if n == 0 {
			t.Errorf("%s: nothing is there to erase, so this test would not see that it stays", what)
		}
	}
	other, err := s.Erasure(s.ctx, system, s.b.ID)
	must(t, err)

	_, err = s.Erase(s.ctx, v, s.a.ID, "X-BBB", now)
	wantKind(t, "another acronym", err, comity.Invalid)
	_, err = s.Erase(s.ctx, v, s.a.ID, "", now)
	wantKind(t, "no acronym", err, comity.Invalid)
	untouched, err := s.Erasure(s.ctx, v, s.a.ID)
	must(t, err)
	same(t, "after a wrong acronym", untouched, before)

	done, err := s.Erase(s.ctx, v, s.a.ID, "X-AAA", now)
	must(t, err)
	same(t, "what went", done, before)
	after, err := s.Erasure(s.ctx, v, s.a.ID)
	must(t, err)
	for what, n := range rowsOf(after.Erased) {
		if n != 0 {
			t.Errorf("%s: %d rows are left", what, n)
		}
	}
	kept := rowsOf(after.Kept)
	if kept[comity.EstateDirectory] != rowsOf(before.Kept)[comity.EstateDirectory] || kept[comity.EstateAudit] <= rowsOf(before.Kept)[comity.EstateAudit] {
		t.Errorf("kept %+v, before %+v", after.Kept, before.Kept)
	}
	now2, err := s.Erasure(s.ctx, system, s.b.ID)
	must(t, err)
	same(t, "another organisation's", now2, other)
	s.holdGroupAction(t, v)
	_, _, err = s.SessionByHash(s.ctx, system, []byte("X-AAA"), now)
	wantKind(t, "session", err, comity.NotFound)
	s.holdErased(t, v)
}

// holdGroupAction asks that what was shared stays, without what was private.
func (s *stage) holdGroupAction(t *testing.T, v comity.Viewer) {
	t.Helper()
	id := comity.MakeActionID(entropy("shared of X-AAA"))
	a, err := s.Action(s.ctx, v, id)
	must(t, err)
	if a.Match != "" || a.Title != "Guidance of X-AAA" {
		t.Errorf("action item of the group: %+v", a)
	}
	revisions, err := s.ActionRevisions(s.ctx, v, id)
	must(t, err)
	var fields []string
	for _, r := range revisions {
		fields = append(fields, r.Field+" "+r.Old+"→"+r.New)
	}
	same(t, "history of what was shared", fields, []string{"audience →group", "progress 0→10"})
}

// holdErased asks that nothing that was computed before comes back, until the organisation enters something again.
func (s *stage) holdErased(t *testing.T, v comity.Viewer) {
	t.Helper()
	wantKind(t, "an assessment that was under way", s.PutExposure(s.ctx, system, exposure(s.a.ID, 2, now, .2), nil), comity.Conflict)
	_, _, err := s.PutMatches(s.ctx, system, s.a.ID, nil, []comity.Match{match(s.a.ID, "CVE-2026-0001", 1)})
	wantKind(t, "a match that was under way", err, comity.Conflict)
	gone, err := s.Erased(s.ctx, system, s.a.ID)
	must(t, err)
	p := s.profile(s.a.ID)
	p.Revision = 0
	_, err = s.PutProfile(s.ctx, v, p, now)
	must(t, err)
	back, err := s.Erased(s.ctx, system, s.a.ID)
	must(t, err)
	if !gone || back {
		t.Errorf("erased %v, and after something was entered %v", gone, back)
	}
	must(t, s.PutExposure(s.ctx, system, exposure(s.a.ID, 1, now, .2), nil))
}

// testEraseRoles asks everybody else.
func testEraseRoles(t *testing.T, s *stage) {
	s.fillThreat(t)
	s.fill(t, s.a)
	nothing := func(storage.Holding) error { return nil }
	for _, o := range []comity.Organization{s.a, s.b, s.observer, s.parent} {
		for _, role := range comity.AllRoles {
			v := s.as(t, o, role)
			_, err := s.Erasure(s.ctx, v, s.a.ID)
			if may := o.ID == s.a.ID && role == comity.RoleFocalPoint; may != (err == nil) || may != v.Erases(s.a.ID) {
				t.Errorf("%s of %s looks at what would be erased: %v", role, o.Acronym, err)
			}
			if !v.Erases(s.a.ID) {
				_, err = s.Erase(s.ctx, v, s.a.ID, "X-AAA", now)
				wantKind(t, role.String()+" of "+o.Acronym+" erases", err, comity.NotFound)
			}
			err = s.Archive(s.ctx, v, s.a.ID, nothing, func([]byte) error { return nil })
			if may := o.ID == s.a.ID && (role == comity.RoleFocalPoint || role == comity.RoleAlternate); may != (err == nil) {
				t.Errorf("%s of %s takes it along: %v", role, o.Acronym, err)
			}
		}
	}
	_, err := s.Erase(s.ctx, system, s.a.ID, "X-AAA", now)
	wantKind(t, "the system erases", err, comity.NotFound)
	var nobody comity.Viewer
	_, err = s.Erase(s.ctx, nobody, s.a.ID, "X-AAA", now)
	wantKind(t, "nobody erases", err, comity.NotFound)
	e, err := s.Erasure(s.ctx, system, s.a.ID)
	must(t, err)
	if rowsOf(e.Erased)[comity.EstateProfile] == 0 {
		t.Error("somebody erased it")
	}
}

func (s *stage) fillThreat(t *testing.T) {
	t.Helper()
	_, err := s.PutThreats(s.ctx, system, kevSource("1", now), []comity.Threat{vulnerability("CVE-2026-0001", "Acme", "Gate", "1")}, withdraw)
	must(t, err)
}

// testArchive reads every file of an organisation's archive.
func testArchive(t *testing.T, s *stage) {
	s.fillThreat(t)
	s.fill(t, s.a)
	s.fill(t, s.b)
	files, current := map[string]int{}, ""
	err := s.Archive(s.ctx, s.as(t, s.a, comity.RoleAlternate), s.a.ID, func(h storage.Holding) error {
		current = h.File
		files[current] += 0
		return nil
	}, func(row []byte) error {
		files[current]++
		var object map[string]any
		if err := json.Unmarshal(row, &object); err != nil {
			t.Errorf("%s: %v: %s", current, err, row)
		}
		for _, foreign := range []string{"X-BBB", string(s.b.ID), "hushX-AAA"} {
			if bytes.Contains(row, []byte(foreign)) {
				t.Errorf("%s has %q: %s", current, foreign, row)
			}
		}
		return nil
	})
	must(t, err)
	for _, h := range storage.Holdings {
		n, there := files[h.File]
		empty := strings.HasPrefix(h.File, "invitations") || strings.HasPrefix(h.File, "contacts") || strings.HasPrefix(h.File, "threats")
		if h.File != "" && (!there || n == 0 && !empty) {
			t.Errorf("%s: there %v, %d rows", h.File, there, n)
		}
		if h.Note == "" || h.File != "" && len(h.Columns) == 0 {
			t.Errorf("%s is not described", h.Table)
		}
		for _, c := range h.Columns {
			if c == "hash" {
				t.Errorf("%s has a secret", h.File)
			}
		}
	}
}

// testUnheld finds tables that nobody thought of.
func testUnheld(t *testing.T, s *stage) {
	list, err := s.Unheld(s.ctx, system)
	must(t, err)
	for _, table := range list {
		t.Errorf("the table %s names an organisation or a person: say in storage.Holdings whether it is taken along and erased", table)
	}
}
