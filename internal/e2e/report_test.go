package e2e

import "testing"

// TestBrief writes the brief to the parent network: begins it, says what is asked of the parent, takes it along, freezes it,
// and reads it as the parent network does.
func TestBrief(t *testing.T) {
	d := shared(t)
	desk := open(t, d, setting{language: "en"})
	desk.signIn(d.role(t, "secretariat"))
	desk.visit("/reports/new")
	desk.fill("#kind", "brief")
	desk.fill("#tlp", "TLP:CLEAR")
	desk.click("form[action='/reports/new'] button")
	path := evaluate[string](desk, "location.pathname.split('/').slice(0, 3).join('/')")
	desk.visit(path + "/edit")
	desk.fill("fieldset:last-of-type textarea", "Fund the joint exercise.")
	desk.click("form[action$='/edit'] button")
	desk.visit(path)
	for _, ending := range []string{"pdf", "docx", "html"} {
		const whole = `(async () => {const r = await fetch(location.pathname + "/en/report.`
		if !evaluate[bool](desk, whole+ending+`"); return r.ok && (await r.arrayBuffer()).byteLength > 2000})()`) {
			t.Errorf("no %s of the draft", ending)
		}
	}
	desk.click("form[action$='/freeze'] button")
	desk.lacks("form[action$='/freeze']")
	desk.accessible(t)

	reader := open(t, d, setting{language: "ar", noScript: true})
	reader.signIn(d.role(t, "parent-network-reader"))
	reader.visit("/reports")
	reader.wants("main a[href='" + path + "']")
	reader.visit(path)
	reader.wants("a[href$='.pdf']")
}
