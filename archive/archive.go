// Package archive writes everything that the store has of one organisation into one ZIP file that the organisation takes
// along: its own words in open forms, each file described in a README. It holds no secrets. Read [Write].
package archive

import (
	"archive/zip"
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"comity"
	"comity/intake/profilefile"
	"comity/storage"
)

// Store is what an archive is made of; *storage.Store satisfies it. It is an interface so that tests can break it.
type Store interface {
	Organization(ctx context.Context, v comity.Viewer, id comity.OrgID) (comity.Organization, error)
	Profile(ctx context.Context, v comity.Viewer, org comity.OrgID) (comity.Profile, error)
	Releases(ctx context.Context, v comity.Viewer, limit int) ([]comity.Release, error)
	Archive(ctx context.Context, v comity.Viewer, org comity.OrgID, file func(storage.Holding) error, row func([]byte) error) error
}

var _ Store = (*storage.Store)(nil)

// Check reports whether the viewer may have the archive, before anything is written: NotFound if not.
func Check(v comity.Viewer, org comity.OrgID) error {
	if !v.TakesAlong(org) {
		return comity.Errorf(comity.NotFound, "not found")
	}
	return nil
}

// Write writes the archive of an organisation to w, row by row: it holds one row at a time, besides the profile. now is
// when it is made; UTC.
func Write(ctx context.Context, w io.Writer, s Store, v comity.Viewer, org comity.OrgID, now time.Time) error {
	if err := Check(v, org); err != nil {
		return err
	}
	o, err := s.Organization(ctx, v, org)
	if err != nil {
		return err
	}
	a := &writer{zip: zip.NewWriter(w), now: now}
	if err := a.readme(o); err != nil {
		return err
	}
	if err := a.own(ctx, s, v, o); err != nil {
		return err
	}
	if err := s.Archive(ctx, v, org, func(h storage.Holding) error { return a.begin(h.File) }, a.row); err != nil {
		return err
	}
	return a.end()
}

// writer writes one file after the other.
type writer struct {
	zip *zip.Writer
	out *bufio.Writer // into the file that was begun last
	now time.Time
}

func (a *writer) begin(name string) error {
	if err := a.flush(); err != nil {
		return err
	}
	f, err := a.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: a.now})
	if err != nil {
		return err
	}
	a.out = bufio.NewWriterSize(f, 64<<10)
	return nil
}

func (a *writer) row(object []byte) error {
	if _, err := a.out.Write(object); err != nil {
		return err
	}
	return a.out.WriteByte('\n')
}

func (a *writer) flush() error {
	if a.out == nil {
		return nil
	}
	return a.out.Flush()
}

func (a *writer) end() error {
	if err := a.flush(); err != nil {
		return err
	}
	return a.zip.Close()
}

// files are those that are not rows of the store.
var files = []struct{ name, note string }{
	{"organization.json", "the organisation in the group's directory"},
	{"profile/profile.json", "the profile as it is now, as \"comity profile import\" reads it"},
	{"profile/profile.xlsx", "its services, software, suppliers and coverage as a workbook, which can be imported too"},
	{"contributions.ndjson", "the releases that the organisation's exposure went into: a release says nothing of one member, and stays as it is"},
}

// own writes the files that are not rows of the store.
func (a *writer) own(ctx context.Context, s Store, v comity.Viewer, o comity.Organization) error {
	p, err := s.Profile(ctx, v, o.ID)
	if err != nil {
		return err
	}
	releases, err := s.Releases(ctx, v, 1000)
	if err != nil {
		return err
	}
	for i, write := range []func() error{
		func() error { return json.NewEncoder(a.out).Encode(o) },
		func() error { return profilefile.Write(a.out, profilefile.JSON, p) },
		func() error { return profilefile.Write(a.out, profilefile.XLSX, p) },
		func() error { return a.contributions(releases, o.ID) },
	} {
		if err := a.begin(files[i].name); err != nil {
			return err
		}
		if err := write(); err != nil {
			return fmt.Errorf("%s: %w", files[i].name, err)
		}
	}
	return nil
}

// contribution is a release that an organisation was in the cohort of.
type contribution struct {
	Release comity.ReleaseID `json:"release"`
	Number  int              `json:"number"`
	Period  string           `json:"period"`
	AsOf    time.Time        `json:"as_of"`
	Hash    string           `json:"hash"`
}

func (a *writer) contributions(releases []comity.Release, org comity.OrgID) error {
	for _, r := range releases {
		if !slices.Contains(r.Cohort, org) {
			continue
		}
		if err := json.NewEncoder(a.out).Encode(contribution{r.ID, r.Number, r.Period, r.AsOf, r.Hash}); err != nil {
			return err
		}
	}
	return nil
}

// readme describes every file, and what is not in the archive.
func (a *writer) readme(o comity.Organization) error {
	if err := a.begin("README.txt"); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "Everything that Comity has of %s (%s), as of %s.\n\n", o.Name, o.Acronym, a.now.UTC().Format(time.RFC3339))
	fmt.Fprint(a.out, "Its content is the organisation's own, to be handled as TLP:AMBER+STRICT. Files whose names end in .ndjson have one JSON\n"+
		"object a line, in UTF-8; times are UTC. What erasing would take away is marked with *.\n\n")
	for _, f := range files {
		fmt.Fprintf(a.out, "  %-34s %s\n", f.name, f.note)
	}
	for _, h := range storage.Holdings {
		if h.File != "" {
			fmt.Fprintf(a.out, "%s %-34s %s\n", mark(h), h.File, h.Note)
		}
	}
	fmt.Fprint(a.out, "\nNot in the archive:\n\n")
	for _, h := range storage.Holdings {
		if h.File == "" {
			fmt.Fprintf(a.out, "%s %s\n", mark(h), h.Note)
		}
	}
	return nil
}

func mark(h storage.Holding) string {
	if h.Erased {
		return "*"
	}
	return " "
}
