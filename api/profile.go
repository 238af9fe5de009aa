package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"

	"comity"
)

func (s *server) profile() {
	const tag = "Own organisation"
	register(s, operation(http.MethodGet, "/profile", "getProfile", tag, "The own organisation's private profile", http.StatusForbidden),
		func(ctx context.Context, _ *none) (*body[comity.Profile], error) {
			org, err := own(viewer(ctx))
			if err != nil {
				return nil, err
			}
			return answer(s.Store.Profile(ctx, viewer(ctx), org))
		})
	register(s, operation(http.MethodGet, "/evidence", "listEvidence", tag, "The own incidents and attempts, retracted ones too", http.StatusForbidden),
		func(ctx context.Context, _ *none) (*body[list[comity.Evidence]], error) {
			org, err := own(viewer(ctx))
			if err != nil {
				return nil, err
			}
			items, err := s.Store.EvidenceOf(ctx, viewer(ctx), org)
			return answer(list[comity.Evidence]{Items: items, Total: len(items)}, err)
		})
	post := operation(http.MethodPost, "/evidence", "addEvidence", tag, "Record incidents or attempts of a span that was watched", http.StatusForbidden)
	post.DefaultStatus = http.StatusCreated
	register(s, post, s.addEvidence)
	type byID struct {
		ID string `path:"id" doc:"Identity, evi_…"`
	}
	register(s, operation(http.MethodDelete, "/evidence/{id}", "retractEvidence", tag, "Retract an item: estimates are as they were before it", http.StatusNotFound),
		func(ctx context.Context, in *byID) (*struct{}, error) {
			id, err := comity.ParseEvidenceID(in.ID)
			if err != nil {
				return nil, comity.Errorf(comity.NotFound, "not found")
			}
			return nil, s.Store.RetractEvidence(ctx, viewer(ctx), id, s.Now())
		})
}

type newEvidence struct {
	Body struct {
		Scenario string `json:"scenario" doc:"Scenario of the catalogue, such as phishing"`
		Kind     string `json:"kind" enum:"incident,attempt" doc:"An incident happened after controls; an attempt reached the organisation"`
		Count    int    `json:"count" minimum:"0" maximum:"100000" doc:"How many; 0 is an answer"`
		From     string `json:"from" format:"date" doc:"First day of the span that was watched"`
		To       string `json:"to" format:"date" doc:"Last day of it"`
		Note     string `json:"note,omitempty" maxLength:"2000"`
	}
}

func (s *server) addEvidence(ctx context.Context, in *newEvidence) (*body[comity.Evidence], error) {
	v := viewer(ctx)
	if !v.EditsProfile(v.Org()) {
		return nil, forbidden("this role does not record evidence")
	}
	if _, ok := s.Pipeline.Catalogue().Scenario(comity.ScenarioID(in.Body.Scenario)); !ok {
		return nil, comity.Errorf(comity.Invalid, "/scenario: the catalogue has no %q", in.Body.Scenario)
	}
	from, err := comity.ParseDate(in.Body.From)
	if err != nil {
		return nil, err
	}
	to, err := comity.ParseDate(in.Body.To)
	if err != nil {
		return nil, err
	}
	if to.Before(from) || comity.DateOf(s.Now()).Before(to) {
		return nil, comity.Errorf(comity.Invalid, "/to: the span must end after it begins and not after today")
	}
	entropy, err := freshEntropy()
	if err != nil {
		return nil, err
	}
	e := comity.Evidence{
		ID: comity.MakeEvidenceID(entropy), Org: v.Org(), Scenario: comity.ScenarioID(in.Body.Scenario), Kind: comity.EvidenceKind(in.Body.Kind),
		Count: in.Body.Count, From: from, To: to, Weight: 1, Note: in.Body.Note, Recorded: s.Now().UTC(),
	}
	if err := s.Store.PutEvidence(ctx, v, e); err != nil {
		return nil, err
	}
	s.Pipeline.Wake()
	return answer(e, nil)
}

func freshEntropy() (comity.Entropy, error) {
	var e comity.Entropy
	if _, err := io.ReadFull(rand.Reader, e[:]); err != nil {
		return e, fmt.Errorf("read entropy: %w", err)
	}
	return e, nil
}
