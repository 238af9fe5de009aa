package governance

import (
	"cmp"

	"comity"
)

// ImportAgenda returns an agenda after its session is imported again, and the items that are gone from it:
//  1. items come in the order of the import; one that was imported before keeps its identity and all that the event does not
//     say: its label, its presenter's organisation, its papers;
//  2. items that were added here come after them, in their order;
//  3. items that were imported before and that the event no longer has are gone.
func ImportAgenda(had, imported []comity.AgendaItem, one comity.GroupSession) (items, gone []comity.AgendaItem) {
	byOrigin := map[string]comity.AgendaItem{}
	for _, a := range had {
		if a.Origin != "" {
			byOrigin[a.Origin] = a
		}
	}
	for _, a := range imported {
		if old, ok := byOrigin[a.Origin]; ok {
			delete(byOrigin, a.Origin)
			old.Title, old.Minutes = a.Title, a.Minutes
			old.Presenter, old.Note = cmp.Or(a.Presenter, old.Presenter), cmp.Or(a.Note, old.Note)
			a = old
		}
		items = append(items, a)
	}
	for _, a := range had {
		switch _, left := byOrigin[a.Origin]; {
		case a.Origin == "":
			items = append(items, a)
		case left:
			gone = append(gone, a)
		}
	}
	for i := range items {
		items[i].Session, items[i].Position = one.ID, i+1
	}
	return items, gone
}
