package main

import (
	"fmt"
	"io"
	"log/slog"

	"comity"
	"comity/storage"
)

// exposuresCmd is everything about the exposure of one organisation.
type exposuresCmd struct {
	Show   exposureCmd `cmd:"" default:"withargs" help:"Show an organisation's exposure, and what drives it."`
	WhatIf whatIfCmd   `cmd:"" help:"Try a change of an organisation: the exposure before and after. Saves nothing."`
}

// whatIfCmd tries a change. It reads the store and writes nothing of the organisation's.
type whatIfCmd struct {
	Organization string             `help:"Acronym of the organisation." required:"" placeholder:"ACRONYM"`
	Cover        map[string]float64 `help:"Coverage of a mitigation: 0, 0.25, 0.5, 0.75 or 0.95." placeholder:"M1032=0.95" mapsep:","`
	Patch        []string           `help:"Software on which nothing known stays open, by its id in the profile." placeholder:"ID"`
	Drop         []string           `help:"Supplier that nothing depends on any more, by its id in the profile." placeholder:"ID"`
	Incident     map[string]int     `help:"Incidents of a scenario that happened today." placeholder:"ransomware=1" mapsep:","`
	storeFlags
	outputFlags
}

// whatIfResult is what is printed as JSON.
type whatIfResult struct {
	Change comity.WhatIf   `json:"change"`
	Before comity.Exposure `json:"before"`
	After  comity.Exposure `json:"after"`
}

// Run prints the exposure before and after.
func (c *whatIfCmd) Run(a *app) error {
	change, err := c.change()
	if err != nil {
		return err
	}
	return c.with(a.ctx, func(s *storage.Store) error {
		v := comity.System("comity exposure what-if")
		org, err := organization(a.ctx, s, v, c.Organization)
		if err != nil {
			return err
		}
		before, after, err := newPipeline(s, slog.New(slog.DiscardHandler)).WhatIf(a.ctx, v, org.ID, change)
		if err != nil {
			return err
		}
		return a.print(c.outputFlags, whatIfResult{change, before, after}, func(w io.Writer) { printWhatIf(w, org, before, after) })
	})
}

// change reads the flags; nothing to try is a mistake.
func (c *whatIfCmd) change() (comity.WhatIf, error) {
	w := comity.WhatIf{Coverage: c.Cover, Incidents: map[comity.ScenarioID]int{}}
	for id, n := range c.Incident {
		w.Incidents[comity.ScenarioID(id)] = n
	}
	for _, id := range c.Patch {
		software, err := comity.ParseSoftwareID(id)
		if err != nil {
			return w, err
		}
		w.Patched = append(w.Patched, software)
	}
	for _, id := range c.Drop {
		supplier, err := comity.ParseSupplierID(id)
		if err != nil {
			return w, err
		}
		w.Dropped = append(w.Dropped, supplier)
	}
	if w.Empty() {
		return w, comity.Errorf(comity.Invalid, "what is to be tried? Give --cover, --patch, --drop or --incident")
	}
	return w, nil
}

func printWhatIf(w io.Writer, org comity.Organization, before, after comity.Exposure) {
	fmt.Fprintf(w, "%s, as it is → as it would be\n", org.Acronym)
	fmt.Fprintf(w, "P(at least one significant incident in 12 months)  %.2f → %.2f %%\n", 100*before.Significant.Value, 100*after.Significant.Value)
	fmt.Fprintf(w, "Significant incidents expected a year  %.4f → %.4f\n", before.Expected.Value, after.Expected.Value)
	fmt.Fprintf(w, "Mean annual loss  %.0f → %.0f\n", before.Loss.Mean, after.Loss.Mean)
	fmt.Fprintf(w, "Loss of a year in 20  %.0f → %.0f\n", before.Loss.Quantiles["0.95"], after.Loss.Quantiles["0.95"])
}
