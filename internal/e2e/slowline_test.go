package e2e

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// The line of a field office, and what a page may take on it until it can be used.
const (
	lineBits     = 64_000 // a second, either way
	lineLatency  = 600    // ms
	overviewMost = 8 * time.Second
	listMost     = 3 * time.Second
)

// TestSlowLine opens the overview with nothing cached, and a list once the rest is. The browser emulates the line, so that
// the times hardly depend on the machine.
func TestSlowLine(t *testing.T) {
	d := shared(t)
	b := open(t, d, setting{})
	b.signIn(d.role(t, "focal-point"))
	_, err := chromedp.Call(b.ctx, network.ClearBrowserCache, cdp.Empty{})
	b.must(err)
	b.slow()
	if took := b.timed("/"); took > overviewMost {
		t.Errorf("the overview takes %v with nothing cached, want at most %v", took, overviewMost)
	}
	for _, path := range []string{"/threats", "/actions", "/organization/changes", "/profile/software"} {
		if took := b.timed(path); took > listMost {
			t.Errorf("%s takes %v once the rest is cached, want at most %v", path, took, listMost)
		}
	}
}

// slow makes the tab's line that of a field office.
func (b *tab) slow() {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{
			Latency: lineLatency, DownloadThroughput: lineBits / 8, UploadThroughput: lineBits / 8,
		}},
	})
	b.must(err)
}

// timed returns how long a page takes until everything that it needs is there.
func (b *tab) timed(path string) time.Duration {
	b.t.Helper()
	began := time.Now()
	b.visit(path)
	took := time.Since(began)
	if took < lineLatency*time.Millisecond {
		b.t.Fatalf("%s took %v: the line is not slow", path, took)
	}
	b.t.Logf("%s on %d kbit/s: %v", path, lineBits/1000, took.Round(time.Millisecond))
	return took
}
