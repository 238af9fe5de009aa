// Package profilecsv reads and writes an organisation's profile as one CSV file: its services, software, suppliers and
// coverage of mitigations, one row each. The import page and "comity profile import" share it, and the forms of the
// profile's pages check their fields with the same functions, so that both ways in accept the same things.
//
// It is a pure function of the bytes: it stores nothing and makes nothing up. What is wrong is a list of [Problem], one
// for each wrong cell, all of them at once; a file with problems must not be applied. Read [Parse], then [Apply].
//
// # The file
//
// UTF-8, with or without byte order mark; cells separated by comma, semicolon or tab, whichever the first line has;
// quoted as in RFC 4180. The first row names the columns, in any order and case; spaces and hyphens count as underscores:
//
//	kind             service | software | supplier | coverage; without this column all rows are software
//	id               identity from an export; may be empty. A row with the identity of a line of the profile changes it
//	name             of the service, product ("product" is the same column) or supplier
//	vendor           software: who makes it
//	version          software: the version in use; may be empty
//	cpe              software: CPE 2.3 formatted string; may be empty
//	purl             software: package URL; may be empty
//	placement        software: internet-facing | internal
//	patched_on       software: YYYY-MM-DD, everything published up to then is patched; may be empty
//	level            service: strategic | operational
//	confidentiality  service: 0–4, likewise integrity, availability and reliability
//	dependence       supplier: probability that an event there hits us, 0–1 or with a per cent sign
//	mitigation       coverage: M-code such as M1032
//	coverage         coverage: 0, 25, 50, 75 or 95 (per cent)
//
// Cells that a row's kind has no use for must be empty: a value there means that the row was meant to be something else.
//
// A cell that a spreadsheet would run as a formula is written with an apostrophe before it, and read without.
package profilecsv
