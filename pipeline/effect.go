package pipeline

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"comity"
	"comity/assess"
)

// mostMeasures bounds what is compared at once: about 0.2 s on one core.
const mostMeasures = 60

// keptEffects remembers what measures would remove, per organisation, until it is assessed again.
type keptEffects struct {
	mu   sync.Mutex
	orgs map[comity.OrgID]orgEffects
}

// orgEffects are those of one organisation at one assessment.
type orgEffects struct {
	assessed int // revision of the exposure
	removes  map[comity.Measure]comity.Improvement
}

const (
	keptOrgs     = 200
	keptMeasures = 1000
)

// get returns what is known of measures at an assessment, and which are not known.
func (k *keptEffects) get(org comity.OrgID, assessed int, measures []comity.Measure) (map[comity.Measure]comity.Improvement, []comity.Measure) {
	k.mu.Lock()
	defer k.mu.Unlock()
	known := map[comity.Measure]comity.Improvement{}
	var missing []comity.Measure
	kept := k.orgs[org]
	for _, m := range measures {
		one, ok := kept.removes[m]
		switch {
		case ok && kept.assessed == assessed:
			known[m] = one
		case !slices.Contains(missing, m):
			missing = append(missing, m)
		}
	}
	return known, missing
}

func (k *keptEffects) put(org comity.OrgID, assessed int, found map[comity.Measure]comity.Improvement) {
	k.mu.Lock()
	defer k.mu.Unlock()
	kept := k.orgs[org]
	if k.orgs == nil || len(k.orgs) >= keptOrgs {
		k.orgs = map[comity.OrgID]orgEffects{}
	}
	if kept.assessed != assessed || len(kept.removes) >= keptMeasures {
		kept = orgEffects{assessed: assessed, removes: map[comity.Measure]comity.Improvement{}}
	}
	for m, one := range found {
		kept.removes[m] = one
	}
	k.orgs[org] = kept
}

// Effects returns what measures would remove of an organisation's exposure if they were put in place now, by measure: of the
// first 60 that are not known yet, and of all that are known since the last assessment. Only who sees the organisation's
// profile may ask; for everybody else, and before the first assessment, it is NotFound.
func (p *Pipeline) Effects(ctx context.Context, v comity.Viewer, org comity.OrgID, measures []comity.Measure) (map[comity.Measure]comity.Improvement, error) {
	e, err := p.store.Exposure(ctx, v, org)
	if err != nil {
		return nil, err
	}
	known, missing := p.effects.get(org, e.Revision, measures)
	if len(missing) == 0 {
		return known, nil
	}
	missing = missing[:min(len(missing), mostMeasures)]
	in, err := p.current(ctx, v, org)
	if err != nil {
		return nil, err
	}
	list, err := assess.Effects(in, missing)
	if err != nil {
		return nil, fmt.Errorf("what measures would remove: %w", err)
	}
	for i, m := range missing {
		known[m] = list[i]
	}
	p.effects.put(org, e.Revision, known)
	return known, nil
}

// KeepEffect works out what a closed item removed of the exposure of each organisation that did it, its owner and those who
// helped, and keeps it. Organisations without a profile are left out. Who asks must see the item.
func (p *Pipeline) KeepEffect(ctx context.Context, v comity.Viewer, id comity.ActionID) error {
	a, err := p.store.Action(ctx, v, id)
	if err != nil {
		return err
	}
	system := comity.System("work-plan: keep what a closed item removed")
	if a, err = p.store.Action(ctx, system, id); err != nil { // with the match that it came from
		return err
	}
	if a.Status != comity.ActionDone {
		return nil
	}
	for _, org := range slices.Concat([]comity.OrgID{a.Owner}, a.Contributors) {
		if org != a.Owner {
			a.Match = "" // the owner's: to others the threat counts
		}
		measure, ok := comity.MeasureOf(a)
		if !ok {
			return nil
		}
		if err := p.keepEffect(ctx, system, a, measure, org); err != nil && comity.KindOf(err) != comity.NotFound && comity.KindOf(err) != comity.Conflict {
			return fmt.Errorf("what %s removed at %s: %w", id, org, err)
		}
	}
	return nil
}

// keepEffect is NotFound for an organisation that was never assessed, and Conflict for one that erased what it had.
func (p *Pipeline) keepEffect(ctx context.Context, v comity.Viewer, a comity.ActionItem, measure comity.Measure, org comity.OrgID) error {
	if _, err := p.store.Exposure(ctx, v, org); err != nil {
		return err
	}
	then, err := p.store.ProfileAsOf(ctx, v, org, a.Created)
	if err != nil {
		return err
	}
	in, err := p.current(ctx, v, org)
	if err != nil {
		return err
	}
	removed, err := assess.Removed(in, measure, then.Coverage)
	if err != nil {
		return err
	}
	return p.store.PutActionEffect(ctx, v, comity.ActionEffect{Action: a.ID, Org: org, At: p.now().UTC().Truncate(time.Second), Removed: removed})
}
