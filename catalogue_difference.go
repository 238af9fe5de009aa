package comity

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// CatalogueDifference is one thing in which a catalogue differs from another.
type CatalogueDifference struct {
	Scenario ScenarioID `json:"scenario,omitempty"` // empty: of the catalogue as a whole
	What     string     `json:"what"`               // "added", "retired", "brought-back", "gone", "rate", "basis", "source", "origin", "hits", "targeted", "share", "order", "text", "strength", "band", "tolerance"
	Where    string     `json:"where,omitempty"`    // "initial-access T1566", "M1032", "3 integrity", a language
	Before   string     `json:"before,omitempty"`   // as text; empty: was not there
	After    string     `json:"after,omitempty"`    // empty: is not there any more
}

// String writes the difference in one line, for a terminal.
func (d CatalogueDifference) String() string {
	place := strings.TrimSpace(strings.Join([]string{string(d.Scenario), d.What, d.Where}, " "))
	if d.Before == "" && d.After == "" {
		return place
	}
	return fmt.Sprintf("%s: %q → %q", place, d.Before, d.After)
}

// Differences lists in what a catalogue differs from an earlier one, scenarios first in the order of the catalogue. The
// version is not compared. It is empty where every figure stays and every text reads the same.
func (c Catalogue) Differences(from Catalogue) []CatalogueDifference {
	var list differences
	for _, s := range c.Scenarios {
		list.scenario(from, s)
	}
	for _, s := range c.Retired {
		old, was := from.Scenario(s.ID)
		if was {
			list = append(list, CatalogueDifference{Scenario: s.ID, What: "retired"})
		} else if old, was = from.RetiredScenario(s.ID); !was {
			list = append(list, CatalogueDifference{Scenario: s.ID, What: "added"})
			continue
		}
		list.fields(old, s)
	}
	list.gone(c, from)
	for _, code := range keysOf(from.Strength, c.Strength) {
		was, is := numberAt(from.Strength, code), numberAt(c.Strength, code)
		list.add("", "strength", code, was, is)
	}
	for l := range c.Bands {
		for _, a := range Areas {
			list.add("", "band", strconv.Itoa(l+1)+" "+a.String(), from.Bands[l][a].text(), c.Bands[l][a].text())
		}
	}
	list.add("", "tolerance", "", decimal(from.Tolerance), decimal(c.Tolerance))
	return list
}

type differences []CatalogueDifference

// add adds a difference if there is one.
func (l *differences) add(id ScenarioID, what, where, before, after string) {
	if before != after {
		*l = append(*l, CatalogueDifference{Scenario: id, What: what, Where: where, Before: before, After: after})
	}
}

func (l *differences) scenario(from Catalogue, s Scenario) {
	old, was := from.Scenario(s.ID)
	if !was {
		what := "added"
		if old, was = from.RetiredScenario(s.ID); was {
			what = "brought-back"
		}
		*l = append(*l, CatalogueDifference{Scenario: s.ID, What: what})
		if !was {
			return
		}
	}
	l.fields(old, s)
}

// gone lists the scenarios that were taken out altogether.
func (l *differences) gone(c, from Catalogue) {
	for _, s := range slices.Concat(from.Scenarios, from.Retired) {
		_, in := c.Scenario(s.ID)
		if _, out := c.RetiredScenario(s.ID); !in && !out {
			*l = append(*l, CatalogueDifference{Scenario: s.ID, What: "gone"})
		}
	}
}

func (l *differences) fields(old, s Scenario) {
	l.add(s.ID, "rate", "", old.Rate.text(), s.Rate.text())
	l.add(s.ID, "basis", "", old.Basis, s.Basis)
	l.add(s.ID, "source", "", string(old.Source), string(s.Source))
	l.add(s.ID, "origin", "", string(old.Origin), string(s.Origin))
	l.add(s.ID, "hits", "", old.Properties.String(), s.Properties.String())
	l.add(s.ID, "targeted", "", strconv.FormatBool(old.Targeted), strconv.FormatBool(s.Targeted))
	before, after := old.shares(), s.shares()
	for _, place := range keysOf(before, after) {
		l.add(s.ID, "share", place, numberAt(before, place), numberAt(after, place))
	}
	l.add(s.ID, "order", "", old.stages(), s.stages())
	for _, language := range keysOf(old.Texts, s.Texts) {
		was, is := old.Texts[language], s.Texts[language]
		l.add(s.ID, "text", language, strings.TrimSpace(was.Name+"\n"+was.Text), strings.TrimSpace(is.Name+"\n"+is.Text))
	}
}

// shares returns the share of every technique, by stage and technique.
func (s Scenario) shares() map[string]float64 {
	shares := map[string]float64{}
	for _, st := range s.Path {
		for _, t := range st.Techniques {
			shares[st.Name+" "+t.Technique] = t.Share
		}
	}
	return shares
}

// stages returns the stages in order.
func (s Scenario) stages() string {
	var names []string
	for _, st := range s.Path {
		names = append(names, st.Name)
	}
	return strings.Join(names, ", ")
}

// String lists the properties of the set, with commas between.
func (m PropertyMask) String() string {
	var names []string
	for _, p := range Properties {
		if m.Has(p) {
			names = append(names, p.String())
		}
	}
	return strings.Join(names, ", ")
}

func (i Interval) text() string { return decimal(i.Low) + " – " + decimal(i.High) }

func decimal(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// numberAt writes a number of a map, nothing if it is not there.
func numberAt(m map[string]float64, key string) string {
	x, ok := m[key]
	if !ok {
		return ""
	}
	return decimal(x)
}

// keysOf returns the keys of both maps, sorted.
func keysOf[T any](a, b map[string]T) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}
