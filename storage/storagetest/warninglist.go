package storagetest

import (
	"testing"

	"comity"
)

func warningList(id string, version int64, entries ...string) comity.WarningList {
	return comity.WarningList{
		ID: id, Name: "List " + id, Version: version, Kind: comity.WarningHostname, Attributes: []string{"domain"}, Entries: entries, Size: len(entries),
	}
}

func testWarningLists(t *testing.T, s *stage) {
	none, err := s.WarningLists(s.ctx, system)
	must(t, err)
	same(t, "before any intake", none, []comity.WarningList{})
	src := comity.Source{ID: comity.SourceWarningLists, Version: "1", Date: now, TakenIn: now}
	a, b := warningList("a", 5, "a.example", "line\nfeed"), warningList("b", 20260811, "b.example")
	newer, emptied := warningList("a", 6, "a.example"), warningList("a", 4, "a.example")
	whole := comity.PutWarningListsOptions{Withdraw: true}
	for _, step := range []struct {
		name  string
		lists []comity.WarningList
		o     comity.PutWarningListsOptions
		want  comity.Delta
	}{
		{"first", []comity.WarningList{a, b}, whole, comity.Delta{Added: 2, Total: 2}},
		{"the same again", []comity.WarningList{a, b}, whole, comity.Delta{Total: 2}},
		{"one alone", []comity.WarningList{newer}, comity.PutWarningListsOptions{}, comity.Delta{Changed: 1, Total: 2}},
		{"an older one by force", []comity.WarningList{emptied}, comity.PutWarningListsOptions{Force: true}, comity.Delta{Changed: 1, Total: 2}},
		{"all, without one", []comity.WarningList{b}, whole, comity.Delta{Removed: 1, Total: 1}},
		{"it comes back", []comity.WarningList{a}, comity.PutWarningListsOptions{}, comity.Delta{Added: 1, Total: 2}},
	} {
		delta, err := s.PutWarningLists(s.ctx, system, src, step.lists, step.o)
		must(t, err)
		same(t, step.name, delta, step.want)
	}
	_, err = s.PutWarningLists(s.ctx, system, src, []comity.WarningList{b, emptied}, whole)
	wantKind(t, "an older list", err, comity.Stale)
	lists, mark, err := s.WarningListsWhole(s.ctx, s.as(t, s.b, comity.RoleAnalyst), "")
	must(t, err)
	same(t, "whole lists", lists, []comity.WarningList{a, b})
	again, sameMark, err := s.WarningListsWhole(s.ctx, system, mark)
	must(t, err)
	if again != nil || sameMark != mark {
		t.Errorf("with a known mark: %d lists, mark %s, want none and %s", len(again), sameMark, mark)
	}
	a.Entries, b.Entries = nil, nil
	listed, err := s.WarningLists(s.ctx, s.as(t, s.b, comity.RoleAnalyst))
	must(t, err)
	same(t, "described", listed, []comity.WarningList{a, b})
	_, err = s.PutWarningLists(s.ctx, s.as(t, s.b, comity.RoleAnalyst), src, nil, whole)
	wantKind(t, "an analyst takes in", err, comity.Forbidden)
}
