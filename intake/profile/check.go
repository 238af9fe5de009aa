package profile

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"comity"
)

// Section is a part of a profile that a file can speak of; its pages have the same names.
type Section string

// The sections.
const (
	Services  Section = "services"
	Software  Section = "software"
	Suppliers Section = "suppliers"
	Coverage  Section = "coverage"
	Scope     Section = "scope" // sectors, regions and scenarios out of scope
	Bands     Section = "bands" // bands and tolerance
)

// Sections lists them in the order in which they are shown.
var Sections = []Section{Services, Software, Suppliers, Coverage, Scope, Bands}

// sectionOf says to which section a kind of row belongs.
var sectionOf = map[string]Section{KindService: Services, KindSoftware: Software, KindSupplier: Suppliers, KindCoverage: Coverage}

// Class groups software by what it is, for a file that says so.
type Class string

// The classes, after the component types of CycloneDX.
const (
	OperatingSystem Class = "operating-system"
	Application     Class = "application" // with containers and platforms
	Library         Class = "library"     // with frameworks
	Device          Class = "device"
	Firmware        Class = "firmware" // with device drivers
)

// Classes lists the classes in the order in which they are shown.
var Classes = []Class{OperatingSystem, Application, Library, Device, Firmware}

// Document is what a file says, in the order of its rows: those that are right. Lines without an identity in the file have
// none here. Software without a placement comes from a file that knows only what software there is: whatever else it does
// not say of a line that is there stays as it is.
type Document struct {
	Services  []comity.Service    `json:"services,omitempty"`
	Software  []comity.Software   `json:"software,omitempty"`
	Classes   []Class             `json:"classes,omitempty"` // of Software, as long as it; nil: the file does not say
	Suppliers []comity.Supplier   `json:"suppliers,omitempty"`
	Coverage  []Answer            `json:"coverage,omitempty"`
	Sectors   []string            `json:"sectors,omitempty"` // these and the next two: with Scope in Has
	Regions   []string            `json:"regions,omitempty"`
	Scenarios []comity.ScenarioID `json:"scenarios,omitempty"` // out of scope
	Bands     *comity.BandTable   `json:"bands,omitempty"`     // this and the next: with Bands in Has
	Tolerance float64             `json:"tolerance,omitempty"`
	Has       map[Section]bool    `json:"has,omitempty"`    // sections of which the file speaks, with rows or by saying that there are none
	Folded    int                 `json:"folded,omitempty"` // components that were named again
	Passed    map[string]int      `json:"passed,omitempty"` // components that are no software, by type
}

// Rows returns how many rows the document has.
func (d Document) Rows() int {
	return len(d.Services) + len(d.Software) + len(d.Suppliers) + len(d.Coverage)
}

// Placed reports whether all software in the document has a placement.
func (d Document) Placed() bool {
	return !slices.ContainsFunc(d.Software, func(s comity.Software) bool { return s.Placement == "" })
}

// Only returns the document with software of these classes alone, if it says which software is of which.
func (d Document) Only(classes []Class) Document {
	if d.Classes == nil {
		return d
	}
	all, of := d.Software, d.Classes
	d.Software, d.Classes = nil, []Class{}
	for i, s := range all {
		if slices.Contains(classes, of[i]) {
			d.Software, d.Classes = append(d.Software, s), append(d.Classes, of[i])
		}
	}
	return d
}

// Options say what a file is checked against.
type Options struct {
	Mitigations []string // M-codes that exist; empty: any that looks like one is taken
	Scenarios   []string // that exist; empty: any
}

// Checker takes the rows of a file one after the other. Use NewChecker.
type Checker struct {
	document Document
	problems []Problem
	seen     map[string]seenRow
	rows     int
	known    func(m string) bool // nil: every mitigation

	scenarios []string // none: every one
}

// seenRow is a row that an identity or a thing was said in.
type seenRow struct {
	place string
	named bool // it has an identity
	index int  // in Document.Software
}

// NewChecker returns a checker for one file.
func NewChecker(o Options) *Checker {
	c := &Checker{seen: map[string]seenRow{}, scenarios: o.Scenarios, document: Document{Has: map[Section]bool{}}}
	if len(o.Mitigations) > 0 {
		known := map[string]bool{}
		for _, m := range o.Mitigations {
			known[m] = true
		}
		c.known = func(m string) bool { return known[m] }
	}
	return c
}

// Characters of a value, and of a sentence about the file as a whole, that a problem tells.
const (
	maxValue    = 60
	maxSentence = 300
)

// Fail notes a problem.
func (c *Checker) Fail(at Place, column string, code Code, value string) {
	most := maxValue
	if code == Unreadable || code == NoSoftware {
		most = maxSentence
	}
	c.add(Problem{Line: at.Line, Path: at.Path, Column: column, Code: code, Value: shorten(value, most)})
}

// add notes a problem, or that there are too many of them to be told.
func (c *Checker) add(p Problem) {
	switch n := len(c.problems); {
	case n < MaxProblems:
		c.problems = append(c.problems, p)
	case n == MaxProblems:
		c.problems = append(c.problems, Problem{Code: TooManyProblems, Value: strconv.Itoa(MaxProblems)})
	}
}

// Stopped reports whether there is no sense in reading on: there are more problems than are told.
func (c *Checker) Stopped() bool { return len(c.problems) > MaxProblems }

// Problems returns how many problems there are so far.
func (c *Checker) Problems() int { return len(c.problems) }

// Full counts one more row and reports whether that is one too many, which it notes.
func (c *Checker) Full(at Place) bool {
	if c.rows++; c.Stopped() {
		return true
	}
	if c.rows <= MaxRows {
		return false
	}
	c.Fail(at, "", TooManyRows, strconv.Itoa(MaxRows))
	return true
}

// SoFar returns the rows that are right, of those that were taken so far.
func (c *Checker) SoFar() Document { return c.document }

// Document returns the rows that are right, and everything that is wrong. A file of which nothing was read is itself wrong.
func (c *Checker) Document() (Document, []Problem) {
	if c.rows == 0 && len(c.problems) == 0 && len(c.document.Has) == 0 {
		c.Fail(Place{}, "", Empty, "")
	}
	return c.document, c.problems
}

// Row takes one row of a table: its cells by column, whose kind may be left out where plain is the kind of all rows.
func (c *Checker) Row(at Place, values map[string]string, plain string) {
	kind := strings.ToLower(values[ColumnKind])
	if kind == "" {
		kind = plain
	}
	if _, ok := uses[kind]; !ok {
		code := UnknownKind
		if kind == "" {
			code = Required
		}
		c.Fail(at, ColumnKind, code, kind)
		return
	}
	before := len(c.problems)
	c.unused(at, kind, values)
	c.take(at, kind, func(column string) string { return values[column] }, before)
}

// unused reports cells that this kind of row does not have.
func (c *Checker) unused(at Place, kind string, values map[string]string) {
	used := map[string]bool{ColumnKind: true, ColumnID: kind != KindCoverage}
	for _, column := range uses[kind] {
		used[column] = true
	}
	for _, column := range Columns {
		if values[column] != "" && !used[column] {
			c.Fail(at, column, Unused, values[column])
		}
	}
}

// take adds a row to the document, or its problems to the list. before is how many problems there were ahead of the row.
func (c *Checker) take(at Place, kind string, get Fields, before int) {
	var problems []Problem
	var key string
	var add func()
	d := &c.document
	switch kind {
	case KindService:
		s, wrong := ParseService(get)
		problems, key, add = wrong, serviceKey(s), func() { d.Services = append(d.Services, s) }
	case KindSoftware:
		s, wrong := ParseSoftware(get)
		problems, key, add = wrong, SoftwareKey(s), func() { d.Software = append(d.Software, s) }
	case KindSupplier:
		s, wrong := ParseSupplier(get)
		problems, key, add = wrong, supplierKey(s), func() { d.Suppliers = append(d.Suppliers, s) }
	default:
		a, wrong := ParseAnswer(get, c.known)
		problems, key, add = wrong, a.Mitigation, func() { d.Coverage = append(d.Coverage, a) }
	}
	c.found(at, problems)
	if len(c.problems) == before && c.once(at, kind, key, strings.TrimSpace(get(ColumnID))) {
		add()
		d.Has[sectionOf[kind]] = true
	}
}

func (c *Checker) found(at Place, problems []Problem) {
	for _, wrong := range problems {
		wrong.Line, wrong.Path = at.Line, at.Path
		c.add(wrong)
	}
}

// once reports whether a row is about something that no earlier row is about; else that is a problem. Two lines of a
// profile may be about the same thing: rows that both have an identity are told apart by it.
func (c *Checker) once(at Place, kind, key, id string) bool {
	named := id != ""
	if first, ok := c.seen["id\x00"+id]; ok && named {
		c.Fail(at, "", Duplicate, first.place)
		return false
	}
	if first, ok := c.seen[kind+"\x00"+key]; ok && !(named && first.named) {
		c.Fail(at, "", Duplicate, first.place)
		return false
	}
	if named {
		c.seen["id\x00"+id] = seenRow{place: at.String(), named: true}
	}
	if _, ok := c.seen[kind+"\x00"+key]; !ok {
		c.seen[kind+"\x00"+key] = seenRow{place: at.String(), named: named}
	}
	return true
}

// Component takes one piece of software from a list of components. Its placement may be left out. One that was named
// before is folded into the first, which it completes.
func (c *Checker) Component(at Place, class Class, get Fields) {
	s, wrong := parseSoftware(get, get(ColumnPlacement) != "")
	if c.found(at, wrong); len(wrong) > 0 {
		return
	}
	key := "component\x00" + SoftwareKey(s)
	first, ok := c.seen[key]
	if ok && (s.ID == "" || c.document.Software[first.index].ID == s.ID) {
		known := &c.document.Software[first.index]
		known.CPE, known.PURL = either(known.CPE, s.CPE), either(known.PURL, s.PURL)
		c.document.Folded++
		return
	}
	if !ok {
		c.seen[key] = seenRow{index: len(c.document.Software)}
	}
	c.document.Software = append(c.document.Software, s)
	c.document.Classes = append(c.document.Classes, class)
	c.document.Has[Software] = true
}

// Pass counts a component that is no software.
func (c *Checker) Pass(kind string) {
	if c.document.Passed == nil {
		c.document.Passed = map[string]int{}
	}
	c.document.Passed[kind]++
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// serviceKey, SoftwareKey and supplierKey say what a row is about: two rows with the same key are the same thing.
func serviceKey(s comity.Service) string {
	return comity.NormalName(s.Name) + "\x00" + fallback(s.Name)
}

func supplierKey(s comity.Supplier) string {
	return comity.NormalName(s.Name) + "\x00" + fallback(s.Name)
}

// SoftwareKey says which software a line of the inventory is about: vendor, name, version and placement, compared as
// matching compares them. The same product may stand in the inventory once for each placement.
func SoftwareKey(s comity.Software) string {
	return strings.Join([]string{
		comity.NormalName(s.Vendor), fallback(s.Vendor), comity.NormalName(s.Name), fallback(s.Name), s.Version, string(s.Placement),
	}, "\x00")
}

// fallback tells names apart that have no letters or digits at all, or differ in more than NormalName sees, such as "C"
// and "C++".
func fallback(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("+#", r) || comity.NormalName(name) == "" {
			return r
		}
		return -1
	}, name)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Speaks notes that the file speaks of a section, if only to say that there is nothing.
func (c *Checker) Speaks(s Section) { c.document.Has[s] = true }

// Word takes one of the words of the section Scope: column is "sectors", "regions" or "out_of_scope".
func (c *Checker) Word(at Place, column, word string) {
	d := &c.document
	switch {
	case column == "sectors" && slices.Contains(comity.Sectors, word):
		d.Sectors = appendOnce(d.Sectors, word)
	case column == "regions" && slices.Contains(comity.Regions, word):
		d.Regions = appendOnce(d.Regions, word)
	case column == "out_of_scope" && word != "" && (len(c.scenarios) == 0 || slices.Contains(c.scenarios, word)):
		d.Scenarios = appendOnce(d.Scenarios, comity.ScenarioID(word))
	default:
		c.Fail(at, "", BadWord, word)
	}
}

func appendOnce[T comparable](list []T, x T) []T {
	if slices.Contains(list, x) {
		return list
	}
	return append(list, x)
}

// maxAmount bounds a loss, in the reference unit, so that no sum of them overflows.
const maxAmount = 1e15

// Tolerance takes the loss above which an incident is significant; empty or 0 is the catalogue's.
func (c *Checker) Tolerance(at Place, text string) {
	c.Speaks(Bands)
	if text == "" {
		return
	}
	amount, err := strconv.ParseFloat(text, 64)
	if err != nil || !(amount >= 0 && amount <= maxAmount) {
		c.Fail(at, "", BadAmount, text)
		return
	}
	c.document.Tolerance = amount
}

// Bands takes a table of bands. In each interval 0 < low < high, or both are 0 for no loss.
func (c *Checker) Bands(at Place, table comity.BandTable) {
	for _, row := range table {
		for _, i := range row {
			none := i.Low == 0 && i.High == 0
			if !none && !(i.Low >= 1e-6 && i.High > i.Low && i.High <= maxAmount) {
				c.Fail(at, "", BadAmount, number(i.Low)+"–"+number(i.High))
				return
			}
		}
	}
	c.document.Bands = &table
}
