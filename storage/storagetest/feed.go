package storagetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"comity"
	"comity/storage"
)

// partner is a feed of the group's own, with an address that holds a key.
func partner(name string, label comity.TLP) comity.Feed {
	return comity.Feed{
		Source: comity.SourceID("stix-" + name), Format: comity.FormatSTIX, Name: "Partner " + name, Every: 12, TLP: label, Enabled: true,
		Address: "https://feeds.example/" + name + "?key=secret",
	}
}

func (s *stage) feed(t *testing.T, v comity.Viewer, id comity.SourceID) comity.Feed {
	t.Helper()
	f, err := s.Feed(s.ctx, v, id)
	must(t, err)
	return f
}

func testFeeds(t *testing.T, s *stage) {
	v := s.as(t, s.b, comity.RoleSecretariat)
	feeds, err := s.Feeds(s.ctx, v)
	must(t, err)
	same(t, "offered", feeds, comity.WellKnown)
	kev, err := s.PutFeed(s.ctx, v, feeds[0], now)
	must(t, err)
	if kev.Enabled || !kev.Next.IsZero() || kev.Revision != 1 || kev.By != v.Person() {
		t.Errorf("stored as offered: got %+v, want it off, revision 1", kev)
	}
	kev.Enabled = true
	kev, err = s.PutFeed(s.ctx, v, kev, now)
	must(t, err)
	if !kev.Due(now) {
		t.Errorf("switched on: next run %v, want now", kev.Next)
	}
	same(t, "read back", s.feed(t, v, kev.Source), kev)
	old := kev
	old.Revision--
	_, err = s.PutFeed(s.ctx, v, old, now)
	wantKind(t, "changed on an older revision", err, comity.Conflict)
	wantKind(t, "removed on an older revision", s.DeleteFeed(s.ctx, v, kev.Source, 1), comity.Conflict)

	kev.ETag, kev.Hash, kev.Failures, kev.Next = `"one"`, "hash", 0, now.Add(6*time.Hour)
	s.run(t, kev.Source, comity.Run{Outcome: comity.RunDone}, &kev)
	got := s.feed(t, v, kev.Source)
	same(t, "after a run", got, kev)
	got.Every = 12
	got, err = s.PutFeed(s.ctx, v, got, now)
	must(t, err)
	if want := now.Add(12 * time.Hour); !got.Next.Equal(want) || got.ETag == "" {
		t.Errorf("another interval: next %v, ETag %q; want %v, kept", got.Next, got.ETag, want)
	}
	stale := kev // as a run knew it that began before the change
	stale.Next, stale.Failures = now.Add(time.Minute), 3
	s.run(t, kev.Source, comity.Run{Outcome: comity.RunFailed}, &stale)
	same(t, "a run that began before the change", s.feed(t, v, kev.Source), got)
	got.Address = "https://mirror.example/kev.json"
	got, err = s.PutFeed(s.ctx, v, got, now)
	must(t, err)
	if got.ETag != "" || got.Hash != "" || !got.Due(now) {
		t.Errorf("another address: got %+v, want it forgotten and due", got.FeedState)
	}
	got.Enabled = false
	got, err = s.PutFeed(s.ctx, v, got, now)
	must(t, err)
	if !got.Next.IsZero() {
		t.Errorf("switched off: next run %v", got.Next)
	}
	must(t, s.AskRun(s.ctx, v, kev.Source, now))
	must(t, s.AskRun(s.ctx, v, kev.Source, now.Add(time.Minute)))
	if got = s.feed(t, v, kev.Source); !got.Next.Equal(now) || got.Asked != v.Person() {
		t.Errorf("asked for: got %+v", got.FeedState)
	}
	must(t, s.DeleteFeed(s.ctx, v, kev.Source, got.Revision))
	same(t, "removed", s.feed(t, v, kev.Source), comity.WellKnown[0])
	wantKind(t, "ask for a run of what is only offered", s.AskRun(s.ctx, v, kev.Source, now), comity.NotFound)

	wrong := partner("x", comity.TLPUnmarked)
	_, err = s.PutFeed(s.ctx, v, wrong, now)
	wantKind(t, "without a label", err, comity.Invalid)
	files := partner("files", comity.TLPGreen)
	files.Address, files.Enabled = "", false
	_, err = s.PutFeed(s.ctx, v, files, now)
	must(t, err)
	wantKind(t, "ask for a run without an address", s.AskRun(s.ctx, v, files.Source, now), comity.Invalid)
}

// run records a run of a source from its begin to its end.
func (s *stage) run(t *testing.T, id comity.SourceID, r comity.Run, f *comity.Feed) comity.Run {
	t.Helper()
	v := comity.System("test: run")
	number, err := s.BeginRun(s.ctx, v, comity.Running{Source: id, Since: now, Until: now.Add(time.Minute), Cause: comity.CauseSchedule})
	must(t, err)
	r.Number, r.Source, r.Started, r.Ended, r.Cause = number, id, now, now.Add(time.Second), comity.CauseSchedule
	must(t, s.EndRun(s.ctx, v, r, f))
	return r
}

func testRuns(t *testing.T, s *stage) {
	v := s.as(t, s.b, comity.RoleSecretariat)
	begin := comity.Running{Source: comity.SourceKEV, Since: now, Until: now.Add(time.Minute), Cause: comity.CausePerson, Person: v.Person()}
	first, err := s.BeginRun(s.ctx, v, begin)
	must(t, err)
	_, err = s.BeginRun(s.ctx, v, begin)
	wantKind(t, "a second run of a source", err, comity.Conflict)
	other := begin
	other.Source = comity.SourceEPSS
	second, err := s.BeginRun(s.ctx, v, other)
	must(t, err)
	must(t, s.ExtendRun(s.ctx, v, first, 4096, now.Add(2*time.Minute)))
	states, err := s.SourceStates(s.ctx, v)
	must(t, err)
	want := begin
	want.Number, want.Bytes, want.Until = first, 4096, now.Add(2*time.Minute)
	same(t, "under way", states[0].Running, &want)

	begin.Since, begin.Until = now.Add(2*time.Minute), now.Add(3*time.Minute)
	third, err := s.BeginRun(s.ctx, v, begin)
	must(t, err)
	if first >= second || second >= third {
		t.Errorf("numbers %d, %d, %d: want them to ascend", first, second, third)
	}
	wantKind(t, "extended by who lost it", s.ExtendRun(s.ctx, v, first, 1, now), comity.Conflict)
	wantKind(t, "ended by who lost it", s.EndRun(s.ctx, v, comity.Run{Number: first, Source: comity.SourceKEV}, nil), comity.Conflict)
	done := comity.Run{
		Number: third, Source: comity.SourceKEV, Started: begin.Since, Ended: begin.Until, Cause: comity.CausePerson, Person: v.Person(),
		Outcome: comity.RunDone, Delta: comity.Delta{Added: 3, Total: 3}, Bytes: 9, Version: "1", Hash: "h",
	}
	must(t, s.EndRun(s.ctx, v, done, nil))
	runs, err := s.Runs(s.ctx, v, comity.SourceKEV, 10)
	must(t, err)
	if len(runs) != 2 || runs[1].Number != first || runs[1].Outcome != comity.RunFailed || runs[1].Error == "" || runs[1].Bytes != 4096 {
		t.Fatalf("runs: got %+v, want the last and the one that broke off", runs)
	}
	same(t, "the last", runs[0], done)
	states, err = s.SourceStates(s.ctx, v)
	must(t, err)
	if got := states[0]; got.Running != nil || got.Last == nil || got.Last.Number != third || !got.Well.Equal(done.Ended) {
		t.Errorf("state after the run: got %+v", got)
	}
	testKeptRuns(t, s, v)
}

// testKeptRuns makes more runs than are kept.
func testKeptRuns(t *testing.T, s *stage, v comity.Viewer) {
	t.Helper()
	s.run(t, comity.SourceATTACK, comity.Run{Outcome: comity.RunDone}, nil)
	for range comity.KeptRuns + 3 {
		s.run(t, comity.SourceNVD, comity.Run{Outcome: comity.RunUnchanged}, nil)
	}
	runs, err := s.Runs(s.ctx, v, comity.SourceNVD, 1000)
	must(t, err)
	if len(runs) != comity.KeptRuns {
		t.Errorf("%d runs are kept, want %d", len(runs), comity.KeptRuns)
	}
	if runs, err = s.Runs(s.ctx, v, comity.SourceATTACK, 10); err != nil || len(runs) != 1 {
		t.Errorf("another source keeps %d runs, %v; want its one", len(runs), err)
	}
}

// testFeedVisibility holds feeds, their sources and their runs against comity.Viewer.SeesFeed for every role and label,
// and looks for what is for those who take in.
func testFeedVisibility(t *testing.T, s *stage) {
	for label := comity.TLPClear; label <= comity.TLPRed; label++ {
		f, err := s.PutFeed(s.ctx, system, partner(fmt.Sprint("label", int(label)), label), now)
		must(t, err)
		s.run(t, f.Source, comity.Run{Outcome: comity.RunFailed, Person: "per_x", Error: "fetch https://feeds.example/?key=secret"}, nil)
		_, err = s.PutThreats(s.ctx, system, comity.Source{ID: f.Source, Version: "1", Date: now, TakenIn: now}, nil, comity.PutThreatsOptions{})
		must(t, err)
	}
	gone, err := s.PutFeed(s.ctx, system, partner("gone", comity.TLPRed), now)
	must(t, err)
	s.run(t, gone.Source, comity.Run{Outcome: comity.RunDone}, nil)
	must(t, s.DeleteFeed(s.ctx, system, gone.Source, gone.Revision))
	for _, role := range []comity.Role{comity.RoleCoChair, comity.RoleFocalPoint, comity.RoleAlternate, comity.RoleAnalyst, comity.RoleSecretariat, comity.RoleObserver, comity.RoleParentReader, comity.RoleAuditor} {
		v := s.as(t, s.a, role)
		states, err := s.SourceStates(s.ctx, v)
		must(t, err)
		seen := map[comity.SourceID]comity.SourceState{}
		for _, state := range states {
			seen[state.Feed.Source] = state
		}
		for label := comity.TLPClear; label <= comity.TLPRed; label++ {
			f := partner(fmt.Sprint("label", int(label)), label)
			sees := v.SeesFeed(f)
			state, ok := seen[f.Source]
			if ok != sees {
				t.Errorf("%s, %s: listed %v, want %v", role, label, ok, sees)
			}
			if sees && (state.Source == nil || state.Last == nil || (state.Feed.Address != "") != v.TakesIn() || (state.Last.Error+string(state.Last.Person) != "") != v.TakesIn()) {
				t.Errorf("%s, %s: got %+v", role, label, state)
			}
			for what, err := range map[string]error{"feed": second(s.Feed(s.ctx, v, f.Source)), "source": second(s.Source(s.ctx, v, f.Source))} {
				if (err == nil) != sees || err != nil && comity.KindOf(err) != comity.NotFound {
					t.Errorf("%s, %s: %s: %v, want seen %v", role, label, what, err, sees)
				}
			}
			runs, err := s.Runs(s.ctx, v, f.Source, 10)
			if err != nil || (len(runs) == 1) != sees || sees && (runs[0].Error != "") != v.TakesIn() {
				t.Errorf("%s, %s: runs %+v, %v", role, label, runs, err)
			}
		}
		if _, ok := seen[gone.Source]; ok != v.TakesIn() {
			t.Errorf("%s: a source whose feed is gone: listed %v", role, ok)
		}
		if v.TakesIn() {
			continue
		}
		for what, err := range map[string]error{
			"put feed":    second(s.PutFeed(s.ctx, v, partner("new", comity.TLPClear), now)),
			"delete feed": s.DeleteFeed(s.ctx, v, "stix-label1", 1),
			"ask run":     s.AskRun(s.ctx, v, "stix-label1", now),
			"begin run":   second(s.BeginRun(s.ctx, v, comity.Running{Source: comity.SourceKEV, Since: now, Until: now})),
			"extend run":  s.ExtendRun(s.ctx, v, 1, 0, now),
			"end run":     s.EndRun(s.ctx, v, comity.Run{Number: 1}, nil),
		} {
			wantKind(t, role.String()+": "+what, err, comity.NotFound)
		}
	}
}

// onlyOne has several programs on one database begin a run of the same source at once: one gets the lease.
func onlyOne(t *testing.T, ctx context.Context, stores ...*storage.Store) {
	t.Helper()
	for round := range 5 {
		at := now.Add(time.Duration(round) * time.Hour)
		var all sync.WaitGroup
		var mu sync.Mutex
		began := 0
		for range 4 {
			for _, store := range stores {
				all.Go(func() {
					_, err := store.BeginRun(ctx, system, comity.Running{Source: comity.SourceKEV, Since: at, Until: at.Add(time.Minute)})
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil:
						began++
					case comity.KindOf(err) != comity.Conflict:
						t.Errorf("begin run: %v", err)
					}
				})
			}
		}
		all.Wait()
		if began != 1 {
			t.Errorf("%d runs of one source began at once, want 1", began)
		}
	}
}
