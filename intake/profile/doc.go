// Package profile is what an organisation's profile looks like in a file: rows of services, software, suppliers and answers
// on coverage, whatever the form of the file. intake/profilecsv, intake/profilexlsx, intake/profilejson and
// intake/cyclonedx read and write the forms; intake/profilefile tells them apart. The import page and "comity profile
// import" use it, and the forms of the profile's pages check their fields with the same functions, so that all ways in
// accept the same things.
//
// It is a pure function of what it is given: it stores nothing and makes nothing up. A [Checker] takes rows and collects a
// [Document] of those that are right and a [Problem] for each wrong cell, all of them. [Apply] makes the profile that a
// document asks for, and [Compare] says what that changes.
//
// # The columns
//
//	kind             service | software | supplier | coverage
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
package profile
