package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// Bounds of starting. They are the product's own (10 s to fill, 1 s to reuse, 300 MB) with room for a machine on which
// other tests run at the same time; what was measured is logged.
const (
	fillWithin  = 30 * time.Second
	reuseWithin = 5 * time.Second
	memoryMB    = 300
)

// TestStart fills a folder, stops, starts on it again: in time, in memory, readable by nobody else, drained on SIGTERM.
func TestStart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	for i, within := range []time.Duration{fillWithin, reuseWithin} {
		d, err := start(dir)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("start %d: ready after %v, peak memory %d MB", i+1, d.ready.Round(time.Millisecond), peakMB(t, d.cmd.Process.Pid))
		if d.ready > within {
			t.Errorf("start %d: ready after %v, want within %v", i+1, d.ready, within)
		}
		if got := peakMB(t, d.cmd.Process.Pid); got > memoryMB {
			t.Errorf("start %d: peak memory %d MB, want at most %d", i+1, got, memoryMB)
		}
		info, err := os.Stat(filepath.Join(dir, "demo.json"))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("demo.json has mode %v, want 0600", info.Mode().Perm())
		}
		if got := d.access.Roles[0].Role; got != "focal-point" {
			t.Errorf("the first role is %q, want focal-point", got)
		}
		if err := d.stop(); err != nil {
			t.Errorf("SIGTERM: %v", err)
		}
	}
}

var peak = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peakMB returns the most memory that a process has had, in MB.
func peakMB(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		t.Fatal(err)
	}
	m := peak.FindSubmatch(status)
	if m == nil {
		t.Fatal("the kernel does not tell the peak memory")
	}
	kb, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kb / 1024
}
