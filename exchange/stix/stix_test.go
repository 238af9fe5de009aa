package stix_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"comity/exchange/stix"
)

// TestForms reads every form of document, and gives back the bytes as they are, white space and order of members too.
func TestForms(t *testing.T) {
	odd := strings.Replace(sound, `"type"`, "\n  \t\"x_odd\" : [1.50, \"\\u00e9\"],\"type\"", 1)
	for _, test := range []struct {
		name, document, form string
		want                 []string
	}{
		{"bundle", `{"type":"bundle","id":"bundle--1","objects":[` + odd + " ,\n" + sound2 + `]}`, "bundle", []string{odd, sound2}},
		{"type last", `{"objects":[` + odd + `],"type":"bundle"}`, "bundle", []string{odd}},
		{"empty bundle", `{"type":"bundle","id":"bundle--1"}`, "bundle", nil},
		{"array", " [" + odd + "," + sound2 + "] ", "array", []string{odd, sound2}},
		{"lines", odd + "\n" + sound2 + "\n\n", "lines", []string{odd, sound2}},
		{"one", "\n" + odd, "object", []string{odd}},
	} {
		var got []string
		doc, err := stix.Read(strings.NewReader(test.document), func(i stix.Item) error {
			if i.Problem != nil {
				t.Errorf("%s: %v", test.name, i.Problem)
			}
			got = append(got, string(i.Raw))
			return nil
		})
		if err != nil || doc.Form != test.form || fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%s: got %+v, %v, %q", test.name, doc, err, got)
		}
	}
}

// TestRefusedDocuments are wrong as a whole.
func TestRefusedDocuments(t *testing.T) {
	for _, test := range []struct{ name, document, want string }{
		{"empty", "", "it is empty"},
		{"blank", " \n", "it is empty"},
		{"text", `"x"`, "want a bundle"},
		{"cut off", `{"type":"bundle","objects":[` + sound, "cut off"},
		{"no bundle", `{"type":"report","objects":[` + sound + `]}`, "/type"},
		{"objects twice", `{"type":"bundle","objects":[],"objects":[]}`, "twice"},
		{"something behind", `{"type":"bundle","objects":[]} 1`, "something follows"},
		{"not JSON", `{"type":"bundle","objects":[{a}]}`, "/objects"},
		{"nothing usable", `[{},{}]`, "no STIX object"},
	} {
		_, err := stix.Read(strings.NewReader(test.document), func(stix.Item) error { return nil })
		if e, ok := errors.AsType[*stix.Error](err); !ok || !strings.Contains(e.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
	failure := errors.New("the line broke")
	if _, err := stix.Read(bytes.NewReader([]byte(sound)), func(stix.Item) error { return failure }); !errors.Is(err, failure) {
		t.Errorf("error of the caller: got %v", err)
	}
}

// TestUnusableObjects are wrong alone: they are told with their place, and the object behind them is read.
func TestUnusableObjects(t *testing.T) {
	with := func(old, new string) string { return strings.Replace(sound, old, new, 1) }
	for _, test := range []struct{ name, object, pointer, want string }{
		{"no object", `7`, "", "no object"},
		{"member twice", with(`"pattern":`, `"type":"x","pattern":`), "/type", "duplicate"},
		{"member twice within", with(`"pattern":`, `"x":{"a":1,"a":2},"pattern":`), "/x/a", "duplicate"},
		{"half a pair", with(`[url`, `\ud800[url`), "", ""},
		{"U+0000", with(`[url`, `\u0000[url`), "/pattern", "U+0000"},
		{"too deep", with(`"pattern":`, `"x":`+strings.Repeat("[", 70)+strings.Repeat("]", 70)+`,"pattern":`), "", "deeper"},
		{"large integer", with(`"pattern":`, `"x":9007199254740992,"pattern":`), "/x", "out of range"},
		{"large number", with(`"pattern":`, `"x":1e999,"pattern":`), "/x", "out of range"},
		{"no type", with(`"type":"indicator",`, ""), "/type", "needs a type"},
		{"id of another type", with("indicator--", "malware--"), "/id", "not an id of the type"},
		{"no UUID", with("8e2e2d2b-17d4", "8e2e2d2b-17dx"), "/id", "no UUID"},
		{"2.0 with version 5", strings.Replace(sound2, "-459a-", "-559a-", 1), "/id", "version 4"},
		{"day that is none", with("2026-01-01T00:00:00Z", "2026-02-30T00:00:00Z"), "/created", "no timestamp"},
		{"zone", with("2026-01-01T00:00:00Z", "2026-01-01T00:00:00+00:00"), "/created", "no timestamp"},
		{"changed before made", with("2026-01-01T00:00:00.123456Z", "2025-01-01T00:00:00Z"), "/modified", "before created"},
		{"unknown version", with(`"2.1"`, `"3.0"`), "/spec_version", "not understood"},
		{"marking of another type", with(`"pattern":`, `"object_marking_refs":["identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"],"pattern":`), "/object_marking_refs", "marking definition"},
		{"marking that is no list", with(`"pattern":`, `"object_marking_refs":"x","pattern":`), "/object_marking_refs", "wrong type"},
		{"bundle in a bundle", `{"type":"bundle","id":"bundle--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"}`, "/type", "bundle"},
	} {
		var problems []*stix.Problem
		usable := 0
		_, err := stix.Read(strings.NewReader(`{"type":"bundle","objects":[`+test.object+","+sound2+"]}"), func(i stix.Item) error {
			if i.Problem != nil {
				problems = append(problems, i.Problem)
			} else {
				usable++
			}
			return nil
		})
		if err != nil || usable != 1 || len(problems) != 1 {
			t.Errorf("%s: %v, %d usable, %v", test.name, err, usable, problems)
			continue
		}
		if p := problems[0]; test.pointer != "" && p.Pointer != test.pointer || !strings.Contains(p.Reason, test.want) {
			t.Errorf("%s: got %q %q", test.name, p.Pointer, p.Reason)
		}
	}
}

// TestView reads what objects have in common.
func TestView(t *testing.T) {
	var p stix.Parser
	o, wrong := p.Parse([]byte(strings.Replace(sound, `"pattern":`, `"revoked":true,"granular_markings":[{"marking_ref":"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed","selectors":["name"]},{"lang":"fr","selectors":["name"]}],"pattern":`, 1)))
	if wrong != nil {
		t.Fatal(wrong)
	}
	if !o.Revoked || o.Modified.Nanosecond() != int(123456*time.Microsecond) || len(o.MarkingRefs) != 1 || stix.Label(o.MarkingRefs[0]) != "TLP:RED" {
		t.Errorf("got %+v", o)
	}
	for document, want := range map[string]string{
		`"definition_type":"tlp","definition":{"tlp":"amber"}`: "amber", `"definition_type":"TLP:CLEAR","definition":{}`: "TLP:CLEAR",
		`"definition_type":"statement","definition":{"statement":"TLP:CLEAR"}`:                                   "",
		`"extensions":{"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d":{"tlp_2_0":"amber+strict"}}`: "amber+strict",
	} {
		o, wrong := p.Parse([]byte(`{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed","created":"2026-01-01T00:00:00Z",` + document + `}`))
		if wrong != nil || o.DefinedLabel() != want {
			t.Errorf("%s: got %q, %v", document, o.DefinedLabel(), wrong)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	document := []byte(`{"type":"bundle","objects":[` + strings.Repeat(sound+",", 9_999) + sound + `]}`)
	b.SetBytes(int64(len(document)))
	for b.Loop() {
		doc, err := stix.Read(bytes.NewReader(document), func(stix.Item) error { return nil })
		if err != nil || doc.Objects != 10_000 {
			b.Fatal(doc, err)
		}
	}
}
