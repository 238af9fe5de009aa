package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"comity"
	"comity/intake/profile"
	"comity/intake/profilefile"

	"github.com/google/go-cmp/cmp"
)

// begin sends a file and returns its preview.
func (d *desk) begin(who, file string) answer {
	d.t.Helper()
	if got := d.upload(who, "/profile/import", file).want(http.StatusSeeOther).Location(); got != previewPath {
		d.t.Fatalf("the upload led to %q", got)
	}
	return d.get(who, previewPath)
}

// decide changes the choices of a preview.
func (d *desk) decide(who string, preview answer, set url.Values) answer {
	d.t.Helper()
	form := preview.formValues(previewPath)
	for name, values := range set {
		form[name] = values
	}
	d.post(who, previewPath, form).want(http.StatusSeeOther)
	return d.get(who, previewPath)
}

func (d *desk) save(who string, preview answer) answer {
	d.t.Helper()
	return d.post(who, "/profile/import/save", preview.formValues("/profile/import/save"))
}

const inventory = "vendor,product,version,placement\nFortinet,FortiGate,7.4.1,internet-facing\nApache,Tomcat,9.0,internal\n"

func TestImportShowsEveryProblemBeforeAnythingIsSaved(t *testing.T) {
	d := newDesk(t)
	d.putThreats()
	const wrong = "kind,name,vendor,version,placement,mitigation,coverage\n" +
		"software,,Fortinet,7,outside,,\n" +
		"coverage,,,,,M9999,80\n" +
		"software,Tomcat,Apache,9.0,internal,,\n"
	preview := d.begin("anna", wrong).want(200, "4 problems", "Must not be empty.", "outside", "M9999", "80", "Leave out 2 rows", "1 row read")
	preview.without("/profile/import/save")
	d.post("anna", "/profile/import/save", url.Values{"result": {"x"}}).want(422, "4 problems")
	if d.profileOf(d.a).Revision != 0 {
		t.Fatal("something was saved")
	}
	preview = d.decide("anna", preview, url.Values{"leave": {"1"}})
	d.save("anna", preview).want(http.StatusSeeOther)
	if got := d.profileOf(d.a); len(got.Software) != 1 || got.Software[0].Name != "Tomcat" || len(got.Coverage) != 0 {
		t.Errorf("saved %+v", got)
	}
	d.get("anna", previewPath).want(http.StatusSeeOther)
}

func TestImportOfNothing(t *testing.T) {
	d := newDesk(t)
	d.upload("anna", "/profile/import", "").want(422, "Choose a file, or paste rows.")
	d.upload("anna", "/profile/import", inventory, "extra", "1").want(422)
	d.post("anna", "/profile/import", nil).want(422)
	d.get("anna", previewPath).want(http.StatusSeeOther)
	d.post("anna", "/profile/import/save", url.Values{"result": {""}}).want(404)
	for file, want := range map[string]string{
		strings.Repeat("x", 5<<20):                                     "larger than 4",
		`{"bomFormat":"CycloneDX","specVersion":"1.7"}`:                "1.2 to 1.6",
		`{"bomFormat":"CycloneDX","specVersion":"1.6","components":[`:  "cut off",
		`{"bomFormat":"CycloneDX","specVersion":"1.6","specVersion":1`: "duplicate",
	} {
		d.begin("anna", file).want(200, want, "until it is mended").without("/profile/import/save", "name=\"leave\"")
	}
}

// What is saved is what was shown: neither a change of the profile nor one of the choices in between is passed over.
func TestImportSavesWhatWasShown(t *testing.T) {
	d := newDesk(t)
	preview := d.begin("anna", inventory).want(200, "Added", "Fortinet FortiGate 7.4.1", "Internet-facing")
	if d.profileOf(d.a).Revision != 0 {
		t.Fatal("the preview saved something")
	}
	d.putProfile(d.a, func(p *comity.Profile) {
		p.Software = []comity.Software{{ID: comity.MakeSoftwareID(comity.Entropy{7}), Vendor: "Old", Name: "Thing", Placement: comity.InternalOnly}}
	})
	late := d.save("anna", preview).want(409, "What would be saved has changed")
	late = d.decide("anna", late, url.Values{"mode": {"replace"}})
	d.save("anna", preview).want(409)
	d.get("anna", previewPath+"?show=removed").want(200, "Old Thing")
	d.save("anna", late).want(http.StatusSeeOther)
	p := d.profileOf(d.a)
	if len(p.Software) != 2 {
		t.Fatalf("software %+v", p.Software)
	}
	d.begin("anna", inventory).want(200, "there is nothing to save").without("/profile/import/save")
	d.post("anna", "/profile/import/discard", nil).want(http.StatusSeeOther)
	d.post("anna", "/profile/undo", d.get("anna", "/profile").formValues("/profile/undo")).want(http.StatusSeeOther)
	if got := d.profileOf(d.a).Software; len(got) != 1 || got[0].Name != "Thing" {
		t.Errorf("undone: %+v", got)
	}
}

const components = `{"bomFormat":"CycloneDX","specVersion":"1.6","components":[
{"type":"library","group":"org.acme","name":"gate","version":"1.0","purl":"pkg:maven/org.acme/gate@1.0"},
{"type":"operating-system","publisher":"Acme","name":"OS","version":"12"},
{"type":"library","group":"org.acme","name":"gate","version":"1.0"},
{"type":"file","name":"readme"}]}`

func TestImportOfComponents(t *testing.T) {
	d := newDesk(t)
	kept := comity.Software{
		ID: comity.MakeSoftwareID(comity.Entropy{7}), Vendor: "org.acme", Name: "gate", Version: "1.0", Placement: comity.InternetFacing,
		PatchedOn: comity.Date{Year: 2026, Month: 1, Day: 2},
	}
	d.putProfile(d.a, func(p *comity.Profile) { p.Software = []comity.Software{kept} })
	preview := d.begin("anna", components).want(200, "2 rows read", "1 named again", "1 component is no software", "Acme OS 12", "Operating systems")
	preview = d.decide("anna", preview, url.Values{"class": {"library"}})
	d.get("anna", previewPath+"?show=changed").want(200, "pkg:maven/org.acme/gate@1.0").without("Acme OS")
	preview = d.decide("anna", preview, url.Values{"class": {"library", "operating-system"}, "placement": {"internet-facing"}})
	d.save("anna", preview).want(http.StatusSeeOther)
	kept.PURL = "pkg:maven/org.acme/gate@1.0"
	got := d.profileOf(d.a).Software
	if len(got) != 2 || got[0].Name != "OS" || got[0].Placement != comity.InternetFacing {
		t.Fatalf("software %+v", got)
	}
	if diff := cmp.Diff(kept, got[1]); diff != "" {
		t.Errorf("what the file does not say (-want +got):\n%s", diff)
	}
}

// A draft is of one person in one organisation, for an hour.
func TestImportIsOneOwn(t *testing.T) {
	d := newDesk(t)
	preview := d.begin("anna", inventory)
	for _, who := range []string{"alan", "bert"} {
		d.get(who, previewPath).want(http.StatusSeeOther).without("FortiGate")
		d.post(who, "/profile/import/save", preview.formValues("/profile/import/save")).want(404)
		d.post(who, previewPath, preview.formValues(previewPath)).want(404)
		d.post(who, "/profile/import/discard", nil).want(http.StatusSeeOther)
	}
	for _, who := range []string{"chair", "desk", "reader", "watch"} {
		d.get(who, previewPath).want(403).without("FortiGate")
		for _, path := range []string{"/profile/import/save", previewPath, "/profile/import/discard"} {
			d.post(who, path, nil).want(403)
		}
	}
	d.get("anna", "/profile/import").want(200, "file.csv", "Go on")
	d.now = d.now.Add(time.Hour)
	d.get("anna", previewPath).want(http.StatusSeeOther)
}

// A bill of materials of 5,000 components is read, compared and shown within two seconds and 50 KB.
func TestImportOfALargeInventory(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"bomFormat":"CycloneDX","specVersion":"1.5","components":[`)
	for i := range 5000 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"type":"library","name":"package-%d","version":"1.%d.0","purl":"pkg:npm/package-%d@1.%d.0","description":%q,"hashes":[{"alg":"SHA-256","content":"%064x"}]}`,
			i, i%90, i, i%90, strings.Repeat("words about it ", 8), i)
	}
	b.WriteString("]}")
	d := newDesk(t)
	start := time.Now()
	preview := d.begin("anna", b.String()).want(200, "5000 rows read")
	took := time.Since(start)
	if n := preview.compressed(); n > 50<<10 {
		t.Errorf("the preview has %d bytes compressed", n)
	}
	t.Logf("%d KB in: %s, page of %d bytes compressed", b.Len()>>10, took.Round(time.Millisecond), preview.compressed())
	if took > 10*time.Second { // 2 s on a machine that does nothing else
		t.Errorf("took %s", took)
	}
	d.save("anna", preview).want(http.StatusSeeOther)
	if got := len(d.profileOf(d.a).Software); got != 5000 {
		t.Errorf("%d lines were saved", got)
	}
}

func TestExportIsWhatImportReads(t *testing.T) {
	d := newDesk(t)
	want := d.putProfile(d.a, func(p *comity.Profile) {
		p.Suppliers = []comity.Supplier{{ID: comity.MakeSupplierID(comity.Entropy{1}), Name: "=1+1", Dependence: 0.3}}
		p.Software = []comity.Software{{ID: comity.MakeSoftwareID(comity.Entropy{1}), Vendor: "Hush", Name: "=2+2", Placement: comity.InternetFacing}}
	})
	d.get("anna", "/profile/export.csv").want(200, "'=1+1")
	for _, e := range exports {
		path := "/profile/" + e.file
		file := d.get("anna", path).want(200)
		if got := file.Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment") || file.Header.Get("Content-Type") != e.kind {
			t.Errorf("%s: disposition %q, type %q", path, got, file.Header.Get("Content-Type"))
		}
		f, err := profilefile.Read(strings.NewReader(file.Body), "", profile.Options{})
		got, effects := profile.Apply(want, f.Document, profile.Choice{Mode: profile.Replace})
		if err != nil || len(f.Problems) > 0 || !effects.Empty() || f.Format != e.format {
			t.Errorf("%s: read back %v, %v, %+v, %+v", path, err, f.Problems, effects, got)
		}
		d.get("bert", path).want(200).without("Hush", "=1+1", "=2+2")
		for _, who := range []string{"watch", "desk", "reader"} {
			d.get(who, path).want(403).without("Hush")
		}
		d.get("", path).want(http.StatusSeeOther)
	}
}

// An import is taken back section by section: what somebody changed elsewhere since stays, and what they changed in the
// same section is not overwritten.
func TestUndoTakesBackWhatOneRevisionChanged(t *testing.T) {
	d := newDesk(t)
	d.save("anna", d.begin("anna", inventory)).want(http.StatusSeeOther)
	undo := d.get("anna", "/profile").formValues("/profile/undo")
	d.putProfile(d.a, func(p *comity.Profile) { p.Sectors = []string{"health"} })
	d.post("anna", "/profile/undo", undo).want(http.StatusSeeOther)
	if p := d.profileOf(d.a); len(p.Software) != 0 || len(p.Sectors) != 1 {
		t.Errorf("software %+v, sectors %v", p.Software, p.Sectors)
	}
	d.post("anna", "/profile/undo", undo).want(409)
	d.post("anna", "/profile/undo", url.Values{"revision": {"99"}}).want(409)
}
