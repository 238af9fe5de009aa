package api

import (
	"context"
	"io"
	"net/http"
	"time"

	"comity"
	"comity/intake/baseline"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

const baselinesTag = "baselines"

type baselineInput struct {
	ID       string `path:"id" doc:"Identity, bas_…"`
	Revision int    `query:"revision" minimum:"0" maximum:"1000000" doc:"The revision; without it the newest"`
}

type baselineListInput struct {
	InForce bool `query:"in_force" doc:"Only what is in force, at that revision"`
	Paging
}

type baselineRevisionsInput struct {
	ID string `path:"id" doc:"Identity, bas_…"`
	Paging
}

type importBaselineInput struct {
	Title    string `query:"title" maxLength:"500" doc:"Title in place of the document's; a CSV file has none"`
	Version  string `query:"version" maxLength:"80" doc:"Version in place of the document's"`
	Of       string `query:"of" doc:"The baseline of which this is a new revision, bas_…; without it the baseline is new"`
	Revision int    `query:"revision" minimum:"0" maximum:"1000000" doc:"The newest revision of it that the client has seen"`
	InForce  bool   `query:"in_force" doc:"Members answer this revision from now on"`

	body io.Reader
}

// Resolve implements huma.Resolver: the document is read as it comes.
func (in *importBaselineInput) Resolve(ctx huma.Context) []error {
	r, w := humago.Unwrap(ctx)
	_ = ctx.SetReadDeadline(time.Now().Add(intakeTime)) // not every connection has one; the server's own applies then
	in.body = http.MaxBytesReader(w, r.Body, baseline.MaxBytes)
	return nil
}

// importedBaseline is what came of an import.
type importedBaseline struct {
	Baseline comity.BaselineHead `json:"baseline"`
	Warnings []string            `json:"warnings" nullable:"false" doc:"What was left out or cut, with its place"`
}

type forceInput struct {
	ID   string `path:"id" doc:"Identity, bas_…"`
	Body struct {
		Revision int `json:"revision" minimum:"0" maximum:"1000000" doc:"What members answer from now on; 0: none"`
	}
}

type answersInput struct {
	ID       string `path:"id" doc:"Identity, bas_…"`
	Revision int    `query:"revision" minimum:"0" maximum:"1000000" doc:"As the answers were at a revision of theirs; without it as they are"`
}

type putAnswersInput struct {
	ID      string `path:"id" doc:"Identity, bas_…"`
	IfMatch string `header:"If-Match" doc:"The revision on which the answers were given, as in ETag"`
	Body    struct {
		Revision *int        `json:"revision,omitempty" minimum:"0" doc:"The revision of the answers on which these were given; here or in If-Match"`
		Answers  []newAnswer `json:"answers" maxItems:"5000" doc:"Answers to some controls; the others stay as they are"`
	}
}

// newAnswer is one answer as it shall be.
type newAnswer struct {
	Control  string      `json:"control" minLength:"1" maxLength:"80"`
	Maturity string      `json:"maturity,omitempty" enum:",initial,developing,established,advanced,leading,not-applicable" doc:"Absent: the answer is taken back"`
	Evidence string      `json:"evidence,omitempty" maxLength:"4000" doc:"What it rests on; of what is not applicable the reason"`
	Target   string      `json:"target,omitempty" enum:",initial,developing,established,advanced,leading"`
	Due      comity.Date `json:"due,omitzero" doc:"By when the target shall be reached"`
}

type answerHistoryInput struct {
	ID      string `path:"id" doc:"Identity, bas_…"`
	Control string `query:"control" maxLength:"80" doc:"Only of this control"`
	Paging
}

func (a *api) baselines() {
	handle(a, get("list-baselines", "/baselines", baselinesTag, "The baselines of the group at their newest revisions, by key"), a.listBaselines, http.StatusForbidden)
	handle(a, get("get-baseline", "/baselines/{id}", baselinesTag, "One revision of a baseline with its controls"),
		func(ctx context.Context, c caller, in *baselineInput) (*content[comity.Baseline], error) {
			id, err := a.baselineID(c, in.ID)
			if err != nil {
				return nil, err
			}
			b, err := a.store.Baseline(ctx, c.viewer, id, in.Revision)
			return bodyOf(b), err
		}, http.StatusForbidden, http.StatusNotFound)
	handle(a, get("list-baseline-revisions", "/baselines/{id}/revisions", baselinesTag, "The revisions of a baseline, newest first"),
		func(ctx context.Context, c caller, in *baselineRevisionsInput) (*content[Page[comity.BaselineHead]], error) {
			id, err := a.baselineID(c, in.ID)
			if err != nil {
				return nil, err
			}
			list, err := a.store.BaselineRevisions(ctx, c.viewer, id)
			if err != nil {
				return nil, err
			}
			return cut(c, in.Paging, list), nil
		}, http.StatusForbidden, http.StatusNotFound)
	op := write(http.MethodPost, "import-baseline", "/baselines", baselinesTag, "Import a baseline or a new revision of one: OSCAL (JSON, XML) or CSV, gzip or not")
	op.DefaultStatus = http.StatusCreated
	op.RequestBody = &huma.RequestBody{
		Required:    true,
		Description: "The document, at most 16 MB. One with problems is refused whole, with every problem and its place",
		Content:     map[string]*huma.MediaType{"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}
	handle(a, op, a.importBaseline, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge)
	handle(a, write(http.MethodPut, "put-baseline-in-force", "/baselines/{id}/in-force", baselinesTag, "Say which revision members answer; their answers stay"),
		a.putInForce, http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	a.baselineAnswers()
}

func (a *api) baselineAnswers() {
	const own = "own organisation"
	handle(a, get("get-baseline-answers", "/baselines/{id}/answers", own, "What the own organisation answers to the controls of a baseline; private to it"),
		func(ctx context.Context, c caller, in *answersInput) (*revised[comity.BaselineAssessment], error) {
			id, err := a.ownBaseline(ctx, c, in.ID)
			if err != nil {
				return nil, err
			}
			answers, err := a.store.BaselineAnswers(ctx, c.viewer, c.org(), id, in.Revision)
			return revisedBody(answers, answers.Revision), err
		}, http.StatusForbidden, http.StatusNotFound)
	put := write(http.MethodPut, "put-baseline-answers", "/baselines/{id}/answers", own, "Answer controls of the baseline in force; those not named stay")
	put.MaxBodyBytes = profileBytes
	handle(a, put, a.putAnswers, http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed,
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	handle(a, get("list-baseline-answer-history", "/baselines/{id}/answers/history", own, "Every answer as it was given, newest first"),
		func(ctx context.Context, c caller, in *answerHistoryInput) (*content[Page[comity.BaselineAnswer]], error) {
			id, err := a.ownBaseline(ctx, c, in.ID)
			if err != nil {
				return nil, err
			}
			p, err := a.store.BaselineHistory(ctx, c.viewer, c.org(), id, in.Control, in.Limit, in.Offset)
			if err != nil {
				return nil, err
			}
			return pageOf(c, in.Paging, p.Answers, p.Total), nil
		}, http.StatusForbidden, http.StatusNotFound)
	handle(a, get("list-coverage-proposals", "/coverage-proposals", own, "How far mitigations seem to be in place, derived from the own answers to SP 800-53; nothing counts until it is put into the profile"),
		func(ctx context.Context, c caller, in *struct{ Paging }) (*content[Page[comity.CoverageProposal]], error) {
			if err := c.member(); err != nil {
				return nil, err
			}
			list, err := a.pipeline.Proposals(ctx, c.viewer, c.org())
			if err != nil {
				return nil, err
			}
			return cut(c, in.Paging, list), nil
		}, http.StatusForbidden)
}

func (a *api) listBaselines(ctx context.Context, c caller, in *baselineListInput) (*content[Page[comity.BaselineHead]], error) {
	if err := require(c.viewer.SeesBaselines()); err != nil {
		return nil, err
	}
	read := a.store.Baselines
	if in.InForce {
		read = a.store.BaselinesInForce
	}
	list, err := read(ctx, c.viewer)
	if err != nil {
		return nil, err
	}
	return cut(c, in.Paging, list), nil
}

// baselineID reads the identity of a baseline for somebody who may see baselines.
func (a *api) baselineID(c caller, text string) (comity.BaselineID, error) {
	if err := require(c.viewer.SeesBaselines()); err != nil {
		return "", err
	}
	return parsed(comity.ParseBaselineID, text)
}

// ownBaseline reads the identity of a baseline that is there, for somebody whose organisation answers it.
func (a *api) ownBaseline(ctx context.Context, c caller, text string) (comity.BaselineID, error) {
	if err := c.member(); err != nil {
		return "", err
	}
	id, err := parsed(comity.ParseBaselineID, text)
	if err != nil {
		return "", err
	}
	_, err = a.store.BaselineRevisions(ctx, c.viewer, id)
	return id, err
}

func (a *api) importBaseline(ctx context.Context, c caller, in *importBaselineInput) (*created[importedBaseline], error) {
	if err := require(c.viewer.KeepsBaselines()); err != nil {
		return nil, err
	}
	b, problems, err := baseline.Parse(in.body, baseline.Options{Title: in.Title, Version: in.Version})
	if err != nil {
		return nil, err
	}
	if !baseline.Usable(problems) {
		return nil, unusable(problems)
	}
	if err := a.standing(ctx, c, in, &b); err != nil {
		return nil, err
	}
	if b.Title == "" {
		return nil, invalid("query.title", "the document has no title: give one")
	}
	b, err = a.store.PutBaseline(ctx, c.viewer, b, in.InForce, a.now())
	if err != nil {
		return nil, err
	}
	answer := importedBaseline{Baseline: b.Head(), Warnings: []string{}}
	if in.InForce {
		answer.Baseline.InForce = b.Revision
	}
	for _, p := range problems {
		answer.Warnings = append(answer.Warnings, p.String())
	}
	return &created[importedBaseline]{Location: prefix + "/baselines/" + string(b.ID), ETag: etag(b.Revision), Body: answer}, nil
}

// standing makes b the next revision of the baseline that the request names, or a new baseline.
func (a *api) standing(ctx context.Context, c caller, in *importBaselineInput, b *comity.Baseline) error {
	if in.Of == "" {
		id, err := newID(a, comity.MakeBaselineID)
		b.ID = id
		return err
	}
	id, err := parsed(comity.ParseBaselineID, in.Of)
	if err != nil {
		return err
	}
	revisions, err := a.store.BaselineRevisions(ctx, c.viewer, id)
	if err != nil {
		return err
	}
	b.ID, b.Key, b.Revision = id, revisions[0].Key, in.Revision
	return nil
}

// unusable tells every problem of a document, up to a hundred.
func unusable(problems []baseline.Problem) error {
	p := newProblem(http.StatusUnprocessableEntity, "the document has problems, and nothing of it was saved")
	for _, problem := range problems[:min(len(problems), 100)] {
		p.Errors = append(p.Errors, problemField{"body", problem.String()})
	}
	return p
}

func (a *api) putInForce(ctx context.Context, c caller, in *forceInput) (*content[comity.BaselineHead], error) {
	if err := require(c.viewer.KeepsBaselines()); err != nil {
		return nil, err
	}
	id, err := parsed(comity.ParseBaselineID, in.ID)
	if err != nil {
		return nil, err
	}
	if err := a.store.SetBaselineInForce(ctx, c.viewer, id, in.Body.Revision); err != nil {
		return nil, err
	}
	revisions, err := a.store.BaselineRevisions(ctx, c.viewer, id)
	if err != nil {
		return nil, err
	}
	return bodyOf(revisions[0]), nil
}

func (a *api) putAnswers(ctx context.Context, c caller, in *putAnswersInput) (*revised[comity.BaselineAssessment], error) {
	if err := c.editor(); err != nil {
		return nil, err
	}
	id, err := a.ownBaseline(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	revision, err := revisionOf(in.Body.Revision, in.IfMatch)
	if err != nil {
		return nil, err
	}
	answers := make([]comity.BaselineAnswer, 0, len(in.Body.Answers))
	for _, n := range in.Body.Answers {
		answers = append(answers, comity.BaselineAnswer{
			Control: n.Control, Maturity: comity.Maturity(n.Maturity), Evidence: n.Evidence, Target: comity.Maturity(n.Target), Due: n.Due,
		})
	}
	after, err := a.store.PutBaselineAnswers(ctx, c.viewer, c.org(), id, revision, answers, a.now())
	if err != nil {
		return nil, conflict(err, in.IfMatch)
	}
	return revisedBody(after, after.Revision), nil
}
