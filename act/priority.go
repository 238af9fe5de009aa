package act

import (
	"time"

	"comity"
)

// What makes a vulnerability urgent. These are conventions of ours, for people to overrule.
const (
	dueSoon      = 14  // days to the source's own due date
	likelyAttack = 0.1 // EPSS score from which exploitation is taken to be near
)

// priorityOf returns the priority of remedying a match. The rules, first that applies:
//
//  1. What exposes nothing (any more) is low.
//  2. A vulnerability that is exploited and can be reached from the Internet is urgent if ransomware uses it, or its
//     source wants it remedied within 14 days or before today; else high.
//  3. One that is exploited but internal is high if ransomware uses it, else medium.
//  4. One that is not known to be exploited is medium from an EPSS score of 0.1, else low.
//  5. A compromised supplier is high, an actor medium.
//
// A match of low confidence is one step lower: it has to be checked first.
func priorityOf(m comity.Match, t comity.Threat, now time.Time) comity.Priority {
	p := comity.PriorityLow
	switch {
	case !m.Open():
		return p
	case t.Vulnerability != nil:
		p = vulnerabilityPriority(m, t.Vulnerability, now)
	case m.Kind == comity.MatchSupplier:
		p = comity.PriorityHigh
	case m.Kind == comity.MatchActor:
		p = comity.PriorityMedium
	}
	if m.Confidence == comity.ConfidenceLow {
		p = lower(p)
	}
	return p
}

func vulnerabilityPriority(m comity.Match, v *comity.Vulnerability, now time.Time) comity.Priority {
	reachable := m.Exposed >= 1
	soon := !v.Due.IsZero() && v.Due.Before(comity.DateOf(now).AddDays(dueSoon+1))
	switch {
	case v.Exploited && reachable && (v.Ransomware || soon):
		return comity.PriorityUrgent
	case v.Exploited && (reachable || v.Ransomware):
		return comity.PriorityHigh
	case v.Exploited, v.EPSS != nil && v.EPSS.Score >= likelyAttack:
		return comity.PriorityMedium
	default:
		return comity.PriorityLow
	}
}

// lower returns the priority one step down.
func lower(p comity.Priority) comity.Priority {
	for i, q := range comity.Priorities[:len(comity.Priorities)-1] {
		if p == q {
			return comity.Priorities[i+1]
		}
	}
	return p
}

// daysFor is how long an item of each priority has.
var daysFor = map[comity.Priority]int{
	comity.PriorityUrgent: 3, comity.PriorityHigh: 14, comity.PriorityMedium: 30, comity.PriorityLow: quarter,
}

// dueOf returns the source's own due date where it lies ahead, else the priority's time from now.
func dueOf(p comity.Priority, source comity.Date, now time.Time) comity.Date {
	today := comity.DateOf(now)
	if !source.IsZero() && !source.Before(today) {
		return source
	}
	return today.AddDays(daysFor[p])
}

func sourceDue(t comity.Threat) comity.Date {
	if t.Vulnerability == nil {
		return comity.Date{}
	}
	return t.Vulnerability.Due
}
