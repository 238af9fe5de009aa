package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"comity"
	"comity/intake/profile"
	"comity/intake/profilefile"
	"comity/storage"
)

// profileCmd is about one organisation's private profile.
type profileCmd struct {
	Import profileImport `cmd:"" help:"Import a software inventory or a profile from a file; every problem is told by row."`
	Export profileExport `cmd:"" help:"Write the profile as a file that import reads back."`
	Show   profileShow   `cmd:"" help:"Show the profile."`
}

// profileImport imports a file.
type profileImport struct {
	File         string   `arg:"" help:"CycloneDX (JSON or XML), or a profile as XLSX, CSV or JSON; .gz too. - for standard input."`
	Organization string   `help:"Acronym of the organisation." required:"" placeholder:"ACRONYM"`
	Format       string   `help:"csv, xlsx, json, cyclonedx or cyclonedx-xml; without it the file's content tells." enum:",csv,xlsx,json,cyclonedx,cyclonedx-xml" default:"" placeholder:"FORMAT"`
	Replace      bool     `help:"Lines that the file does not have go, in the sections of which it speaks; without it they stay."`
	Placement    string   `help:"Placement of new software whose placement the file does not say: internal or internet-facing." enum:"internal,internet-facing" default:"internal"`
	Type         []string `help:"Take only components of these types: operating-system, application, library, device, firmware." enum:"operating-system,application,library,device,firmware" default:"operating-system,application,library,device,firmware"`
	LeaveOut     bool     `help:"Leave out rows that have problems; without it nothing is saved while there is one."`
	DryRun       bool     `help:"Print every problem and all that would change, line by line, and save nothing."`
	storeFlags
	outputFlags
}

// importResult is what is printed of an import.
type importResult struct {
	Organization string               `json:"organization"`
	Format       profilefile.Format   `json:"format"`
	Saved        bool                 `json:"saved"`
	Revision     int                  `json:"revision"`
	Rows         int                  `json:"rows"`   // read without a problem
	Folded       int                  `json:"folded"` // components that were named again
	Passed       map[string]int       `json:"passed_over,omitempty"`
	Problems     []importProblem      `json:"problems"`
	Effects      profile.Effects      `json:"effects"`
	Differences  []profile.Difference `json:"differences,omitempty"` // of a dry run; lines that stay as they are left out
}

// importProblem is one problem with its sentence.
type importProblem struct {
	profile.Problem
	Message string `json:"message"`
}

// Run imports the file, or prints every problem by row and imports nothing.
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
		file, err := c.read(a, s, v, doc)
		if err != nil {
			return err
		}
		return c.apply(a, s, v, org, file)
	})
}

func (c *profileImport) read(a *app, s *storage.Store, v comity.Viewer, doc io.Reader) (profilefile.File, error) {
	knowledge, err := s.Knowledge(a.ctx, v)
	if err != nil {
		return profilefile.File{}, err
	}
	var o profile.Options
	for _, m := range knowledge.Mitigations {
		o.Mitigations = append(o.Mitigations, m.Number)
	}
	p := newPipeline(s, nil)
	if err := p.Refresh(a.ctx); err != nil {
		return profilefile.File{}, err
	}
	for _, scenario := range p.Catalogue().Scenarios {
		o.Scenarios = append(o.Scenarios, string(scenario.ID))
	}
	return profilefile.Read(doc, profilefile.Format(c.Format), o)
}

// apply saves what the file says, or says why not. With problems it prints the result all the same.
func (c *profileImport) apply(a *app, s *storage.Store, v comity.Viewer, org comity.Organization, file profilefile.File) error {
	current, err := s.Profile(a.ctx, v, org.ID)
	if err != nil {
		return err
	}
	choice := profile.Choice{Mode: profile.Merge, Placement: comity.Placement(c.Placement)}
	if c.Replace {
		choice.Mode = profile.Replace
	}
	var classes []profile.Class
	for _, t := range c.Type {
		classes = append(classes, profile.Class(t))
	}
	document := file.Document.Only(classes)
	after, effects := profile.Apply(current, document, choice)
	result := importResult{
		Organization: org.Acronym, Format: file.Format, Revision: current.Revision, Rows: document.Rows(), Folded: document.Folded,
		Passed: document.Passed, Problems: problemsOf(file), Effects: effects,
	}
	if c.DryRun {
		result.Differences = slices.DeleteFunc(profile.Compare(current, after), func(d profile.Difference) bool { return d.What == profile.Same })
	}
	refused := c.refused(file)
	if refused == nil && !c.DryRun && !effects.Empty() {
		saved, err := s.PutProfile(a.ctx, v, after, utcNow())
		if err != nil {
			return err
		}
		result.Saved, result.Revision = true, saved.Revision
	}
	for _, p := range file.Problems {
		fmt.Fprintf(a.stderr, "%s: %v\n", c.File, p)
	}
	if err := a.print(c.outputFlags, result, func(w io.Writer) { printImport(w, result) }); err != nil {
		return err
	}
	return refused
}

// refused says why nothing of the file is saved; nil if it may be.
func (c *profileImport) refused(file profilefile.File) error {
	fatal := slices.ContainsFunc(file.Problems, profile.Problem.Fatal)
	switch {
	case len(file.Problems) == 0 || c.LeaveOut && !fatal:
		return nil
	case fatal:
		return comity.Errorf(comity.Invalid, "%d problems in %s, nothing was saved", len(file.Problems), c.File)
	default:
		return comity.Errorf(comity.Invalid, "%d problems in %s, nothing was saved; --leave-out leaves those rows out", len(file.Problems), c.File)
	}
}

func problemsOf(file profilefile.File) []importProblem {
	list := make([]importProblem, 0, len(file.Problems))
	for _, p := range file.Problems {
		list = append(list, importProblem{p, p.String()})
	}
	return list
}

func printImport(w io.Writer, r importResult) {
	for _, section := range profile.Sections {
		if e := r.Effects.Of(section); e != (profile.Effect{}) {
			fmt.Fprintf(w, "%-10s %d added, %d changed, %d as they were, %d removed\n", section, e.Added, e.Changed, e.Same, e.Removed)
		}
	}
	for _, d := range r.Differences {
		fmt.Fprintf(w, "%-8s %-10s %s\n", d.What, d.Section, d.Name)
		for _, f := range d.Fields {
			if d.What == profile.Changed {
				fmt.Fprintf(w, "           %s: %q → %q\n", f.Column, f.Old, f.New)
			}
		}
	}
	if !r.Saved {
		fmt.Fprintln(w, "nothing was saved")
	}
}

// profileExport writes a profile.
type profileExport struct {
	Organization string `help:"Acronym of the organisation." required:"" placeholder:"ACRONYM"`
	Format       string `help:"csv and xlsx: services, software, suppliers and coverage; json: the whole profile; cyclonedx: software alone." enum:"csv,xlsx,json,cyclonedx" default:"csv"`
	storeFlags
}

// Run writes to stdout what "comity profile import" reads back.
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
		return profilefile.Write(a.stdout, profilefile.Format(c.Format), p)
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
