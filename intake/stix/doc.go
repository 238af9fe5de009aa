// Package stix turns STIX documents into items of intelligence: indicators, reports and actors. Read [Parse].
//
// Every object that is usable is kept with its bytes, whether anything is made of it or not; what is made of which type
// stands at [Document.Objects]. How far an object may travel is decided by its markings and fails closed.
package stix
