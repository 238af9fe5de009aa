package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"comity/internal/testkit"
)

// axe is axe-core, which "make test" installs with npm for the tests only.
var axe = sync.OnceValues(func() (string, error) {
	data, err := os.ReadFile(filepath.Join(testkit.Root(), "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		return "", fmt.Errorf("axe-core: %w; run \"npm ci\", or \"make test\", which does", err)
	}
	return string(data), nil
})

// violation is one rule that a page breaks, as axe-core tells it.
type violation struct {
	ID     string   `json:"id"`
	Impact string   `json:"impact"`
	Help   string   `json:"help"`
	Nodes  []string `json:"nodes"` // the elements, and what is wrong with each
}

func (v violation) String() string {
	return fmt.Sprintf("%s (%s): %s\n\t\t%s", v.ID, v.Impact, v.Help, strings.Join(v.Nodes, "\n\t\t"))
}

const runAxe = `axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations.map(v => ({
	id: v.id, impact: v.impact ?? "", help: v.help,
	nodes: v.nodes.slice(0, 4).map(n => n.target.join(" ") + " " + n.html.slice(0, 160) + " — " + (n.failureSummary ?? "").replace(/\s+/g, " ")),
}))))`

// accessible fails the test for everything that axe-core finds wrong with the page as it is shown. The script comes in
// through the browser's own debugging line, past the page's policy, which stays as it is.
func (b *tab) accessible(t testing.TB) {
	t.Helper()
	source, err := axe()
	if err != nil {
		t.Fatal(err)
	}
	if !evaluate[bool](b, "typeof axe === 'object'") {
		evaluate[bool](b, source+"; true")
	}
	var found []violation
	if err := json.Unmarshal([]byte(evaluate[string](b, runAxe)), &found); err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		t.Errorf("%s: %s", b.path(), v)
	}
}

// fits fails the test if the page scrolls sideways.
func (b *tab) fits(t testing.TB) {
	t.Helper()
	const wide = `(() => {
		const root = document.documentElement, most = root.clientWidth;
		if (root.scrollWidth <= most) return "";
		const out = [...document.querySelectorAll("body *")].filter(e => {
			const r = e.getBoundingClientRect();
			return r.width > 0 && (r.right > most + 1 || r.left < -1) && !e.closest(".scroll");
		});
		return root.scrollWidth + " > " + most + ": " + out.slice(0, 3).map(e => e.tagName + "." + e.className).join(", ");
	})()`
	if problem := evaluate[string](b, wide); problem != "" {
		t.Errorf("%s scrolls sideways: %s", b.path(), problem)
	}
}
