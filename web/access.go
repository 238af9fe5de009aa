package web

import "comity"

// access decides whether somebody may come to a page at all: nil, or an error of kind Unauthorized or Forbidden. What
// they see there is the store's decision.
type access func(*call) error

// anyone admits everybody, signed in or not.
func anyone(*call) error { return nil }

// people admits everybody who signed in.
func people(c *call) error { return c.require(true) }

// readers admits those who may see what was released.
func readers(c *call) error { return c.require(c.viewer.SeesReleases()) }

// members admits those who work in an organisation that has a profile and may see it.
func members(c *call) error { return c.require(c.seesOwn()) }

// editors admits those who may change their organisation's profile.
func editors(c *call) error {
	return c.require(c.org.Contributes() && c.viewer.EditsProfile(c.viewer.Org()))
}

// leavers admits those who may take along all that their organisation has here.
func leavers(c *call) error {
	return c.require(c.org.Kind.Contributes() && c.viewer.TakesAlong(c.viewer.Org()))
}

// takers admits those who may take in public sources for the whole group.
func takers(c *call) error { return c.require(c.viewer.TakesIn()) }

// baselineReaders admits those who may see the baselines of the group.
func baselineReaders(c *call) error { return c.require(c.viewer.SeesBaselines()) }

// baselineKeepers admits those who import baselines for the group and put them in force.
func baselineKeepers(c *call) error { return c.require(c.viewer.KeepsBaselines()) }

// seesOwn reports whether the viewer has an organisation with a profile that they may see.
func (c *call) seesOwn() bool {
	return c.org.Contributes() && c.viewer.SeesProfile(c.viewer.Org())
}

// require returns nil for those who signed in and may, and tells the two refusals apart.
func (c *call) require(may bool) error {
	switch {
	case !c.viewer.SignedIn():
		return comity.Errorf(comity.Unauthorized, "not signed in")
	case !may:
		return comity.Errorf(comity.Forbidden, "this role never may")
	default:
		return nil
	}
}
