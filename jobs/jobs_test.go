package jobs

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"comity"
	"comity/intake/fetch"
	"comity/pipeline"
)

// group is a store with one feed, and a pipeline that takes in what it is given.
type group struct {
	mu      sync.Mutex
	feed    comity.Feed
	source  *comity.Source
	running *comity.Running
	runs    []comity.Run
}

func (g *group) SourceStates(context.Context, comity.Viewer) ([]comity.SourceState, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return []comity.SourceState{{Feed: g.feed, Running: g.running}}, nil
}

func (g *group) Source(context.Context, comity.Viewer, comity.SourceID) (comity.Source, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.source == nil {
		return comity.Source{}, comity.Errorf(comity.NotFound, "not found")
	}
	return *g.source, nil
}

// TakeIn reads the document, whose bytes are its hash, and refuses one that says so.
func (g *group) TakeIn(ctx context.Context, v comity.Viewer, src comity.SourceID, o pipeline.IntakeOptions, open pipeline.Opening) (comity.Run, error) {
	run := comity.Run{Number: int64(len(g.runs) + 1), Source: src, Started: time.Now(), Cause: o.Cause, Person: o.Person, Outcome: comity.RunUnchanged}
	doc, err := open(ctx)
	if err == nil && doc.Body != nil {
		var data []byte
		if data, err = io.ReadAll(doc.Body); err == nil {
			run.Outcome, run.Hash = comity.RunDone, string(data)
		}
		if run.Hash == "wrong" {
			err = comity.Errorf(comity.Invalid, "line 1: wrong")
		}
	} else if g.source != nil {
		run.Hash = g.source.Hash
	}
	run.Ended = time.Now()
	if err != nil {
		run.Fail(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if run.Outcome == comity.RunDone {
		g.source = &comity.Source{ID: src, Hash: run.Hash}
	}
	g.feed = o.After(run)
	g.runs = append(g.runs, run)
	return run, err
}

// server answers with what stands in document; the same with a 304.
type server struct {
	document string
	err      error
	slow     time.Duration // how long it takes to answer
	asked    []fetch.Validators
}

func (s *server) get(ctx context.Context, _ string, have fetch.Validators) (fetch.Answer, error) {
	s.asked = append(s.asked, have)
	select {
	case <-ctx.Done():
		return fetch.Answer{}, ctx.Err()
	case <-time.After(s.slow):
	}
	tag := fetch.Validators{ETag: `"` + s.document + `"`}
	switch {
	case s.err != nil:
		return fetch.Answer{}, s.err
	case have == tag:
		return fetch.Answer{Validators: have}, nil
	default:
		return fetch.Answer{Body: io.NopCloser(strings.NewReader(s.document)), Validators: tag}, nil
	}
}

// within runs the scheduler over a feed that is due at once, for so long of the clock of synctest.
func within(t *testing.T, g *group, s *server, span time.Duration) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	scheduler := New(Options{
		Store: g, Pipeline: g, Fetch: s.get, Now: func() time.Time { return time.Now().UTC() }, Jitter: func() float64 { return 0 },
	})
	var done sync.WaitGroup
	done.Go(func() { scheduler.Run(ctx, nil) })
	time.Sleep(span)
	synctest.Wait()
	stop()
	asked := time.Now()
	done.Wait()
	if took := time.Since(asked); took > 10*time.Second {
		t.Errorf("it stopped after %v, want within 10 s", took)
	}
}

func daily() comity.Feed {
	return comity.Feed{
		Source: comity.SourceKEV, Format: comity.FormatKEV, Name: "KEV", Address: "https://kev.example/", Every: 24, TLP: comity.TLPClear,
		Enabled: true, Revision: 1, FeedState: comity.FeedState{Next: time.Now()},
	}
}

func outcomes(g *group) []comity.RunOutcome {
	var list []comity.RunOutcome
	for _, r := range g.runs {
		list = append(list, r.Outcome)
	}
	return list
}

func TestScheduleAndConditionalRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		g, s := &group{feed: daily()}, &server{document: "one"}
		within(t, g, s, 50*time.Hour)
		if len(g.runs) != 3 || g.runs[0].Outcome != comity.RunDone || g.runs[1].Outcome != comity.RunUnchanged {
			t.Fatalf("in 50 hours a daily feed ran as %v, want done, unchanged, unchanged", outcomes(g))
		}
		if got := g.runs[1].Started.Sub(began); got < 24*time.Hour || got > 24*time.Hour+2*time.Minute {
			t.Errorf("the second run began after %v, want a day", got)
		}
		if s.asked[0] != (fetch.Validators{}) || s.asked[1].ETag != `"one"` {
			t.Errorf("asked with %+v, want nothing, then what the first answer said", s.asked)
		}
		if g.runs[0].Cause != comity.CauseSchedule {
			t.Errorf("cause %q", g.runs[0].Cause)
		}
	})
}

// A file that somebody took in meanwhile is not what the validators belong to.
func TestAnotherDocumentMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, s := &group{feed: daily()}, &server{document: "one"}
		within(t, g, s, time.Hour)
		g.source.Hash = "a file"
		within(t, g, s, 24*time.Hour)
		if got := s.asked[len(s.asked)-1]; got != (fetch.Validators{}) {
			t.Errorf("asked with %+v, want without conditions", got)
		}
	})
}

func TestBackOffDoublesUpToADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := daily()
		f.Every = 1
		g, s := &group{feed: f}, &server{document: "wrong"}
		within(t, g, s, 8*24*time.Hour)
		minutes := []float64{5, 10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440}
		for i, want := range minutes {
			got := g.runs[i+1].Started.Sub(g.runs[i].Ended).Minutes()
			if got < want || got > want+1.1 {
				t.Errorf("wait %d: %.1f minutes, want %v", i+1, got, want)
			}
		}
		if g.runs[0].Outcome != comity.RunRefused || g.runs[0].Error != "line 1: wrong" || g.feed.Failures < len(minutes) {
			t.Errorf("recorded %+v with %d failures", g.runs[0], g.feed.Failures)
		}
		s.document = "right"
		within(t, g, s, 25*time.Hour)
		if g.feed.Failures != 0 {
			t.Errorf("%d failures after it went well", g.feed.Failures)
		}
	})
}

func TestUnreachableIsFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, s := &group{feed: daily()}, &server{err: comity.Errorf(comity.Unavailable, "it can't be reached")}
		within(t, g, s, time.Minute)
		if len(g.runs) != 1 || g.runs[0].Outcome != comity.RunFailed || g.runs[0].Kind != "unavailable" {
			t.Errorf("runs %+v", g.runs)
		}
	})
}

func TestOneRunOfAFeedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := daily()
		f.Every = 1
		g, s := &group{feed: f}, &server{document: "one", slow: 3 * time.Hour}
		within(t, g, s, 2*time.Hour+30*time.Minute)
		if len(s.asked) != 1 {
			t.Errorf("asked %d times while the first run lasted", len(s.asked))
		}
		if len(g.runs) != 1 || !g.feed.Due(time.Now()) || g.feed.Failures != 0 {
			t.Errorf("stopped in the middle: %d runs, feed %+v; want it as due as before", len(g.runs), g.feed.FeedState)
		}
	})
}

func TestAnotherProcessHasIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, s := &group{feed: daily()}, &server{document: "one"}
		g.running = &comity.Running{Source: comity.SourceKEV, Until: time.Now().Add(time.Hour)}
		within(t, g, s, 59*time.Minute)
		if len(s.asked) != 0 {
			t.Error("it was fetched although another process holds the lease")
		}
		within(t, g, s, 3*time.Minute)
		if len(g.runs) != 1 {
			t.Errorf("%d runs after the lease ran out, want 1", len(g.runs))
		}
	})
}

func TestAskedForByAPerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := daily()
		f.Enabled, f.Asked = false, "per_0000000000000001"
		g, s := &group{feed: f}, &server{document: "one"}
		within(t, g, s, 48*time.Hour)
		if len(g.runs) != 1 || g.runs[0].Cause != comity.CausePerson || g.runs[0].Person != f.Asked {
			t.Errorf("runs %+v, want one for the person who asked", g.runs)
		}
		if !g.feed.Next.IsZero() || g.feed.Asked != "" {
			t.Errorf("switched off, it stands at %+v", g.feed.FeedState)
		}
	})
}

func TestSwitchedOffNeverRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := daily()
		f.Enabled, f.Next = false, time.Time{}
		g, s := &group{feed: f}, &server{document: "one"}
		within(t, g, s, 100*time.Hour)
		if len(s.asked) != 0 {
			t.Error("a feed that is switched off was fetched")
		}
	})
}

func TestRunFeedWithoutAnAddress(t *testing.T) {
	f := daily()
	f.Address = ""
	_, err := New(Options{Now: time.Now}).RunFeed(t.Context(), f, pipeline.IntakeOptions{})
	if comity.KindOf(err) != comity.Invalid {
		t.Errorf("got %v, want Invalid", err)
	}
}
