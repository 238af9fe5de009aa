package cyclonedx

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"comity/intake/profile"

	packageurl "github.com/package-url/packageurl-go"
)

// MaxBytes bounds a document.
const MaxBytes = 10 << 20

// Versions are those of the specification that are read.
var Versions = []string{"1.2", "1.3", "1.4", "1.5", "1.6"}

// classes says what kind of software a type of component is. Source: CycloneDX 1.6, component type.
var classes = map[string]profile.Class{
	"operating-system": profile.OperatingSystem,
	"application":      profile.Application,
	"container":        profile.Application,
	"platform":         profile.Application,
	"library":          profile.Library,
	"framework":        profile.Library,
	"device":           profile.Device,
	"firmware":         profile.Firmware,
	"device-driver":    profile.Firmware,
}

// The names of our own properties.
const (
	propertyID        = "comity:id"
	propertyPlacement = "comity:placement"
	propertyPatchedOn = "comity:patched_on"
)

// component is what is read of a component. Its members are those of the document, as they stand there.
type component struct {
	kind, group, name, version, publisher string
	supplier, manufacturer                string // their names
	purl, cpe                             string
	properties                            map[string]string // ours only
}

func (c *component) property(name, value string) {
	if c.properties == nil {
		c.properties = map[string]string{}
	}
	if _, twice := c.properties[name]; !twice {
		c.properties[name] = value
	}
}

// document is a bill of materials as it is read.
type document struct {
	check      *profile.Checker
	components int
	full       bool // there are more than are read
}

// take adds a component, or counts it if it is no software.
func (d *document) take(at profile.Place, c component) {
	d.components++
	class, ok := classes[c.kind]
	switch {
	case d.full:
	case !ok:
		d.check.Pass(c.kind)
	case d.check.Full(at):
		d.full = true
	default:
		values := c.values(func(column string, code profile.Code, value string) { d.check.Fail(at, column, code, value) })
		if values != nil {
			d.check.Component(at, class, func(column string) string { return values[column] })
		}
	}
}

// end notes what is wrong with the document as a whole.
func (d *document) end(version string) {
	at := profile.Place{}
	switch document := d.check.SoFar(); {
	case !slices.Contains(Versions, version):
		d.check.Fail(at, "", profile.WrongVersion, version)
	case d.components == 0:
		d.check.Fail(at, "", profile.NoComponents, "")
	case len(document.Software) == 0 && d.check.Problems() == 0:
		var kinds []string
		for _, kind := range slices.Sorted(maps.Keys(document.Passed)) {
			kinds = append(kinds, fmt.Sprintf("%s %d", kind, document.Passed[kind]))
		}
		d.check.Fail(at, "", profile.NoSoftware, strings.Join(kinds, ", "))
	}
}

// values returns the component's columns; nil if its package URL can't be read, of which it tells.
//
// The vendor is, of what is there, the first: supplier, manufacturer, publisher, group, namespace of the package URL,
// vendor of the CPE, type of the package URL, such as "npm".
func (c component) values(fail func(column string, code profile.Code, value string)) map[string]string {
	var purl packageurl.PackageURL
	if c.purl = strings.TrimSpace(c.purl); c.purl != "" {
		var err error
		if purl, err = packageurl.FromString(c.purl); err != nil {
			fail(profile.ColumnPURL, profile.BadPURL, c.purl)
			return nil
		}
	}
	cpe := formatted(strings.TrimSpace(c.cpe))
	version := first(c.version, purl.Version, cpePart(cpe, 3))
	if c.properties[propertyPlacement] != "" { // written by Write, which says all that there is
		version = c.version
	}
	return map[string]string{
		profile.ColumnID:        c.properties[propertyID],
		profile.ColumnVendor:    first(c.supplier, c.manufacturer, c.publisher, c.group, purl.Namespace, cpePart(cpe, 1), purl.Type),
		profile.ColumnName:      first(c.name, purl.Name, cpePart(cpe, 2)),
		profile.ColumnVersion:   version,
		profile.ColumnCPE:       cpe,
		profile.ColumnPURL:      c.purl,
		profile.ColumnPlacement: c.properties[propertyPlacement],
		profile.ColumnPatchedOn: c.properties[propertyPatchedOn],
	}
}

// first returns the first text that says something.
func first(texts ...string) string {
	for _, t := range texts {
		if t = strings.TrimSpace(t); t != "" {
			return t
		}
	}
	return ""
}
