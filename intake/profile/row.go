package profile

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"comity"
)

// Bounds on what is read.
const (
	MaxRows     = 10_000 // in one file
	MaxCell     = 500    // characters in one cell
	MaxProblems = 10_000 // that are told of one file
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

// Kinds lists the kinds of row in the order in which they are written.
var Kinds = []string{KindService, KindSoftware, KindSupplier, KindCoverage}

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

// ColumnsOf lists the columns of one kind of row, without kind, in the order in which they are written.
func ColumnsOf(kind string) []string {
	if kind == KindCoverage {
		return uses[kind]
	}
	return append([]string{ColumnID}, uses[kind]...)
}

// Canonical returns the column that a header names, empty if none.
func Canonical(header string) string {
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

// Place is where in a file something stands.
type Place struct {
	Line int    // of a text file, from 1; 0: not by line
	Path string // "Software!D7", "/components/3" or "/bom/components/component[4]"; empty: by line, or the whole file
}

// String writes the place without words, such as "7" for a line.
func (p Place) String() string {
	if p.Path == "" && p.Line > 0 {
		return strconv.Itoa(p.Line)
	}
	return p.Path
}

// Row is one row of a table as it is written: a value for each column of its kind.
type Row struct {
	Kind   string
	Values map[string]string
}

// Rows returns a profile as rows, in its own order: services, software, suppliers, coverage.
func Rows(p comity.Profile) []Row {
	var rows []Row
	for _, s := range p.Services {
		rows = append(rows, Row{KindService, serviceValues(s)})
	}
	for _, s := range p.Software {
		rows = append(rows, Row{KindSoftware, softwareValues(s)})
	}
	for _, s := range p.Suppliers {
		rows = append(rows, Row{KindSupplier, map[string]string{
			ColumnID: string(s.ID), ColumnName: s.Name, ColumnDependence: strconv.FormatFloat(s.Dependence, 'f', -1, 64),
		}})
	}
	for _, m := range sortedKeys(p.Coverage) {
		rows = append(rows, Row{KindCoverage, map[string]string{
			ColumnMitigation: m, ColumnCoverage: strconv.FormatFloat(p.Coverage[m]*100, 'f', -1, 64),
		}})
	}
	return rows
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

// guarded are the characters before which a cell is written with an apostrophe, so that no spreadsheet runs it.
const guarded = "=+-@\t\r'"

// Guard returns a cell so that no spreadsheet runs it as a formula.
func Guard(s string) string {
	if s != "" && strings.ContainsRune(guarded, firstRune(s)) {
		return "'" + s
	}
	return s
}

// Unguard returns what Guard was given.
func Unguard(s string) string {
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
