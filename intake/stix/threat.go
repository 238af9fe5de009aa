package stix

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"comity"
	"comity/exchange/stix"
	"comity/exchange/stix/pattern"
)

// Bounds of what is made of one object; its bytes hold the rest.
const (
	maxName   = 200   // characters
	maxText   = 50000 // characters of a description
	maxValues = 5_000 // observables of an indicator
	maxList   = 200   // aliases, types, references
)

var techniqueNumber = regexp.MustCompile(`^T[0-9]{4}(\.[0-9]{3})?$`)

// ThreatOf returns the identity of the item of intelligence that an object of STIX is: its type and UUID.
func ThreatOf(id string) comity.ThreatID { return comity.MakeThreatID(id) }

func threat(o *stix.Object, kind comity.ThreatKind) *comity.Threat {
	return &comity.Threat{
		ID: ThreatOf(o.ID), Kind: kind, Name: nameOf(o), Description: shorten(o.Text("description"), maxText), Published: o.Created.UTC(),
	}
}

// nameOf returns what an object is called: its name, of those without one their value.
func nameOf(o *stix.Object) string {
	for _, property := range []string{"name", "value", "relationship_type", "abstract"} {
		if text := strings.TrimSpace(o.Text(property)); text != "" {
			return shorten(text, maxName)
		}
	}
	return ""
}

// indicator reads an indicator, and says what of its pattern is not understood. A pattern of another language is kept as
// it is.
func indicator(o *stix.Object) (*comity.Threat, string) {
	t := threat(o, comity.ThreatIndicator)
	i := &comity.Indicator{
		Pattern: o.Text("pattern"), PatternType: o.Text("pattern_type"), Types: first(o.Texts("indicator_types")),
		ValidFrom: o.Time("valid_from").UTC(), ValidUntil: o.Time("valid_until").UTC(), Revoked: o.Revoked,
	}
	if i.PatternType == "" {
		i.PatternType = "stix" // section 4.7: 2.0 has no other
	}
	if o.SpecVersion == stix.Version20 && i.Types == nil {
		i.Types = first(o.Texts("labels"))
	}
	t.Indicator = i
	reason := readPattern(i)
	if t.Name == "" {
		t.Name = shorten(i.Pattern, maxName)
		if len(i.Values) > 0 {
			t.Name = shorten(i.Values[0].Value, maxName)
		}
	}
	return t, reason
}

// first bounds a list of short texts.
func first(list []string) []string {
	list = slices.Clone(list[:min(len(list), maxList)])
	for i := range list {
		list[i] = shorten(list[i], maxName)
	}
	return list
}

// readPattern fills the values of a pattern, and returns why it can't.
func readPattern(i *comity.Indicator) string {
	if i.PatternType != "stix" {
		return "patterns of the type " + shorten(i.PatternType, 40) + " are kept as they are"
	}
	p, err := pattern.Parse(i.Pattern)
	if err != nil {
		return "the pattern is not understood: " + err.Error()
	}
	equalities := p.Equalities()
	for _, e := range equalities[:min(len(equalities), maxValues)] {
		if len(e.Path) <= maxName && len(e.Value) <= 2000 {
			i.Values = append(i.Values, comity.Observable{Type: e.Path, Value: e.Value})
		}
	}
	if len(i.Values) == 0 {
		return "the pattern compares no plain value"
	}
	return ""
}

func report(o *stix.Object) *comity.Threat {
	t := threat(o, comity.ThreatReport)
	r := &comity.Report{Types: first(o.Texts("report_types"))}
	if r.Types == nil && o.SpecVersion == stix.Version20 {
		r.Types = first(o.Texts("labels"))
	}
	if r.Types == nil && o.Text("context") != "" {
		r.Types = []string{shorten(o.Text("context"), maxName)}
	}
	for _, reference := range o.References() {
		if strings.HasPrefix(reference.URL, "https://") || strings.HasPrefix(reference.URL, "http://") {
			r.References = append(r.References, shorten(reference.URL, 2000))
		}
	}
	r.References = r.References[:min(len(r.References), maxList)]
	for _, ref := range items(o) {
		if kind, _, _ := strings.Cut(ref, "--"); isThreat[kind] {
			r.Threats = append(r.Threats, ThreatOf(ref))
		}
	}
	if published := o.Time("published"); !published.IsZero() {
		t.Published = published.UTC()
	}
	t.Report = r
	return t
}

// isThreat are the types of objects that become items of intelligence.
var isThreat = map[string]bool{"indicator": true, "report": true, "grouping": true, "intrusion-set": true, "threat-actor": true, "campaign": true}

// items returns the ids in a report's object_refs that are ids, each once.
func items(o *stix.Object) []string {
	var refs []string
	seen := map[string]bool{}
	for _, ref := range o.Texts("object_refs") {
		if stix.ValidID(ref) && !seen[ref] && ref != o.ID {
			seen[ref] = true
			refs = append(refs, ref)
		}
	}
	return refs
}

// actor reads an actor or a campaign, whose targets other objects tell. It makes no scenario likelier by itself: no object
// of STIX says that.
func actor(o *stix.Object) *comity.Threat {
	t := threat(o, comity.ThreatActor)
	t.Actor = &comity.Actor{Aliases: first(o.Texts("aliases")), Sectors: []string{}, Regions: []string{}, Scenarios: []comity.ScenarioID{}}
	if seen := o.Time("last_seen"); !seen.IsZero() {
		t.Actor.LastSeen = comity.DateOf(seen)
	}
	return t
}

// Actor returns the item of intelligence that an actor's object is, with the sectors of the identities and the regions of
// the locations that it targets. What it is given are received bytes of objects that Parse let pass.
func Actor(received []byte, targets [][]byte) (*comity.Threat, error) {
	var parser stix.Parser
	o, wrong := parser.Parse(received)
	if wrong != nil {
		return nil, wrong
	}
	t := actor(o)
	for _, raw := range targets {
		target, wrong := parser.Parse(raw)
		if wrong != nil {
			return nil, wrong
		}
		if !target.Revoked {
			t.Actor.Sectors = append(t.Actor.Sectors, sectorsOf(target)...)
			t.Actor.Regions = append(t.Actor.Regions, regionsOf(target)...)
		}
	}
	slices.Sort(t.Actor.Sectors)
	slices.Sort(t.Actor.Regions)
	t.Actor.Sectors, t.Actor.Regions = slices.Compact(t.Actor.Sectors), slices.Compact(t.Actor.Regions)
	hash, err := stix.Hash(received)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(hash + " " + strings.Join(t.Actor.Sectors, ",") + " " + strings.Join(t.Actor.Regions, ",")))
	t.Hash = hex.EncodeToString(sum[:])
	return t, nil
}
