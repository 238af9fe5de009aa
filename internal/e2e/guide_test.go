package e2e

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestGuide takes an organisation that has entered nothing to its first figure by the quick way, counts the clicks, leaves
// in between, resumes as a colleague, and goes the rest of the hour.
func TestGuide(t *testing.T) {
	d, err := start(filepath.Join(t.TempDir(), "demo"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.stop(); err != nil {
			t.Errorf("SIGTERM: %v", err)
		}
	})
	secretariat := open(t, d, setting{language: "en"})
	secretariat.signIn(d.role(t, "secretariat"))
	secretariat.visit("/administration/organizations/new")
	secretariat.fill("[name=name]", "Newcomer")
	secretariat.fill("[name=acronym]", "X-NEW")
	secretariat.click("main form button:not([name])")
	looks := func(b *tab) { b.accessible(t); b.fits(t) }
	link := secretariat.invite(t, looks, "ciso@x-new.example", "focal-point")

	focal := open(t, d, setting{language: "en"})
	focal.accept(looks, link, "a lamp behind nine green doors")
	clicks, began := 0, time.Now()
	tick := func(b *tab, selector string) {
		clicks++
		b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(selector))))
	}
	goOn := func(b *tab, selector string) {
		clicks++
		b.click(selector)
	}
	const save = "main form button:not(.plain):not(.second)"
	goOn(focal, ".main-nav a[href='/organization']")
	goOn(focal, ".sub-nav a[href='/profile/guide']")
	start := focal.text("#standing tbody tr:last-child td:nth-child(3)")
	goOn(focal, "main a[href='/profile/guide/about?way=quick']")
	tick(focal, "[name=sector][value=science]")
	tick(focal, "[name=region][value=global]")
	goOn(focal, save)
	focal.at("/profile/guide/services")
	looks(focal)
	tick(focal, "[name='have.5']") // no website of one's own
	goOn(focal, save)
	focal.at("/profile/guide/scenarios")
	focal.wants("#standing [role=status]")
	focal.leave() // and come back later
	focal.signIn(role{Email: "ciso@x-new.example", Password: "a lamp behind nine green doors"})
	focal.visit("/profile/guide")
	goOn(focal, "main a[href='/profile/guide/scenarios?way=quick']")
	tick(focal, "[name=none]")
	focal.fill("[name='count.phishing']", "1")
	goOn(focal, save)
	focal.at("/profile/guide")
	focal.wants("#standing [role=status]", "main a[href='/organization']")
	took := time.Since(began)
	t.Logf("from nothing (%s) to a first figure (%s) in %d clicks and 1 number, %.1f s by machine", start, focal.text("#standing tbody tr:last-child td:nth-child(3)"), clicks, took.Seconds())
	if clicks > 20 {
		t.Errorf("%d clicks to a first figure, want at most 20", clicks)
	}
	looks(focal)

	// The rest of the hour, each step saved with something.
	focal.visit("/profile/guide/warm-up")
	focal.fill("[name='low.kev-entries']", "1000")
	focal.fill("[name='high.kev-entries']", "3000")
	goOn(focal, save)
	focal.wants("#result")
	looks(focal)
	focal.visit("/profile/guide/software")
	focal.fill("[name='vendor.0']", "Fortinet")
	focal.fill("[name='name.0']", "FortiOS")
	goOn(focal, save)
	focal.visit("/profile/guide/bands")
	goOn(focal, save)
	focal.at("/profile/guide/coverage")
	tick(focal, "fieldset.answer:nth-of-type(1) input[value='75']")
	goOn(focal, save)
	focal.at("/profile/guide/suppliers")
	focal.fill("[name='name.0']", "Halyard Managed Mail")
	goOn(focal, save)
	focal.at("/profile/guide")
	t.Logf("after the whole path: %s", focal.text("#standing tbody tr:last-child td:nth-child(3)"))
	if strings.Contains(focal.text("main table.list"), "Open") {
		t.Error("a step is open after the whole path")
	}
	goOn(focal, "main a.button[href='/organization']")
	focal.wants("main .figure")
}

// text returns what the first element that matches says.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return strings.TrimSpace(evaluate[string](b, "document.querySelector(`"+selector+"`)?.innerText ?? ''"))
}
