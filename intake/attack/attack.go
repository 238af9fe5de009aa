// Package attack reads MITRE ATT&CK as one STIX bundle: techniques, tactics, mitigations and what mitigates what. Read
// [Parse].
//
// Source: https://github.com/mitre-attack/attack-stix-data, USAGE document; STIX 2.1.
package attack

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"comity"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// MaxObjects bounds a bundle; Enterprise 18.1 has 24,771 objects.
const MaxObjects = 500_000

// doNotMitigate is the mitigation that says to do nothing.
const doNotMitigate = "M1055"

// Document is one edition of ATT&CK.
type Document struct {
	Knowledge  comity.Knowledge
	Techniques []comity.Threat // in force, deprecated and revoked ones too, the latter with ReplacedBy
	Modified   time.Time       // newest change in the bundle; UTC
}

// object is what is read of a STIX object.
type object struct {
	Type        string    `json:"type"`
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Created     time.Time `json:"created"`
	Modified    time.Time `json:"modified"`
	Revoked     bool      `json:"revoked"`
	Deprecated  bool      `json:"x_mitre_deprecated"`
	Version     string    `json:"x_mitre_version"`
	SubOf       bool      `json:"x_mitre_is_subtechnique"`
	ShortName   string    `json:"x_mitre_shortname"`
	TacticRefs  []string  `json:"tactic_refs"`
	References  []struct {
		Source string `json:"source_name"`
		ID     string `json:"external_id"`
	} `json:"external_references"`
	Phases []struct {
		Chain string `json:"kill_chain_name"`
		Phase string `json:"phase_name"`
	} `json:"kill_chain_phases"`
	Relationship string `json:"relationship_type"`
	From         string `json:"source_ref"`
	To           string `json:"target_ref"`

	hash string
}

// number is the object's public number, such as "T1566.001"; empty if it has none.
func (o *object) number() string {
	for _, r := range o.References {
		if r.Source == "mitre-attack" {
			return r.ID
		}
	}
	return ""
}

func (o *object) inForce() bool { return !o.Revoked && !o.Deprecated }

// Parse reads a bundle. It refuses, with an error of kind Invalid that names the place: anything that is not a STIX bundle
// in JSON, a key twice in an object, an identity twice, a bundle without techniques. Types of object that it has no use for
// are passed over. The version is that of the bundle's collection object; if it has none, the
// day of its newest change.
func Parse(r io.Reader) (Document, error) {
	p := parser{decoder: jsontext.NewDecoder(r), objects: map[string]*object{}}
	if err := p.bundle(); err != nil {
		if _, ok := errors.AsType[*comity.Error](err); ok {
			return Document{}, err
		}
		return Document{}, comity.Errorf(comity.Invalid, "ATT&CK bundle: %w", err)
	}
	if p.version == "" {
		p.version = p.modified.Format(time.DateOnly)
	}
	d := p.document()
	if len(d.Techniques) == 0 {
		return Document{}, comity.Errorf(comity.Invalid, "ATT&CK bundle: there are no techniques in it")
	}
	return d, nil
}

type parser struct {
	decoder   *jsontext.Decoder
	count     int
	objects   map[string]*object // techniques, tactics, mitigations and matrices by id
	mitigates [][2]string        // mitigation id, technique id
	replaced  map[string]string  // technique id → technique id
	parents   map[string]string  // sub-technique id → technique id
	version   string
	modified  time.Time
}

func (p *parser) wrong(format string, args ...any) error {
	return comity.Errorf(comity.Invalid, "ATT&CK bundle, at %q: "+format, append([]any{string(p.decoder.StackPointer())}, args...)...)
}

func (p *parser) bundle() error {
	p.replaced, p.parents = map[string]string{}, map[string]string{}
	if first, err := p.decoder.ReadToken(); err != nil {
		return err
	} else if first.Kind() != '{' {
		return p.wrong("want a bundle, an object")
	}
	isBundle, listed := false, false
	for p.decoder.PeekKind() != '}' {
		key, err := p.decoder.ReadToken()
		if err != nil {
			return err
		}
		switch key.String() {
		case "type":
			var name string
			if err := json.UnmarshalDecode(p.decoder, &name); err != nil {
				return err
			}
			isBundle = name == "bundle"
		case "objects":
			listed = true
			if err := p.list(); err != nil {
				return err
			}
		default:
			if err := p.decoder.SkipValue(); err != nil {
				return err
			}
		}
	}
	if _, err := p.decoder.ReadToken(); err != nil {
		return err
	}
	if _, err := p.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return comity.Errorf(comity.Invalid, "ATT&CK bundle: something follows its end at byte %d", p.decoder.InputOffset())
	}
	if !isBundle || !listed {
		return comity.Errorf(comity.Invalid, "ATT&CK bundle: /type must be \"bundle\" and /objects an array")
	}
	return nil
}

func (p *parser) list() error {
	if first, err := p.decoder.ReadToken(); err != nil {
		return err
	} else if first.Kind() != '[' {
		return p.wrong("want an array")
	}
	for p.decoder.PeekKind() != ']' {
		if p.count++; p.count > MaxObjects {
			return comity.Errorf(comity.TooLarge, "ATT&CK bundle: more than %d objects", MaxObjects)
		}
		raw, err := p.decoder.ReadValue()
		if err != nil {
			return err
		}
		if err := p.object(raw); err != nil {
			return err
		}
	}
	_, err := p.decoder.ReadToken()
	return err
}

func (p *parser) object(raw jsontext.Value) error {
	o := &object{}
	if err := json.Unmarshal(raw, o); err != nil {
		return p.wrong("%w", err)
	}
	if o.Type == "" || o.ID == "" {
		return p.wrong("an object needs type and id")
	}
	if o.Modified.After(p.modified) {
		p.modified = o.Modified.UTC()
	}
	switch o.Type {
	case "attack-pattern", "course-of-action", "x-mitre-tactic", "x-mitre-matrix":
		if _, twice := p.objects[o.ID]; twice {
			return p.wrong("%s stands here twice", o.ID)
		}
		sum := sha256.Sum256(raw)
		o.hash = hex.EncodeToString(sum[:])
		p.objects[o.ID] = o
	case "relationship":
		p.relationship(o)
	case "x-mitre-collection":
		p.version = o.Version
	}
	return nil
}

func (p *parser) relationship(o *object) {
	if !o.inForce() {
		return
	}
	switch o.Relationship {
	case "mitigates":
		p.mitigates = append(p.mitigates, [2]string{o.From, o.To})
	case "revoked-by":
		p.replaced[o.From] = o.To
	case "subtechnique-of":
		p.parents[o.From] = o.To
	}
}

// document joins what was read, in an order that does not depend on that of the bundle.
func (p *parser) document() Document {
	d := Document{Modified: p.modified, Knowledge: comity.Knowledge{
		Version: p.version, Tactics: p.tactics(), Mitigations: p.mitigations(), Names: map[string]string{}, Replaced: p.replacements(),
	}}
	byTechnique := p.mitigationsOf()
	for _, o := range p.techniques() {
		t := p.technique(o, byTechnique, d.Knowledge.Tactics)
		d.Techniques = append(d.Techniques, p.threat(o, t))
		if o.inForce() {
			d.Knowledge.Techniques = append(d.Knowledge.Techniques, t)
		}
		if d.Knowledge.Names[t.Number] == "" || o.inForce() {
			d.Knowledge.Names[t.Number] = o.Name
		}
	}
	return d
}

var techniqueNumber = regexp.MustCompile(`^T[0-9]{4}(\.[0-9]{3})?$`)

// techniques returns one object for each number, sorted: the one in force where a number was given twice.
func (p *parser) techniques() []*object {
	byNumber := map[string]*object{}
	for _, o := range p.objects {
		n := o.number()
		if o.Type != "attack-pattern" || !techniqueNumber.MatchString(n) {
			continue
		}
		if other := byNumber[n]; other == nil || !other.inForce() && o.inForce() || other.inForce() == o.inForce() && o.ID < other.ID {
			byNumber[n] = o
		}
	}
	list := make([]*object, 0, len(byNumber))
	for _, o := range byNumber {
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b *object) int { return strings.Compare(a.number(), b.number()) })
	return list
}

// tactics are in the order of the matrix.
func (p *parser) tactics() []comity.Tactic {
	var order []string
	for _, o := range p.objects {
		if o.Type == "x-mitre-matrix" && len(o.TacticRefs) > len(order) {
			order = o.TacticRefs
		}
	}
	var tactics []comity.Tactic
	for _, id := range order {
		if o := p.objects[id]; o != nil && o.inForce() {
			tactics = append(tactics, comity.Tactic{Number: o.number(), ShortName: o.ShortName, Name: o.Name, Order: len(tactics)})
		}
	}
	return tactics
}

func (p *parser) isMitigation(o *object) bool {
	n := ""
	if o != nil {
		n = o.number()
	}
	return o != nil && o.Type == "course-of-action" && o.inForce() && strings.HasPrefix(n, "M") && n != doNotMitigate
}

func (p *parser) mitigations() []comity.Mitigation {
	var list []comity.Mitigation
	for _, o := range p.objects {
		if p.isMitigation(o) {
			list = append(list, comity.Mitigation{Number: o.number(), Name: o.Name, Description: o.Description})
		}
	}
	slices.SortFunc(list, func(a, b comity.Mitigation) int { return strings.Compare(a.Number, b.Number) })
	return list
}

// mitigationsOf maps a technique's id to the sorted numbers of what mitigates it.
func (p *parser) mitigationsOf() map[string][]string {
	by := map[string][]string{}
	for _, pair := range p.mitigates {
		if o := p.objects[pair[0]]; p.isMitigation(o) && !slices.Contains(by[pair[1]], o.number()) {
			by[pair[1]] = append(by[pair[1]], o.number())
		}
	}
	for _, numbers := range by {
		slices.Sort(numbers)
	}
	return by
}

func (p *parser) technique(o *object, byTechnique map[string][]string, tactics []comity.Tactic) comity.Technique {
	t := comity.Technique{
		Number: o.number(), Tactics: []string{}, Mitigations: byTechnique[o.ID], Deprecated: o.Deprecated,
	}
	for _, tactic := range tactics {
		for _, phase := range o.Phases {
			if phase.Chain == "mitre-attack" && phase.Phase == tactic.ShortName {
				t.Tactics = append(t.Tactics, tactic.ShortName)
			}
		}
	}
	if parent := p.objects[p.parents[o.ID]]; parent != nil {
		t.Parent = parent.number()
		if len(t.Mitigations) == 0 && len(byTechnique[parent.ID]) > 0 {
			t.Mitigations, t.Inherited = byTechnique[parent.ID], true
		}
	}
	if t.Mitigations == nil {
		t.Mitigations = []string{}
	}
	return t
}

// replacements maps the number of a revoked technique to the one in force, over as many steps as it takes.
func (p *parser) replacements() map[string]string {
	numbers := map[string]string{}
	for from := range p.replaced {
		to := from
		for range len(p.replaced) {
			next, revoked := p.replaced[to]
			if !revoked {
				break
			}
			to = next
		}
		old, now := p.objects[from], p.objects[to]
		if old != nil && now != nil && old.Type == "attack-pattern" && now.inForce() && old.number() != now.number() {
			numbers[old.number()] = now.number()
		}
	}
	return numbers
}

func (p *parser) threat(o *object, t comity.Technique) comity.Threat {
	threat := comity.Threat{
		ID: comity.MakeThreatID(t.Number), Kind: comity.ThreatTechnique, Name: o.Name, Description: o.Description,
		Source: comity.SourceATTACK, Marking: comity.Marking{TLP: comity.TLPClear}, Published: o.Created.UTC(), Hash: o.hash,
		Technique: &t,
	}
	if now := p.objects[p.replaced[o.ID]]; o.Revoked && now != nil {
		threat.ReplacedBy = comity.MakeThreatID(now.number())
	}
	return threat
}
