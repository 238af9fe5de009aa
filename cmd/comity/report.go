package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"

	"comity"
	"comity/document"
	"comity/document/pdf"
	"comity/storage"
)

// reportCmd is about reports to the parent network.
type reportCmd struct {
	List   reportList   `cmd:"" default:"1" help:"List the reports, the latest first."`
	Show   reportShow   `cmd:"" help:"Show what a report is, and whether its hash holds."`
	Export reportExport `cmd:"" help:"Write a frozen report as a file."`
}

// reportViewer is who reads reports on the command line.
var reportViewer = comity.System("comity report")

// reportList lists them.
type reportList struct {
	storeFlags
	outputFlags
}

// Run lists the reports.
func (c *reportList) Run(a *app) error {
	return c.with(a.ctx, func(s *storage.Store) error {
		page, err := s.Reports(a.ctx, reportViewer, comity.ReportQuery{Limit: 200})
		if err != nil {
			return err
		}
		return a.print(c.outputFlags, page.Reports, func(w io.Writer) {
			for _, r := range page.Reports {
				printReport(w, r)
			}
		})
	})
}

func printReport(w io.Writer, r comity.GroupReport) {
	fmt.Fprintf(w, "%d  %s  %s  %s  %s to %s  %s  %v\n", r.Number, r.ID, r.Kind, r.State, r.From, r.Until, r.TLP, r.Languages)
}

// reportName is which report is meant.
type reportName struct {
	Report string `arg:"" help:"Number or identity of the report."`
}

// find returns the report that is meant.
func (n reportName) find(a *app, s *storage.Store) (comity.GroupReport, error) {
	if id, err := comity.ParseReportID(n.Report); err == nil {
		return s.Report(a.ctx, reportViewer, id)
	}
	number, err := strconv.Atoi(n.Report)
	if err != nil {
		return comity.GroupReport{}, comity.Errorf(comity.Invalid, "%q is neither a number nor an identity of a report", n.Report)
	}
	for offset := 0; ; offset += 200 {
		page, err := s.Reports(a.ctx, reportViewer, comity.ReportQuery{Limit: 200, Offset: offset})
		if err != nil {
			return comity.GroupReport{}, err
		}
		for _, r := range page.Reports {
			if r.Number == number {
				return r, nil
			}
		}
		if len(page.Reports) < 200 {
			return comity.GroupReport{}, comity.Errorf(comity.NotFound, "there is no report %d", number)
		}
	}
}

// reportShow shows one.
type reportShow struct {
	reportName
	storeFlags
	outputFlags
}

// shownReport is a report with whether its hash holds.
type shownReport struct {
	comity.GroupReport
	Holds bool `json:"hash_holds"`
}

// Run shows the report. A hash that does not hold is a failure.
func (c *reportShow) Run(a *app) error {
	return c.with(a.ctx, func(s *storage.Store) error {
		r, err := c.find(a, s)
		if err != nil {
			return err
		}
		shown := shownReport{GroupReport: r}
		if r.State == comity.ReportFrozen {
			if shown.Holds, err = hashHolds(a, s, r); err != nil {
				return err
			}
		}
		err = a.print(c.outputFlags, shown, func(w io.Writer) {
			printReport(w, r)
			if r.State == comity.ReportFrozen {
				fmt.Fprintf(w, "frozen %s  left out %d  sha256 %s  holds: %v\n", r.Frozen.Format("2006-01-02 15:04"), r.LeftOut, r.Hash, shown.Holds)
			}
		})
		if err == nil && r.State == comity.ReportFrozen && !shown.Holds {
			return comity.Errorf(comity.Internal, "report %d is not what was frozen: its hash does not hold", r.Number)
		}
		return err
	})
}

// hashHolds makes the hash again of what is kept.
func hashHolds(a *app, s *storage.Store, r comity.GroupReport) (bool, error) {
	var documents []comity.ReportDocument
	for _, l := range r.Languages {
		text, err := s.ReportDocument(a.ctx, reportViewer, r.ID, l)
		if err != nil {
			return false, err
		}
		documents = append(documents, comity.ReportDocument{Language: l, Document: text})
	}
	hash, err := r.Seal(documents)
	return hash == r.Hash, err
}

// reportExport writes one as a file.
type reportExport struct {
	reportName
	Format   string `help:"Form of the file: ${enum}." enum:"pdf,docx,html,xlsx,json" default:"pdf"`
	Language string `help:"Language, if the report is in several; its first one if not given." placeholder:"en"`
	Out      string `short:"o" help:"File to write; - for standard output." default:"-" placeholder:"FILE"`
	storeFlags
}

// reportForms are the writers by form; json is the frozen text itself.
var reportForms = map[string]func(io.Writer, document.Doc) error{
	"pdf": pdf.Write, "docx": document.WriteDOCX, "html": document.WriteHTML, "xlsx": document.WriteXLSX,
}

// Run writes the file, whole or not at all.
func (c *reportExport) Run(a *app) error {
	return c.with(a.ctx, func(s *storage.Store) error {
		r, err := c.find(a, s)
		if err != nil {
			return err
		}
		if r.State != comity.ReportFrozen {
			return comity.Errorf(comity.Conflict, "report %d is a draft: freeze it first, on its page", r.Number)
		}
		language := c.Language
		if language == "" {
			language = r.Languages[0]
		}
		text, err := s.ReportDocument(a.ctx, reportViewer, r.ID, language)
		if err != nil {
			return fmt.Errorf("report %d in %q, which is in %v: %w", r.Number, language, r.Languages, err)
		}
		data, err := reportFile(c.Format, text)
		if err != nil {
			return err
		}
		return c.write(a, data)
	})
}

func reportFile(format, text string) ([]byte, error) {
	if format == "json" {
		return []byte(text + "\n"), nil
	}
	d, err := document.Parse([]byte(text), comity.MaxReportDocument)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = reportForms[format](&b, d)
	return b.Bytes(), err
}

func (c *reportExport) write(a *app, data []byte) error {
	if c.Out == "-" {
		_, err := a.stdout.Write(data)
		return err
	}
	return os.WriteFile(c.Out, data, 0o600)
}
