package cve

import (
	"errors"

	"comity"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// nvdItem is an item of a page of the NVD, or a document with what others know of a CVE in the NVD's words ("_annotation"
// says who, and "cve" is the NVD's record with only what they add).
//
// Source: NVD CVE API 2.0 schema, https://nvd.nist.gov/developers/vulnerabilities.
type nvdItem struct {
	ID         string         `json:"id"`
	Annotation *nvdAnnotation `json:"_annotation"`
	CVE        nvdCVE         `json:"cve"`
}

type nvdAnnotation struct {
	Description string   `json:"description"`
	Published   string   `json:"published"`
	Modified    string   `json:"modified"`
	References  []string `json:"references"`
}

type nvdCVE struct {
	ID             string                 `json:"id"`
	Published      string                 `json:"published"`
	Modified       string                 `json:"lastModified"`
	Status         string                 `json:"vulnStatus"`
	Listed         string                 `json:"cisaExploitAdd"`
	Descriptions   []language             `json:"descriptions"`
	Metrics        map[string][]nvdMetric `json:"metrics"`
	Weaknesses     []nvdWeakness          `json:"weaknesses"`
	Configurations []cpeConfiguration     `json:"configurations"`
	References     []reference            `json:"references"`
}

type nvdMetric struct {
	Source string    `json:"source"`
	Data   *cvssData `json:"cvssData"`
}

type nvdWeakness struct {
	Descriptions []language `json:"description"`
}

// Overrides is added to the identity of a record that adds to the NVD's own, so that neither replaces the other.
const Overrides = ".overrides"

func readNVD(value jsontext.Value) (rec comity.Record, version string, err error) {
	var item nvdItem
	if err := json.Unmarshal(value, &item); err != nil {
		return rec, "", err
	}
	c := item.CVE
	if c.ID == "" {
		c.ID = item.ID
	}
	if !cvePattern.MatchString(c.ID) || item.ID != "" && item.ID != c.ID {
		return rec, "", invalid("id %.60q is not a CVE number", c.ID)
	}
	rec = newRecord(comity.SourceNVD, c.ID)
	if a := item.Annotation; a != nil {
		rec.ID += Overrides
		c.Published, c.Modified = a.Published, a.Modified
		c.Descriptions = []language{{"en", a.Description}}
		for _, r := range a.References {
			c.References = append(c.References, reference{r})
		}
	}
	rec.Withdrawn = c.Status == "Rejected"
	if err := c.read(&rec); err != nil {
		return rec, "", inRecord(c.ID, err)
	}
	return rec, "2.0", nil
}

func (c *nvdCVE) read(rec *comity.Record) (err error) {
	t, v := &rec.Threat, rec.Threat.Vulnerability
	if t.Published, err = timeOf("published", c.Published); err != nil {
		return err
	}
	if rec.Modified, err = timeOf("lastModified", c.Modified); err != nil {
		return err
	}
	if v.Listed, err = comity.ParseDate(c.Listed); err != nil {
		return invalid("cisaExploitAdd %.60q is not a date", c.Listed)
	}
	t.Description = english(c.Descriptions)
	for _, metrics := range c.Metrics {
		for _, m := range metrics {
			if err := consider(v, m.Data, m.Source); err != nil {
				return err
			}
		}
	}
	for _, w := range c.Weaknesses {
		for _, d := range w.Descriptions {
			addWeakness(v, d.Value)
		}
	}
	addReferences(v, c.References)
	if err := addConfigurations(v, c.Configurations); err != nil {
		return err
	}
	nameByConfigurations(v)
	return nil
}

// inRecord names the record of an error that is about one.
func inRecord(id string, err error) error {
	if e, ok := errors.AsType[*comity.Error](err); ok {
		return invalid("%s: %s", id, e.Msg)
	}
	return err
}
