package xlsx

import (
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"time"

	"comity"
	"comity/intake/markup"
)

// Rows hands over the rows of the sheet with this place in the list, with their numbers, from 1. It stops when do returns
// false. Wide reports that a row has something beyond the 256 columns that are read.
func (w *Book) Rows(i int, do func(number int, cells []Cell, wide bool) (more bool)) error {
	last, more := 0, true
	return w.each(w.list[i].part, func(r *markup.Reader) error {
		return r.Children(func(start xml.StartElement) error {
			if start.Name.Local != "sheetData" || !more {
				return r.Skip()
			}
			return r.Children(func(start xml.StartElement) error {
				number, err := strconv.Atoi(markup.Attribute(start, "r"))
				if err != nil || number <= last {
					number = last + 1
				}
				last = number
				cells, wide, err := w.cells(r)
				if err == nil && more {
					more = do(number, cells, wide)
				}
				return err
			})
		})
	})
}

// Cell is one cell: what stands in it, and whether that is a number.
type Cell struct {
	Text   string
	Number bool
}

// Texts returns what stands in the cells.
func Texts(cells []Cell) []string {
	list := make([]string, len(cells))
	for i, c := range cells {
		list[i] = c.Text
	}
	return list
}

// cells reads the cells of a row, up to maxColumns; wide reports that there is something beyond.
func (w *Book) cells(r *markup.Reader) (cells []Cell, wide bool, err error) {
	next := 0
	err = r.Children(func(start xml.StartElement) error {
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
			wide = wide || c.Text != ""
			return nil
		}
		for len(cells) <= column {
			cells = append(cells, Cell{})
		}
		cells[column] = c
		return nil
	})
	return cells, wide, err
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
func (w *Book) cell(r *markup.Reader, kind string) (Cell, error) {
	var c Cell
	err := r.Children(func(start xml.StartElement) (err error) {
		switch start.Name.Local {
		case "v":
			if c.Text, err = r.Text(); err == nil {
				c, err = w.value(kind, c.Text)
			}
		case "is":
			c.Text, err = richText(r)
		default:
			err = r.Skip()
		}
		return err
	})
	return c, err
}

// value returns what a value of a type says.
func (w *Book) value(kind, v string) (Cell, error) {
	switch kind {
	case "s":
		i, err := strconv.Atoi(v)
		if err != nil || i < 0 || i >= len(w.texts) {
			return Cell{}, markup.Error(fmt.Sprintf("there is no shared text %.20q", v))
		}
		return Cell{Text: w.texts[i]}, nil
	case "", "n":
		x, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return Cell{Text: v}, nil
		}
		return Cell{Text: plainNumber(x), Number: true}, nil
	default:
		return Cell{Text: v}, nil
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

// Day returns the day that spreadsheets count as this number; the number itself if there is none.
//
// Source: ECMA-376, part 1, 18.17.4.1: day 0 is 1899-12-30 (as 1900 is taken for a leap year, right from March 1900 on), or
// 1904-01-01.
func (w *Book) Day(number string) string {
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
