// Package pipeline runs the main job: intake → match → assess → aggregate → act.
//
// It is the only domain package that sees more than one stage. The stages are pure; the pipeline reads what they need,
// calls them in a row and stores what they found. It works from a cursor into the store's log of changes, so it can be
// stopped anywhere and goes on from there: every step is idempotent, and the cursor moves only after the work is stored.
//
// Read [Pipeline.CatchUp] first, then [Pipeline.Intake] (documents from outside) and [Pipeline.Publish] (a release).
// Nothing here serves, draws or parses; ranking and drafting of actions is a pure function that the edges call.
package pipeline
