package e2e

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "comity/storage/sqlite" // the driver, to let days go by

	"github.com/chromedp/chromedp"
)

// TestSession prepares a session, holds it with 16 organisations, writes its minutes, amends and approves them.
func TestSession(t *testing.T) {
	d := shared(t)
	desk := open(t, d, setting{language: "en"})
	desk.signIn(d.role(t, "secretariat"))
	path := desk.prepareSession()
	desk.holdSession(t)
	desk.click(".next form button") // close it
	desk.click(".next form button") // the draft minutes are out
	desk.at(path + "/minutes")
	desk.wants(".minutes .paragraph a[href^='/decisions/dec_']")
	desk.click(".next form button") // ask for amendments

	focal := open(t, d, setting{language: "en"})
	focal.signIn(d.role(t, "focal-point"))
	focal.visit(path + "/minutes")
	focal.fill("#text", "We offered our figures too.")
	focal.click("form[action$='/amendments'] button")
	focal.wants("#amendments ~ ul li")
	focal.lacks("button[value=accepted]", "form[action$='/approve']", "form[action$='/state']")

	desk.visit(path + "/minutes")
	desk.fill("[name=answer]", "It is written.")
	desk.click("button[value=accepted]")
	desk.click(".minutes a[href*='/live?item=']")
	desk.fill("#record", "The figures were told.\nX-OCO offered its own.")
	desk.click("form[action$='/record'] button")

	chair := open(t, d, setting{language: "ar"})
	chair.signIn(d.role(t, "co-chair"))
	chair.approveMinutes(t, path)
	other := open(t, d, setting{language: "en", noScript: true})
	other.accept(func(*tab) {}, desk.inviteCoChair(t), "nine slow rivers under a paper moon")
	other.approveMinutes(t, path)

	desk.visit(path + "/minutes")
	desk.click(".next form button")
	desk.wants(".next form", "[role=status]") // not before the day is over
	daysGoBy(t, d, strings.TrimPrefix(path, "/sessions/"))
	desk.click(".next form button")
	desk.lacks(".next form", "form[action$='/amendments']")
	desk.accessible(t)
	desk.fits(t)
	const hashed = `fetch(location.pathname + ".json").then((r) => r.arrayBuffer()).then((b) => crypto.subtle.digest("SHA-256", b))` +
		`.then((h) => [...new Uint8Array(h)].map((x) => x.toString(16).padStart(2, "0")).join("") === document.querySelector("main code").textContent)`
	if !evaluate[bool](desk, hashed) {
		t.Error("the file of the approved minutes has not the hash that the page shows")
	}
	desk.key("g")
	_, err := chromedp.RunResponse(desk.ctx, chromedp.KeyEvent("g")) // the letter of the group is the one that begins every way
	desk.must(err)
	desk.at("/group")
}

// prepareSession makes a session of today with two items, the order of which it changes, and publishes it.
func (b *tab) prepareSession() string {
	b.t.Helper()
	today := time.Now().UTC().Format("2006-01-02")
	b.visit("/sessions/new")
	b.fill("#title", "Meeting on figures")
	b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS("[name=kind][value=inter-sessional]"))))
	b.fill("#starts", today+"T00:00")
	b.fill("#ends", today+"T23:59")
	b.click("main form button")
	path := b.path()
	for _, title := range []string{"Figures", "Opening"} {
		b.visit(path + "/items/new")
		b.fill("#title", title)
		b.fill("#minutes", "30")
		b.fill("[name='paper.title.0']", "Paper on "+title)
		b.click("main form button")
	}
	b.click(".agenda button[name=steps][value='-1']")
	if got := evaluate[string](b, "document.querySelector('.agenda h3').textContent.trim()"); got != "Opening" {
		b.t.Errorf("the agenda begins with %q, want Opening", got)
	}
	b.click(".next form button")
	b.lacks("form[action$='/delete'] button.danger")
	return path
}

// holdSession opens the session, notes 16 organisations as present and one that leaves, and draws conclusions.
func (b *tab) holdSession(t *testing.T) {
	t.Helper()
	b.click(".next form button")
	b.wants("[data-live]")
	for i := range 16 { // the first of the list is the parent network
		b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(fmt.Sprintf(".absent label:nth-of-type(%d) input", i+2)))))
	}
	b.click("form:has(.absent) button")
	b.present(t, 16)
	b.wants(".quorum.held")
	b.click(".present li:last-child button")
	b.present(t, 15)
	b.click(".points li:last-child a")
	b.click("form[action$='/floor'] button")
	b.wants(".points li:last-child .tag")
	b.fill("#record", "The figures were told.")
	b.fill("#outcome", "action")
	b.click("form[action$='/record'] button")
	b.fill("#verb", "requested")
	b.fill("#text", "X-OCO to tell its own figures.")
	b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(".conclude summary"))))
	b.fill("#owner", evaluate[string](b, "[...document.querySelectorAll('#owner option')].find((o) => o.textContent === 'X-OCO').value"))
	b.fill("#action", "Tell the own figures")
	b.click(".conclude button")
	b.wants(".concluded a[href^='/actions/act_']")
	b.fill("#verb", "agreed")
	b.fill("#text", "to tell figures every year.")
	b.click(".conclude button")
	b.wants(".concluded a[href^='/decisions/dec_']")
	b.lacks(".concluded .tag.urgent") // there is a quorum
	b.accessible(t)
	b.fits(t)
}

func (b *tab) present(t *testing.T, want int) {
	t.Helper()
	if got := evaluate[int](b, "document.querySelectorAll('.present li').length"); got != want {
		t.Errorf("%d organisations are there, want %d", got, want)
	}
}

// approveMinutes approves minutes as a co-chair.
func (b *tab) approveMinutes(t *testing.T, path string) {
	t.Helper()
	b.visit(path + "/minutes")
	b.click("form[action$='/approve'] button")
	if b.has("form[action$='/approve']") {
		t.Error("the minutes can be approved twice")
	}
}

// inviteCoChair invites a co-chair of X-OCO and returns the link.
func (b *tab) inviteCoChair(t *testing.T) string {
	t.Helper()
	b.visit("/administration")
	b.visit(evaluate[string](b, `[...document.querySelectorAll("main a[href^='/administration/organizations/org_']")].find((a) => a.textContent.includes("X-OCO")).getAttribute("href")`))
	return b.invite(t, func(*tab) {}, "second-chair@x-oco.example", "co-chair")
}

// daysGoBy sets the last day for amendments of a session back, as if it were over.
func daysGoBy(t *testing.T, d *demonstration, session string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(d.dir, "comity.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	yesterday := time.Now().UTC().AddDate(0, 0, -1).Format("2006-01-02")
	if _, err := db.ExecContext(t.Context(), `UPDATE group_sessions SET body = json_set(body, '$.amend_until', $1) WHERE id = $2`, yesterday, session); err != nil {
		t.Fatal(err)
	}
}
