package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"comity"
)

const testSession = "gse_0000000000000001"

// reviewForm reads the form of an item from the page of the session.
func (d *desk) reviewForm(who string, a comity.ActionItem) url.Values {
	d.t.Helper()
	values := d.get(who, "/actions/review?scope=open&session="+testSession).want(200).formValues("/actions/" + string(a.ID) + "/review")
	values.Del("keep")
	return values
}

func TestReviewIsForMembers(t *testing.T) {
	d := newDesk(t)
	list := d.plan()
	path := "/actions/" + string(list[0].ID) + "/review"
	form := url.Values{"session": {testSession}, "keep": {"1"}, "revision": {"1"}, "key": {"k"}}
	for _, who := range []string{"watch", "reader"} {
		d.get(who, "/actions/review?session="+testSession).want(403)
		d.post(who, "/actions/review", url.Values{"session": {testSession}}).want(403)
		d.post(who, path, form).want(403)
	}
	d.get("", "/actions/review").want(http.StatusSeeOther)
	d.get("bert", "/actions/review?scope=open&session="+testSession).want(200, "Agree on the scope").without("Secret of A", "data-review")
	d.post("bert", path, form).want(403)
	d.post("bert", "/actions/"+string(list[3].ID)+"/review", form).want(404)
	d.get("anna", "/actions/review?session=x").want(404)
	d.get("anna", "/actions/review").want(200, "Which session is it?")
	form.Set("session", "")
	d.post("anna", path, form).want(422)
	d.inEveryLanguage("anna", "/actions/review", "/actions/review?scope=open&session="+testSession, "/actions/changes")
}

func TestReviewShowsOldBesideNew(t *testing.T) {
	d := newDesk(t)
	list := d.plan()
	form := d.reviewForm("anna", list[0])
	form.Set("priority", "urgent")
	form.Set("progress", "35")
	form.Set("why", "the parent network asked")
	d.now = d.now.Add(time.Minute)
	a := d.post("anna", "/actions/"+string(list[0].ID)+"/review", form).want(http.StatusSeeOther)
	if !strings.HasPrefix(a.Location(), "/actions/review?") || !strings.HasSuffix(a.Location(), "#"+string(list[0].ID)) {
		t.Errorf("on to %q", a.Location())
	}
	d.get("bert", "/actions/review?scope=open&session="+testSession).want(200, "Looked at", "Medium", "Urgent", "Looked at in this session: 1")
	d.get("anna", "/actions/"+string(list[0].ID)).want(200, "the parent network asked", "in a session")

	// The answer got lost: the browser sends the same again, after somebody else went on.
	other := d.reviewForm("alan", list[0])
	other.Set("priority", "low")
	d.post("alan", "/actions/"+string(list[0].ID)+"/review", other).want(http.StatusSeeOther)
	r := httptest.NewRequest(http.MethodPost, "/actions/"+string(list[0].ID)+"/review", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Requested-With", "comity")
	d.do("anna", r).want(http.StatusNoContent)
	item, err := d.store.Action(t.Context(), deskSystem, list[0].ID)
	d.must(err)
	if item.Priority != comity.PriorityLow || item.Progress != 35 || item.Revision != 3 {
		t.Errorf("sent again it made %+v", item)
	}
}

// TestReviewOfTheUnseen walks only what was not looked at yet, whatever the order is by then.
func TestReviewOfTheUnseen(t *testing.T) {
	d := newDesk(t)
	list := d.plan()
	path := "/actions/review?scope=open&unseen=1&session=" + testSession
	form := d.reviewForm("anna", list[0])
	form.Set("unseen", "1")
	form.Set("priority", "urgent")
	if a := d.post("anna", "/actions/"+string(list[0].ID)+"/review", form).want(http.StatusSeeOther); !strings.Contains(a.Location(), "unseen=1") {
		t.Errorf("on to %q", a.Location())
	}
	d.get("anna", path).want(200, "Looked at in this session: 1").without("/actions/" + string(list[0].ID) + "/review")
	d.get("anna", strings.Replace(path, "unseen=1&", "", 1)).want(200, "/actions/"+string(list[0].ID)+"/review")
}

func TestReviewKeepsMany(t *testing.T) {
	d := newDesk(t)
	list := d.plan()
	word := func(a comity.ActionItem, revision int) string { return fmt.Sprint(a.ID, " ", revision, " key-", a.ID) }
	items := url.Values{"session": {testSession}, "scope": {"open"}, "item": {word(list[0], 1), word(list[1], 1), word(list[2], 9)}}
	for range 2 { // the second time nothing new is noted
		d.post("anna", "/actions/review", items).want(http.StatusSeeOther)
	}
	d.get("anna", "/actions/review?scope=open&session="+testSession).want(200, "left as it is", "Looked at in this session: 2")
	for _, a := range list[:2] {
		rows, err := d.store.ActionRevisions(t.Context(), deskSystem, a.ID)
		d.must(err)
		if last := rows[len(rows)-1]; last.Field != comity.Reviewed || last.Session != testSession {
			t.Errorf("%s: the last row is %+v", a.Title, last)
		}
	}
	d.post("anna", "/actions/review", url.Values{"session": {testSession}, "item": {"x"}}).want(422)
	d.post("bert", "/actions/review", items).want(http.StatusSeeOther) // not theirs to keep: left out
}

func TestReviewMergesAndShowsBothTexts(t *testing.T) {
	d := newDesk(t)
	list := d.plan()
	path := "/actions/" + string(list[0].ID) + "/review"
	mine, theirs := d.reviewForm("anna", list[0]), d.reviewForm("alan", list[0])
	theirs.Set("priority", "urgent")
	theirs.Set("note", "Theirs.")
	d.post("alan", path, theirs).want(http.StatusSeeOther)
	mine.Set("progress", "20")
	quiet := url.Values{}
	for name, values := range mine {
		quiet[name] = values
	}
	d.post("anna", path, quiet).want(http.StatusSeeOther) // another field: merged without a word
	mine.Set("key", "another")
	mine.Set("note", "Mine.")
	both := d.post("anna", path, mine).want(409, "Theirs.", "Mine.", "both changed it")
	merged := both.formValues("/actions/" + string(list[0].ID))
	if note := merged.Get("note"); note != "Theirs.\nMine." || merged.Get("priority") != "urgent" || merged.Get("session") != testSession {
		t.Errorf("the form holds %q, priority %s", note, merged.Get("priority"))
	}
	d.post("anna", "/actions/"+string(list[0].ID), merged).want(http.StatusSeeOther)
	keep := url.Values{"session": {testSession}, "keep": {"1"}, "revision": {"1"}, "key": {"late"}}
	d.post("anna", path, keep).want(409)
	wrong := d.reviewForm("anna", list[0])
	wrong.Set("progress", "200")
	d.post("anna", path, wrong).want(422)
}

// Eight people revise one item at once, each another line of its note and all its progress: no line is lost.
func TestReviewByManyAtOnce(t *testing.T) {
	d := newDesk(t)
	list := d.plan()
	a := list[0]
	var lines []string
	for i := range 8 {
		lines = append(lines, fmt.Sprint("line ", i))
	}
	a.Note = strings.Join(lines, "\n")
	a, err := d.store.PutAction(t.Context(), deskSystem, a, "", d.now)
	d.must(err)
	page := d.reviewForm("anna", a)
	var wait sync.WaitGroup
	for i := range 8 {
		form := url.Values{}
		for name, values := range page {
			form[name] = values
		}
		form.Set("key", fmt.Sprint("key ", i))
		form.Set("note", strings.Replace(a.Note, lines[i], fmt.Sprint("word of ", i), 1))
		wait.Go(func() {
			r := httptest.NewRequest(http.MethodPost, "/actions/"+string(a.ID)+"/review", strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set(asHeader, "anna")
			w := httptest.NewRecorder()
			d.site.ServeHTTP(w, r)
			if w.Code != http.StatusSeeOther && w.Code != http.StatusConflict {
				t.Errorf("status %d", w.Code)
			}
			if w.Code == http.StatusConflict && !strings.Contains(w.Body.String(), fmt.Sprint("word of ", i)) {
				t.Errorf("the page of the conflict has lost what %d wrote", i)
			}
		})
	}
	wait.Wait()
	now, err := d.store.Action(t.Context(), deskSystem, a.ID)
	d.must(err)
	stored := strings.Count(now.Note, "word of")
	rows, err := d.store.ActionRevisions(t.Context(), deskSystem, a.ID)
	d.must(err)
	said := 0
	for _, r := range rows {
		if r.Field == "note" && r.Session != "" {
			said++
		}
	}
	if stored == 0 || stored != said {
		t.Errorf("%d words are stored, %d changes are in the history", stored, said)
	}
}

func TestPlanChangesBetweenTwoDays(t *testing.T) {
	d := newDesk(t)
	list := d.plan()
	d.now = d.now.AddDate(0, 0, 10)
	d.post("anna", "/actions/baselines", url.Values{"name": {"Before the session"}}).want(403)
	d.post("chair", "/actions/baselines", url.Values{"name": {"Before the session"}}).want(http.StatusSeeOther)
	d.post("chair", "/actions/baselines", url.Values{"name": {"Before the session"}}).want(409)
	d.now = d.now.Add(time.Hour)
	a := list[0]
	a.Priority, a.Responsible = comity.PriorityUrgent, d.people["anna"].ID
	_, err := d.store.PutAction(t.Context(), comity.ViewerOf(d.people["anna"]), a, "", d.now)
	d.must(err)
	d.makeAction("anna", "title", "Only ours")
	d.get("anna", "/actions/changes?baseline=Before+the+session").want(200, "Agree on the scope", "Medium", "Urgent", "Only ours", "focal-point of X-OCO").
		without("Write the guidance")
	d.get("bert", "/actions/changes?baseline=Before+the+session").want(200, "Agree on the scope", "Urgent").without("Only ours", "focal-point of X-OCO", "Responsible")
	d.get("reader", "/actions/changes").want(200, "Nothing changed").without("Agree")
	d.get("bert", "/actions/changes?since=2020-01-01").want(200, "Write the guidance", "New")
	d.get("bert", "/actions/changes?since=2020-01-01&until=2020-02-01").want(200, "Nothing changed")
}

func TestReviewBeginsASession(t *testing.T) {
	d := newDesk(t)
	d.plan()
	form := url.Values{"title": {"Executive Session of autumn"}, "day": {"2026-10-02"}}
	for _, who := range []string{"watch", "reader", "anna", "alan", "bert"} {
		d.post(who, "/actions/review/session", form).want(403)
	}
	d.get("anna", "/actions/review").want(200).without("Begin an Executive Session")
	d.get("chair", "/actions/review").want(200, "Begin an Executive Session")
	d.post("chair", "/actions/review/session", url.Values{"title": {""}, "day": {"2026-10-02"}}).want(422, "Choose a session")
	d.post("chair", "/actions/review/session", url.Values{"title": {"Autumn"}, "day": {"2 October"}}).want(422, "give a date", "Autumn")
	at := d.post("chair", "/actions/review/session", form).want(http.StatusSeeOther).Location()
	if !strings.HasPrefix(at, "/actions/review?session=gse_") {
		t.Fatalf("on to %q", at)
	}
	for _, who := range []string{"anna", "bert"} {
		d.get(who, at+"&scope=open").want(200, "Executive Session of autumn · ", "Agree on the scope")
	}
	for _, who := range []string{"watch", "reader"} {
		d.get(who, at).want(403).without("autumn")
	}
}

func TestPlanChangesBetweenTwoSessions(t *testing.T) {
	d := newDesk(t)
	held := func(title string, label comity.TLP, day string) string {
		path := d.newSession(comity.SessionRegular, title, label, "starts", day+"T09:00", "ends", day+"T10:00")
		d.newItem(path, "Opening", label)
		d.moved(path, comity.SessionPublished)
		return strings.TrimPrefix(path, "/sessions/")
	}
	first, second, third := held("First session", comity.TLPGreen, "2026-08-01"), held("Second session", comity.TLPGreen, "2026-08-05"), held("Narrow session", comity.TLPAmber, "2026-08-06")
	a := comity.ActionItem{
		ID: comity.MakeActionID(comity.Entropy{7}), Title: "Share the figures", Owner: d.a.ID, Audience: comity.AudienceGroup, TLP: comity.TLPGreen,
		Priority: comity.PriorityMedium, Status: comity.ActionOpen,
	}
	a, err := d.store.PutAction(t.Context(), comity.ViewerOf(d.people["anna"]), a, "", time.Date(2026, 8, 3, 9, 0, 0, 0, time.UTC))
	d.must(err)
	a.Priority = comity.PriorityUrgent
	_, err = d.store.PutAction(t.Context(), comity.ViewerOf(d.people["anna"]), a, "", time.Date(2026, 8, 5, 12, 0, 0, 0, time.UTC))
	d.must(err)
	between := func(from, to string) string { return "/actions/changes?from_session=" + from + "&to_session=" + to }
	d.get("anna", between(first, second)).want(200, "1 action item changed from the end of “First session”", "New", "Medium").without("Urgent")
	d.get("anna", between(second, third)).want(200, "Medium", "Urgent", "TLP:AMBER")
	d.get("watch", between(second, third)).want(200).without("Narrow session", "TLP:AMBER")
	d.get("anna", between("x", "gse_none")).want(200)
	d.inEveryLanguage("anna", between(first, second))
}
