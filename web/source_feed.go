package web

import (
	"strconv"

	"comity"
)

// feedView is the form of a new STIX feed.
type feedView struct {
	view
	Form    *form
	Labels  []comity.TLP
	Fetches bool
}

func (s *site) newFeed(c *call) error {
	return c.render("sources/new", c.feedView(formOf(map[string]string{"every": "24", "tlp": comity.TLPAmber.String(), "enabled": "1"})))
}

func (c *call) feedView(f *form) feedView {
	v := feedView{view: c.view(), Form: f, Labels: feedLabels, Fetches: c.site.fetch != nil}
	v.Public = true
	return v
}

func (s *site) addFeed(c *call) error {
	f, err := c.form("source", "name", "address", "every", "tlp", "enabled")
	if err != nil {
		return err
	}
	feed := comity.Feed{Format: comity.FormatSTIX, Enabled: f.Flag("enabled") && s.fetch != nil && f.Value("address") != ""}
	if feed.Source, err = comity.ParseSTIXSource("stix-" + f.Value("source")); err != nil {
		f.Fail("source", "sources.error.source")
	}
	readFeed(f, &feed)
	if !f.OK() {
		return c.renderInvalid("sources/new", c.feedView(f))
	}
	switch _, err := s.store.PutFeed(c.ctx(), c.viewer, feed, s.now()); {
	case err != nil && comity.KindOf(err) == comity.Conflict:
		f.Fail("source", "sources.error.taken")
		return c.renderInvalid("sources/new", c.feedView(f))
	case err != nil:
		return err
	}
	c.flash("sources.added")
	return c.redirect("/sources/" + string(feed.Source))
}

// removalView asks before a feed is removed.
type removalView struct {
	view
	sourceRow
	WellKnown bool
}

func (s *site) confirmRemoval(c *call) error {
	state, err := c.sourceState()
	if err != nil {
		return err
	}
	if state.Feed.Revision == 0 {
		return comity.Errorf(comity.NotFound, "no such feed")
	}
	v := removalView{view: c.view(), sourceRow: c.sourceRow(state)}
	v.Marking = markingOf([]comity.SourceState{state})
	_, v.WellKnown = comity.WellKnownFeed(v.ID)
	return c.render("sources/remove", v)
}

func (s *site) removeFeed(c *call) error {
	f, err := c.form("revision")
	if err != nil {
		return err
	}
	revision, err := strconv.Atoi(f.Value("revision"))
	if err != nil {
		return comity.Errorf(comity.Invalid, "want the revision that was seen")
	}
	if err := s.store.DeleteFeed(c.ctx(), c.viewer, comity.SourceID(c.r.PathValue("source")), revision); err != nil {
		return err
	}
	c.flash("sources.removed")
	return c.redirect("/sources")
}
