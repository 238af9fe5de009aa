package cve

import (
	"strings"

	"comity"
)

// cvssData is a base score as the NVD and the CVE Program write it.
type cvssData struct {
	Version string  `json:"version"`
	Vector  string  `json:"vectorString"`
	Score   float64 `json:"baseScore"`
}

// consider keeps a score if it is to be preferred to the one that is known.
func consider(v *comity.Vulnerability, d *cvssData, by string) error {
	if d == nil {
		return nil
	}
	if d.Score < 0 || d.Score > 10 {
		return invalid("baseScore %v is not from 0 to 10", d.Score)
	}
	one := comity.CVSS{Version: d.Version, Vector: cut(d.Vector, maxTitle), Score: d.Score, By: cut(by, maxTitle)}
	if one.Version == "" || strings.Trim(one.Version, "0123456789.") != "" || len(one.Version) > 5 {
		return invalid("%.20q is not a version of CVSS", d.Version)
	}
	if v.CVSS == nil || one.Preferred(*v.CVSS) {
		v.CVSS = &one
	}
	return nil
}
