package e2e

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"comity/internal/testkit"
)

// members are organisations of the demonstration that have a profile.
var members = []string{
	"X-OCO", "X-HSO", "X-SEC", "X-SSA", "X-HLP", "X-PPU", "X-ACO", "X-DPO", "X-CHF", "X-MMA", "X-LBC", "X-TCF", "X-JTI", "X-TRC", "X-SSC",
}

// exposure is what "comity exposure --json" prints, as far as it matters here.
type exposure struct {
	Significant struct {
		Value float64 `json:"value"`
	} `json:"significant"`
	Changes []struct {
		At     time.Time `json:"at"`
		Threat string    `json:"threat"`
		Why    struct {
			Key string `json:"key"`
		} `json:"why"`
	} `json:"changes"`
}

func exposureOf(t *testing.T, dir, org string) exposure {
	t.Helper()
	var e exposure
	if err := json.Unmarshal([]byte(comity(t, "exposure", "--organization", org, "--dir", dir, "--json")), &e); err != nil {
		t.Fatal(err)
	}
	return e
}

// TestNewerCatalogueMovesExposures feeds the newer KEV catalogue to the folder of a running demonstration: the counts are
// those of the two catalogues, and within 5 s the exposures of those whom it touches have moved, with a reason.
func TestNewerCatalogueMovesExposures(t *testing.T) {
	newer := testkit.Shared(t, "kev/known_exploited_vulnerabilities-2026-08-07.json.gz")
	dir := filepath.Join(t.TempDir(), "demo")
	d, err := start(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.stop(); err != nil {
			t.Errorf("SIGTERM: %v", err)
		}
	})
	before := map[string]exposure{}
	for _, org := range members {
		before[org] = exposureOf(t, dir, org)
	}
	for i, want := range []string{
		`{"added":9,"removed":0,"changed":8,"total":1662}`,
		`{"added":0,"removed":0,"changed":0,"total":1662}`,
	} {
		if got := strings.TrimSuffix(comity(t, "intake", "kev", newer, "--dir", dir, "--json"), "\n"); got != want {
			t.Errorf("intake %d printed %s, want %s", i+1, got, want)
		}
	}
	deadline := time.Now().Add(5 * time.Second)
	for {
		moved := 0
		for _, org := range members {
			e := exposureOf(t, dir, org)
			if len(e.Changes) > 0 && len(before[org].Changes) > 0 && e.Changes[0].At.After(before[org].Changes[0].At) {
				moved++
				if e.Changes[0].Why.Key == "" {
					t.Errorf("%s: the last change has no reason", org)
				}
			}
		}
		if moved > 0 {
			t.Logf("%d of %d organisations have a new line in \"what changed and why\"", moved, len(members))
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("no exposure moved within 5 s")
		}
	}
}
