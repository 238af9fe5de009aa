package web

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"time"

	"comity"
)

func (s *site) sources(r *routes) {
	r.handle("GET /sources", people, s.listSources)
	r.handle("GET /sources/version", people, s.sourcesVersion)
	r.handle("GET /sources/new", takers, s.newFeed)
	r.handle("POST /sources/new", takers, s.addFeed)
	r.handle("GET /sources/{source}", people, s.showSource)
	r.handle("GET /sources/{source}/version", people, s.sourceVersion)
	r.handle("POST /sources/{source}", takers, s.changeFeed)
	r.handle("POST /sources/{source}/switch", takers, s.switchFeed)
	r.handle("POST /sources/{source}/run", takers, s.askRun)
	r.handle("POST /sources/{source}/document", takers, s.takeIn)
	r.handle("GET /sources/{source}/remove", takers, s.confirmRemoval)
	r.handle("POST /sources/{source}/remove", takers, s.removeFeed)
	r.handle("GET /intake", people, func(c *call) error { // where this page was until version 0.2
		http.Redirect(c.w, c.r, "/sources", http.StatusMovedPermanently)
		return nil
	})
}

// sourcesView is the page of all sources.
type sourcesView struct {
	view
	Rows    []sourceRow
	Takes   bool // the viewer takes in
	Fetches bool // this server reaches out
	Empty   bool // nothing was taken in yet
	Refresh string
}

// sourceRow is one source as its pages show it.
type sourceRow struct {
	comity.SourceState
	ID    comity.SourceID
	Name  string
	Own   bool // the name was given by the group, in whatever language
	Stale bool
	Age   int // whole days since the document's own date
	Busy  bool
	Due   bool // its next run is due and has not begun
}

func (c *call) sourceRow(state comity.SourceState) sourceRow {
	now := c.site.now()
	row := sourceRow{SourceState: state, ID: state.Feed.Source, Stale: state.Stale(now)}
	row.Name, row.Own = c.locale.sourceName(state.Feed)
	if state.Source != nil && !state.Source.Date.IsZero() {
		row.Age = max(0, int(now.Sub(state.Source.Date)/(24*time.Hour)))
	}
	row.Busy = state.Running != nil && state.Running.Until.After(now)
	row.Due = state.Feed.Due(now) && !row.Busy
	return row
}

// sourceName returns the name of a source: of one that is well known in the language, else as the group calls it.
func (l *locale) sourceName(f comity.Feed) (name string, own bool) {
	if key := "source." + string(f.Source); l.has(key) {
		return l.T(key), false
	}
	if f.Name != "" {
		return f.Name, true
	}
	return string(f.Source), true
}

func (s *site) listSources(c *call) error {
	states, err := s.store.SourceStates(c.ctx(), c.viewer)
	if err != nil {
		return err
	}
	v := sourcesView{view: c.view(), Takes: c.viewer.TakesIn(), Fetches: s.fetch != nil, Empty: true}
	v.Marking = markingOf(states)
	v.Live, v.Version = "/sources/version", versionOfStates(states)
	for _, state := range states {
		row := c.sourceRow(state)
		if row.Busy || row.Due && v.Fetches {
			v.Refresh, v.Live = "/sources", ""
		}
		v.Empty = v.Empty && row.Source == nil
		v.Rows = append(v.Rows, row)
	}
	return c.render("sources/list", v)
}

// markingOf returns the narrowest label of the feeds that are shown.
func markingOf(states []comity.SourceState) comity.TLP {
	label := comity.TLPClear
	for _, s := range states {
		if s.Feed.TLP != comity.TLPUnmarked {
			label = comity.Strictest(label, s.Feed.TLP)
		}
	}
	return label
}

func (s *site) sourcesVersion(c *call) error {
	states, err := s.store.SourceStates(c.ctx(), c.viewer)
	if err != nil {
		return err
	}
	return c.plain(versionOfStates(states))
}

// plain answers with a line of text for the script.
func (c *call) plain(text string) error {
	c.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = c.w.Write([]byte(text)) // who went away does not hear of it
	return nil
}

// versionOfStates names what the pages of sources show, so that they can tell that they have aged.
func versionOfStates(states []comity.SourceState) string {
	h := fnv.New64a()
	for _, s := range states {
		last, running := int64(0), int64(0)
		if s.Last != nil {
			last = s.Last.Number
		}
		if s.Running != nil {
			running = s.Running.Number
		}
		fmt.Fprintf(h, "%s %d %d %d;", s.Feed.Source, s.Feed.Revision, last, running)
	}
	return fmt.Sprintf("%x", h.Sum64())
}

// sourceState returns the state of the source in the path; one that the viewer may not know of is NotFound.
func (c *call) sourceState() (comity.SourceState, error) {
	states, err := c.site.store.SourceStates(c.ctx(), c.viewer)
	if err != nil {
		return comity.SourceState{}, err
	}
	id := comity.SourceID(c.r.PathValue("source"))
	i := slices.IndexFunc(states, func(s comity.SourceState) bool { return s.Feed.Source == id })
	if i < 0 {
		return comity.SourceState{}, comity.Errorf(comity.NotFound, "no such source")
	}
	return states[i], nil
}

func (s *site) sourceVersion(c *call) error {
	state, err := c.sourceState()
	if err != nil {
		return err
	}
	return c.plain(versionOfStates([]comity.SourceState{state}))
}
