package profilexlsx

import (
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"time"

	"comity"
	"comity/intake/markup"
	"comity/intake/profile"
)

// rows reads the rows of a sheet: the first that is not blank is the header.
func (w *workbook) rows(s sheet) error {
	plain := s.kind
	if plain == "" {
		plain = profile.KindSoftware
	}
	var table *profile.Table
	last := 0
	return w.each(s.part, func(r *markup.Reader) error {
		return r.Children(func(start xml.StartElement) error {
			if start.Name.Local != "sheetData" || w.full {
				return r.Skip()
			}
			return r.Children(func(start xml.StartElement) error {
				number, err := strconv.Atoi(markup.Attribute(start, "r"))
				if err != nil || number <= last {
					number = last + 1
				}
				last = number
				at := profile.Place{Path: fmt.Sprintf("%s!%d", s.name, number)}
				cells, err := w.cells(r, at)
				switch {
				case err != nil:
					return err
				case profile.Blank(texts(cells)) || w.full:
				case table == nil:
					table = w.check.Header(at, texts(cells), plain)
				case w.check.Full(at):
					w.full = true
				default:
					table.Row(at, w.values(cells, table))
				}
				return nil
			})
		})
	})
}

// cell is one cell: what stands in it, and whether that is a number.
type cell struct {
	text   string
	number bool
}

func texts(cells []cell) []string {
	list := make([]string, len(cells))
	for i, c := range cells {
		list[i] = c.text
	}
	return list
}

// values returns the cells as a file of text would have them.
func (w *workbook) values(cells []cell, table *profile.Table) []string {
	list := texts(cells)
	for i, c := range cells {
		if c.number && table.Column(i) == profile.ColumnPatchedOn {
			list[i] = w.day(c.text)
		}
	}
	return list
}

// cells reads the cells of a row, up to maxColumns.
func (w *workbook) cells(r *markup.Reader, at profile.Place) ([]cell, error) {
	var cells []cell
	next, wide := 0, false
	err := r.Children(func(start xml.StartElement) error {
		if start.Name.Local != "c" {
			return r.Skip()
		}
		column := columnOf(markup.Attribute(start, "r"))
		if column < 0 {
			column = next
		}
		next = column + 1
		c, err := w.cell(r, markup.Attribute(start, "t"))
		if err != nil {
			return err
		}
		if column >= maxColumns {
			wide = wide || c.text != ""
			return nil
		}
		for len(cells) <= column {
			cells = append(cells, cell{})
		}
		cells[column] = c
		return nil
	})
	if wide && err == nil {
		w.check.Fail(at, "", profile.TooManyCells, "")
	}
	return cells, err
}

// columnOf returns the column that a reference such as "D7" names, from 0; -1 if it names none.
func columnOf(reference string) int {
	n := 0
	for i := 0; i < len(reference) && i < 4; i++ {
		c := reference[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			break
		}
		n = n*26 + int(c-'A') + 1
	}
	return n - 1
}

// cell reads a cell of a type. Of a formula it takes what the spreadsheet showed last.
func (w *workbook) cell(r *markup.Reader, kind string) (cell, error) {
	var c cell
	err := r.Children(func(start xml.StartElement) (err error) {
		switch start.Name.Local {
		case "v":
			if c.text, err = r.Text(); err == nil {
				c, err = w.value(kind, c.text)
			}
		case "is":
			c.text, err = richText(r)
		default:
			err = r.Skip()
		}
		return err
	})
	return c, err
}

// value returns what a value of a type says.
func (w *workbook) value(kind, v string) (cell, error) {
	switch kind {
	case "s":
		i, err := strconv.Atoi(v)
		if err != nil || i < 0 || i >= len(w.texts) {
			return cell{}, markup.Error(fmt.Sprintf("there is no shared text %.20q", v))
		}
		return cell{text: w.texts[i]}, nil
	case "", "n":
		x, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return cell{text: v}, nil
		}
		return cell{text: plainNumber(x), number: true}, nil
	default:
		return cell{text: v}, nil
	}
}

// plainNumber writes a number with the 15 digits that spreadsheets keep.
func plainNumber(x float64) string {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 15, 64), 64)
	if err != nil || math.Abs(x) >= 1e15 {
		return strconv.FormatFloat(x, 'g', 15, 64)
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// day returns the day that spreadsheets count as this number; the number itself if there is none.
//
// Source: ECMA-376, part 1, 18.17.4.1: day 0 is 1899-12-30 (as 1900 is taken for a leap year, right from March 1900 on), or
// 1904-01-01.
func (w *workbook) day(number string) string {
	x, err := strconv.ParseFloat(number, 64)
	if err != nil || x < 61 || x >= 2_958_466 { // up to 9999-12-31
		return number
	}
	first := time.Date(1899, time.December, 30, 0, 0, 0, 0, time.UTC)
	if w.days {
		first = time.Date(1904, time.January, 1, 0, 0, 0, 0, time.UTC)
	}
	return comity.DateOf(first.AddDate(0, 0, int(x))).String()
}
