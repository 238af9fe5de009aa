package stix_test

import (
	"bytes"
	"testing"

	"comity/exchange/stix"
)

const (
	sound  = `{"type":"indicator","spec_version":"2.1","id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00.123456Z","pattern":"[url:value='x']"}`
	sound2 = `{"type":"malware","id":"malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z"}`
)

// FuzzRead holds that nothing stops the reader, and that what it hands over stands in the document byte by byte.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		sound, sound + "\n" + sound2, "[" + sound + "," + sound2 + "]", `{"type":"bundle","id":"bundle--1","objects":[` + sound + `,{}, 1]}`,
		`{"type":"bundle"}`, `{"objects":[` + sound + `],"type":"bundle","x":{"y":[1]}}`, `{"objects":{}}`, "[", `{"a":"\ud800"}`, "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		at := 0
		_, _ = stix.Read(bytes.NewReader(document), func(i stix.Item) error {
			n := bytes.Index(document[at:], i.Raw)
			if n < 0 {
				t.Fatalf("%s is not in the document behind the object before: %q", i.Pointer, i.Raw)
			}
			at += n + len(i.Raw)
			if i.Problem == nil && (i.Object.ID == "" || i.Object.Type == "") {
				t.Fatalf("%s: usable without type and id", i.Pointer)
			}
			return nil
		})
	})
}
