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
	maxLines    = 8    // matches told one by one in "what changed and why"; the rest are told as one
	maxMatches  = 5000 // open matches of one organisation that are assessed
	visibleMove = 5e-4 // a move of the headline that the passage of time alone must reach to be told
)

// reassessment is one organisation's re-assessment with everything that asks for it.
type reassessment struct {
	previous comity.Exposure // as stored; zero if fresh
	fresh    bool            // never assessed before
	before   assess.Input    // today's inputs with the matches as they were told last
	after    assess.Input    // today's inputs
	causes   []cause
	world    *world
}

// cause is one thing that changed. Matches are applied one after the other, so that each line tells its own share.
type cause struct {
	why   comity.Reason
	added *comity.Match
	gone  *comity.Match
}

// causesOf lists what changed for an organisation: first what is its own or everybody's, then matches.
func causesOf(w work, org comity.OrgID, sections []string, added, gone []comity.Match) []cause {
	var causes []cause
	for _, section := range sections {
		causes = append(causes, cause{why: comity.Reason{Key: "profile", Args: map[string]string{"section": section}}})
	}
	if n := len(w.evidence[org]); n > 0 {
		causes = append(causes, cause{why: comity.Reason{Key: "evidence", Args: map[string]string{"count": strconv.Itoa(n)}}})
	}
	for _, why := range w.causes {
		causes = append(causes, cause{why: why})
	}
	for i := range added {
		causes = append(causes, cause{why: matchReason("new-match", added[i]), added: &added[i]})
	}
	for i := range gone {
		causes = append(causes, cause{why: matchReason("match-closed", gone[i]), gone: &gone[i]})
	}
	return causes
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
		Catalogue: p.catalogue,
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
	after := r.after
	for id, t := range r.before.Threats {
		if _, ok := after.Threats[id]; !ok {
			after.Threats[id] = t
		}
	}
	exposure, err := assess.Assess(after)
	if err != nil {
		return fmt.Errorf("assess: %w", err)
	}
	exposure.Revision = r.previous.Revision + 1
	var lines []comity.ExposureChange
	if !r.fresh {
		if lines, err = p.lines(r, after, exposure); err != nil {
			return err
		}
	}
	if err := p.store.PutExposure(ctx, v, exposure, lines); err != nil {
		return fmt.Errorf("store exposure: %w", err)
	}
	return nil
}

// lines tells the way from the previous exposure to the new one, cause by cause: what is not a match first, together;
// then each match on top of the last. What is left over goes to the last line, so that the lines sum to the whole.
func (p *Pipeline) lines(r reassessment, after assess.Input, final comity.Exposure) ([]comity.ExposureChange, error) {
	general, matches := splitCauses(r.causes)
	teller := &teller{at: r.world.now, org: final.Org, last: r.previous}

	if len(matches) == 0 {
		teller.tell(joined(general), cause{}, final)
		return teller.lines, nil
	}
	current := r.before
	current.Threats = after.Threats
	step, err := assess.Headline(current)
	if err != nil {
		return nil, fmt.Errorf("assess without the new matches: %w", err)
	}
	teller.tell(joined(general), cause{}, step)

	one, rest := matches, []cause(nil)
	if len(matches) > maxLines {
		one, rest = matches[:maxLines-1], matches[maxLines-1:]
	}
	for i, c := range one {
		if i == len(one)-1 && len(rest) == 0 {
			teller.tell(c.why, c, final)
			break
		}
		current.Matches = apply(current.Matches, c)
		if step, err = assess.Headline(current); err != nil {
			return nil, fmt.Errorf("assess with %s: %w", c.why.Args["threat"], err)
		}
		teller.tell(c.why, c, step)
	}
	if len(rest) > 0 {
		teller.tell(comity.Reason{Key: "more-matches", Args: map[string]string{"count": strconv.Itoa(len(rest))}}, rest[0], final)
	}
	return teller.lines, nil
}

func splitCauses(causes []cause) (general, matches []cause) {
	for _, c := range causes {
		if c.added == nil && c.gone == nil {
			general = append(general, c)
		} else {
			matches = append(matches, c)
		}
	}
	return general, matches
}

// joined returns the one reason of several causes that can't be told apart.
func joined(causes []cause) comity.Reason {
	switch len(causes) {
	case 0:
		return comity.Reason{Key: "passage-of-time"}
	case 1:
		return causes[0].why
	default:
		return comity.Reason{Key: "several", Args: map[string]string{"count": strconv.Itoa(len(causes))}}
	}
}

// apply returns the matches after one cause; the list given is not changed.
func apply(ms []comity.Match, c cause) []comity.Match {
	if c.gone != nil {
		return slices.DeleteFunc(slices.Clone(ms), func(m comity.Match) bool { return m.ID == c.gone.ID })
	}
	return append(slices.Clone(ms), *c.added)
}

// teller collects lines, each from where the last ended.
type teller struct {
	at    time.Time
	org   comity.OrgID
	last  comity.Exposure
	lines []comity.ExposureChange
}

// tell adds the line from the last exposure to this one. A move by time alone that nobody would see is left for the
// next line, and what moved nothing is told of matches only.
func (t *teller) tell(why comity.Reason, c cause, now comity.Exposure) {
	moved := now.Significant.Value - t.last.Significant.Value
	if why.Key == "passage-of-time" && math.Abs(moved) < visibleMove || moved == 0 && c.match() == nil {
		return
	}
	line := comity.ExposureChange{
		Org: t.org, At: t.at, Before: t.last.Significant.Value, After: now.Significant.Value, Why: why,
		Scenario: mostMoved(t.last, now),
	}
	if m := c.match(); m != nil {
		line.Threat, line.Match = m.Threat, m.ID
	}
	t.lines = append(t.lines, line)
	t.last = now
}

func (c cause) match() *comity.Match {
	if c.added != nil {
		return c.added
	}
	return c.gone
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
