package stix

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// observables are the types of cyber-observable objects of section 6, which have no time of making.
var observables = map[string]bool{
	"artifact": true, "autonomous-system": true, "directory": true, "domain-name": true, "email-addr": true,
	"email-message": true, "file": true, "ipv4-addr": true, "ipv6-addr": true, "mac-addr": true, "mutex": true,
	"network-traffic": true, "process": true, "software": true, "url": true, "user-account": true,
	"windows-registry-key": true, "x509-certificate": true,
}

// domainTypes are the domain, relationship and meta objects of sections 4, 5 and 7, which must say when they were made.
var domainTypes = map[string]bool{
	"attack-pattern": true, "campaign": true, "course-of-action": true, "grouping": true, "identity": true, "incident": true,
	"indicator": true, "infrastructure": true, "intrusion-set": true, "location": true, "malware": true,
	"malware-analysis": true, "note": true, "observed-data": true, "opinion": true, "report": true, "threat-actor": true,
	"tool": true, "vulnerability": true, "relationship": true, "sighting": true, "language-content": true,
	"extension-definition": true,
}

// Known reports whether a type is one of the standard's.
func Known(kind string) bool {
	return observables[kind] || domainTypes[kind] || kind == "marking-definition"
}

// read reads the properties that objects have in common.
func (o *Object) read() *Problem {
	o.Type, o.ID, o.SpecVersion, o.CreatedBy = o.Text("type"), o.Text("id"), o.Text("spec_version"), o.Text("created_by_ref")
	o.Revoked = o.Flag("revoked")
	for _, check := range []func() *Problem{o.checkTexts, o.checkVersion, o.checkIdentity, o.checkTimes, o.readMarkings} {
		if wrong := check(); wrong != nil {
			return wrong
		}
	}
	return nil
}

// checkTexts holds the common properties to their types.
func (o *Object) checkTexts() *Problem {
	for _, p := range []struct {
		name  string
		kinds string // of JSON: " text, [ list, t and f
	}{
		{"type", `"`},
		{"id", `"`},
		{"spec_version", `"`},
		{"created", `"`},
		{"modified", `"`},
		{"created_by_ref", `"`},
		{"revoked", `tf`},
		{"object_marking_refs", `[`},
		{"granular_markings", `[`},
		{"external_references", `[`},
		{"labels", `[`},
	} {
		if value := o.Value(p.name); value != nil && !strings.ContainsRune(p.kinds, rune(value.Kind())) {
			return problem("/"+p.name, "it has the wrong type")
		}
	}
	return nil
}

func (o *Object) checkVersion() *Problem {
	switch o.SpecVersion {
	case Version20, Version21:
	case "":
		if o.Value("spec_version") != nil {
			return problem("/spec_version", "it is empty")
		}
		o.SpecVersion = Version20
		if observables[o.Type] {
			o.SpecVersion = Version21 // section 6: it need not be there
		}
	default:
		return problem("/spec_version", "%.20q is not understood; want 2.0 or 2.1", o.SpecVersion)
	}
	return nil
}

var typePattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// checkIdentity holds type and id to sections 2.9 and 2.14, and created_by_ref to 3.2.
func (o *Object) checkIdentity() *Problem {
	switch {
	case o.Type == "":
		return problem("/type", "an object needs a type")
	case len(o.Type) > 250 || !typePattern.MatchString(o.Type):
		return problem("/type", "%.60q is no name of a type", o.Type)
	case o.Type == "bundle":
		return problem("/type", "a bundle in a bundle is no object")
	case o.ID == "":
		return problem("/id", "an object needs an id")
	}
	if wrong := checkID(o.ID, o.SpecVersion); wrong != "" {
		return problem("/id", "%s", wrong)
	}
	if kind, _, _ := strings.Cut(o.ID, "--"); kind != o.Type {
		return problem("/id", "%.80q is not an id of the type %.60q", o.ID, o.Type)
	}
	if o.CreatedBy == "" && o.Value("created_by_ref") == nil {
		return nil
	}
	if checkID(o.CreatedBy, "") != "" || !strings.HasPrefix(o.CreatedBy, "identity--") {
		return problem("/created_by_ref", "%.80q is no id of an identity", o.CreatedBy)
	}
	return nil
}

// ValidID reports whether a text is an id after section 2.9: a type, two hyphens and a UUID.
func ValidID(id string) bool { return checkID(id, "") == "" }

// checkID says what is wrong with an id; nothing if it is right. 2.0 allows version 4 of RFC 4122 only, 2.1 any.
func checkID(id, version string) string {
	kind, uuid, ok := strings.Cut(id, "--")
	if !ok || len(kind) > 250 || !typePattern.MatchString(kind) {
		return "want a type, two hyphens and a UUID"
	}
	if len(uuid) != 36 {
		return "what follows the two hyphens is no UUID"
	}
	for i, c := range []byte(uuid) {
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return "what follows the two hyphens is no UUID"
			}
		case '0' <= c && c <= '9', 'a' <= c && c <= 'f', 'A' <= c && c <= 'F':
		default:
			return "what follows the two hyphens is no UUID"
		}
	}
	switch {
	case !strings.ContainsRune("89abAB", rune(uuid[19])):
		return "the UUID is not one of RFC 4122"
	case version == Version20 && uuid[14] != '4':
		return "the UUID is not of version 4, as STIX 2.0 wants"
	case uuid[14] < '1' || uuid[14] > '8':
		return "the UUID has no version"
	}
	return ""
}

// checkTimes reads created and modified, which objects of the domain must have.
func (o *Object) checkTimes() *Problem {
	for _, p := range []struct {
		name string
		to   *time.Time
		must bool
	}{
		{"created", &o.Created, domainTypes[o.Type] || o.Type == "marking-definition"},
		{"modified", &o.Modified, domainTypes[o.Type]},
	} {
		if o.Value(p.name) == nil {
			if p.must {
				return problem("/"+p.name, "an object of the type %s needs it", o.Type)
			}
			continue
		}
		t, err := ParseTime(o.Text(p.name))
		if err != nil {
			return problem("/"+p.name, "%.60q is no timestamp", o.Text(p.name))
		}
		*p.to = t
	}
	if !o.Modified.IsZero() && o.Modified.Before(o.Created) {
		return problem("/modified", "it is before created")
	}
	return nil
}

var timePattern = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$`)

// ParseTime parses a timestamp of section 2.16: RFC 3339 in UTC with "Z". What is finer than a nanosecond is cut off.
func ParseTime(text string) (time.Time, error) {
	if !timePattern.MatchString(text) {
		return time.Time{}, problem("", "%.60q is no timestamp", text)
	}
	if len(text) > len("2006-01-02T15:04:05.000000000Z") {
		text = text[:len("2006-01-02T15:04:05.000000000")] + "Z"
	}
	return time.Parse(time.RFC3339Nano, text)
}

// readMarkings reads the marking references of the object and of its parts.
func (o *Object) readMarkings() *Problem {
	if o.Value("object_marking_refs") != nil {
		var values []jsontext.Value
		if json.Unmarshal(o.Value("object_marking_refs"), &values) != nil {
			return problem("/object_marking_refs", "it is no list")
		}
		for _, value := range values {
			ref := textOf(value)
			if !strings.HasPrefix(ref, "marking-definition--") || !ValidID(ref) {
				return problem("/object_marking_refs", "%.80s is no id of a marking definition", value)
			}
			o.Markings = append(o.Markings, ref)
		}
	}
	o.MarkingRefs = slices.Clone(o.Markings)
	if wrong := o.readGranular(); wrong != nil {
		return wrong
	}
	slices.Sort(o.MarkingRefs)
	o.MarkingRefs = slices.Compact(o.MarkingRefs)
	return nil
}

// readGranular reads granular markings: each has a marking or a language.
func (o *Object) readGranular() *Problem {
	if o.Value("granular_markings") == nil {
		return nil
	}
	var parts []struct {
		Ref       string   `json:"marking_ref"`
		Lang      string   `json:"lang"`
		Selectors []string `json:"selectors"`
	}
	if json.Unmarshal(o.Value("granular_markings"), &parts) != nil {
		return problem("/granular_markings", "it is not a list of markings")
	}
	for _, part := range parts {
		switch {
		case len(part.Selectors) == 0 || (part.Ref == "") == (part.Lang == ""):
			return problem("/granular_markings", "a marking needs selectors, and one of marking_ref and lang")
		case part.Lang != "":
			continue
		case !strings.HasPrefix(part.Ref, "marking-definition--") || !ValidID(part.Ref):
			return problem("/granular_markings", "%.80q is no id of a marking definition", part.Ref)
		}
		o.MarkingRefs = append(o.MarkingRefs, part.Ref)
	}
	return nil
}

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}
