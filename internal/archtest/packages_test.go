package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// root is the root of the repository, seen from this package.
const root = "../.."

// pkg is what "go list" says of a package, and its syntax.
type pkg struct {
	ImportPath string
	Dir        string
	Doc        string
	GoFiles    []string
	Imports    []string
	Module     struct{ Path string }

	path  string // inside the module; "." is the root
	fset  *token.FileSet
	files map[string]*ast.File // by file name; without tests
}

// packages lists the packages of this module, once for all tests.
var packages = sync.OnceValues(func() ([]*pkg, error) {
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,Doc,GoFiles,Imports,Module", "./...")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, errors.New(stderr.String())
	}
	var list []*pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		p := new(pkg)
		if err := d.Decode(p); errors.Is(err, io.EOF) {
			return list, nil
		} else if err != nil {
			return nil, err
		}
		if err := p.parse(); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
})

func (p *pkg) parse() error {
	p.path = strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, p.Module.Path), "/")
	if p.path == "" {
		p.path = "."
	}
	p.fset, p.files = token.NewFileSet(), map[string]*ast.File{}
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(p.fset, filepath.Join(p.Dir, name), nil, parser.ParseComments)
		if err != nil {
			return err
		}
		p.files[name] = f
	}
	return nil
}

// ours returns the path inside the module of an import, and whether it is one of ours.
func (p *pkg) ours(imported string) (string, bool) {
	if imported == p.Module.Path {
		return ".", true
	}
	return strings.CutPrefix(imported, p.Module.Path+"/")
}

// forEach runs f as a subtest for each package that is more than tests.
func forEach(t *testing.T, f func(t *testing.T, p *pkg)) {
	t.Helper()
	list, err := packages()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		if len(p.GoFiles) == 0 {
			continue
		}
		t.Run(p.path, func(t *testing.T) { f(t, p) })
	}
}
