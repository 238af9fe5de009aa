package governance

import (
	"testing"

	"comity"

	"github.com/google/go-cmp/cmp"
)

func TestImportAgenda(t *testing.T) {
	one := comity.GroupSession{ID: "one"}
	had := []comity.AgendaItem{
		{ID: "1", Session: "one", Position: 1, Origin: "a", Title: "Opening", Presenter: "Co-chair", Minutes: 5, TLP: comity.TLPAmber, Revision: 3, Papers: []comity.Paper{{Symbol: "X/2026/1"}}},
		{ID: "2", Session: "one", Position: 2, Title: "Added here", Revision: 1},
		{ID: "3", Session: "one", Position: 3, Origin: "gone", Title: "Called off", Revision: 1},
	}
	imported := []comity.AgendaItem{
		{ID: "8", Origin: "b", Title: "New", TLP: comity.TLPGreen},
		{ID: "9", Origin: "a", Title: "Opening and agenda", Minutes: 10, TLP: comity.TLPGreen, Note: "said there"},
	}
	want := []comity.AgendaItem{
		{ID: "8", Session: "one", Position: 1, Origin: "b", Title: "New", TLP: comity.TLPGreen},
		{ID: "1", Session: "one", Position: 2, Origin: "a", Title: "Opening and agenda", Presenter: "Co-chair", Note: "said there", Minutes: 10, TLP: comity.TLPAmber, Revision: 3, Papers: []comity.Paper{{Symbol: "X/2026/1"}}},
		{ID: "2", Session: "one", Position: 3, Title: "Added here", Revision: 1},
	}
	items, gone := ImportAgenda(had, imported, one)
	if diff := cmp.Diff(want, items); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if len(gone) != 1 || gone[0].ID != "3" {
		t.Errorf("gone: %+v, want item 3", gone)
	}
	again, gone := ImportAgenda(items, imported, one)
	if diff := cmp.Diff(items, again); diff != "" || len(gone) > 0 {
		t.Errorf("the same import again changes what there is (-want +got)\n%s%v", diff, gone)
	}
}
