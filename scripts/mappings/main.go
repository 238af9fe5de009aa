// Command mappings makes the table of which control of NIST SP 800-53 revision 5 counters which technique of ATT&CK, as the
// program embeds it, from the mapping that the Center for Threat-Informed Defense publishes. The same document gives the
// same bytes. It is run by "go generate ./assess/proposal".
package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
)

func main() {
	log.SetFlags(0)
	in := flag.String("in", "../../../shared/data/mappings/nist_800_53-rev5_attack-16.1-enterprise.json.gz", "the published mapping")
	out := flag.String("out", "pairs.txt.gz", "file to write")
	flag.Parse()
	if err := derive(*in, *out); err != nil {
		log.Fatal(err)
	}
}

// mapping is what is read of the document. Rows without control say that nothing counters the technique.
type mapping struct {
	Metadata struct {
		Attack    string `json:"attack_version"`
		Framework string `json:"mapping_framework_version"`
		Updated   string `json:"last_update"`
	} `json:"metadata"`
	Objects []struct {
		Control   string `json:"capability_id"`
		Technique string `json:"attack_object_id"`
		Type      string `json:"mapping_type"`
	} `json:"mapping_objects"`
}

func derive(in, out string) error {
	m, err := read(in)
	if err != nil {
		return err
	}
	controls := map[string][]string{}
	for _, o := range m.Objects {
		if o.Type != "mitigates" {
			continue
		}
		id, err := controlID(o.Control)
		if err != nil {
			return err
		}
		controls[id] = append(controls[id], o.Technique)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "# SP 800-53 %s, ATT&CK %s, %s\n", m.Metadata.Framework, m.Metadata.Attack, m.Metadata.Updated)
	pairs := 0
	for _, id := range slices.Sorted(maps.Keys(controls)) {
		techniques := slices.Compact(slices.Sorted(slices.Values(controls[id])))
		pairs += len(techniques)
		fmt.Fprintln(&text, id, strings.Join(techniques, " "))
	}
	fmt.Printf("%d controls, %d pairs\n", len(controls), pairs)
	return write(out, text.String())
}

// controlID returns an identity as OSCAL has it: "AC-02" is "ac-2".
func controlID(s string) (string, error) {
	family, number, ok := strings.Cut(strings.ToLower(s), "-")
	n, err := strconv.Atoi(number)
	if !ok || err != nil {
		return "", fmt.Errorf("no control: %q", s)
	}
	return fmt.Sprintf("%s-%d", family, n), nil
}

func read(path string) (mapping, error) {
	var m mapping
	file, err := os.Open(path)
	if err != nil {
		return m, err
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		return m, fmt.Errorf("%s: %w", path, err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		return m, fmt.Errorf("%s: %w", path, err)
	}
	return m, json.Unmarshal(data, &m)
}

func write(path, text string) error {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return err
	}
	_, werr := io.WriteString(z, text)
	if err := cmp.Or(werr, z.Close()); err != nil {
		return err
	}
	fmt.Printf("%s: %d bytes\n", path, out.Len())
	return os.WriteFile(path, out.Bytes(), 0o644)
}
