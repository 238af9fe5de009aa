package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"comity"
)

// terms puts Terms of Reference in force by which a quorum is more than half of the members.
func (d *desk) terms() {
	d.t.Helper()
	rules := comity.Rules{
		Quorum: comity.Quorum{Numerator: 1, Denominator: 2, Above: true}, Threshold: comity.ThresholdConsensus, SilenceDays: 10, BallotDays: 14,
		SessionsPerYear: 1, NoticeDays: 14, AmendmentDays: 21, TermMonths: 24, ReminderDays: 60,
	}
	doc, err := d.store.PutDocument(d.t.Context(), deskSystem, comity.Document{
		ID: comity.MakeDocumentID(comity.Entropy{1}), Kind: comity.DocumentTerms, Title: "Terms of Reference", TLP: comity.TLPGreen,
	}, d.now)
	d.must(err)
	r, err := d.store.PutDocumentDraft(d.t.Context(), deskSystem, comity.DocumentRevision{Document: doc.ID, Language: "en", TLP: comity.TLPGreen, Text: "terms", Rules: &rules})
	d.must(err)
	_, err = d.store.PublishDocument(d.t.Context(), deskSystem, doc.ID, r.Version, comity.DateOf(d.now).AddDays(-100), d.now)
	d.must(err)
}

// newSession makes a session on its page and returns where it is.
func (d *desk) newSession(kind comity.SessionKind, title string, tlp comity.TLP, more ...string) string {
	d.t.Helper()
	values := url.Values{
		"title": {title}, "kind": {string(kind)}, "tlp": {tlp.String()}, "starts": {"2026-08-07T14:00"}, "ends": {"2026-08-07T17:00"}, "zone": {"Europe/Zurich"},
		"language": {"en"}, "place": {"Room XII"}, "host": {string(d.a.ID)}, "hosts": {string(d.b.ID)}, "revision": {"0"},
	}
	for i := 0; i+1 < len(more); i += 2 {
		values.Set(more[i], more[i+1])
	}
	path := d.post("desk", "/sessions/new", values).want(http.StatusSeeOther).Location()
	if !strings.HasPrefix(path, "/sessions/gse_") {
		d.t.Fatalf("the session is at %q", path)
	}
	return path
}

// newItem adds an item to an agenda and returns its identity.
func (d *desk) newItem(path, title string, tlp comity.TLP, papers ...string) string {
	d.t.Helper()
	values := url.Values{"title": {title}, "tlp": {tlp.String()}, "minutes": {"45"}, "presenter": {"Chief of " + title}, "revision": {"0"}}
	for i, p := range papers {
		values.Set("paper.title."+strconv.Itoa(i), p)
	}
	d.post("desk", path+"/items/new", values).want(http.StatusSeeOther)
	m, err := d.store.Minutes(d.t.Context(), deskSystem, comity.GroupSessionID(strings.TrimPrefix(path, "/sessions/")))
	d.must(err)
	return string(m.Items[len(m.Items)-1].ID)
}

// move presses the button of the page that leads to a state.
func (d *desk) move(path string, to comity.SessionState) answer {
	d.t.Helper()
	page := d.get("desk", path)
	_, form, ok := strings.Cut(page.Body, `name="to" value="`+string(to)+`"`)
	if !ok {
		d.t.Fatalf("%s offers no step to %s", path, to)
	}
	form, _, _ = strings.Cut(form, "</form>")
	values := readControls(form)
	values.Set("to", string(to))
	return d.post("desk", path+"/state", values).want(http.StatusSeeOther)
}

// moved presses the buttons of several states in turn.
func (d *desk) moved(path string, states ...comity.SessionState) {
	d.t.Helper()
	for _, to := range states {
		d.move(path, to)
	}
}

func TestSessionFromDraftToApprovedMinutes(t *testing.T) {
	d := newDesk(t)
	d.terms()
	d.get("anna", "/sessions").want(200, "There are no sessions yet")
	path := d.newSession(comity.SessionRegular, "Annual session", comity.TLPGreen)
	opening, plan := d.newItem(path, "Opening", comity.TLPGreen), d.newItem(path, "Work-plan", comity.TLPAmber, "Plan of the year")
	page := d.get("desk", path).want(200, "7 August 2026, 14:00–17:00 (Europe/Zurich)", "X-OCO, X-SSA", "MISSIG/2026/1", "Plan of the year", "14:45", "It takes 90 minutes")
	page.without("longer than the session")
	d.get("anna", path).want(404)
	d.post("desk", path+"/items/"+plan+"/move", url.Values{"steps": {"-1"}}).want(http.StatusSeeOther)
	if body := d.get("desk", path).Body; strings.Index(body, "Work-plan</bdi>") > strings.Index(body, "Opening</bdi>") {
		t.Error("the item was not moved up")
	}
	d.moved(path, comity.SessionPublished)
	d.get("watch", path).want(200, "Opening", "TLP:GREEN").without("Work-plan</bdi>", "Plan of the year", path+"/edit")
	if got := d.move(path, comity.SessionOpen).Location(); got != path+"/live" {
		t.Errorf("an open session leads to %q", got)
	}
	d.recorded(path, opening, plan)
	d.moved(path, comity.SessionClosed)
	d.get("anna", path+"/minutes").want(404)
	d.moved(path, comity.SessionMinutes)
	d.get("anna", path+"/minutes").want(200, "A draft", "The opening was said.", "MISSIG/26/D001", "The group agreed")
	d.get("watch", path+"/minutes").want(200, "The opening was said.").without("MISSIG/26/D001", "to measure itself", "Work-plan</bdi>")
	d.amended(path, opening)
}

// recorded holds a session: who is there, what is said and concluded.
func (d *desk) recorded(path, opening, plan string) {
	d.t.Helper()
	live := path + "/live"
	d.get("anna", live).want(200, "0 of 2 present", "No quorum", "A quorum needs 2", `data-refresh="`+path+`/live`).without(`action="`+path+"/attendance", "Record the conclusion")
	d.post("desk", path+"/attendance", url.Values{"org": {string(d.a.ID)}, "do": {"in"}}).want(http.StatusSeeOther)
	conclude := func(item string, more ...string) answer {
		values := url.Values{"verb": {"agreed"}, "text": {"to measure itself by the baseline."}}
		for i := 0; i+1 < len(more); i += 2 {
			values.Set(more[i], more[i+1])
		}
		return d.post("desk", path+"/items/"+item+"/conclusions", values)
	}
	conclude(plan).want(http.StatusSeeOther)
	d.get("desk", live+"?item="+plan).want(200, "1 of 2 present", "MISSIG/26/D001", "Provisional")
	d.get("anna", live+"?item="+plan).want(200, "They are told when the draft minutes are out").without("MISSIG/26/D001")
	d.now = d.now.Add(time.Minute)
	d.post("desk", path+"/attendance", url.Values{"org": {string(d.b.ID)}, "do": {"in"}}).want(http.StatusSeeOther)
	d.get("desk", live).want(200, "2 of 2 present")
	conclude(plan, "verb", "took-note", "owner", string(d.b.ID), "action", "Do it").want(http.StatusUnprocessableEntity, "Only what the group requested")
	conclude(plan, "verb", "requested", "text", "X-SSA to report.", "owner", string(d.b.ID), "action", "Report on it", "due", "2026-12-01").want(http.StatusSeeOther)
	list := d.get("desk", "/actions").want(200, "Report on it", "1 December 2026")
	_, action, _ := strings.Cut(list.Body, "/actions/act_")
	action, _, _ = strings.Cut(action, `"`)
	d.get("desk", "/actions/act_"+action).want(200, "It follows from conclusion 2 of “Annual session”", path+"/minutes#"+plan)
	d.get("anna", "/actions/act_"+action).want(200).without("It follows from") // the minutes are not out
	d.post("desk", path+"/floor", url.Values{"item": {opening}}).want(http.StatusSeeOther)
	d.get("anna", live).want(200, "On the floor")
	form := d.get("desk", live+"?item="+opening).formValues(path + "/items/" + opening + "/record")
	form.Set("record", "The opening was said.\nIn two lines.")
	form.Set("outcome", "information")
	d.post("desk", path+"/items/"+opening+"/record", form).want(http.StatusSeeOther)
	form.Set("record", "Mine.")
	d.post("chair", path+"/items/"+opening+"/record", form).want(http.StatusConflict, "Mine.", "The opening was said.")
}

// amended asks for an amendment, answers it, and approves the minutes.
func (d *desk) amended(path, opening string) {
	d.t.Helper()
	d.moved(path, comity.SessionAmendment)
	d.get("bert", path+"/minutes").want(200, "until 28 August 2026", "Send for your organisation")
	d.get("alan", path+"/minutes").want(200).without("Send for your organisation")
	ask := url.Values{"item": {opening}, "text": {"We said more."}}
	for who, want := range map[string]int{"alan": 403, "watch": 403, "reader": 403, "": 401} {
		d.post(who, path+"/amendments", ask).want(want)
	}
	d.post("bert", path+"/amendments", ask).want(http.StatusSeeOther)
	d.get("watch", path+"/minutes").want(200).without("We said more.")
	page := d.get("desk", path+"/minutes").want(200, "We said more.", "X-SSA")
	_, id, _ := strings.Cut(page.Body, path+"/amendments/")
	id, _, _ = strings.Cut(id, `"`)
	d.post("desk", path+"/amendments/"+id, url.Values{"state": {"accepted"}, "answer": {"It is written."}}).want(http.StatusSeeOther)
	d.get("bert", path+"/minutes").want(200, "Accepted", "It is written.")
	d.post("desk", path+"/approve", url.Values{"revision": {"1"}}).want(403)
	approve := d.get("chair", path+"/minutes").formValues(path + "/approve")
	d.post("chair", path+"/approve", approve).want(http.StatusSeeOther)
	d.move(path, comity.SessionApproved)
	d.get("desk", path+"/minutes").want(200, "Approval by the co-chairs").without("Approved: these minutes")
	d.now = d.now.AddDate(0, 0, 30)
	d.move(path, comity.SessionApproved)
	page = d.get("anna", path+"/minutes").want(200, "Approved: these minutes are frozen", "Hash checked")
	page.without("/state", "Edit the record")
	exact := d.get("anna", path+"/minutes.json").want(200)
	sum := sha256.Sum256([]byte(exact.Body))
	page.want(200, hex.EncodeToString(sum[:]))
	d.get("watch", path+"/minutes.json").want(404)
	d.get("desk", path+"/live").want(http.StatusSeeOther)
	d.get("desk", "/sessions").want(200, "Minutes approved")
}

func TestSessionPagesInEveryLanguage(t *testing.T) {
	d := newDesk(t)
	d.terms()
	path := d.newSession(comity.SessionRegular, "Annual session", comity.TLPGreen)
	item := d.newItem(path, "Opening", comity.TLPGreen, "Paper")
	d.inEveryLanguage("desk", "/sessions", "/sessions/new", path, path+"/edit", path+"/items/new", path+"/items/"+item, "/decisions")
	d.moved(path, comity.SessionPublished, comity.SessionOpen)
	d.post("desk", path+"/attendance", url.Values{"org": {string(d.a.ID), string(d.b.ID)}, "do": {"in"}}).want(http.StatusSeeOther)
	d.post("desk", path+"/items/"+item+"/conclusions", url.Values{"verb": {"decided"}, "text": {"that it begins."}}).want(http.StatusSeeOther)
	d.inEveryLanguage("desk", path+"/live")
	d.inEveryLanguage("anna", path+"/live")
	d.now = d.now.Add(time.Hour)
	d.moved(path, comity.SessionClosed)
	d.inEveryLanguage("desk", path+"/live")
	d.moved(path, comity.SessionMinutes, comity.SessionAmendment)
	d.inEveryLanguage("bert", path+"/minutes")
	d.inEveryLanguage("chair", path+"/minutes", "/decisions", d.firstDecision())
}

func (d *desk) firstDecision() string {
	d.t.Helper()
	page, err := d.store.Decisions(d.t.Context(), deskSystem, comity.DecisionQuery{Limit: 1})
	d.must(err)
	if len(page.Decisions) == 0 {
		d.t.Fatal("there is no decision")
	}
	return decisionPath(page.Decisions[0].ID)
}

// ways are all ways out of a session, below its path; those that name a state exist from it on.
var ways = []string{"", "/live", "/live/version", "/minutes", "/agenda.pdf", "/agenda.docx", "/agenda.html", "/minutes.pdf", "/minutes.docx", "/minutes.html"}

// TestExecutiveSessionsAreClosed looks at every way out of an Executive Session that is marked TLP:CLEAR, so that nothing but its
// kind closes it, as those who are not members.
func TestExecutiveSessionsAreClosed(t *testing.T) {
	d := newDesk(t)
	d.terms()
	d.person("audit", d.a, comity.RoleAuditor)
	path := d.newSession(comity.SessionExecutive, "Closed doors", comity.TLPClear)
	item := d.newItem(path, "Secret item", comity.TLPClear)
	d.moved(path, comity.SessionPublished, comity.SessionOpen)
	d.post("desk", path+"/attendance", url.Values{"org": {string(d.a.ID), string(d.b.ID)}, "do": {"in"}}).want(http.StatusSeeOther)
	d.post("desk", path+"/items/"+item+"/conclusions", url.Values{"verb": {"agreed"}, "text": {"Secret words."}, "owner": {string(d.a.ID)}, "action": {"Secret action"}}).want(http.StatusSeeOther)
	d.now = d.now.Add(time.Hour)
	d.moved(path, comity.SessionClosed, comity.SessionMinutes)
	decision := d.firstDecision()
	for _, who := range []string{"watch", "reader", "audit"} {
		for _, way := range ways {
			d.get(who, path+way).want(404).without("Closed doors", "Secret")
		}
		d.get(who, decision).want(404)
		for _, list := range []string{"/sessions", "/sessions?kind=executive", "/decisions", "/decisions?q=secret", "/decisions/register.csv", "/", "/actions"} {
			d.get(who, list).without("Closed doors", "Secret", "MISSIG/26/D001")
		}
		d.get(who, "/actions/review?session="+strings.TrimPrefix(path, "/sessions/")).want(403)
	}
	for _, who := range []string{"anna", "alan", "bert", "chair", "desk"} {
		d.get(who, path).want(200, "Closed doors", "Secret item")
		d.get(who, decision).want(200, "Secret words.")
		d.get(who, "/decisions/register.csv").want(200, "MISSIG/26/D001")
		d.get(who, path+"/minutes.html").want(200, "Secret words.")
	}
	for _, way := range ways {
		if got := d.get("", path+way).Status; got != http.StatusSeeOther {
			t.Errorf("%s without signing in: status %d", way, got)
		}
	}
}

// TestSessionRoles holds every page and every button of sessions to who may use them.
func TestSessionRoles(t *testing.T) {
	d := newDesk(t)
	path := d.newSession(comity.SessionRegular, "Annual session", comity.TLPClear)
	item := d.newItem(path, "Opening", comity.TLPClear)
	d.moved(path, comity.SessionPublished)
	for _, page := range []string{"/sessions", "/decisions", "/decisions/register.csv", "/decisions/register.xlsx", path, path + "/agenda.html"} {
		for _, who := range everybody[1:] {
			d.get(who, page).want(200)
		}
	}
	keepers := []string{"chair", "desk"}
	for _, page := range []string{"/sessions/new", path + "/edit", path + "/items/new", path + "/items/" + item} {
		for _, who := range everybody[1:] {
			want := http.StatusForbidden
			if slices.Contains(keepers, who) {
				want = http.StatusOK
			}
			d.get(who, page).want(want)
		}
	}
	for _, button := range []string{
		"/sessions/new", path + "/edit", path + "/delete", path + "/state", path + "/items/new", path + "/items/" + item, path + "/items/" + item + "/move",
		path + "/items/" + item + "/delete", path + "/attendance", path + "/stays", path + "/stays/delete", path + "/floor", path + "/items/" + item + "/record",
		path + "/items/" + item + "/conclusions", path + "/conclusions/con_0000000000000001/withdraw", path + "/amendments/ame_0000000000000001",
		"/decisions/dec_0000000000000001/lapse", "/decisions/dec_0000000000000001/confirm",
	} {
		for _, who := range []string{"anna", "alan", "bert", "watch", "reader"} {
			d.post(who, button, url.Values{}).want(http.StatusForbidden)
		}
		d.post("", button, url.Values{}).want(http.StatusUnauthorized)
	}
}

// TestSessionPagesCarryTheirMarking reads an agenda with a narrower item as who sees it and who does not.
func TestSessionPagesCarryTheirMarking(t *testing.T) {
	d := newDesk(t)
	path := d.newSession(comity.SessionRegular, "Annual session", comity.TLPClear)
	d.newItem(path, "Open item", comity.TLPClear)
	d.newItem(path, "Narrow item", comity.TLPAmberStrict)
	d.moved(path, comity.SessionPublished)
	for _, way := range []string{"", "/agenda.html"} {
		d.get("anna", path+way).want(200, "Narrow item", "TLP:AMBER+STRICT")
		d.get("reader", path+way).want(200, "Open item", "TLP:CLEAR").without("Narrow item", "TLP:AMBER")
	}
	if got := d.get("anna", path+"/agenda.pdf").want(200).Header.Get("Content-Disposition"); !strings.Contains(got, "tlp-amber+strict") {
		t.Errorf("the file is named %q", got)
	}
}

func TestSessionTakesUpWhatIsUnfinished(t *testing.T) {
	d := newDesk(t)
	first := d.newSession(comity.SessionRegular, "First session", comity.TLPGreen)
	d.newItem(first, "Left over", comity.TLPGreen, "Old paper")
	d.moved(first, comity.SessionPublished)
	next := d.newSession(comity.SessionRegular, "Second session", comity.TLPGreen, "previous", strings.TrimPrefix(first, "/sessions/"))
	d.get("desk", next).want(200, "Left over", "MISSIG/2026/1", "Carried forward from", first+"#")
	d.get("anna", first).want(200, "Left over").without("Carried on in a later session")
	d.moved(next, comity.SessionPublished)
	d.get("anna", first).want(200, "Carried on in a later session", next+"#")
}

func TestSessionFormSaysWhatIsWrong(t *testing.T) {
	d := newDesk(t)
	good := url.Values{
		"title": {"S"}, "kind": {"regular"}, "tlp": {"TLP:GREEN"}, "starts": {"2026-08-07T14:00"}, "ends": {"2026-08-07T17:00"}, "zone": {"UTC"}, "language": {"en"}, "revision": {"0"},
	}
	for field, test := range map[string]struct{ value, want string }{
		"title": {"", "Please fill this in"}, "kind": {"secret", "Please choose one"}, "tlp": {"TLP:RED", "Please choose one"}, "starts": {"soon", "a day and a time"},
		"ends": {"2026-08-07T13:00", "ends after it begins"}, "zone": {"Mars/Olympus", "Please choose one"}, "link": {"http://x.example", "begins with https://"}, "odd": {"x", ""},
	} {
		values := url.Values{}
		for k, v := range good {
			values[k] = v
		}
		values.Set(field, test.value)
		a := d.post("desk", "/sessions/new", values)
		if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, test.want) {
			t.Errorf("%s=%q: status %d, want 422 with %q", field, test.value, a.Status, test.want)
		}
	}
	path := d.newSession(comity.SessionRegular, "Annual session", comity.TLPGreen)
	form := d.get("desk", path+"/edit").formValues(path + "/edit")
	d.post("chair", path+"/edit", form).want(http.StatusSeeOther)
	form.Set("title", "My title")
	d.post("desk", path+"/edit", form).want(http.StatusConflict, "Somebody else saved this", "My title")
}

func TestDecisionsAreConfirmedSupersededAndLapse(t *testing.T) {
	d := newDesk(t)
	d.terms()
	path := d.newSession(comity.SessionRegular, "Annual session", comity.TLPGreen)
	item := d.newItem(path, "Rules", comity.TLPGreen)
	d.moved(path, comity.SessionPublished, comity.SessionOpen)
	d.post("desk", path+"/items/"+item+"/conclusions", url.Values{"verb": {"decided"}, "text": {"=SUM(1) the first."}}).want(http.StatusSeeOther)
	first := d.firstDecision()
	d.post("desk", first+"/confirm", d.get("desk", first).want(200, "taken without a quorum").formValues(first+"/confirm")).want(http.StatusSeeOther)
	d.get("anna", first).want(200, "In force").without("taken without a quorum", "Let it lapse")
	d.post("desk", path+"/items/"+item+"/conclusions", url.Values{
		"verb": {"decided"}, "text": {"the second instead."}, "supersedes": {strings.TrimPrefix(first, "/decisions/")},
	}).want(http.StatusSeeOther)
	second := d.firstDecision()
	d.get("anna", first).want(200, "Superseded", "MISSIG/26/D002", second)
	d.get("anna", "/decisions?status=in-force").want(200, "the second instead").without("the first")
	d.get("anna", "/decisions?q=D001").want(200, "the first").without("the second")
	d.get("anna", "/decisions?q=nothing").want(200, "No decision fits")
	csv := d.get("anna", "/decisions/register.csv").want(200, "The group decided =SUM(1) the first.", "MISSIG/26/D002", "Annual session")
	if got := csv.Header.Get("Content-Disposition"); !strings.Contains(got, "tlp-green") {
		t.Errorf("the file is named %q", got)
	}
	d.post("desk", second+"/lapse", url.Values{"revision": {"1"}, "why": {""}}).want(http.StatusUnprocessableEntity)
	d.post("desk", path+"/conclusions/"+d.conclusionOf(second)+"/withdraw", url.Values{}).want(http.StatusSeeOther)
	d.get("anna", second).want(200, "Lapsed", "Its conclusion was withdrawn")
	d.get("anna", first).want(200, "In force")
	d.post("desk", first+"/lapse", d.get("desk", first).formValues(first+"/lapse")).want(http.StatusUnprocessableEntity, "Please fill this in")
}

func (d *desk) conclusionOf(decision string) string {
	d.t.Helper()
	got, err := d.store.Decision(d.t.Context(), deskSystem, comity.DecisionID(strings.TrimPrefix(decision, "/decisions/")))
	d.must(err)
	return string(got.Conclusion)
}

// TestAttendanceIsMendedAfterwards adds and removes a stay of a session that is over.
func TestAttendanceIsMendedAfterwards(t *testing.T) {
	d := newDesk(t)
	path := d.newSession(comity.SessionRegular, "Annual session", comity.TLPGreen)
	d.moved(path, comity.SessionPublished, comity.SessionOpen, comity.SessionClosed)
	stay := url.Values{"org": {string(d.b.ID)}, "came": {"2026-08-07T14:10"}, "left": {"2026-08-07T15:00"}}
	d.post("desk", path+"/stays", stay).want(http.StatusSeeOther)
	page := d.get("desk", path+"/live").want(200, "14:10–15:00")
	gone := page.formValues(path + "/stays/delete")
	stay.Set("came", "2020-01-01T10:00")
	d.post("desk", path+"/stays", stay).want(http.StatusSeeOther)
	d.post("desk", path+"/stays/delete", gone).want(http.StatusSeeOther)
	d.get("desk", path+"/live").want(200, "Nobody is recorded as present").without("14:10")
}

func TestOverviewTellsTheNextSession(t *testing.T) {
	d := newDesk(t)
	d.get("anna", "/").want(200).without("The next session")
	path := d.newSession(comity.SessionRegular, "Annual session", comity.TLPAmber, "starts", "2026-08-17T14:00", "ends", "2026-08-17T17:00")
	d.get("desk", "/").want(200, "The next session", "Annual session", "days left: 10", "Agenda is not ready", "TLP:AMBER")
	d.get("anna", "/").want(200).without("Annual session")
	d.newItem(path, "Opening", comity.TLPAmber)
	d.moved(path, comity.SessionPublished)
	d.get("anna", "/").want(200, "Annual session", "Agenda is out: 1", "TLP:AMBER")
	d.get("watch", "/").want(200, "TLP:GREEN").without("Annual session", "TLP:AMBER")
}
