// Package profilexlsx reads and writes an organisation's profile as an XLSX workbook. The columns are those of package
// intake/profile; the first row of a sheet names them. Read [Parse], then [Write].
//
// A sheet that is named after a kind of row ("services", "software", "suppliers", "coverage", or one of each) has rows of
// that kind; all such sheets are read. A workbook without any is read as one table: its first sheet. A number under
// "patched_on" is a day as spreadsheets count them.
package profilexlsx
