package api

import (
	"bytes"
	"context"
	"net/http"

	"comity"
	"comity/pipeline"
)

// maxUpload bounds a document as it travels, packed or not.
const maxUpload = 64 << 20

func (s *server) intake() {
	type document struct {
		Source  string `path:"source" enum:"cisa-kev,first-epss,mitre-attack" doc:"What the document is"`
		Force   bool   `query:"force" doc:"Take in a document that is older than the last one"`
		RawBody []byte
	}
	op := operation(http.MethodPost, "/intake/{source}", "takeIn", "Threats", "Take in one document of a public source, gzip or not: whole or not at all",
		http.StatusForbidden, http.StatusConflict, http.StatusRequestEntityTooLarge)
	op.MaxBodyBytes = maxUpload
	register(s, op, func(ctx context.Context, in *document) (*body[comity.Delta], error) {
		return answer(s.Pipeline.Intake(ctx, viewer(ctx), comity.SourceID(in.Source), bytes.NewReader(in.RawBody), pipeline.IntakeOptions{Force: in.Force}))
	})
}
