package profilecsv

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"comity"
	"comity/intake/profile"
)

// MaxBytes bounds the file.
const MaxBytes = 4 << 20

// Parse reads a file: the rows that are right, and all that is wrong with the others, by line and column. The error is
// that of the reader alone.
func Parse(r io.Reader, o profile.Options) (profile.Document, []profile.Problem, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return profile.Document{}, nil, fmt.Errorf("read the file: %w", err)
	}
	p := &parser{check: profile.NewChecker(o)}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	switch line := wide(data); {
	case len(data) > MaxBytes:
		p.fail(0, "", profile.TooBig, strconv.Itoa(MaxBytes>>20)+" MiB")
	case line > 0:
		p.fail(line, "", profile.Unreadable, fmt.Sprintf("a row of more than %d cells", maxCells))
	default:
		p.read(data)
	}
	document, problems := p.check.Document()
	return document, problems, nil
}

// maxCells bounds a row: the reader of rows has no bound of its own.
const maxCells = 1000

// wide returns the number of the first line that has more than maxCells; 0 if none has.
func wide(data []byte) int {
	comma := []byte(string(delimiter(data)))
	number := 0
	for line := range bytes.Lines(data) {
		if number++; bytes.Count(line, comma) >= maxCells {
			return number
		}
	}
	return 0
}

type parser struct {
	check *profile.Checker
	table *profile.Table // nil: the header was not read yet
}

func (p *parser) fail(line int, column string, code profile.Code, value string) {
	p.check.Fail(profile.Place{Line: line}, column, code, value)
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
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if wrong, ok := errors.AsType[*csv.ParseError](err); ok {
			p.fail(wrong.StartLine, "", profile.Quoting, "")
			if p.table == nil || p.check.Stopped() {
				return // without a header nothing below it means anything
			}
			continue
		}
		line, _ := r.FieldPos(0)
		at := profile.Place{Line: line}
		if p.table == nil {
			p.table = p.check.Header(at, cells, profile.KindSoftware)
			continue
		}
		if profile.Blank(cells) {
			continue
		}
		if p.check.Full(at) {
			return
		}
		p.table.Row(at, unguarded(cells))
	}
}

// unguarded takes the apostrophes off that keep spreadsheets from running a cell.
func unguarded(cells []string) []string {
	for i, c := range cells {
		cells[i] = profile.Unguard(strings.TrimSpace(c))
	}
	return cells
}

// Write writes a profile as a file that Parse reads and Apply finds equal: a byte order mark, which spreadsheets need to
// see UTF-8, the header, then services, software, suppliers and coverage.
func Write(w io.Writer, p comity.Profile) error {
	if _, err := io.WriteString(w, "\uFEFF"); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	c.UseCRLF = true // RFC 4180
	c.Write(profile.Columns)
	for _, r := range profile.Rows(p) {
		row := make([]string, len(profile.Columns))
		for i, column := range profile.Columns {
			row[i] = profile.Guard(r.Values[column])
		}
		row[0] = r.Kind
		c.Write(row) // its error is kept by c
	}
	c.Flush()
	return c.Error()
}
