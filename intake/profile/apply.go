package profile

import (
	"cmp"
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"

	"comity"
)

// Mode says what becomes of the lines of the profile that the file doesn't have.
type Mode string

// The modes.
const (
	Merge   Mode = "merge"   // they stay
	Replace Mode = "replace" // they go, in the sections of which the file speaks
)

// Choice is what a person decides about a document.
type Choice struct {
	Mode      Mode
	Placement comity.Placement // of software that is new and whose placement the file does not say; empty: internal
}

// Effect counts what applying a document does to one section.
type Effect struct {
	Added   int
	Changed int
	Same    int // in the file and already so
	Removed int
}

// Effects are those of the sections.
type Effects struct {
	Services, Software, Suppliers, Coverage, Scope, Bands Effect
}

// Of returns the effect on a section.
func (e Effects) Of(s Section) Effect {
	return map[Section]Effect{
		Services: e.Services, Software: e.Software, Suppliers: e.Suppliers, Coverage: e.Coverage, Scope: e.Scope, Bands: e.Bands,
	}[s]
}

// Empty reports whether nothing changes.
func (e Effects) Empty() bool {
	for _, section := range Sections {
		if s := e.Of(section); s.Added+s.Changed+s.Removed > 0 {
			return false
		}
	}
	return true
}

// Apply returns the profile as a document makes it, and what that changes. A row is the line of the profile with its
// identity or, if it has none there, the line that is about the same thing; else it is new, with an identity derived from
// the organisation and what the row is about, so that the same file again changes nothing. The profile given is not
// changed.
func Apply(p comity.Profile, d Document, o Choice) (comity.Profile, Effects) {
	var e Effects
	services := section[comity.Service, comity.ServiceID]{
		id:  func(s *comity.Service) *comity.ServiceID { return &s.ID },
		key: serviceKey, make: comity.MakeServiceID, seed: string(p.Org) + "\x00" + KindService,
	}
	p.Services, e.Services = services.apply(p.Services, d.Services, d.Has[Services], o.Mode)
	software := section[comity.Software, comity.SoftwareID]{
		id:  func(s *comity.Software) *comity.SoftwareID { return &s.ID },
		key: SoftwareKey, make: comity.MakeSoftwareID, seed: string(p.Org) + "\x00" + KindSoftware,
	}
	p.Software, e.Software = software.apply(p.Software, placed(p.Software, d.Software, o.Placement), d.Has[Software], o.Mode)
	suppliers := section[comity.Supplier, comity.SupplierID]{
		id:  func(s *comity.Supplier) *comity.SupplierID { return &s.ID },
		key: supplierKey, make: comity.MakeSupplierID, seed: string(p.Org) + "\x00" + KindSupplier,
	}
	p.Suppliers, e.Suppliers = suppliers.apply(p.Suppliers, d.Suppliers, d.Has[Suppliers], o.Mode)
	p.Coverage, e.Coverage = applyCoverage(p.Coverage, d.Coverage, d.Has[Coverage], o.Mode)
	if d.Has[Scope] {
		p.Sectors = applyWords(p.Sectors, d.Sectors, o.Mode, &e.Scope)
		p.Regions = applyWords(p.Regions, d.Regions, o.Mode, &e.Scope)
		p.OutOfScope = applyWords(p.OutOfScope, d.Scenarios, o.Mode, &e.Scope)
	}
	if d.Has[Bands] {
		p.Bands, p.Tolerance = applyBands(p, d, o.Mode, &e.Bands)
	}
	Sort(&p)
	return p, e
}

// placed completes software whose placement the file does not say from the lines that are about the same thing, wherever
// they are placed; what is new gets the placement given.
func placed(old, rows []comity.Software, placement comity.Placement) []comity.Software {
	if placement == "" {
		placement = comity.InternalOnly
	}
	anywhere := func(s comity.Software) string {
		s.Placement = ""
		return SoftwareKey(s)
	}
	lines := map[string][]comity.Software{}
	for _, s := range old {
		lines[anywhere(s)] = append(lines[anywhere(s)], s)
	}
	complete := make([]comity.Software, 0, len(rows))
	for _, row := range rows {
		switch known := lines[anywhere(row)]; {
		case row.Placement != "":
			complete = append(complete, row)
		case len(known) == 0:
			row.Placement = placement
			complete = append(complete, row)
		default:
			for _, s := range known {
				s.CPE, s.PURL = either(s.CPE, row.CPE), either(s.PURL, row.PURL)
				complete = append(complete, s)
			}
		}
	}
	return complete
}

// applyWords adds words to a sorted list, or puts them in its place.
func applyWords[T ~string](old, words []T, mode Mode, e *Effect) []T {
	var list []T
	for _, w := range words {
		if slices.Contains(old, w) {
			e.Same++
		} else {
			e.Added++
		}
		list = append(list, w)
	}
	for _, w := range old {
		switch {
		case slices.Contains(words, w):
		case mode == Replace:
			e.Removed++
		default:
			list = append(list, w)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// applyBands returns the bands and the tolerance as the document says. Where it says that they are the group's, they stay
// unless the section is replaced.
func applyBands(p comity.Profile, d Document, mode Mode, e *Effect) (*comity.BandTable, float64) {
	bands, tolerance := d.Bands, d.Tolerance
	if mode != Replace && bands == nil {
		bands = p.Bands
	}
	if mode != Replace && tolerance == 0 {
		tolerance = p.Tolerance
	}
	count := func(was, is, same bool) {
		switch {
		case same && is:
			e.Same++
		case same:
		case !was:
			e.Added++
		case !is:
			e.Removed++
		default:
			e.Changed++
		}
	}
	count(p.Bands != nil, bands != nil, p.Bands == bands || p.Bands != nil && bands != nil && *p.Bands == *bands)
	count(p.Tolerance != 0, tolerance != 0, p.Tolerance == tolerance)
	return bands, tolerance
}

// Sort puts the lists of a profile into the order that its fields promise.
func Sort(p *comity.Profile) {
	slices.SortStableFunc(p.Services, func(a, b comity.Service) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	slices.SortStableFunc(p.Suppliers, func(a, b comity.Supplier) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	slices.SortStableFunc(p.Software, func(a, b comity.Software) int {
		return cmp.Or(strings.Compare(a.Vendor, b.Vendor), strings.Compare(a.Name, b.Name),
			strings.Compare(a.Version, b.Version), cmp.Compare(a.ID, b.ID))
	})
}

// section is one list of the profile, whose lines have an identity and a key.
type section[T comparable, ID ~string] struct {
	id   func(*T) *ID
	key  func(T) string
	make func(comity.Entropy) ID
	seed string
}

// apply returns the list as the rows make it; has says that the file speaks of the section at all.
func (s section[T, ID]) apply(old, rows []T, has bool, mode Mode) ([]T, Effect) {
	var e Effect
	if !has {
		return old, e
	}
	lines := slices.Clone(old)
	byID, byKey := map[ID]int{}, map[string]int{}
	for i := range lines {
		byID[*s.id(&lines[i])] = i
		byKey[s.key(lines[i])] = i
	}
	named := make([]bool, len(lines)) // lines of old that a row is about
	claim := func(row T) (int, bool) {
		if i, ok := byID[*s.id(&row)]; ok {
			return i, true
		}
		i, ok := byKey[s.key(row)]
		return i, ok && !named[i]
	}
	var fresh []T
	// Rows with an identity go first, so that another row with the same key can't take their line.
	for _, known := range []bool{true, false} {
		for _, row := range rows {
			if _, ok := byID[*s.id(&row)]; ok != known {
				continue
			}
			i, ok := claim(row)
			if !ok {
				e.Added++
				fresh = append(fresh, row)
				continue
			}
			*s.id(&row) = *s.id(&lines[i])
			if lines[i] == row {
				e.Same++
			} else {
				e.Changed++
			}
			lines[i], named[i] = row, true
		}
	}
	for i := range fresh {
		*s.id(&fresh[i]) = s.fresh(fresh[i], byID)
		byID[*s.id(&fresh[i])] = -1
	}
	if mode == Replace {
		kept := lines[:0]
		for i, line := range lines {
			if named[i] {
				kept = append(kept, line)
			} else {
				e.Removed++
			}
		}
		lines = kept
	}
	return append(lines, fresh...), e
}

// fresh derives an identity that no line has yet.
func (s section[T, ID]) fresh(row T, taken map[ID]int) ID {
	for n := 0; ; n++ {
		sum := sha256.Sum256([]byte(s.seed + "\x00" + s.key(row) + "\x00" + strconv.Itoa(n)))
		id := s.make(comity.Entropy(sum[:10]))
		if _, ok := taken[id]; !ok {
			return id
		}
	}
}

func applyCoverage(old map[string]float64, answers []Answer, has bool, mode Mode) (map[string]float64, Effect) {
	var e Effect
	if !has {
		return old, e
	}
	coverage := map[string]float64{}
	for _, a := range answers {
		was, ok := old[a.Mitigation]
		switch {
		case !ok:
			e.Added++
		case was == a.Coverage:
			e.Same++
		default:
			e.Changed++
		}
		coverage[a.Mitigation] = a.Coverage
	}
	for m, c := range old {
		if _, ok := coverage[m]; ok {
			continue
		}
		if mode == Replace {
			e.Removed++
			continue
		}
		coverage[m] = c
	}
	return coverage, e
}
