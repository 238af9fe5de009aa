package comity

import "time"

// CatalogueVersion is one version of the scenario catalogue, as the group adopted it. Versions are numbered from 1, the
// one that Comity comes with; the newest is in force, and none is ever changed: to undo one, an earlier one is adopted
// again under a new number. Everybody with a role may see every version.
type CatalogueVersion struct {
	Number   int       `json:"number"`
	Adopted  time.Time `json:"adopted"`            // UTC, whole seconds
	Person   PersonID  `json:"person,omitempty"`   // who adopted it; empty: the program or its operator
	Restores int       `json:"restores,omitempty"` // the earlier version that it brings back; 0: none
	Note     string    `json:"note,omitempty"`     // why, in the words of who adopted it

	Catalogue Catalogue `json:"catalogue"` // its Version is Number in digits; zero in lists
}

// CatalogueDraft is the next version while it is being written: the group has one at most. It changes no figure.
type CatalogueDraft struct {
	Revision int       `json:"revision"` // grows with every change and from draft to draft; 0: not begun
	Base     int       `json:"base"`     // number of the version in force when it was begun
	Restores int       `json:"restores,omitempty"`
	Changed  time.Time `json:"changed"`
	Person   PersonID  `json:"person,omitempty"` // who changed it last

	Catalogue Catalogue `json:"catalogue"`
}

// CataloguePage is one page of versions, newest first.
type CataloguePage struct {
	Versions []CatalogueVersion
	Total    int
}

// RetiredScenario returns the retired scenario with this id.
func (c Catalogue) RetiredScenario(id ScenarioID) (Scenario, bool) {
	for _, s := range c.Retired {
		if s.ID == id {
			return s, true
		}
	}
	return Scenario{}, false
}

// CatalogueEffect is what a catalogue does to two organisations that nobody is, before and after: one that entered
// nothing, and one of middling coverage with typical services.
type CatalogueEffect struct {
	Prior, Middling [2]Exposure
}
