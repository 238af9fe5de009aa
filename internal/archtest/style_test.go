package archtest

import (
	"go/ast"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestExportedNamesAreDocumented fails for an exported name without a doc comment. Members of a documented group of
// constants or variables may rely on the group's; methods that satisfy an interface are named by the method they are.
func TestExportedNamesAreDocumented(t *testing.T) {
	forEach(t, func(t *testing.T, p *pkg) {
		for _, f := range p.files {
			for _, d := range f.Decls {
				for _, name := range undocumented(d) {
					t.Errorf("%s: %s has no doc comment", p.fset.Position(d.Pos()), name)
				}
			}
		}
	})
}

// undocumented returns the exported names of a declaration that nothing is said of.
func undocumented(d ast.Decl) []string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && d.Name.IsExported() && exportedReceiver(d) {
			return []string{d.Name.Name}
		}
	case *ast.GenDecl:
		var names []string
		for _, spec := range d.Specs {
			names = append(names, undocumentedSpec(d, spec)...)
		}
		return names
	}
	return nil
}

func undocumentedSpec(d *ast.GenDecl, spec ast.Spec) []string {
	var names []string
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() && s.Doc == nil && d.Doc == nil && s.Comment == nil {
			names = append(names, s.Name.Name)
		}
	case *ast.ValueSpec:
		for _, n := range s.Names {
			if n.IsExported() && s.Doc == nil && d.Doc == nil && s.Comment == nil {
				names = append(names, n.Name)
			}
		}
	}
	return names
}

// exportedReceiver reports whether a function is none of an unexported type's methods.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return true
	}
	exported := true
	ast.Inspect(d.Recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			exported = exported && (id.IsExported() || len(id.Name) == 1) // one letter: a type parameter
		}
		return true
	})
	return exported
}

// longest is how many lines a file of ours may have before it is more than one thing.
const longest = 800

// TestFilesAreShort fails for a Go file that nobody reads to its end.
func TestFilesAreShort(t *testing.T) {
	for _, name := range tracked(t, "*.go") {
		if n := strings.Count(read(t, name), "\n"); n > longest {
			t.Errorf("%s has %d lines, more than %d", name, n, longest)
		}
	}
}

// words that the field does not use, and where they are allowed nonetheless.
var words = []struct {
	pattern *regexp.Regexp
	instead string
	except  *regexp.Regexp // files
}{
	{regexp.MustCompile(`(?i)\btenants?\b`), "organisation", nil},
	{regexp.MustCompile(`(?i)TLP:WHITE`), "TLP:CLEAR", regexp.MustCompile(`^marking\.go$|_test\.go$`)},
	{regexp.MustCompile(`\b[Mm]aster[- ]slave\b|\b[Bb]lacklist`), "primary and standby, block list", nil},
	{regexp.MustCompile(`TODO([^(]|\([^#])`), "TODO(#issue)", nil},
	{regexp.MustCompile(`FIX` + `ME|XX` + `X:`), "an issue", nil},
}

// TestWords holds code, pages and documents to the words of CONTRIBUTING.md.
func TestWords(t *testing.T) {
	for _, name := range tracked(t, "*.go", "*.md", "*.html", "*.sql", "*.css", "*.js") {
		if name == "internal/archtest/style_test.go" || name == "CONTRIBUTING.md" {
			continue
		}
		text := read(t, name)
		for _, w := range words {
			if w.except != nil && w.except.MatchString(name) {
				continue
			}
			if at := w.pattern.FindStringIndex(text); at != nil {
				t.Errorf("%s:%d: %q; we say %s", name, 1+strings.Count(text[:at[0]], "\n"), text[at[0]:at[1]], w.instead)
			}
		}
	}
}

// TestTypeNames refuses names that say nothing of the domain.
func TestTypeNames(t *testing.T) {
	vague := regexp.MustCompile(`(Manager|Helper|Util|Utils)$`)
	forEach(t, func(t *testing.T, p *pkg) {
		for _, f := range p.files {
			ast.Inspect(f, func(n ast.Node) bool {
				if s, ok := n.(*ast.TypeSpec); ok && vague.MatchString(s.Name.Name) {
					t.Errorf("%s: type %s: say what the domain says", p.fset.Position(s.Pos()), s.Name.Name)
				}
				return true
			})
		}
	})
}

// tracked returns the files of the repository that match, by their path in it. Where there is no git it walks the tree.
func tracked(t *testing.T, patterns ...string) []string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"ls-files", "--cached", "--others", "--exclude-standard", "--"}, patterns...)...)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git ls-files: %v (the tests need a checkout)", err)
	}
	var names []string
	for name := range strings.FieldsSeq(string(out)) {
		if _, err := os.Stat(filepath.Join(root, name)); err == nil { // deleted and not committed yet
			names = append(names, name)
		}
	}
	return names
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
