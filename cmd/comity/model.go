package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"comity"
	"comity/assess/portfolio"
	"comity/demo"
)

// modelCmd is the exposure model as a calculator. It needs no store and no server.
type modelCmd struct {
	Document string  `arg:"" help:"JSON file of the portfolio, or - for standard input. \"comity model --schema\" prints its form." optional:"" placeholder:"FILE"`
	Method   string  `help:"exact (Fourier transform and closed forms) or simulate (plays years; prints both)." default:"exact" enum:"exact,simulate"`
	Years    int     `help:"Years to simulate, instead of the document's." placeholder:"N"`
	Seed     *uint64 `help:"Seed of the simulation, instead of the document's." placeholder:"S"`
	Schema   bool    `help:"Print the JSON Schema of the document and of the result, and end."`
	outputFlags
}

// Run prints what the portfolio comes to.
func (c *modelCmd) Run(a *app) error {
	if c.Schema {
		_, err := a.stdout.Write(portfolio.Schema)
		return err
	}
	if c.Document == "" {
		return comity.Errorf(comity.Invalid, "which portfolio? Give a FILE, or - for standard input")
	}
	facts, err := demo.Facts()
	if err != nil {
		return fmt.Errorf("read ATT&CK: %w", err)
	}
	d, err := c.parse(a, facts.Knowledge)
	if err != nil {
		return err
	}
	r, err := portfolio.Run(d, c.Method, facts.Knowledge)
	if err != nil {
		return err
	}
	return a.print(c.outputFlags, r, func(w io.Writer) { printPortfolio(w, r) })
}

func (c *modelCmd) parse(a *app, known comity.Knowledge) (*portfolio.Document, error) {
	in := io.NopCloser(a.stdin)
	if c.Document != "-" {
		file, err := os.Open(filepath.Clean(c.Document))
		if err != nil {
			return nil, comity.Errorf(comity.Invalid, "open portfolio: %w", err)
		}
		in = file
	}
	defer in.Close()
	d, err := portfolio.Parse(in, known)
	if err != nil {
		return nil, err
	}
	if c.Years < 0 || c.Years > portfolio.MaxYears {
		return nil, comity.Errorf(comity.Invalid, "--years %d: want 1 to %d", c.Years, portfolio.MaxYears)
	}
	if c.Years > 0 {
		d.Years = c.Years
	}
	if c.Seed != nil {
		d.Seed = *c.Seed
	}
	return d, nil
}

func printPortfolio(w io.Writer, r *portfolio.Result) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer t.Flush()
	head := "of a year"
	if r.Exact != nil {
		head = fmt.Sprintf("of %d years\texact", r.Years)
	}
	fmt.Fprintf(t, "annual loss\t%s\t\n", head)
	line := func(name string, of func(portfolio.Loss) float64) {
		fmt.Fprintf(t, "%s\t%.6g\t", name, of(r.Total))
		if r.Exact != nil {
			fmt.Fprintf(t, "%.6g\t", of(*r.Exact))
		}
		fmt.Fprintln(t)
	}
	line("mean", func(l portfolio.Loss) float64 { return l.Mean })
	line("standard deviation", func(l portfolio.Loss) float64 { return l.SD })
	line("P(no loss)", func(l portfolio.Loss) float64 { return l.Zero })
	for _, q := range []string{"0.5", "0.9", "0.95", "0.99", "0.995", "0.999"} {
		line("quantile "+q, func(l portfolio.Loss) float64 { return l.Quantiles[q] })
	}
	line("mean of the worst 1 %", func(l portfolio.Loss) float64 { return l.TVaR99 })
	for i, p := range r.Total.Exceedance {
		line(fmt.Sprintf("P(loss > %g)", p.Loss), func(l portfolio.Loss) float64 {
			if i < len(l.Exceedance) {
				return l.Exceedance[i].P
			}
			return 0
		})
	}
	if s := r.Significant; s != nil {
		fmt.Fprintf(t, "P(significant incident)\t%.4f (%.4f – %.4f)\t\n", s.P, s.Interval[0], s.Interval[1])
	}
	fmt.Fprintln(t, "\t")
	fmt.Fprintln(t, "scenario\tattempts a year\tsusceptibility\tevents a year\tmean loss a year\t")
	for _, s := range r.Scenarios {
		v := s.Susceptibility.Mix
		if s.Susceptibility.InUse == "adaptive" {
			v = s.Susceptibility.Adaptive
		}
		fmt.Fprintf(t, "%s\t%.4g\t%.4g\t%.4g\t%.6g\t\n", s.ID, s.Rate, v, s.Events, s.Mean)
	}
}
