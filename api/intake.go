package api

import (
	"context"
	"io"
	"net/http"
	"time"

	"comity"
	"comity/pipeline"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

const (
	intakeBytes = 64 << 20        // as it travels; the pipeline bounds what it unpacks to
	intakeTime  = 2 * time.Minute // for a slow line
)

type intakeInput struct {
	Source string `path:"source" maxLength:"64" example:"cisa-kev" doc:"Which source the document is of: cisa-kev, first-epss, mitre-attack, misp-warninglists, or stix or stix-NAME for STIX documents"`
	Force  bool   `query:"force" doc:"Take it in although it is older than the last one"`
	TLP    string `query:"tlp" enum:"TLP:CLEAR,TLP:GREEN,TLP:AMBER,TLP:AMBER+STRICT,TLP:RED" doc:"Label of the objects of a STIX document that carry no marking at all; without it they stay unmarked, and nobody sees them"`

	body io.Reader
}

// Resolve implements huma.Resolver: the body is read as it comes, so that a catalogue of 60 MB is not held twice.
func (in *intakeInput) Resolve(ctx huma.Context) []error {
	r, w := humago.Unwrap(ctx)
	_ = ctx.SetReadDeadline(time.Now().Add(intakeTime)) // not every connection has one; the server's own applies then
	in.body = http.MaxBytesReader(w, r.Body, intakeBytes)
	return nil
}

func (a *api) intake() {
	op := write(http.MethodPost, "take-in", "/intake/{source}", "threats", "Take in a document of a public source, gzip or not")
	op.RequestBody = &huma.RequestBody{
		Required:    true,
		Description: "The document as the source publishes it, at most 64 MB",
		Content:     map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}
	handle(a, op, func(ctx context.Context, c caller, in *intakeInput) (*content[comity.Delta], error) {
		if err := require(c.viewer.TakesIn()); err != nil {
			return nil, err
		}
		var label comity.TLP
		if err := label.UnmarshalText([]byte(in.TLP)); err != nil {
			return nil, err
		}
		delta, err := a.pipeline.Intake(ctx, c.viewer, comity.SourceID(in.Source), in.body, pipeline.IntakeOptions{Force: in.Force, TLP: label})
		return bodyOf(delta), err
	}, http.StatusForbidden, http.StatusConflict, http.StatusRequestEntityTooLarge)
}
