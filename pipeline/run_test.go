package pipeline_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"comity"
	"comity/pipeline"
)

const catalogue = `{"title":"CISA Catalog of Known Exploited Vulnerabilities","catalogVersion":"2026.08.07","dateReleased":"2026-08-07T12:00:00.0000Z","count":1,
"vulnerabilities":[{"cveID":"CVE-2026-0002","vendorProject":"Vendor","product":"Product","vulnerabilityName":"Name","dateAdded":"2026-08-07",
"shortDescription":"Text","requiredAction":"Patch","dueDate":"2026-08-28","knownRansomwareCampaignUse":"Unknown","notes":"","cwes":["CWE-79"]}]}`

func (s *stage) runs(t *testing.T) []comity.Run {
	t.Helper()
	runs, err := s.store.Runs(t.Context(), system, comity.SourceKEV, 10)
	s.must(t, err)
	return runs
}

// TestEveryIntakeIsRecorded takes in well and badly, and reads the record.
func TestEveryIntakeIsRecorded(t *testing.T) {
	s := newStage(t)
	for _, test := range []struct {
		name     string
		document string
		outcome  comity.RunOutcome
		kind     string
		says     string
	}{
		{"new", catalogue, comity.RunDone, "", ""},
		{"the same again", catalogue, comity.RunUnchanged, "", ""},
		{"wrong", strings.Replace(catalogue, "2026-08-28", "soon", 1), comity.RunRefused, "invalid", "dueDate"},
		{"older", strings.Replace(catalogue, "2026-08-07T12", "2026-08-06T12", 1), comity.RunRefused, "stale", "2026-08-06"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := s.Intake(t.Context(), system, comity.SourceKEV, strings.NewReader(test.document), pipeline.IntakeOptions{})
			run := s.runs(t)[0]
			if run.Outcome != test.outcome || run.Kind != test.kind || !strings.Contains(run.Error, test.says) || (err != nil) != (test.kind != "") {
				t.Errorf("recorded %+v for %v, want %s %s %q", run, err, test.outcome, test.kind, test.says)
			}
			if run.Bytes != int64(len(test.document)) || run.Cause != comity.CauseCommand || run.Fetched {
				t.Errorf("recorded %d bytes by %s, want %d by command", run.Bytes, run.Cause, len(test.document))
			}
			if well := run.Outcome.Well(); well != (run.Version == "2026.08.07") || well != (len(run.Hash) == 64) || well != (run.Delta.Total == 1) {
				t.Errorf("recorded document %q %q, %+v", run.Version, run.Hash, run.Delta)
			}
		})
	}
	_, err := s.Intake(t.Context(), system, "rumours", strings.NewReader("{}"), pipeline.IntakeOptions{})
	if comity.KindOf(err) != comity.Invalid || len(s.runs(t)) != 4 {
		t.Errorf("an unknown source: %v, %d runs", err, len(s.runs(t)))
	}
}

// TestFailuresAreRecorded has a document that can't be opened, one that breaks the program, and one that is cut off.
func TestFailuresAreRecorded(t *testing.T) {
	s := newStage(t)
	stopped, stop := context.WithCancel(t.Context())
	for _, test := range []struct {
		name string
		ctx  context.Context
		open pipeline.Opening
		kind string
		says string
	}{
		{"not there", t.Context(), func(context.Context) (pipeline.Document, error) {
			return pipeline.Document{}, comity.Errorf(comity.Unavailable, "it answers 404")
		}, "unavailable", "404"},
		{"panic", t.Context(), func(context.Context) (pipeline.Document, error) { panic("secret") }, "internal", ""},
		{"told to stop", stopped, func(context.Context) (pipeline.Document, error) {
			stop()
			return pipeline.Document{}, errors.New("connection closed")
		}, "unavailable", "stopped"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := s.TakeIn(test.ctx, system, comity.SourceKEV, pipeline.IntakeOptions{Fetched: true}, test.open)
			run := s.runs(t)[0]
			if err == nil || run.Outcome != comity.RunFailed || run.Kind != test.kind || !strings.Contains(run.Error, test.says) || strings.Contains(run.Error, "secret") || !run.Fetched {
				t.Errorf("recorded %+v for %v, want %s %q", run, err, test.kind, test.says)
			}
		})
	}
}

// TestOneIntakeOfASourceAtOnce begins a second one while the first is read.
func TestOneIntakeOfASourceAtOnce(t *testing.T) {
	s := newStage(t)
	_, err := s.TakeIn(t.Context(), system, comity.SourceKEV, pipeline.IntakeOptions{}, func(ctx context.Context) (pipeline.Document, error) {
		_, err := s.Intake(ctx, system, comity.SourceKEV, strings.NewReader(catalogue), pipeline.IntakeOptions{})
		if comity.KindOf(err) != comity.Conflict {
			t.Errorf("second intake: %v, want Conflict", err)
		}
		_, err = s.Intake(ctx, system, comity.SourceEPSS, strings.NewReader("no scores"), pipeline.IntakeOptions{})
		if comity.KindOf(err) != comity.Invalid {
			t.Errorf("intake of another source: %v, want Invalid", err)
		}
		s.now.Add(int64((2 * time.Minute).Seconds())) // the lease would have run out, but the first is still at work
		return pipeline.Document{Body: io.NopCloser(strings.NewReader(catalogue))}, nil
	})
	s.must(t, err)
	if runs := s.runs(t); len(runs) != 1 || runs[0].Outcome != comity.RunDone {
		t.Errorf("runs %+v, want the first alone", runs)
	}
}

// TestUnchangedDocument records a run without reading anything.
func TestUnchangedDocument(t *testing.T) {
	s := newStage(t)
	_, err := s.Intake(t.Context(), system, comity.SourceKEV, strings.NewReader(catalogue), pipeline.IntakeOptions{})
	s.must(t, err)
	run, err := s.TakeIn(t.Context(), system, comity.SourceKEV, pipeline.IntakeOptions{}, func(context.Context) (pipeline.Document, error) {
		return pipeline.Document{}, nil
	})
	s.must(t, err)
	if run.Outcome != comity.RunUnchanged || run.Hash == "" || run.Bytes != 0 || run.Delta.Total != 1 {
		t.Errorf("got %+v, want unchanged with the document that is here", run)
	}
}
