package profile

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"comity"
)

// Fields are the cells of one row, or the fields of one form, by column. Values are used without surrounding space.
type Fields func(column string) string

// field reads fields one after the other and collects what is wrong with them.
type field struct {
	get      Fields
	problems []Problem
}

func (f *field) fail(column string, code Code, value string) {
	f.problems = append(f.problems, Problem{Column: column, Code: code, Value: shorten(value, maxValue)})
}

// text returns the field; one that is too long or has control characters is a problem and counts as empty.
func (f *field) text(column string) string {
	s := strings.TrimSpace(f.get(column))
	switch {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		f.fail(column, NotUTF8, s)
		return ""
	case utf8.RuneCountInString(s) > MaxCell:
		f.fail(column, TooLong, strconv.Itoa(MaxCell))
		return ""
	}
	return s
}

// required is text that must not be empty.
func (f *field) required(column string) string {
	before := len(f.problems)
	s := f.text(column)
	if s == "" && len(f.problems) == before {
		f.fail(column, Required, "")
	}
	return s
}

// checked is text that must pass a check unless it is empty.
func (f *field) checked(column string, code Code, ok func(string) bool) string {
	s := f.text(column)
	if s != "" && !ok(s) {
		f.fail(column, code, s)
		return ""
	}
	return s
}

// word is one of a few words, which may not be left out.
func (f *field) word(column string, code Code, words ...string) string {
	s := strings.ToLower(f.required(column))
	if s == "" {
		return ""
	}
	for _, w := range words {
		if s == w {
			return s
		}
	}
	f.fail(column, code, s)
	return ""
}

func identity[T ~string](f *field, parse func(string) (T, error)) T {
	s := f.text(ColumnID)
	if s == "" {
		return ""
	}
	id, err := parse(s)
	if err != nil {
		f.fail(ColumnID, BadID, s)
	}
	return id
}

// ParseSoftware reads one line of the inventory. Without an identity in its fields the software has none yet.
func ParseSoftware(get Fields) (comity.Software, []Problem) { return parseSoftware(get, true) }

// parseSoftware is ParseSoftware, where placed says that the placement may not be left out.
func parseSoftware(get Fields, placed bool) (comity.Software, []Problem) {
	f := &field{get: get}
	s := comity.Software{
		ID:      identity(f, comity.ParseSoftwareID),
		Vendor:  f.required(ColumnVendor),
		Name:    f.required(ColumnName),
		Version: f.text(ColumnVersion),
		CPE:     f.checked(ColumnCPE, BadCPE, isCPE),
		PURL:    f.checked(ColumnPURL, BadPURL, purlPattern.MatchString),
	}
	if placed {
		s.Placement = comity.Placement(f.word(ColumnPlacement, BadPlacement, string(comity.InternetFacing), string(comity.InternalOnly)))
	}
	if patched := f.text(ColumnPatchedOn); patched != "" {
		date, err := comity.ParseDate(patched)
		if err != nil {
			f.fail(ColumnPatchedOn, BadDate, patched)
		}
		s.PatchedOn = date
	}
	return s, f.problems
}

// ParseService reads one service. Its four grades may not be left out: 0, no loss, is an answer.
func ParseService(get Fields) (comity.Service, []Problem) {
	f := &field{get: get}
	s := comity.Service{
		ID:    identity(f, comity.ParseServiceID),
		Name:  f.required(ColumnName),
		Level: comity.Level(f.word(ColumnLevel, BadLevel, string(comity.LevelStrategic), string(comity.LevelOperational))),
	}
	for _, p := range comity.Properties {
		s.Criticality[p] = f.grade(p.String())
	}
	return s, f.problems
}

func (f *field) grade(column string) int {
	s := f.required(column)
	if s == "" {
		return 0
	}
	if len(s) != 1 || s[0] < '0' || s[0] > '4' {
		f.fail(column, BadGrade, s)
		return 0
	}
	return int(s[0] - '0')
}

// ParseSupplier reads one supplier.
func ParseSupplier(get Fields) (comity.Supplier, []Problem) {
	f := &field{get: get}
	s := comity.Supplier{ID: identity(f, comity.ParseSupplierID), Name: f.required(ColumnName)}
	if text := f.required(ColumnDependence); text != "" {
		p, ok := parseShare(text)
		if !ok {
			f.fail(ColumnDependence, BadDependence, text)
		}
		s.Dependence = p
	}
	return s, f.problems
}

// parseShare reads "0.3", "0,3", "30%" or "30 %". A bare number above 1 is not taken for per cent: "1" would be ambiguous.
func parseShare(s string) (float64, bool) {
	number, percent := strings.CutSuffix(s, "%")
	p, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(number), ",", ".", 1), 64)
	if percent {
		p /= 100
	}
	if err != nil || !(p >= 0 && p <= 1) {
		return 0, false
	}
	return p, true
}

// Answer is how far one mitigation is covered.
type Answer struct {
	Mitigation string  `json:"mitigation"` // "M1032"
	Coverage   float64 `json:"coverage"`   // one of comity.CoverageSteps
}

// ParseAnswer reads one answer on coverage. known says whether a mitigation exists; nil takes any that looks like one.
func ParseAnswer(get Fields, known func(string) bool) (Answer, []Problem) {
	f := &field{get: get}
	a := Answer{Mitigation: strings.ToUpper(f.required(ColumnMitigation))}
	if a.Mitigation != "" && (!isMitigation(a.Mitigation) || known != nil && !known(a.Mitigation)) {
		f.fail(ColumnMitigation, BadMitigation, a.Mitigation)
	}
	if text := f.required(ColumnCoverage); text != "" {
		step, ok := parseCoverage(text)
		if !ok {
			f.fail(ColumnCoverage, BadCoverage, text)
		}
		a.Coverage = step
	}
	return a, f.problems
}

// doNotMitigate is ATT&CK's "Do Not Mitigate", which is none.
const doNotMitigate = "M1055"

var mitigationPattern = regexp.MustCompile(`^M[0-9]{4}$`)

func isMitigation(s string) bool { return mitigationPattern.MatchString(s) && s != doNotMitigate }

// parseCoverage reads a step as per cent, with or without the sign, or as a share such as 0.75.
func parseCoverage(s string) (float64, bool) {
	number := strings.TrimSpace(strings.TrimSuffix(s, "%"))
	p, err := strconv.ParseFloat(strings.Replace(number, ",", ".", 1), 64)
	if err != nil {
		return 0, false
	}
	for _, step := range comity.CoverageSteps {
		if p == step*100 || p == step && number == s {
			return step, true
		}
	}
	return 0, false
}

var purlPattern = regexp.MustCompile(`^pkg:[A-Za-z][A-Za-z0-9.+-]*/[^\s/][^\s]*$`)

// isCPE reports whether s has the shape of a CPE 2.3 formatted string: eleven components after the prefix, none empty,
// the first one a, h, o or '*'. A colon inside a component is escaped with a backslash.
//
// Source: NIST IR 7695, section 6.2.
func isCPE(s string) bool {
	body, ok := strings.CutPrefix(s, "cpe:2.3:")
	if !ok {
		return false
	}
	components, start := 0, 0
	for i := 0; i <= len(body); i++ {
		switch {
		case i == len(body) || body[i] == ':':
			if i == start || components == 0 && (i > start+1 || !strings.Contains("aho*-", body[start:i])) {
				return false
			}
			components++
			start = i + 1
		case body[i] == '\\':
			i++
		case body[i] == ' ':
			return false
		}
	}
	return components == 11
}
