package main

import (
	"testing"
	"time"
)

// A certificate is fine until two weeks before its end, and then not.
func TestDoctorCertificate(t *testing.T) {
	cert, key, _ := writeCertificate(t, t.TempDir(), 1, "comity.example")
	c := doctorCmd{listenFlags: listenFlags{Addr: "0.0.0.0:8443", TLSCert: cert, TLSKey: key}}
	day := 24 * time.Hour
	for in, want := range map[time.Duration]verdict{0: good, 70 * day: good, 80 * day: warn, 91 * day: fail} {
		found := c.listening(time.Now().Add(in))
		if len(found) != 2 || found[1].Check != "certificate" || found[1].Verdict != want {
			t.Errorf("in %s: got %v, want %s", in, found, want)
		}
		if (found[1].Do == "") != (want == good) {
			t.Errorf("in %s: got advice %q", in, found[1].Do)
		}
	}
}

func TestDoctorClock(t *testing.T) {
	if f := clock(time.Unix(0, 0)); f.Verdict != fail {
		t.Errorf("1970: got %s, want fail", f.Verdict)
	}
	if f := clock(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)); f.Verdict != good {
		t.Errorf("2026: got %s, want ok", f.Verdict)
	}
}
