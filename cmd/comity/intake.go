package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"comity"
	"comity/intake/fetch"
	"comity/pipeline"
	"comity/storage"

	"github.com/schollz/progressbar/v3"
)

// intakeCmd takes in one document of a public source. Taking the same one in twice changes nothing.
type intakeCmd struct {
	KEV          intakeKEV          `cmd:"" name:"kev" help:"CISA Known Exploited Vulnerabilities, as JSON."`
	EPSS         intakeEPSS         `cmd:"" name:"epss" help:"FIRST EPSS scores, as CSV."`
	ATTACK       intakeATTACK       `cmd:"" name:"attack" help:"MITRE ATT&CK Enterprise, as a STIX bundle."`
	CVE          intakeCVE          `cmd:"" name:"cve" help:"Records of vulnerabilities: NVD CVE API 2.0, CVE records of format 5, OSV; pages, arrays or JSON Lines."`
	WarningLists intakeWarningLists `cmd:"" name:"warninglists" help:"MISP warning lists, as a ZIP file of all or the JSON of one."`
	STIX         intakeSTIX         `cmd:"" name:"stix" help:"STIX 2.0 or 2.1: a bundle, an array of objects, or JSON Lines."`
}

type (
	intakeKEV          struct{ intakeFlags }
	intakeEPSS         struct{ intakeFlags }
	intakeATTACK       struct{ intakeFlags }
	intakeCVE          struct{ intakeFlags }
	intakeWarningLists struct{ intakeFlags }
)

// intakeFlags are the same for every source.
type intakeFlags struct {
	Document string `arg:"" help:"File (.gz too), https address, or - for standard input."`
	Force    bool   `help:"Take in a document that is older than the last one."`
	storeFlags
	outputFlags
}

// Run takes in the KEV catalogue.
func (c *intakeKEV) Run(a *app) error { return c.run(a, comity.SourceKEV) }

// Run takes in EPSS scores.
func (c *intakeEPSS) Run(a *app) error { return c.run(a, comity.SourceEPSS) }

// Run takes in ATT&CK.
func (c *intakeATTACK) Run(a *app) error { return c.run(a, comity.SourceATTACK) }

// Run takes in records of vulnerabilities, and tells what each source that the document has records of changed.
func (c *intakeCVE) Run(a *app) error {
	return c.do(a, comity.SourceCVE, func(done intakeDone) any { return done })
}

// intakeDone is what an intake did: in all, and of each source that the document has records of.
type intakeDone struct {
	comity.Delta
	Sources []sourceDone `json:"sources"`
}

type sourceDone struct {
	Source  comity.SourceID `json:"source"`
	Version string          `json:"version"`
	comity.Delta
}

// Run takes in warning lists.
func (c *intakeWarningLists) Run(a *app) error { return c.run(a, comity.SourceWarningLists) }

func (f *intakeFlags) run(a *app, src comity.SourceID) error {
	return f.do(a, src, func(done intakeDone) any { return done.Delta })
}

// do takes in the document and prints what that did, as JSON in the given form.
func (f *intakeFlags) do(a *app, src comity.SourceID, form func(intakeDone) any) error {
	doc, err := openDocument(a, f.Document)
	if err != nil {
		return err
	}
	defer doc.Close()
	return f.with(a.ctx, func(s *storage.Store) error {
		done, err := intakeInto(a, s, src, doc, pipeline.IntakeOptions{Force: f.Force})
		if err != nil {
			return err
		}
		return a.print(f.outputFlags, form(done), func(w io.Writer) {
			for _, one := range done.Sources {
				fmt.Fprintf(w, "%s %s: %s\n", one.Source, one.Version, deltaText(one.Delta))
			}
			if len(done.Sources) != 1 {
				fmt.Fprintln(w, deltaText(done.Delta))
			}
		})
	})
}

func deltaText(d comity.Delta) string {
	return fmt.Sprintf("%d added, %d removed, %d changed, %d in all", d.Added, d.Removed, d.Changed, d.Total)
}

func intakeInto(a *app, s *storage.Store, src comity.SourceID, doc io.Reader, o pipeline.IntakeOptions) (done intakeDone, err error) {
	bar := newProgress(a.stderr, string(src))
	defer bar.done()
	v := comity.System("comity intake " + string(src))
	p := newPipeline(s, nil)
	o.Progress = bar.tell
	o.Done = func(one comity.Source) {
		done.Sources = append(done.Sources, sourceDone{one.ID, one.Version, one.Delta})
	}
	if done.Delta, err = p.Intake(a.ctx, v, src, doc, o); err != nil {
		return done, err
	}
	if err := p.CatchUp(a.ctx); err != nil {
		return done, fmt.Errorf("taken in, but matching failed (it is tried again when the server runs): %w", err)
	}
	return done, nil
}

// maxFetch bounds what an address may answer, packed; each source's own bound holds for what is in it.
const maxFetch = 256 << 20

// openDocument opens a file, an https address or standard input.
func openDocument(a *app, name string) (io.ReadCloser, error) {
	switch {
	case name == "-":
		return io.NopCloser(a.stdin), nil
	case strings.HasPrefix(name, "https://"), strings.HasPrefix(name, "http://"):
		ctx, cancel := context.WithTimeout(a.ctx, 10*time.Minute)
		body, err := fetch.New(fetch.Options{MaxBytes: maxFetch}).Get(ctx, name)
		if err != nil {
			cancel()
			return nil, err
		}
		return closeBoth{body, cancel}, nil
	default:
		file, err := os.Open(filepath.Clean(name))
		if err != nil {
			return nil, comity.Errorf(comity.Invalid, "open document: %w", err)
		}
		return file, nil
	}
}

// closeBoth ends the request's context with its body.
type closeBoth struct {
	io.ReadCloser
	cancel context.CancelFunc
}

// Close closes the body and ends its context.
func (c closeBoth) Close() error {
	defer c.cancel()
	return c.ReadCloser.Close()
}

// progress draws a bar on stderr where that is a terminal, and nothing elsewhere.
type progress struct{ bar *progressbar.ProgressBar }

func newProgress(w io.Writer, what string) *progress {
	file, ok := w.(*os.File)
	if !ok || !isTerminal(file) {
		fmt.Fprintf(w, "reading %s …\n", what)
		return &progress{}
	}
	return &progress{bar: progressbar.NewOptions64(-1,
		progressbar.OptionSetWriter(file), progressbar.OptionSetDescription(what), progressbar.OptionShowBytes(true),
		progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))}
}

func (p *progress) tell(read, _ int64) {
	if p.bar != nil {
		_ = p.bar.Set64(read) // a bar that can't be drawn is no reason to stop
	}
}

func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
