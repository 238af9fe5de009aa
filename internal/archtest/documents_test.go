package archtest

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)|src="([^"]+)"`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	command = regexp.MustCompile("`make ([a-z-]+)")
	target  = regexp.MustCompile(`(?m)^([a-z-]+):`)
)

// TestLinksResolve follows every link of our documents that stays in the repository.
func TestLinksResolve(t *testing.T) {
	for _, name := range tracked(t, "*.md") {
		for _, m := range link.FindAllStringSubmatch(read(t, name), -1) {
			to := m[1] + m[2]
			if strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") {
				continue
			}
			file, anchor, _ := strings.Cut(to, "#")
			if file = path.Join(path.Dir(name), file); strings.HasPrefix(to, "#") {
				file = name
			}
			if _, err := os.Stat(filepath.Join(root, file)); err != nil {
				t.Errorf("%s: link to %s, which is not there", name, to)
				continue
			}
			if anchor != "" && !hasAnchor(read(t, file), anchor) {
				t.Errorf("%s: link to %s, which has no such heading", name, to)
			}
		}
	}
}

// hasAnchor reports whether a document has a heading that this anchor leads to.
func hasAnchor(text, anchor string) bool {
	drop := regexp.MustCompile(`[^\p{L}\p{N} -]`)
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		if strings.ReplaceAll(drop.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-") == anchor {
			return true
		}
	}
	return false
}

// TestNamedCommandsExist checks that every "make x" that a document names is a target.
func TestNamedCommandsExist(t *testing.T) {
	targets := map[string]bool{}
	for _, m := range target.FindAllStringSubmatch(read(t, "Makefile"), -1) {
		targets[m[1]] = true
	}
	for _, name := range tracked(t, "*.md") {
		for _, m := range command.FindAllStringSubmatch(read(t, name), -1) {
			if !targets[m[1]] {
				t.Errorf("%s names \"make %s\", which the Makefile does not have", name, m[1])
			}
		}
	}
	for _, want := range []string{"`make demo`", "`make test`"} {
		if !strings.Contains(read(t, "README.md"), want) {
			t.Errorf("README.md does not name %s", want)
		}
	}
}
