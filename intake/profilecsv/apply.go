package profilecsv

import (
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"io"
	"maps"
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
	Replace Mode = "replace" // they go, in the sections of which the file has at least one row
)

// Effect counts what applying a document does to one section.
type Effect struct {
	Added   int
	Changed int
	Same    int // in the file and already so
	Removed int
}

// Effects are those of the four sections.
type Effects struct {
	Services, Software, Suppliers, Coverage Effect
}

// Empty reports whether nothing changes.
func (e Effects) Empty() bool {
	for _, s := range []Effect{e.Services, e.Software, e.Suppliers, e.Coverage} {
		if s.Added+s.Changed+s.Removed > 0 {
			return false
		}
	}
	return true
}

// Apply returns the profile as a document makes it, and what that changes. A row is the line of the profile with its
// identity or, if it has none there, the line that is about the same thing; else it is new, with an identity derived from
// the organisation and what the row is about, so that the same file again changes nothing. The profile given is not
// changed.
func Apply(p comity.Profile, d Document, mode Mode) (comity.Profile, Effects) {
	var e Effects
	services := section[comity.Service, comity.ServiceID]{
		id:  func(s *comity.Service) *comity.ServiceID { return &s.ID },
		key: serviceKey, make: comity.MakeServiceID, seed: string(p.Org) + "\x00" + KindService,
	}
	p.Services, e.Services = services.apply(p.Services, d.Services, mode)
	software := section[comity.Software, comity.SoftwareID]{
		id:  func(s *comity.Software) *comity.SoftwareID { return &s.ID },
		key: SoftwareKey, make: comity.MakeSoftwareID, seed: string(p.Org) + "\x00" + KindSoftware,
	}
	p.Software, e.Software = software.apply(p.Software, d.Software, mode)
	suppliers := section[comity.Supplier, comity.SupplierID]{
		id:  func(s *comity.Supplier) *comity.SupplierID { return &s.ID },
		key: supplierKey, make: comity.MakeSupplierID, seed: string(p.Org) + "\x00" + KindSupplier,
	}
	p.Suppliers, e.Suppliers = suppliers.apply(p.Suppliers, d.Suppliers, mode)
	p.Coverage, e.Coverage = applyCoverage(p.Coverage, d.Coverage, mode)
	Sort(&p)
	return p, e
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

func (s section[T, ID]) apply(old, rows []T, mode Mode) ([]T, Effect) {
	var e Effect
	if len(rows) == 0 {
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

func applyCoverage(old map[string]float64, answers []Answer, mode Mode) (map[string]float64, Effect) {
	var e Effect
	if len(answers) == 0 {
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

// Write writes a profile as a file that Parse reads and Apply finds equal: a byte order mark, which spreadsheets need to
// see UTF-8, the header, then services, software, suppliers and coverage.
func Write(w io.Writer, p comity.Profile) error {
	if _, err := io.WriteString(w, "\uFEFF"); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	c.UseCRLF = true // RFC 4180
	write := func(kind string, values map[string]string) {
		row := make([]string, len(Columns))
		values[ColumnKind] = kind
		for i, column := range Columns {
			row[i] = guard(values[column])
		}
		c.Write(row) // its error is kept by c
	}
	c.Write(Columns)
	for _, s := range p.Services {
		write(KindService, serviceValues(s))
	}
	for _, s := range p.Software {
		write(KindSoftware, softwareValues(s))
	}
	for _, s := range p.Suppliers {
		write(KindSupplier, map[string]string{
			ColumnID: string(s.ID), ColumnName: s.Name, ColumnDependence: strconv.FormatFloat(s.Dependence, 'f', -1, 64),
		})
	}
	for _, m := range slices.Sorted(maps.Keys(p.Coverage)) {
		write(KindCoverage, map[string]string{
			ColumnMitigation: m, ColumnCoverage: strconv.FormatFloat(p.Coverage[m]*100, 'f', -1, 64),
		})
	}
	c.Flush()
	return c.Error()
}

func serviceValues(s comity.Service) map[string]string {
	values := map[string]string{ColumnID: string(s.ID), ColumnName: s.Name, ColumnLevel: string(s.Level)}
	for _, p := range comity.Properties {
		values[p.String()] = strconv.Itoa(s.Criticality[p])
	}
	return values
}

func softwareValues(s comity.Software) map[string]string {
	return map[string]string{
		ColumnID: string(s.ID), ColumnName: s.Name, ColumnVendor: s.Vendor, ColumnVersion: s.Version, ColumnCPE: s.CPE,
		ColumnPURL: s.PURL, ColumnPlacement: string(s.Placement), ColumnPatchedOn: s.PatchedOn.String(),
	}
}
