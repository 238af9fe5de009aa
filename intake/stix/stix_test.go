package stix

import (
	"fmt"
	"strings"
	"testing"

	"comity"
)

const (
	red    = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
	clear  = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
	strict = "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"
	other  = "marking-definition--fa42a846-8d90-4e51-bc29-71d5b4802168"
)

func objects(t *testing.T, label comity.TLP, texts ...string) map[string]comity.STIXObject {
	t.Helper()
	d, err := Parse(strings.NewReader(`{"type":"bundle","objects":[`+strings.Join(texts, ",")+"]}"), label)
	if err != nil || len(d.Refused) > 0 {
		t.Fatalf("got %v, %v", err, d.Refused)
	}
	found := map[string]comity.STIXObject{}
	for o, err := range d.Objects() {
		if err != nil {
			t.Fatal(err)
		}
		found[o.Type] = o
	}
	return found
}

func object(kind, more string) string {
	return fmt.Sprintf(`{"type":%q,"spec_version":"2.1","id":"%s--31b940d4-6f7f-459a-80ea-9c1f17b5891b","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z"%s}`, kind, kind, more)
}

// TestMarkingsFailClosed: the strictest label counts, of parts too; what is marked with something that is no label stays
// unmarked whatever the feed says; only what has no marking at all gets the feed's.
func TestMarkingsFailClosed(t *testing.T) {
	definition := `{"type":"marking-definition","spec_version":"2.1","id":"` + other + `","created":"2026-01-01T00:00:00Z","definition_type":%q,"definition":%s}`
	refs := func(ids ...string) string { return `,"object_marking_refs":["` + strings.Join(ids, `","`) + `"]` }
	for _, test := range []struct {
		name, more, definition string
		want                   comity.TLP
	}{
		{"none", "", "", comity.TLPGreen},
		{"empty list", `,"object_marking_refs":[]`, "", comity.TLPGreen},
		{"clear", refs(clear), "", comity.TLPClear},
		{"several", refs(clear, strict), "", comity.TLPAmberStrict},
		{"of a part", refs(clear) + `,"granular_markings":[{"marking_ref":"` + red + `","selectors":["name"]}]`, "", comity.TLPRed},
		{"unknown", refs(other), "", comity.TLPUnmarked},
		{"unknown beside a label", refs(other, clear), "", comity.TLPClear},
		{"a statement", refs(other), fmt.Sprintf(definition, "statement", `{"statement":"TLP:CLEAR"}`), comity.TLPUnmarked},
		{"a label of the document", refs(other), fmt.Sprintf(definition, "tlp", `{"tlp":"amber"}`), comity.TLPAmber},
		{"by the kind of definition", refs(other), fmt.Sprintf(definition, "TLP:AMBER+STRICT", `{}`), comity.TLPAmberStrict},
		{"no label that is known", refs(other), fmt.Sprintf(definition, "tlp", `{"tlp":"purple"}`), comity.TLPUnmarked},
		{"fixed, whatever the document says", refs(red), strings.Replace(fmt.Sprintf(definition, "tlp", `{"tlp":"white"}`), other, red, 1), comity.TLPRed},
	} {
		texts := []string{object("malware", test.more)}
		if test.definition != "" {
			texts = append(texts, test.definition)
		}
		if got := objects(t, comity.TLPGreen, texts...)["malware"].TLP; got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

// TestItems makes items of intelligence of objects, and says why it makes nothing of others.
func TestItems(t *testing.T) {
	found := objects(t, comity.TLPClear,
		object("indicator", `,"name":"N","pattern":"[file:hashes.'SHA-256' = 'ab' OR ipv4-addr:value IN ('192.0.2.1')]","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"`),
		object("report", `,"name":"R","published":"2026-02-01T00:00:00Z","object_refs":["indicator--31b940d4-6f7f-459a-80ea-9c1f17b5891b","x"]`),
		object("attack-pattern", `,"name":"A","external_references":[{"source_name":"mitre-attack","external_id":"T1566.001"}]`),
		object("relationship", `,"relationship_type":"targets","source_ref":"x","target_ref":"y"`), object("x-new", ""), object("malware", ""))
	i := found["indicator"]
	want := []comity.Observable{{Type: "file:hashes.SHA-256", Value: "ab"}, {Type: "ipv4-addr:value", Value: "192.0.2.1"}}
	if i.Threat != "thr_indicator--31b940d4-6f7f-459a-80ea-9c1f17b5891b" || fmt.Sprint(i.Item.Indicator.Values) != fmt.Sprint(want) || i.Use != comity.STIXThreat {
		t.Errorf("indicator: got %+v", i.Item)
	}
	if r := found["report"]; len(r.Refs) != 1 || len(r.Item.Report.Threats) != 1 || r.Item.Published.Month() != 2 {
		t.Errorf("report: got %+v", r)
	}
	if a := found["attack-pattern"]; a.Threat != "thr_T1566.001" || a.Item != nil {
		t.Errorf("attack pattern: got %+v", a)
	}
	for _, kind := range []string{"relationship", "x-new", "malware"} {
		if o := found[kind]; o.Use != comity.STIXKept || o.Reason == "" {
			t.Errorf("%s: got %+v", kind, o)
		}
	}
	o := objects(t, comity.TLPClear, object("indicator", `,"pattern":"[x","pattern_type":"stix"`))["indicator"]
	if o.Item == nil || o.Item.Indicator.Pattern != "[x" || !strings.Contains(o.Reason, "byte 2") {
		t.Errorf("a pattern that is not understood: got %+v", o)
	}
}

// TestActorTargets takes the sectors of identities and the regions of locations, by our names.
func TestActorTargets(t *testing.T) {
	targets := [][]byte{
		[]byte(object("identity", `,"name":"I","sectors":["healthcare","financial-services","mining"]`)),
		[]byte(object("location", `,"country":"ch"`)), []byte(object("location", `,"region":"south-eastern-asia"`)), []byte(object("location", `,"region":"antarctica"`)),
		[]byte(object("identity", `,"revoked":true,"sectors":["education"]`)),
	}
	actor, err := Actor([]byte(object("intrusion-set", `,"name":"S","aliases":["T"],"last_seen":"2026-03-01T12:00:00Z"`)), targets)
	if err != nil || fmt.Sprint(actor.Actor.Sectors, actor.Actor.Regions, actor.Actor.Aliases) != "[finance health] [asia europe] [T]" || actor.Actor.LastSeen.String() != "2026-03-01" {
		t.Errorf("got %+v, %v", actor, err)
	}
	for ours := range countries {
		if !strings.Contains(strings.Join(comity.Regions, " "), ours) {
			t.Errorf("no region of ours: %s", ours)
		}
	}
	for _, ours := range sectors {
		if !strings.Contains(" "+strings.Join(comity.Sectors, " ")+" ", " "+ours+" ") {
			t.Errorf("no sector of ours: %s", ours)
		}
	}
}
