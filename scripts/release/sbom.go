package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/CycloneDX/cyclonedx-go"
)

// sbom writes what a binary says of itself that it was built from, as CycloneDX 1.6: its modules, Go's own library, and
// of each the licence that NOTICE names.
//
// Source: CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json; purl-spec, type golang.
func (r release) sbom(b built) error {
	data, err := os.ReadFile(b.path)
	if err != nil {
		return err
	}
	info, err := buildinfo.Read(bytes.NewReader(data))
	if err != nil {
		return err
	}
	licences, err := r.licences()
	if err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	bom := cyclonedx.NewBOM()
	bom.SerialNumber = serial(sum[:])
	bom.Metadata = &cyclonedx.Metadata{Timestamp: r.at.Format(time.RFC3339), Component: r.itself(b, sum[:])}
	bom.Components, bom.Dependencies = components(info, licences)
	var out bytes.Buffer
	encoder := cyclonedx.NewBOMEncoder(&out, cyclonedx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false)
	if err := encoder.EncodeVersion(bom, cyclonedx.SpecVersion1_6); err != nil {
		return err
	}
	return os.WriteFile(b.path+".cdx.json", out.Bytes(), 0o644)
}

// serial is a UUID that follows from the binary's hash, so that the same binary has the same list.
func serial(sum []byte) string {
	u := append([]byte{}, sum[:16]...)
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80 // version 8: made by a rule of our own
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

const mainRef = "comity"

// itself is the program.
func (r release) itself(b built, sum []byte) *cyclonedx.Component {
	return &cyclonedx.Component{
		BOMRef: mainRef, Type: cyclonedx.ComponentTypeApplication, Name: filepath.Base(b.path), Version: r.version,
		Hashes:   &[]cyclonedx.Hash{{Algorithm: cyclonedx.HashAlgoSHA256, Value: hex.EncodeToString(sum)}},
		Licenses: &cyclonedx.Licenses{{License: &cyclonedx.License{ID: "Apache-2.0"}}},
	}
}

// components are the modules, in the order in which the binary has them, and that the program is made of all of them.
func components(info *debug.BuildInfo, licences map[string]string) (*[]cyclonedx.Component, *[]cyclonedx.Dependency) {
	version := strings.TrimPrefix(strings.Fields(info.GoVersion)[0], "go")
	list := []cyclonedx.Component{component("stdlib", version, "BSD-3-Clause")}
	refs := []string{list[0].BOMRef}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		c := component(m.Path, m.Version, licences[m.Path])
		if m.Sum != "" {
			c.Properties = &[]cyclonedx.Property{{Name: "go:sum", Value: m.Sum}}
		}
		list, refs = append(list, c), append(refs, c.BOMRef)
	}
	return &list, &[]cyclonedx.Dependency{{Ref: mainRef, Dependencies: &refs}}
}

func component(path, version, licence string) cyclonedx.Component {
	purl := "pkg:golang/" + path + "@" + version
	c := cyclonedx.Component{BOMRef: purl, Type: cyclonedx.ComponentTypeLibrary, Name: path, Version: version, PackageURL: purl}
	if licence != "" {
		c.Licenses = &cyclonedx.Licenses{{License: &cyclonedx.License{ID: licence}}}
	}
	return c
}

var noticeLine = regexp.MustCompile(`(?m)^  (\S+/\S+) +(Apache-2\.0|MPL-2\.0|ISC|BSD|MIT)$`)

// licences are those that NOTICE names, by module. NOTICE says BSD for two licences that differ by one clause.
func (r release) licences() (map[string]string, error) {
	notice, err := os.ReadFile(filepath.Join(r.root, "NOTICE"))
	if err != nil {
		return nil, err
	}
	licences := map[string]string{}
	for _, m := range noticeLine.FindAllStringSubmatch(string(notice), -1) {
		licences[m[1]] = m[2]
		if m[2] == "BSD" {
			licences[m[1]] = "BSD-3-Clause"
		}
	}
	return licences, nil
}
