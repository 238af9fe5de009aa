package stix

import (
	"errors"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"comity"
	"comity/exchange/stix"
	"comity/intake"
)

// Bounds of a document, beyond those of one object. What is kept of one until it is stored must fit into memory.
const (
	maxKept    = 32 << 20 // bytes of objects
	maxRefused = 1_000    // objects that can't be used; a document with more is wrong as a whole
)

// Document is a STIX document. Its objects are kept as they were received, and read again one by one as they are stored.
type Document struct {
	Version  string    // of STIX: "2.0" or "2.1", of most objects
	Modified time.Time // of the newest object
	Count    int       // objects that can be used
	Refused  []comity.STIXRefusal

	raw     [][]byte
	fixed   comity.TLP            // of objects without any marking
	defined map[string]comity.TLP // marking definitions in the document that are TLP labels
}

// Parse reads a document whole. unmarked is the label of objects that carry no marking at all, as whoever runs the feed
// states it; without one they stay unmarked.
//
// Its errors are of kind Invalid, with the place, for a document that is no STIX at all or has more than 1,000 objects that
// can't be used, and TooLarge where a bound is passed; those of r stay what they are. Single objects that can't be used are
// in Refused.
func Parse(r io.Reader, unmarked comity.TLP) (*Document, error) {
	d := &Document{fixed: unmarked, defined: map[string]comity.TLP{}}
	kept, of20 := 0, 0
	_, err := stix.Read(r, func(i stix.Item) error {
		if i.Problem != nil {
			return d.refuse(i)
		}
		if kept += len(i.Raw); kept > maxKept {
			return comity.Errorf(comity.TooLarge, "STIX document, at %q: more than %s of objects; split the document", i.Pointer, intake.Size(maxKept))
		}
		d.raw = append(d.raw, slices.Clone(i.Raw))
		d.Count++
		if i.Object.SpecVersion == stix.Version20 {
			of20++
		}
		if i.Object.Modified.After(d.Modified) {
			d.Modified = i.Object.Modified
		}
		d.define(i.Object)
		return nil
	})
	if e, ok := errors.AsType[*stix.Error](err); ok {
		kind := comity.Invalid
		if e.Large {
			kind = comity.TooLarge
		}
		return nil, comity.Errorf(kind, "%s", e.Error())
	} else if err != nil {
		return nil, err
	}
	d.Version = stix.Version21
	if of20 > d.Count/2 {
		d.Version = stix.Version20
	}
	return d, nil
}

// refuse notes an object that can't be used.
func (d *Document) refuse(i stix.Item) error {
	if len(d.Refused) == maxRefused {
		return comity.Errorf(comity.Invalid, "STIX document, at %q: more than %d objects can't be used, the last one because of: %s", i.Pointer, maxRefused, i.Problem)
	}
	refusal := comity.STIXRefusal{Place: i.Pointer + i.Problem.Pointer, Reason: i.Problem.Reason, Received: slices.Clone(i.Raw)}
	if i.Object != nil {
		refusal.Type, refusal.ID = shorten(i.Object.Type, 100), shorten(i.Object.ID, 150)
	}
	d.Refused = append(d.Refused, refusal)
	return nil
}

// define notes what a marking definition stands for. One that is given twice stands for the stricter.
func (d *Document) define(o *stix.Object) {
	if o.Type != "marking-definition" || o.DefinedLabel() == "" {
		return
	}
	label, err := comity.ParseTLP(o.DefinedLabel())
	if err != nil {
		label = comity.TLPUnmarked // which is stricter than all
	}
	if before, twice := d.defined[o.ID]; twice {
		label = comity.Strictest(before, label)
	}
	d.defined[o.ID] = label
}

// label returns how far an object may travel: the strictest of its TLP labels and those of its parts; without any TLP, and
// with another marking, it is unmarked; with no marking at all it has the label that the feed was given. The nine
// definitions whose ids are fixed count wherever they occur, others only where the document defines them.
func (d *Document) label(refs []string) comity.TLP {
	if len(refs) == 0 {
		return d.fixed
	}
	strictest, found := comity.TLPClear, false
	for _, ref := range refs {
		label, known := d.defined[ref]
		if name := stix.Label(ref); name != "" {
			label, _ = comity.ParseTLP(name)
			known = true
		}
		if known {
			strictest, found = comity.Strictest(strictest, label), true
		}
	}
	if !found {
		return comity.TLPUnmarked
	}
	return strictest
}

// Objects yields the usable objects in the document's order. Made of them is: of an indicator, a report, a grouping, an
// intrusion set, a threat actor and a campaign an item of intelligence; of a relationship, and of an attack pattern with a
// number of ATT&CK, a link. All others are kept.
func (d *Document) Objects() iter.Seq2[comity.STIXObject, error] {
	return func(yield func(comity.STIXObject, error) bool) {
		var parser stix.Parser
		for _, raw := range d.raw {
			o, wrong := parser.Parse(raw)
			if wrong != nil {
				yield(comity.STIXObject{}, wrong)
				return
			}
			object, err := d.object(raw, o)
			if !yield(object, err) || err != nil {
				return
			}
		}
	}
}

func (d *Document) object(raw []byte, o *stix.Object) (comity.STIXObject, error) {
	hash, err := stix.Hash(raw)
	if err != nil {
		return comity.STIXObject{}, err
	}
	object := comity.STIXObject{
		ID: o.ID, Type: o.Type, SpecVersion: o.SpecVersion, Name: nameOf(o), Modified: o.Modified.UTC(), Revoked: o.Revoked,
		TLP: d.label(o.MarkingRefs), Hash: hash, Size: len(raw), Received: raw, Use: comity.STIXKept,
	}
	if o.Type == "marking-definition" {
		object.Modified = time.Time{} // section 7.2: it can't be versioned
	}
	use(&object, o)
	return object, nil
}

// use makes of an object what can be made of it.
func use(object *comity.STIXObject, o *stix.Object) {
	switch o.Type {
	case "indicator":
		object.Use = comity.STIXThreat
		object.Item, object.Reason = indicator(o)
	case "report", "grouping":
		object.Use = comity.STIXThreat
		object.Item = report(o)
		for _, ref := range items(o) {
			object.Refs = append(object.Refs, comity.STIXRef{From: o.ID, Kind: "object", To: ref})
		}
	case "intrusion-set", "threat-actor", "campaign":
		object.Use = comity.STIXThreat
		object.Item = actor(o)
	case "relationship":
		relate(object, o)
	case "attack-pattern":
		object.Reason = "attack patterns are used where they have a number of MITRE ATT&CK"
		if number := technique(o); number != "" {
			object.Use, object.Reason, object.Threat = comity.STIXLink, "", comity.MakeThreatID(number)
		}
	case "identity", "location", "marking-definition":
		object.Use = comity.STIXLink
	default:
		object.Reason = "nothing is made of objects of this type yet"
		if !stix.Known(o.Type) {
			object.Reason = "the type is not one of the standard"
		}
	}
	if object.Item != nil {
		object.Item.Hash = object.Hash
		object.Threat, object.Name = object.Item.ID, object.Item.Name
	}
}

// relate reads a relationship.
func relate(object *comity.STIXObject, o *stix.Object) {
	ref := comity.STIXRef{From: o.Text("source_ref"), Kind: o.Text("relationship_type"), To: o.Text("target_ref")}
	if !stix.ValidID(ref.From) || !stix.ValidID(ref.To) || ref.Kind == "" || len(ref.Kind) > 250 {
		object.Reason = "a relationship needs relationship_type, source_ref and target_ref"
		return
	}
	object.Use = comity.STIXLink
	if !object.Revoked {
		object.Refs = []comity.STIXRef{ref}
	}
}

// technique returns the number of ATT&CK that an attack pattern stands for, such as "T1566.001"; empty if it names none.
func technique(o *stix.Object) string {
	for _, r := range o.References() {
		if strings.HasPrefix(r.Source, "mitre") && techniqueNumber.MatchString(r.ID) {
			return r.ID
		}
	}
	return ""
}

func shorten(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}
