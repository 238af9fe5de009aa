package archtest

import (
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestEachPackageHasRuleAndComment fails for a package that nobody placed or described.
func TestEachPackageHasRuleAndComment(t *testing.T) {
	forEach(t, func(t *testing.T, p *pkg) {
		if _, ok := RuleOf(p.path); !ok {
			t.Errorf("no rule for package %s: add one to Table and to ARCHITECTURE.md", p.path)
		}
		if p.Doc == "" {
			t.Errorf("package %s has no package comment: what it is for, what it does not do, what to read first", p.path)
		}
	})
}

// TestImports holds every package to what it may import, of ours and of others.
func TestImports(t *testing.T) {
	forEach(t, func(t *testing.T, p *pkg) {
		rule, _ := RuleOf(p.path)
		for _, imported := range p.Imports {
			if ours, ok := p.ours(imported); ok {
				if !rule.Allows(ours) {
					t.Errorf("%s imports %s, which its rule does not allow", p.path, ours)
				}
				continue
			}
			if strings.Contains(strings.Split(imported, "/")[0], ".") && !rule.AllowsModule(imported) {
				t.Errorf("%s imports %s, which its rule does not allow", p.path, imported)
			}
		}
	})
}

// TestTableNeverJoins checks the table itself against the arrows that no rule may ever allow.
func TestTableNeverJoins(t *testing.T) {
	stages := []string{"intake", "match", "assess", "aggregate", "act"}
	for _, from := range stages {
		rule, _ := RuleOf(from)
		for _, to := range append(slices.Clone(stages), "storage", "storage/sqlite", "pipeline", "web", "api", "auth", "cmd/comity") {
			if from != to && rule.Allows(to) {
				t.Errorf("stage %s may import %s", from, to)
			}
		}
		if rule.IO {
			t.Errorf("stage %s may do input and output", from)
		}
	}
	for _, never := range []struct{ from, to string }{
		{"storage", "match"},
		{"storage", "assess"},
		{"storage", "aggregate"},
		{"storage", "act"},
		{"storage", "intake"},
		{"api", "web"},
		{"web", "api"},
		{"pipeline", "storage"},
		{"web", "storage/sqlite"},
		{"api", "storage/postgres"},
	} {
		if rule, _ := RuleOf(never.from); rule.Allows(never.to) {
			t.Errorf("%s may import %s", never.from, never.to)
		}
	}
	for _, r := range Table {
		if r.Allows("cmd/comity") {
			t.Errorf("%s may import cmd/comity", r.Package)
		}
	}
}

// devices are packages of the standard library with which a package reaches outside itself.
var devices = []string{"os", "os/exec", "os/signal", "net", "net/http", "database/sql", "syscall", "log", "plugin", "unsafe"}

// Names of package time that read the clock, and that wait for it.
var (
	readsClock = []string{"Now", "Since", "Until"}
	waits      = []string{"After", "AfterFunc", "Tick", "Sleep", "NewTicker", "NewTimer"}
)

// TestPurePackages holds packages without I/O to it: no devices, no clock, no chance but what is handed in.
func TestPurePackages(t *testing.T) {
	forEach(t, func(t *testing.T, p *pkg) {
		rule, _ := RuleOf(p.path)
		if rule.IO {
			return
		}
		for _, imported := range p.Imports {
			if slices.Contains(devices, imported) || imported == "crypto/rand" {
				t.Errorf("%s imports %s, and may not do input or output", p.path, imported)
			}
		}
		for _, f := range p.files {
			impure(f, rule.Waits, func(pos token.Pos, what string) {
				t.Errorf("%s: %s; it is to be handed in", p.fset.Position(pos), what)
			})
		}
	})
}

// impure reports where a file reads the clock, waits although it may not, or uses the global source of chance.
func impure(f *ast.File, mayWait bool, report func(pos token.Pos, what string)) {
	names := importNames(f)
	ast.Inspect(f, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		ident, ok := selector.X.(*ast.Ident)
		if !ok {
			return true
		}
		switch name := selector.Sel.Name; names[ident.Name] {
		case "time":
			if slices.Contains(readsClock, name) || !mayWait && slices.Contains(waits, name) {
				report(n.Pos(), "uses time."+name)
			}
		case "math/rand", "math/rand/v2":
			// New… and the types make or describe a source of one's own; the rest draw from the global one.
			if !strings.HasPrefix(name, "New") && !slices.Contains([]string{"Rand", "Source", "PCG", "ChaCha8", "Zipf"}, name) {
				report(n.Pos(), "uses the global rand."+name)
			}
		}
		return true
	})
}

// importNames returns the import path behind each package name that a file uses.
func importNames(f *ast.File) map[string]string {
	names := map[string]string{}
	for _, spec := range f.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		name := strings.TrimSuffix(path, "/v2")
		name = name[strings.LastIndex(name, "/")+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = path
	}
	return names
}

// TestArchitectureDocument compares the table with the one for people, row by row.
func TestArchitectureDocument(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range Table {
		if want := Row(r); !strings.Contains(string(text), want+"\n") {
			t.Errorf("ARCHITECTURE.md has no row\n%s", want)
		}
	}
	if got := len(regexp.MustCompile("(?m)^\\| `[^|]*` \\|[^|]*\\| (yes|no|waits) \\|").FindAll(text, -1)); got != len(Table) {
		t.Errorf("the import table of ARCHITECTURE.md has %d rows, want %d", got, len(Table))
	}
}

// Row returns a rule as its row of ARCHITECTURE.md.
func Row(r Rule) string {
	list := func(items []string) string {
		if len(items) == 0 {
			return "–"
		}
		if slices.Equal(items, all) {
			return "all"
		}
		return "`" + strings.Join(items, "`, `") + "`"
	}
	yes := "no"
	switch {
	case r.IO:
		yes = "yes"
	case r.Waits:
		yes = "waits"
	}
	return "| `" + r.Package + "` | " + list(r.Imports) + " | " + yes + " | " + list(r.ThirdParty) + " |"
}
