package assess

import (
	"cmp"
	"slices"

	"comity"
)

// part is what falls on one thing: significant incidents and loss, a year.
type part struct{ expected, loss float64 }

func (p *part) add(q part) {
	p.expected += q.expected
	p.loss += q.loss
}

// onService is what a cell puts on one of the services that it touches.
func (m *model) onService(c cell, t touch) part {
	events := (c.own() + c.common()) / float64(len(c.touched))
	s := m.levels[t.level]
	return part{expected: events * s.Exceed(m.tolerance), loss: events * s.mean}
}

// splits returns the parts of an exposure by level, origin and property.
func splits(m *model) []comity.Split {
	byLevel, byOrigin := map[comity.Level]*part{}, map[comity.Origin]*part{}
	for _, l := range comity.Levels {
		byLevel[l] = &part{}
	}
	for _, o := range comity.Origins {
		byOrigin[o] = &part{}
	}
	var byProperty [comity.PropertyCount]part
	for _, c := range m.cells {
		for _, t := range c.touched {
			p, s := m.onService(c, t), m.services[t.service]
			byLevel[s.Level].add(p)
			if byOrigin[c.scenario.Origin] == nil {
				byOrigin[c.scenario.Origin] = &part{}
			}
			byOrigin[c.scenario.Origin].add(p)
			for _, property := range comity.Properties {
				if hits(c, s, property) {
					byProperty[property].add(p)
				}
			}
		}
	}
	var list []comity.Split
	for l, p := range byLevel {
		list = append(list, comity.Split{Dimension: "level", Key: string(l), Expected: p.expected, MeanLoss: p.loss})
	}
	for o, p := range byOrigin {
		list = append(list, comity.Split{Dimension: "origin", Key: string(o), Expected: p.expected, MeanLoss: p.loss})
	}
	for i, p := range byProperty {
		list = append(list, comity.Split{Dimension: "property", Key: comity.Property(i).String(), Expected: p.expected, MeanLoss: p.loss})
	}
	slices.SortFunc(list, func(a, b comity.Split) int {
		return cmp.Or(cmp.Compare(a.Dimension, b.Dimension), cmp.Compare(a.Key, b.Key))
	})
	return list
}

// hits reports whether an event of the cell on a service hits a property that matters there.
func hits(c cell, s comity.Service, p comity.Property) bool {
	return c.scenario.Properties.Has(p) && s.Criticality[p] > 0
}

// cells returns the parts of an exposure by scenario and property, for each property that the scenario can hit.
func cells(m *model) []comity.Cell {
	var list []comity.Cell
	for _, c := range m.cells {
		for _, property := range comity.Properties {
			if !c.scenario.Properties.Has(property) {
				continue
			}
			var sum part
			for _, t := range c.touched {
				if hits(c, m.services[t.service], property) {
					sum.add(m.onService(c, t))
				}
			}
			list = append(list, comity.Cell{
				Scenario: c.scenario.ID, Property: property.String(), Expected: sum.expected, MeanLoss: sum.loss,
			})
		}
	}
	return list
}
