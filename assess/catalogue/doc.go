// Package catalogue is the scenario catalogue as a document: the one that Comity comes with, and the JSON in which a group
// takes its own out and brings it back. It reads, checks and writes; who may adopt a catalogue, and what that does to
// figures, is not its business.
//
// [Parse] is the door: what it returns can be assessed with, and its errors name the place by JSON pointer. [Check] holds
// a catalogue that was put together otherwise, on a page for example, to the same rules.
package catalogue
