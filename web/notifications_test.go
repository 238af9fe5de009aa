package web

import (
	"crypto/sha256"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"comity"
	"comity/notify"
)

// withMail makes the desk's server one that sends mail.
func (d *desk) withMail() {
	d.t.Helper()
	var err error
	d.site, err = New(Options{Store: d.store, Pipeline: d.intake, Auth: headerAuth{Auth: d.auth(), people: d.people}, Mail: true, Now: func() time.Time { return d.now }})
	d.must(err)
}

// mailed has a mail with a link to unsubscribe go to somebody, and returns the path of the link.
func (d *desk) mailed(who, secret string) string {
	d.t.Helper()
	d.must(d.store.AskTestMail(d.t.Context(), comity.ViewerOf(d.people[who]), d.now))
	due, err := d.store.DueNotices(d.t.Context(), deskSystem, d.now, 10)
	d.must(err)
	hash := sha256.Sum256([]byte(secret))
	n := due[len(due)-1]
	d.must(d.store.BeginNotice(d.t.Context(), deskSystem, n.Seq, hash[:], d.now))
	n.State, n.Ended = comity.NoticeSent, d.now
	d.must(d.store.EndNotice(d.t.Context(), deskSystem, n))
	return "/unsubscribe/" + secret
}

func TestNotificationChoices(t *testing.T) {
	d := newDesk(t)
	page := d.get("anna", "/account/notifications").want(http.StatusOK, "Mail is not set up", "smtp_host")
	values := page.formValues("/account/notifications")
	if values.Get("topic-releases") != "weekly" || values.Get("topic-overdue") != "daily" || values.Has("topic-intake") {
		t.Errorf("who chose nothing: got %v", values)
	}
	values.Set("topic-releases", "off")
	values.Set("topic-matches", "at-once")
	d.post("anna", "/account/notifications", values).want(http.StatusSeeOther)
	if got := d.get("anna", "/account/notifications").formValues("/account/notifications"); got.Encode() != values.Encode() {
		t.Errorf("saved: got %v, want %v", got, values)
	}
	if got := d.get("bert", "/account/notifications").formValues("/account/notifications"); got.Get("topic-releases") != "weekly" {
		t.Errorf("somebody else's: got %v", got)
	}
	for name, wrong := range map[string]url.Values{
		"frequency":   {"topic-releases": {"hourly"}},
		"other field": {"releases": {"daily"}},
	} {
		if got := d.post("anna", "/account/notifications", wrong).Status; got != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d", name, got)
		}
	}
	if got := d.post("reader", "/account/notifications", url.Values{"topic-intake": {"daily"}, "topic-exposure": {"daily"}}).Status; got != http.StatusSeeOther {
		t.Errorf("topics that are not theirs: status %d", got)
	}
	n, err := d.store.Notifications(t.Context(), comity.ViewerOf(d.people["reader"]))
	d.must(err)
	if n.Choice(comity.TopicExposure) != comity.TopicExposure.Default() {
		t.Errorf("a topic that is not theirs was chosen: %+v", n)
	}
	for who, want := range map[string]bool{"anna": true, "alan": true, "watch": false, "desk": false, "reader": false} {
		if got := strings.Contains(d.get(who, "/account/notifications").Body, "topic-exposure"); got != want {
			t.Errorf("%s is offered news of the exposure: %v", who, got)
		}
	}
}

func TestTestMailPage(t *testing.T) {
	d := newDesk(t)
	if got := d.post("anna", "/account/notifications/test", nil).Status; got != http.StatusConflict {
		t.Errorf("without a mail server: status %d", got)
	}
	d.withMail()
	d.get("anna", "/account/notifications").want(http.StatusOK, "Send me a test")
	d.post("anna", "/account/notifications/test", nil).want(http.StatusSeeOther)
	if page := d.get("anna", "/account/notifications").want(http.StatusOK, "Waiting"); strings.Contains(page.Body, "Send me a test") {
		t.Error("a second test is offered")
	}
	d.post("anna", "/account/notifications/test", nil).want(http.StatusSeeOther)
	list, err := d.store.Notices(t.Context(), comity.ViewerOf(d.people["anna"]), 10)
	d.must(err)
	if len(list) != 1 {
		t.Errorf("%d mails wait, want 1", len(list))
	}
	if page := d.get("bert", "/account/notifications").want(http.StatusOK); strings.Contains(page.Body, "Waiting") {
		t.Error("somebody else sees the mail")
	}
}

// TestUnsubscribe ends mail with the link alone: nobody signed in, a form from another site, whatever body.
func TestUnsubscribe(t *testing.T) {
	d := newDesk(t)
	path := d.mailed("anna", strings.Repeat("s", 43))
	stopped := func() bool {
		n, err := d.store.Notifications(t.Context(), comity.ViewerOf(d.people["anna"]))
		d.must(err)
		return !n.Stopped.IsZero()
	}
	d.get("", path).want(http.StatusOK, "End all mail?", "MISSIG")
	if stopped() {
		t.Fatal("to look at the link ended mail: readers of mail open links on their own")
	}
	if got := d.post("", "/unsubscribe/"+strings.Repeat("t", 43), nil).Status; got != http.StatusNotFound {
		t.Errorf("a link that is none: status %d", got)
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader("List-Unsubscribe=One-Click"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Origin", "https://mail.example")
	d.do("", r).want(http.StatusOK, "You get no more mail")
	if !stopped() {
		t.Fatal("the link did not end mail")
	}
	d.get("anna", "/account/notifications").want(http.StatusOK, "You get no mail")
	d.post("anna", "/account/notifications/resume", nil).want(http.StatusSeeOther)
	if stopped() {
		t.Error("mail was not resumed")
	}
	d.post("anna", "/account/notifications/links/revoke", nil).want(http.StatusSeeOther)
	if got := d.post("", path, nil).Status; got != http.StatusNotFound || stopped() {
		t.Errorf("a void link: status %d", got)
	}
	cross := httptest.NewRequest(http.MethodPost, "/account/notifications/resume", nil)
	cross.Header.Set("Sec-Fetch-Site", "cross-site")
	if got := d.do("anna", cross).Status; got != http.StatusForbidden {
		t.Errorf("another form from another site: status %d", got)
	}
}

// became has a mail to somebody end in a state.
func (d *desk) became(who string, state comity.NoticeState) {
	d.t.Helper()
	d.must(d.store.AskTestMail(d.t.Context(), comity.ViewerOf(d.people[who]), d.now))
	due, err := d.store.DueNotices(d.t.Context(), deskSystem, d.now, 10)
	d.must(err)
	n := due[len(due)-1]
	n.State, n.Ended, n.Problem = state, d.now, "550 no such mailbox"
	d.must(d.store.EndNotice(d.t.Context(), deskSystem, n))
}

func TestNotificationPagesInEveryLanguage(t *testing.T) {
	d := newDesk(t)
	d.inEveryLanguage("desk", "/account/notifications", "/account")
	d.withMail()
	path := d.mailed("anna", strings.Repeat("s", 43))
	for _, state := range comity.NoticeStates {
		if state != comity.NoticeWaiting && state != comity.NoticeSending {
			d.became("bert", state)
		}
	}
	d.inEveryLanguage("bert", "/account/notifications")
	d.inEveryLanguage("anna", "/account/notifications", path)
	d.post("", path, nil).want(http.StatusOK)
	d.inEveryLanguage("anna", "/account/notifications")
}

// TestNewsLeadsSomewhere follows the address of every event to a page of ours.
func TestNewsLeadsSomewhere(t *testing.T) {
	d := newDesk(t)
	s, err := newSite(Options{Store: d.store, Pipeline: d.intake, Auth: headerAuth{Auth: d.auth(), people: d.people}, Now: func() time.Time { return d.now }})
	d.must(err)
	r := &routes{site: s, mux: http.NewServeMux()}
	s.register(r)
	for _, event := range notify.Events() {
		for _, n := range []comity.News{{Event: event, Subject: "x", Count: 1}, {Event: event, Count: 2}} {
			if _, pattern := r.mux.Handler(httptest.NewRequest(http.MethodGet, notify.Path(n), nil)); pattern == "" {
				t.Errorf("%s leads to %s, which is no page", event, notify.Path(n))
			}
		}
	}
}
