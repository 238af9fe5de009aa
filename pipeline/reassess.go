package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"comity"
	"comity/assess"
)

const (
	maxLines    = 12   // causes told one by one in "what changed and why"; the rest are told as one
	maxMatches  = 5000 // open matches of one organisation that are assessed
	visibleMove = 5e-4 // a move of the headline that the passage of time alone must reach to be told
)

// reassessment is one organisation's re-assessment with everything that asks for it.
type reassessment struct {
	previous comity.Exposure // as stored; zero if fresh
	fresh    bool            // never assessed before
	before   assess.Input    // the inputs as they were told last, at today's time
	after    assess.Input    // today's inputs
	causes   []cause
}

// cause is one thing that changed. Causes are applied one after the other, so that each line tells its own share.
type cause struct {
	why   comity.Reason
	match *comity.Match               // of a match that was found or is gone
	apply func(current *assess.Input) // makes the inputs those after the cause; nil: they are already
}

// causesOf lists what changed for an organisation: what is everybody's, what is its own, then matches.
func causesOf(w work, before, after assess.Input) []cause {
	var causes []cause
	for _, why := range w.causes {
		causes = append(causes, cause{why: why})
	}
	org := after.Profile.Org
	if before.Catalogue.Version != after.Catalogue.Version {
		why := comity.Reason{Key: "catalogue", Args: map[string]string{"version": after.Catalogue.Version}}
		causes = append(causes, cause{why: why, apply: func(current *assess.Input) { current.Catalogue = after.Catalogue }})
	}
	for _, section := range w.profiles[org] {
		if set := setSection[section]; set != nil {
			why := comity.Reason{Key: "profile", Args: map[string]string{"section": section}}
			causes = append(causes, cause{why: why, apply: func(current *assess.Input) { set(&current.Profile, after.Profile) }})
		}
	}
	if n := len(w.evidence[org]); n > 0 {
		why := comity.Reason{Key: "evidence", Args: map[string]string{"count": strconv.Itoa(n)}}
		causes = append(causes, cause{why: why, apply: func(current *assess.Input) { current.Evidence = after.Evidence }})
	}
	for _, m := range missing(after.Matches, before.Matches) {
		causes = append(causes, cause{why: matchReason("new-match", m), match: &m, apply: func(current *assess.Input) {
			current.Matches = append(slices.Clone(current.Matches), m)
		}})
	}
	for _, m := range missing(before.Matches, after.Matches) {
		causes = append(causes, cause{why: matchReason("match-closed", m), match: &m, apply: func(current *assess.Input) {
			current.Matches = slices.DeleteFunc(slices.Clone(current.Matches), func(other comity.Match) bool { return other.ID == m.ID })
		}})
	}
	return causes
}

// setSection sets one section of a profile, by the name under which the store logs its change.
var setSection = map[string]func(p *comity.Profile, from comity.Profile){
	"services":  func(p *comity.Profile, from comity.Profile) { p.Services = from.Services },
	"bands":     func(p *comity.Profile, from comity.Profile) { p.Bands = from.Bands },
	"tolerance": func(p *comity.Profile, from comity.Profile) { p.Tolerance = from.Tolerance },
	"software":  func(p *comity.Profile, from comity.Profile) { p.Software = from.Software },
	"suppliers": func(p *comity.Profile, from comity.Profile) { p.Suppliers = from.Suppliers },
	"sectors":   func(p *comity.Profile, from comity.Profile) { p.Sectors = from.Sectors },
	"regions":   func(p *comity.Profile, from comity.Profile) { p.Regions = from.Regions },
	"scope":     func(p *comity.Profile, from comity.Profile) { p.OutOfScope = from.OutOfScope },
	"coverage":  func(p *comity.Profile, from comity.Profile) { p.Coverage = from.Coverage },
}

// asTold returns today's inputs as they were when the previous exposure was told: the catalogue in its version, the profile
// at its revision, evidence
// without what was recorded or retracted since, matches without those that were not told yet.
func (p *Pipeline) asTold(ctx context.Context, v comity.Viewer, in assess.Input, w work, previous comity.Exposure) (assess.Input, error) {
	org := in.Profile.Org
	if w.catalogue {
		var err error
		if in.Catalogue, err = p.catalogueOf(ctx, v, previous, in.Catalogue); err != nil {
			return in, err
		}
	}
	if revision := previous.Profile; revision > 0 && revision != in.Profile.Revision {
		old, err := p.store.ProfileAt(ctx, v, org, revision)
		if err != nil {
			return in, fmt.Errorf("read profile at revision %d: %w", revision, err)
		}
		in.Profile = old
	}
	changed := w.evidence[org]
	in.Evidence = slices.DeleteFunc(slices.Clone(in.Evidence), func(e comity.Evidence) bool {
		return slices.Contains(changed, e.ID) && (e.Retracted == nil || e.Recorded.After(previous.At))
	})
	for i, e := range in.Evidence {
		if slices.Contains(changed, e.ID) {
			in.Evidence[i].Retracted = nil
		}
	}
	in.Matches = slices.DeleteFunc(slices.Clone(in.Matches), func(m comity.Match) bool {
		return w.threats[m.Threat] && m.Found.After(previous.At)
	})
	return in, nil
}

func matchReason(key string, m comity.Match) comity.Reason {
	return comity.Reason{Key: key, Args: map[string]string{"threat": m.Threat.Key(), "subject": m.Subject}}
}

// touches reports whether a changed threat already has a match here.
func (p *Pipeline) touches(in assess.Input, w work) bool {
	return slices.ContainsFunc(in.Matches, func(m comity.Match) bool { return w.threats[m.Threat] })
}

// input reads what an assessment of this profile rests on.
func (p *Pipeline) input(ctx context.Context, v comity.Viewer, profile comity.Profile, s *world) (assess.Input, error) {
	in := assess.Input{
		Catalogue: s.catalogue,
		Knowledge: s.knowledge,
		Profile:   profile,
		Now:       s.now,
		Seed:      seedOf(profile.Org),
	}
	var err error
	if in.Evidence, err = p.store.EvidenceOf(ctx, v, profile.Org); err != nil {
		return in, fmt.Errorf("read evidence: %w", err)
	}
	page, err := p.store.Matches(ctx, v, profile.Org, comity.MatchQuery{Open: true, Limit: maxMatches})
	if err != nil {
		return in, fmt.Errorf("read matches: %w", err)
	}
	if page.Total > maxMatches {
		p.log.Warn("pipeline: more open matches than are assessed", "organization", profile.Org, "total", page.Total)
	}
	in.Matches = page.Matches
	if in.Threats, err = p.threatsOf(ctx, v, in.Matches); err != nil {
		return in, err
	}
	return in, nil
}

func (p *Pipeline) threatsOf(ctx context.Context, v comity.Viewer, ms []comity.Match) (map[comity.ThreatID]comity.Threat, error) {
	ids := make([]comity.ThreatID, 0, len(ms))
	for _, m := range ms {
		ids = append(ids, m.Threat)
	}
	slices.Sort(ids)
	threats, err := p.store.ThreatsByID(ctx, v, slices.Compact(ids))
	if err != nil {
		return nil, fmt.Errorf("read threats of matches: %w", err)
	}
	return threats, nil
}

// seedShift leaves the 53 bits of a seed that every reader of JSON keeps.
const seedShift = 64 - 53

// seedOf gives an organisation the same luck in every assessment, so that before and after differ by their cause only.
func seedOf(org comity.OrgID) uint64 {
	sum := sha256.Sum256([]byte("comity exposure " + string(org)))
	return binary.BigEndian.Uint64(sum[:]) >> seedShift
}

// reassess computes the exposure after every cause, with one line for each, and stores both in one transaction.
func (p *Pipeline) reassess(ctx context.Context, v comity.Viewer, r reassessment) error {
	for id, t := range r.before.Threats {
		if _, ok := r.after.Threats[id]; !ok {
			r.after.Threats[id] = t
		}
	}
	exposure, err := assess.Assess(r.after)
	if err != nil {
		return fmt.Errorf("assess: %w", err)
	}
	exposure.Revision = r.previous.Revision + 1
	var lines []comity.ExposureChange
	if !r.fresh {
		if lines, err = p.lines(r, exposure); err != nil {
			return err
		}
	}
	if err := p.store.PutExposure(ctx, v, exposure, lines); err != nil {
		return fmt.Errorf("store exposure: %w", err)
	}
	return nil
}

// lines tells the way from the previous exposure to the new one, cause by cause, each on top of the last: first what time
// alone did, together with what changed for everybody. What is left over goes to the last line, so that the lines lead to
// the whole.
func (p *Pipeline) lines(r reassessment, final comity.Exposure) ([]comity.ExposureChange, error) {
	t := &teller{at: final.At, org: final.Org, last: r.previous}
	general := comity.Reason{Key: "passage-of-time"}
	causes := r.causes
	for len(causes) > 0 && causes[0].apply == nil {
		general, causes = causes[0].why, causes[1:]
	}
	if len(causes) == 0 {
		t.tell(general, nil, final)
		return t.lines, nil
	}
	current := r.before
	current.Threats = r.after.Threats
	step, err := assess.Headline(current)
	if err != nil {
		return nil, fmt.Errorf("assess as it was: %w", err)
	}
	t.tell(general, nil, step)

	one, rest := causes, []cause(nil)
	if len(causes) > maxLines {
		one, rest = causes[:maxLines-1], causes[maxLines-1:]
	}
	for i, c := range one {
		if i == len(one)-1 && len(rest) == 0 {
			t.tell(c.why, c.match, final)
			break
		}
		c.apply(&current)
		if step, err = assess.Headline(current); err != nil {
			return nil, fmt.Errorf("assess after %s: %w", c.why.Key, err)
		}
		t.tell(c.why, c.match, step)
	}
	if len(rest) > 0 {
		t.tell(together(rest), rest[0].match, final)
	}
	return t.lines, nil
}

// together is the one reason of the causes that are not told one by one.
func together(causes []cause) comity.Reason {
	key := "more-matches"
	if slices.ContainsFunc(causes, func(c cause) bool { return c.match == nil }) {
		key = "several"
	}
	return comity.Reason{Key: key, Args: map[string]string{"count": strconv.Itoa(len(causes))}}
}

// teller collects lines, each from where the last ended.
type teller struct {
	at    time.Time
	org   comity.OrgID
	last  comity.Exposure
	lines []comity.ExposureChange
}

// tell adds the line from the last exposure to this one. A move by time alone that nobody would see is passed over, so that
// it doesn't count as the next cause's, and what moved nothing is told of matches only.
func (t *teller) tell(why comity.Reason, m *comity.Match, now comity.Exposure) {
	moved := now.Significant.Value - t.last.Significant.Value
	if why.Key == "passage-of-time" && math.Abs(moved) < visibleMove || moved == 0 && m == nil {
		t.last = now
		return
	}
	line := comity.ExposureChange{
		Org: t.org, At: t.at, Before: t.last.Significant.Value, After: now.Significant.Value, Why: why,
		Scenario: mostMoved(t.last, now),
	}
	if m != nil {
		line.Threat, line.Match = m.Threat, m.ID
	}
	t.lines = append(t.lines, line)
	t.last = now
}

// mostMoved names the scenario whose probability moved most, none if nothing moved.
func mostMoved(before, after comity.Exposure) comity.ScenarioID {
	for _, c := range assess.Compare(before, after) {
		if c.Scenario != "" {
			return c.Scenario
		}
	}
	return ""
}
