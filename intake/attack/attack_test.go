package attack_test

import (
	"bytes"
	"compress/gzip"
	stdjson "encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"comity"
	"comity/intake"
	"comity/intake/attack"
	"comity/internal/testkit"

	"github.com/google/go-cmp/cmp"
)

const published = "attack/enterprise-attack-18.1.json.gz"

func open(t testing.TB) io.Reader {
	t.Helper()
	file, err := os.Open(testkit.Shared(t, published))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	d, err := intake.Open(file, 256<<20)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParsePublishedBundle(t *testing.T) {
	d, err := attack.Parse(open(t))
	if err != nil {
		t.Fatal(err)
	}
	k := d.Knowledge
	got := map[string]int{
		"tactics": len(k.Tactics), "mitigations": len(k.Mitigations), "in force": len(k.Techniques), "replaced": len(k.Replaced),
		"all": len(d.Techniques), "names": len(k.Names),
	}
	want := map[string]int{"tactics": 14, "mitigations": 43, "in force": 691, "replaced": 132, "all": 835, "names": 835}
	subs, deprecated, inherited, pairs := 0, 0, 0, 0
	for _, t := range d.Techniques {
		if t.Technique.Deprecated {
			deprecated++
		}
	}
	for _, t := range k.Techniques {
		if t.Parent != "" {
			subs++
		}
		if t.Inherited {
			inherited++
		} else {
			pairs += len(t.Mitigations)
		}
	}
	got["sub-techniques"], want["sub-techniques"] = subs, 475
	got["deprecated"], want["deprecated"] = deprecated, 12
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if inherited == 0 || pairs < 1000 {
		t.Errorf("%d inherit mitigations, %d have their own", inherited, pairs)
	}
	if k.Version != "2025-11-12" || !d.Modified.Equal(time.Date(2025, 11, 12, 22, 3, 39, 105e6, time.UTC)) {
		t.Errorf("version %s, modified %s", k.Version, d.Modified)
	}
	order := ""
	for i, tactic := range k.Tactics {
		if tactic.Order != i {
			t.Errorf("tactic %d has order %d", i, tactic.Order)
		}
		order += tactic.ShortName + " "
	}
	if !strings.HasPrefix(order, "reconnaissance resource-development initial-access execution persistence ") || !strings.HasSuffix(order, "exfiltration impact ") {
		t.Errorf("order of tactics: %s", order)
	}
	for number, want := range map[string]string{"T1066": "T1027.005", "T1067": "T1542.003"} {
		if k.Replaced[number] != want {
			t.Errorf("%s is replaced by %q, want %s", number, k.Replaced[number], want)
		}
	}
	for from, to := range k.Replaced {
		if !slices.ContainsFunc(k.Techniques, func(t comity.Technique) bool { return t.Number == to }) {
			t.Errorf("%s is replaced by %s, which is not in force", from, to)
		}
	}
}

// stix is an object as encoding/json reads it.
type stix map[string]any

func (o stix) text(name string) string { s, _ := o[name].(string); return s }
func (o stix) is(name string) bool     { b, _ := o[name].(bool); return b }
func (o stix) inForce() bool           { return !o.is("revoked") && !o.is("x_mitre_deprecated") }

func (o stix) number() string {
	list, _ := o["external_references"].([]any)
	for _, r := range list {
		if r := stix(r.(map[string]any)); r.text("source_name") == "mitre-attack" {
			return r.text("external_id")
		}
	}
	return ""
}

// Mitigations, parents and names of each technique are those of a slow and obvious reading.
func TestParseIsAsAPlainReading(t *testing.T) {
	file, err := os.Open(testkit.Shared(t, published))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var bundle struct{ Objects []stix }
	if err := stdjson.NewDecoder(z).Decode(&bundle); err != nil {
		t.Fatal(err)
	}
	byID := map[string]stix{}
	for _, o := range bundle.Objects {
		byID[o.text("id")] = o
	}
	parent, mitigations := map[string]string{}, map[string][]string{}
	for _, o := range bundle.Objects {
		from, to := byID[o.text("source_ref")], byID[o.text("target_ref")]
		switch {
		case o.text("type") != "relationship" || !o.inForce():
		case o.text("relationship_type") == "subtechnique-of":
			parent[from.number()] = to.number()
		case o.text("relationship_type") == "mitigates" && from.inForce() && from.number() != "M1055":
			mitigations[to.number()] = append(mitigations[to.number()], from.number())
		}
	}
	d, err := attack.Parse(open(t))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]comity.Technique{}
	for _, technique := range d.Knowledge.Techniques {
		seen[technique.Number] = technique
	}
	objects := 0
	for _, o := range bundle.Objects {
		if o.text("type") != "attack-pattern" || !o.inForce() {
			continue
		}
		objects++
		got := seen[o.number()]
		want := comity.Technique{Number: o.number(), Parent: parent[o.number()], Mitigations: mitigations[o.number()], Tactics: got.Tactics}
		if len(want.Mitigations) == 0 && len(mitigations[want.Parent]) > 0 {
			want.Mitigations, want.Inherited = mitigations[want.Parent], true
		}
		want.Mitigations = append([]string{}, want.Mitigations...)
		slices.Sort(want.Mitigations)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		phases, _ := o["kill_chain_phases"].([]any)
		if len(got.Tactics) != len(phases) || len(phases) == 0 {
			t.Errorf("%s has tactics %v of %d phases", got.Number, got.Tactics, len(phases))
		}
		if d.Knowledge.Names[got.Number] != o.text("name") {
			t.Errorf("%s is called %q", got.Number, d.Knowledge.Names[got.Number])
		}
	}
	if objects != len(seen) {
		t.Errorf("%d techniques, want %d", len(seen), objects)
	}
}

// world is a small bundle: object by identity.
func world() map[string]string {
	created := `"created":"2020-01-01T00:00:00.000Z","modified":"2021-01-01T00:00:00.000Z"`
	number := func(n string) string {
		return fmt.Sprintf(`"external_references":[{"source_name":"elsewhere","external_id":"X"},{"source_name":"mitre-attack","external_id":%q}]`, n)
	}
	phase := `"kill_chain_phases":[{"kill_chain_name":"mitre-attack","phase_name":"impact"},{"kill_chain_name":"mitre-attack","phase_name":"initial-access"},{"kill_chain_name":"other","phase_name":"impact"}]`
	objects := map[string]string{
		"matrix":  `"type":"x-mitre-matrix","name":"Enterprise","tactic_refs":["ta1","ta2","ta3"],` + number("enterprise-attack"),
		"ta1":     `"type":"x-mitre-tactic","name":"Initial Access","x_mitre_shortname":"initial-access",` + number("TA0001"),
		"ta2":     `"type":"x-mitre-tactic","name":"Impact","x_mitre_shortname":"impact",` + number("TA0040"),
		"ta3":     `"type":"x-mitre-tactic","name":"Gone","x_mitre_shortname":"gone","x_mitre_deprecated":true,` + number("TA0099"),
		"t1":      `"type":"attack-pattern","name":"Enter","description":"In.",` + created + `,` + phase + `,` + number("T1000"),
		"t1.1":    `"type":"attack-pattern","name":"Enter Softly",` + created + `,` + phase + `,` + number("T1000.001"),
		"t1.2":    `"type":"attack-pattern","name":"Enter Loudly",` + created + `,` + phase + `,` + number("T1000.002"),
		"t2":      `"type":"attack-pattern","name":"Deprecated","x_mitre_deprecated":true,` + created + `,` + number("T1001"),
		"t3":      `"type":"attack-pattern","name":"Revoked","revoked":true,` + created + `,` + number("T1002"),
		"t4":      `"type":"attack-pattern","name":"Revoked Before","revoked":true,` + created + `,` + number("T1003"),
		"m1":      `"type":"course-of-action","name":"Lock","description":"Turn it.",` + number("M1001"),
		"m2":      `"type":"course-of-action","name":"Watch",` + number("M1002"),
		"m3":      `"type":"course-of-action","name":"Do Not Mitigate",` + number("M1055"),
		"m4":      `"type":"course-of-action","name":"Old","x_mitre_deprecated":true,` + number("T1000"),
		"r1":      `"type":"relationship","relationship_type":"mitigates","source_ref":"m2","target_ref":"t1"`,
		"r2":      `"type":"relationship","relationship_type":"mitigates","source_ref":"m1","target_ref":"t1"`,
		"r3":      `"type":"relationship","relationship_type":"mitigates","source_ref":"m3","target_ref":"t1"`,
		"r4":      `"type":"relationship","relationship_type":"mitigates","source_ref":"m4","target_ref":"t1"`,
		"r5":      `"type":"relationship","relationship_type":"mitigates","source_ref":"m1","target_ref":"t1.2"`,
		"r6":      `"type":"relationship","relationship_type":"mitigates","source_ref":"m2","target_ref":"t1.2","x_mitre_deprecated":true`,
		"r7":      `"type":"relationship","relationship_type":"mitigates","source_ref":"m2","target_ref":"t1.2","revoked":true`,
		"r8":      `"type":"relationship","relationship_type":"subtechnique-of","source_ref":"t1.1","target_ref":"t1"`,
		"r9":      `"type":"relationship","relationship_type":"subtechnique-of","source_ref":"t1.2","target_ref":"t1"`,
		"r10":     `"type":"relationship","relationship_type":"revoked-by","source_ref":"t4","target_ref":"t3"`,
		"r11":     `"type":"relationship","relationship_type":"revoked-by","source_ref":"t3","target_ref":"t1.1"`,
		"r12":     `"type":"relationship","relationship_type":"uses","source_ref":"nobody","target_ref":"t1"`,
		"malware": `"type":"malware","name":"Worm","modified":"2022-02-02T02:02:02.222Z"`,
	}
	for id, rest := range objects {
		objects[id] = fmt.Sprintf(`{"id":%q,"spec_version":"2.1",%s}`, id, rest)
	}
	return objects
}

func bundle(objects map[string]string) string {
	list := make([]string, 0, len(objects))
	for _, id := range slices.Sorted(maps.Keys(objects)) {
		list = append(list, objects[id])
	}
	return fmt.Sprintf(`{"type":"bundle","id":"bundle--1","objects":[%s]}`, strings.Join(list, ","))
}

func parse(t testing.TB, text string) attack.Document {
	t.Helper()
	d, err := attack.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParseFollowsRelationships(t *testing.T) {
	tactics := []string{"initial-access", "impact"}
	want := comity.Knowledge{
		Version: "2022-02-02",
		Tactics: []comity.Tactic{
			{Number: "TA0001", ShortName: "initial-access", Name: "Initial Access", Order: 0},
			{Number: "TA0040", ShortName: "impact", Name: "Impact", Order: 1},
		},
		Mitigations: []comity.Mitigation{{Number: "M1001", Name: "Lock", Description: "Turn it."}, {Number: "M1002", Name: "Watch"}},
		Techniques: []comity.Technique{
			{Number: "T1000", Tactics: tactics, Mitigations: []string{"M1001", "M1002"}},
			{Number: "T1000.001", Parent: "T1000", Tactics: tactics, Mitigations: []string{"M1001", "M1002"}, Inherited: true},
			{Number: "T1000.002", Parent: "T1000", Tactics: tactics, Mitigations: []string{"M1001"}},
		},
		Names: map[string]string{
			"T1000": "Enter", "T1000.001": "Enter Softly", "T1000.002": "Enter Loudly", "T1001": "Deprecated", "T1002": "Revoked", "T1003": "Revoked Before",
		},
		Replaced: map[string]string{"T1002": "T1000.001", "T1003": "T1000.001"},
	}
	d := parse(t, bundle(world()))
	if diff := cmp.Diff(want, d.Knowledge); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	replaced, deprecated := map[string]string{}, []string{}
	for _, threat := range d.Techniques {
		if threat.ReplacedBy != "" {
			replaced[threat.ID.Key()] = threat.ReplacedBy.Key()
		}
		if threat.Technique.Deprecated {
			deprecated = append(deprecated, threat.ID.Key())
		}
	}
	if diff := cmp.Diff(want.Replaced, replaced); diff != "" {
		t.Errorf("threats replaced (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"T1001"}, deprecated); diff != "" {
		t.Errorf("threats deprecated (-want +got):\n%s", diff)
	}
	first := d.Techniques[0]
	hash := first.Hash
	first.Hash = ""
	if diff := cmp.Diff(comity.Threat{
		ID: "thr_T1000", Kind: comity.ThreatTechnique, Name: "Enter", Description: "In.", Source: comity.SourceATTACK,
		Marking: comity.Marking{TLP: comity.TLPClear}, Published: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		Technique: &want.Techniques[0],
	}, first); diff != "" || len(hash) != 64 {
		t.Errorf("hash %s, (-want +got):\n%s", hash, diff)
	}
}

func TestOrderOfObjectsDoesNotMatter(t *testing.T) {
	objects := slices.Collect(maps.Values(world()))
	want := parse(t, bundle(world()))
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		random.Shuffle(len(objects), func(i, j int) { objects[i], objects[j] = objects[j], objects[i] })
		got := parse(t, `{"objects":[`+strings.Join(objects, " ,\n")+`],"type":"bundle"}`)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	}
}

// The official bundles have a collection object, which names the version and lists everything.
func TestVersionIsTheCollections(t *testing.T) {
	objects := world()
	contents := make([]string, 25_000)
	for i := range contents {
		contents[i] = fmt.Sprintf("\n            {\n                \"object_ref\": \"attack-pattern--00000000-0000-4000-8000-%012d\",\n                \"object_modified\": \"2025-10-24T17:48:19.176Z\"\n            }", i)
	}
	objects["collection"] = `{"type":"x-mitre-collection","id":"collection","name":"Enterprise","x_mitre_version":"18.1","x_mitre_contents":[` + strings.Join(contents, ",") + `]}`
	if got := parse(t, bundle(objects)).Knowledge.Version; got != "18.1" {
		t.Errorf("version %q", got)
	}
}

// What relationships say of a technique counts in its hash; what they say of others doesn't.
func TestEveryChangeOfATechniqueCounts(t *testing.T) {
	hashes := func(objects map[string]string) map[string]string {
		by := map[string]string{}
		for _, threat := range parse(t, bundle(objects)).Techniques {
			by[threat.ID.Key()] = threat.Hash
		}
		return by
	}
	want := hashes(world())
	for _, test := range []struct {
		name    string
		change  func(map[string]string)
		changed []string
	}{
		{"text", func(w map[string]string) { w["t1"] = strings.Replace(w["t1"], "In.", "Into.", 1) }, []string{"T1000"}},
		{"unknown field", func(w map[string]string) { w["t1"] = strings.Replace(w["t1"], "{", `{"x_new":1,`, 1) }, []string{"T1000"}},
		{"white space", func(w map[string]string) { w["t1"] = strings.Replace(w["t1"], `,"`, ` , "`, 3) }, nil},
		{"mitigation taken away", func(w map[string]string) { delete(w, "r2") }, []string{"T1000", "T1000.001"}},
		{"mitigation of a sub-technique", func(w map[string]string) { delete(w, "r5") }, []string{"T1000.002"}},
		{"relationship deprecated", func(w map[string]string) { w["r2"] = strings.Replace(w["r2"], "{", `{"x_mitre_deprecated":true,`, 1) }, []string{"T1000", "T1000.001"}},
		{"mitigation deprecated", func(w map[string]string) { w["m1"] = strings.Replace(w["m1"], "{", `{"x_mitre_deprecated":true,`, 1) }, []string{"T1000", "T1000.001", "T1000.002"}},
		{"replaced by another", func(w map[string]string) { w["r11"] = strings.Replace(w["r11"], "t1.1", "t1.2", 1) }, []string{"T1002", "T1003"}},
		{"no longer replaced", func(w map[string]string) { delete(w, "r11") }, []string{"T1002", "T1003"}},
		{"no longer part of another", func(w map[string]string) { delete(w, "r8") }, []string{"T1000.001"}},
		{"order of the matrix", func(w map[string]string) {
			w["matrix"] = strings.Replace(w["matrix"], `"ta1","ta2"`, `"ta2","ta1"`, 1)
		}, []string{"T1000", "T1000.001", "T1000.002"}},
		{"another type of object", func(w map[string]string) { delete(w, "malware") }, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := world()
			test.change(w)
			var changed []string
			for number, hash := range hashes(w) {
				if want[number] != hash {
					changed = append(changed, number)
				}
			}
			slices.Sort(changed)
			if diff := cmp.Diff(test.changed, changed); diff != "" {
				t.Errorf("changed (-want +got):\n%s", diff)
			}
		})
	}
}

// Replacements that lead nowhere, in a circle or too far are left out and end.
func TestReplacementsEnd(t *testing.T) {
	w := world()
	w["r11"] = strings.Replace(w["r11"], `"t1.1"`, `"t4"`, 1)
	if got := parse(t, bundle(w)).Knowledge.Replaced; len(got) != 0 {
		t.Errorf("a circle leads to %v", got)
	}
	w = world()
	w["r11"] = strings.Replace(w["r11"], `"t1.1"`, `"nothing"`, 1)
	if got := parse(t, bundle(w)).Knowledge.Replaced; len(got) != 0 {
		t.Errorf("nothing leads to %v", got)
	}
}

func TestTechniqueInForceWinsItsNumber(t *testing.T) {
	w := world()
	w["a"] = strings.Replace(strings.Replace(strings.Replace(w["t1"], `"id":"t1"`, `"id":"a","revoked":true`, 1), "Enter", "Former", 1), "In.", "Out.", 1)
	d := parse(t, bundle(w))
	if got := d.Knowledge.Names["T1000"]; got != "Enter" || len(d.Techniques) != 6 {
		t.Errorf("T1000 is %q, %d techniques", got, len(d.Techniques))
	}
}

func TestParseRefuses(t *testing.T) {
	edit := func(id, old, now string) string {
		w := world()
		if !strings.Contains(w[id], old) {
			t.Fatalf("%s has no %s", id, old)
		}
		w[id] = strings.Replace(w[id], old, now, 1)
		return bundle(w)
	}
	without := func(ids ...string) string {
		w := world()
		for _, id := range ids {
			delete(w, id)
		}
		return bundle(w)
	}
	with := func(object string) string {
		w := world()
		w["zz"] = object
		return bundle(w)
	}
	whole := bundle(world())
	for _, test := range []struct{ name, text, want string }{
		{"nothing", "", "it is empty"},
		{"no bundle", `{"objects":[]}`, `/type is "", want "bundle"`},
		{"another type", strings.Replace(whole, `"bundle"`, `"report"`, 1), `/type is "report"`},
		{"no objects", `{"type":"bundle"}`, "/objects is missing"},
		{"empty", `{"type":"bundle","objects":[]}`, `the matrix "enterprise-attack" is not in it`},
		{"something after it", whole + whole, "something follows its end"},
		{"object is a text", with(`"x"`), `at "/objects/`},
		{"object without type", with(`{"id":"x"}`), "an object needs type and id"},
		{"object without identity", with(`{"type":"malware"}`), "an object needs type and id"},
		{"identity twice", with(world()["t1"]), `"t1" stands here twice`},
		{"member twice", with(`{"id":"x","type":"malware","type":"tool"}`), `duplicate object member name "type"`},
		{"of Mobile", edit("matrix", "enterprise-attack", "mobile-attack"), `the matrix "enterprise-attack" is not in it`},
		{"matrix revoked", edit("matrix", "{", `{"revoked":true,`), `the matrix "enterprise-attack" is not in it`},
		{"tactic missing", without("ta2"), `the matrix has the tactic "ta2", which is not in it`},
		{"tactic twice", edit("matrix", `"ta2"`, `"ta1"`), `the matrix has the tactic initial-access twice`},
		{"tactic is a technique", edit("matrix", `"ta2"`, `"t1"`), `the matrix has the tactic "t1"`},
		{"tactic without number", edit("ta1", "TA0001", "T0001"), `"ta1" has no tactic number`},
		{"tactic without short name", edit("ta1", "initial-access", "Initial Access"), `"ta1" has no tactic number or short name`},
		{"no techniques in force", without("t1", "t1.1", "t1.2"), "there are no techniques in force"},
		{"technique without number", edit("t1", "T1000", "CAPEC-1"), `"t1" has no technique number: "CAPEC-1"`},
		{"technique without references", edit("t1", `"source_name":"mitre-attack"`, `"source_name":"else"`), `"t1" has no technique number`},
		{"technique without name", edit("t1", `"Enter"`, `""`), `"t1" has no name`},
		{"technique without day", edit("t1", `"created":"2020-01-01T00:00:00.000Z",`, ""), "T1000 needs created and modified"},
		{"technique of a wrong day", edit("t1", "2020-01-01", "2020-13-01"), "/created"},
		{"mitigation without number", edit("m1", "M1001", "X1001"), `"m1" has no mitigation number`},
		{"revoked is a text", edit("t1", "{", `{"revoked":"no",`), "/revoked"},
		{"relationship without target", edit("r1", `"t1"`, `""`), "a relationship needs source_ref and target_ref"},
		{"target is a list", edit("r1", `"t1"`, `["t1"]`), "/target_ref"},
		{"collection without version", with(`{"type":"x-mitre-collection","id":"x"}`), "x_mitre_version"},
		{"collection of a strange version", with(`{"type":"x-mitre-collection","id":"x","x_mitre_version":"<b>"}`), "x_mitre_version"},
		{"U+0000", edit("t1", "In.", `\u0000`), "U+0000"},
		{"lone surrogate", edit("t1", "In.", `\ud800`), "/objects/"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, err := attack.Parse(strings.NewReader(test.text))
			if comity.KindOf(err) != comity.Invalid || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "ATT&CK bundle") {
				t.Errorf("error %v of kind %s, want %q", err, comity.KindOf(err), test.want)
			}
			if len(d.Techniques) != 0 {
				t.Error("something was returned beside the error")
			}
		})
	}
}

// However a bundle is cut off, nothing of it is read.
func TestCutOffIsRefused(t *testing.T) {
	text := bundle(world())
	for n := range len(text) {
		if d, err := attack.Parse(strings.NewReader(text[:n])); comity.KindOf(err) != comity.Invalid || len(d.Techniques) != 0 {
			t.Errorf("cut off after %d bytes: %v", n, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(bundle(world())))
	small := world()
	maps.DeleteFunc(small, func(id, _ string) bool { return !slices.Contains([]string{"matrix", "ta1", "ta2", "ta3", "t1"}, id) })
	f.Add([]byte(bundle(small)))
	f.Add([]byte(`{"type":"bundle","objects":[{"type":"relationship","id":"a","relationship_type":"revoked-by","source_ref":"a","target_ref":"a"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := attack.Parse(bytes.NewReader(data))
		if err != nil {
			if kind := comity.KindOf(err); kind != comity.Invalid && kind != comity.TooLarge {
				t.Fatalf("error %v of kind %s", err, kind)
			}
			return
		}
		if !stdjson.Valid(data) {
			t.Fatalf("took what is not JSON: %q", data)
		}
		check(t, d)
	})
}

// check holds what is true of every document.
func check(t *testing.T, d attack.Document) {
	t.Helper()
	k := d.Knowledge
	if k.Version == "" || len(k.Techniques) == 0 || len(d.Techniques) < len(k.Techniques) || d.Modified.IsZero() {
		t.Fatalf("document %+v", d)
	}
	if !slices.IsSortedFunc(d.Techniques, func(a, b comity.Threat) int { return strings.Compare(a.Technique.Number, b.Technique.Number) }) {
		t.Fatal("techniques are not sorted")
	}
	mitigations := map[string]bool{}
	for _, m := range k.Mitigations {
		mitigations[m.Number] = true
	}
	for _, threat := range d.Techniques {
		if _, err := comity.ParseThreatID(string(threat.ID)); err != nil || threat.Name == "" || len(threat.Hash) != 64 || k.Names[threat.ID.Key()] == "" {
			t.Fatalf("threat %+v, %v", threat, err)
		}
		if threat.ReplacedBy != "" && k.Names[threat.ReplacedBy.Key()] == "" {
			t.Fatalf("%s is replaced by what is not here", threat.ID)
		}
		for _, m := range threat.Technique.Mitigations {
			if !mitigations[m] {
				t.Fatalf("%s is mitigated by %s, which is not here", threat.ID, m)
			}
		}
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := attack.Parse(open(b)); err != nil {
			b.Fatal(err)
		}
	}
}
