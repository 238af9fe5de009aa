package web

import (
	"context"
	"errors"
	"strconv"

	"comity"
	"comity/pipeline"
)

// uploadBytes bounds what somebody sends, as it travels, as the server bounds every request; the pipeline bounds what it
// unpacks to.
const uploadBytes = 64 << 20

// shownRuns is how many runs the page of a source lists, and draws.
const shownRuns = 40

// sourceView is the page of one source.
type sourceView struct {
	view
	sourceRow
	Runs    []comity.Run
	Chart   *runChart
	People  map[comity.PersonID]string // who asked for runs
	Kept    int
	Takes   bool
	Fetches bool
	Form    *form // of the feed
	Upload  *form
	Error   *intakeError
	SizeMB  int
	Labels  []comity.TLP
	STIX    bool
	Files   bool // documents can be taken in from files
	Refresh string

	WarningLists []comity.WarningList // of that source, without entries
}

// intakeError says why a document was not taken in.
type intakeError struct {
	Key    string         // of the sentence; empty: Detail says it all
	Source *comity.Source // what is here already, of a document that is older
	Detail string         // place and cause, as the reader of the document says it
}

// feedLabels are the labels that a feed may have.
var feedLabels = []comity.TLP{comity.TLPClear, comity.TLPGreen, comity.TLPAmber, comity.TLPAmberStrict, comity.TLPRed}

func (s *site) showSource(c *call) error {
	v, err := c.sourceView()
	if err != nil {
		return err
	}
	return c.render("sources/show", v)
}

func (c *call) sourceView() (sourceView, error) {
	state, err := c.sourceState()
	if err != nil {
		return sourceView{}, err
	}
	v := sourceView{
		view: c.view(), sourceRow: c.sourceRow(state), Kept: comity.KeptRuns, Takes: c.viewer.TakesIn(), Fetches: c.site.fetch != nil,
		Form: feedForm(state.Feed), Upload: formOf(nil), SizeMB: uploadBytes >> 20, Labels: feedLabels,
		STIX: state.Feed.Format == comity.FormatSTIX,
	}
	v.Files = v.Feed.Format != ""
	v.Marking = markingOf([]comity.SourceState{state})
	v.Live, v.Version = "/sources/"+string(v.ID)+"/version", versionOfStates([]comity.SourceState{state})
	if v.Busy || v.Due && v.Fetches {
		v.Refresh, v.Live = "/sources/"+string(v.ID), ""
	}
	if v.Runs, err = c.site.store.Runs(c.ctx(), c.viewer, v.ID, shownRuns); err != nil {
		return v, err
	}
	v.Chart = drawRuns(v.Runs)
	if v.ID == comity.SourceWarningLists {
		if v.WarningLists, err = c.site.store.WarningLists(c.ctx(), c.viewer); err != nil {
			return v, err
		}
	}
	v.People, err = c.askers(v.Runs)
	return v, err
}

// askers returns the names of those who asked for runs and whom the viewer may see.
func (c *call) askers(runs []comity.Run) (map[comity.PersonID]string, error) {
	names := map[comity.PersonID]string{}
	for _, r := range runs {
		if _, ok := names[r.Person]; ok || r.Person == "" {
			continue
		}
		p, err := c.site.store.Person(c.ctx(), c.viewer, r.Person)
		if err != nil && comity.KindOf(err) != comity.NotFound {
			return nil, err
		}
		names[r.Person] = p.Name
	}
	return names, nil
}

// feedForm returns the form of a feed as it is stored or offered.
func feedForm(f comity.Feed) *form {
	return formOf(map[string]string{
		"name": f.Name, "address": f.Address, "every": strconv.Itoa(f.Every), "tlp": f.TLP.String(),
		"revision": strconv.Itoa(f.Revision),
	})
}

// readFeed reads the fields of a feed's form into it.
func readFeed(f *form, feed *comity.Feed) {
	if feed.Format == comity.FormatSTIX {
		feed.Name = f.Required("name", comity.MaxFeedName)
		label, err := comity.ParseTLP(f.Value("tlp"))
		if err != nil {
			f.Fail("tlp", "error.field.choice")
		}
		feed.TLP = label
	}
	feed.Address = f.Text("address", comity.MaxFeedAddress)
	feed.Every = f.Int("every", 0, comity.MaxFeedEvery)
	if f.OK() {
		if err := feed.Check(); err != nil {
			f.Fail("address", "sources.error.address")
		}
	}
}

func (s *site) changeFeed(c *call) error {
	f, err := c.form("name", "address", "every", "tlp", "revision")
	if err != nil {
		return err
	}
	feed, err := s.store.Feed(c.ctx(), c.viewer, comity.SourceID(c.r.PathValue("source")))
	if err != nil {
		return err
	}
	feed.Revision = f.Int("revision", 0, 1<<30)
	readFeed(f, &feed)
	if f.OK() {
		_, err = s.store.PutFeed(c.ctx(), c.viewer, feed, s.now())
		if err == nil {
			c.flash("sources.saved")
			return c.redirect("/sources/" + string(feed.Source))
		}
		if comity.KindOf(err) != comity.Conflict {
			return err
		}
		f.Fail("address", "sources.error.conflict")
	}
	v, err := c.sourceView()
	if err != nil {
		return err
	}
	if f.Error("address") == nil || f.Error("address").Key != "sources.error.conflict" {
		f.values.Set("revision", strconv.Itoa(feed.Revision))
	} else {
		f.values.Set("revision", v.Form.Value("revision")) // seen now: the next try is on it
	}
	v.Form = f
	return c.renderInvalid("sources/show", v)
}

// switchFeed turns the schedule of a feed on or off.
func (s *site) switchFeed(c *call) error {
	f, err := c.form("on", "revision")
	if err != nil {
		return err
	}
	feed, err := s.store.Feed(c.ctx(), c.viewer, comity.SourceID(c.r.PathValue("source")))
	if err != nil {
		return err
	}
	if f.Flag("on") && s.fetch == nil {
		return noReach()
	}
	feed.Enabled, feed.Revision = f.Flag("on"), f.Int("revision", 0, 1<<30)
	if feed.Enabled && feed.Every == 0 {
		feed.Every = 24
	}
	if _, err := s.store.PutFeed(c.ctx(), c.viewer, feed, s.now()); err != nil {
		return err
	}
	if feed.Enabled {
		c.flash("sources.on")
	} else {
		c.flash("sources.off")
	}
	return c.redirect("/sources/" + string(feed.Source))
}

func noReach() error {
	return &comity.Error{Kind: comity.Conflict, Msg: "this server reaches out to nobody: take in a file instead"}
}

// askRun has a feed run as soon as a process has time for it.
func (s *site) askRun(c *call) error {
	if _, err := c.form(); err != nil {
		return err
	}
	if s.fetch == nil {
		return noReach()
	}
	id := comity.SourceID(c.r.PathValue("source"))
	if err := s.store.AskRun(c.ctx(), c.viewer, id, s.now()); err != nil {
		return err
	}
	c.flash("sources.asked")
	return c.redirect("/sources/" + string(id))
}

// takeIn takes in a document that somebody sends, or fetches it once from the address that they give.
func (s *site) takeIn(c *call) error {
	state, err := c.sourceState()
	if err != nil {
		return err
	}
	u, err := c.upload(uploadBytes, "file", "force", "once")
	if err != nil {
		return c.notTakenIn(formOf(nil), err)
	}
	f := formOf(u.fields)
	address := f.Value("once")
	switch {
	case u.file == nil && s.fetch == nil:
		f.Fail("file", "intake.error.no_file")
	case u.file == nil && address == "":
		f.Fail("file", "intake.error.no_document")
	}
	if !f.OK() {
		v, err := c.sourceView()
		if err != nil {
			return err
		}
		v.Upload = f
		return c.renderInvalid("sources/show", v)
	}
	o := pipeline.IntakeOptions{Force: f.Flag("force"), Cause: comity.CausePerson, Fetched: u.file == nil, TLP: state.Feed.TLP}
	run, err := s.pipeline.TakeIn(c.ctx(), c.viewer, state.Feed.Source, o, func(ctx context.Context) (pipeline.Document, error) {
		if u.file != nil {
			return pipeline.Document{Body: u.file}, nil
		}
		body, err := s.fetch(ctx, address)
		if err != nil {
			return pipeline.Document{}, err
		}
		return pipeline.Document{Body: body}, nil
	})
	if err != nil {
		return c.notTakenIn(f, err)
	}
	if run.Delta.Empty() {
		c.flash("intake.same")
	} else {
		c.flash("intake.done", "added", strconv.Itoa(run.Delta.Added), "removed", strconv.Itoa(run.Delta.Removed),
			"changed", strconv.Itoa(run.Delta.Changed), "total", strconv.Itoa(run.Delta.Total))
	}
	return c.redirect("/sources/" + string(state.Feed.Source))
}

// notTakenIn shows the page again with why a document was not taken in; what is our own mistake goes on as an error.
func (c *call) notTakenIn(f *form, cause error) error {
	kind := comity.KindOf(cause)
	problem := intakeError{}
	if e, ok := errors.AsType[*comity.Error](cause); ok {
		problem.Detail = e.Msg
	}
	v, err := c.sourceView()
	if err != nil {
		return err
	}
	switch kind {
	case comity.Stale:
		problem = intakeError{Key: "intake.error.stale", Source: v.Source}
	case comity.TooLarge, comity.Invalid, comity.Unavailable, comity.Conflict:
	default:
		return cause
	}
	v.Error, v.Upload = &problem, f
	return c.renderStatus(statusOf(kind), "sources/show", v)
}
