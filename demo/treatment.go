package demo

import (
	"time"

	"comity"
)

// TreatmentStep is a decision on an exposure, and its approval by another person where it is accepted.
type TreatmentStep struct {
	At        time.Time
	By        comity.Person
	Approved  comity.Person    // by whom, a day later; zero: nobody approved it
	Treatment comity.Treatment // Revision, Figure and times are left to the store
	Threshold float64          // what the organisation calls above tolerance, set with it; 0: left as it is
}

// treatments are what X-OCO decided: one of each option, one acceptance that ran out and one that waits for approval.
func (t *teller) treatments() []TreatmentStep {
	const acronym = "X-OCO"
	ciso := t.person(acronym, "Chief, Information Security, "+acronym, "ciso", comity.RoleFocalPoint)
	deputy := t.person(acronym, "Deputy Chief, Information Security, "+acronym, "deputy", comity.RoleAlternate)
	at := func(daysAgo int) time.Time { return t.day.AddDays(-daysAgo).Time().Add(9 * time.Hour) }
	treat := func(scenario comity.ScenarioID, option comity.TreatmentOption, owner, reason string, until int, actions ...string) comity.Treatment {
		one := comity.Treatment{
			ID: comity.MakeTreatmentID(t.entropy("treatment", acronym, string(scenario))), Org: t.orgID(acronym), Scenario: scenario,
			Option: option, Owner: owner, Reason: reason, Until: t.day.AddDays(until),
		}
		for _, key := range actions {
			one.Actions = append(one.Actions, comity.MakeActionID(t.entropy("action", key)))
		}
		return one
	}
	return []TreatmentStep{
		{At: at(40), By: ciso, Threshold: .015, Treatment: treat("system-failure", comity.TreatShare, "Director of Administration", "Hardware failures are in the maintenance contract of the data centre.", 150)},
		{At: at(120), By: ciso, Approved: deputy, Treatment: treat("operator-error", comity.TreatAccept, "Chief of Operations", "The second pair of eyes that would halve it is not in this year's staffing.", -12)},
		{At: at(20), By: ciso, Approved: deputy, Treatment: treat("defacement", comity.TreatAccept, "Chief, Public Information", "The site is restored within two hours; a second host would cost more.", 200)},
		{At: at(3), By: deputy, Treatment: treat("denial-of-service", comity.TreatAccept, "Director of Administration", "Filtering at the provider is priced above the loss that it would prevent.", 90)},
		{At: at(1), By: ciso, Treatment: treat("phishing", comity.TreatReduce, "Chief, Information Security", "Multi-factor sign-in everywhere, the research vessels last.", 60, "mfa")},
		{At: at(1), By: ciso, Treatment: treat("ransomware", comity.TreatReduce, "Chief, Information Security", "Restore tests of every strategic service, twice a year.", 60, "restore")},
	}
}
