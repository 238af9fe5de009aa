package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"comity"
	"comity/assess/catalogue"
	"comity/pipeline"
	"comity/storage"
)

// catalogueCmd is about the group's scenario catalogue.
type catalogueCmd struct {
	Show   catalogueShow   `cmd:"" default:"1" help:"List the versions, and the scenarios of the one in force."`
	Export catalogueExport `cmd:"" help:"Write a version, or the draft, as JSON that import reads back."`
	Import catalogueImport `cmd:"" help:"Make a JSON file the draft of the next version. Changes no figure."`
	Adopt  catalogueAdopt  `cmd:"" help:"Adopt the draft, or an earlier version again; everybody is assessed anew."`
	Schema catalogueSchema `cmd:"" help:"Print the JSON Schema of the document."`
}

// withCatalogue opens the store, and a pipeline that knows the catalogue in force.
func (f storeFlags) withCatalogue(a *app, do func(*storage.Store, *pipeline.Pipeline) error) error {
	return f.with(a.ctx, func(s *storage.Store) error {
		p := newPipeline(s, nil)
		if err := p.Refresh(a.ctx); err != nil {
			return err
		}
		return do(s, p)
	})
}

// catalogueShow lists versions and scenarios.
type catalogueShow struct {
	storeFlags
	outputFlags
}

// Run prints them.
func (c *catalogueShow) Run(a *app) error {
	return c.withCatalogue(a, func(s *storage.Store, p *pipeline.Pipeline) error {
		page, err := s.Catalogues(a.ctx, comity.System("comity catalogue show"), 200, 0)
		if err != nil {
			return err
		}
		result := struct {
			Versions  []comity.CatalogueVersion `json:"versions"`
			Scenarios []comity.Scenario         `json:"scenarios"`
		}{page.Versions, p.Catalogue().Scenarios}
		return a.print(c.outputFlags, result, func(w io.Writer) {
			t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
			defer t.Flush()
			for _, v := range result.Versions {
				fmt.Fprintf(t, "version %d\t%s\t%s\n", v.Number, comity.DateOf(v.Adopted), v.Note)
			}
			fmt.Fprintln(t)
			for _, s := range result.Scenarios {
				fmt.Fprintf(t, "%s\t%s, %s\t%g to %g a year\t%d stages\n", s.ID, s.Source, s.Origin, s.Rate.Low, s.Rate.High, len(s.Path))
			}
		})
	})
}

// catalogueExport writes one.
type catalogueExport struct {
	Number int  `help:"Number of the version; without it the one in force." name:"number" placeholder:"N"`
	Draft  bool `help:"The draft instead."`
	storeFlags
}

// Run writes it to stdout.
func (c *catalogueExport) Run(a *app) error {
	return c.withCatalogue(a, func(s *storage.Store, _ *pipeline.Pipeline) error {
		v := comity.System("comity catalogue export")
		if c.Draft {
			d, err := s.CatalogueDraft(a.ctx, v)
			if err != nil {
				return noDraft(err)
			}
			return catalogue.Write(a.stdout, d.Catalogue)
		}
		version, err := s.Catalogue(a.ctx, v, c.Number)
		if err != nil && comity.KindOf(err) == comity.NotFound {
			return comity.Errorf(comity.NotFound, "no version %d here; \"comity catalogue show\" lists those that are", c.Number)
		}
		if err != nil {
			return err
		}
		return catalogue.Write(a.stdout, version.Catalogue)
	})
}

func noDraft(err error) error {
	if comity.KindOf(err) == comity.NotFound {
		return comity.Errorf(comity.NotFound, "there is no draft; \"comity catalogue import FILE\" makes one")
	}
	return err
}

// catalogueImport makes a draft.
type catalogueImport struct {
	File    string `arg:"" help:"JSON file of the catalogue, or - for standard input." placeholder:"FILE"`
	Replace bool   `help:"Put it in the place of a draft that is there."`
	storeFlags
	outputFlags
}

// Run reads the file and keeps it as the draft, or says which place of it is wrong.
func (c *catalogueImport) Run(a *app) error {
	file, err := openDocument(a, c.File)
	if err != nil {
		return err
	}
	defer file.Close()
	return c.withCatalogue(a, func(s *storage.Store, p *pipeline.Pipeline) error {
		v := comity.System("comity catalogue import")
		known, err := s.Knowledge(a.ctx, v)
		if err != nil {
			return err
		}
		read, err := catalogue.Parse(file, known)
		if err != nil {
			return err
		}
		old, err := s.CatalogueDraft(a.ctx, v)
		switch {
		case err == nil && !c.Replace:
			return comity.Errorf(comity.Conflict, "there is a draft already, changed on %s; --replace puts the file in its place", comity.DateOf(old.Changed))
		case err != nil && comity.KindOf(err) != comity.NotFound:
			return err
		}
		number, err := s.CatalogueNumber(a.ctx, v)
		if err != nil {
			return err
		}
		draft, err := s.PutCatalogueDraft(a.ctx, v, comity.CatalogueDraft{Revision: old.Revision, Base: number, Catalogue: read}, utcNow())
		if err != nil {
			return err
		}
		differences := draft.Catalogue.Differences(p.Catalogue())
		return a.print(c.outputFlags, differences, func(w io.Writer) {
			for _, d := range differences {
				fmt.Fprintln(w, d)
			}
			fmt.Fprintf(w, "%d differences from version %d. Nothing is in force yet: \"comity catalogue adopt\" adopts the draft.\n", len(differences), number)
		})
	})
}

// catalogueAdopt adopts.
type catalogueAdopt struct {
	Number int    `help:"Adopt this earlier version again, instead of the draft." name:"number" placeholder:"N"`
	Note   string `help:"Why, for everybody to read." required:"" placeholder:"TEXT"`
	storeFlags
	outputFlags
}

// Run makes the next version and assesses everybody.
func (c *catalogueAdopt) Run(a *app) error {
	return c.withCatalogue(a, func(s *storage.Store, p *pipeline.Pipeline) error {
		v := comity.System("comity catalogue adopt")
		next, draft, err := c.next(a, s, v)
		if err != nil {
			return err
		}
		known, err := s.Knowledge(a.ctx, v)
		if err != nil {
			return err
		}
		if err := catalogue.Check(next.Catalogue, known); err != nil {
			return err
		}
		if next, err = p.Adopt(a.ctx, v, next, draft); err != nil {
			return err
		}
		if err := p.CatchUp(a.ctx); err != nil {
			return err
		}
		next.Catalogue = comity.Catalogue{}
		return a.print(c.outputFlags, next, func(w io.Writer) { fmt.Fprintf(w, "version %d is in force\n", next.Number) })
	})
}

// next returns the version to adopt, and the revision of the draft that it is made from, 0 for an earlier version.
func (c *catalogueAdopt) next(a *app, s *storage.Store, v comity.Viewer) (comity.CatalogueVersion, int, error) {
	number, err := s.CatalogueNumber(a.ctx, v)
	if err != nil {
		return comity.CatalogueVersion{}, 0, err
	}
	next := comity.CatalogueVersion{Number: number + 1, Note: c.Note}
	if c.Number > 0 {
		earlier, err := s.Catalogue(a.ctx, v, c.Number)
		next.Restores, next.Catalogue = c.Number, earlier.Catalogue
		return next, 0, err
	}
	d, err := s.CatalogueDraft(a.ctx, v)
	if err != nil {
		return next, 0, noDraft(err)
	}
	if d.Base != number {
		return next, 0, comity.Errorf(comity.Stale, "the draft was made on version %d, and version %d is in force: export the draft, look at the differences, and import it again", d.Base, number)
	}
	next.Restores, next.Catalogue = d.Restores, d.Catalogue
	return next, d.Revision, nil
}

// catalogueSchema prints the schema.
type catalogueSchema struct{}

// Run prints it.
func (*catalogueSchema) Run(a *app) error {
	_, err := a.stdout.Write(catalogue.Schema)
	return err
}
