package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"comity"
)

// newDocument makes a document as the secretariat and returns its path.
func (d *desk) newDocument(title string, kind comity.DocumentKind, label comity.TLP) string {
	d.t.Helper()
	path := d.post("desk", "/documents/new", url.Values{"title": {title}, "kind": {string(kind)}, "tlp": {label.String()}}).want(http.StatusSeeOther).Location()
	if !strings.HasPrefix(path, "/documents/doc_") {
		d.t.Fatalf("a new document leads to %q", path)
	}
	return path
}

// publish drafts the next revision of a document and publishes it; without a day it is only proposed.
func (d *desk) publish(path, text string, day comity.Date, more url.Values) {
	d.t.Helper()
	form := d.get("desk", path+"/draft").want(200).formValues(path + "/draft")
	form.Set("text", text)
	for name, values := range more {
		form[name] = values
	}
	at := d.post("desk", path+"/draft", form).want(http.StatusSeeOther).Location()
	number, err := strconv.Atoi(at[strings.LastIndexByte(at, '/')+1:])
	d.must(err)
	how := url.Values{"version": d.get("desk", path+"/draft").formValues(path + "/draft/publish")["version"], "how": {"propose"}}
	if !day.IsZero() {
		how.Set("how", "effective")
		how.Set("effective", day.String())
	}
	d.post("desk", path+"/draft/publish", how).want(http.StatusSeeOther)
	d.get("desk", path+"/"+strconv.Itoa(number)).want(200).without("This is a draft")
}

func TestDocumentsAreRevisions(t *testing.T) {
	d := newDesk(t)
	d.get("anna", "/documents").want(200, "No documents yet").without("New document")
	path := d.newDocument("Guidance on edge devices", comity.DocumentGuidance, comity.TLPGreen)
	d.get("anna", path).want(200, "No revision that you can see").without("Draft the next revision")
	today := comity.DateOf(d.now)
	d.publish(path, "# Edge\n\nReplace what is *not* patched. <script>alert(1)</script>", today, url.Values{"note": {"First edition."}})
	d.get("anna", path+"/current").want(http.StatusSeeOther)
	d.get("anna", path+"/1").want(200, "<em>not</em>", "In force", "First edition.", path+"/1", "SHA-256 of the text").without("<script>alert")
	d.publish(path, "# Edge\n\nReplace what is not patched within 72 hours.", comity.Date{}, nil)
	d.get("anna", path).want(200, "Proposed", "In force", "Rev. 2")
	if got := d.get("anna", path+"/current").Location(); got != path+"/1" {
		t.Errorf("what is proposed is in force: %s", got)
	}
	d.get("anna", path+"/difference").want(200, "<ins>", "within 72 hours", "<del>")
	d.get("anna", path+"/difference?from=1&to=9").want(404)
	text := d.get("anna", path+"/2/revision.md").want(200, "within 72 hours")
	if got := text.Header.Get("Content-Security-Policy"); !strings.HasPrefix(got, "sandbox") {
		t.Errorf("a text that somebody put in is sent with the policy %q", got)
	}
	d.get("anna", path+"/1/revision.pdf").want(404)
	if pdf := d.get("anna", path+"/1/text.pdf").want(200); !strings.HasPrefix(pdf.Body, "%PDF-") {
		t.Errorf("no PDF: %.20q", pdf.Body)
	}
	d.get("anna", path+"/1/text.docx").want(200)
	d.get("anna", path+"/1/text.html").want(200, "TLP:GREEN", "<em>not</em>", "Replace what is", "Rev. 1").without("<script>alert")
	d.get("anna", path+"/01").want(404)
	d.get("anna", path+"/x").want(404)
	d.inEveryLanguage("desk", "/documents", "/documents/new", path, path+"/1", path+"/edit", path+"/draft", path+"/difference")
}

func TestDocumentsHeedRolesAndMarkings(t *testing.T) {
	d := newDesk(t)
	path := d.newDocument("Amber paper", comity.DocumentPaper, comity.TLPAmber)
	d.publish(path, "Only for members.", comity.DateOf(d.now), nil)
	clear := d.newDocument("Clear paper", comity.DocumentPaper, comity.TLPClear)
	d.publish(clear, "For all.", comity.DateOf(d.now), nil)
	pages := []string{path, path + "/1", path + "/current", path + "/difference", path + "/1/revision.md", path + "/1/text.pdf", path + "/1/text.html"}
	for _, page := range pages {
		d.get("reader", page).want(404).without("Amber paper", "Only for members")
	}
	d.get("reader", "/documents").want(200, "Clear paper").without("Amber paper")
	d.get("reader", clear+"/1").want(200, "For all.")
	for _, who := range []string{"anna", "bert", "watch", "reader"} {
		for _, page := range []string{"/documents/new", clear + "/edit", clear + "/draft"} {
			d.get(who, page).want(403)
		}
		for _, action := range []string{"/documents/new", clear + "/edit", clear + "/draft", clear + "/draft/publish", clear + "/draft/delete"} {
			d.post(who, action, url.Values{}).want(403)
		}
	}
	form := d.get("desk", path+"/draft").formValues(path + "/draft")
	form.Set("text", "A secret draft.")
	d.post("desk", path+"/draft", form).want(http.StatusSeeOther)
	d.get("anna", path+"/2").want(404).without("secret draft")
	d.get("anna", path).want(200).without("Rev. 2")
	form.Set("tlp", "TLP:GREEN")
	d.post("desk", path+"/draft", form).want(422, "No wider than the document")
	d.get("", path).want(http.StatusSeeOther)
}

func TestTermsOfReferenceBind(t *testing.T) {
	d := newDesk(t)
	path := d.newDocument("Terms of Reference", comity.DocumentTerms, comity.TLPGreen)
	d.publish(path, "We meet.", comity.DateOf(d.now).AddDays(-3), url.Values{"silence_days": {"7"}})
	d.get("anna", path+"/1").want(200, "7 days", "more than 1 of 2")
	rules, err := d.store.RulesInForce(t.Context(), comity.ViewerOf(d.people["anna"]), comity.DateOf(d.now))
	d.must(err)
	if rules.SilenceDays != 7 || rules.Revision != 1 {
		t.Errorf("in force: %+v", rules)
	}
	form := d.get("desk", path+"/draft").formValues(path + "/draft")
	form.Set("quorum_numerator", "3")
	form.Set("quorum_denominator", "2")
	d.post("desk", path+"/draft", form).want(422, "Want a part of the members")
	d.post("desk", "/documents/new", url.Values{"title": {"Other terms"}, "kind": {"terms-of-reference"}, "tlp": {"TLP:GREEN"}}).want(422, "There are Terms of Reference already")
}

func TestDocumentFile(t *testing.T) {
	d := newDesk(t)
	path := d.newDocument("Paper as PDF", comity.DocumentPaper, comity.TLPGreen)
	form := d.get("desk", path+"/draft").formValues(path + "/draft")
	form.Set("text", "See the file.")
	d.post("desk", path+"/draft", form).want(http.StatusSeeOther)
	version := d.get("desk", path+"/draft").formValues(path + "/draft/publish").Get("version")
	d.upload("desk", path+"/draft/file", "not a PDF", "version", version).want(http.StatusSeeOther)
	d.get("desk", path+"/draft").want(200, "No file yet.")
	pdf := "%PDF-1.7\n1 0 obj\n<< >>\nendobj\nxref\n0 1\ntrailer\n<< >>\nstartxref\n9\n%%EOF\n"
	d.upload("desk", path+"/draft/file", pdf, "version", version).want(http.StatusSeeOther)
	version = d.get("desk", path+"/draft").formValues(path + "/draft/publish").Get("version")
	d.post("desk", path+"/draft/publish", url.Values{"version": {version}, "how": {"effective"}, "effective": {comity.DateOf(d.now).String()}}).want(http.StatusSeeOther)
	file := d.get("anna", path+"/1/revision.pdf").want(200)
	if file.Body != pdf || !strings.HasPrefix(file.Header.Get("Content-Security-Policy"), "sandbox") || !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the file came back as %q with %v", file.Body, file.Header)
	}
}

func TestProposedRevisionIsAdopted(t *testing.T) {
	d := newDesk(t)
	d.withTerms()
	path := d.newDocument("Guidance", comity.DocumentGuidance, comity.TLPGreen)
	d.publish(path, "Old.", comity.DateOf(d.now).AddDays(-5), nil)
	d.publish(path, "New.", comity.Date{}, nil)
	d.get("desk", path+"/2").want(200, "A session has adopted it", "No decision is in the register yet")
	question := d.open(comity.ProcedureSilence, comity.TLPGreen, nil)
	d.deadline(20)
	d.get("anna", path+"/2").want(200, "Proposed").without("A session has adopted it")
	form := d.get("desk", path+"/2").formValues(path + "/2/adopt")
	for _, who := range []string{"anna", "bert", "watch", "reader"} {
		d.post(who, path+"/2/adopt", form).want(403)
	}
	early := url.Values{"decision": form["decision"], "effective": {comity.DateOf(d.now).AddDays(-60).String()}}
	d.post("desk", path+"/2/adopt", early).want(422, "Not before the day on which another revision")
	d.post("desk", path+"/2/adopt", url.Values{"decision": {"dec_none"}, "effective": form["effective"]}).want(422)
	d.post("desk", path+"/2/adopt", form).want(http.StatusSeeOther)
	page := d.get("anna", path+"/2").want(200, "In force", "Approved by", "/26/D001", "Supersedes")
	page.without(question)
	d.post("desk", path+"/2/adopt", form).want(422) // it is in force: nothing is offered
	d.inEveryLanguage("anna", path+"/2")
}
