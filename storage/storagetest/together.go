package storagetest

import (
	"context"
	"testing"
	"time"

	"comity"
	"comity/storage"
)

// Together checks two programs on one database, as a command beside a running server: each is told of the other's
// commits within a second, and of two changes made on one revision the second is refused. open opens one more.
func Together(t *testing.T, open func(context.Context) (*storage.Store, error)) {
	t.Helper()
	server, err := open(t.Context())
	must(t, err)
	defer server.Close()
	command, err := open(t.Context())
	must(t, err)
	defer command.Close()

	s := prepare(t, server)
	changed := server.Watch(t.Context())
	settle(changed)
	start := time.Now()
	first, err := command.PutProfile(s.ctx, system, s.profile(s.a.ID), now)
	must(t, err)
	select {
	case <-changed:
		if took := time.Since(start); took > time.Second {
			t.Errorf("the other's commit was noticed after %v, want at most a second", took)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the other's commit was not noticed")
	}
	first.Tolerance++
	_, err = server.PutProfile(s.ctx, system, first, now)
	must(t, err)
	first.Tolerance++
	_, err = command.PutProfile(s.ctx, system, first, now)
	wantKind(t, "made on a revision that the other changed", err, comity.Conflict)
	numbersAscend(t, s, server, command)
	onlyOne(t, s.ctx, server, command)
}

// settle waits until a watch that just began has nothing left to tell.
func settle(changed <-chan struct{}) {
	for {
		select {
		case <-changed:
		case <-time.After(time.Second):
			return
		}
	}
}

// numbersAscend has both programs write at once while a reader follows by its cursor: it must meet every change, each
// number above the last.
func numbersAscend(t *testing.T, s *stage, stores ...*storage.Store) {
	t.Helper()
	const each = 20
	last := int64(0)
	if before, err := s.Changes(s.ctx, system, 0, 1000); err == nil && len(before) > 0 {
		last = before[len(before)-1].Seq
	}
	failed := make(chan error, len(stores))
	for i, store := range stores {
		go func() { // ends with its writes; the reader below waits for its answer
			var err error
			for n := 0; n < each && err == nil; n++ {
				err = store.PutEvidence(s.ctx, system, evidence(s.a.ID, string(rune('a'+i))+string(rune('a'+n))))
			}
			failed <- err
		}()
	}
	met, running := 0, len(stores)
	for running > 0 || met < each*len(stores) {
		select {
		case err := <-failed:
			must(t, err)
			running--
		default:
		}
		done := running == 0
		some, err := s.Changes(s.ctx, system, last, 1000)
		must(t, err)
		for _, c := range some {
			if c.Seq <= last {
				t.Fatalf("change %d after %d", c.Seq, last)
			}
			last = c.Seq
		}
		met += len(some)
		if done && len(some) == 0 && met < each*len(stores) {
			t.Fatalf("the reader met %d changes of %d", met, each*len(stores))
		}
	}
}
