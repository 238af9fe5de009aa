package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// inventory is a file with two rows that are right and one that is wrong.
const inventory = "vendor,product,version,placement\nDemo Vendor,Gateway,7.4.1,internet-facing\nDemo Vendor,Desktop,9.0,internal\nDemo Vendor,,1,outside\n"

// TestImport follows a focal point: an inventory is pasted, its problems and changes are looked at, a wrong row is left
// out, it is saved, and undone; then the page on which the organisation takes along what it has.
func TestImport(t *testing.T) {
	journey(t, func(t *testing.T, d *demonstration, b *tab) {
		b.signIn(d.role(t, "focal-point"))
		b.visit("/profile/import")
		b.fill("#rows", inventory)
		b.submit("form[action='/profile/import'] button")
		b.at("/profile/import/preview")
		b.wants("main [role=alert]", "main .tabs a[aria-current]", "input[name=leave]")
		b.lacks("form[action='/profile/import/save']")
		b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS("input[name=leave]"))))
		b.submit("form[action='/profile/import/preview'] button")
		b.at("/profile/import/preview")
		b.click(".tabs a[href*='show=added']")
		b.wants("main ins", "form[action='/profile/import/save']")
		b.submit("form[action='/profile/import/save'] button")
		b.at("/profile")
		b.visit("/profile/software?q=demo+vendor")
		if rows := evaluate[int64](b, "document.querySelectorAll('main tbody tr').length"); rows != 2 {
			t.Errorf("%d lines were saved, want 2", rows)
		}
		b.visit("/profile")
		b.submit("form[action='/profile/undo'] button")
		b.visit("/profile/software?q=demo+vendor")
		b.lacks("main tbody tr")
		b.visit("/organization/data")
		b.wants("main a[download]", "form[action='/organization/data/erase'] #acronym")
	})
}

// TestPreviewLooks looks at the preview of an import as the matrix does at pages that need no draft.
func TestPreviewLooks(t *testing.T) {
	d := shared(t)
	for _, lang := range []string{"en", "ar"} {
		b := open(t, d, setting{language: lang})
		b.signIn(d.role(t, "focal-point"))
		b.visit("/profile/import")
		b.fill("#rows", inventory+strings.Repeat("Demo Vendor,Desktop,9.0,internal\n", 60))
		b.submit("form[action='/profile/import'] button")
		for _, path := range []string{"/profile/import/preview", "/profile/import/preview?show=added", "/profile/import/preview?show=same", "/profile/import"} {
			b.visit(path)
			look(t, b, lang, path)
		}
		b.visit("/profile/import/preview")
		b.submit("form[action='/profile/import/discard'] button")
	}
}
