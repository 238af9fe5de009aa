package pipeline

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"time"

	"comity"
	"comity/aggregate"
	"comity/assess"

	"golang.org/x/sync/errgroup"
)

// worlds is how many simulated years all members share in a release.
const worlds = 10_000

// PublishDue publishes the release that the schedule asks for, if one is due. A group without any release waits for its
// first to be published by hand: only people know when the cohort is complete.
func (p *Pipeline) PublishDue(ctx context.Context) error {
	v := comity.System("pipeline: release on schedule")
	last, err := p.store.Releases(ctx, v, 1)
	if err != nil {
		return fmt.Errorf("read last release: %w", err)
	}
	if len(last) == 0 || comity.DateOf(p.now()).Before(last[0].Next) {
		return nil
	}
	_, err = p.Publish(ctx, v)
	return err
}

// Publish freezes the system's exposure as it is now into the next release, after release control. Its error is
// Forbidden if the viewer may not, Conflict if this period was already published.
func (p *Pipeline) Publish(ctx context.Context, v comity.Viewer) (comity.Release, error) {
	if !v.Publishes() {
		return comity.Release{}, comity.Errorf(comity.Forbidden, "only co-chairs and the secretariat publish a release")
	}
	if err := p.CatchUp(ctx); err != nil {
		return comity.Release{}, err
	}
	system := comity.System("pipeline: release")
	in, err := p.releaseInput(ctx, system)
	if err != nil {
		return comity.Release{}, err
	}
	release, err := aggregate.Release(in)
	if err != nil {
		return comity.Release{}, err
	}
	if err := p.store.PutRelease(ctx, v, release); err != nil {
		return comity.Release{}, fmt.Errorf("store release %d: %w", release.Number, err)
	}
	return release, nil
}

// Preview says what the next release would be if it were published now, from who has answered alone: nothing is computed
// from the answers. Its error is Forbidden if the viewer may not publish.
func (p *Pipeline) Preview(ctx context.Context, v comity.Viewer) (comity.ReleasePreview, error) {
	if !v.Publishes() {
		return comity.ReleasePreview{}, comity.Errorf(comity.Forbidden, "only co-chairs and the secretariat publish a release")
	}
	system := comity.System("pipeline: preview of a release")
	in, err := p.releaseFrame(ctx, system)
	if err != nil {
		return comity.ReleasePreview{}, err
	}
	for _, org := range in.Cohort {
		profile, err := p.store.Profile(ctx, system, org)
		if err != nil {
			return comity.ReleasePreview{}, fmt.Errorf("read profile of %s: %w", org, err)
		}
		if profile.Revision > 0 {
			in.Contributions = append(in.Contributions, aggregate.Contribution{Org: org})
		}
	}
	return aggregate.Foresee(in)
}

// Audit bounds, by linear programming, what can be inferred of any member from the counts of these releases together, and
// returns how many of a member's values are bounded more closely than release control allows. Everything that it reads
// was released.
func (p *Pipeline) Audit(releases []comity.Release) int { return len(aggregate.Audit(releases)) }

// releaseInput gathers the cohort and what each of it contributes.
func (p *Pipeline) releaseInput(ctx context.Context, v comity.Viewer) (aggregate.Input, error) {
	in, err := p.releaseFrame(ctx, v)
	if err != nil {
		return in, err
	}
	entropy, err := p.freshEntropy()
	if err != nil {
		return in, err
	}
	in.ID = comity.MakeReleaseID(entropy)
	var seed [8]byte
	if _, err := io.ReadFull(p.entropy, seed[:]); err != nil {
		return in, fmt.Errorf("read seed: %w", err)
	}
	in.Seed = binary.BigEndian.Uint64(seed[:]) >> seedShift
	measures, err := p.steps(ctx, v, &in)
	if err != nil {
		return in, err
	}
	in.Contributions, err = p.contributions(ctx, v, in, measures)
	return in, err
}

// rankedItems is how many open action items of the group a release ranks, those that are due first.
const rankedItems = 60

// steps sets what the release ranks, and returns what each step puts in place at a member: every mitigation one step further,
// and every open action item of the group from which something follows. Only items that the whole group may read are
// among them, and an item's match, which is one member's own, stands for its threat.
func (p *Pipeline) steps(ctx context.Context, v comity.Viewer, in *aggregate.Input) ([]comity.Measure, error) {
	var measures []comity.Measure
	for _, code := range slices.Sorted(maps.Keys(p.Catalogue().Strength)) {
		in.Steps = append(in.Steps, aggregate.Step{Group: "mitigation", Row: code})
		measures = append(measures, comity.Measure{Control: code})
	}
	page, err := p.store.Actions(ctx, v, comity.ActionQuery{Group: true, Open: true, Limit: rankedItems})
	if err != nil {
		return nil, fmt.Errorf("read the group's action items: %w", err)
	}
	for _, a := range page.Actions {
		a.Match = ""
		measure, ok := comity.MeasureOf(a)
		if !ok || a.TLP != comity.TLPClear && a.TLP != comity.TLPGreen {
			continue
		}
		in.Steps = append(in.Steps, aggregate.Step{Group: "action", Row: string(a.ID)})
		measures = append(measures, measure)
	}
	return measures, nil
}

// releaseFrame gathers what the next release is, without the contributions.
func (p *Pipeline) releaseFrame(ctx context.Context, v comity.Viewer) (aggregate.Input, error) {
	now := p.now().UTC().Truncate(time.Second)
	in := aggregate.Input{
		AsOf: now, Rule: aggregate.DefaultRule, Catalogue: p.Catalogue().Version, Scenarios: p.Catalogue().Scenarios,
	}
	group, err := p.store.Group(ctx, v)
	if err != nil {
		return in, fmt.Errorf("read group: %w", err)
	}
	in.Period, in.Next = period(now, group.ReleaseMonths)
	if in.Previous, err = p.store.Releases(ctx, v, 200); err != nil {
		return in, fmt.Errorf("read releases: %w", err)
	}
	in.Number = 1
	if len(in.Previous) > 0 {
		in.Number = in.Previous[0].Number + 1
	}
	in.Cohort, err = p.contributors(ctx, v)
	return in, err
}

// contributions computes what each member of the cohort that has answered contributes, in the cohort's order.
func (p *Pipeline) contributions(ctx context.Context, v comity.Viewer, frame aggregate.Input, measures []comity.Measure) ([]aggregate.Contribution, error) {
	s := &world{now: frame.AsOf, catalogue: p.Catalogue()}
	var err error
	if s.knowledge, err = p.store.Knowledge(ctx, v); err != nil {
		return nil, fmt.Errorf("read ATT&CK: %w", err)
	}
	var inputs []assess.Input
	var exposures []comity.Exposure
	for _, org := range frame.Cohort {
		profile, err := p.store.Profile(ctx, v, org)
		if err != nil {
			return nil, fmt.Errorf("read profile of %s: %w", org, err)
		}
		if profile.Revision == 0 {
			continue // has answered nothing: no contributor
		}
		in, err := p.input(ctx, v, profile, s)
		if err != nil {
			return nil, fmt.Errorf("organisation %s: %w", org, err)
		}
		exposure, err := p.store.Exposure(ctx, v, org)
		if err != nil {
			return nil, fmt.Errorf("read exposure of %s: %w", org, err)
		}
		inputs, exposures = append(inputs, in), append(exposures, exposure)
	}
	sources := commonSources(inputs)
	out := make([]aggregate.Contribution, len(inputs))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, in := range inputs {
		g.Go(func() error {
			var err error
			if out[i], err = contribution(in, exposures[i], sources, frame.Seed); err != nil {
				return err
			}
			out[i].Removes, err = assess.Removes(in, measures)
			return err
		})
	}
	return out, g.Wait()
}

func contribution(in assess.Input, exposure comity.Exposure, sources []assess.CommonSource, seed uint64) (aggregate.Contribution, error) {
	org := in.Profile.Org
	losses, err := assess.Worlds(in, sources, worlds, seed)
	if err != nil {
		return aggregate.Contribution{}, fmt.Errorf("simulate %s: %w", org, err)
	}
	c := aggregate.Contribution{Org: org, Exposure: exposure, Worlds: losses}
	for _, s := range in.Profile.Suppliers {
		c.Suppliers = append(c.Suppliers, comity.NormalName(s.Name))
	}
	for _, m := range in.Matches {
		if in.Threats[m.Threat].Marking.TLP == comity.TLPClear {
			c.Threats = append(c.Threats, m.Threat)
		}
	}
	return c, nil
}

// commonSources are the suppliers that at least as many members declare as a release asks contributors of: a shock that
// fewer share would tell who they are.
func commonSources(inputs []assess.Input) []assess.CommonSource {
	declared := map[string]int{}
	for _, in := range inputs {
		for _, s := range in.Profile.Suppliers {
			declared[comity.NormalName(s.Name)]++
		}
	}
	var names []string
	for name, n := range declared {
		if n >= aggregate.DefaultRule.MinContributors {
			names = append(names, name)
		}
	}
	return assess.CommonSources(names)
}

// period names the period that a release made now reports on, which is the one that the day before belongs to, and says
// when the next is due: on the first day after the period that follows. So a release on 1 October and one on 30
// September both report on the third quarter, and the next is due on 1 January.
func period(now time.Time, months int) (name string, next comity.Date) {
	switch months {
	case 1, 3, 6, 12:
	default:
		months = 3
	}
	day := now.AddDate(0, 0, -1)
	first := (int(day.Month())-1)/months*months + 1 // the period's first month
	switch months {
	case 1:
		name = day.Format("2006-01")
	case 3:
		name = fmt.Sprintf("%d-Q%d", day.Year(), first/3+1)
	case 6:
		name = fmt.Sprintf("%d-H%d", day.Year(), first/6+1)
	case 12:
		name = day.Format("2006")
	}
	return name, comity.DateOf(time.Date(day.Year(), time.Month(first+2*months), 1, 0, 0, 0, 0, time.UTC))
}
