package stix_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path"
	"strings"
	"testing"

	"comity/exchange/stix"
	"comity/exchange/stix/pattern"
	"comity/internal/testkit"
)

// sharedDocuments are the public documents beside the repository.
func sharedDocuments(t *testing.T, name string) [][]byte {
	t.Helper()
	file := testkit.Shared(t, "stix/"+name)
	data := read(t, file)
	if path.Ext(name) != ".zip" {
		return [][]byte{data}
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var documents [][]byte
	for _, f := range archive.File {
		if !strings.HasSuffix(f.Name, ".json") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		document, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, document)
	}
	return documents
}

// TestSharedDocuments reads every public document whole, holds the bytes of each object to a plain search for them, and
// parses every pattern.
func TestSharedDocuments(t *testing.T) {
	for _, test := range []struct {
		name                          string
		documents, objects, indicator int
	}{
		{"amnesty-pegasus.stix2.json.gz", 1, 3099, 1549},
		{"mvt-coruna.stix2.json.gz", 1, 433, 216},
		{"mvt-predator.stix2.json.gz", 1, 1171, 585},
		{"mvt-operation-triangulation.stix2.json.gz", 1, 225, 112},
		{"oasis-examples-2.1.zip", 8, 255, 41},
		{"unit42-playbooks-2.0.zip", 16, 7361, 1386},
		{"unit42-reports-2.0.zip", 18, 1881, 1136},
		{"tlp-2.0-marking-definitions.json", 1, 5, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			documents := sharedDocuments(t, test.name)
			objects, indicators, mixed := 0, 0, 0
			for _, document := range documents {
				doc, err := stix.Read(bytes.NewReader(document), func(i stix.Item) error {
					objects++
					if i.Problem != nil {
						t.Errorf("%s: %v", i.Pointer, i.Problem)
						return nil
					}
					if !bytes.Contains(document, i.Raw) || i.Raw[0] != '{' || i.Raw[len(i.Raw)-1] != '}' {
						t.Errorf("%s: these bytes are not in the document: %.80s", i.Pointer, i.Raw)
					}
					if i.Object.Type == "indicator" {
						indicators++
						if _, err := pattern.Parse(i.Object.Text("pattern")); err != nil && strings.Contains(err.Error(), "AND joins") {
							mixed++ // two of Unit 42 join a directory and a file, which section 9.6 does not allow
						} else if err != nil {
							t.Errorf("%s: %v in %.200s", i.Object.ID, err, i.Object.Text("pattern"))
						}
					}
					return nil
				})
				if err != nil || doc.Form != "bundle" {
					t.Errorf("got %+v, %v", doc, err)
				}
			}
			if want := map[string]int{"unit42-playbooks-2.0.zip": 2}[test.name]; mixed != want {
				t.Errorf("got %d patterns of mixed types, want %d", mixed, want)
			}
			if len(documents) != test.documents || objects != test.objects || indicators != test.indicator {
				t.Errorf("got %d documents, %d objects, %d indicators; want %d, %d, %d", len(documents), objects, indicators, test.documents, test.objects, test.indicator)
			}
		})
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if path.Ext(name) != ".gz" {
		return data
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if data, err = io.ReadAll(r); err != nil {
		t.Fatal(err)
	}
	return data
}
