package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"comity"
	"comity/assess"
	"comity/assess/catalogue"
	"comity/demo"
	"comity/pipeline"
	"comity/storage"
	"comity/web"
)

// storyteller plays the chapters of the demonstration through the real store and pipeline, with the clock of each.
type storyteller struct {
	store    *storage.Store
	pipeline *pipeline.Pipeline
	facts    *demo.PublicFacts
	now      atomic.Int64 // the story's clock, Unix seconds
	viewer   comity.Viewer
}

// fill tells the whole story into an empty store.
func fill(ctx context.Context, s *storage.Store, seed uint64, day comity.Date, log *slog.Logger) error {
	facts, err := demo.Facts()
	if err != nil {
		return err
	}
	world := demo.Meridian(seed, day)
	t := &storyteller{store: s, facts: facts, viewer: comity.System("demo: tell the story")}
	t.pipeline = pipeline.New(s, pipeline.Options{
		Catalogue: assess.DefaultCatalogue(), Now: t.clock, Entropy: seeded(seed), Log: log,
	})
	t.now.Store(world.Chapters[0].At.Unix())
	if err := t.begin(ctx, world); err != nil {
		return err
	}
	if err := t.baselines(ctx, seed); err != nil {
		return fmt.Errorf("baselines: %w", err)
	}
	for _, c := range world.Chapters {
		if err := t.chapter(ctx, c); err != nil {
			return fmt.Errorf("chapter of %s: %w", comity.DateOf(c.At), err)
		}
	}
	if err := t.pipeline.KeepForecasts(ctx); err != nil {
		return fmt.Errorf("forecasts: %w", err)
	}
	if err := t.answers(ctx, seed, demo.SecondRound, day); err != nil {
		return fmt.Errorf("answers to baselines: %w", err)
	}
	for _, step := range world.Plan {
		if err := t.planStep(ctx, step); err != nil {
			return fmt.Errorf("work-plan on %s: %w", comity.DateOf(step.At), err)
		}
	}
	for _, s := range world.Sessions {
		if err := t.sitting(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s.Session.Title, err)
		}
	}
	for _, p := range world.Governance.Procedures {
		if err := t.procedure(ctx, p); err != nil {
			return fmt.Errorf("%s: %w", p.Title, err)
		}
	}
	for _, step := range world.Projects {
		if err := t.project(ctx, step); err != nil {
			return fmt.Errorf("joint project on %s: %w", comity.DateOf(step.At), err)
		}
	}
	for _, step := range world.Treatments {
		if err := t.treatment(ctx, step); err != nil {
			return fmt.Errorf("treatment of %s: %w", step.Treatment.Scenario, err)
		}
	}
	if err := t.notified(ctx, world.Notified); err != nil {
		return fmt.Errorf("webhook and mails: %w", err)
	}
	for _, step := range world.Reports {
		if err := t.report(ctx, step); err != nil {
			return fmt.Errorf("report on %s: %w", comity.DateOf(step.At), err)
		}
	}
	return nil
}

func (t *storyteller) clock() time.Time { return time.Unix(t.now.Load(), 0).UTC() }

// seeded returns the chance of a story: the same for the same seed.
func seeded(seed uint64) *rand.ChaCha8 {
	var key [32]byte
	binary.BigEndian.PutUint64(key[:], seed)
	return rand.NewChaCha8(key)
}

// begin puts in what there is before the first chapter: the group, its people, ATT&CK, scores and ranges.
func (t *storyteller) begin(ctx context.Context, w demo.World) error {
	if err := t.store.PutGroup(ctx, t.viewer, w.Group); err != nil {
		return err
	}
	for _, o := range w.Organizations {
		if err := t.store.PutOrganization(ctx, t.viewer, o); err != nil {
			return err
		}
	}
	for _, p := range w.People {
		if err := t.store.PutPerson(ctx, t.viewer, p); err != nil {
			return err
		}
	}
	if _, err := t.store.PutFeed(ctx, t.viewer, demo.ExchangeFeed, t.clock()); err != nil {
		return err
	}
	for _, c := range w.Contacts {
		if _, err := t.store.PutContact(ctx, t.viewer, c, t.clock()); err != nil {
			return err
		}
	}
	if err := t.govern(ctx, w.Governance); err != nil {
		return fmt.Errorf("governance: %w", err)
	}
	if _, err := t.store.PutKnowledge(ctx, t.viewer, t.facts.AttackSource(t.clock()), t.facts.Knowledge, t.facts.Techniques, false); err != nil {
		return err
	}
	if err := t.store.PutTechniquesOf(ctx, t.viewer, "ctid-kev", t.facts.Opened); err != nil {
		return err
	}
	return t.store.PutAffected(ctx, t.viewer, "nvd-overrides", t.facts.Affected)
}

// chapter plays one chapter: what changed at home first, then what arrived, so that "what changed" tells the arrivals.
func (t *storyteller) chapter(ctx context.Context, c demo.Chapter) error {
	t.now.Store(c.At.Unix())
	if err := t.catalogue(ctx, c.Catalogue); err != nil {
		return err
	}
	if err := t.home(ctx, c); err != nil {
		return err
	}
	if !c.Release { // today: assessed in between, so that what arrived is told apart from what was done at home
		if err := t.pipeline.CatchUp(ctx); err != nil {
			return err
		}
		t.now.Add(60)
	}
	if err := t.arrivals(ctx, c); err != nil {
		return err
	}
	if err := t.pipeline.CatchUp(ctx); err != nil {
		return err
	}
	for _, a := range c.Actions {
		if _, err := t.store.PutAction(ctx, t.viewer, a, "", t.clock()); err != nil {
			return err
		}
	}
	if !c.Release {
		return nil
	}
	_, err := t.pipeline.Publish(ctx, t.viewer)
	return err
}

// catalogue adopts the next version of the scenario catalogue, or leaves it as a draft.
func (t *storyteller) catalogue(ctx context.Context, step *demo.CatalogueStep) error {
	if step == nil {
		return nil
	}
	current, err := t.store.Catalogue(ctx, t.viewer, 0)
	if err != nil {
		return err
	}
	changed := step.Apply(current.Catalogue)
	if step.Note == "" {
		_, err = t.store.PutCatalogueDraft(ctx, t.viewer, comity.CatalogueDraft{Base: current.Number, Catalogue: changed}, t.clock())
		return err
	}
	if err := catalogue.Check(changed, t.facts.Knowledge); err != nil {
		return err
	}
	_, err = t.pipeline.Adopt(ctx, t.viewer, comity.CatalogueVersion{Number: current.Number + 1, Note: step.Note, Catalogue: changed}, 0)
	return err
}

func (t *storyteller) home(ctx context.Context, c demo.Chapter) error {
	for _, p := range c.Profiles {
		current, err := t.store.Profile(ctx, t.viewer, p.Org)
		if err != nil {
			return err
		}
		p.Revision = current.Revision
		if _, err := t.store.PutProfile(ctx, t.viewer, p, t.clock()); err != nil {
			return err
		}
	}
	for _, e := range c.Evidence {
		if err := t.store.PutEvidence(ctx, t.viewer, e); err != nil {
			return err
		}
	}
	return nil
}

// scoresDay is the day of the embedded EPSS scores; chapters before it have none.
var scoresDay = comity.Date{Year: 2026, Month: time.January, Day: 30}

func (t *storyteller) arrivals(ctx context.Context, c demo.Chapter) error {
	if !c.KEV.IsZero() {
		catalogue, err := t.facts.KEVUntil(c.KEV)
		if err != nil {
			return err
		}
		if _, err := t.pipeline.Intake(ctx, t.viewer, comity.SourceKEV, bytes.NewReader(catalogue), pipeline.IntakeOptions{}); err != nil {
			return err
		}
	}
	if !comity.DateOf(c.At).Before(scoresDay) {
		if _, err := t.pipeline.Intake(ctx, t.viewer, comity.SourceEPSS, bytes.NewReader(t.facts.EPSS), pipeline.IntakeOptions{}); err != nil {
			return err
		}
	}
	if c.Exchange != nil {
		if _, err := t.pipeline.Intake(ctx, t.viewer, demo.ExchangeFeed.Source, bytes.NewReader(c.Exchange), pipeline.IntakeOptions{Format: comity.FormatSTIX}); err != nil {
			return err
		}
	}
	if len(c.Threats) == 0 {
		return nil
	}
	src := comity.Source{
		ID: comity.SourceGroup, Version: comity.DateOf(c.At).String(), Date: c.At, TakenIn: t.clock(), Hash: comity.DateOf(c.At).String(),
	}
	_, err := t.store.PutThreats(ctx, t.viewer, src, c.Threats, comity.PutThreatsOptions{})
	return err
}

// planStep makes or changes one item of the work-plan, as the person whose it is.
func (t *storyteller) planStep(ctx context.Context, s demo.PlanStep) error {
	v := comity.ViewerOf(s.By)
	if s.Make != nil {
		_, err := t.store.ReviseAction(ctx, v, *s.Make, s.Reason, s.At)
		return err
	}
	a, err := t.store.Action(ctx, v, s.Action)
	for _, f := range s.Fields {
		if err == nil {
			err = a.SetField(f.Name, f.Value)
		}
	}
	if err != nil {
		return err
	}
	_, err = t.store.ReviseAction(ctx, v, a, s.Reason, s.At)
	return err
}

// project stores a joint project, or a report on one.
func (t *storyteller) project(ctx context.Context, s demo.ProjectStep) error {
	v := comity.ViewerOf(s.By)
	if s.Report != nil {
		_, err := t.store.PutProjectReport(ctx, v, *s.Report, s.At)
		return err
	}
	_, err := t.store.PutProject(ctx, v, *s.Project, s.At)
	return err
}

// report writes a report, and freezes it as the page does.
func (t *storyteller) report(ctx context.Context, s demo.ReportStep) error {
	v := comity.ViewerOf(s.By)
	r, err := t.store.PutReport(ctx, v, s.Report, s.At)
	if err != nil || !s.Freeze {
		return err
	}
	r, documents, err := web.FrozenReport(ctx, t.store, v, r, s.At)
	if err != nil {
		return err
	}
	_, err = t.store.FreezeReport(ctx, v, r, documents, s.At)
	return err
}

// treatment decides on an exposure as the person whose decision it is, and approves it as another.
func (t *storyteller) treatment(ctx context.Context, s demo.TreatmentStep) error {
	v, org := comity.ViewerOf(s.By), s.Treatment.Org
	if s.Threshold > 0 {
		if err := t.store.PutTreatmentThreshold(ctx, v, org, s.Threshold, s.At); err != nil {
			return err
		}
	}
	e, err := t.store.ExposureOn(ctx, v, org, comity.DateOf(s.At))
	if err != nil && comity.KindOf(err) != comity.NotFound {
		return err
	}
	one, _ := e.Scenario(s.Treatment.Scenario)
	s.Treatment.Figure = one.Significant
	decided, err := t.store.PutTreatment(ctx, v, s.Treatment, s.At)
	if err != nil || s.Approved.ID == "" {
		return err
	}
	_, err = t.store.ApproveTreatment(ctx, comity.ViewerOf(s.Approved), org, decided.Scenario, decided.Revision, s.At.Add(26*time.Hour))
	return err
}
