package profilexlsx

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"comity"
	"comity/intake/profile"
	"comity/intake/xlsx"
)

// MaxBytes bounds a workbook, packed.
const MaxBytes = xlsx.MaxBytes

// Parse reads a workbook: the rows that are right, and all that is wrong with the others, by sheet, row and column. The
// error is that of the reader alone.
func Parse(r io.Reader, o profile.Options) (profile.Document, []profile.Problem, error) {
	w := &workbook{check: profile.NewChecker(o)}
	full := &counted{r: r}
	book, err := xlsx.Read(full)
	switch {
	case err == nil:
		w.book = book
		err = w.rows()
	case full.err != nil:
		return profile.Document{}, nil, err
	}
	switch {
	case comity.KindOf(err) == comity.TooLarge:
		w.check.Fail(profile.Place{}, "", profile.TooBig, strconv.Itoa(MaxBytes>>20)+" MiB")
	case err != nil:
		w.check.Fail(profile.Place{}, "", profile.Unreadable, err.Error())
	}
	document, problems := w.check.Document()
	return document, problems, nil
}

// counted keeps an error of the reader, which is no fault of the workbook.
type counted struct {
	r   io.Reader
	err error
}

// Read implements io.Reader.
func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	return n, err
}

// workbook is a workbook with what is found in it.
type workbook struct {
	book  *xlsx.Book
	check *profile.Checker
	full  bool // there are more rows than are read
}

// kinds says of which kind the rows of a sheet are, by its name.
var kinds = map[string]string{
	"services": profile.KindService, "service": profile.KindService,
	"software":  profile.KindSoftware,
	"suppliers": profile.KindSupplier, "supplier": profile.KindSupplier,
	"coverage": profile.KindCoverage,
}

// rows reads the sheets that are named after a kind or, if none is, the first.
func (w *workbook) rows() error {
	names := w.book.Sheets()
	named := false
	for i, name := range names {
		kind := kinds[strings.ToLower(strings.TrimSpace(name))]
		if kind == "" {
			continue
		}
		named = true
		if err := w.sheet(i, name, kind); err != nil {
			return err
		}
	}
	if named || len(names) == 0 {
		return nil
	}
	return w.sheet(0, names[0], profile.KindSoftware)
}

// sheet reads the rows of a sheet: the first that is not blank is the header.
func (w *workbook) sheet(i int, name, plain string) error {
	var table *profile.Table
	return w.book.Rows(i, func(number int, cells []xlsx.Cell, wide bool) bool {
		at := profile.Place{Path: fmt.Sprintf("%s!%d", name, number)}
		if wide {
			w.check.Fail(at, "", profile.TooManyCells, "")
		}
		switch {
		case profile.Blank(xlsx.Texts(cells)) || w.full:
		case table == nil:
			table = w.check.Header(at, xlsx.Texts(cells), plain)
		case w.check.Full(at):
			w.full = true
		default:
			table.Row(at, w.values(cells, table))
		}
		return !w.full
	})
}

// values returns the cells as a file of text would have them.
func (w *workbook) values(cells []xlsx.Cell, table *profile.Table) []string {
	list := xlsx.Texts(cells)
	for i, c := range cells {
		if c.Number && table.Column(i) == profile.ColumnPatchedOn {
			list[i] = w.book.Day(c.Text)
		}
	}
	return list
}

// names are the sheets in their order.
var names = []struct{ name, kind string }{
	{"services", profile.KindService}, {"software", profile.KindSoftware}, {"suppliers", profile.KindSupplier}, {"coverage", profile.KindCoverage},
}

// Write writes a profile as a workbook that Parse reads and profile.Apply finds equal: a sheet for each kind of row.
func Write(w io.Writer, p comity.Profile) error {
	rows := profile.Rows(p)
	var sheets []xlsx.Sheet
	for _, n := range names {
		columns := profile.ColumnsOf(n.kind)
		sheet := xlsx.Sheet{Name: n.name, Rows: [][]string{columns}}
		for _, row := range rows {
			if row.Kind != n.kind {
				continue
			}
			cells := make([]string, len(columns))
			for i, column := range columns {
				cells[i] = row.Values[column]
			}
			sheet.Rows = append(sheet.Rows, cells)
		}
		sheets = append(sheets, sheet)
	}
	return xlsx.Write(w, sheets)
}
