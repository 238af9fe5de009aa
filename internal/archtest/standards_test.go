package archtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"comity/internal/testkit"
)

// TestStandards holds docs/standards.txt to its form, and its files to be there.
func TestStandards(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(testkit.Root(), "docs", "standards.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		if strings.HasPrefix(line, "#") || line == "" {
			continue
		}
		parts := strings.Split(line, " | ")
		if len(parts) != 3 {
			t.Errorf("line %d: want clause | status | file", i+1)
			continue
		}
		switch status, file := parts[1], parts[2]; status {
		case "done", "part":
			if _, err := os.Stat(filepath.Join(testkit.Root(), filepath.FromSlash(file))); err != nil {
				t.Errorf("line %d: %v", i+1, err)
			}
		case "not":
		default:
			t.Errorf("line %d: status %q", i+1, status)
		}
	}
}
