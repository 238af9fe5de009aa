// Package kev reads CISA's Known Exploited Vulnerabilities catalogue in its JSON form. Read [Parse].
//
// Source: https://www.cisa.gov/known-exploited-vulnerabilities-catalog and its JSON schema.
package kev

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"regexp"
	"strings"
	"time"

	"comity"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// MaxEntries bounds a catalogue; today's has about 1,700.
const MaxEntries = 100_000

// Catalogue is one edition of the catalogue.
type Catalogue struct {
	Version  string    // such as "2026.07.23"
	Released time.Time // UTC
	Threats  []comity.Threat
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

// Parse reads a catalogue. It refuses, with an error of kind Invalid that names the place: anything that is not JSON of
// this shape, a key twice in an object, an entry twice, a count that is not that of the entries, a wrong CVE number or
// date. Keys that it doesn't know are kept in the hash of their entry and otherwise passed over.
func Parse(r io.Reader) (Catalogue, error) {
	p := parser{decoder: jsontext.NewDecoder(r), seen: map[string]bool{}, count: -1}
	if err := p.document(); err != nil {
		return Catalogue{}, invalid(err)
	}
	return p.catalogue, nil
}

// invalid gives an error the kind Invalid, unless it has a kind already.
func invalid(err error) error {
	if _, ok := errors.AsType[*comity.Error](err); ok {
		return err
	}
	return comity.Errorf(comity.Invalid, "KEV catalogue: %w", err)
}

type parser struct {
	decoder   *jsontext.Decoder
	catalogue Catalogue
	count     int
	seen      map[string]bool
	listed    bool
}

func (p *parser) document() error {
	if err := p.expect('{', "an object"); err != nil {
		return err
	}
	for p.decoder.PeekKind() != '}' {
		key, err := p.decoder.ReadToken()
		if err != nil {
			return err
		}
		if err := p.member(key.String()); err != nil {
			return err
		}
	}
	if _, err := p.decoder.ReadToken(); err != nil {
		return err
	}
	if _, err := p.decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return comity.Errorf(comity.Invalid, "KEV catalogue: something follows its end at byte %d", p.decoder.InputOffset())
	}
	return p.whole()
}

func (p *parser) expect(kind jsontext.Kind, what string) error {
	if found := p.decoder.PeekKind(); found != kind {
		if _, err := p.decoder.ReadToken(); err != nil {
			return err
		}
		return p.wrong("want %s", what)
	}
	_, err := p.decoder.ReadToken()
	return err
}

// wrong is an error at the place that the decoder has reached.
func (p *parser) wrong(format string, args ...any) error {
	args = append([]any{string(p.decoder.StackPointer())}, args...)
	return comity.Errorf(comity.Invalid, "KEV catalogue, at %q: "+format, args...)
}

func (p *parser) member(key string) error {
	var err error
	switch key {
	case "catalogVersion":
		err = json.UnmarshalDecode(p.decoder, &p.catalogue.Version)
	case "dateReleased":
		var text string
		if err = json.UnmarshalDecode(p.decoder, &text); err != nil {
			return err
		}
		released, perr := time.Parse(time.RFC3339Nano, text)
		if perr != nil {
			return p.wrong("%q is not a time", text)
		}
		p.catalogue.Released = released.UTC()
	case "count":
		err = json.UnmarshalDecode(p.decoder, &p.count)
	case "vulnerabilities":
		p.listed = true
		return p.entries()
	default:
		err = p.decoder.SkipValue()
	}
	return err
}

func (p *parser) entries() error {
	if err := p.expect('[', "an array"); err != nil {
		return err
	}
	for p.decoder.PeekKind() != ']' {
		raw, err := p.decoder.ReadValue()
		if err != nil {
			return err
		}
		if len(p.catalogue.Threats) == MaxEntries {
			return comity.Errorf(comity.TooLarge, "KEV catalogue: more than %d entries", MaxEntries)
		}
		threat, err := p.entry(raw)
		if err != nil {
			return err
		}
		p.catalogue.Threats = append(p.catalogue.Threats, threat)
	}
	_, err := p.decoder.ReadToken()
	return err
}

var (
	cvePattern = regexp.MustCompile(`^CVE-[0-9]{4}-[0-9]{4,19}$`)
	cwePattern = regexp.MustCompile(`^CWE-[0-9]+$`)
)

func (p *parser) entry(raw jsontext.Value) (comity.Threat, error) {
	raw = raw.Clone()
	var e entry
	if err := json.Unmarshal(raw, &e); err != nil {
		return comity.Threat{}, p.wrong("%w", err)
	}
	if !cvePattern.MatchString(e.CVE) {
		return comity.Threat{}, p.wrong("cveID %q is not a CVE number", e.CVE)
	}
	if p.seen[e.CVE] {
		return comity.Threat{}, p.wrong("%s stands here twice", e.CVE)
	}
	p.seen[e.CVE] = true
	if strings.TrimSpace(e.Vendor) == "" || strings.TrimSpace(e.Product) == "" {
		return comity.Threat{}, p.wrong("%s has no vendorProject or product", e.CVE)
	}
	added, err := comity.ParseDate(e.Added)
	if err != nil || added.IsZero() {
		return comity.Threat{}, p.wrong("%s: dateAdded %q is not a date", e.CVE, e.Added)
	}
	due, err := comity.ParseDate(e.Due)
	if err != nil {
		return comity.Threat{}, p.wrong("%s: dueDate %q is not a date", e.CVE, e.Due)
	}
	for _, cwe := range e.CWEs {
		if !cwePattern.MatchString(cwe) {
			return comity.Threat{}, p.wrong("%s: %q is not a CWE number", e.CVE, cwe)
		}
	}
	if err := raw.Canonicalize(); err != nil { // the same entry has the same hash whatever its white space and order
		return comity.Threat{}, p.wrong("%s: %w", e.CVE, err)
	}
	return e.threat(added, due, raw), nil
}

func (e entry) threat(added, due comity.Date, canonical []byte) comity.Threat {
	sum := sha256.Sum256(bytes.TrimSpace(canonical))
	return comity.Threat{
		ID: comity.MakeThreatID(e.CVE), Kind: comity.ThreatVulnerability, Name: strings.TrimSpace(e.Name),
		Description: strings.TrimSpace(e.Description), Source: comity.SourceKEV, Marking: comity.Marking{TLP: comity.TLPClear},
		Published: added.Time(), Hash: hex.EncodeToString(sum[:]),
		Vulnerability: &comity.Vulnerability{
			CVE: e.CVE, Vendor: strings.TrimSpace(e.Vendor), Product: strings.TrimSpace(e.Product), RequiredAction: e.Action,
			Due: due, Ransomware: strings.EqualFold(e.Ransomware, "known"), CWEs: e.CWEs, Notes: e.Notes, Exploited: true,
		},
	}
}

// whole checks what can only be checked at the end.
func (p *parser) whole() error {
	switch {
	case p.catalogue.Version == "":
		return comity.Errorf(comity.Invalid, "KEV catalogue: /catalogVersion is missing")
	case p.catalogue.Released.IsZero():
		return comity.Errorf(comity.Invalid, "KEV catalogue: /dateReleased is missing")
	case !p.listed:
		return comity.Errorf(comity.Invalid, "KEV catalogue: /vulnerabilities is missing")
	case p.count != len(p.catalogue.Threats):
		return comity.Errorf(comity.Invalid, "KEV catalogue: /count says %d, there are %d entries", p.count, len(p.catalogue.Threats))
	}
	return nil
}
