package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"comity"
	"comity/intake/baseline"
	"comity/storage"
)

// baselineCmd is about the baselines of the group.
type baselineCmd struct {
	Import baselineImport `cmd:"" help:"Import a baseline, or a new revision of one, from a file; every problem is told by place."`
	List   baselineList   `cmd:"" default:"1" help:"List the baselines."`
	Force  baselineForce  `cmd:"" help:"Say which revision of a baseline members answer."`
}

// baselineImport imports a file.
type baselineImport struct {
	File    string `arg:"" help:"OSCAL catalogue or resolved profile (JSON or XML), or CSV with the columns group, group_title, id, label, parent, title, text; .gz too. - for standard input."`
	Title   string `help:"Title in place of the file's; a CSV file has none." placeholder:"TITLE"`
	Label   string `help:"Version in place of the file's." placeholder:"VERSION"`
	Of      string `help:"Key of the baseline of which this is a new revision; without it the title tells." placeholder:"KEY"`
	InForce bool   `help:"Members answer this revision from now on."`
	DryRun  bool   `help:"Print every problem and what differs from the newest revision, and save nothing."`
	storeFlags
	outputFlags
}

// baselineResult is what is printed of an import.
type baselineResult struct {
	Baseline comity.BaselineHead `json:"baseline"`
	Saved    bool                `json:"saved"`
	Problems []baselineProblem   `json:"problems"`
	Added    []string            `json:"added"` // controls that the newest revision before did not have
	Removed  []string            `json:"removed"`
	Changed  []string            `json:"changed"`
}

// baselineProblem is one problem with its sentence.
type baselineProblem struct {
	baseline.Problem
	Message string `json:"message"`
}

// Run imports the file, or prints every problem and imports nothing.
func (c *baselineImport) Run(a *app) error {
	doc, err := openDocument(a, c.File)
	if err != nil {
		return err
	}
	defer doc.Close()
	b, problems, err := baseline.Parse(doc, baseline.Options{Title: c.Title, Version: c.Label})
	if err != nil {
		return err
	}
	return c.with(a.ctx, func(s *storage.Store) error { return c.save(a, s, b, problems) })
}

func (c *baselineImport) save(a *app, s *storage.Store, b comity.Baseline, problems []baseline.Problem) error {
	v := comity.System("comity baseline import")
	before, err := c.standing(a, s, v, &b)
	if err != nil {
		return err
	}
	result := baselineResult{Problems: []baselineProblem{}}
	for _, p := range problems {
		fmt.Fprintf(a.stderr, "%s: %v\n", c.File, p)
		result.Problems = append(result.Problems, baselineProblem{p, p.String()})
	}
	difference := comity.BaselineDiff(before, b)
	result.Added, result.Removed, result.Changed = idsOf(difference.Added), idsOf(difference.Removed), []string{}
	for _, pair := range difference.Changed {
		result.Changed = append(result.Changed, pair[1].ID)
	}
	usable := baseline.Usable(problems)
	if usable && !c.DryRun {
		if b, err = s.PutBaseline(a.ctx, v, b, c.InForce, utcNow()); err != nil {
			return err
		}
		result.Saved = true
	}
	result.Baseline = b.Head()
	if err := a.print(c.outputFlags, result, func(w io.Writer) { printBaselineImport(w, result) }); err != nil {
		return err
	}
	if !usable {
		return comity.Errorf(comity.Invalid, "%d problems in %s, nothing was saved", len(problems), c.File)
	}
	return nil
}

// standing finds the baseline that the file is a revision of, and makes b its next one; else b is a new baseline.
func (c *baselineImport) standing(a *app, s *storage.Store, v comity.Viewer, b *comity.Baseline) (comity.Baseline, error) {
	all, err := s.Baselines(a.ctx, v)
	if err != nil {
		return comity.Baseline{}, err
	}
	key := cmp.Or(c.Of, b.Key)
	i := slices.IndexFunc(all, func(h comity.BaselineHead) bool { return h.Key == key })
	switch {
	case i >= 0:
		b.ID, b.Key, b.Revision = all[i].ID, key, all[i].Revision
		return s.Baseline(a.ctx, v, b.ID, 0)
	case c.Of != "":
		return comity.Baseline{}, comity.Errorf(comity.NotFound, "there is no baseline with the key %q; \"comity baseline list\" names them", c.Of)
	}
	e, err := fresh()
	if err != nil {
		return comity.Baseline{}, err
	}
	b.ID = comity.MakeBaselineID(e)
	return comity.Baseline{}, nil
}

func idsOf(controls []comity.BaselineControl) []string {
	ids := make([]string, 0, len(controls))
	for _, c := range controls {
		ids = append(ids, c.ID)
	}
	return ids
}

func printBaselineImport(w io.Writer, r baselineResult) {
	b := r.Baseline
	fmt.Fprintf(w, "%s, version %s: %d controls in %d groups, %d withdrawn ones left out\n", b.Title, b.Version, b.Controls, b.Groups, b.Withdrawn)
	fmt.Fprintf(w, "%d controls added, %d removed, %d changed\n", len(r.Added), len(r.Removed), len(r.Changed))
	if r.Saved {
		fmt.Fprintf(w, "saved as revision %d of %s\n", b.Revision, b.Key)
	} else {
		fmt.Fprintln(w, "nothing was saved")
	}
}

// baselineList lists them.
type baselineList struct {
	storeFlags
	outputFlags
}

// Run lists the baselines.
func (c *baselineList) Run(a *app) error {
	return c.with(a.ctx, func(s *storage.Store) error {
		list, err := s.Baselines(a.ctx, comity.System("comity baseline list"))
		if err != nil {
			return err
		}
		return a.print(c.outputFlags, list, func(w io.Writer) {
			for _, b := range list {
				fmt.Fprintf(w, "%s  %s  version %s  revision %d  %d controls  %s\n", b.Key, b.Title, b.Version, b.Revision, b.Controls, inForceText(b))
			}
		})
	})
}

func inForceText(b comity.BaselineHead) string {
	if b.InForce == 0 {
		return "not in force"
	}
	return fmt.Sprintf("in force: revision %d", b.InForce)
}

// baselineForce puts a revision in force.
type baselineForce struct {
	Key      string `arg:"" help:"Key of the baseline, as \"comity baseline list\" names it."`
	Revision int    `help:"The revision; 0: none, members answer it no more." required:"" placeholder:"NUMBER"`
	storeFlags
	outputFlags
}

// Run says which revision members answer.
func (c *baselineForce) Run(a *app) error {
	return c.with(a.ctx, func(s *storage.Store) error {
		v := comity.System("comity baseline force")
		all, err := s.Baselines(a.ctx, v)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(h comity.BaselineHead) bool { return h.Key == c.Key })
		if i < 0 {
			return comity.Errorf(comity.NotFound, "there is no baseline with the key %q", c.Key)
		}
		if err := s.SetBaselineInForce(a.ctx, v, all[i].ID, c.Revision); err != nil {
			return err
		}
		all[i].InForce = c.Revision
		return a.print(c.outputFlags, all[i], func(w io.Writer) { fmt.Fprintln(w, all[i].Title+": "+inForceText(all[i])) })
	})
}
