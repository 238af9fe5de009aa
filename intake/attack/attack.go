// Package attack reads MITRE ATT&CK Enterprise as one STIX bundle: techniques, tactics, mitigations and what mitigates
// what. Read [Parse].
//
// Source: https://github.com/mitre-attack/attack-stix-data, USAGE document; STIX 2.1.
package attack

import (
	"io"
	"time"

	"comity"
	"comity/intake"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of a bundle. Enterprise 18.1 has 24,771 objects, the longest of 35 kB, not counting what the collection lists.
// 1,118 of them are kept until the end.
const (
	MaxObjects = 200_000
	MaxObject  = 1 << 20  // bytes
	maxKept    = 20_000   // techniques, tactics, mitigations and matrices
	maxText    = 24 << 20 // bytes of what is kept of them
)

var list = intake.List{What: "ATT&CK bundle", Name: "objects", MaxItem: MaxObject, MaxItems: MaxObjects, Skip: "x_mitre_contents"}

// Document is one edition of ATT&CK.
type Document struct {
	Knowledge  comity.Knowledge
	Techniques []comity.Threat // sorted by number: in force, deprecated, and revoked with ReplacedBy where the bundle says by what
	Modified   time.Time       // newest change in the bundle; UTC
}

// Parse reads a bundle. It refuses, with an error of kind Invalid that names the place: what [intake.List.Read] refuses,
// what is no STIX bundle, an object without type or identity, one that is used here without what it needs, an identity
// twice, a bundle without the Enterprise matrix or without techniques. Objects of other types are passed over.
//
// The version is that of the bundle's x-mitre-collection object. Where there is none, as in bundles made of MITRE's single
// objects, nothing in a bundle says it, and the version is the day of the newest change, such as "2025-11-12".
//
// What is read how: (1) Revoked techniques are followed over as many steps as it takes to one in force. (2) Revoked and
// deprecated relationships do not count. (3) Mitigations are the courses of action with an M-number, save M1055 "Do Not
// Mitigate"; deprecated ones with a technique's number are none. (4) A sub-technique without mitigations of its own has its
// parent's. (5) A technique's hash covers what relationships say of it too, so that "changed" means any of it.
func Parse(r io.Reader) (Document, error) {
	b := &bundle{kept: map[string]*object{}, replaced: map[string]string{}, parents: map[string]string{}}
	if err := list.Read(r, intake.Reader{Member: b.member, Item: b.object}); err != nil {
		return Document{}, err
	}
	if b.kind != "bundle" {
		return Document{}, list.Errorf("/type is %.40q, want \"bundle\"", b.kind)
	}
	if b.version == "" {
		b.version = b.modified.Format(time.DateOnly)
	}
	return b.document()
}

// bundle is what is kept of one while it is read.
type bundle struct {
	kind      string
	kept      map[string]*object // techniques, tactics, mitigations and matrices, by identity
	text      int                // bytes of what is kept
	mitigates []relation         // of a technique by a mitigation
	replaced  map[string]string  // revoked object → the one that replaces it
	parents   map[string]string  // sub-technique → technique
	version   string
	modified  time.Time
}

// relation is one relationship, by identities.
type relation struct{ from, to string }

// object is what is read of a STIX object.
type object struct {
	Type        string      `json:"type"`
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	Description string      `json:"description"`
	Created     time.Time   `json:"created"`
	Modified    time.Time   `json:"modified"`
	Revoked     bool        `json:"revoked"`
	Deprecated  bool        `json:"x_mitre_deprecated"`
	Version     string      `json:"x_mitre_version"`
	ShortName   string      `json:"x_mitre_shortname"`
	TacticRefs  []string    `json:"tactic_refs"`
	References  []reference `json:"external_references"`
	Phases      []phase     `json:"kill_chain_phases"`

	number string // public number, such as "T1566.001"
	hash   string
}

type reference struct {
	Source string `json:"source_name"`
	ID     string `json:"external_id"`
}

type phase struct {
	Chain string `json:"kill_chain_name"`
	Phase string `json:"phase_name"`
}

// head is what decides whether an object is of use.
type head struct {
	Type         string    `json:"type"`
	ID           string    `json:"id"`
	Modified     time.Time `json:"modified"`
	Revoked      bool      `json:"revoked"`
	Deprecated   bool      `json:"x_mitre_deprecated"`
	Relationship string    `json:"relationship_type"`
	From         string    `json:"source_ref"`
	To           string    `json:"target_ref"`
	Version      string    `json:"x_mitre_version"`
}

func (o *object) inForce() bool { return !o.Revoked && !o.Deprecated }

func (b *bundle) member(name string, value jsontext.Value) error {
	if name == "type" {
		return json.Unmarshal(value, &b.kind)
	}
	return nil
}

func (b *bundle) object(value jsontext.Value) error {
	var h head
	if err := json.Unmarshal(value, &h); err != nil {
		return err
	}
	if h.Type == "" || h.ID == "" {
		return invalid("an object needs type and id")
	}
	if h.Modified.After(b.modified) {
		b.modified = h.Modified.UTC()
	}
	switch h.Type {
	case "attack-pattern", "course-of-action", "x-mitre-tactic", "x-mitre-matrix":
		return b.keep(value)
	case "relationship":
		return b.relate(h)
	case "x-mitre-collection":
		return b.collection(h)
	}
	return nil
}

func (b *bundle) collection(h head) error {
	if b.version != "" || !versionPattern.MatchString(h.Version) {
		return invalid("x_mitre_version %.60q of the collection is not one version", h.Version)
	}
	b.version = h.Version
	return nil
}

// keep keeps an object that becomes part of the document, or that one refers to.
func (b *bundle) keep(value jsontext.Value) error {
	o := &object{}
	if err := json.Unmarshal(value, o); err != nil {
		return err
	}
	if b.kept[o.ID] != nil {
		return invalid("%.80q stands here twice", o.ID)
	}
	b.text += len(value)
	if len(b.kept) == maxKept || b.text > maxText {
		return comity.Errorf(comity.TooLarge, "more than %d techniques and mitigations, or %s of them", maxKept, intake.Size(maxText))
	}
	if err := o.check(); err != nil {
		return err
	}
	var err error
	if o.hash, err = intake.Hash(value); err != nil {
		return err
	}
	b.kept[o.ID] = o
	return nil
}

// relate keeps a relationship of use. Two of the same objects are harmless; the last one of two that contradict counts.
func (b *bundle) relate(h head) error {
	if h.Revoked || h.Deprecated {
		return nil
	}
	switch h.Relationship {
	case "mitigates", "revoked-by", "subtechnique-of":
	default:
		return nil
	}
	if h.From == "" || h.To == "" {
		return invalid("a relationship needs source_ref and target_ref")
	}
	if b.text += len(h.From) + len(h.To); b.text > maxText {
		return comity.Errorf(comity.TooLarge, "more than %s of techniques, mitigations and relationships", intake.Size(maxText))
	}
	switch h.Relationship {
	case "mitigates":
		b.mitigates = append(b.mitigates, relation{h.From, h.To})
	case "revoked-by":
		b.replaced[h.From] = h.To
	case "subtechnique-of":
		b.parents[h.From] = h.To
	}
	return nil
}

func invalid(format string, args ...any) error { return comity.Errorf(comity.Invalid, format, args...) }
