package cve

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"comity"
)

// segment is a stretch of versions of one state. Its ends are those of a comity.Affected.
type segment struct {
	comity.Affected
	status string
}

// ranges returns the ranges that are affected. What is only known by commits is unknown: it names no range. Where
// everything is affected but what is said not to be, the gaps between that are, as far as versions are numbers and can be
// put in order here; else all versions are.
func (p product) ranges() []comity.Affected {
	var hit, miss []comity.Affected
	read := false
	for _, v := range p.Versions {
		for _, s := range v.segments() {
			read = true
			switch s.status {
			case affected:
				hit = append(hit, s.Affected)
			case unaffected:
				miss = append(miss, s.Affected)
			}
		}
	}
	switch {
	case p.DefaultStatus != affected || len(p.Versions) > 0 && !read:
		return hit
	default:
		return gaps(miss)
	}
}

// byCommit are the types of versions that are commits or patches: they have no order.
var byCommit = []string{"git", "original_commit_for_fix", "patch", "hg"}

// segments returns the stretches that the entry speaks of, in its order: with changes, more than one.
func (v version) segments() []segment {
	if slices.Contains(byCommit, v.Type) {
		return nil
	}
	if v.Before == "" && v.UpTo == "" && len(v.Changes) == 0 {
		return v.single()
	}
	var list []segment
	from, status := start(v.Version), v.Status
	for _, c := range v.Changes {
		if at := versionOf(c.At); at != "" && c.Status != status {
			list = append(list, segment{comity.Affected{FromIncluding: from, ToExcluding: at}, status})
			from, status = at, c.Status
		}
	}
	last := segment{comity.Affected{FromIncluding: from}, status}
	if !last.end(v) || last.FromIncluding != "" && last.FromIncluding == last.ToExcluding {
		return list
	}
	return append(list, last)
}

// end sets where the stretch ends, and reports whether that can be read.
func (s *segment) end(v version) bool {
	to, including := v.Before, false
	if to == "" {
		to, including = v.UpTo, true
	}
	if to == "" || to == "*" {
		return true
	}
	if to = versionOf(to); to == "" {
		return false
	}
	if next, ok := afterAll(to); ok {
		s.ToExcluding = next
	} else if including {
		s.ToIncluding = to
	} else {
		s.ToExcluding = to
	}
	return true
}

// single reads an entry without an end: one version, all of them, or a range in words such as ">= 1.0, < 1.4.2".
func (v version) single() []segment {
	if v.Version == "*" || strings.EqualFold(v.Version, "all") || strings.EqualFold(v.Version, "all versions") {
		return []segment{{status: v.Status}}
	}
	if one := versionOf(v.Version); one != "" && !strings.ContainsAny(one, "<>=") {
		return []segment{{comity.Affected{Version: one}, v.Status}}
	}
	var s segment
	for part := range strings.SplitSeq(v.Version, ",") {
		part = strings.TrimSpace(part)
		number := strings.TrimLeft(part, "<>= ")
		to := versionOf(number)
		if to == "" || strings.ContainsAny(to, "<>=") {
			return nil
		}
		switch strings.TrimSpace(part[:len(part)-len(number)]) {
		case "<":
			s.ToExcluding = to
		case "<=":
			s.ToIncluding = to
		case ">":
			s.FromExcluding = to
		case ">=":
			s.FromIncluding = to
		case "=", "==":
			s.Version = to
		default:
			return nil
		}
	}
	s.status = v.Status
	return []segment{s}
}

// start returns where a range begins: "" for the first version.
func start(s string) string {
	if s == "0" {
		return ""
	}
	return versionOf(s)
}

// versionOf returns a version; "" for what is no version: words for nothing, and sentences.
func versionOf(s string) string {
	s = said(s)
	if s == "" || len(s) > 100 || strings.ContainsAny(s, " \t\n,;") {
		return ""
	}
	return s
}

// afterAll returns the first version after all of "5.10.*": "5.11".
func afterAll(s string) (string, bool) {
	prefix, ok := strings.CutSuffix(s, ".*")
	if !ok {
		return "", false
	}
	head, last := "", prefix
	if at := strings.LastIndexByte(prefix, '.'); at >= 0 {
		head, last = prefix[:at+1], prefix[at+1:]
	}
	n, err := strconv.ParseUint(last, 10, 32)
	if err != nil {
		return "", false
	}
	return head + strconv.FormatUint(n+1, 10), true
}

// gaps returns the ranges between those that are not affected, everything if these can't be put in order.
func gaps(miss []comity.Affected) []comity.Affected {
	for i, m := range miss {
		if m.Version != "" {
			miss[i] = comity.Affected{FromIncluding: m.Version, ToIncluding: m.Version}
		}
	}
	if len(miss) > 1 {
		if slices.ContainsFunc(miss, func(m comity.Affected) bool {
			return !isNumbers(m.FromIncluding) || !isNumbers(m.ToIncluding+m.ToExcluding)
		}) {
			return []comity.Affected{{}}
		}
		slices.SortStableFunc(miss, func(a, b comity.Affected) int { return compareNumbers(a.FromIncluding, b.FromIncluding) })
	}
	var list []comity.Affected
	var next comity.Affected // begins where the last stretch ended
	for _, m := range miss {
		if begin := cmp.Or(m.FromIncluding, m.FromExcluding); begin != "" && next.FromIncluding != begin {
			gap := next
			gap.ToExcluding = begin
			list = append(list, gap)
		}
		switch {
		case m.ToExcluding != "":
			next = comity.Affected{FromIncluding: m.ToExcluding}
		case m.ToIncluding != "":
			next = comity.Affected{FromExcluding: m.ToIncluding}
		default:
			return list
		}
	}
	return append(list, next)
}

func isNumbers(s string) bool {
	for part := range strings.SplitSeq(s, ".") {
		if strings.Trim(part, "0123456789") != "" || len(part) > 12 {
			return false
		}
	}
	return true
}

// compareNumbers compares versions of numbers and dots; "" is before all.
func compareNumbers(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "."), strings.Split(b, "."), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(strings.TrimLeft(a, "0")), len(strings.TrimLeft(b, "0"))), cmp.Compare(strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")))
	})
}
