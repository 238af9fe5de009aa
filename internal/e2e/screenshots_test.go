package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// shots are the pages that the documents show.
var shots = []struct{ name, path string }{
	{"overview", "/"},
	{"organization", "/organization"},
	{"drivers", "/organization/scenarios/edge-exploitation"},
	{"threats", "/threats?touching=us"},
	{"actions", "/actions"},
}

// TestScreenshots photographs the demonstration into the folder COMITY_SCREENSHOTS. Without it, it only makes sure that
// the pictures that the documents show are there.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("COMITY_SCREENSHOTS")
	for _, look := range []struct {
		name    string
		setting setting
	}{
		{"light", setting{language: "en"}},
		{"dark", setting{language: "en", dark: true}},
		{"ar", setting{language: "ar"}},
	} {
		for _, width := range []int64{1280, 320} {
			t.Run(fmt.Sprintf("%s-%d", look.name, width), func(t *testing.T) {
				look.setting.width = width
				photograph(t, dir, fmt.Sprintf("%s-%d", look.name, width), look.setting)
			})
		}
	}
}

func photograph(t *testing.T, dir, suffix string, s setting) {
	if dir == "" {
		for _, shot := range shots {
			if _, err := os.Stat(filepath.Join("..", "..", "docs", "screenshots", shot.name+"-"+suffix+".png")); err != nil {
				t.Errorf("%v: run \"make screenshots\"", err)
			}
		}
		return
	}
	d := shared(t)
	b := open(t, d, s)
	b.signIn(d.role(t, "focal-point"))
	for _, shot := range shots {
		b.visit(shot.path)
		// The window is made as tall as the page: a picture "beyond the viewport" is shifted in right-to-left languages.
		height := evaluate[int64](b, "Math.max(900, document.documentElement.scrollHeight)")
		b.must(chromedp.Do(b.ctx, chromedp.EmulateViewport(s.width, height)))
		png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		b.must(err)
		b.must(chromedp.Do(b.ctx, chromedp.EmulateViewport(s.width, 900)))
		png, err = slim(png)
		b.must(err)
		if err := os.WriteFile(filepath.Join(dir, shot.name+"-"+suffix+".png"), png, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
