package web

import (
	"testing"

	"comity"

	"github.com/google/go-cmp/cmp"
)

// TestStepsAreRankedByTheirWorth ranks action items by what they remove for a person-day, those without an estimate last, and
// leaves out what the viewer may not see and what was withheld.
func TestStepsAreRankedByTheirWorth(t *testing.T) {
	figure := func(row string, low, high float64) comity.Figure {
		return comity.Figure{Group: "action", Row: row, Unit: "share", Published: true, Value: low, Low: low, High: high}
	}
	r := comity.Release{Figures: []comity.Figure{
		figure("a", 0.1, 0.2), figure("b", 0.02, 0.05), figure("c", 0.2, 0.4), figure("secret", 0.4, 1),
		{Group: "action", Row: "d", Unit: "share", Withheld: comity.WithheldDominated},
		{Group: "level", Row: "strategic", Published: true},
	}}
	effort := map[string]int{"a": 40, "b": 5, "c": 0}
	got := rankedList(r, "action", func(row string) (stepRow, bool) {
		days, ok := effort[row]
		return stepRow{Row: row, Effort: days}, ok
	})
	want := stepList{Group: "action", Withheld: 1, Rest: []stepRow{}, First: []stepRow{
		{Row: "b", Effort: 5, Low: 0.02, High: 0.05, From: 5, Width: 7.5},
		{Row: "a", Effort: 40, Low: 0.1, High: 0.2, From: 25, Width: 25},
		{Row: "c", Low: 0.2, High: 0.4, From: 50, Width: 50},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
