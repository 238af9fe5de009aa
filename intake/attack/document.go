package attack

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"comity"

	"github.com/go-json-experiment/json"
)

// document joins what was read, in an order that does not depend on that of the bundle.
func (b *bundle) document() (Document, error) {
	tactics, err := b.tactics()
	if err != nil {
		return Document{}, err
	}
	d := Document{Modified: b.modified, Knowledge: comity.Knowledge{
		Version: b.version, Tactics: tactics, Mitigations: b.mitigations(), Names: map[string]string{}, Replaced: b.replacements(),
	}}
	mitigations := b.mitigationsOf()
	for _, o := range b.techniques() {
		t := b.technique(o, mitigations, tactics)
		threat, err := threat(o, t, d.Knowledge.Replaced[t.Number])
		if err != nil {
			return Document{}, err
		}
		d.Techniques = append(d.Techniques, threat)
		d.Knowledge.Names[t.Number] = o.Name
		if o.inForce() {
			d.Knowledge.Techniques = append(d.Knowledge.Techniques, t)
		}
	}
	if len(d.Knowledge.Techniques) == 0 {
		return Document{}, list.Errorf("there are no techniques in force in it")
	}
	return d, nil
}

// tactics are in the order of the matrix.
func (b *bundle) tactics() ([]comity.Tactic, error) {
	var matrix *object
	for _, o := range b.kept {
		if o.Type == "x-mitre-matrix" && o.number == enterprise && o.inForce() && (matrix == nil || o.ID < matrix.ID) {
			matrix = o
		}
	}
	if matrix == nil {
		return nil, list.Errorf("the matrix %q is not in it", enterprise)
	}
	var tactics []comity.Tactic
	seen := map[string]bool{}
	for _, id := range matrix.TacticRefs {
		o := b.kept[id]
		if o == nil || o.Type != "x-mitre-tactic" {
			return nil, list.Errorf("the matrix has the tactic %.80q, which is not in it", id)
		}
		if seen[o.ShortName] {
			return nil, list.Errorf("the matrix has the tactic %s twice", o.ShortName)
		}
		seen[o.ShortName] = true
		if o.inForce() {
			tactics = append(tactics, comity.Tactic{Number: o.number, ShortName: o.ShortName, Name: o.Name, Order: len(tactics)})
		}
	}
	return tactics, nil
}

// techniques returns one object for each number, sorted.
func (b *bundle) techniques() []*object { return b.numbered((*object).isTechnique) }

// numbered returns, of the objects chosen, one for each number, sorted by number: where a number was given twice, the one
// in force, else the one of the smaller identity.
func (b *bundle) numbered(chosen func(*object) bool) []*object {
	byNumber := map[string]*object{}
	for _, o := range b.kept {
		if !chosen(o) {
			continue
		}
		other := byNumber[o.number]
		if other == nil || o.inForce() && !other.inForce() || o.inForce() == other.inForce() && o.ID < other.ID {
			byNumber[o.number] = o
		}
	}
	objects := make([]*object, 0, len(byNumber))
	for _, o := range byNumber {
		objects = append(objects, o)
	}
	slices.SortFunc(objects, func(x, y *object) int { return strings.Compare(x.number, y.number) })
	return objects
}

func (b *bundle) mitigations() []comity.Mitigation {
	var mitigations []comity.Mitigation
	for _, o := range b.numbered((*object).isMitigation) {
		mitigations = append(mitigations, comity.Mitigation{Number: o.number, Name: o.Name, Description: o.Description})
	}
	return mitigations
}

// mitigationsOf maps a technique's identity to the sorted numbers of what mitigates it.
func (b *bundle) mitigationsOf() map[string][]string {
	by := map[string][]string{}
	for _, r := range b.mitigates {
		if o := b.kept[r.from]; o.isMitigation() {
			by[r.to] = append(by[r.to], o.number)
		}
	}
	for id, numbers := range by {
		slices.Sort(numbers)
		by[id] = slices.Compact(numbers)
	}
	return by
}

func (b *bundle) technique(o *object, mitigations map[string][]string, tactics []comity.Tactic) comity.Technique {
	t := comity.Technique{Number: o.number, Tactics: o.tactics(tactics), Mitigations: mitigations[o.ID], Deprecated: o.Deprecated}
	if parent := b.kept[b.parents[o.ID]]; parent.isTechnique() && parent != o {
		t.Parent = parent.number
		if inherited := mitigations[parent.ID]; len(t.Mitigations) == 0 && len(inherited) > 0 {
			t.Mitigations, t.Inherited = slices.Clone(inherited), true
		}
	}
	if t.Mitigations == nil {
		t.Mitigations = []string{}
	}
	return t
}

// tactics returns the short names of those tactics that the object has, in the matrix's order.
func (o *object) tactics(matrix []comity.Tactic) []string {
	has := map[string]bool{}
	for _, p := range o.Phases {
		if p.Chain == "mitre-attack" {
			has[p.Phase] = true
		}
	}
	names := []string{}
	for _, tactic := range matrix {
		if has[tactic.ShortName] {
			names = append(names, tactic.ShortName)
		}
	}
	return names
}

// maxSteps bounds how often a technique may have been replaced; in 18.1 it is once or twice. A longer way, or one in a
// circle, leads nowhere.
const maxSteps = 16

// replacements maps the number of a revoked technique to the one in force.
func (b *bundle) replacements() map[string]string {
	numbers := map[string]string{}
	for from := range b.replaced {
		old, now := b.kept[from], b.kept[b.follow(from)]
		if old.isTechnique() && old.Revoked && now.isTechnique() && now.inForce() && old.number != now.number {
			numbers[old.number] = now.number
		}
	}
	return numbers
}

func (b *bundle) follow(id string) string {
	for range maxSteps {
		next, revoked := b.replaced[id]
		if !revoked {
			return id
		}
		id = next
	}
	return ""
}

func threat(o *object, t comity.Technique, replacedBy string) (comity.Threat, error) {
	joined, err := json.Marshal(t, json.Deterministic(true))
	if err != nil {
		return comity.Threat{}, err
	}
	sum := sha256.Sum256([]byte(o.hash + " " + replacedBy + " " + string(joined)))
	threat := comity.Threat{
		ID: comity.MakeThreatID(t.Number), Kind: comity.ThreatTechnique, Name: o.Name, Description: o.Description,
		Source: comity.SourceATTACK, Marking: comity.Marking{TLP: comity.TLPClear}, Published: o.Created.UTC(),
		Hash: hex.EncodeToString(sum[:]), Technique: &t,
	}
	if replacedBy != "" {
		threat.ReplacedBy = comity.MakeThreatID(replacedBy)
	}
	return threat, nil
}
