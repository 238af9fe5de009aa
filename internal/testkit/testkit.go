// Package testkit starts the real parts that tests need, and finds the real data that they may use.
package testkit

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Root is the root of the repository.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// Shared returns the path of a file of the public data that lies beside the repository, in ../shared/data. It skips the
// test where there is none, as in a fresh clone.
func Shared(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(Root(), "..", "shared", "data", filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		t.Skipf("needs the public data file ../shared/data/%s beside the repository: %v", name, err)
	}
	return path
}
