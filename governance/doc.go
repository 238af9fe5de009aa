// Package governance decides by the group's rules: what the positions in a written procedure add up to, and what differs
// between two revisions of a text. It stores nothing, serves nothing and reads no clock: who calls it hands in the rules,
// the positions and the day.
//
// Read [Decide] first.
package governance
