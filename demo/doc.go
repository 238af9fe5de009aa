// Package demo is the Meridian System: a fictional group of 16 organisations, told as values.
//
// [Meridian] returns the whole story for a seed and a day, always the same for the same two: who there is, and chapter by
// chapter what their profiles were, what arrived and what was published. A loader (cmd/comity) plays the chapters through
// the real store and the real pipeline with the clock of each chapter, so that nothing of what the demonstration shows is
// made up beyond its inputs.
//
// [Facts] are the public facts that it rests on, embedded so that it needs no network: the KEV catalogue of 2026-07-23,
// EPSS of its entries, ATT&CK 18.1 by number and name, which techniques exploitation of a CVE opens, and version ranges.
// facts/README.md has origins and licences; derive/ makes the files anew.
//
// Organisations have acronyms that start with "X-", people are roles, addresses are of documentation ranges, threat actors
// are DEMO-SET-nn. No real organisation carries an invented incident.
package demo

//go:generate go run ./derive
