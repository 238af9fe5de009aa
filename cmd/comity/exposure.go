package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"comity"
	"comity/storage"
)

// exposureCmd shows the exposure of one organisation, as it was last assessed.
type exposureCmd struct {
	Organization string `help:"Acronym of the organisation." required:"" placeholder:"ACRONYM"`
	Changes      int    `help:"How many of the last changes to show as well." default:"5"`
	storeFlags
	outputFlags
}

// exposureResult is what is printed as JSON.
type exposureResult struct {
	comity.Exposure
	Changes []comity.ExposureChange `json:"changes"`
}

// Run prints the exposure.
func (c *exposureCmd) Run(a *app) error {
	return c.with(a.ctx, func(s *storage.Store) error {
		v := comity.System("comity exposure")
		org, err := organization(a.ctx, s, v, c.Organization)
		if err != nil {
			return err
		}
		e, err := s.Exposure(a.ctx, v, org.ID)
		if comity.KindOf(err) == comity.NotFound && err != nil {
			return comity.Errorf(comity.NotFound, "%s was not assessed yet: \"comity serve\" does so when it starts", org.Acronym)
		}
		if err != nil {
			return err
		}
		changes, err := s.ExposureChanges(a.ctx, v, org.ID, max(c.Changes, 1))
		if err != nil {
			return err
		}
		changes = changes[:min(len(changes), max(c.Changes, 0))]
		return a.print(c.outputFlags, exposureResult{e, changes}, func(w io.Writer) { printExposure(w, org, e, changes) })
	})
}

func printExposure(w io.Writer, org comity.Organization, e comity.Exposure, changes []comity.ExposureChange) {
	fmt.Fprintf(w, "%s, as of %s\n", org.Acronym, e.At.Format("2006-01-02 15:04 MST"))
	fmt.Fprintf(w, "P(at least one significant incident in 12 months)  %.1f %%  (90 %% interval %.1f–%.1f %%)\n",
		100*e.Significant.Value, 100*e.Significant.Low, 100*e.Significant.High)
	fmt.Fprintf(w, "Mean annual loss %.0f; a significant incident costs more than %.0f\n\n", e.Loss.Mean, e.Tolerance)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "scenario\torigin\tP\t90 %\tmean loss")
	for _, s := range e.Scenarios {
		fmt.Fprintf(t, "%s\t%s\t%.2f %%\t%.2f–%.2f %%\t%.0f\n", s.Scenario, s.Origin,
			100*s.Significant.Value, 100*s.Significant.Low, 100*s.Significant.High, s.MeanLoss)
	}
	_ = t.Flush() // w's own error shows at its end
	for _, c := range changes {
		fmt.Fprintf(w, "\n%s  %.2f → %.2f %%  %s %v", c.At.Format("2006-01-02 15:04"), 100*c.Before, 100*c.After, c.Why.Key, c.Why.Args)
	}
	if len(changes) > 0 {
		fmt.Fprintln(w)
	}
}
