// Package profilexlsx reads and writes an organisation's profile as an XLSX workbook. The columns are those of package
// intake/profile; the first row of a sheet names them. Read [Parse], then [Write].
//
// A sheet that is named after a kind of row ("services", "software", "suppliers", "coverage", or one of each) has rows of
// that kind; all such sheets are read. A workbook without any is read as one table: its first sheet. Formulas are never
// evaluated: what the spreadsheet showed last is read. A number under "patched_on" is a day as spreadsheets count them.
//
// What is written is text in cells formatted as text, so that nothing in it is ever taken for a formula.
//
// The reader is our own: it takes the parts that it needs out of the archive one after the other, as tokens, with a bound
// on what they unpack to, and holds one row at a time besides the shared texts.
//
// Source: ECMA-376, part 1, SpreadsheetML.
package profilexlsx
