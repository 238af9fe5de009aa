package e2e

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestInvitedFocalPoint follows an organisation into the group: the secretariat adds it and invites its focal point, who
// accepts in another browser, says how the organisation is reached, verifies it and invites an analyst, who accepts too.
func TestInvitedFocalPoint(t *testing.T) {
	d, err := start(filepath.Join(t.TempDir(), "demo"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.stop(); err != nil {
			t.Errorf("SIGTERM: %v", err)
		}
	})
	for _, way := range []struct {
		name, acronym string
		setting       setting
	}{
		{"en", "X-NEW", setting{language: "en"}},
		{"ar", "X-NEWER", setting{language: "ar", width: 320}},
		{"no-script", "X-PLAIN", setting{language: "en", noScript: true}},
	} {
		t.Run(way.name, func(t *testing.T) {
			look := func(b *tab) {
				if !way.setting.noScript {
					b.accessible(t)
					b.fits(t)
				}
			}
			mail := strings.ToLower(way.acronym) + ".example"
			secretariat := open(t, d, way.setting)
			secretariat.signIn(d.role(t, "secretariat"))
			secretariat.visit("/administration/organizations/new")
			secretariat.fill("[name=name]", "Newcomer of "+way.name)
			secretariat.fill("[name=acronym]", way.acronym)
			secretariat.click("main form button:not([name])")
			link := secretariat.invite(t, look, "ciso@"+mail, "focal-point")

			focal := open(t, d, way.setting)
			focal.accept(look, link, "a lamp behind nine green doors")
			focal.visit("/members")
			focal.click("main .own a[href^='/members/org_']")
			focal.click("main a[href$='/operational']")
			focal.fill("[name=name]", "Duty desk, "+way.acronym)
			focal.fill("[name=phone]", "+999 555 0177")
			focal.click("main form.form button:not([name])")
			focal.wants("main a[href='tel:+9995550177']", "main form[action$='/verify']")
			focal.click("main form[action$='/verify'] button")
			focal.wants("[role=status]")
			look(focal)
			focal.lacks(".main-nav a[href='/administration']")
			focal.click(".main-nav a[href^='/administration/organizations/org_']")
			link = focal.invite(t, look, "analyst@"+mail, "analyst")

			analyst := open(t, d, way.setting)
			analyst.accept(look, link, "seven blue kites over a harbour")
			analyst.visit("/account")
			analyst.wants("main form[action='/account/password']")
			analyst.lacks(".main-nav a[href^='/administration']")
			if status := analyst.open(link); status != 404 {
				t.Errorf("a used link answers %d, want 404", status)
			}
		})
	}
}

// invite makes an invitation from an organisation's page of people, and returns its path.
func (b *tab) invite(t *testing.T, look func(*tab), email, role string) string {
	t.Helper()
	b.click("main a[href$='/invite']")
	look(b)
	b.fill("[name=email]", email)
	b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS("[name=role][value="+role+"]"))))
	b.click("main form button:not([name])")
	link := evaluate[string](b, "document.querySelector('#link').textContent.trim()")
	if !strings.HasPrefix(link, b.base+"/invitation/") {
		t.Fatalf("the link is %q", link)
	}
	look(b)
	return strings.TrimPrefix(link, b.base)
}

// accept opens the link of an invitation, checks the page and sets a password.
func (b *tab) accept(look func(*tab), link, password string) {
	b.t.Helper()
	b.visit(link)
	look(b)
	b.fill("[name=name]", "Somebody new")
	b.fill("[name=password]", password)
	b.click("main form.form button:not([name])")
	b.wants("details.account")
}
