package match

import (
	"slices"
	"strings"

	"comity"
)

// global is the region that has every other in it.
const global = "global"

// actor joins an actor with the sectors and regions of the profile: a sector in common, and a region in common or
// either side at work everywhere. The sector and a named region make it medium; "global" alone makes it low, since
// most actors and organisations are somewhere on the globe.
func (m *Matcher) actor(a *comity.Actor) []comity.Match {
	sectors := inCommon(a.Sectors, m.sectors)
	regions, confidence := m.sharedRegions(a.Regions)
	if len(sectors) == 0 || len(regions) == 0 {
		return nil
	}
	list := strings.Join(sectors, ",")
	return []comity.Match{{
		Kind: comity.MatchActor, Subject: list, Confidence: confidence, Exposed: 1, Scenarios: a.Scenarios,
		Reasons: []comity.Reason{
			reason("actor-sector", "sectors", list),
			reason("actor-region", "regions", strings.Join(regions, ",")),
		},
	}}
}

// sharedRegions returns the regions where the actor and the organisation can meet, sorted, and how sure that is.
func (m *Matcher) sharedRegions(theirs []string) ([]string, comity.Confidence) {
	named := slices.DeleteFunc(inCommon(theirs, m.regions), func(r string) bool { return r == global })
	switch {
	case len(named) > 0:
		return named, comity.ConfidenceMedium
	case slices.Contains(theirs, global) && len(m.regions) > 0, m.regions[global] && len(theirs) > 0:
		return []string{global}, comity.ConfidenceLow
	default:
		return nil, ""
	}
}

// inCommon returns what of list is in set, sorted, each once.
func inCommon(list []string, set map[string]bool) []string {
	var common []string
	for _, s := range list {
		if set[s] {
			common = append(common, s)
		}
	}
	slices.Sort(common)
	return slices.Compact(common)
}
