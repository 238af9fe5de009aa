package web

import "comity"

// shownWarned is how many values with warnings a page shows.
const shownWarned = 50

// warningsView are the values that are in warning lists, in their order.
type warningsView struct {
	Values []valueWarnings
	More   int // values with warnings that are not shown
}

// valueWarnings is one value with the lists that it is in, each once.
type valueWarnings struct {
	Value string
	Lists []comity.Warning
}

// warningsOf returns what warning lists say of an indicator's values.
func (c *call) warningsOf(i *comity.Indicator) (warningsView, error) {
	var v warningsView
	if i == nil || len(i.Values) == 0 {
		return v, nil
	}
	found, err := c.site.pipeline.Warnings(c.ctx(), c.viewer, i.Values)
	for at, warnings := range found {
		switch {
		case len(warnings) == 0:
		case len(v.Values) == shownWarned:
			v.More++
		default:
			v.Values = append(v.Values, valueWarnings{i.Values[at].Value, warnings})
		}
	}
	return v, err
}
