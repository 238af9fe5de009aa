package main

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"comity"
	"comity/pipeline"
	"comity/storage"
)

// intakeSTIX takes in a STIX document. One document of a feed adds to what came before; nothing is taken back but by an
// object that says it is revoked.
type intakeSTIX struct {
	Document string `arg:"" help:"File (.gz too), https address, or - for standard input."`
	Source   string `default:"stix" help:"Name of the feed: stix, or stix-NAME with lower-case letters, digits and hyphens."`
	TLP      string `name:"tlp" help:"Label of the objects that carry no marking at all, such as TLP:GREEN. Default: they stay unmarked, and nobody sees them."`
	storeFlags
	outputFlags
}

// Run takes in the document and prints what became of each type of object.
func (c *intakeSTIX) Run(a *app) error {
	src, err := comity.ParseSTIXSource(c.Source)
	if err != nil {
		return err
	}
	var label comity.TLP
	if c.TLP != "" {
		if label, err = comity.ParseTLP(c.TLP); err != nil {
			return err
		}
	}
	doc, err := openDocument(a, c.Document)
	if err != nil {
		return err
	}
	defer doc.Close()
	return c.with(a.ctx, func(s *storage.Store) error {
		var result comity.STIXIntake
		_, err := intakeInto(a, s, src, doc, pipeline.IntakeOptions{
			Format: comity.FormatSTIX, TLP: label, STIX: func(r comity.STIXIntake) { result = r },
		})
		if err != nil {
			return err
		}
		return a.print(c.outputFlags, result, func(w io.Writer) { printSTIX(w, result) })
	})
}

// shownRefusals is how many objects that could not be used are printed; JSON has them all.
const shownRefusals = 20

func printSTIX(w io.Writer, r comity.STIXIntake) {
	fmt.Fprintln(w, deltaText(r.Delta))
	for _, kind := range slices.Sorted(maps.Keys(r.Types)) {
		c := r.Types[kind]
		if kind == "" {
			kind = "(no type)"
		}
		fmt.Fprintf(w, "  %-20s %6d as threats %6d kept %6d refused\n", kind, c.Threats, c.Kept, c.Refused)
	}
	for i, refusal := range r.Refused {
		if i == shownRefusals {
			fmt.Fprintf(w, "… and %d more\n", len(r.Refused)-i)
			break
		}
		fmt.Fprintf(w, "refused: %s %s: %s\n", refusal.Place, refusal.ID, refusal.Reason)
	}
	if r.Unmarked > 0 {
		fmt.Fprintf(w, "%d came in without a label: nobody sees them. Take the document in again with --tlp LABEL if its publisher lets them travel.\n", r.Unmarked)
	}
}
