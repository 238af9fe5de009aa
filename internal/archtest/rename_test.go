package archtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestRenameModule renames a copy of the repository as a user would and builds it.
func TestRenameModule(t *testing.T) {
	for name, args := range map[string][]string{
		"MODULE": {"MODULE=example.org/comity"},
		"PATH":   {"PATH=example.org/comity"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copyTree(t)
			within(t, dir, "make", append([]string{"rename-module"}, args...)...)
			if got := strings.TrimSpace(within(t, dir, "go", "list", "-m")); got != "example.org/comity" {
				t.Errorf("the module is %s", got)
			}
			if name == "MODULE" { // once is enough: both do the same
				within(t, dir, "go", "build", "./...")
				within(t, dir, "go", "vet", "./internal/archtest", "./match", "./storage/...")
			}
		})
	}
}

// copyTree copies the files of the repository into a fresh folder.
func copyTree(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range tracked(t, ".") {
		if strings.HasSuffix(name, ".png") {
			continue
		}
		to := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, []byte(read(t, name)), info.Mode()); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// within runs a command in a folder and returns what it printed.
func within(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false", "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}
