package match

import (
	"cmp"
	"testing"

	"comity"
	"comity/match/version"
)

func TestSpan(t *testing.T) {
	tests := []struct {
		name     string
		affected comity.Affected
		want     string
		in, out  []string
	}{
		{
			"a half-open range",
			comity.Affected{FromIncluding: "7.2.0", ToExcluding: "7.2.5"},
			"≥ 7.2.0, < 7.2.5",
			[]string{"7.2.0", "7.2", "7.2.4", "7.2.5-rc1", "7.2.4 build 9"},
			[]string{"7.1.9", "7.2.5", "7.10", "7.2.5 build 1"},
		},
		{"the other ends", comity.Affected{FromExcluding: "1", ToIncluding: "2"}, "> 1, ≤ 2", []string{"1.1", "2.0.0", "2 build 7"}, []string{"1.0", "1 build 7", "2.0.1"}},
		{"every version", comity.Affected{}, "*", []string{"1", "0"}, nil},
		{"from the first on", comity.Affected{FromIncluding: "0", ToExcluding: "1.2"}, "< 1.2", []string{"0-alpha", "0.0.0-20200101"}, []string{"1.2"}},
		{"from the first on without end", comity.Affected{FromIncluding: "0"}, "*", []string{"0-alpha", "99"}, nil},
		{"one build is the fixed one", comity.Affected{ToExcluding: "2023.0.1 build 5"}, "< 2023.0.1 build 5", []string{"2023.0.1 build 4", "2023.0.1"}, []string{"2023.0.1 build 5", "2023.0.2"}},
		{"exactly one", comity.Affected{Version: "1.1.1w"}, "= 1.1.1w", []string{"1.1.1w", "1.1.1W"}, []string{"1.1.1", "1.1.1v", "1.1.1w 2"}},
		{"one version with any update", comity.Affected{CPE: "cpe:2.3:a:v:p:8.8.15:*"}, "= 8.8.15", []string{"8.8.15", "8.8.15 p7"}, []string{"8.8.16"}},
		{"one version with one update", comity.Affected{CPE: "cpe:2.3:a:v:p:8.8.15:p7"}, "= 8.8.15 p7", []string{"8.8.15 P7"}, []string{"8.8.15", "8.8.15 p31"}},
		{"one version without update", comity.Affected{CPE: "cpe:2.3:a:v:p:8.8.15:-"}, "= 8.8.15", []string{"8.8.15"}, []string{"8.8.15 p7"}},
		{"a pattern", comity.Affected{CPE: "cpe:2.3:a:v:p:2.4.*:*"}, "= 2.4.*", []string{"2.4.1", "2.4.99"}, []string{"2.40", "2.5.1"}},
		{"a platform of any version", comity.Affected{CPE: "cpe:2.3:o:v:p:-:*", Platform: true}, "*", []string{"1", "2"}, nil},
	}
	for _, tt := range tests {
		name, _ := parseCPE(tt.affected.CPE)
		s := spanOf(&tt.affected, &name, version.Generic)
		if got := s.String(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		for _, v := range tt.in {
			if !s.contains(version.Generic.Parse(v)) {
				t.Errorf("%s: %s does not contain %s", tt.name, &s, v)
			}
		}
		for _, v := range tt.out {
			if s.contains(version.Generic.Parse(v)) {
				t.Errorf("%s: %s contains %s", tt.name, &s, v)
			}
		}
	}
}

// TestRealRanges holds the comparator to thousands of ranges that people wrote: its beginning lies inside and its end is
// excluded or included as it says. Few are empty by our order, and those are mistakes of the sample ("≥ 12.6, < 1.6.0_29").
func TestRealRanges(t *testing.T) {
	var ranges, odd int
	for _, threat := range realConfigurations(t) {
		for _, c := range threat.Vulnerability.Configurations {
			for _, n := range c.Nodes {
				for _, p := range n.Products {
					name, _ := parseCPE(p.CPE)
					s := spanOf(&p, &name, version.Generic)
					if s.everything() || len(s.bounds) > 0 && s.bounds[0].sign == exactly {
						continue
					}
					ranges++
					odd += checkRange(t, s)
				}
			}
		}
	}
	t.Logf("%d ranges, %d of them empty", ranges, odd)
	if float64(odd) > 0.002*float64(ranges) {
		t.Errorf("%d of %d ranges are empty by our order", odd, ranges)
	}
}

// checkRange returns 1 for a range that is empty.
func checkRange(t *testing.T, s span) int {
	t.Helper()
	bounds := map[sign]*version.Version{}
	for _, b := range s.bounds {
		bounds[b.sign] = &b.value
	}
	low, high := cmp.Or(bounds[fromIncluding], bounds[fromExcluding]), cmp.Or(bounds[toIncluding], bounds[toExcluding])
	if low != nil && high != nil && low.Compare(*high) > 0 {
		t.Logf("empty range %s", &s)
		return 1
	}
	if b := bounds[fromIncluding]; b != nil && (high == nil || b.String() != high.String()) && !s.contains(*b) {
		t.Errorf("%s does not contain its beginning", &s)
	}
	if b := bounds[toExcluding]; b != nil && s.contains(*b) {
		t.Errorf("%s contains its excluded end", &s)
	}
	if b := bounds[toIncluding]; b != nil && !s.contains(*b) {
		t.Errorf("%s does not contain its included end", &s)
	}
	return 0
}
