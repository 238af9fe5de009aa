package web

import (
	"net/http"
	"strings"
	"testing"

	"comity"

	"github.com/google/go-cmp/cmp"
)

var profilePages = []string{
	"/profile", "/profile/services", "/profile/bands", "/profile/software", "/profile/suppliers", "/profile/scope", "/profile/incidents", "/profile/coverage",
}

func TestProfileIsForItsOwnPeople(t *testing.T) {
	d := newDesk(t)
	d.putThreats()
	d.putProfile(d.a, func(p *comity.Profile) {
		p.Services = []comity.Service{{ID: comity.MakeServiceID(comity.Entropy{1}), Name: "Hush service", Level: comity.LevelStrategic}}
		p.Software = []comity.Software{{ID: comity.MakeSoftwareID(comity.Entropy{1}), Vendor: "Hush", Name: "Software", Placement: comity.InternalOnly}}
		p.Suppliers = []comity.Supplier{{ID: comity.MakeSupplierID(comity.Entropy{1}), Name: "Hush supplier"}}
	})
	d.must(d.store.PutEvidence(t.Context(), deskSystem, comity.Evidence{
		ID: comity.MakeEvidenceID(comity.Entropy{1}), Org: d.a.ID, Scenario: "ransomware", Kind: comity.EvidenceIncident, Note: "Hush note",
		From: comity.Date{Year: 2025, Month: 1, Day: 1}, To: comity.Date{Year: 2025, Month: 12, Day: 31}, Weight: 1, Recorded: d.now,
	}))
	line := "/profile/software/" + string(comity.MakeSoftwareID(comity.Entropy{1}))
	retract := "/profile/incidents/" + string(comity.MakeEvidenceID(comity.Entropy{1})) + "/retract"
	for _, path := range append(profilePages, "/profile/import", "/profile/export.csv", line) {
		d.get("anna", path).want(200)
		for _, who := range []string{"watch", "desk", "reader"} {
			d.get(who, path).want(403).without("Hush")
		}
		d.get("", path).want(http.StatusSeeOther)
	}
	for _, path := range append(profilePages, "/profile/export.csv") {
		d.get("bert", path).want(200).without("Hush")
	}
	d.get("bert", line).want(404)
	d.post("bert", line, nil).want(404)
	d.post("bert", line+"/remove", nil).want(404)
	d.post("bert", retract, nil).want(404)
	for _, path := range profilePages {
		d.get("anna", path).want(200, "TLP:AMBER+STRICT", "the operator of the group")
		d.get("chair", path).want(200)
		for _, who := range []string{"chair", "desk", "reader", "watch"} {
			if path != "/profile" && path != "/profile/software" {
				d.post(who, path, nil).want(403)
			}
		}
	}
	d.get("chair", "/profile/services").want(200, "You may read this", "<fieldset disabled>")
}

func TestServicesAreEnteredChangedAndRemoved(t *testing.T) {
	d := newDesk(t)
	form := d.get("anna", "/profile/services").want(200, "No service yet").formValues("/profile/services")
	form.Set("name.0", "Correspondence & archives")
	form.Set("level.0", "strategic")
	form.Set("confidentiality.0", "4")
	form.Set("name.2", "Field logistics")
	form.Set("level.2", "operational")
	form.Set("reliability.2", "3")
	d.post("anna", "/profile/services", form).want(http.StatusSeeOther)

	p := d.profileOf(d.a)
	if len(p.Services) != 2 || p.Services[0].Criticality != [4]int{4, 0, 0, 0} || p.Services[1].Criticality != [4]int{0, 0, 0, 3} {
		t.Fatalf("services %+v", p.Services)
	}
	page := d.get("anna", "/profile/services").want(200, "Correspondence &amp; archives")
	form = page.formValues("/profile/services")
	form.Set("remove.0", "1")
	form.Set("name.1", "Field logistics and supply")
	d.post("anna", "/profile/services", form).want(http.StatusSeeOther)
	q := d.profileOf(d.a)
	if len(q.Services) != 1 || q.Services[0].ID != p.Services[1].ID || q.Services[0].Name != "Field logistics and supply" {
		t.Fatalf("services %+v", q.Services)
	}
	form = d.get("anna", "/profile").want(200, "Undo the last change").formValues("/profile/undo")
	d.post("anna", "/profile/undo", form).want(http.StatusSeeOther)
	if diff := cmp.Diff(p.Services, d.profileOf(d.a).Services); diff != "" {
		t.Errorf("undone (-want +got):\n%s", diff)
	}
	d.post("anna", "/profile/undo", form).want(409)
}

func TestServicesErrorsKeepWhatWasTyped(t *testing.T) {
	d := newDesk(t)
	form := d.get("anna", "/profile/services").formValues("/profile/services")
	form.Set("name.1", "Mail")
	form.Set("level.1", "tactical")
	form.Set("integrity.1", "9")
	d.post("anna", "/profile/services", form).want(422, `href="#level.1"`, `href="#integrity.1"`, `value="Mail"`, `id="integrity.1-error"`)
	if d.profileOf(d.a).Revision != 0 {
		t.Error("something was saved")
	}
	form.Set("owner.1", "x")
	d.post("anna", "/profile/services", form).want(422)
	form.Del("owner.1")
	form.Set("rows", "100000")
	d.post("anna", "/profile/services", form).want(422)
}

// Somebody else's change to another part is no reason to refuse; one to the same part is, and loses nothing.
func TestProfileConflicts(t *testing.T) {
	d := newDesk(t)
	suppliers := d.get("anna", "/profile/suppliers").formValues("/profile/suppliers")
	suppliers.Set("name.0", "Acme")
	suppliers.Set("dependence.0", "30")
	scope := d.get("alan", "/profile/scope").formValues("/profile/scope")
	scope.Add("sector", "health")
	d.post("alan", "/profile/scope", scope).want(http.StatusSeeOther)
	d.post("anna", "/profile/suppliers", suppliers).want(http.StatusSeeOther)
	p := d.profileOf(d.a)
	if len(p.Suppliers) != 1 || p.Suppliers[0].Dependence != 0.3 || len(p.Sectors) != 1 {
		t.Fatalf("profile %+v", p)
	}
	late := d.post("alan", "/profile/suppliers", suppliers)
	late.want(409, "changed the profile in the meantime", "What is saved now", "Acme")
	d.post("alan", "/profile/suppliers", late.formValues("/profile/suppliers")).want(http.StatusSeeOther)
}

func TestBands(t *testing.T) {
	d := newDesk(t)
	form := d.get("anna", "/profile/bands").want(200).formValues("/profile/bands")
	form.Set("tolerance", "250 000")
	form.Set("which", "own")
	form.Set("low.2.image", "1000")
	form.Set("high.2.image", "900")
	d.post("anna", "/profile/bands", form).want(422, `href="#high.2.image"`)
	form.Set("high.2.image", "90000")
	d.post("anna", "/profile/bands", form).want(http.StatusSeeOther)
	p := d.profileOf(d.a)
	if p.Tolerance != 250_000 || p.Bands == nil || p.Bands[1][comity.AreaImage] != (comity.Interval{Low: 1000, High: 90000}) {
		t.Errorf("tolerance %v, bands %+v", p.Tolerance, p.Bands)
	}
	form = d.get("anna", "/profile/bands").formValues("/profile/bands")
	form.Set("which", "group")
	form.Set("tolerance", "")
	d.post("anna", "/profile/bands", form).want(http.StatusSeeOther)
	if p := d.profileOf(d.a); p.Tolerance != 0 || p.Bands != nil {
		t.Errorf("back to the group's: %+v", p)
	}
}

func TestScope(t *testing.T) {
	d := newDesk(t)
	form := d.get("anna", "/profile/scope").formValues("/profile/scope")
	form["sector"], form["region"] = []string{"science", "environment"}, []string{"global"}
	all := form["scenario"]
	form["scenario"] = all[1:]
	d.post("anna", "/profile/scope", form).want(http.StatusSeeOther)
	p := d.profileOf(d.a)
	want := comity.Profile{Sectors: []string{"environment", "science"}, Regions: []string{"global"}, OutOfScope: []comity.ScenarioID{comity.ScenarioID(all[0])}}
	if diff := cmp.Diff(want, comity.Profile{Sectors: p.Sectors, Regions: p.Regions, OutOfScope: p.OutOfScope}); diff != "" {
		t.Errorf("scope (-want +got):\n%s", diff)
	}
	form.Add("sector", "piracy")
	d.post("anna", "/profile/scope", form).want(422)
}

func TestIncidentsAreRecordedAndRetracted(t *testing.T) {
	d := newDesk(t)
	form := d.get("anna", "/profile/incidents").want(200, "No entry yet").formValues("/profile/incidents")
	form.Set("scenario", "ransomware")
	d.post("anna", "/profile/incidents", form).want(http.StatusSeeOther)
	list, err := d.store.EvidenceOf(t.Context(), deskSystem, d.a.ID)
	d.must(err)
	if len(list) != 1 || list[0].Count != 0 || list[0].Weight != 1 || list[0].From.String() != "2023-08-07" || list[0].To.String() != "2026-08-07" {
		t.Fatalf("evidence %+v", list)
	}
	d.get("anna", "/profile/incidents").want(200, "Retract")
	path := "/profile/incidents/" + string(list[0].ID) + "/retract"
	d.post("anna", path, nil).want(http.StatusSeeOther)
	d.post("anna", path, nil).want(http.StatusSeeOther)
	d.get("anna", "/profile/incidents").want(200, "Retracted 7 August 2026")
	for field, wrong := range map[string]string{"count": "-1", "from": "", "to": "2027-01-01", "scenario": "x", "kind": "report", "note": strings.Repeat("x", 501)} {
		bad := d.get("anna", "/profile/incidents").formValues("/profile/incidents")
		bad.Set(field, wrong)
		d.post("anna", "/profile/incidents", bad).want(422, `href="#`+field+`"`)
	}
}

func TestCoverage(t *testing.T) {
	d := newDesk(t)
	d.get("anna", "/profile/coverage").want(200, "ATT&amp;CK has not been taken in yet")
	d.putThreats()
	form := d.get("anna", "/profile/coverage").want(200, "Multi-factor Authentication", "ATT&amp;CK 18.1").formValues("/profile/coverage")
	form.Set("M1032", "95")
	form.Set("M1030", "0")
	d.post("anna", "/profile/coverage", form).want(http.StatusSeeOther)
	if diff := cmp.Diff(map[string]float64{"M1032": 0.95, "M1030": 0}, d.profileOf(d.a).Coverage); diff != "" {
		t.Errorf("coverage (-want +got):\n%s", diff)
	}
	form.Set("M1032", "96")
	d.post("anna", "/profile/coverage", form).want(422, `href="#M1032"`)
	form.Set("M1032", "")
	form.Set("revision", "1")
	d.post("anna", "/profile/coverage", form).want(http.StatusSeeOther)
	if _, ok := d.profileOf(d.a).Coverage["M1032"]; ok {
		t.Error("an answer that was taken back stayed")
	}
}

func TestSoftwareIsAddedChangedRemoved(t *testing.T) {
	d := newDesk(t)
	form := d.get("anna", "/profile/software/new").want(200).formValues("/profile/software/new")
	d.post("anna", "/profile/software/new", form).want(422, `href="#vendor"`, `href="#name"`, `href="#placement"`)
	form.Set("vendor", "Fortinet")
	form.Set("name", "FortiGate")
	form.Set("version", "7.4.1")
	form.Set("placement", "internet-facing")
	form.Set("cpe", "cpe:2.3:oops")
	d.post("anna", "/profile/software/new", form).want(422, `href="#cpe"`, `value="Fortinet"`)
	form.Set("cpe", "")
	d.post("anna", "/profile/software/new", form).want(http.StatusSeeOther)
	id := d.profileOf(d.a).Software[0].ID
	path := "/profile/software/" + string(id)
	d.get("anna", "/profile/software").want(200, path, "Internet-facing")
	d.get("anna", "/profile/software?q=forti+7.4").want(200, path)
	d.get("anna", "/profile/software?q=tomcat").want(200, "Nothing in your inventory").without(path)

	form = d.get("anna", path).formValues(path)
	form.Set("version", "7.4.4")
	form.Set("patched_on", "2026-08-01")
	d.post("anna", path, form).want(http.StatusSeeOther)
	d.post("anna", path, form).want(409, "7.4.4")
	d.post("anna", path+"/remove", d.get("anna", path).formValues(path+"/remove")).want(http.StatusSeeOther)
	d.get("anna", path).want(404)
	d.post("anna", "/profile/undo", d.get("anna", "/profile").formValues("/profile/undo")).want(http.StatusSeeOther)
	d.get("anna", path).want(200, "7.4.4")
}

func TestProfilePagesInAllLanguagesAreLight(t *testing.T) {
	d := newDesk(t)
	d.putThreats()
	d.putProfile(d.a, func(p *comity.Profile) {
		for i := range 300 {
			p.Software = append(p.Software, comity.Software{
				ID: comity.MakeSoftwareID(comity.Entropy{1, byte(i), byte(i >> 8)}), Vendor: "Vendor " + strings.Repeat("x", i%7), Name: "Product", Placement: comity.InternalOnly,
			})
		}
	})
	for _, lang := range Languages {
		p := d.people["anna"]
		p.Language = lang
		d.people["anna"] = p
		for _, path := range append(profilePages, "/profile/import", "/profile/software/new") {
			page := d.get("anna", path).want(200)
			if n := page.compressed(); n > 15<<10 {
				t.Errorf("%s %s: %d bytes compressed", lang, path, n)
			}
		}
	}
}
