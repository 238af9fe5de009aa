// Package e2e holds the tests that drive the real thing from outside: they build and start "comity demo", sign in with
// what its demo.json says, and go through the pages in Debian's Chromium, with and without JavaScript, in English and
// Arabic, light and dark, narrow and wide, with axe-core looking for what keeps people out.
//
// It has no code of its own. Read harness_test.go first. Screenshots of the documents come from here too, by
// "make screenshots".
package e2e
