package archtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// licences are those that a library of ours may have, by words that only they have. None of them asks for the source of
// the whole; MPL-2.0 asks for that of its own files.
var licences = []struct {
	name  string
	words *regexp.Regexp
}{
	{"Apache-2.0", regexp.MustCompile(`Apache License\s+Version 2\.0`)},
	{"MPL-2.0", regexp.MustCompile(`Mozilla Public License,? (Version|v\.) 2\.0`)},
	{"ISC", regexp.MustCompile(`Permission to use, copy, modify, and(/or)? distribute this software for any\s+purpose with or without fee`)},
	{"BSD", regexp.MustCompile(`Redistribution and use in source and binary forms, with or without\s+modification`)},
	{"MIT", regexp.MustCompile(`Permission is hereby granted, free of charge, to any\s+person obtaining`)},
}

// forbidden are words of licences that ask for the source of the whole.
var forbidden = regexp.MustCompile(`GNU (AFFERO |LESSER |LIBRARY )?GENERAL PUBLIC LICENSE|Server Side Public License|Business Source License`)

// module is a module that something of ours is made from.
type module struct{ path, version, dir string }

// modules lists the modules behind the packages, with those behind their tests and tools if asked.
func modules(t *testing.T, patterns ...string) []module {
	t.Helper()
	args := append([]string{"list", "-e", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}"}, patterns...)
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var list []module
	for line := range strings.Lines(string(out)) {
		if f := strings.Split(strings.TrimSpace(line), "\t"); len(f) == 3 {
			list = append(list, module{f[0], f[1], f[2]})
		}
	}
	slices.SortFunc(list, func(a, b module) int { return strings.Compare(a.path, b.path) })
	return slices.Compact(list)
}

// licence returns the licence that a module's own files state.
func (m module) licence() (string, error) {
	entries, err := os.ReadDir(m.dir)
	if err != nil {
		return "", err
	}
	stated := regexp.MustCompile(`(?i)^(licen[sc]e|copying)(\.(txt|md))?$`)
	for _, e := range entries {
		if !stated.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(m.dir, e.Name()))
		if err != nil {
			return "", err
		}
		if forbidden.Match(text) {
			return "", fmt.Errorf("%s has a licence that is not allowed", m.path)
		}
		for _, l := range licences {
			if l.words.Match(text) {
				return l.name, nil
			}
		}
	}
	return "", fmt.Errorf("%s has no licence that is known to be allowed", m.path)
}

// TestLicences checks that everything that the program, its tests and its tools are made from has an allowed licence, as
// the module itself states it, and that NOTICE names what is in the program.
func TestLicences(t *testing.T) {
	for _, m := range modules(t, "-test", "./...", "tool") {
		if _, err := m.licence(); err != nil {
			t.Error(err)
		}
	}
	notice := read(t, "NOTICE")
	linked := modules(t, "./cmd/comity")
	for _, m := range linked {
		name, err := m.licence()
		if err != nil {
			continue // said above
		}
		if line := fmt.Sprintf("  %-50s %s\n", m.path, name); !strings.Contains(notice, line) {
			t.Errorf("NOTICE does not name\n%s", line)
		}
	}
	named := regexp.MustCompile(`(?m)^  ([a-z0-9.]+\.[a-z]+/\S+|[a-z.]+\.[a-z]+/\S+) +(Apache-2\.0|MPL-2\.0|ISC|BSD|MIT)$`)
	for _, match := range named.FindAllStringSubmatch(notice, -1) {
		if !slices.ContainsFunc(linked, func(m module) bool { return m.path == match[1] }) {
			t.Errorf("NOTICE names %s, which is not in the program", match[1])
		}
	}
}
