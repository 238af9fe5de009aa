package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"comity"
	"comity/match"

	"golang.org/x/sync/errgroup"
)

const (
	cursorName   = "pipeline"
	batch        = 5000           // changes read at once
	disturbances = 3              // how often work is done again because another process came in between
	fewThreats   = 2000           // changed threats that are read alone, without all the others
	stale        = 24 * time.Hour // an exposure older than this is re-assessed for the passage of time
)

// work is what a batch of changes asks for.
type work struct {
	threats  map[comity.ThreatID]bool             // changed: to be matched against every profile
	profiles map[comity.OrgID][]string            // changed sections: to be matched against every threat
	evidence map[comity.OrgID][]comity.EvidenceID // changed items
	causes   []comity.Reason                      // that touch every organisation
	closed   []comity.ActionID                    // action items that were done: what they removed is kept

	catalogue bool // a version was adopted: everybody is assessed again
}

// CatchUp matches and re-assesses everything that the changes since the cursor touch, and nothing else, then moves the
// cursor. It returns at once when there is nothing to do.
func (p *Pipeline) CatchUp(ctx context.Context) error {
	p.catchup.Lock()
	defer p.catchup.Unlock()
	v := comity.System("pipeline: match and re-assess what changed")
	cursor, err := p.store.Cursor(ctx, v, cursorName)
	if err != nil {
		return fmt.Errorf("read cursor: %w", err)
	}
	if err := p.Refresh(ctx); err != nil {
		return err
	}
	w, seq, err := p.collect(ctx, v, cursor)
	if err != nil {
		return err
	}
	if w.catalogue { // it may have been adopted since the look above
		if err := p.Refresh(ctx); err != nil {
			return err
		}
	}
	if err := p.do(ctx, v, w); err != nil {
		return err
	}
	for _, id := range w.closed {
		if err := p.KeepEffect(ctx, v, id); err != nil && comity.KindOf(err) != comity.NotFound { // one that is gone removed nothing
			return err
		}
	}
	if seq == cursor {
		return nil
	}
	return p.store.SetCursor(ctx, v, cursorName, seq)
}

// Backlog returns how many changes the pipeline has not followed yet, at most as many as are asked for.
func Backlog(ctx context.Context, store Store, most int) (int, error) {
	v := comity.System("pipeline: how far behind")
	cursor, err := store.Cursor(ctx, v, cursorName)
	if err != nil {
		return 0, fmt.Errorf("read cursor: %w", err)
	}
	changes, err := store.Changes(ctx, v, cursor, most)
	return len(changes), err
}

// collect reads the changes after the cursor and returns the work that they ask for, and the last change read.
func (p *Pipeline) collect(ctx context.Context, v comity.Viewer, cursor int64) (work, int64, error) {
	w := work{
		threats:  map[comity.ThreatID]bool{},
		profiles: map[comity.OrgID][]string{},
		evidence: map[comity.OrgID][]comity.EvidenceID{},
	}
	for {
		changes, err := p.store.Changes(ctx, v, cursor, batch)
		if err != nil {
			return w, cursor, fmt.Errorf("read changes after %d: %w", cursor, err)
		}
		for _, c := range changes {
			w.add(c)
			cursor = c.Seq
		}
		if len(changes) < batch {
			return w, cursor, nil
		}
	}
}

func (w *work) add(c comity.Change) {
	switch c.Kind {
	case comity.ChangeThreat:
		w.threats[comity.ThreatID(c.Subject)] = true
	case comity.ChangeProfile:
		if !slices.Contains(w.profiles[c.Org], c.Subject) {
			w.profiles[c.Org] = append(w.profiles[c.Org], c.Subject)
		}
	case comity.ChangeEvidence:
		w.evidence[c.Org] = append(w.evidence[c.Org], comity.EvidenceID(c.Subject))
	case comity.ChangeCatalogue:
		w.catalogue = true
	case comity.ChangeClosed:
		w.closed = append(w.closed, comity.ActionID(c.Subject))
	case comity.ChangeScores:
		w.addCause(comity.Reason{Key: "scores", Args: map[string]string{"model": c.Subject}})
	case comity.ChangeKnowledge:
		w.addCause(comity.Reason{Key: "knowledge", Args: map[string]string{"version": c.Subject}})
	}
}

// addCause keeps the last cause of each key: two intakes of a source in one batch are one cause.
func (w *work) addCause(r comity.Reason) {
	w.causes = slices.DeleteFunc(w.causes, func(old comity.Reason) bool { return old.Key == r.Key })
	w.causes = append(w.causes, r)
}

// world is what all organisations share during one catch-up.
type world struct {
	knowledge comity.Knowledge
	catalogue comity.Catalogue
	changed   match.Threats // the threats that changed
	scope     []comity.ThreatID
	all       match.Threats // every threat in force; nil unless a profile or very many of them changed
	now       time.Time
}

// do matches and re-assesses organisation by organisation, as many at once as there are cores.
func (p *Pipeline) do(ctx context.Context, v comity.Viewer, w work) error {
	orgs, err := p.contributors(ctx, v)
	if err != nil {
		return err
	}
	shared, err := p.shared(ctx, v, w)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, org := range orgs {
		g.Go(func() error {
			if err := p.untilUndisturbed(ctx, v, org, w, shared); err != nil {
				return fmt.Errorf("organisation %s: %w", org, err)
			}
			return nil
		})
	}
	return g.Wait()
}

// untilUndisturbed does an organisation's work again where another process, such as "comity intake" beside a server,
// assessed it in between: what that one told is then not told twice.
func (p *Pipeline) untilUndisturbed(ctx context.Context, v comity.Viewer, org comity.OrgID, w work, s *world) error {
	for range disturbances {
		err := p.organization(ctx, v, org, w, s)
		if err == nil || comity.KindOf(err) != comity.Conflict {
			return err
		}
	}
	return p.organization(ctx, v, org, w, s)
}

func (p *Pipeline) contributors(ctx context.Context, v comity.Viewer) ([]comity.OrgID, error) {
	all, err := p.store.Organizations(ctx, v)
	if err != nil {
		return nil, fmt.Errorf("list organisations: %w", err)
	}
	var orgs []comity.OrgID
	for _, o := range all {
		if o.Contributes() {
			orgs = append(orgs, o.ID)
		}
	}
	return orgs, nil
}

// shared reads once what every organisation's work needs.
func (p *Pipeline) shared(ctx context.Context, v comity.Viewer, w work) (*world, error) {
	s := &world{now: p.now().UTC().Truncate(time.Second), catalogue: p.Catalogue()}
	var err error
	if s.knowledge, err = p.store.Knowledge(ctx, v); err != nil {
		return nil, fmt.Errorf("read ATT&CK: %w", err)
	}
	for id := range w.threats {
		s.scope = append(s.scope, id)
	}
	slices.Sort(s.scope)
	switch {
	case len(w.profiles) == 0 && len(s.scope) == 0:
		return s, nil
	case len(w.profiles) == 0 && len(s.scope) <= fewThreats:
		return s, p.readChanged(ctx, v, s)
	}
	all, err := p.store.Matchable(ctx, v)
	if err != nil {
		return nil, fmt.Errorf("read threats: %w", err)
	}
	s.all = match.Prepare(all)
	for i, t := range all {
		if w.threats[t.ID] {
			s.changed = append(s.changed, s.all[i])
		}
	}
	return s, nil
}

// readChanged reads the threats that changed alone. What was withdrawn matches nothing.
func (p *Pipeline) readChanged(ctx context.Context, v comity.Viewer, s *world) error {
	found, err := p.store.ThreatsByID(ctx, v, s.scope)
	if err != nil {
		return fmt.Errorf("read threats that changed: %w", err)
	}
	changed := make([]comity.Threat, 0, len(found))
	for _, id := range s.scope {
		if t, ok := found[id]; ok {
			changed = append(changed, t)
		}
	}
	s.changed = match.Prepare(changed)
	return nil
}

// organization brings one organisation's matches and exposure up to date.
func (p *Pipeline) organization(ctx context.Context, v comity.Viewer, org comity.OrgID, w work, s *world) error {
	erased, err := p.store.Erased(ctx, v, org)
	if err != nil || erased {
		return err // nothing to assess until the organisation enters something again
	}
	previous, err := p.store.Exposure(ctx, v, org)
	fresh := comity.KindOf(err) == comity.NotFound && err != nil
	if err != nil && !fresh {
		return fmt.Errorf("read exposure: %w", err)
	}
	_, profileChanged := w.profiles[org]
	if fresh {
		profileChanged = true
	}
	if !profileChanged && len(s.scope) == 0 && len(w.evidence[org]) == 0 && len(w.causes) == 0 && !w.catalogue && s.now.Sub(previous.At) < stale {
		return nil
	}
	profile, err := p.store.Profile(ctx, v, org)
	if err != nil {
		return fmt.Errorf("read profile: %w", err)
	}
	before, err := p.input(ctx, v, profile, s)
	if err != nil {
		return err
	}
	if err := p.match(ctx, v, profile, profileChanged, s); err != nil {
		return err
	}
	after, err := p.input(ctx, v, profile, s)
	if err != nil {
		return err
	}
	if before, err = p.asTold(ctx, v, before, w, previous); err != nil {
		return err
	}
	causes := causesOf(w, before, after)
	if len(causes) == 0 && !fresh && !p.touches(before, w) && s.now.Sub(previous.At) < stale {
		return nil
	}
	return p.reassess(ctx, v, reassessment{
		previous: previous, fresh: fresh, before: before, after: after, causes: causes,
	})
}

// missing returns the matches of one list that another doesn't have, by threat: the order in which they are told.
func missing(from, in []comity.Match) []comity.Match {
	have := make(map[comity.MatchID]bool, len(in))
	for _, m := range in {
		have[m.ID] = true
	}
	list := slices.DeleteFunc(slices.Clone(from), func(m comity.Match) bool { return have[m.ID] })
	slices.SortFunc(list, func(a, b comity.Match) int {
		return cmp.Or(cmp.Compare(a.Threat, b.Threat), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// match finds the organisation's matches anew: against every threat if its profile changed, else against those that
// changed.
func (p *Pipeline) match(ctx context.Context, v comity.Viewer, profile comity.Profile, everything bool, s *world) error {
	threats, scope := s.changed, s.scope
	switch {
	case everything && s.all == nil:
		all, err := p.store.Matchable(ctx, v)
		if err != nil {
			return fmt.Errorf("read threats: %w", err)
		}
		threats, scope = match.Prepare(all), nil
	case everything:
		threats, scope = s.all, nil
	case len(scope) == 0:
		return nil
	}
	found := match.New(profile).FindIn(threats, s.now)
	if _, _, err := p.store.PutMatches(ctx, v, profile.Org, scope, found); err != nil {
		return fmt.Errorf("store matches: %w", err)
	}
	return nil
}
