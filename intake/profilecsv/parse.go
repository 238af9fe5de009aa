package profilecsv

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"comity"
)

// Bounds on what is read.
const (
	MaxBytes = 4 << 20 // of the file
	MaxRows  = 10_000  // below the header
	MaxCell  = 500     // characters in one cell
)

// The columns.
const (
	ColumnKind       = "kind"
	ColumnID         = "id"
	ColumnName       = "name"
	ColumnVendor     = "vendor"
	ColumnVersion    = "version"
	ColumnCPE        = "cpe"
	ColumnPURL       = "purl"
	ColumnPlacement  = "placement"
	ColumnPatchedOn  = "patched_on"
	ColumnLevel      = "level"
	ColumnDependence = "dependence"
	ColumnMitigation = "mitigation"
	ColumnCoverage   = "coverage"
)

// The kinds of row.
const (
	KindService  = "service"
	KindSoftware = "software"
	KindSupplier = "supplier"
	KindCoverage = "coverage"
)

// Columns lists the columns in the order in which they are written. The four properties are columns of their own.
var Columns = []string{
	ColumnKind, ColumnID, ColumnName, ColumnVendor, ColumnVersion, ColumnCPE, ColumnPURL, ColumnPlacement, ColumnPatchedOn,
	ColumnLevel, comity.Confidentiality.String(), comity.Integrity.String(), comity.Availability.String(),
	comity.Reliability.String(), ColumnDependence, ColumnMitigation, ColumnCoverage,
}

// aliases are other headers that people write for a column.
var aliases = map[string]string{"product": ColumnName}

// uses says which columns a kind of row has, besides kind and id.
var uses = map[string][]string{
	KindService: {
		ColumnName, ColumnLevel, comity.Confidentiality.String(), comity.Integrity.String(), comity.Availability.String(),
		comity.Reliability.String(),
	},
	KindSoftware: {ColumnName, ColumnVendor, ColumnVersion, ColumnCPE, ColumnPURL, ColumnPlacement, ColumnPatchedOn},
	KindSupplier: {ColumnName, ColumnDependence},
	KindCoverage: {ColumnMitigation, ColumnCoverage},
}

// Document is what a file says, in the order of its rows. Lines without an identity in the file have none here.
type Document struct {
	Services  []comity.Service
	Software  []comity.Software
	Suppliers []comity.Supplier
	Coverage  []Answer
}

// Rows returns how many rows the document has.
func (d Document) Rows() int {
	return len(d.Services) + len(d.Software) + len(d.Suppliers) + len(d.Coverage)
}

// Options say what a file is checked against.
type Options struct {
	Mitigations []string // M-codes that exist; empty: any that looks like one is taken
}

// Parse reads a file. The problems are all that is wrong with it, by line and column; only a document without problems
// may be applied. The error is that of the reader alone.
func Parse(r io.Reader, o Options) (Document, []Problem, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return Document{}, nil, fmt.Errorf("read the file: %w", err)
	}
	if len(data) > MaxBytes {
		return Document{}, []Problem{{Code: TooBig, Value: strconv.Itoa(MaxBytes>>20) + " MiB"}}, nil
	}
	p := &parser{seen: map[string]int{}}
	if len(o.Mitigations) > 0 {
		known := map[string]bool{}
		for _, m := range o.Mitigations {
			known[m] = true
		}
		p.known = func(m string) bool { return known[m] }
	}
	p.read(bytes.TrimPrefix(data, []byte("\uFEFF")))
	return p.document, p.problems, nil
}

type parser struct {
	document Document
	problems []Problem
	columns  []string            // canonical column of each cell; empty: unknown
	seen     map[string]int      // what a row is about → its line
	known    func(m string) bool // nil: every mitigation
}

func (p *parser) fail(line int, column string, code Code, value string) {
	p.problems = append(p.problems, Problem{Line: line, Column: column, Code: code, Value: shorten(value)})
}

// delimiter is the separator that the first line has most of.
func delimiter(data []byte) rune {
	first, _, _ := bytes.Cut(data, []byte("\n"))
	best := ','
	for _, c := range ";\t" {
		if bytes.Count(first, []byte(string(c))) > bytes.Count(first, []byte(string(best))) {
			best = c
		}
	}
	return best
}

func (p *parser) read(data []byte) {
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma = delimiter(data)
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	for rows := 0; ; {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			if rows == 0 && len(p.problems) == 0 {
				p.fail(0, "", Empty, "")
			}
			return
		}
		if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
			p.fail(wrong.StartLine, "", Quoting, "")
			if p.columns == nil {
				return // without a header nothing below it means anything
			}
			continue
		}
		line, _ := r.FieldPos(0)
		if p.columns == nil {
			p.header(line, cells)
			continue
		}
		if blank(cells) {
			continue
		}
		if rows++; rows > MaxRows {
			p.fail(line, "", TooManyRows, strconv.Itoa(MaxRows))
			return
		}
		p.row(line, cells)
	}
}

// blank reports whether a row has nothing in it: spreadsheets leave such rows at the end.
func blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

func (p *parser) header(line int, cells []string) {
	p.columns = make([]string, len(cells))
	seen := map[string]bool{}
	unknown := 0
	for i, cell := range cells {
		column := canonical(cell)
		switch {
		case column == "" && strings.TrimSpace(cell) == "":
			// A column without a header: its cells must be empty, which row checks.
		case column == "":
			if unknown++; unknown <= len(Columns) { // a hostile header is not repeated in full
				p.fail(line, "", UnknownColumn, strings.TrimSpace(cell))
			}
		case seen[column]:
			p.fail(line, "", TwiceColumn, column)
		default:
			p.columns[i] = column
			seen[column] = true
		}
	}
}

// canonical returns the column that a header names, empty if none.
func canonical(header string) string {
	name := strings.ToLower(strings.TrimSpace(header))
	name = strings.NewReplacer(" ", "_", "-", "_").Replace(name)
	if a, ok := aliases[name]; ok {
		return a
	}
	for _, c := range Columns {
		if c == name {
			return c
		}
	}
	return ""
}

func (p *parser) row(line int, cells []string) {
	values := map[string]string{}
	for i, cell := range cells {
		switch {
		case i >= len(p.columns):
			if strings.TrimSpace(cell) != "" {
				p.fail(line, "", TooManyCells, "")
				return
			}
		case p.columns[i] != "":
			values[p.columns[i]] = unguard(strings.TrimSpace(cell))
		}
	}
	kind := strings.ToLower(values[ColumnKind])
	if kind == "" && !p.has(ColumnKind) {
		kind = KindSoftware
	}
	if _, ok := uses[kind]; !ok {
		code := UnknownKind
		if kind == "" {
			code = Required
		}
		p.fail(line, ColumnKind, code, kind)
		return
	}
	p.unused(line, kind, values)
	p.take(line, kind, func(column string) string { return values[column] })
}

func (p *parser) has(column string) bool {
	for _, c := range p.columns {
		if c == column {
			return true
		}
	}
	return false
}

// unused reports cells that this kind of row does not have.
func (p *parser) unused(line int, kind string, values map[string]string) {
	used := map[string]bool{ColumnKind: true, ColumnID: kind != KindCoverage}
	for _, c := range uses[kind] {
		used[c] = true
	}
	for _, c := range Columns {
		if values[c] != "" && !used[c] {
			p.fail(line, c, Unused, values[c])
		}
	}
}

// take adds a row to the document, or its problems to the list.
func (p *parser) take(line int, kind string, get Fields) {
	var problems []Problem
	var key string
	switch kind {
	case KindService:
		s, wrong := ParseService(get)
		p.document.Services = append(p.document.Services, s)
		problems, key = wrong, serviceKey(s)
	case KindSoftware:
		s, wrong := ParseSoftware(get)
		p.document.Software = append(p.document.Software, s)
		problems, key = wrong, SoftwareKey(s)
	case KindSupplier:
		s, wrong := ParseSupplier(get)
		p.document.Suppliers = append(p.document.Suppliers, s)
		problems, key = wrong, supplierKey(s)
	default:
		a, wrong := ParseAnswer(get, p.known)
		p.document.Coverage = append(p.document.Coverage, a)
		problems, key = wrong, a.Mitigation
	}
	if len(problems) == 0 {
		p.once(line, kind, key, get(ColumnID))
	}
	for _, wrong := range problems {
		wrong.Line = line
		p.problems = append(p.problems, wrong)
	}
}

// once reports a row that is about the same thing as an earlier one.
func (p *parser) once(line int, kind, key, id string) {
	for _, k := range []string{kind + "\x00" + key, "id\x00" + id} {
		if k == "id\x00" {
			continue
		}
		if first, ok := p.seen[k]; ok {
			p.fail(line, "", Duplicate, strconv.Itoa(first))
			return
		}
		p.seen[k] = line
	}
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

// guarded are the characters before which a cell is written with an apostrophe, so that no spreadsheet runs it.
const guarded = "=+-@\t\r'"

func guard(s string) string {
	if s != "" && strings.ContainsRune(guarded, firstRune(s)) {
		return "'" + s
	}
	return s
}

func unguard(s string) string {
	rest, ok := strings.CutPrefix(s, "'")
	if ok && rest != "" && strings.ContainsRune(guarded, firstRune(rest)) {
		return rest
	}
	return s
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}
