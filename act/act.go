// Package act makes action items: drafts from what the other stages found, and the rules that every item keeps.
//
// It writes no text that people read: a draft's title is the key of a sentence, which a page fills in the reader's
// language and the person who saves it may change. It stores nothing. Read [Draft] first.
package act

import (
	"time"

	"comity"
)

// Draft is an action item to be completed by a person: identity, revision, author and title are missing.
type Draft struct {
	Item  comity.ActionItem
	Title comity.Reason // key of a sentence under "action.", and what goes into it
}

// FromMatch returns the draft of remedying a match. Priority and due date follow from the threat, by the rules of
// priorityOf. The item is private to the organisation whose match it is, and stays so until somebody decides otherwise.
func FromMatch(m comity.Match, t comity.Threat, now time.Time) Draft {
	d := draft(m.Org, now)
	d.Title = comity.Reason{Key: "title_for", Args: map[string]string{"threat": t.ID.Key(), "subject": m.Subject}}
	d.Item.Threat, d.Item.Match = t.ID, m.ID
	d.Item.Priority = priorityOf(m, t, now)
	d.Item.Due = dueOf(d.Item.Priority, sourceDue(t), now)
	return d
}

// FromThreat returns the draft of looking into a threat that is not known to touch the organisation.
func FromThreat(org comity.OrgID, t comity.Threat, now time.Time) Draft {
	d := draft(org, now)
	d.Title = comity.Reason{Key: "title_threat", Args: map[string]string{"threat": t.ID.Key()}}
	d.Item.Threat = t.ID
	d.Item.Priority = comity.PriorityLow
	d.Item.Due = dueOf(d.Item.Priority, comity.Date{}, now)
	return d
}

// FromScenario returns the draft of reducing the exposure to one scenario, by a mitigation if one is given (M-code). Its
// priority is high if the scenario makes a significant incident within the year likelier than one in ten, else medium.
func FromScenario(org comity.OrgID, s comity.ScenarioExposure, control string, now time.Time) Draft {
	d := draft(org, now)
	d.Title = comity.Reason{Key: "title_scenario", Args: map[string]string{"scenario": string(s.Scenario)}}
	d.Item.Scenario, d.Item.Control = s.Scenario, control
	d.Item.Priority = comity.PriorityMedium
	if s.Significant.Value > likely {
		d.Item.Priority = comity.PriorityHigh
	}
	d.Item.Due = comity.DateOf(now).AddDays(quarter)
	return d
}

const (
	likely  = 0.1 // probability in 12 months
	quarter = 90  // days, the time of a measure that is more than a patch
)

func draft(org comity.OrgID, now time.Time) Draft {
	now = now.UTC().Truncate(time.Second)
	return Draft{Item: comity.ActionItem{Owner: org, TLP: comity.TLPAmberStrict, Status: comity.ActionOpen, Created: now, Updated: now}}
}
