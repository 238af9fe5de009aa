package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"comity"
	"comity/storage/migrations"
	"comity/storage/postgres"
	"comity/storage/sqlite"
)

// migrateCmd tells of the schema and brings it up. A server does it by itself when it starts; this is for those who want
// to see first, or to do it apart.
type migrateCmd struct {
	Status migrateStatus `cmd:"" help:"List the steps of the schema, and when the database took each."`
	Up     migrateUp     `cmd:"" help:"Bring the schema up to this program's. SQLite is copied first."`
}

type migrateStatus struct {
	storeFlags
	outputFlags
}

type migrateUp struct {
	DryRun bool `help:"List the steps that are pending, and take none."`
	storeFlags
	outputFlags
}

// schemaStatus is what the database's schema is and could be.
type schemaStatus struct {
	At      int64             `json:"at"`    // version of the database
	Newest  int64             `json:"knows"` // of this program
	Pending int               `json:"pending"`
	Steps   []migrations.Step `json:"steps"`
}

// steps reads the schema of the store that the flags name. One that is newer than the program is a Conflict.
func (f storeFlags) steps(a *app) (s schemaStatus, err error) {
	s.Newest = migrations.Newest()
	if f.DatabaseURL != "" {
		s.Steps, s.At, err = postgres.Steps(a.ctx, f.DatabaseURL)
	} else {
		s.Steps, s.At, err = sqlite.Steps(a.ctx, f.Dir)
	}
	if err != nil {
		return s, err
	}
	if s.At > s.Newest {
		return s, comity.Errorf(comity.Conflict, "the database is of a newer Comity: its schema is at version %d, this program knows %d; run the newer program", s.At, s.Newest)
	}
	for _, step := range s.Steps {
		if step.Applied.IsZero() {
			s.Pending++
		}
	}
	return s, nil
}

// Run lists the steps.
func (c *migrateStatus) Run(a *app) error {
	s, err := c.steps(a)
	if err != nil {
		return err
	}
	return a.print(c.outputFlags, s, func(w io.Writer) { printSteps(w, s, s.Steps) })
}

// Run takes what is pending.
func (c *migrateUp) Run(a *app) error {
	before, err := c.steps(a)
	if err != nil {
		return err
	}
	if c.DryRun || before.Pending == 0 {
		var pending []migrations.Step
		for _, step := range before.Steps {
			if step.Applied.IsZero() {
				pending = append(pending, step)
			}
		}
		return a.print(c.outputFlags, before, func(w io.Writer) { printSteps(w, before, pending) })
	}
	s, err := c.open(a.ctx)
	if err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	after, err := c.steps(a)
	if err != nil {
		return err
	}
	return a.print(c.outputFlags, after, func(w io.Writer) {
		fmt.Fprintf(w, "from version %d to %d\n", before.At, after.At)
	})
}

func printSteps(w io.Writer, s schemaStatus, steps []migrations.Step) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, step := range steps {
		when := "pending"
		if !step.Applied.IsZero() {
			when = step.Applied.Format(time.DateTime)
		}
		fmt.Fprintf(t, "%s\t%s\n", step.Name, when)
	}
	_ = t.Flush() // as with every line, who closed stdout doesn't want it
	fmt.Fprintf(w, "version %d of %d, %d pending\n", s.At, s.Newest, s.Pending)
}
