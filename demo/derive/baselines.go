package main

import (
	"fmt"
	"os"
	"path/filepath"

	"comity"
	"comity/intake/baseline"
)

// published are the baselines of the demonstration: a framework, and two selections from a catalogue, one of them for the
// protection of personal data.
var published = []string{
	"NIST_CSF_v2.0_catalog.xml.gz", "NIST_SP-800-53_rev5_LOW-baseline-resolved-min.json.gz", "NIST_SP-800-53_rev5_PRIVACY-baseline-resolved-min.json.gz",
}

// baselines are the published baselines as the program reads them: titles and statements, parameters put in.
func baselines(data string) ([]comity.Baseline, error) {
	var list []comity.Baseline
	for _, name := range published {
		file, err := os.Open(filepath.Join(data, "oscal", name))
		if err != nil {
			return nil, err
		}
		b, problems, err := baseline.Parse(file, baseline.Options{})
		_ = file.Close() // it was only read
		if err != nil {
			return nil, err
		}
		if !baseline.Usable(problems) {
			return nil, fmt.Errorf("%s: %v", name, problems)
		}
		list = append(list, b)
	}
	return list, nil
}
