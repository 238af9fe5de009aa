package web

import (
	"net/url"

	"comity"
	"comity/act"
)

// prefilledAction returns an item as it is proposed for a match, a threat or a scenario that a page points to; what the
// viewer does not see is NotFound. Without any of these it is an empty one with sensible values.
func (c *call) prefilledAction(q url.Values) (comity.ActionItem, error) {
	d, err := c.draftAction(q)
	if err != nil {
		return comity.ActionItem{}, err
	}
	a := d.Item
	if key, ok := draftTitles[d.Title.Key]; ok {
		title := comity.Reason{Key: key, Args: d.Title.Args}
		a.Title = firstRunes(withoutIsolates(c.locale.Reason("", title)), act.MaxTitle)
	}
	if !c.viewer.EditsAction(a) {
		a.Audience, a.TLP = comity.AudienceGroup, comity.TLPGreen
	}
	return a, nil
}

// draftTitles are the sentences of the titles that drafts propose.
var draftTitles = map[string]string{
	"title_for": "action.title_for", "title_threat": "action.title_threat", "title_scenario": "action.title_scenario",
}

func (c *call) draftAction(q url.Values) (act.Draft, error) {
	switch {
	case q.Get("match") != "":
		return c.draftOfMatch(q.Get("match"))
	case q.Get("threat") != "":
		return c.draftOfThreat(q.Get("threat"))
	case q.Get("scenario") != "":
		return c.draftOfScenario(comity.ScenarioID(q.Get("scenario")), q.Get("control"))
	default:
		now := c.site.now()
		return act.Draft{Item: comity.ActionItem{
			Owner: c.viewer.Org(), Priority: comity.PriorityMedium, Status: comity.ActionOpen, Created: now, Updated: now,
		}}, nil
	}
}

func (c *call) draftOfMatch(id string) (act.Draft, error) {
	matchID, err := comity.ParseMatchID(id)
	if err != nil {
		return act.Draft{}, comity.Errorf(comity.NotFound, "no such match")
	}
	m, err := c.site.store.Match(c.ctx(), c.viewer, matchID)
	if err != nil {
		return act.Draft{}, err
	}
	t, err := c.site.store.Threat(c.ctx(), c.viewer, m.Threat)
	if err != nil {
		return act.Draft{}, err
	}
	return act.FromMatch(m, t, c.site.now()), nil
}

func (c *call) draftOfThreat(id string) (act.Draft, error) {
	threatID, err := comity.ParseThreatID(id)
	if err != nil {
		return act.Draft{}, comity.Errorf(comity.NotFound, "no such threat")
	}
	t, err := c.site.store.Threat(c.ctx(), c.viewer, threatID)
	if err != nil {
		return act.Draft{}, err
	}
	return act.FromThreat(c.viewer.Org(), t, c.site.now()), nil
}

// draftOfScenario proposes to reduce a scenario. How likely it is comes from the viewer's own exposure, if there is one.
func (c *call) draftOfScenario(id comity.ScenarioID, control string) (act.Draft, error) {
	if _, ok := c.site.pipeline.Catalogue().Scenario(id); !ok {
		return act.Draft{}, comity.Errorf(comity.NotFound, "no such scenario")
	}
	scenario := comity.ScenarioExposure{Scenario: id}
	if c.seesOwn() {
		e, err := c.site.store.Exposure(c.ctx(), c.viewer, c.viewer.Org())
		if err != nil && comity.KindOf(err) != comity.NotFound {
			return act.Draft{}, err
		}
		for _, s := range e.Scenarios {
			if s.Scenario == id {
				scenario = s
			}
		}
	}
	return act.FromScenario(c.viewer.Org(), scenario, control, c.site.now()), nil
}

// withoutIsolates takes out the marks that set values apart in a right-to-left sentence: they are for reading, and would
// stay in a field as invisible characters.
func withoutIsolates(s string) string {
	out := make([]rune, 0, len(s))
	for _, r := range s {
		if r != '\u2068' && r != '\u2069' {
			out = append(out, r)
		}
	}
	return string(out)
}

func firstRunes(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
