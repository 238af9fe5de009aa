// Package kev reads CISA's Known Exploited Vulnerabilities catalogue in its JSON form. Read [Parse].
//
// Source: https://www.cisa.gov/known-exploited-vulnerabilities-catalog and its JSON schema.
package kev

import (
	"io"
	"regexp"
	"strings"
	"time"

	"comity"
	"comity/intake"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of a catalogue. That of 2026-08-07 has 1,662 entries, the longest of 3 kB.
const (
	MaxEntries = 20_000
	MaxEntry   = 64 << 10 // bytes
)

var list = intake.List{What: "KEV catalogue", Name: "vulnerabilities", MaxItem: MaxEntry, MaxItems: MaxEntries}

// Catalogue is one edition of the catalogue.
type Catalogue struct {
	Version  string          // such as "2026.07.23"
	Released time.Time       // UTC
	Threats  []comity.Threat // vulnerabilities, in the catalogue's order, each CVE once
}

// entry is one vulnerability as CISA writes it.
type entry struct {
	CVE         string   `json:"cveID"`
	Vendor      string   `json:"vendorProject"`
	Product     string   `json:"product"`
	Name        string   `json:"vulnerabilityName"`
	Added       string   `json:"dateAdded"`
	Description string   `json:"shortDescription"`
	Action      string   `json:"requiredAction"`
	Due         string   `json:"dueDate"`
	Ransomware  string   `json:"knownRansomwareCampaignUse"`
	Notes       string   `json:"notes"`
	CWEs        []string `json:"cwes"`
}

// Parse reads a catalogue. It refuses, with an error of kind Invalid that names the place: what [intake.List.Read]
// refuses, an entry without vendor, product or name, an entry twice, a wrong CVE or CWE number or date, a count that is not
// that of the entries, a catalogue without entries. Members that it doesn't know count in the hash of their entry and are
// otherwise passed over. Ransomware use is known where the
// catalogue says "Known" and nowhere else. Vendor, product and name lose blanks around them, which the hash keeps.
func Parse(r io.Reader) (Catalogue, error) {
	p := parser{seen: map[string]bool{}, count: -1}
	if err := list.Read(r, intake.Reader{Member: p.member, Item: p.item}); err != nil {
		return Catalogue{}, err
	}
	if err := p.whole(); err != nil {
		return Catalogue{}, err
	}
	return p.catalogue, nil
}

type parser struct {
	catalogue Catalogue
	count     int
	seen      map[string]bool
}

var versionPattern = regexp.MustCompile(`^[0-9A-Za-z._-]{1,40}$`)

func (p *parser) member(name string, value jsontext.Value) error {
	switch name {
	case "catalogVersion":
		if err := json.Unmarshal(value, &p.catalogue.Version); err != nil {
			return err
		}
		if !versionPattern.MatchString(p.catalogue.Version) {
			return invalid("%.60q is not a version", p.catalogue.Version)
		}
	case "dateReleased":
		return p.released(value)
	case "count":
		return json.Unmarshal(value, &p.count)
	}
	return nil
}

// released reads a time such as "2026-07-23T16:21:10.8082Z"; the number of fractional digits has varied.
func (p *parser) released(value jsontext.Value) error {
	var text string
	if err := json.Unmarshal(value, &text); err != nil {
		return err
	}
	released, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || released.IsZero() {
		return invalid("%.60q is not a time", text)
	}
	p.catalogue.Released = released.UTC()
	return nil
}

func (p *parser) item(value jsontext.Value) error {
	var e entry
	if err := json.Unmarshal(value, &e); err != nil {
		return err
	}
	if !cvePattern.MatchString(e.CVE) {
		return invalid("cveID %.60q is not a CVE number", e.CVE)
	}
	if p.seen[e.CVE] {
		return invalid("%s stands here twice", e.CVE)
	}
	p.seen[e.CVE] = true
	threat, err := e.threat()
	if err != nil {
		return err
	}
	if threat.Hash, err = intake.Hash(value); err != nil {
		return err
	}
	p.catalogue.Threats = append(p.catalogue.Threats, threat)
	return nil
}

var (
	cvePattern = regexp.MustCompile(`^CVE-[0-9]{4}-[0-9]{4,19}$`)
	cwePattern = regexp.MustCompile(`^CWE-[0-9]{1,9}$`)
)

// threat checks the entry's fields and returns what they say, without the hash.
func (e entry) threat() (comity.Threat, error) {
	vendor, product, name := strings.TrimSpace(e.Vendor), strings.TrimSpace(e.Product), strings.TrimSpace(e.Name)
	if vendor == "" || product == "" || name == "" {
		return comity.Threat{}, invalid("%s: vendorProject, product and vulnerabilityName must all say something", e.CVE)
	}
	added, err := comity.ParseDate(e.Added)
	if err != nil || added.IsZero() {
		return comity.Threat{}, invalid("%s: dateAdded %.60q is not a date", e.CVE, e.Added)
	}
	due, err := comity.ParseDate(e.Due)
	if err != nil {
		return comity.Threat{}, invalid("%s: dueDate %.60q is not a date", e.CVE, e.Due)
	}
	for _, cwe := range e.CWEs {
		if !cwePattern.MatchString(cwe) {
			return comity.Threat{}, invalid("%s: %.60q is not a CWE number", e.CVE, cwe)
		}
	}
	return comity.Threat{
		ID: comity.MakeThreatID(e.CVE), Kind: comity.ThreatVulnerability, Name: name,
		Description: strings.TrimSpace(e.Description), Source: comity.SourceKEV, Marking: comity.Marking{TLP: comity.TLPClear},
		Published: added.Time(),
		Vulnerability: &comity.Vulnerability{
			CVE: e.CVE, Vendor: vendor, Product: product, RequiredAction: e.Action, Due: due,
			Ransomware: strings.EqualFold(e.Ransomware, "known"), CWEs: e.CWEs, Notes: e.Notes, Exploited: true,
		},
	}, nil
}

// whole checks what can only be checked at the end.
func (p *parser) whole() error {
	switch entries := len(p.catalogue.Threats); {
	case p.catalogue.Version == "":
		return list.Errorf("/catalogVersion is missing")
	case p.catalogue.Released.IsZero():
		return list.Errorf("/dateReleased is missing")
	case p.count < 0:
		return list.Errorf("/count is missing")
	case p.count != entries:
		return list.Errorf("/count says %d, there are %d entries", p.count, entries)
	case entries == 0:
		return list.Errorf("there are no entries") // taken in, it would withdraw every vulnerability
	}
	return nil
}

func invalid(format string, args ...any) error { return comity.Errorf(comity.Invalid, format, args...) }
