// Package comity holds the nouns of Comity: organisations, people, viewers, markings, threats, evidence, profiles,
// matches, exposures, releases, action items and the kinds of error.
//
// It is what every other package agrees on, and nothing else: standard library only, no input or output, no clock, no
// chance. Verbs are folders (intake, match, assess, aggregate, act); edges are single layers (storage, api, web). Read
// [Viewer] first: who looks decides what there is to see. Then [Profile], [Threat], [Match] and [Exposure] are the main
// road.
//
// Zero values are the safe ones: no marking is not TLP:CLEAR, an unset error kind is Internal, an unset viewer sees
// nothing, an unpublished figure shows no value.
package comity
