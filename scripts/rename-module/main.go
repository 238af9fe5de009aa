// Command rename-module changes the path of this module in go.mod and in every import, and nothing else: names of
// packages, of the program and of the product stay. Run it in the root of the repository.
package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: rename-module NEW/PATH")
	}
	if err := rename(os.Args[1]); err != nil {
		log.Fatal("rename-module: ", err)
	}
}

// rename changes the module in the working folder to the new path.
func rename(path string) error {
	out, err := exec.Command("go", "list", "-m").Output()
	if err != nil {
		return fmt.Errorf("find the module's path: %w", err)
	}
	old := strings.TrimSpace(string(out))
	if out, err := exec.Command("go", "mod", "edit", "-module", path).CombinedOutput(); err != nil {
		return fmt.Errorf("%s", strings.TrimSpace(string(out)))
	}
	changed := 0
	err = filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && skipped(d.Name()):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(name) != ".go":
			return nil
		}
		n, err := rewrite(name, old, path)
		changed += n
		return err
	})
	if err != nil {
		return err
	}
	fmt.Printf("module %s is now %s: %d imports changed\n", old, path, changed)
	return nil
}

// skipped reports whether a folder holds nothing of ours.
func skipped(name string) bool {
	return name != "." && strings.HasPrefix(name, ".") || name == "node_modules" || name == "bin" || name == "dist"
}

// rewrite changes the imports of one file, last first so that positions before them stay true, and returns how many.
func rewrite(name, old, path string) (int, error) {
	source, err := os.ReadFile(name)
	if err != nil {
		return 0, err
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, source, parser.ImportsOnly)
	if err != nil {
		return 0, err
	}
	changed := 0
	for i := len(file.Imports) - 1; i >= 0; i-- {
		spec := file.Imports[i]
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return 0, err
		}
		if imported != old && !strings.HasPrefix(imported, old+"/") {
			continue
		}
		from, to := fset.Position(spec.Path.Pos()).Offset, fset.Position(spec.Path.End()).Offset
		renamed := strconv.Quote(path + strings.TrimPrefix(imported, old))
		source = append(source[:from:from], append([]byte(renamed), source[to:]...)...)
		changed++
	}
	if changed == 0 {
		return 0, nil
	}
	return changed, os.WriteFile(name, source, 0o644)
}
