package web

import (
	"cmp"
	"slices"

	"comity"
)

const (
	firstSteps  = 8   // of a ranking, before the rest
	itemsRanked = 200 // action items of the group whose titles are read
)

// stepList is a ranking of what would remove most of the system's exposure, of one group of figures.
type stepList struct {
	Group       string // "mitigation" or "action"
	First, Rest []stepRow
	Withheld    int
}

// stepRow is one step with the band of what it would remove.
type stepRow struct {
	Row, Name   string
	Link        string // empty: none
	Effort      int    // person-days; 0: not estimated, or the same for all
	Low, High   float64
	From, Width float64 // of its bar
}

// worth is what a step removes for its effort: the middle of its band, for each person-day where they are known.
func (r stepRow) worth() float64 { return (r.Low + r.High) / 2 / float64(max(1, r.Effort)) }

// rankSteps sets the rankings of a release. An action item has its title only for those who may see the item; for others it
// is left out.
func (s *site) rankSteps(c *call, v *released) error {
	has := func(group string) bool {
		return slices.ContainsFunc(v.Figures, func(f comity.Figure) bool { return f.Group == group })
	}
	if has("mitigation") {
		names, err := s.mitigationNames(c)
		if err != nil {
			return err
		}
		v.Steps = append(v.Steps, rankedList(v.Release, "mitigation", func(row string) (stepRow, bool) {
			return stepRow{Row: row, Name: cmp.Or(names[row], row)}, true
		}))
	}
	if has("action") {
		items, err := s.groupItems(c)
		if err != nil {
			return err
		}
		v.Steps = append(v.Steps, rankedList(v.Release, "action", func(row string) (stepRow, bool) {
			a, ok := items[comity.ActionID(row)]
			return stepRow{Row: row, Name: a.Title, Link: "/actions/" + row, Effort: a.Effort}, ok
		}))
	}
	return nil
}

// groupItems returns the action items of the group that the viewer sees.
func (s *site) groupItems(c *call) (map[comity.ActionID]comity.ActionItem, error) {
	page, err := s.store.Actions(c.ctx(), c.viewer, comity.ActionQuery{Group: true, Limit: itemsRanked})
	if err != nil && comity.KindOf(err) != comity.Forbidden {
		return nil, err
	}
	items := make(map[comity.ActionID]comity.ActionItem, len(page.Actions))
	for _, a := range page.Actions {
		items[a.ID] = a
	}
	return items, nil
}

// rankedList ranks the figures of a group by what they remove for their effort, those without an estimate after the others. row
// says what is known of a step; false leaves it out.
func rankedList(r comity.Release, group string, row func(string) (stepRow, bool)) stepList {
	list := stepList{Group: group}
	var all []stepRow
	largest := 0.0
	for _, f := range r.Figures {
		if f.Group != group {
			continue
		}
		if !f.Published {
			list.Withheld++
			continue
		}
		one, ok := row(f.Row)
		if !ok {
			continue
		}
		one.Low, one.High = f.Low, f.High
		largest = max(largest, f.High)
		all = append(all, one)
	}
	for i, one := range all {
		all[i].From = barWidth(one.Low, largest)
		all[i].Width = barWidth(one.High, largest) - all[i].From
	}
	slices.SortStableFunc(all, func(a, b stepRow) int {
		if group == "action" && (a.Effort == 0) != (b.Effort == 0) {
			return cmp.Compare(b.Effort, a.Effort)
		}
		return cmp.Or(cmp.Compare(b.worth(), a.worth()), cmp.Compare(a.Row, b.Row))
	})
	n := min(len(all), firstSteps)
	list.First, list.Rest = all[:n], all[n:]
	return list
}
