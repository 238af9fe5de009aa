package demo

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"comity"
)

//go:embed facts/*.gz
var files embed.FS

// PublicFacts are the public facts that the demonstration rests on.
type PublicFacts struct {
	EPSS       []byte                       // scores of the catalogue's entries, in FIRST's CSV format
	Knowledge  comity.Knowledge             // ATT&CK Enterprise without descriptions
	Techniques []comity.Threat              // the same techniques as threats
	Opened     map[string][]string          // CVE → techniques that its exploitation uses
	Affected   map[string][]comity.Affected // CVE → version ranges
	baselines  []comity.Baseline            // NIST CSF 2.0, SP 800-53 LOW and PRIVACY; without identities
	catalogue  catalogue
}

// catalogue is the KEV catalogue with its entries as they were received.
type catalogue struct {
	Title           string            `json:"title"`
	CatalogVersion  string            `json:"catalogVersion"`
	DateReleased    string            `json:"dateReleased"`
	Count           int               `json:"count"`
	Vulnerabilities []json.RawMessage `json:"vulnerabilities"`
}

// Facts reads the embedded facts. An error means that the program was built wrong.
func Facts() (*PublicFacts, error) {
	var f PublicFacts
	var err error
	if f.EPSS, err = unpack("epss.csv.gz"); err != nil {
		return nil, err
	}
	var techniques []comity.Technique
	for name, into := range map[string]any{
		"kev.json.gz": &f.catalogue, "attack.json.gz": &f.Knowledge, "opened.json.gz": &f.Opened, "affected.json.gz": &f.Affected,
		"baselines.json.gz": &f.baselines,
	} {
		data, err := unpack(name)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(data, into); err != nil {
			return nil, fmt.Errorf("embedded %s: %w", name, err)
		}
	}
	techniques = f.Knowledge.Techniques
	for _, t := range techniques {
		f.Techniques = append(f.Techniques, techniqueThreat(t, f.Knowledge))
	}
	return &f, nil
}

// attackReleased is the day of the newest change in ATT&CK 18.1.
var attackReleased = time.Date(2025, time.November, 12, 0, 0, 0, 0, time.UTC)

func techniqueThreat(t comity.Technique, k comity.Knowledge) comity.Threat {
	return comity.Threat{
		ID: comity.MakeThreatID(t.Number), Kind: comity.ThreatTechnique, Name: k.Names[t.Number],
		Source: comity.SourceATTACK, Marking: comity.Marking{TLP: comity.TLPClear}, Published: attackReleased,
		Hash:      hashOf(k.Version, t.Number, k.Names[t.Number], strings.Join(t.Tactics, ","), strings.Join(t.Mitigations, ",")),
		Technique: &t,
	}
}

// AttackSource describes the embedded ATT&CK as a source that was taken in at a moment.
func (f *PublicFacts) AttackSource(at time.Time) comity.Source {
	return comity.Source{
		ID: comity.SourceATTACK, Version: f.Knowledge.Version, Date: attackReleased, TakenIn: at,
		Hash: hashOf("attack", f.Knowledge.Version),
	}
}

// KEV returns the catalogue as CISA published it on 2026-07-23.
func (f *PublicFacts) KEV() ([]byte, error) { return json.Marshal(f.catalogue) }

// KEVUntil returns the catalogue as it stood at the end of a day: the entries added up to then, in their bytes. It is
// what an intake on that day would have read, save for entries that CISA changed later.
func (f *PublicFacts) KEVUntil(day comity.Date) ([]byte, error) {
	then := f.catalogue
	then.CatalogVersion = strings.ReplaceAll(day.String(), "-", ".")
	then.DateReleased = day.String() + "T12:00:00.0000Z"
	then.Vulnerabilities = nil
	for _, raw := range f.catalogue.Vulnerabilities {
		var entry struct {
			DateAdded comity.Date `json:"dateAdded"`
		}
		if err := json.Unmarshal(raw, &entry); err != nil {
			return nil, fmt.Errorf("embedded catalogue: %w", err)
		}
		if !day.Before(entry.DateAdded) {
			then.Vulnerabilities = append(then.Vulnerabilities, raw)
		}
	}
	if len(then.Vulnerabilities) == len(f.catalogue.Vulnerabilities) {
		return f.KEV()
	}
	then.Count = len(then.Vulnerabilities)
	return json.Marshal(then)
}

func unpack(name string) ([]byte, error) {
	packed, err := files.ReadFile("facts/" + name)
	if err != nil {
		return nil, fmt.Errorf("embedded %s: %w", name, err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("embedded %s: %w", name, err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("embedded %s: %w", name, err)
	}
	return data, nil
}
