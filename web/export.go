package web

import (
	"encoding/csv"
	"mime"
	"strings"
)

// attach says that the answer is a file with this name.
func (c *call) attach(contentType, name string) {
	h := c.w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
}

// writeCSV answers with a file of rows that a spreadsheet opens as text.
func (c *call) writeCSV(name string, rows [][]string) error {
	c.attach("text/csv; charset=utf-8; header=present", name)
	w := csv.NewWriter(c.w)
	for _, row := range rows {
		safe := make([]string, len(row))
		for i, cell := range row {
			safe[i] = csvSafe(cell)
		}
		if err := w.Write(safe); err != nil {
			return nil // who went away does not hear of it
		}
	}
	w.Flush()
	return nil
}

// csvSafe puts an apostrophe before what a spreadsheet would compute, an international telephone number included.
func csvSafe(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
}
