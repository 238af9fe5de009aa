package main

import (
	"fmt"
	"io"

	"comity"
	"comity/storage"
)

// releaseCmd is about releases.
type releaseCmd struct {
	Publish releasePublish `cmd:"" help:"Publish the system's exposure as it is now, if its period was not published yet."`
	List    releaseList    `cmd:"" default:"1" help:"List the releases, newest first."`
}

// releasePublish publishes one.
type releasePublish struct {
	storeFlags
	outputFlags
}

// Run publishes a release.
func (c *releasePublish) Run(a *app) error {
	return c.with(a.ctx, func(s *storage.Store) error {
		r, err := newPipeline(s, nil).Publish(a.ctx, comity.System("comity release publish"))
		if err != nil {
			return err
		}
		return a.print(c.outputFlags, r, func(w io.Writer) { printRelease(w, r) })
	})
}

// releaseList lists them.
type releaseList struct {
	storeFlags
	outputFlags
}

// Run lists the releases.
func (c *releaseList) Run(a *app) error {
	return c.with(a.ctx, func(s *storage.Store) error {
		releases, err := s.Releases(a.ctx, comity.System("comity release list"), 100)
		if err != nil {
			return err
		}
		return a.print(c.outputFlags, releases, func(w io.Writer) {
			for _, r := range releases {
				printRelease(w, r)
			}
		})
	})
}

func printRelease(w io.Writer, r comity.Release) {
	published := 0
	for _, f := range r.Figures {
		if f.Published {
			published++
		}
	}
	fmt.Fprintf(w, "%d  %s  as of %s  %d of %d contributed  %d figures, %d withheld  next %s\n", r.Number, r.Period,
		comity.DateOf(r.AsOf), r.Contributors, len(r.Cohort), published, len(r.Figures)-published, r.Next)
}
