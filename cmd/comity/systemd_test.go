package main

import (
	"net"
	"path/filepath"
	"testing"
	"time"
)

// systemd is told once the server answers, and again when it drains.
func TestTellsSystemd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	told := func() string {
		t.Helper()
		if err := socket.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 100)
		n, err := socket.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(b[:n])
	}
	t.Run("server", func(t *testing.T) {
		serving(t, listenFlags{Addr: "127.0.0.1:0"})
		if got := told(); got != "READY=1" {
			t.Errorf("told %q", got)
		}
	})
	if got := told(); got != "STOPPING=1" {
		t.Errorf("told %q", got)
	}
}
