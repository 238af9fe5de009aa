package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"comity"
)

// assessed is a desk with a baseline in force, and the path of the own answers to it.
func assessed(t *testing.T) (d *desk, base string, id comity.BaselineID) {
	d = newDesk(t)
	id = comity.BaselineID(strings.TrimPrefix(d.importBaseline(controlsCSV, "Our own", true), "/baselines/"))
	return d, "/baseline/" + string(id), id
}

func (d *desk) answersOf(o comity.Organization, id comity.BaselineID) map[string]comity.BaselineAnswer {
	d.t.Helper()
	a, err := d.store.BaselineAnswers(d.t.Context(), deskSystem, o.ID, id, 0)
	d.must(err)
	return a.Answers
}

// answer fills in the form of a family and sends it.
func (d *desk) answer(who, path string, set url.Values) answer {
	d.t.Helper()
	form := d.get(who, path).want(200).formValues(path)
	for name, values := range set {
		form[name] = values
	}
	return d.post(who, path, form)
}

func TestSelfAssessmentFromTheFirstAnswerToTheGap(t *testing.T) {
	d := newDesk(t)
	d.get("anna", "/baseline").want(200, "No baseline is in force", "The secretariat and the co-chairs")
	d, base, id := assessed(t)
	d.get("anna", "/baseline").want(200, "0 of 3 controls answered", base)
	d.get("anna", base).want(200, "Begin", base+"/families/ac")
	page := base + "/families/ac"
	got := d.answer("anna", page, url.Values{"m_ac-1": {"developing"}, "e_ac-1": {"the list of <accounts>"}, "t_ac-1": {"advanced"}, "d_ac-1": {"2026-01-31"}, "m_ac-1.1": {"not-applicable"}, "e_ac-1.1": {"too small"}, "next": {"1"}})
	if got.want(http.StatusSeeOther).Location() != base+"/families/bk" {
		t.Errorf("the next family: got %s", got.Location())
	}
	a := d.answersOf(d.a, id)["ac-1"]
	if a.Maturity != comity.MaturityDeveloping || a.Target != comity.MaturityAdvanced || a.Due.String() != "2026-01-31" || a.Evidence != "the list of <accounts>" || a.By != d.people["anna"].ID {
		t.Errorf("got %+v", a)
	}
	d.get("anna", base).want(200, "2 of 3 controls answered", "1 below target", "Go on answering")
	d.get("alan", base+"/gaps").want(200, "AC-1 Accounts", "Developing", "Advanced", "overdue", page+"#ac-1").without("AC-1(1)")
	d.get("anna", base+"/history").want(200, "the list of &lt;accounts&gt;", "Not applicable", "focal-point of X-OCO")
	d.get("anna", base+"/history?control=ac-1").want(200, "all controls").without("too small")
	d.answer("alan", page, url.Values{"m_ac-1": {"established"}}).want(http.StatusSeeOther)
	d.get("anna", base+"/history?control=ac-1").want(200, "Established", "Developing", "Revision 2", "Revision 1")
	d.answer("alan", page, nil).want(http.StatusSeeOther)
	if a := d.answersOf(d.a, id)["ac-1"]; a.Revision != 2 {
		t.Errorf("saving the same made revision %d", a.Revision)
	}
}

func TestSelfAssessmentSaysWhatIsWrong(t *testing.T) {
	d, base, id := assessed(t)
	page := base + "/families/ac"
	d.answer("anna", page, url.Values{"m_ac-1": {"not-applicable"}, "d_ac-1.1": {"2026-01-31"}}).want(http.StatusUnprocessableEntity, "Say in the evidence why", "A date needs a target", `href="#e_ac-1"`)
	d.answer("anna", page, url.Values{"m_ac-1": {"perfect"}}).want(http.StatusUnprocessableEntity)
	d.answer("anna", page, url.Values{"t_ac-1": {"not-applicable"}}).want(http.StatusUnprocessableEntity)
	d.answer("anna", page, url.Values{"e_ac-1": {strings.Repeat("x", 4001)}}).want(http.StatusUnprocessableEntity)
	d.answer("anna", page, url.Values{"x": {"1"}}).want(http.StatusUnprocessableEntity)
	if len(d.answersOf(d.a, id)) != 0 {
		t.Error("something was saved")
	}
	// Two people at once: another control is fine, the same one is told.
	begun := d.get("anna", page).formValues(page)
	d.answer("alan", page, url.Values{"m_ac-1.1": {"leading"}}).want(http.StatusSeeOther)
	begun.Set("m_ac-1", "initial")
	d.post("anna", page, begun).want(http.StatusConflict, "Somebody of your organisation answered")
	begun.Set("m_ac-1.1", "leading")
	d.post("anna", page, begun).want(http.StatusSeeOther)
}

func TestWholeFamilyIsAnsweredAtOnce(t *testing.T) {
	d, base, id := assessed(t)
	page := base + "/families/ac"
	d.answer("anna", page, url.Values{"m_ac-1": {"leading"}}).want(http.StatusSeeOther)
	d.post("anna", page+"/fill", url.Values{"maturity": {"developing"}, "target": {"established"}, "due": {"2027-06-30"}}).want(http.StatusSeeOther)
	got := d.answersOf(d.a, id)
	if got["ac-1"].Maturity != comity.MaturityLeading || got["ac-1"].Target != comity.MaturityEstablished || got["ac-1.1"].Maturity != comity.MaturityDeveloping || got["ac-1.1"].Due.String() != "2027-06-30" || len(got) != 2 {
		t.Errorf("got %+v", got)
	}
	for _, wrong := range []url.Values{{"maturity": {"not-applicable"}}, {"target": {"x"}}, {"due": {"2027-06-30"}}} {
		d.post("anna", page+"/fill", wrong).want(http.StatusUnprocessableEntity)
	}
}

func TestNewWordingAsksForAnotherLook(t *testing.T) {
	d, base, id := assessed(t)
	page := base + "/families/ac"
	d.answer("anna", page, url.Values{"m_ac-1": {"established"}}).want(http.StatusSeeOther)
	d.upload("desk", "/baselines/import", controlsNext, "title", "Our own").want(http.StatusSeeOther)
	form := d.get("desk", baselinePreview).formValues("/baselines/import/save")
	d.post("desk", "/baselines/import/save", form).want(http.StatusSeeOther)
	d.get("anna", base).want(200, "1 of 3 controls answered", "1 worded anew")
	d.get("anna", page).want(200, "says something else than when it was answered", "The answer is still right")
	d.post("anna", page+"/fill", url.Values{"target": {"leading"}}).want(http.StatusSeeOther)
	d.answer("anna", page, nil).want(http.StatusSeeOther)
	d.get("anna", page).want(200, "says something else")
	d.answer("anna", page, url.Values{"c_ac-1": {"1"}}).want(http.StatusSeeOther)
	d.get("anna", page).want(200).without("says something else")
	if a := d.answersOf(d.a, id)["ac-1"]; a.Maturity != comity.MaturityEstablished || a.Revision != 2 || a.Target != "" {
		t.Errorf("got %+v", a)
	}
}

// TestLongFamilyIsShownInPages holds that a big baseline stays comfortable, and its pages small.
func TestLongFamilyIsShownInPages(t *testing.T) {
	d := newDesk(t)
	var file strings.Builder
	file.WriteString("group,id,title,text\n")
	for i := range 60 {
		fmt.Fprintf(&file, "sc,sc-%d,Control %d,\"%s\"\n", i, i, strings.Repeat("Protect this and that, by whatever is fit. ", 8))
	}
	base := "/baseline/" + strings.TrimPrefix(d.importBaseline(file.String(), "Big", true), "/baselines/")
	page := d.get("anna", base+"/families/sc").want(200, "Control 24", `from=25`)
	page.without("Control 25<")
	if size := page.compressed(); size > 15<<10 {
		t.Errorf("a page of 25 controls is %d bytes compressed", size)
	}
	second := base + "/families/sc?from=25"
	d.answer("anna", second, url.Values{"m_sc-30": {"initial"}, "next": {"1"}}).want(http.StatusSeeOther)
	d.get("anna", second).want(200, "Here 1 of 60", base+"/families/sc?from=50")
	d.get("anna", base+"/families/sc?from=9999").want(200, "Control 59")
	d.post("anna", base+"/families/sc/fill", url.Values{"maturity": {"initial"}}).want(http.StatusSeeOther)
	d.get("anna", base).want(200, "60 of 60 controls answered")
}

// TestAnswersStayWithTheirOrganisation looks for one organisation's answers on every page of everybody else.
func TestAnswersStayWithTheirOrganisation(t *testing.T) {
	d, base, id := assessed(t)
	page := base + "/families/ac"
	d.answer("anna", page, url.Values{"m_ac-1": {"leading"}, "e_ac-1": {"hush-hush"}}).want(http.StatusSeeOther)
	d.release(1)
	for _, who := range []string{"bert", "watch", "desk", "reader"} {
		for _, path := range []string{"/", "/releases/1", "/baselines", "/baselines/" + string(id), "/baseline", base, page, base + "/gaps", base + "/history", "/administration/audit", "/organization", "/profile/coverage"} {
			d.get(who, path).without("hush-hush", "1 of 3")
		}
	}
	for who, want := range map[string]int{"anna": 200, "alan": 200, "chair": 200, "bert": 200, "watch": 403, "desk": 403, "reader": 403, "": 303} {
		for _, path := range []string{"/baseline", base, page, base + "/gaps", base + "/history"} {
			if got := d.get(who, path).Status; got != want {
				t.Errorf("%s as %q: %d, want %d", path, who, got, want)
			}
		}
	}
	for _, who := range []string{"chair", "watch", "desk", "reader"} {
		d.post(who, page, url.Values{"revision": {"0"}, "m_ac-1": {"initial"}}).want(http.StatusForbidden)
		d.post(who, page+"/fill", url.Values{"maturity": {"initial"}}).want(http.StatusForbidden)
	}
	d.get("chair", page).want(200, "fieldset disabled").without("/fill")
	if got := d.answersOf(d.a, id)["ac-1"]; got.Maturity != comity.MaturityLeading {
		t.Errorf("got %+v", got)
	}
	d.get("anna", base+"/families/none").want(http.StatusNotFound)
	d.get("anna", "/baseline/bas_0000000000000000").want(http.StatusNotFound)
	d.inEveryLanguage("anna", "/baseline", base, page, base+"/gaps", base+"/history")
}

// TestAnswersGoOutAndComeBack exports answers, changes the table and imports it.
func TestAnswersGoOutAndComeBack(t *testing.T) {
	d, base, id := assessed(t)
	d.answer("anna", base+"/families/ac", url.Values{"m_ac-1": {"developing"}, "e_ac-1": {"as it is"}}).want(http.StatusSeeOther)
	csv := d.get("anna", base+"/answers.csv").want(200, "ac-1,AC-1,Accounts,developing,,,as it is").Body
	book := d.get("chair", base+"/answers.xlsx").want(200).Body
	for name, file := range map[string]string{"csv": csv, "xlsx": book} {
		d.upload("anna", base+"/import", file).want(http.StatusSeeOther)
		d.get("anna", base+"/import/preview").want(200, "1 answer read", "Nothing would change").without("/import/save")
		if a := d.answersOf(d.a, id)["ac-1"]; a.Revision != 1 {
			t.Errorf("%s: revision %d", name, a.Revision)
		}
	}
	d.upload("anna", base+"/import", "").want(http.StatusUnprocessableEntity, "Choose a file")

	const table = "control,maturity,target,evidence\nAC-1,established,leading,better\nbk-1,best,,\nac-1.1,,,\nzz,initial,,\n"
	d.upload("anna", base+"/import", table).want(http.StatusSeeOther)
	preview := d.get("anna", base+"/import/preview").want(200, "1 answer read", "1 would change", "2 problems", "line 3", "The baseline has no control zz", "<del class=\"quiet\">Developing</del>")
	form := preview.formValues(base + "/import/save")
	d.post("anna", base+"/import/save", form).want(http.StatusUnprocessableEntity, "There are rows with problems")
	form.Set("leave", "1")
	late := url.Values{"revision": {"0"}, "leave": {"1"}}
	d.post("anna", base+"/import/save", late).want(http.StatusConflict, "Somebody answered one of these controls meanwhile")
	d.post("anna", base+"/import/save", form).want(http.StatusSeeOther)
	got := d.answersOf(d.a, id)
	if a := got["ac-1"]; len(got) != 1 || a.Maturity != comity.MaturityEstablished || a.Evidence != "better" || a.Revision != 2 {
		t.Errorf("got %+v", got)
	}
	if gone := d.get("anna", base+"/import/preview"); gone.Status != http.StatusSeeOther {
		t.Errorf("the draft is still there: %d", gone.Status)
	}
	d.upload("anna", base+"/import", table).want(http.StatusSeeOther)
	d.inEveryLanguage("anna", base+"/import", base+"/import/preview", base)
	d.post("anna", base+"/import/discard", nil).want(http.StatusSeeOther)
	for _, who := range []string{"chair", "watch", "desk", "reader"} {
		for _, path := range []string{base + "/import", base + "/import/preview"} {
			d.get(who, path).want(http.StatusForbidden)
		}
		d.upload(who, base+"/import", table).want(http.StatusForbidden)
	}
	for _, who := range []string{"watch", "desk", "reader"} {
		d.get(who, base+"/answers.csv").want(http.StatusForbidden)
		d.get(who, base+"/answers.xlsx").want(http.StatusForbidden)
	}
	d.get("bert", base+"/answers.csv").want(200).without("better", "established")
}
