// Package pattern parses the STIX patterning language of section 9 of STIX 2.1, whose grammar 2.0 shares. Read [Parse],
// then [Pattern].
//
// It reads the whole language and judges nothing: whether something seen fits a pattern is not decided here.
package pattern
