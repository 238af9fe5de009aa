package storagetest

import (
	"testing"
	"time"

	"comity"
	"comity/storage"
)

// imported is a session as an event elsewhere says it, with items of these origins.
func imported(title, origin string, items ...string) (comity.GroupSession, []comity.AgendaItem) {
	one := session(comity.SessionRegular, title, comity.TLPGreen)
	one.Origin = origin
	var agenda []comity.AgendaItem
	for _, name := range items {
		a := item(one.ID, name, comity.TLPGreen)
		a.Origin = "contribution-" + name
		agenda = append(agenda, a)
	}
	return one, agenda
}

// testImportSession imports an event again and again: one session, the same items, and nothing once it is published.
func testImportSession(t *testing.T, s *stage) {
	desk := s.as(t, s.a, comity.RoleSecretariat)
	const origin = "indico-event-1@events.example.org"
	first, items := imported("Autumn session", origin, "Opening", "Work-plan")
	_, err := s.ImportGroupSession(s.ctx, s.as(t, s.b, comity.RoleFocalPoint), first, items, now)
	wantKind(t, "a focal point", err, comity.NotFound)
	one, err := s.ImportGroupSession(s.ctx, desk, first, items, now)
	must(t, err)
	_, err = s.ImportGroupSession(s.ctx, desk, first, items, now)
	wantKind(t, "a second session of the event", err, comity.Conflict)
	none := first
	none.Origin = ""
	_, err = s.ImportGroupSession(s.ctx, desk, none, items, now)
	wantKind(t, "of no event", err, comity.Invalid)

	got, err := s.ImportedSession(s.ctx, desk, origin)
	must(t, err)
	same(t, "imported", got, one)
	_, err = s.ImportedSession(s.ctx, s.as(t, s.b, comity.RoleFocalPoint), origin)
	wantKind(t, "a draft", err, comity.NotFound)

	agenda, err := s.AgendaItems(s.ctx, desk, one.ID)
	must(t, err)
	agenda[0].TLP = comity.TLPAmber
	_, err = s.PutAgendaItem(s.ctx, desk, agenda[0], now)
	must(t, err)
	_, err = s.PutAgendaItem(s.ctx, desk, item(one.ID, "Added here", comity.TLPGreen), now)
	must(t, err)

	s.importedAgain(t, desk, one)

	one = s.moved(t, one, comity.SessionPublished)
	one.Title = "Too late"
	_, err = s.ImportGroupSession(s.ctx, desk, one, nil, now)
	wantKind(t, "once it is published", err, comity.Conflict)
	got, err = s.ImportedSession(s.ctx, s.as(t, s.b, comity.RoleFocalPoint), origin)
	must(t, err)
	same(t, "title", got.Title, "Autumn session, moved")
}

// importedAgain imports the event of a draft with changes, without changes, and at a revision that is over.
func (s *stage) importedAgain(t *testing.T, desk comity.Viewer, one comity.GroupSession) {
	t.Helper()
	next, items := imported("Autumn session", one.Origin, "Work-plan", "Opening", "Closing")
	next.ID, next.Title, next.Revision, next.Starts = one.ID, "Autumn session, moved", one.Revision, one.Starts.Add(time.Hour)
	for i := range items {
		items[i].ID = comity.MakeAgendaItemID(entropy("again " + items[i].Title)) // as an import makes them
	}
	got, err := s.ImportGroupSession(s.ctx, desk, next, items, now)
	must(t, err)
	agenda, err := s.AgendaItems(s.ctx, desk, one.ID)
	must(t, err)
	var titles []string
	for _, a := range agenda {
		titles = append(titles, a.Title)
	}
	same(t, "agenda", titles, []string{"Work-plan", "Opening", "Closing", "Added here"})
	same(t, "label given here", agenda[1].TLP, comity.TLPAmber)
	same(t, "identity", agenda[1].ID, item(one.ID, "Opening", comity.TLPGreen).ID)

	_, err = s.ImportGroupSession(s.ctx, desk, next, items, now)
	wantKind(t, "at a revision that is over", err, comity.Conflict)
	unchanged, err := s.ImportGroupSession(s.ctx, desk, got, items, now)
	must(t, err)
	same(t, "revision after nothing new", unchanged.Revision, got.Revision)
	after, err := s.AgendaItems(s.ctx, desk, one.ID)
	must(t, err)
	same(t, "agenda after nothing new", after, agenda)

	other := got
	other.Origin = "indico-event-2@events.example.org"
	_, err = s.ImportGroupSession(s.ctx, desk, other, items, now)
	wantKind(t, "of another event", err, comity.Conflict)
}

// testImportAfterDelete imports an event whose draft was thrown away, and keeps an import that was begun for who began it.
func testImportAfterDelete(t *testing.T, s *stage) {
	desk, focal := s.as(t, s.a, comity.RoleSecretariat), s.as(t, s.b, comity.RoleFocalPoint)
	first, items := imported("Call", "indico-event-3@events.example.org", "Opening")
	one, err := s.ImportGroupSession(s.ctx, desk, first, items, now)
	must(t, err)
	must(t, s.DeleteGroupSession(s.ctx, desk, one.ID, one.Revision))
	_, err = s.ImportGroupSession(s.ctx, desk, one, items, now)
	wantKind(t, "over a draft that is gone", err, comity.NotFound)
	_, err = s.ImportGroupSession(s.ctx, desk, first, items, now)
	must(t, err)

	must(t, s.PutBaselineDraft(s.ctx, desk, storage.DraftSession, []byte("draft"), now))
	wantKind(t, "a focal point", s.PutBaselineDraft(s.ctx, focal, storage.DraftSession, nil, now), comity.NotFound)
	_, err = s.BaselineDraft(s.ctx, s.as(t, s.a, comity.RoleCoChair), storage.DraftSession, now)
	wantKind(t, "another keeper of records", err, comity.NotFound)
}
