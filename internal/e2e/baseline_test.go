package e2e

import (
	"strconv"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// choose puts a file into a field, as somebody who picked it.
func (b *tab) choose(selector, name, text string) {
	b.t.Helper()
	evaluate[bool](b, `((selector, name, text) => {
		const files = new DataTransfer();
		files.items.add(new File([text], name));
		document.querySelector(selector).files = files.files;
		return true;
	})(`+strconv.Quote(selector)+`, `+strconv.Quote(name)+`, `+strconv.Quote(text)+`)`)
}

// TestBaselinePreviewLooks looks at the preview of an import: with problems, of something new, and of a revision.
func TestBaselinePreviewLooks(t *testing.T) {
	d := shared(t)
	for _, lang := range []string{"en", "ar"} {
		b := open(t, d, setting{language: lang})
		b.signIn(d.role(t, "secretariat"))
		for _, file := range []struct{ title, text string }{
			{"Wrong", "id,title,colour\nx y,\nb,B\nb,B\n"},
			{"Demo controls", "group,id,title,text\nac,ac-1,Accounts,Keep a list.\nac,ac-2,Rights,As few as can be.\n"},
			{"NIST Cybersecurity Framework 2.1", "group,id,title,text\nGV.OC,GV.OC-01,GV.OC-01,The mission is understood and informs everybody\n"},
		} {
			b.visit("/baselines")
			b.fill("#title", file.title)
			b.choose("#file", "controls.csv", file.text)
			b.submit("form[action='/baselines/import'] button")
			b.at("/baselines/import/preview")
			look(t, b, lang, "/baselines/import/preview")
		}
		b.visit("/baselines/import/preview")
		b.submit("form[action='/baselines/import/discard'] button")
	}
}

// TestAnswersPreviewLooks looks at what an import of answers would change, and at what is wrong with it.
func TestAnswersPreviewLooks(t *testing.T) {
	d := shared(t)
	for _, lang := range []string{"en", "ar"} {
		b := open(t, d, setting{language: lang})
		b.signIn(d.role(t, "alternate"))
		base := b.firstLink("/baseline", "main a[href^='/baseline/bas_']")
		b.visit(base + "/import")
		b.choose("#file", "answers.csv", "control,maturity,target,evidence\nGV.OC-01,initial,leading,Found in a review\nGV.OC-02,best,,\nnone,initial,,\n")
		b.submit("form[enctype] button")
		b.at(base + "/import/preview")
		look(t, b, lang, "/baseline/import/preview")
		b.visit(base + "/import/preview")
		b.submit("form[action$='/import/discard'] button")
	}
}

// TestBaselineByKeyboard answers a control without a mouse.
func TestBaselineByKeyboard(t *testing.T) {
	d := shared(t)
	b := open(t, d, setting{})
	b.signIn(d.role(t, "analyst"))
	b.visit(b.firstLink("/baseline", "main a[href^='/baseline/bas_']") + "/families/GV.OC")
	const field = "fieldset.control:last-of-type input[type=radio]"
	evaluate[bool](b, `(() => {const all = [...document.querySelectorAll("`+field+`")]; all[0].checked = true; all[0].focus(); return true})()`)
	b.key(kb.ArrowRight)
	b.key(kb.ArrowRight)
	if got := evaluate[string](b, `document.querySelector("`+field+`:checked").value`); got != "developing" {
		t.Errorf("two steps to the right: got %q", got)
	}
	b.submit("form .sticky button")
	b.wants(".flash")
	if got := evaluate[string](b, `document.querySelector("`+field+`:checked").value`); got != "developing" {
		t.Errorf("after it was saved: got %q", got)
	}
}

// firstLink visits a page and returns where its first link that matches leads.
func (b *tab) firstLink(path, selector string) string {
	b.t.Helper()
	b.visit(path)
	return b.link(selector)
}
