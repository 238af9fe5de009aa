package storagetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"comity"

	"pgregory.net/rapid"
)

// subscriber returns what is stored of one person to be told.
func (s *stage) subscriber(t *testing.T, v comity.Viewer) comity.Subscriber {
	t.Helper()
	list, err := s.Subscribers(s.ctx, system, "", 1000)
	must(t, err)
	for _, sub := range list {
		if sub.Person.ID == v.Person() {
			return sub
		}
	}
	t.Fatalf("%s can not be told anything", v.Person())
	return comity.Subscriber{}
}

// testNotifications follows what people choose, and that the choices are theirs alone.
func testNotifications(t *testing.T, s *stage) {
	anna, bert := s.as(t, s.a, comity.RoleFocalPoint), s.as(t, s.b, comity.RoleFocalPoint)
	n, err := s.Notifications(s.ctx, anna)
	must(t, err)
	if n.Choice(comity.TopicReleases) != comity.FrequencyWeekly || n.Choice(comity.TopicOverdue) != comity.FrequencyDaily {
		t.Errorf("who chose nothing: got %+v", n)
	}
	for what, wrong := range map[string]map[comity.Topic]comity.Frequency{
		"topic":     {"gossip": comity.FrequencyDaily},
		"frequency": {comity.TopicReleases: "hourly"},
		"none":      {comity.TopicReleases: ""},
	} {
		wantKind(t, what, s.PutNotifications(s.ctx, anna, wrong), comity.Invalid)
	}
	wantKind(t, "a token for reading", s.PutNotifications(s.ctx, anna.ReadingOnly(), nil), comity.Forbidden)
	must(t, s.PutNotifications(s.ctx, anna, map[comity.Topic]comity.Frequency{comity.TopicReleases: comity.FrequencyOff, comity.TopicActions: comity.FrequencyAtOnce}))

	sub := s.subscriber(t, anna)
	sub.Told = map[comity.Topic]comity.Place{comity.TopicReleases: {Log: 7}, comity.TopicActions: {Log: 8}}
	must(t, s.Claim(s.ctx, system, sub, comity.Notice{Created: now}))
	must(t, s.PutNotifications(s.ctx, anna, map[comity.Topic]comity.Frequency{comity.TopicReleases: comity.FrequencyDaily}))
	sub = s.subscriber(t, anna)
	if _, kept := sub.Told[comity.TopicReleases]; kept || sub.Told[comity.TopicActions].Log != 8 {
		t.Errorf("a topic that was off begins where it is switched on, others go on: got %+v", sub.Told)
	}
	if n := sub.Notifications; n.Choice(comity.TopicReleases) != comity.FrequencyDaily || n.Choice(comity.TopicActions) != comity.FrequencyAtOnce {
		t.Errorf("choices: got %+v", n)
	}
	if n, err := s.Notifications(s.ctx, bert); err != nil || len(n.Choices) != 0 {
		t.Errorf("somebody else's choices: got %+v, %v", n, err)
	}
	must(t, s.DeactivatePerson(s.ctx, system, bert.Person(), now))
	list, err := s.Subscribers(s.ctx, system, "", 1000)
	must(t, err)
	if len(list) != 1 {
		t.Errorf("who can't sign in is told nothing: got %d people, want 1", len(list))
	}
}

// testNotices follows a mail from its claim to its end, and what two who claim or send at once see.
func testNotices(t *testing.T, s *stage) {
	anna, bert := s.as(t, s.a, comity.RoleFocalPoint), s.as(t, s.b, comity.RoleFocalPoint)
	sub := s.subscriber(t, anna)
	sub.Told = map[comity.Topic]comity.Place{comity.TopicReleases: {Log: 9}}
	windows := map[comity.Topic]comity.Window{comity.TopicReleases: {Until: comity.Place{Log: 9}}}
	must(t, s.Claim(s.ctx, system, sub, comity.Notice{Created: now, Windows: windows}))
	wantKind(t, "the same claim again", s.Claim(s.ctx, system, sub, comity.Notice{Created: now, Windows: windows}), comity.Conflict)

	due, err := s.DueNotices(s.ctx, system, now, 10)
	must(t, err)
	if len(due) != 1 || due[0].Person != anna.Person() || due[0].Windows[comity.TopicReleases].Until.Log != 9 {
		t.Fatalf("due: got %+v", due)
	}
	n, hash := due[0], sha256Hex("link")
	must(t, s.BeginNotice(s.ctx, system, n.Seq, []byte(hash), now))
	wantKind(t, "begin twice", s.BeginNotice(s.ctx, system, n.Seq, []byte("other"), now), comity.Conflict)
	n.State, n.Next, n.Problem, n.Attempts = comity.NoticeWaiting, now.Add(time.Minute), "busy", 1
	must(t, s.EndNotice(s.ctx, system, n))
	if due, err := s.DueNotices(s.ctx, system, now, 10); err != nil || len(due) != 0 {
		t.Errorf("due before its time: got %v, %v", due, err)
	}
	must(t, s.BeginNotice(s.ctx, system, n.Seq, []byte(hash), now.Add(time.Minute)))
	must(t, s.AbandonNotices(s.ctx, system, now.Add(time.Minute), now.Add(time.Hour)))
	must(t, s.AbandonNotices(s.ctx, system, now.Add(2*time.Minute), now.Add(time.Hour)))
	n.State = comity.NoticeSent
	wantKind(t, "end what was abandoned", s.EndNotice(s.ctx, system, n), comity.Conflict)
	list, err := s.Notices(s.ctx, anna, 10)
	must(t, err)
	if len(list) != 1 || list[0].State != comity.NoticeUnknown || list[0].Attempts != 2 || !list[0].Ended.Equal(now.Add(time.Hour)) {
		t.Errorf("what became of it: got %+v", list)
	}
	if list, err := s.Notices(s.ctx, bert, 10); err != nil || len(list) != 0 {
		t.Errorf("somebody else's mails: got %+v, %v", list, err)
	}
	s.testMailLinks(t, anna, []byte(hash))

	must(t, s.AskTestMail(s.ctx, anna, now))
	wantKind(t, "a second test", s.AskTestMail(s.ctx, anna, now), comity.Conflict)
	must(t, s.AskTestMail(s.ctx, bert, now))
	counts, err := s.NoticesSince(s.ctx, system, now.Add(-time.Hour))
	must(t, err)
	same(t, "counts", counts, map[comity.NoticeState]int{comity.NoticeUnknown: 1, comity.NoticeWaiting: 2})
}

// testMailLinks unsubscribes with the link of a mail, takes it back, and makes the link void.
func (s *stage) testMailLinks(t *testing.T, v comity.Viewer, hash []byte) {
	t.Helper()
	for _, wrong := range [][]byte{nil, {}, []byte("guess")} {
		wantKind(t, "a link that is none", s.StopMail(s.ctx, system, wrong, now), comity.NotFound)
	}
	must(t, s.StopMail(s.ctx, system, hash, now))
	must(t, s.StopMail(s.ctx, system, hash, now.Add(time.Hour)))
	if n, err := s.Notifications(s.ctx, v); err != nil || !n.Stopped.Equal(now) {
		t.Errorf("unsubscribed: got %+v, %v", n, err)
	}
	must(t, s.ResumeMail(s.ctx, v))
	if sub := s.subscriber(t, v); !sub.Notifications.Stopped.IsZero() || len(sub.Told) != 0 {
		t.Errorf("who wants mail again is told from then on: got %+v", sub)
	}
	must(t, s.RevokeMailLinks(s.ctx, v))
	wantKind(t, "a void link", s.StopMail(s.ctx, system, hash, now), comity.NotFound)
}

// testNotificationSeparation holds what sends to the system, and what is chosen to people.
func testNotificationSeparation(t *testing.T, s *stage) {
	anna := s.as(t, s.a, comity.RoleSecretariat)
	for _, v := range []comity.Viewer{anna, {}} {
		for what, err := range map[string]error{
			"subscribers": second(s.Subscribers(s.ctx, v, "", 10)),
			"place":       second(s.NewsPlace(s.ctx, v, now)),
			"claim":       s.Claim(s.ctx, v, comity.Subscriber{}, comity.Notice{}),
			"due":         second(s.DueNotices(s.ctx, v, now, 10)),
			"begin":       s.BeginNotice(s.ctx, v, 1, nil, now),
			"end":         s.EndNotice(s.ctx, v, comity.Notice{}),
			"abandon":     s.AbandonNotices(s.ctx, v, now, now),
			"counts":      second(s.NoticesSince(s.ctx, v, now)),
			"link":        second(s.PersonByMailLink(s.ctx, v, []byte("x"))),
			"stop":        s.StopMail(s.ctx, v, []byte("x"), now),
		} {
			wantKind(t, what, err, comity.NotFound)
		}
	}
	for _, v := range []comity.Viewer{system, {}} {
		for what, err := range map[string]error{
			"notifications": second(s.Notifications(s.ctx, v)),
			"put":           s.PutNotifications(s.ctx, v, nil),
			"resume":        s.ResumeMail(s.ctx, v),
			"revoke":        s.RevokeMailLinks(s.ctx, v),
			"notices":       second(s.Notices(s.ctx, v, 10)),
			"test mail":     s.AskTestMail(s.ctx, v, now),
		} {
			wantKind(t, what, err, comity.NotFound)
		}
	}
}

// newsWorld is a store in which something of every topic happened, and what of it a viewer may be told.
type newsWorld struct {
	world
	sessions  []comity.GroupSession
	documents []comity.Document
	published map[comity.DocumentID]comity.DocumentRevision
	reports   []comity.GroupReport
	decisions []comity.Decision
	asked     []comity.Procedure // open ones and one that was withdrawn
}

func (s *stage) newsWorld(t *testing.T) newsWorld {
	t.Helper()
	w := newsWorld{world: s.world(t), published: map[comity.DocumentID]comity.DocumentRevision{}}
	terms := s.document(t, comity.DocumentTerms, "Terms of Reference", comity.TLPGreen)
	w.documents = append(w.documents, terms)
	w.published[terms.ID] = s.published(t, comity.DocumentRevision{Document: terms.ID, TLP: comity.TLPGreen, Text: "terms", Rules: &rules}, day(-300))
	for _, label := range labels[1:5] {
		for _, kind := range []comity.SessionKind{comity.SessionRegular, comity.SessionExecutive} {
			one := s.held(t, session(kind, fmt.Sprint(kind, label), label), nil, comity.SessionPublished)
			w.sessions = append(w.sessions, one)
			d, err := s.AdoptDecision(s.ctx, system, comity.Decision{
				ID: comity.MakeDecisionID(entropy(one.Title)), Text: one.Title, TLP: label, MembersOnly: one.MembersOnly(), Adopted: now, Status: comity.DecisionInForce,
			})
			must(t, err)
			w.decisions = append(w.decisions, d)
		}
		d := s.document(t, comity.DocumentPaper, "Paper "+label.String(), label)
		w.documents, w.published[d.ID] = append(w.documents, d), s.published(t, comity.DocumentRevision{Document: d.ID, TLP: label, Text: "text"}, day(0))
		w.asked = append(w.asked, s.asked(t, "Open "+label.String(), label))
		r, err := s.PutReport(s.ctx, system, groupReport(label.String(), label), now)
		must(t, err)
		r, err = s.FreezeReport(s.ctx, system, r, reportDocuments(), now)
		must(t, err)
		w.reports = append(w.reports, r)
	}
	withdrawn := s.asked(t, "Withdrawn", comity.TLPAmber)
	withdrawn, err := s.WithdrawProcedure(s.ctx, system, withdrawn.ID, withdrawn.Version, "Not needed", now)
	must(t, err)
	w.asked = append(w.asked, withdrawn)
	for _, o := range w.organizations {
		must(t, s.PutExposure(s.ctx, system, exposure(o.ID, 1, now, .2), []comity.ExposureChange{{Org: o.ID, At: now}, {Org: o.ID, At: now}}))
	}
	must(t, s.PutRelease(s.ctx, system, comity.Release{ID: comity.MakeReleaseID(entropy("1")), Number: 1, Period: "2026-Q3", AsOf: now}))
	s.run(t, comity.SourceKEV, comity.Run{Outcome: comity.RunFailed}, nil)
	s.run(t, comity.SourceEPSS, comity.Run{Outcome: comity.RunDone}, nil)
	return w
}

// asked opens a written procedure.
func (s *stage) asked(t *testing.T, name string, label comity.TLP) comity.Procedure {
	t.Helper()
	p := procedure(name, comity.ProcedureSilence, 20)
	p.TLP = label
	p, err := s.OpenProcedure(s.ctx, system, p, now)
	must(t, err)
	return p
}

// testNewsVisibility holds the news of every topic to what the methods of comity.Viewer say, for any viewer: nobody is
// told of what they may not see, and of all that they may.
func testNewsVisibility(t *testing.T, s *stage) {
	w := s.newsWorld(t)
	until, err := s.NewsPlace(s.ctx, system, time.Now().Add(time.Hour))
	must(t, err)
	until.Found = now
	all := comity.Window{Until: until}
	rapid.Check(t, func(t *rapid.T) {
		v := anyViewer(w.organizations).Draw(t, "viewer")
		if _, ok := v.IsSystem(); ok {
			t.Skip("the system is told nothing")
		}
		for _, topic := range comity.Topics {
			page, err := s.News(s.ctx, v, topic, all)
			if err != nil {
				t.Fatal(err)
			}
			w.hold(t, v, topic, page)
			if page, err := s.News(s.ctx, v, topic, comity.Window{From: until, Until: until}); err != nil || page.Total != 0 {
				t.Fatalf("%s, nothing happened: got %+v, %v", topic, page, err)
			}
		}
		for _, space := range comity.FeedSpaces {
			entries, err := s.FeedEntries(s.ctx, v, space)
			hold(t, v, "feed of "+string(space), err == nil, v.SeesSpace(space))
			if err == nil {
				w.holdFeed(t, v, space, entries)
			}
		}
	})
}

// holdFeed compares a feed with what a viewer may see of a space.
func (w newsWorld) holdFeed(t *rapid.T, v comity.Viewer, space comity.FeedSpace, entries []comity.News) {
	want := map[string]bool{}
	switch space {
	case comity.SpaceOrganization:
		want[""] = true // what is counted
		for _, a := range w.actions {
			want[string(a.ID)] = a.Owner == v.Org() && v.SeesAction(a)
		}
	case comity.SpaceWorkPlan:
		for _, a := range w.actions {
			want[string(a.ID)] = a.Audience == comity.AudienceGroup && v.SeesAction(a)
		}
	case comity.SpaceGroup:
		want = w.groupNews(v)
		want["1"] = true
	}
	listed := map[string]bool{}
	for i, n := range entries {
		listed[n.Subject] = true
		hold(t, v, "entry of "+n.Subject, want[n.Subject], true)
		hold(t, v, "order of "+n.Subject, i > 0 && n.At.After(entries[i-1].At) || n.At.IsZero() || n.Count < 1, false)
	}
	hold(t, v, "bound of the feed", len(entries) <= comity.MaxFeedEntries, true)
	for subject, sees := range want {
		hold(t, v, "a missing entry of "+subject, sees && !listed[subject], false)
	}
}

// groupNews returns what came out of the group and whether a viewer may see it.
func (w newsWorld) groupNews(v comity.Viewer) map[string]bool {
	want := map[string]bool{}
	for _, one := range w.sessions {
		want[string(one.ID)] = v.SeesGroupSession(one)
	}
	for _, d := range w.decisions {
		want[string(d.ID)] = v.SeesDecision(d)
	}
	for _, d := range w.documents {
		want[string(d.ID)] = v.SeesDocument(d) && v.SeesRevision(w.published[d.ID])
	}
	for _, p := range w.asked {
		want[string(p.ID)] = v.SeesProcedure(p)
	}
	for _, r := range w.reports {
		want[string(r.ID)] = v.SeesReport(r)
	}
	return want
}

// testFeedKeys follows the key of somebody's feeds.
func testFeedKeys(t *testing.T, s *stage) {
	anna, bert := s.as(t, s.a, comity.RoleFocalPoint), s.as(t, s.b, comity.RoleFocalPoint)
	wantKind(t, "before", second(s.FeedKey(s.ctx, anna)), comity.NotFound)
	must(t, s.PutFeedKey(s.ctx, anna, []byte("first"), now))
	must(t, s.PutFeedKey(s.ctx, anna, []byte("second"), now))
	must(t, s.PutFeedKey(s.ctx, bert, []byte("of bert"), now))
	wantKind(t, "an earlier key", second(s.PersonByFeedKey(s.ctx, system, []byte("first"), now)), comity.NotFound)
	p, err := s.PersonByFeedKey(s.ctx, system, []byte("second"), now.Add(2*time.Hour))
	must(t, err)
	k, err := s.FeedKey(s.ctx, anna)
	must(t, err)
	if p.ID != anna.Person() || !k.Seen.Equal(now.Add(2*time.Hour)) {
		t.Errorf("got %s, %+v", p.ID, k)
	}
	must(t, s.DeleteFeedKey(s.ctx, anna))
	must(t, s.DeleteFeedKey(s.ctx, anna))
	wantKind(t, "a void key", second(s.PersonByFeedKey(s.ctx, system, []byte("second"), now)), comity.NotFound)
	must(t, s.DeactivatePerson(s.ctx, system, bert.Person(), now))
	wantKind(t, "the key of somebody who left", second(s.PersonByFeedKey(s.ctx, system, []byte("of bert"), now)), comity.NotFound)
	for _, v := range []comity.Viewer{{}, system} {
		wantKind(t, "put", s.PutFeedKey(s.ctx, v, []byte("x"), now), comity.NotFound)
		wantKind(t, "delete", s.DeleteFeedKey(s.ctx, v), comity.NotFound)
		wantKind(t, "key", second(s.FeedKey(s.ctx, v)), comity.NotFound)
	}
	wantKind(t, "a person looks up keys", second(s.PersonByFeedKey(s.ctx, anna, []byte("x"), now)), comity.NotFound)
	wantKind(t, "to read only", s.PutFeedKey(s.ctx, anna.ReadingOnly(), []byte("x"), now), comity.Forbidden)
}

// hold compares a page of news with what a viewer may be told of a topic.
func (w newsWorld) hold(t *rapid.T, v comity.Viewer, topic comity.Topic, page comity.NewsPage) {
	want := map[string]bool{}
	counts := 0
	switch {
	case !v.SeesTopic(topic):
	case topic == comity.TopicExposure:
		counts = 2
	case topic == comity.TopicMatches:
		counts = 1
	case topic == comity.TopicActions:
		for _, a := range w.actions {
			want[string(a.ID)] = a.Owner == v.Org() && v.SeesAction(a)
		}
	case topic == comity.TopicSessions:
		want = w.groupNews(v)
	case topic == comity.TopicReleases:
		want["1"] = true
	case topic == comity.TopicIntake:
		want[string(comity.SourceKEV)] = true
	}
	for _, sees := range want {
		if sees {
			counts++
		}
	}
	hold(t, v, fmt.Sprintf("%d news of %s, want %d", page.Total, topic, counts), page.Total == counts, true)
	for _, n := range page.News {
		hold(t, v, "news of "+n.Subject, n.Subject == "" || want[n.Subject], true)
		if n.TLP == comity.TLPUnmarked && topic != comity.TopicActions {
			t.Fatalf("news without a label: %+v", n)
		}
	}
}

// testNews follows what is news and what is not: own doing, what was told, what is not due yet.
func testNews(t *testing.T, s *stage) {
	anna, alan := s.as(t, s.a, comity.RoleFocalPoint), s.as(t, s.a, comity.RoleAnalyst)
	place := func() comity.Place {
		t.Helper()
		p, err := s.NewsPlace(s.ctx, system, now)
		must(t, err)
		return p
	}
	news := func(v comity.Viewer, topic comity.Topic, w comity.Window) comity.NewsPage {
		t.Helper()
		p, err := s.News(s.ctx, v, topic, w)
		must(t, err)
		return p
	}
	before := place()
	due := s.action(t, alan, s.a, comity.AudienceOwner, comity.TLPClear, "private")
	due.Due = day(-1)
	_, err := s.PutAction(s.ctx, alan, due, "", now)
	must(t, err)
	after := place()
	w := comity.Window{From: before, Until: after}
	if p := news(anna, comity.TopicActions, w); p.Total != 1 || p.News[0].TLP != comity.TLPAmberStrict {
		t.Errorf("changed twice by a colleague, in one organisation only: got %+v", p)
	}
	if p := news(alan, comity.TopicActions, w); p.Total != 0 {
		t.Errorf("what somebody did themselves: got %+v", p)
	}
	if p := news(anna, comity.TopicActions, comity.Window{From: after, Until: place()}); p.Total != 0 {
		t.Errorf("what was told: got %+v", p)
	}
	for _, test := range []struct {
		from, until int
		want        int
	}{{-1, 0, 1}, {-5, 0, 1}, {0, 1, 0}, {-5, -1, 0}} {
		p := news(anna, comity.TopicOverdue, comity.Window{From: comity.Place{Day: day(test.from)}, Until: comity.Place{Day: day(test.until)}})
		if p.Total != test.want {
			t.Errorf("overdue from day %d to %d: got %d, want %d", test.from, test.until, p.Total, test.want)
		}
	}
	if p := news(s.as(t, s.b, comity.RoleFocalPoint), comity.TopicActions, w); p.Total != 0 {
		t.Errorf("to another organisation: got %+v", p)
	}
	if _, err := s.NewsPlace(s.ctx, comity.Viewer{}, now); comity.KindOf(err) != comity.NotFound || errors.Is(err, nil) {
		t.Errorf("place for nobody: got %v", err)
	}
}
