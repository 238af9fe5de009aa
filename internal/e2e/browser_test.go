package e2e

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is the one Chromium of the run, with a fresh profile. Each test gets a context of its own in it: its own
// cookies and storage.
var browser struct {
	once sync.Once
	ctx  context.Context
	stop []context.CancelFunc
	err  error
}

func startBrowser() {
	path, err := exec.LookPath("chromium")
	if err != nil {
		browser.err = fmt.Errorf("%w: install Debian's package chromium, or run \"make test\", which does", err)
		return
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
	)
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stopContext := chromedp.NewContext(allocator)
	browser.ctx, browser.stop = ctx, []context.CancelFunc{stopContext, stopAllocator}
	browser.err = chromedp.Do(ctx) // starts it
}

func stopBrowser() {
	for _, stop := range browser.stop {
		stop()
	}
}

// tab is one tab, of a browser that nobody is signed in with.
type tab struct {
	t    testing.TB
	ctx  context.Context
	base string

	mu       sync.Mutex
	problems []string // what the browser complained about: script errors, refusals by our policy, strangers
}

// setting is how somebody has set their browser.
type setting struct {
	language string // what the browser asks for
	dark     bool
	noScript bool
	width    int64 // CSS pixels; 0: 1280
}

// open opens a tab. It fails the test at its end for script errors, for what our Content-Security-Policy refused and for
// any request to another host.
func open(t testing.TB, d *demonstration, s setting) *tab {
	t.Helper()
	browser.once.Do(startBrowser)
	if browser.err != nil {
		t.Fatal(browser.err)
	}
	ctx, stop := chromedp.NewContext(browser.ctx, chromedp.WithNewBrowserContext())
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	b := &tab{t: t, ctx: ctx, base: d.access.Base}
	t.Cleanup(func() {
		cancel()
		stop()
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, p := range slices.Compact(b.problems) {
			t.Error(p)
		}
	})
	b.watch()
	b.set(s)
	return b
}

// watch keeps what the browser complains about.
func (b *tab) watch() {
	b.must(chromedp.Do(b.ctx))
	b.must(chromedp.Listen(b.ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			b.complain("script error: " + e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
				b.complain("browser: " + e.Entry.Text)
			}
		case *network.EventRequestWillBeSent:
			if !strings.HasPrefix(e.Request.URL, b.base+"/") && !strings.HasPrefix(e.Request.URL, "data:") {
				b.complain("request to a stranger: " + e.Request.URL)
			}
		}
	}))
}

func (b *tab) complain(problem string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = append(b.problems, problem)
}

// set applies a setting to the tab, also to the page that it shows.
func (b *tab) set(s setting) {
	b.t.Helper()
	if s.language != "" {
		_, err := chromedp.Call(b.ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{
			UserAgent: "Mozilla/5.0 (X11; Linux x86_64) Chromium", AcceptLanguage: s.language,
		})
		b.must(err)
	}
	scheme := "light"
	if s.dark {
		scheme = "dark"
	}
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	b.must(err)
	_, err = chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: s.noScript})
	b.must(err)
	if s.width == 0 {
		s.width = 1280
	}
	b.must(chromedp.Do(b.ctx, chromedp.EmulateViewport(s.width, 900)))
}

func (b *tab) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// open goes to a page of ours and returns its status.
func (b *tab) open(path string) int64 {
	b.t.Helper()
	resp, err := chromedp.Run(b.ctx, chromedp.NavigateResponse(b.base+path))
	if err != nil {
		b.t.Fatalf("open %s: %v", path, err)
	}
	return resp.Status
}

// visit goes to a page that must be there.
func (b *tab) visit(path string) {
	b.t.Helper()
	if status := b.open(path); status != 200 {
		b.t.Fatalf("%s: status %d, want 200", path, status)
	}
}

// click clicks what leads to another page and waits for it. A form's answer is followed to where it redirects.
func (b *tab) click(selector string) {
	b.t.Helper()
	if !b.has(selector) {
		b.t.Fatalf("%s has nothing that matches %s", b.path(), selector)
	}
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	resp, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector)))
	if err != nil {
		b.t.Fatalf("on %s, click %s: %v", b.path(), selector, err)
	}
	if resp != nil && resp.Status != 200 {
		b.t.Fatalf("click %s: status %d", selector, resp.Status)
	}
}

// fill types into a field after emptying it.
func (b *tab) fill(selector, text string) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.SetValue(chromedp.CSS(selector), text)); err != nil {
		b.t.Fatalf("on %s, fill %s: %v", b.path(), selector, err)
	}
}

// has reports whether the page has an element that matches.
func (b *tab) has(selector string) bool {
	b.t.Helper()
	return evaluate[bool](b, fmt.Sprintf("document.querySelector(%q) !== null", selector))
}

// wants fails the test unless the page has an element that matches.
func (b *tab) wants(selectors ...string) {
	b.t.Helper()
	for _, s := range selectors {
		if !b.has(s) {
			b.t.Errorf("%s has nothing that matches %s", b.path(), s)
		}
	}
}

// lacks fails the test if the page has an element that matches.
func (b *tab) lacks(selectors ...string) {
	b.t.Helper()
	for _, s := range selectors {
		if b.has(s) {
			b.t.Errorf("%s has %s, and must not", b.path(), s)
		}
	}
}

// link returns where the first link that matches leads, "" if there is none.
func (b *tab) link(selector string) string {
	b.t.Helper()
	return evaluate[string](b, fmt.Sprintf("document.querySelector(%q)?.getAttribute('href') ?? ''", selector))
}

// path returns the path of the page that is shown.
func (b *tab) path() string {
	b.t.Helper()
	url, err := chromedp.Run(b.ctx, chromedp.Location())
	b.must(err)
	return strings.TrimPrefix(url, b.base)
}

// at fails the test unless the page shown has this path, whatever its query.
func (b *tab) at(path string) {
	b.t.Helper()
	if got, _, _ := strings.Cut(b.path(), "?"); got != path {
		b.t.Errorf("at %s, want %s", got, path)
	}
}

func evaluate[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil && !errors.Is(err, chromedp.ErrJSNull) {
		b.t.Fatalf("evaluate %.80s: %v", expression, err)
	}
	return v
}

// signIn signs in as a role with its password, by the form that everybody has.
func (b *tab) signIn(r role) {
	b.t.Helper()
	b.visit("/sign-in")
	b.unfoldPassword()
	b.fill("form[action='/sign-in'] [name=email]", r.Email)
	b.fill("form[action='/sign-in'] [name=password]", r.Password)
	b.click("form[action='/sign-in'] button:not([type=button])")
}

// play signs in as a role with the one click that the demonstration offers.
func (b *tab) play(r role, d *demonstration) {
	b.t.Helper()
	b.visit("/sign-in")
	for i, other := range d.access.Roles {
		if other.Role == r.Role {
			b.click(fmt.Sprintf("ul.roles > li:nth-child(%d) button", i+1))
			return
		}
	}
	b.t.Fatalf("no role %s", r.Role)
}

// unfoldPassword opens the part of the sign-in page that the demonstration folds away.
func (b *tab) unfoldPassword() {
	b.t.Helper()
	if b.has("details:not([open]) form[action='/sign-in']") {
		b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS("details:has(form[action='/sign-in']) > summary"))))
	}
}

// submit clicks what sends a form, whatever status the answer has.
func (b *tab) submit(selector string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		b.t.Fatalf("on %s, submit %s: %v", b.path(), selector, err)
	}
}

// value returns what a field holds.
func (b *tab) value(selector string) string {
	b.t.Helper()
	return evaluate[string](b, fmt.Sprintf("document.querySelector(%q)?.value ?? ''", selector))
}

// leave signs out.
func (b *tab) leave() {
	b.t.Helper()
	b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS("details.account > summary"))))
	b.click("form[action='/sign-out'] button")
	b.at("/sign-in")
}

// key presses a key.
func (b *tab) key(key string) {
	b.t.Helper()
	b.must(chromedp.Do(b.ctx, chromedp.KeyEvent(key)))
}
