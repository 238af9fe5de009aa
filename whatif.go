package comity

// WhatIf is a change of an organisation's profile that is tried and never saved. The zero WhatIf changes nothing.
type WhatIf struct {
	Coverage  map[string]float64 `json:"coverage,omitempty"`  // M-code → κ, one of CoverageSteps
	Patched   []SoftwareID       `json:"patched,omitempty"`   // software on which nothing known stays open
	Dropped   []SupplierID       `json:"dropped,omitempty"`   // suppliers that nothing depends on any more
	Incidents map[ScenarioID]int `json:"incidents,omitempty"` // that happened today, 1 to 20 each
}

// Empty reports whether nothing would change.
func (w WhatIf) Empty() bool {
	return len(w.Coverage) == 0 && len(w.Patched) == 0 && len(w.Dropped) == 0 && len(w.Incidents) == 0
}

// Improvement is a single step that an organisation could take, with what it would remove of its exposure over the next
// 12 months. Exactly one of Control, Software and Supplier is set.
type Improvement struct {
	Control  string     `json:"control,omitempty"` // M-code
	From     float64    `json:"from,omitempty"`    // κ today; the mean of what is assumed where it was not answered
	To       float64    `json:"to,omitempty"`      // κ after: the next step
	Software SoftwareID `json:"software,omitempty"`
	Supplier SupplierID `json:"supplier,omitempty"`
	Subject  string     `json:"subject,omitempty"` // of software or supplier, as the profile names it

	Scenario ScenarioID `json:"scenario"` // of which it removes most

	P        float64 `json:"p"`         // of at least one significant incident: before less after
	Expected float64 `json:"expected"`  // significant incidents a year: before less after, at means
	MeanLoss float64 `json:"mean_loss"` // a year: before less after, at means
}
