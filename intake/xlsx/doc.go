// Package xlsx reads and writes workbooks as rows of cells, without what they mean. Read [Read], then [Write].
//
// Formulas are never evaluated: what the spreadsheet showed last is read. The reader is our own: it takes the parts that it
// needs out of the archive one after the other, as tokens, with a bound on what they unpack to, and holds one row at a time
// besides the shared texts.
//
// Source: ECMA-376, part 1, SpreadsheetML.
package xlsx
