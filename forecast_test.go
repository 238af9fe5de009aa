package comity

import "testing"

func TestQuarter(t *testing.T) {
	for _, test := range []struct {
		day         Date
		name        string
		first, last string
		days        int
	}{
		{Date{2026, 1, 1}, "2026-Q1", "2026-01-01", "2026-03-31", 90},
		{Date{2024, 3, 31}, "2024-Q1", "2024-01-01", "2024-03-31", 91},
		{Date{2026, 8, 7}, "2026-Q3", "2026-07-01", "2026-09-30", 92},
		{Date{2026, 12, 31}, "2026-Q4", "2026-10-01", "2026-12-31", 92},
	} {
		q := QuarterOf(test.day)
		if q.String() != test.name || q.First().String() != test.first || q.Last().String() != test.last || q.Days() != test.days {
			t.Errorf("%s: %s from %s to %s, %d days", test.day, q, q.First(), q.Last(), q.Days())
		}
		if again, err := ParseQuarter(test.name); err != nil || again != q {
			t.Errorf("parse %s: %v, %v", test.name, again, err)
		}
	}
	for _, wrong := range []string{"", "2026", "2026-Q5", "2026-q1", "26-Q1", "2026-Q1 "} {
		if q, err := ParseQuarter(wrong); KindOf(err) != Invalid {
			t.Errorf("%q: %v, %v", wrong, q, err)
		}
	}
}

// What parses is written as it was read.
func FuzzParseQuarter(f *testing.F) {
	for _, seed := range []string{"2026-Q3", "0000-Q1", "9999-Q4", "2026-Q0", "", "2026-q3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := ParseQuarter(s)
		if err != nil {
			if KindOf(err) != Invalid {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		if q.String() != s && q != (Quarter{}) {
			t.Errorf("%q became %q", s, q)
		}
	})
}
