package cve

import (
	"slices"
	"strings"

	"comity"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// programRecord is a record of the CVE Program.
//
// Source: CVE record format 5.0–5.2, https://github.com/CVEProject/cve-schema.
type programRecord struct {
	Version  string `json:"dataVersion"`
	Metadata struct {
		ID        string `json:"cveId"`
		State     string `json:"state"`
		Published string `json:"datePublished"`
		Updated   string `json:"dateUpdated"`
		Rejected  string `json:"dateRejected"`
	} `json:"cveMetadata"`
	Containers struct {
		CNA *container  `json:"cna"`
		ADP []container `json:"adp"`
	} `json:"containers"`
}

// container is what one organisation says in a record: who assigned the number, or who adds to it.
type container struct {
	Provider struct {
		Name string `json:"shortName"`
	} `json:"providerMetadata"`
	Title         string             `json:"title"`
	Descriptions  []language         `json:"descriptions"`
	Reasons       []language         `json:"rejectedReasons"`
	Affected      []product          `json:"affected"`
	Applicability []cpeConfiguration `json:"cpeApplicability"`
	References    []reference        `json:"references"`
	Metrics       []metric           `json:"metrics"`
	ProblemTypes  []struct {
		Descriptions []struct {
			CWE string `json:"cweId"`
		} `json:"descriptions"`
	} `json:"problemTypes"`
}

type metric struct {
	V40   *cvssData `json:"cvssV4_0"`
	V31   *cvssData `json:"cvssV3_1"`
	V30   *cvssData `json:"cvssV3_0"`
	V2    *cvssData `json:"cvssV2_0"`
	Other *struct {
		Type    string         `json:"type"`
		Content jsontext.Value `json:"content"`
	} `json:"other"`
}

// cisa is the name under which CISA adds to records.
const cisa = "CISA-ADP"

func readCVE(value jsontext.Value) (rec comity.Record, version string, err error) {
	var r programRecord
	if err := json.Unmarshal(value, &r); err != nil {
		return rec, "", err
	}
	if !cvePattern.MatchString(r.Metadata.ID) {
		return rec, "", invalid("cveId %.60q is not a CVE number", r.Metadata.ID)
	}
	rec = newRecord(comity.SourceCVE, r.Metadata.ID)
	if err := r.read(&rec); err != nil {
		return rec, "", inRecord(r.Metadata.ID, err)
	}
	return rec, cut(r.Version, 10), nil
}

func (r *programRecord) read(rec *comity.Record) (err error) {
	switch r.Metadata.State {
	case "PUBLISHED":
	case "REJECTED":
		rec.Withdrawn = true
	default:
		return invalid("state %.20q is neither PUBLISHED nor REJECTED", r.Metadata.State)
	}
	if r.Containers.CNA == nil {
		return invalid("/containers/cna is missing")
	}
	t, v := &rec.Threat, rec.Threat.Vulnerability
	if t.Published, err = timeOf("datePublished", r.Metadata.Published); err != nil {
		return err
	}
	if rec.Modified, err = timeOf("dateUpdated", r.Metadata.Updated); err != nil {
		return err
	}
	cna := r.Containers.CNA
	t.Name = said(cna.Title)
	t.Description = english(append(cna.Descriptions, cna.Reasons...))
	for _, c := range append([]container{*cna}, r.Containers.ADP...) {
		if err := c.read(v); err != nil {
			return err
		}
	}
	nameByConfigurations(v)
	return nil
}

func (c *container) read(v *comity.Vulnerability) error {
	for _, m := range c.Metrics {
		for _, d := range []*cvssData{m.V40, m.V31, m.V30, m.V2} {
			if err := consider(v, d, c.Provider.Name); err != nil {
				return err
			}
		}
		if err := m.decision(v, c.Provider.Name); err != nil {
			return err
		}
	}
	for _, p := range c.ProblemTypes {
		for _, d := range p.Descriptions {
			addWeakness(v, d.CWE)
		}
	}
	addReferences(v, c.References)
	for _, p := range c.Affected {
		if err := p.add(v); err != nil {
			return err
		}
	}
	return addConfigurations(v, c.Applicability)
}

// decision reads what CISA decided: the decision points of SSVC, and since when the vulnerability is in its catalogue.
func (m metric) decision(v *comity.Vulnerability, by string) (err error) {
	if m.Other == nil || by != cisa {
		return nil
	}
	switch m.Other.Type {
	case "ssvc":
		v.SSVC, err = ssvcOf(m.Other.Content)
		return err
	case "kev":
		var listed struct {
			Added string `json:"dateAdded"`
		}
		if err := json.Unmarshal(m.Other.Content, &listed); err != nil {
			return err
		}
		if v.Listed, err = comity.ParseDate(listed.Added); err != nil {
			return invalid("dateAdded %.60q is not a date", listed.Added)
		}
	}
	return nil
}

func ssvcOf(content jsontext.Value) (*comity.SSVC, error) {
	var said struct {
		Options   []map[string]string `json:"options"`
		Timestamp string              `json:"timestamp"`
	}
	if err := json.Unmarshal(content, &said); err != nil {
		return nil, err
	}
	at, err := timeOf("timestamp", said.Timestamp)
	if err != nil {
		return nil, err
	}
	out := &comity.SSVC{}
	if !at.IsZero() {
		out.Date = comity.DateOf(at)
	}
	for _, option := range said.Options {
		for name, value := range option {
			value = strings.ToLower(value)
			switch name {
			case "Exploitation":
				out.Exploitation = value
			case "Automatable":
				out.Automatable = value
			case "Technical Impact":
				out.TechnicalImpact = value
			}
		}
	}
	for _, point := range []struct {
		name, value string
		values      []string
	}{
		{"Exploitation", out.Exploitation, []string{"none", "poc", "active"}},
		{"Automatable", out.Automatable, []string{"no", "yes"}},
		{"Technical Impact", out.TechnicalImpact, []string{"partial", "total"}},
	} {
		if !slices.Contains(point.values, point.value) {
			return nil, invalid("SSVC: %s is %.20q", point.name, point.value)
		}
	}
	return out, nil
}
