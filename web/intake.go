package web

import (
	"errors"
	"slices"
	"strconv"

	"comity"
	"comity/pipeline"
)

func (s *site) intake(r *routes) {
	r.handle("GET /intake", takers, s.showIntake)
	r.handle("POST /intake", takers, s.takeIn)
}

// intakeBytes bounds what somebody uploads, as it travels, as the server bounds every request; the pipeline bounds what it
// unpacks to.
const intakeBytes = 64 << 20

// intakeSources are the sources that can be taken in, in the order in which they are offered.
var intakeSources = []comity.SourceID{comity.SourceKEV, comity.SourceEPSS, comity.SourceATTACK}

// intakeView is the page of the sources.
type intakeView struct {
	view
	Rows    []intakeRow
	Sources []comity.SourceID
	Form    *form
	Error   *intakeError
	SizeMB  int
	Fetches bool // documents can be fetched by address
}

// intakeRow is a source and its last intake; Source is nil if there was none.
type intakeRow struct {
	ID     comity.SourceID
	Source *comity.Source
}

// intakeError says why a document was not taken in.
type intakeError struct {
	Key    string         // of the sentence; empty: Detail says it all
	Source *comity.Source // what is here already, of a document that is older
	Detail string         // place and cause, as the reader of the document says it
}

func (s *site) showIntake(c *call) error {
	v, err := c.intakeView(formOf(nil))
	if err != nil {
		return err
	}
	return c.render("intake/intake", v)
}

func (c *call) intakeView(f *form) (intakeView, error) {
	v := intakeView{view: c.view(), Sources: intakeSources, Form: f, SizeMB: intakeBytes >> 20, Fetches: c.site.fetch != nil}
	v.Marking = comity.TLPClear
	sources, err := c.site.store.Sources(c.ctx(), c.viewer)
	if err != nil {
		return v, err
	}
	for _, id := range intakeSources {
		row := intakeRow{ID: id}
		if i := slices.IndexFunc(sources, func(s comity.Source) bool { return s.ID == id }); i >= 0 {
			row.Source = &sources[i]
		}
		v.Rows = append(v.Rows, row)
	}
	return v, nil
}

func (s *site) takeIn(c *call) error {
	u, err := c.upload(intakeBytes, "file", "source", "force", "address")
	if err != nil {
		return c.notTakenIn(formOf(nil), err)
	}
	f := formOf(u.fields)
	source := comity.SourceID(f.Choice("source", stringsOf(intakeSources)...))
	address := f.Value("address")
	switch {
	case u.file == nil && s.fetch == nil:
		f.Fail("file", "intake.error.no_file")
	case u.file == nil && address == "":
		f.Fail("file", "intake.error.no_document")
	}
	if !f.OK() {
		v, err := c.intakeView(f)
		if err != nil {
			return err
		}
		return c.renderInvalid("intake/intake", v)
	}
	document := u.file
	if document == nil {
		fetched, err := s.fetch(c.ctx(), address)
		if err != nil {
			return c.notTakenIn(f, err)
		}
		defer fetched.Close()
		document = fetched
	}
	delta, err := s.pipeline.Intake(c.ctx(), c.viewer, source, document, pipeline.IntakeOptions{Force: f.Flag("force")})
	if err != nil {
		return c.notTakenIn(f, err)
	}
	if delta.Empty() {
		c.flash("intake.same")
	} else {
		c.flash("intake.done", "added", strconv.Itoa(delta.Added), "removed", strconv.Itoa(delta.Removed),
			"changed", strconv.Itoa(delta.Changed), "total", strconv.Itoa(delta.Total))
	}
	return c.redirect("/intake")
}

// notTakenIn shows the page again with why a document was not taken in; what is our own mistake goes on as an error.
func (c *call) notTakenIn(f *form, cause error) error {
	kind := comity.KindOf(cause)
	problem := intakeError{}
	if e, ok := errors.AsType[*comity.Error](cause); ok {
		problem.Detail = e.Msg
	}
	v, err := c.intakeView(f)
	if err != nil {
		return err
	}
	switch kind {
	case comity.Stale:
		problem.Key, problem.Detail = "intake.error.stale", ""
		for _, row := range v.Rows {
			if string(row.ID) == f.Value("source") {
				problem.Source = row.Source
			}
		}
	case comity.TooLarge, comity.Invalid, comity.Unavailable:
	default:
		return cause
	}
	v.Error = &problem
	return c.renderStatus(statusOf(kind), "intake/intake", v)
}
