// Package profilecsv reads and writes an organisation's profile as one CSV file, one row a service, software, supplier or
// answer. The columns are those of package intake/profile. Read [Parse], then [Write].
//
// UTF-8, with or without byte order mark; cells separated by comma, semicolon or tab, whichever the first line has;
// quoted as in RFC 4180. The first row names the columns, in any order and case; spaces and hyphens count as underscores.
// Without the column "kind" all rows are software.
//
// A cell that a spreadsheet would run as a formula is written with an apostrophe before it, and read without.
package profilecsv
