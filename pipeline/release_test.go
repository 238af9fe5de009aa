package pipeline

import (
	"testing"
	"time"

	"comity"
)

func TestPeriod(t *testing.T) {
	for _, test := range []struct {
		now    string
		months int
		name   string
		next   string
	}{
		{"2026-09-30", 3, "2026-Q3", "2027-01-01"},
		{"2026-10-01", 3, "2026-Q3", "2027-01-01"},
		{"2026-10-02", 3, "2026-Q4", "2027-04-01"},
		{"2026-12-31", 0, "2026-Q4", "2027-04-01"},
		{"2027-01-01", 3, "2026-Q4", "2027-04-01"},
		{"2026-03-15", 1, "2026-03", "2026-05-01"},
		{"2026-07-01", 6, "2026-H1", "2027-01-01"},
		{"2026-07-02", 12, "2026", "2028-01-01"},
		{"2026-05-05", 7, "2026-Q2", "2026-10-01"},
	} {
		now, err := time.Parse(time.DateOnly, test.now)
		if err != nil {
			t.Fatal(err)
		}
		name, next := period(now, test.months)
		if name != test.name || next.String() != test.next {
			t.Errorf("period(%s, %d) = %s, %s; want %s, %s", test.now, test.months, name, next, test.name, test.next)
		}
		if next.Before(comity.DateOf(now)) {
			t.Errorf("period(%s, %d): next release %s is in the past", test.now, test.months, next)
		}
	}
}
