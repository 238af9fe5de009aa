package main

import (
	"fmt"
	"io"
	"strings"

	"comity"
	"comity/intake/profile"
	"comity/intake/profilefile"
	"comity/storage"
)

// profileCmd is about one organisation's private profile.
type profileCmd struct {
	Import profileImport `cmd:"" help:"Import services, software, suppliers and coverage from a CSV file; nothing is saved if any row is wrong."`
	Export profileExport `cmd:"" help:"Write the same sections as a CSV file that import reads back."`
	Show   profileShow   `cmd:"" help:"Show the profile."`
}

// profileImport imports a file.
type profileImport struct {
	File         string `arg:"" help:"CSV file with a header; \"comity profile export\" shows the columns. - for standard input."`
	Organization string `help:"Acronym of the organisation." required:"" placeholder:"ACRONYM"`
	Replace      bool   `help:"Lines that the file does not have go, in the sections of which it has any; without it they stay."`
	DryRun       bool   `help:"Say what would change and save nothing."`
	storeFlags
	outputFlags
}

// importResult is what is printed of an import.
type importResult struct {
	Organization string          `json:"organization"`
	Saved        bool            `json:"saved"`
	Revision     int             `json:"revision"`
	Effects      profile.Effects `json:"effects"`
}

// Run imports the file whole, or prints every problem by row and imports nothing.
func (c *profileImport) Run(a *app) error {
	doc, err := openDocument(a, c.File)
	if err != nil {
		return err
	}
	defer doc.Close()
	return c.with(a.ctx, func(s *storage.Store) error {
		v := comity.System("comity profile import")
		org, err := organization(a.ctx, s, v, c.Organization)
		if err != nil {
			return err
		}
		parsed, err := c.parse(a, s, v, doc)
		if err != nil {
			return err
		}
		return c.apply(a, s, v, org, parsed)
	})
}

func (c *profileImport) parse(a *app, s *storage.Store, v comity.Viewer, doc io.Reader) (profile.Document, error) {
	knowledge, err := s.Knowledge(a.ctx, v)
	if err != nil {
		return profile.Document{}, err
	}
	var known []string
	for _, m := range knowledge.Mitigations {
		known = append(known, m.Number)
	}
	file, err := profilefile.Read(doc, "", profile.Options{Mitigations: known})
	parsed, problems := file.Document, file.Problems
	if err != nil {
		return parsed, err
	}
	for _, p := range problems {
		fmt.Fprintf(a.stderr, "%s: %v\n", c.File, p)
	}
	if len(problems) > 0 {
		return parsed, comity.Errorf(comity.Invalid, "%d problems in %s, nothing was saved", len(problems), c.File)
	}
	return parsed, nil
}

func (c *profileImport) apply(a *app, s *storage.Store, v comity.Viewer, org comity.Organization, parsed profile.Document) error {
	current, err := s.Profile(a.ctx, v, org.ID)
	if err != nil {
		return err
	}
	mode := profile.Merge
	if c.Replace {
		mode = profile.Replace
	}
	after, effects := profile.Apply(current, parsed, profile.Choice{Mode: mode})
	result := importResult{Organization: org.Acronym, Revision: current.Revision, Effects: effects}
	if !c.DryRun && !effects.Empty() {
		saved, err := s.PutProfile(a.ctx, v, after, utcNow())
		if err != nil {
			return err
		}
		result.Saved, result.Revision = true, saved.Revision
	}
	return a.print(c.outputFlags, result, func(w io.Writer) { printEffects(w, result) })
}

func printEffects(w io.Writer, r importResult) {
	for _, e := range []struct {
		section string
		effect  profile.Effect
	}{
		{"services", r.Effects.Services},
		{"software", r.Effects.Software},
		{"suppliers", r.Effects.Suppliers},
		{"coverage", r.Effects.Coverage},
	} {
		if e.effect != (profile.Effect{}) {
			fmt.Fprintf(w, "%-10s %d added, %d changed, %d as they were, %d removed\n",
				e.section, e.effect.Added, e.effect.Changed, e.effect.Same, e.effect.Removed)
		}
	}
	if !r.Saved {
		fmt.Fprintln(w, "nothing was saved")
	}
}

// profileExport writes the sections that import reads.
type profileExport struct {
	Organization string `help:"Acronym of the organisation." required:"" placeholder:"ACRONYM"`
	storeFlags
}

// Run writes CSV to stdout.
func (c *profileExport) Run(a *app) error {
	return c.with(a.ctx, func(s *storage.Store) error {
		v := comity.System("comity profile export")
		org, err := organization(a.ctx, s, v, c.Organization)
		if err != nil {
			return err
		}
		p, err := s.Profile(a.ctx, v, org.ID)
		if err != nil {
			return err
		}
		return profilefile.Write(a.stdout, profilefile.CSV, p)
	})
}

// profileShow shows a profile.
type profileShow struct {
	Organization string `help:"Acronym of the organisation." required:"" placeholder:"ACRONYM"`
	storeFlags
	outputFlags
}

// Run prints what is answered.
func (c *profileShow) Run(a *app) error {
	return c.with(a.ctx, func(s *storage.Store) error {
		v := comity.System("comity profile show")
		org, err := organization(a.ctx, s, v, c.Organization)
		if err != nil {
			return err
		}
		p, err := s.Profile(a.ctx, v, org.ID)
		if err != nil {
			return err
		}
		return a.print(c.outputFlags, p, func(w io.Writer) {
			fmt.Fprintf(w, "%s, revision %d: %d services, %d lines of software, %d suppliers, %d mitigations answered\n",
				org.Acronym, p.Revision, len(p.Services), len(p.Software), len(p.Suppliers), len(p.Coverage))
			fmt.Fprintf(w, "sectors %s; regions %s\n", strings.Join(p.Sectors, ", "), strings.Join(p.Regions, ", "))
		})
	})
}
