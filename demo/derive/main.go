// Command derive makes the embedded facts of the demonstration from the published documents in a folder of public data.
// The same documents give the same bytes. It is run by "go generate ./demo" by whoever refreshes the facts.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"comity"
	"comity/intake/attack"
)

func main() {
	log.SetFlags(0)
	data := flag.String("data", "../../shared/data", "folder of the published documents")
	out := flag.String("out", "facts", "folder to write to")
	flag.Parse()
	if err := derive(*data, *out); err != nil {
		log.Fatal(err)
	}
}

func derive(data, out string) error {
	catalogue, err := read(data, "kev/known_exploited_vulnerabilities-2026-07-23.json.gz")
	if err != nil {
		return err
	}
	cves, err := entries(catalogue)
	if err != nil {
		return err
	}
	knowledge, err := knowledge(data)
	if err != nil {
		return err
	}
	opened, err := opened(data, cves, knowledge)
	if err != nil {
		return err
	}
	affected, err := affected(data, cves)
	if err != nil {
		return err
	}
	epss, err := epss(data, cves)
	if err != nil {
		return err
	}
	baselines, err := baselines(data)
	if err != nil {
		return err
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, catalogue); err != nil {
		return err
	}
	for name, content := range map[string]any{
		"kev.json.gz": compact.Bytes(), "attack.json.gz": knowledge, "opened.json.gz": opened, "affected.json.gz": affected, "epss.csv.gz": epss,
		"baselines.json.gz": baselines,
	} {
		if err := write(filepath.Join(out, name), content); err != nil {
			return err
		}
	}
	return nil
}

func entries(catalogue []byte) (map[string]bool, error) {
	var doc struct {
		Vulnerabilities []struct {
			CVE string `json:"cveID"`
		} `json:"vulnerabilities"`
	}
	if err := json.Unmarshal(catalogue, &doc); err != nil {
		return nil, err
	}
	cves := map[string]bool{}
	for _, v := range doc.Vulnerabilities {
		cves[v.CVE] = true
	}
	return cves, nil
}

// knowledge is ATT&CK by number and name only.
func knowledge(data string) (comity.Knowledge, error) {
	bundle, err := read(data, "attack/enterprise-attack-18.1.json.gz")
	if err != nil {
		return comity.Knowledge{}, err
	}
	doc, err := attack.Parse(bytes.NewReader(bundle))
	if err != nil {
		return comity.Knowledge{}, err
	}
	k := doc.Knowledge
	k.Version = "18.1" // the bundle was rebuilt without its collection object; its README says the version
	for i := range k.Mitigations {
		k.Mitigations[i].Description = ""
	}
	return k, nil
}

// opened maps a CVE to the techniques with which it is exploited, in force in this ATT&CK.
func opened(data string, cves map[string]bool, k comity.Knowledge) (map[string][]string, error) {
	raw, err := read(data, "mappings/kev-07.28.2025_attack-16.1-enterprise.json.gz")
	if err != nil {
		return nil, err
	}
	var doc struct {
		Objects []struct {
			CVE       string `json:"capability_id"`
			Type      string `json:"mapping_type"`
			Technique string `json:"attack_object_id"`
		} `json:"mapping_objects"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, err
	}
	pairs := map[string][]string{}
	for _, o := range doc.Objects {
		if o.Type != "exploitation_technique" || !cves[o.CVE] {
			continue
		}
		technique := o.Technique
		if now, revoked := k.Replaced[technique]; revoked {
			technique = now
		}
		if k.Names[technique] != "" && !slices.Contains(pairs[o.CVE], technique) {
			pairs[o.CVE] = append(pairs[o.CVE], technique)
			slices.Sort(pairs[o.CVE])
		}
	}
	return pairs, nil
}

// affected maps a CVE to the version ranges of its vulnerable CPEs.
func affected(data string, cves map[string]bool) (map[string][]comity.Affected, error) {
	raw, err := read(data, "cve/nvd-cpe-overrides-sample.jsonl.gz")
	if err != nil {
		return nil, err
	}
	ranges := map[string][]comity.Affected{}
	scanner := bufio.NewScanner(bytes.NewReader(raw))
	scanner.Buffer(nil, 16<<20)
	for scanner.Scan() {
		var line struct {
			ID  string `json:"id"`
			CVE struct {
				Configurations []struct {
					Nodes []struct {
						Match []cpeMatch `json:"cpeMatch"`
					} `json:"nodes"`
				} `json:"configurations"`
			} `json:"cve"`
		}
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			return nil, err
		}
		if !cves[line.ID] {
			continue
		}
		for _, c := range line.CVE.Configurations {
			for _, n := range c.Nodes {
				for _, m := range n.Match {
					if a, ok := m.affected(); ok {
						ranges[line.ID] = append(ranges[line.ID], a)
					}
				}
			}
		}
	}
	return ranges, scanner.Err()
}

type cpeMatch struct {
	Vulnerable bool   `json:"vulnerable"`
	Criteria   string `json:"criteria"`
	FromIncl   string `json:"versionStartIncluding"`
	FromExcl   string `json:"versionStartExcluding"`
	ToIncl     string `json:"versionEndIncluding"`
	ToExcl     string `json:"versionEndExcluding"`
}

func (m cpeMatch) affected() (comity.Affected, bool) {
	part := strings.Split(strings.ReplaceAll(m.Criteria, `\:`, "\x00"), ":")
	if !m.Vulnerable || len(part) < 6 {
		return comity.Affected{}, false
	}
	a := comity.Affected{
		Vendor: words(part[3]), Product: words(part[4]), CPE: m.Criteria,
		FromIncluding: m.FromIncl, FromExcluding: m.FromExcl, ToIncluding: m.ToIncl, ToExcluding: m.ToExcl,
	}
	if part[5] != "*" && part[5] != "-" {
		a.Version = part[5]
	}
	return a, true
}

func words(s string) string {
	return strings.NewReplacer("_", " ", `\`, "", "\x00", ":").Replace(s)
}

// epss is the published file with the lines of these CVEs.
func epss(data string, cves map[string]bool) ([]byte, error) {
	raw, err := read(data, "epss/epss_scores-2026-01-30.csv.gz")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for i, line := range bytes.SplitAfter(raw, []byte("\n")) {
		cve, _, _ := bytes.Cut(line, []byte(","))
		if i < 2 || cves[string(cve)] {
			out.Write(line)
		}
	}
	return out.Bytes(), nil
}

func read(data, name string) ([]byte, error) {
	file, err := os.Open(filepath.Join(data, name))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return io.ReadAll(z)
}

// write packs bytes as they are and anything else as JSON, without a time, so that the same content gives the same file.
func write(path string, content any) error {
	data, ok := content.([]byte)
	if !ok {
		var err error
		if data, err = json.Marshal(content); err != nil {
			return err
		}
	}
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return err
	}
	_, werr := z.Write(data)
	if err := cmp.Or(werr, z.Close()); err != nil {
		return err
	}
	fmt.Printf("%s: %d bytes\n", path, out.Len())
	return os.WriteFile(path, out.Bytes(), 0o644)
}
