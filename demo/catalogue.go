package demo

import (
	"slices"

	"comity"
)

// CatalogueStep is a change of the group's scenario catalogue: another rate of one scenario.
type CatalogueStep struct {
	Scenario comity.ScenarioID
	Rate     comity.Interval
	Basis    string
	Note     string // with which it is adopted; empty: it stays a draft
}

// Apply returns the catalogue after the step.
func (s CatalogueStep) Apply(c comity.Catalogue) comity.Catalogue {
	c.Scenarios = slices.Clone(c.Scenarios)
	for i := range c.Scenarios {
		if c.Scenarios[i].ID == s.Scenario {
			c.Scenarios[i].Rate, c.Scenarios[i].Basis = s.Rate, s.Basis
		}
	}
	return c
}

// moreDefacement is what the group learnt from its members' counts.
func moreDefacement() *CatalogueStep {
	return &CatalogueStep{
		Scenario: "defacement", Rate: comity.Interval{Low: 0.25, High: 2.5},
		Basis: "members' own counts of three years, which lie above the first hypothesis of 0.2 to 2 a year: attempts at a public website by people who want to be seen",
		Note:  "Executive Session: members counted more attempts at their public websites than the general rate said",
	}
}

// morePaymentFraud is what the secretariat proposes, and nobody has adopted.
func morePaymentFraud() *CatalogueStep {
	return &CatalogueStep{
		Scenario: "payment-fraud", Rate: comity.Interval{Low: 0.5, High: 5},
		Basis: "hypothesis: near misses that members told of in the last quarter suggest more attempts to divert a payment than 0.3 to 3 a year",
	}
}
