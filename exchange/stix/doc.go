// Package stix reads STIX 2.0 and 2.1 documents object by object and keeps the received bytes of each exactly. Read [Read]
// first, then [Object].
//
// A document is a bundle, an array of objects, one object, or JSON Lines of objects. Two kinds of wrong are told apart: a
// document that is not JSON, is no STIX document or passes a bound is refused as a whole; an object that can't be used is
// handed over as a [Problem] with its place and reason, and the objects around it are read all the same.
//
// Nothing is ever written from a parsed view: what is not understood stays in the bytes. Source of the rules: OASIS STIX
// Version 2.1 with errata 01, and STIX Version 2.0, whose objects have no spec_version.
package stix
