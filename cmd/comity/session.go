package main

import (
	"cmp"
	"fmt"
	"io"

	"comity"
	"comity/governance"
	"comity/intake/indico"
	"comity/storage"
)

// sessionCmd is about sessions of the group.
type sessionCmd struct {
	Import sessionImport `cmd:"" help:"Import an event of Indico as a draft, or bring its draft up to date; every problem is told by place."`
}

// sessionImport imports an event.
type sessionImport struct {
	File     string `arg:"" help:"Export of one event: JSON with its contributions, JSON of its timetable, or iCalendar; .gz too. - for standard input."`
	Title    string `help:"Title where the file has none, as timetables do." placeholder:"TITLE"`
	Kind     string `help:"Kind of a new session: regular, executive or inter-sessional." enum:"regular,executive,inter-sessional" default:"regular"`
	TLP      string `help:"Label of a new session, TLP:CLEAR to TLP:AMBER+STRICT." name:"tlp" default:"TLP:GREEN" placeholder:"LABEL"`
	Language string `help:"Language of a new session's records: ar, en, es, fr, ru or zh." enum:"ar,en,es,fr,ru,zh" default:"en"`
	DryRun   bool   `help:"Print every problem and what would come of the event, and save nothing."`
	storeFlags
	outputFlags
}

// sessionResult is what is printed of an import.
type sessionResult struct {
	Session  comity.GroupSession `json:"session"`
	Saved    bool                `json:"saved"`
	New      bool                `json:"new"`
	Items    []comity.AgendaItem `json:"items"`
	Removed  []string            `json:"removed"` // titles of items that the event no longer has
	Problems []sessionProblem    `json:"problems"`
}

// sessionProblem is one problem with its sentence.
type sessionProblem struct {
	indico.Problem
	Message string `json:"message"`
}

// Run imports the event, or says which place of the file is wrong.
func (c *sessionImport) Run(a *app) error {
	doc, err := openDocument(a, c.File)
	if err != nil {
		return err
	}
	defer doc.Close()
	e, err := indico.Parse(doc)
	if err != nil {
		return err
	}
	for _, p := range e.Problems {
		fmt.Fprintf(a.stderr, "%s: %v\n", c.File, p)
	}
	return c.with(a.ctx, func(s *storage.Store) error { return c.save(a, s, e) })
}

// save stores the event as the session that it was before, or as a new one.
func (c *sessionImport) save(a *app, s *storage.Store, e indico.Event) error {
	v := comity.System("comity session import")
	old, had, err := c.standing(a, s, v, e)
	if err != nil {
		return err
	}
	one := e.Session(old)
	one.Title = cmp.Or(e.Title, c.Title, old.Title)
	if one.Title == "" {
		return comity.Errorf(comity.Invalid, "%s has no title of the event; --title gives one", c.File)
	}
	result := sessionResult{New: old.Revision == 0, Removed: []string{}, Problems: []sessionProblem{}}
	for _, p := range e.Problems {
		result.Problems = append(result.Problems, sessionProblem{p, p.String()})
	}
	items := e.Agenda(one)
	for i := range items {
		entropy, err := fresh()
		if err != nil {
			return err
		}
		items[i].ID = comity.MakeAgendaItemID(entropy)
	}
	var gone []comity.AgendaItem
	result.Items, gone = governance.ImportAgenda(had, items, one)
	for _, a := range gone {
		result.Removed = append(result.Removed, a.Title)
	}
	if err := one.Check(); err != nil {
		return err
	}
	if !c.DryRun {
		if one, err = s.ImportGroupSession(a.ctx, v, one, items, utcNow()); err != nil {
			return err
		}
		result.Saved = true
	}
	result.Session = one
	return a.print(c.outputFlags, result, func(w io.Writer) { printSessionImport(w, result) })
}

// standing returns the draft that was imported from the event before, with its agenda, or a new session.
func (c *sessionImport) standing(a *app, s *storage.Store, v comity.Viewer, e indico.Event) (comity.GroupSession, []comity.AgendaItem, error) {
	old, err := s.ImportedSession(a.ctx, v, e.Origin)
	switch {
	case err == nil && old.State != comity.SessionDraft:
		return old, nil, comity.Errorf(comity.Conflict, "%q was imported from this event and is %s: an import changes only drafts", old.Title, old.State)
	case err == nil:
		had, err := s.AgendaItems(a.ctx, v, old.ID)
		return old, had, err
	case comity.KindOf(err) != comity.NotFound:
		return old, nil, err
	}
	tlp, err := comity.ParseTLP(c.TLP)
	if err != nil {
		return old, nil, err
	}
	entropy, err := fresh()
	return comity.GroupSession{
		ID: comity.MakeGroupSessionID(entropy), Kind: comity.SessionKind(c.Kind), State: comity.SessionDraft, TLP: tlp, Language: c.Language,
	}, nil, err
}

func printSessionImport(w io.Writer, r sessionResult) {
	const clock = "2006-01-02 15:04"
	fmt.Fprintf(w, "%s, %s to %s UTC\n", r.Session.Title, r.Session.Starts.Format(clock), r.Session.Ends.Format(clock))
	for _, a := range r.Items {
		fmt.Fprintf(w, "%3d  %4d min  %s\n", a.Position, a.Minutes, a.Title)
	}
	for _, title := range r.Removed {
		fmt.Fprintf(w, "removed: %s\n", title)
	}
	switch {
	case !r.Saved:
		fmt.Fprintln(w, "nothing was saved")
	case r.New:
		fmt.Fprintf(w, "saved as the new draft %s\n", r.Session.ID)
	default:
		fmt.Fprintf(w, "saved as the draft %s, revision %d\n", r.Session.ID, r.Session.Revision)
	}
}
