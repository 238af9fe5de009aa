package jobs

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"comity"
	"comity/internal/testkit"
	"comity/notify"
	"comity/notify/smtp"
	"comity/storage"
	"comity/storage/storagetest"
)

var courierSystem = comity.System("test")

// round is a group of two organisations whose people are told by a real mail server.
type round struct {
	t     *testing.T
	store *storage.Store
	post  *testkit.Post
	now   time.Time

	a, b             comity.Organization
	anna, alan, bert comity.Person
}

func newRound(t *testing.T) *round {
	t.Helper()
	r := &round{
		t: t, store: storagetest.Fresh(t), post: testkit.OpenPost(t, testkit.PostStart),
		now: time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC), // a Monday, before the hour
		a:   comity.Organization{ID: comity.MakeOrgID(comity.Entropy{1}), Acronym: "X-OCO", Name: "Ocean Observatory", Kind: comity.KindMember},
		b:   comity.Organization{ID: comity.MakeOrgID(comity.Entropy{2}), Acronym: "X-SSA", Name: "Seed & Soil Agency", Kind: comity.KindMember},
	}
	r.must(r.store.PutGroup(t.Context(), courierSystem, comity.Group{Acronym: "MISSIG", Name: "Group", Currency: "USD"}))
	r.must(r.store.PutOrganization(t.Context(), courierSystem, r.a))
	r.must(r.store.PutOrganization(t.Context(), courierSystem, r.b))
	r.anna, r.alan, r.bert = r.person("anna", r.a), r.person("alan", r.a), r.person("bert", r.b)
	r.look() // from here on there can be news
	return r
}

func (r *round) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *round) person(name string, o comity.Organization) comity.Person {
	p := comity.Person{
		ID: comity.MakePersonID(comity.Entropy([]byte(name + "0000000000")[:10])), Org: o.ID, Name: name, Email: name + "@x.example",
		Roles: comity.RolesOf(comity.RoleFocalPoint), Language: "en",
	}
	r.must(r.store.PutPerson(r.t.Context(), courierSystem, p))
	return p
}

// action has somebody put an action item of their organisation on the work-plan.
func (r *round) action(by comity.Person, title string, audience comity.Audience, tlp comity.TLP) comity.ActionItem {
	r.t.Helper()
	sum := sha256.Sum256([]byte(title))
	a, err := r.store.PutAction(r.t.Context(), comity.ViewerOf(by), comity.ActionItem{
		ID: comity.MakeActionID(comity.Entropy(sum[:10])), Title: title, Owner: by.Org, Audience: audience, TLP: tlp,
		Priority: comity.PriorityMedium, Status: comity.ActionOpen,
	}, "", r.now)
	r.must(err)
	return a
}

// courier returns one over a store, which may be the real one with faults.
func (r *round) courier(store CourierStore) *Courier {
	server, err := smtp.New(smtp.Options{Host: "127.0.0.1", Port: r.post.Port, From: "comity@group.example", Config: &tls.Config{RootCAs: r.post.Roots}})
	r.must(err)
	return NewCourier(CourierOptions{
		Store: store, Base: "https://comity.example", Now: func() time.Time { return r.now }, Entropy: rand.Reader,
		Open: func(ctx context.Context) (Line, error) { return server.Open(ctx) },
	})
}

// look does one round of a fresh process, and returns how many mails have come in all.
func (r *round) look() int {
	r.t.Helper()
	r.courier(r.store).look(r.t.Context())
	return len(r.post.Mails())
}

// states returns the states of the last mails to somebody, newest first.
func (r *round) states(p comity.Person) string {
	r.t.Helper()
	list, err := r.store.Notices(r.t.Context(), comity.ViewerOf(p), 50)
	r.must(err)
	var states []string
	for _, n := range list {
		states = append(states, string(n.State))
	}
	return strings.Join(states, " ")
}

// letter is a mail that arrived.
type letter struct {
	to, unsubscribe, id string
	text, html          string
}

func (r *round) letter(raw string) letter {
	r.t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(raw))
	r.must(err)
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	r.must(err)
	l := letter{to: m.Header.Get("To"), unsubscribe: strings.Trim(m.Header.Get("List-Unsubscribe"), "<>"), id: m.Header.Get("Message-Id")}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, into := range []*string{&l.text, &l.html} {
		part, err := parts.NextRawPart()
		r.must(err)
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		r.must(err)
		*into = string(body)
	}
	return l
}

// TestDigest follows news to the people whom they are for: one mail, at its hour, with what may travel, and no other.
func TestDigest(t *testing.T) {
	r := newRound(t)
	r.action(r.alan, "Open guidance", comity.AudienceGroup, comity.TLPGreen)
	r.action(r.alan, "Amber matter", comity.AudienceGroup, comity.TLPAmber)
	r.action(r.alan, "Private matter", comity.AudienceOwner, comity.TLPClear)
	r.action(r.bert, "Foreign matter", comity.AudienceOwner, comity.TLPClear)
	if n := r.look(); n != 0 {
		t.Fatalf("%d mails before the hour", n)
	}
	r.now = r.now.Add(time.Hour)
	if n := r.look(); n != 1 {
		t.Fatalf("%d mails at the hour, want one, to anna: alan and bert did it themselves", n)
	}
	l := r.letter(r.post.Mails()[0])
	if l.to != "<anna@x.example>" {
		t.Errorf("to %s", l.to)
	}
	for _, text := range []string{l.text, l.html} {
		for _, want := range []string{"Open guidance", "TLP:AMBER", "https://comity.example/actions", "https://comity.example/account/notifications", l.unsubscribe} {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in\n%s", want, text)
			}
		}
	}
	if hush := regexp.MustCompile(`Amber|Private|Foreign`).FindString(r.post.Mails()[0]); hush != "" {
		t.Errorf("%q travels:\n%s", hush, l.text)
	}
	if n := r.look(); n != 1 {
		t.Errorf("%d mails after another look: the same digest came twice", n)
	}
	r.now = r.now.AddDate(0, 0, 7)
	if n := r.look(); n != 1 {
		t.Errorf("%d mails after a week in which nothing changed", n)
	}
	r.unsubscribes(l)
}

// unsubscribes ends mail with the link of a letter.
func (r *round) unsubscribes(l letter) {
	r.t.Helper()
	link, ok := strings.CutPrefix(l.unsubscribe, "https://comity.example/unsubscribe/")
	hash := sha256.Sum256([]byte(link))
	if !ok || len(link) < 40 {
		r.t.Fatalf("link to unsubscribe: %q", l.unsubscribe)
	}
	r.must(r.store.StopMail(r.t.Context(), courierSystem, hash[:], r.now))
	r.action(r.alan, "Later", comity.AudienceGroup, comity.TLPGreen)
	r.now = r.now.AddDate(0, 0, 7)
	if n := r.look(); n != 1 {
		r.t.Errorf("%d mails: who unsubscribed is told", n)
	}
}

// TestAtOnce tells within minutes, and collects what comes after.
func TestAtOnce(t *testing.T) {
	r := newRound(t)
	r.must(r.store.PutNotifications(t.Context(), comity.ViewerOf(r.anna), map[comity.Topic]comity.Frequency{comity.TopicActions: comity.FrequencyAtOnce}))
	r.now = r.now.Add(time.Hour)
	r.action(r.alan, "First", comity.AudienceGroup, comity.TLPGreen)
	if n := r.look(); n != 1 {
		t.Fatalf("%d mails, want 1 at once", n)
	}
	for _, title := range []string{"Second", "Third", "Fourth"} {
		r.now = r.now.Add(time.Minute)
		r.action(r.alan, title, comity.AudienceGroup, comity.TLPGreen)
		r.look()
	}
	if n := r.look(); n != 1 {
		t.Fatalf("%d mails within minutes", n)
	}
	r.now = r.now.Add(10 * time.Minute)
	if n := r.look(); n != 2 {
		t.Fatalf("%d mails, want 2", n)
	}
	if l := r.letter(r.post.Mails()[1]); strings.Contains(l.text, "First") || !strings.Contains(l.text, "Second") || !strings.Contains(l.text, "Fourth") {
		t.Errorf("the second mail says\n%s", l.text)
	}
}

// TestAtOnceInSeveralTopics has news of one topic follow those of another: they wait for one mail.
func TestAtOnceInSeveralTopics(t *testing.T) {
	r := newRound(t)
	r.must(r.store.PutNotifications(t.Context(), comity.ViewerOf(r.anna), map[comity.Topic]comity.Frequency{
		comity.TopicActions: comity.FrequencyAtOnce, comity.TopicReleases: comity.FrequencyAtOnce,
	}))
	r.now = r.now.Add(time.Hour)
	r.action(r.alan, "First", comity.AudienceGroup, comity.TLPGreen)
	r.look()
	r.now = r.now.Add(time.Minute)
	r.must(r.store.PutRelease(t.Context(), courierSystem, comity.Release{ID: comity.MakeReleaseID(comity.Entropy{1}), Number: 1, Period: "2026-Q3"}))
	if n := r.look(); n != 1 {
		t.Fatalf("%d mails, one after the other", n)
	}
	r.action(r.alan, "Second", comity.AudienceGroup, comity.TLPGreen)
	r.now = r.now.Add(10 * time.Minute)
	if n := r.look(); n != 2 {
		t.Fatalf("%d mails, want 2", n)
	}
	if l := r.letter(r.post.Mails()[1]); !strings.Contains(l.text, "2026-Q3") || !strings.Contains(l.text, "Second") {
		t.Errorf("the second mail says\n%s", l.text)
	}
}

// faulty is a store whose process dies at a step of a mail.
type faulty struct {
	*storage.Store
	die string // the step before which it dies
}

type death struct{}

func (f faulty) BeginNotice(ctx context.Context, v comity.Viewer, seq int64, hash []byte, now time.Time) error {
	if f.die == "begin" {
		panic(death{})
	}
	return f.Store.BeginNotice(ctx, v, seq, hash, now)
}

func (f faulty) EndNotice(ctx context.Context, v comity.Viewer, n comity.Notice) error {
	if f.die == "end" {
		panic(death{})
	}
	return f.Store.EndNotice(ctx, v, n)
}

func (f faulty) DueNotices(ctx context.Context, v comity.Viewer, now time.Time, limit int) ([]comity.Notice, error) {
	if f.die == "due" {
		panic(death{})
	}
	return f.Store.DueNotices(ctx, v, now, limit)
}

// TestKilled ends the process at every step between the claim and the record of what was sent. Nobody is told twice; who
// may have been told is told nothing again, and sees so.
func TestKilled(t *testing.T) {
	for die, want := range map[string]struct {
		mails  int
		states string
	}{
		"due":   {1, "sent"},
		"begin": {1, "sent"},
		"end":   {1, "unknown"},
	} {
		t.Run("before "+die, func(t *testing.T) {
			r := newRound(t)
			r.action(r.alan, "Open guidance", comity.AudienceGroup, comity.TLPGreen)
			r.now = r.now.Add(time.Hour)
			r.courier(faulty{r.store, die}).look(t.Context())
			for range 3 { // processes that start again
				r.look()
				r.now = r.now.Add(20 * time.Minute)
			}
			r.now = r.now.AddDate(0, 0, 7)
			if n := r.look(); n != want.mails || r.states(r.anna) != want.states {
				t.Errorf("%d mails, %s; want %d, %s", n, r.states(r.anna), want.mails, want.states)
			}
		})
	}
}

// TestLineBreaksOff breaks the line off after the server took the mail and before it said so.
func TestLineBreaksOff(t *testing.T) {
	r := newRound(t)
	r.action(r.alan, "Open guidance", comity.AudienceGroup, comity.TLPGreen)
	r.now = r.now.Add(time.Hour)
	r.post.Cut(true)
	r.look()
	r.post.Cut(false)
	r.now = r.now.Add(24 * time.Hour)
	if n := r.look(); n != 1 || r.states(r.anna) != "unknown" {
		t.Errorf("%d mails, %s", n, r.states(r.anna))
	}
}

// TestTriedAgain has the mail server refuse for a while, for ever, and be gone.
func TestTriedAgain(t *testing.T) {
	r := newRound(t)
	r.action(r.alan, "Open guidance", comity.AudienceGroup, comity.TLPGreen)
	r.now = r.now.Add(time.Hour)
	r.post.Refuse("anna@x.example", 452, false)
	r.look()
	if n := r.look(); n != 0 || r.states(r.anna) != "waiting" {
		t.Fatalf("busy: %d mails, %s", n, r.states(r.anna))
	}
	port := r.post.Port
	r.post.Port = 1 // nobody is there
	r.now = r.now.Add(time.Minute)
	r.look()
	list, err := r.store.Notices(t.Context(), comity.ViewerOf(r.anna), 1)
	r.must(err)
	if list[0].Attempts != 2 || !list[0].Next.Equal(r.now.Add(5*time.Minute)) || !strings.Contains(list[0].Problem, "mail server") {
		t.Errorf("after two attempts: got %+v", list[0])
	}
	r.post.Port = port
	r.post.Refuse("anna@x.example", 0, false)
	r.now = r.now.Add(5 * time.Minute)
	if n := r.look(); n != 1 || r.states(r.anna) != "sent" {
		t.Errorf("at last: %d mails, %s", n, r.states(r.anna))
	}

	r.action(r.alan, "More guidance", comity.AudienceGroup, comity.TLPGreen)
	r.post.Refuse("anna@x.example", 550, false)
	r.now = r.now.AddDate(0, 0, 7)
	r.look()
	r.now = r.now.AddDate(0, 0, 1)
	if n := r.look(); n != 1 || r.states(r.anna) != "refused sent" {
		t.Errorf("a bounce: %d mails, %s", n, r.states(r.anna))
	}

	r.action(r.alan, "Even more guidance", comity.AudienceGroup, comity.TLPGreen)
	r.post.Refuse("anna@x.example", 451, false)
	r.now = r.now.AddDate(0, 0, 7)
	for range 50 {
		r.look()
		r.now = r.now.Add(time.Hour)
	}
	if n := r.look(); n != 1 || r.states(r.anna) != "given-up refused sent" {
		t.Errorf("busy for two days: %d mails, %s", n, r.states(r.anna))
	}
}

// TestRightsAreThoseOfTheMoment takes rights away between the claim and the sending.
func TestRightsAreThoseOfTheMoment(t *testing.T) {
	for name, take := range map[string]func(r *round){
		"deactivated": func(r *round) { r.must(r.store.DeactivatePerson(t.Context(), courierSystem, r.anna.ID, r.now)) },
		"no role": func(r *round) {
			r.must(r.store.ChangePerson(t.Context(), courierSystem, r.anna.ID, "anna", 0))
		},
		"out of the group": func(r *round) { r.must(r.store.DeactivateOrganization(t.Context(), courierSystem, r.a.ID, r.now)) },
	} {
		r := newRound(t)
		r.action(r.alan, "Open guidance", comity.AudienceGroup, comity.TLPGreen)
		r.now = r.now.Add(time.Hour)
		r.must(r.courier(r.store).Collect(t.Context()))
		take(r)
		if n := r.look(); n != 0 || r.states(r.anna) != "dropped" {
			t.Errorf("%s: %d mails, %s", name, n, r.states(r.anna))
		}
	}
}

// TestManyCouriers runs eight processes at once: each digest is sent by one of them.
func TestManyCouriers(t *testing.T) {
	r := newRound(t)
	r.action(r.alan, "Of A", comity.AudienceGroup, comity.TLPGreen)
	carl := r.person("carl", r.b)
	r.look()
	r.action(carl, "Of B", comity.AudienceGroup, comity.TLPGreen)
	r.now = r.now.Add(time.Hour)
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() { r.courier(r.store).look(t.Context()) })
	}
	running.Wait()
	if n := r.look(); n != 2 {
		t.Errorf("%d mails, want one to anna and one to bert", n)
	}
}

func TestTestMail(t *testing.T) {
	r := newRound(t)
	r.must(r.store.AskTestMail(t.Context(), comity.ViewerOf(r.bert), r.now))
	if n := r.look(); n != 1 || r.states(r.bert) != "sent" {
		t.Fatalf("%d mails, %s", n, r.states(r.bert))
	}
	if l := r.letter(r.post.Mails()[0]); l.to != "<bert@x.example>" || !strings.Contains(l.text, "reaches you") {
		t.Errorf("got %+v", l)
	}
}

// TestCourierRuns runs a courier as a server does: it sends when something changed, and stops when it is told to.
func TestCourierRuns(t *testing.T) {
	r := newRound(t)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	r.must(r.store.AskTestMail(t.Context(), comity.ViewerOf(r.bert), r.now))
	running.Go(func() { r.courier(r.store).Run(ctx, r.store.Watch(ctx)) })
	for end := time.Now().Add(10 * time.Second); len(r.post.Mails()) == 0 && time.Now().Before(end); {
		<-time.After(10 * time.Millisecond)
	}
	cancel()
	running.Wait()
	if n := len(r.post.Mails()); n != 1 {
		t.Errorf("%d mails", n)
	}
}

var _ Line = (*smtp.Line)(nil)

// panicky is a line that dies.
type panicky struct{}

func (panicky) Send(notify.Mail) error { panic(death{}) }
func (panicky) Close() error           { return nil }

// TestPanicIsALine keeps a mistake in one round from ending the server.
func TestPanicIsALine(t *testing.T) {
	r := newRound(t)
	r.must(r.store.AskTestMail(t.Context(), comity.ViewerOf(r.bert), r.now))
	c := r.courier(r.store)
	c.o.Open = func(context.Context) (Line, error) { return panicky{}, nil }
	c.look(t.Context())
	if got := r.states(r.bert); got != "sending" {
		t.Errorf("got %s", got)
	}
}
