package pipeline

import (
	"context"
	"fmt"
	"io"
	"time"

	"comity"
	"comity/intake"
	"comity/intake/attack"
	"comity/intake/cve"
	"comity/intake/epss"
	"comity/intake/kev"
	"comity/intake/stix"
	"comity/intake/warninglist"
)

// IntakeOptions say how to take in a document.
type IntakeOptions struct {
	Force    bool                    // accept a document older than the last one
	Progress func(read, max int64)   // called now and then with the bytes read so far and the bound; may be nil
	TLP      comity.TLP              // of what a STIX document leaves unmarked; zero: it stays unmarked
	Format   comity.Format           // of the document; empty: the source's own
	STIX     func(comity.STIXIntake) // called with what a STIX document gave; may be nil

	Cause   comity.RunCause // for the record of the run; empty: a person, or a command if it is the system at work
	Person  comity.PersonID // who asked for it; empty: the viewer
	Fetched bool            // the document comes from an address, not from a file

	After func(comity.Run) comity.Feed // the source's feed as it stands after the run; nil: as before
	Done  func(comity.Source)          // called for each source that the document had records of, once they are stored; may be nil
}

// Limits on the unpacked size of a document, in bytes: several times what each source publishes today.
const (
	maxKEV          = 32 << 20
	maxEPSS         = 64 << 20
	maxATTACK       = 256 << 20
	maxCVE          = 256 << 20
	maxWarningLists = warninglist.MaxUnpacked
	maxSTIX         = 64 << 20
)

// Intake takes in one document of a source: parsed whole before anything is written, stored in one transaction, with
// matching and re-assessment to follow. Taking the same document in again changes nothing. However it ends, it is
// recorded as a run of the source, except where it never began: with Forbidden, an unknown source, or Conflict.
//
// Its error is Forbidden if the viewer may not take in, Invalid with the place if the document is wrong, TooLarge if it
// exceeds the source's bound, Stale if it is older than the last one and not forced, Conflict while the source is being
// taken in already.
//
// Records of vulnerabilities ([comity.SourceNVD], [comity.SourceCVE], [comity.SourceOSV]) tell by their content which
// source they are of, whatever src says; what is returned is the sum. They are pages, so none of them is Stale: a record
// that is older than the one known changes nothing.
func (p *Pipeline) Intake(ctx context.Context, v comity.Viewer, src comity.SourceID, r io.Reader, o IntakeOptions) (comity.Delta, error) {
	run, err := p.TakeIn(ctx, v, src, o, func(context.Context) (Document, error) { return Document{Body: r}, nil })
	return run.Delta, err
}

// reader takes in a document of one kind.
type reader func(ctx context.Context, v comity.Viewer, r io.Reader, o IntakeOptions) (comity.Delta, error)

// formatOf returns the format of a source's own documents; empty for a source that is not known.
func formatOf(src comity.SourceID) comity.Format {
	if f, ok := comity.WellKnownFeed(src); ok {
		return f.Format
	}
	if _, err := comity.ParseSTIXSource(string(src)); err == nil {
		return comity.FormatSTIX
	}
	return ""
}

// readerOf returns the reader of a source's documents in a format; its error is Invalid for a source that is not known, and
// for a format that is not the source's own.
func (p *Pipeline) readerOf(src comity.SourceID, format comity.Format) (reader, error) {
	own := formatOf(src)
	if format != "" && format != own {
		return nil, comity.Errorf(comity.Invalid, "source %q has no documents of the format %q", src, format)
	}
	switch own {
	case comity.FormatKEV:
		return p.intakeKEV, nil
	case comity.FormatEPSS:
		return p.intakeEPSS, nil
	case comity.FormatATTACK:
		return p.intakeATTACK, nil
	case comity.FormatCVE:
		return p.intakeCVE, nil
	case comity.FormatWarningLists:
		return p.intakeWarningLists, nil
	case comity.FormatSTIX:
		return p.intakeSTIX(src), nil
	default:
		return nil, comity.Errorf(comity.Invalid, "unknown source %q", src)
	}
}

// open bounds, unpacks and hashes a document, and reports progress while it is read.
func open(r io.Reader, limit int64, o IntakeOptions) (*intake.Document, error) {
	if o.Progress != nil {
		r = &progressReader{r: r, tell: o.Progress, max: limit}
	}
	return intake.Open(r, limit)
}

func (p *Pipeline) source(id comity.SourceID, version string, date time.Time, doc *intake.Document) comity.Source {
	return comity.Source{
		ID: id, Version: version, Date: date.UTC(), TakenIn: p.now().UTC().Truncate(time.Second), Hash: doc.Hash(),
	}
}

func (p *Pipeline) intakeKEV(ctx context.Context, v comity.Viewer, r io.Reader, o IntakeOptions) (comity.Delta, error) {
	doc, err := open(r, maxKEV, o)
	if err != nil {
		return comity.Delta{}, err
	}
	catalogue, err := kev.Parse(doc)
	if err != nil {
		return comity.Delta{}, err
	}
	src := p.source(comity.SourceKEV, catalogue.Version, catalogue.Released, doc)
	return p.store.PutThreats(ctx, v, src, catalogue.Threats, comity.PutThreatsOptions{Withdraw: true, Force: o.Force})
}

func (p *Pipeline) intakeEPSS(ctx context.Context, v comity.Viewer, r io.Reader, o IntakeOptions) (comity.Delta, error) {
	doc, err := open(r, maxEPSS, o)
	if err != nil {
		return comity.Delta{}, err
	}
	file, err := epss.Parse(doc)
	if err != nil {
		return comity.Delta{}, err
	}
	src := p.source(comity.SourceEPSS, file.Model, file.Date, doc)
	return p.store.PutScores(ctx, v, src, file.Scores, o.Force)
}

func (p *Pipeline) intakeATTACK(ctx context.Context, v comity.Viewer, r io.Reader, o IntakeOptions) (comity.Delta, error) {
	doc, err := open(r, maxATTACK, o)
	if err != nil {
		return comity.Delta{}, err
	}
	bundle, err := attack.Parse(doc)
	if err != nil {
		return comity.Delta{}, err
	}
	src := p.source(comity.SourceATTACK, bundle.Knowledge.Version, bundle.Modified, doc)
	return p.store.PutKnowledge(ctx, v, src, bundle.Knowledge, bundle.Techniques, o.Force)
}

func (p *Pipeline) intakeCVE(ctx context.Context, v comity.Viewer, r io.Reader, o IntakeOptions) (comity.Delta, error) {
	var delta comity.Delta
	doc, err := open(r, maxCVE, o)
	if err != nil {
		return delta, err
	}
	file, err := cve.Parse(doc)
	if err != nil {
		return delta, err
	}
	sources := make([]comity.Source, len(file.Sources))
	for i, src := range file.Sources {
		sources[i] = p.source(src.ID, src.Version, src.Date, doc)
	}
	if sources, err = p.store.PutRecords(ctx, v, sources, file.Records, o.Force); err != nil {
		return delta, err
	}
	for _, src := range sources {
		delta.Added, delta.Removed, delta.Changed = delta.Added+src.Delta.Added, delta.Removed+src.Delta.Removed, delta.Changed+src.Delta.Changed
		delta.Total += src.Delta.Total
		if o.Done != nil {
			o.Done(src)
		}
	}
	return delta, nil
}

// intakeSTIX takes in a STIX document of any source.
func (p *Pipeline) intakeSTIX(id comity.SourceID) reader {
	return func(ctx context.Context, v comity.Viewer, r io.Reader, o IntakeOptions) (comity.Delta, error) {
		doc, err := open(r, maxSTIX, o)
		if err != nil {
			return comity.Delta{}, err
		}
		parsed, err := stix.Parse(doc, o.TLP)
		if err != nil {
			return comity.Delta{}, err
		}
		version := parsed.Version // where nothing says when it was changed
		if !parsed.Modified.IsZero() {
			version = parsed.Modified.UTC().Format(time.DateOnly)
		}
		src := p.source(id, version, parsed.Modified, doc)
		result, err := p.store.PutSTIX(ctx, v, src, parsed.Objects(), parsed.Refused, stix.Actor)
		if err == nil && o.STIX != nil {
			o.STIX(result)
		}
		return result.Delta, err
	}
}

// progressReader tells how many bytes were read, at most once for each part of 1/64 of the bound.
type progressReader struct {
	r         io.Reader
	tell      func(read, max int64)
	read, max int64
	told      int64
}

func (p *progressReader) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.read += int64(n)
	if p.read-p.told > p.max/1024 || err == io.EOF {
		p.told = p.read
		p.tell(p.read, p.max)
	}
	if err != nil && err != io.EOF {
		return n, fmt.Errorf("read document: %w", err)
	}
	return n, err
}
