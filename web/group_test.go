package web

import (
	"net/http"
	"net/url"
	"testing"

	"comity"
)

func TestGroupPage(t *testing.T) {
	d := newDesk(t)
	d.get("anna", "/group").want(200, "Reports to MDTN", "Nobody leads the group yet", "No Terms of Reference are in force", "No working groups", "No regular session is planned").without("/group/terms/new", "New working group")
	d.inEveryLanguage("desk", "/group", "/group/terms/new", "/group/working-groups/new")
	form := d.get("desk", "/administration/group").want(200).formValues("/administration/group")
	form.Set("secretariat", string(d.b.ID))
	form.Set("established", "2011")
	form.Set("reporting_line", "MDTN → Committee")
	form.Set("links", "Network | javascript:alert(1)")
	d.post("desk", "/administration/group", form).want(422, "an address that begins with https://")
	form.Set("links", "Network | https://mdtn.example/")
	form.Set("secretariat", "org_none")
	d.post("desk", "/administration/group", form).want(422)
	form.Set("secretariat", string(d.b.ID))
	d.post("desk", "/administration/group", form).want(http.StatusSeeOther)
	d.withTerms()
	d.get("anna", "/group").want(200, "since 2011", "Reports to MDTN → Committee", "Secretariat: X-SSA", `href="https://mdtn.example/"`, "more than 1 of 2")
	d.get("", "/group").want(http.StatusSeeOther)
}

func TestCoChairsHandOver(t *testing.T) {
	d := newDesk(t)
	d.withTerms()
	today := comity.DateOf(d.now)
	for _, who := range []string{"anna", "chair", "watch", "reader"} {
		d.get(who, "/group/terms/new").want(403)
		d.post(who, "/group/terms/new", url.Values{}).want(403)
	}
	form := d.get("desk", "/group/terms/new").want(200, "a term lasts 24 months").formValues("/group/terms/new")
	form.Set("org", string(d.a.ID))
	form.Set("from", today.AddDays(-700).String())
	form.Set("until", today.AddDays(-800).String())
	d.post("desk", "/group/terms/new", form).want(422, "A term has a first day")
	form.Set("until", today.AddDays(30).String())
	d.post("desk", "/group/terms/new", form).want(http.StatusSeeOther)
	d.post("desk", "/group/terms/new", form).want(http.StatusConflict, "both co-chairs would be of one organisation")
	d.get("anna", "/group").want(200, "X-OCO", "ends soon").without("Hand over")
	d.get("desk", "/group").want(200, "/group/terms/new?over="+string(d.a.ID))
	next := d.get("desk", "/group/terms/new?over="+string(d.a.ID)).formValues("/group/terms/new")
	next.Set("org", string(d.b.ID))
	next.Set("from", today.AddDays(5).String())
	d.post("desk", "/group/terms/new", next).want(http.StatusSeeOther)
	d.get("anna", "/group").want(200, "Coming", "X-SSA")
	d.now = d.now.AddDate(0, 0, 6)
	_, err := d.store.ApplyTerms(t.Context(), deskSystem, comity.DateOf(d.now))
	d.must(err)
	d.get("anna", "/group").want(200, "Earlier: 1 term").without("Coming")
	d.inEveryLanguage("anna", "/group")
}

func TestWorkingGroups(t *testing.T) {
	d := newDesk(t)
	form := d.get("desk", "/group/working-groups/new").want(200).formValues("/group/working-groups/new")
	form.Set("name", "Edge devices")
	form.Set("purpose", "Writes guidance.")
	form.Set("chair", string(d.a.ID))
	form.Set("members", string(d.b.ID))
	form.Set("mandate", "2020-01-01")
	d.post("desk", "/group/working-groups/new", form).want(422, "The mandate ends after the day")
	form.Set("mandate", comity.DateOf(d.now).AddDays(10).String())
	form.Set("tlp", "TLP:AMBER")
	path := d.post("desk", "/group/working-groups/new", form).want(http.StatusSeeOther).Location()
	d.get("anna", path).want(200, "Edge devices", "Writes guidance.", "X-OCO", "X-SSA", "No documents yet").without("Close it")
	d.get("anna", "/group").want(200, "Edge devices", "TLP:AMBER")
	for _, who := range []string{"watch", "reader"} {
		d.get(who, path).want(404)
		d.get(who, "/group").want(200).without("Edge devices", "TLP:AMBER")
	}
	for _, who := range []string{"anna", "bert", "watch", "reader"} {
		d.get(who, path+"/edit").want(403)
		for _, action := range []string{path + "/edit", path + "/close", "/group/working-groups/new"} {
			d.post(who, action, url.Values{}).want(403)
		}
	}
	edit := d.get("desk", path+"/edit").want(200).formValues(path + "/edit")
	edit.Set("name", "Edge and mail")
	d.post("desk", path+"/edit", edit).want(http.StatusSeeOther)
	d.post("desk", path+"/edit", edit).want(http.StatusConflict, "Somebody else saved it in between")
	closing := d.get("desk", path).formValues(path + "/close")
	d.post("desk", path+"/close", closing).want(http.StatusSeeOther)
	d.get("anna", path).want(200, "Edge and mail", "closed since")
	d.inEveryLanguage("desk", path, path+"/edit")
	reopen := d.get("desk", path).formValues(path + "/close")
	d.post("desk", path+"/close", reopen).want(http.StatusSeeOther)
	d.get("anna", path).want(200).without("closed since")
}

func TestGroupIsRemindedToMeet(t *testing.T) {
	d := newDesk(t)
	d.withTerms()
	path := d.newSession(comity.SessionRegular, "Yearly session", comity.TLPGreen)
	d.newItem(path, "Opening", comity.TLPGreen)
	d.moved(path, comity.SessionPublished)
	d.now = d.now.AddDate(0, 3, 0)
	d.get("desk", "/").want(200).without("No regular session is planned in time")
	d.now = d.now.AddDate(0, 8, 0)
	for _, page := range []string{"/", "/group"} {
		d.get("desk", page).want(200, "No regular session is planned in time", "due by 7 August 2027", "/sessions/new")
	}
	d.get("anna", "/").want(200).without("No regular session is planned in time")
	d.get("anna", "/group").want(200, "No regular session is planned in time").without("/sessions/new")
	next := d.newSession(comity.SessionRegular, "Next session", comity.TLPGreen, "starts", "2027-08-01T09:00", "ends", "2027-08-01T12:00")
	d.get("desk", "/").want(200).without("No regular session is planned in time")
	d.get("desk", "/group").want(200, next)
	d.inEveryLanguage("desk", "/", "/group")
}
