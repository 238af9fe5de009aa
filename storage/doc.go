// Package storage keeps what Comity knows, on SQLite or PostgreSQL, behind one type.
//
// [Store] has one method for each thing that can be asked or changed, in the file named after the noun. Each takes a
// context and a viewer, and returns what that viewer may see: the conditions stand in visibility.go and nowhere else.
// What is not there and what is not for the viewer are the same answer, an error of kind NotFound.
//
// There is one query text for both engines, with $1 placeholders, beside the code that scans it. What differs between
// engines is in [Engine], which the packages storage/sqlite and storage/postgres fill; migrations/ has their schemas.
// Times are integers: Unix seconds, 0 for none. Composite nouns are JSON in a column "body", with the columns that
// queries need beside it.
//
// Every change writes its audit entry and, where the pipeline must follow, its change in the same transaction.
package storage
