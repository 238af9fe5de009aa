package pipeline

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"comity"
	"comity/assess"
)

// Catalogue returns the scenario catalogue in use: the one in force when this process looked last, which is at most a
// second after it was adopted. Nobody changes what it returns.
func (p *Pipeline) Catalogue() comity.Catalogue { return p.catalogue.Load().Catalogue }

// Refresh looks which catalogue is in force. A group that has none yet gets the one that Comity comes with as version 1.
func (p *Pipeline) Refresh(ctx context.Context) error {
	v := comity.System("pipeline: which catalogue is in force")
	number, err := p.store.CatalogueNumber(ctx, v)
	if err != nil {
		return fmt.Errorf("read number of the catalogue: %w", err)
	}
	if number == 0 {
		number = 1
		first := comity.CatalogueVersion{Number: number, Adopted: p.now().UTC().Truncate(time.Second), Catalogue: p.Catalogue()}
		if err := p.store.PutCatalogue(ctx, v, first, 0); err != nil && comity.KindOf(err) != comity.Conflict {
			return fmt.Errorf("store the first catalogue: %w", err)
		}
	} else if p.catalogue.Load().Number == number {
		return nil
	}
	c, err := p.store.Catalogue(ctx, v, number)
	if err != nil {
		return fmt.Errorf("read catalogue %d: %w", number, err)
	}
	p.catalogue.Store(&c)
	return nil
}

// Adopt makes a catalogue that was checked the next version, which is in force at once here, and wakes the pipeline to
// assess everybody again. It returns the version as it was stored; PutCatalogue says what can be wrong.
func (p *Pipeline) Adopt(ctx context.Context, v comity.Viewer, c comity.CatalogueVersion, draft int) (comity.CatalogueVersion, error) {
	c.Adopted = p.now().UTC().Truncate(time.Second)
	if v.EditsCatalogue() {
		// What nobody could be assessed with must not come into force, whatever a check has missed.
		if _, err := assess.Headline(assess.Input{Catalogue: c.Catalogue, Now: c.Adopted}); err != nil {
			return c, fmt.Errorf("adopt catalogue: %w", err)
		}
	}
	if err := p.store.PutCatalogue(ctx, v, c, draft); err != nil {
		return c, err
	}
	p.Wake()
	return c, p.Refresh(ctx)
}

// catalogueOf returns the catalogue that an exposure was assessed with, or the current one where its version is not known
// here: it was assessed before versions were kept, with the one that is version 1 now.
func (p *Pipeline) catalogueOf(ctx context.Context, v comity.Viewer, e comity.Exposure, current comity.Catalogue) (comity.Catalogue, error) {
	if e.Catalogue == current.Version {
		return current, nil
	}
	number, err := strconv.Atoi(e.Catalogue)
	if err != nil {
		number = 1
	}
	c, err := p.store.Catalogue(ctx, v, max(number, 1))
	if err != nil {
		return current, fmt.Errorf("read catalogue %d: %w", number, err)
	}
	return c.Catalogue, nil
}

// TryCatalogue assesses an organisation with the catalogue in force and with another, on the same luck. It stores nothing.
// Only who sees the organisation's profile may ask; for everybody else the organisation is not found.
func (p *Pipeline) TryCatalogue(ctx context.Context, v comity.Viewer, org comity.OrgID, c comity.Catalogue) (before, after comity.Exposure, err error) {
	in, err := p.current(ctx, v, org)
	if err != nil {
		return before, after, err
	}
	return compareCatalogues(in, c)
}

// TryReference does what TryCatalogue does for two organisations that nobody is: one that entered nothing, and one of
// middling coverage with three typical services. They show whoever edits the catalogue what it does without a look at
// anybody's figures.
func (p *Pipeline) TryReference(ctx context.Context, v comity.Viewer, c comity.Catalogue) (comity.CatalogueEffect, error) {
	var e comity.CatalogueEffect
	if !v.SeesCatalogue() {
		return e, comity.Errorf(comity.NotFound, "not found")
	}
	knowledge, err := p.store.Knowledge(ctx, v)
	if err != nil {
		return e, fmt.Errorf("read ATT&CK: %w", err)
	}
	in := assess.Input{Catalogue: p.Catalogue(), Knowledge: knowledge, Now: p.now().UTC().Truncate(time.Second)}
	if e.Prior[0], e.Prior[1], err = compareCatalogues(in, c); err != nil {
		return e, err
	}
	in.Profile = assess.Middling(in.Catalogue, c)
	e.Middling[0], e.Middling[1], err = compareCatalogues(in, c)
	return e, err
}

func compareCatalogues(in assess.Input, c comity.Catalogue) (before, after comity.Exposure, err error) {
	if before, err = assess.Assess(in); err != nil {
		return before, after, fmt.Errorf("try catalogue: as it is: %w", err)
	}
	in.Catalogue = c
	if after, err = assess.Assess(in); err != nil {
		return before, after, fmt.Errorf("try catalogue: as it would be: %w", err)
	}
	return before, after, nil
}

// Work returns how every figure of an organisation's exposure comes about, as of the moment of its last assessment. Only
// who sees the organisation's profile may ask; for everybody else the organisation is not found, and so it is before the
// first assessment.
func (p *Pipeline) Work(ctx context.Context, v comity.Viewer, org comity.OrgID) (comity.Working, error) {
	e, err := p.store.Exposure(ctx, v, org)
	if err != nil {
		return comity.Working{}, err
	}
	in, err := p.current(ctx, v, org)
	if err != nil {
		return comity.Working{}, err
	}
	in.Now = e.At
	return assess.Work(in)
}
