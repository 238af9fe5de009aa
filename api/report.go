package api

import (
	"bytes"
	"context"
	"io"
	"net/http"

	"comity"
	tree "comity/document"
	"comity/document/pdf"

	"github.com/danielgtaylor/huma/v2"
)

type reportInput struct {
	ID string `path:"id" maxLength:"20" doc:"Identity of the report"`
}

type reportFileInput struct {
	ID       string `path:"id" maxLength:"20" doc:"Identity of the report"`
	Language string `path:"language" maxLength:"2" doc:"One of the report's languages"`
	Format   string `query:"format" enum:"pdf,docx,html,json" default:"pdf" doc:"Form of the file"`
}

// reportForms are the writers of files by their form, and the kinds of their content.
var reportForms = map[string]struct {
	kind  string
	write func(io.Writer, tree.Doc) error
}{
	"pdf":  {"application/pdf", pdf.Write},
	"docx": {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", tree.WriteDOCX},
	"html": {"text/html; charset=utf-8", tree.WriteHTML},
}

func (a *api) reports() {
	handle(a, get("list-reports", "/reports", "reports", "Reports to the parent network, the latest first, without their texts"),
		func(ctx context.Context, c caller, in *struct{ Paging }) (*content[Page[comity.GroupReport]], error) {
			if err := require(c.viewer.SeesReleases()); err != nil {
				return nil, err
			}
			page, err := a.store.Reports(ctx, c.viewer, comity.ReportQuery{Limit: in.Limit, Offset: in.Offset})
			for i := range page.Reports {
				page.Reports[i].Sections = []comity.ReportSection{} // the texts are long: a report has them
			}
			return pageOf(c, in.Paging, page.Reports, page.Total), err
		}, http.StatusForbidden)
	handle(a, get("get-report", "/reports/{id}", "reports", "One report: its period, label, languages and hash"),
		func(ctx context.Context, c caller, in *reportInput) (*content[comity.GroupReport], error) {
			r, err := a.report(ctx, c, in.ID)
			return bodyOf(r), err
		}, http.StatusForbidden, http.StatusNotFound)
	export := get("export-report", "/reports/{id}/documents/{language}", "reports", "A frozen report in one of its languages, as a file")
	export.Responses = map[string]*huma.Response{"200": {
		Description: "The file; as JSON it is the tree that the report's hash is made of",
		Content:     map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}}
	handle(a, export, a.exportReport, http.StatusForbidden, http.StatusNotFound, http.StatusConflict)
}

func (a *api) report(ctx context.Context, c caller, text string) (comity.GroupReport, error) {
	if err := require(c.viewer.SeesReleases()); err != nil {
		return comity.GroupReport{}, err
	}
	id, err := parsed(comity.ParseReportID, text)
	if err != nil {
		return comity.GroupReport{}, err
	}
	return a.store.Report(ctx, c.viewer, id)
}

// exportReport answers with a frozen report as a file, whole or not at all.
func (a *api) exportReport(ctx context.Context, c caller, in *reportFileInput) (*huma.StreamResponse, error) {
	r, err := a.report(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	if r.State != comity.ReportFrozen {
		return nil, comity.Errorf(comity.Conflict, "the report is a draft: only a frozen one is handed out as a file")
	}
	text, err := a.store.ReportDocument(ctx, c.viewer, r.ID, in.Language)
	if err != nil {
		return nil, err
	}
	data, kind := []byte(text), "application/json"
	if form, ok := reportForms[in.Format]; ok {
		d, err := tree.Parse(data, comity.MaxReportDocument)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err := form.write(&b, d); err != nil {
			return nil, err
		}
		data, kind = b.Bytes(), form.kind
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", kind)
		ctx.SetHeader("Content-Disposition", `attachment; filename="report.`+in.Format+`"`)
		_, _ = ctx.BodyWriter().Write(data) // who went away does not hear of it
	}}, nil
}
