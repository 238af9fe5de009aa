package web

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"comity"
)

// contact stores a contact of an organisation, verified on the desk's day.
func (d *desk) contact(o comity.Organization, f comity.ContactFunction, name string) comity.Contact {
	d.t.Helper()
	c, err := d.store.PutContact(d.t.Context(), deskSystem, comity.Contact{
		Org: o.ID, Function: f, Name: name, Email: "desk@" + strings.ToLower(o.Acronym) + ".example", Phone: "+999 555 0100", Hours: "24×7",
		Other: "satellite 7", Languages: "en", Key: "0123456789ABCDEF0123456789ABCDEF01234567", Verified: d.now,
	}, d.now)
	d.must(err)
	return c
}

// directory is a desk whose organisations can be reached.
func directory(t *testing.T) *desk {
	d := newDesk(t)
	d.person("auditor", d.b, comity.RoleAuditor)
	d.person("norole", d.a, 0)
	d.contact(d.a, comity.ContactFocalPoint, "Alpha chief")
	d.contact(d.a, comity.ContactOperational, "Alpha desk")
	d.contact(d.b, comity.ContactOperational, "Bravo desk")
	return d
}

var directoryReaders = []string{"anna", "alan", "chair", "bert", "watch", "desk", "reader", "auditor"}

func TestRolesReachTheDirectory(t *testing.T) {
	d := directory(t)
	member, form := memberPath(d.a.ID), memberPath(d.a.ID)+"/focal-point"
	for _, page := range []struct {
		path string
		who  []string
	}{
		{"/members", directoryReaders},
		{"/members/sheet", directoryReaders},
		{"/members/contacts.csv", directoryReaders},
		{"/members/contacts.html", directoryReaders},
		{"/members/contacts.pdf", directoryReaders},
		{"/members/contacts.vcf", directoryReaders},
		{member, directoryReaders},
		{form, []string{"anna", "desk"}},
	} {
		for _, who := range append([]string{"", "norole"}, directoryReaders...) {
			want := http.StatusForbidden
			switch {
			case slices.Contains(page.who, who):
				want = http.StatusOK
			case who == "":
				want = http.StatusSeeOther
			}
			if got := d.get(who, page.path).Status; got != want {
				t.Errorf("%s as %q: status %d, want %d", page.path, who, got, want)
			}
		}
	}
	d.get("anna", "/members/org_0000000000000000").want(http.StatusNotFound)
	d.get("anna", memberPath(d.a.ID)+"/head-of-state").want(http.StatusNotFound)
}

// TestOthersDoNotSeeHowToReachMembers visits every way out as those who are no members.
func TestOthersDoNotSeeHowToReachMembers(t *testing.T) {
	d := directory(t)
	secrets := []string{"0100", "x-oco.example", "24×7", "satellite", "01234567", "Alpha desk", "0123 4567"}
	for _, who := range []string{"watch", "reader", "auditor"} {
		for _, path := range []string{"/members", "/members/sheet", "/members/contacts.csv", "/members/contacts.html", "/members/contacts.vcf", memberPath(d.a.ID)} {
			own := slices.Contains([]string{"watch", "auditor"}, who) && !strings.Contains(path, string(d.a.ID))
			a := d.get(who, path).want(http.StatusOK, "Alpha chief", "TLP:GREEN")
			if !own { // of their own organisation they see the details
				a.without(secrets...)
			}
			a.without("@x-oco.example", "Alpha desk")
		}
	}
	for _, path := range []string{"/members", "/members/sheet", "/members/contacts.csv", "/members/contacts.html", "/members/contacts.vcf", memberPath(d.a.ID)} {
		d.get("bert", path).want(http.StatusOK, "Alpha chief", "Alpha desk", "+999 555 0100", "TLP:AMBER")
	}
}

func TestDirectoryFilters(t *testing.T) {
	d := directory(t)
	d.get("anna", "/members?q=alpha+CHIEF").want(http.StatusOK, "Alpha chief", "One organisation").without("Bravo desk")
	d.get("anna", "/members?kind=parent-network").want(http.StatusOK, "MDTN", "No contacts yet").without("Bravo desk")
	d.get("anna", "/members?q=nonsense").want(http.StatusOK, "No organisation matches")
	d.get("anna", "/members?overdue=1").want(http.StatusOK, "No organisation matches")
	d.now = d.now.AddDate(0, 0, 181)
	d.must(d.store.VerifyContacts(t.Context(), comity.ViewerOf(d.people["bert"]), d.b.ID, "", d.now))
	d.get("anna", "/members?overdue=1").want(http.StatusOK, "One of 3 has something to verify", "2 to verify", "2 contacts are to be verified again").without("Bravo desk")
	d.get("reader", "/members").want(http.StatusOK, "One of 3 has something to verify")
}

func TestVerifyIsOneClickOfTheOrganisationItself(t *testing.T) {
	d := directory(t)
	d.now = d.now.AddDate(1, 0, 0)
	path := memberPath(d.a.ID) + "/verify"
	for _, who := range []string{"alan", "chair", "bert", "desk", "watch", "reader"} {
		d.post(who, path, url.Values{}).want(http.StatusForbidden)
	}
	values := d.get("anna", "/members").want(http.StatusOK, "Still true today").formValues(path)
	if to := d.post("anna", path, values).want(http.StatusSeeOther).Location(); to != "/members" {
		t.Errorf("sent to %q", to)
	}
	d.get("anna", "/members").want(http.StatusOK, "All contacts were verified within the last 180 days")
	d.get("anna", memberPath(d.a.ID)).want(http.StatusOK, "focal-point of X-OCO") // colleagues see who
	d.get("bert", memberPath(d.a.ID)).want(http.StatusOK).without("focal-point of X-OCO")
}

func TestContactForm(t *testing.T) {
	d := directory(t)
	path := memberPath(d.a.ID) + "/data-protection"
	d.get("anna", memberPath(d.a.ID)).want(http.StatusOK, path, "Add: Data protection")
	values := d.get("anna", path).want(http.StatusOK).formValues(path)
	for name, value := range map[string]string{
		"name": "Officer <b>", "email": "DPO@x-oco.example", "phone": "+999 555 0101", "key": "0123 4567 89ab cdef 0123 4567 89ab cdef 0123 4567",
	} {
		values.Set(name, value)
	}
	stale := url.Values{}
	for k, v := range values {
		stale[k] = v
	}
	d.post("anna", path, values).want(http.StatusSeeOther)
	d.get("anna", memberPath(d.a.ID)).want(http.StatusOK, "Officer &lt;b&gt;", "dpo@x-oco.example", "0123 4567 89AB").without("<b>")
	d.post("anna", path, stale).want(http.StatusConflict, "Somebody else was faster", "Officer")
	for field, value := range map[string]string{"name": "", "email": "nobody", "phone": "=1+1", "key": "12"} {
		wrong := d.get("anna", path).formValues(path)
		wrong.Set(field, value)
		a := d.post("anna", path, wrong).want(http.StatusUnprocessableEntity, "There is one thing to correct", `id="`+field+`-error"`)
		checkHTML(t, field, a.Body)
	}
	d.post("bert", path, values).want(http.StatusForbidden)
	d.post("anna", path, url.Values{"function": {"x"}}).want(http.StatusUnprocessableEntity)

	help := d.get("desk", path).want(http.StatusOK, "You help another organisation").formValues(path)
	help.Set("phone", "+999 555 0102")
	d.post("desk", path, help).want(http.StatusSeeOther)
	d.get("anna", memberPath(d.a.ID)).want(http.StatusOK, "Not verified by the organisation yet")
	d.post("anna", path+"/remove", url.Values{}).want(http.StatusSeeOther)
	d.get("anna", memberPath(d.a.ID)).want(http.StatusOK).without("Officer")
}

func TestContactsAreFormulaSafe(t *testing.T) {
	d := directory(t)
	d.contact(d.b, comity.ContactFocalPoint, `=HYPERLINK("x";"y")`)
	rows, err := csv.NewReader(strings.NewReader(d.get("anna", "/members/contacts.csv").want(http.StatusOK).Body)).ReadAll()
	d.must(err)
	if len(rows) != 5 || !slices.Equal(rows[0], contactColumns) {
		t.Fatalf("%d rows, the first %v", len(rows), rows[0])
	}
	for _, row := range rows[1:] {
		for i, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Errorf("%s: %q", contactColumns[i], cell)
			}
		}
	}
}

func TestContactCards(t *testing.T) {
	d := directory(t)
	d.contact(d.b, comity.ContactFocalPoint, "Chief; information\\security, "+strings.Repeat("é", 60))
	a := d.get("anna", "/members/contacts.vcf").want(http.StatusOK, "BEGIN:VCARD\r\nVERSION:4.0", `Chief\; information\\security\, é`, "TEL;TYPE=work,voice:+999 555 0100")
	if got := a.Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment; filename=missig-contacts-") {
		t.Errorf("disposition %q", got)
	}
	for line := range strings.SplitSeq(a.Body, "\r\n") {
		if len(line) > 75 || strings.Contains(line, "\n") || !strings.HasPrefix(line, " ") && line != "" && !strings.Contains(line, ":") {
			t.Errorf("line of %d bytes: %q", len(line), line)
		}
	}
	if strings.Count(a.Body, "BEGIN:VCARD") != 4 || strings.Count(a.Body, "END:VCARD") != 4 {
		t.Error("not four cards")
	}
}

func TestDirectoryInEveryLanguage(t *testing.T) {
	d := directory(t)
	d.now = d.now.AddDate(1, 0, 0)
	d.inEveryLanguage("anna", "/members", "/members/sheet", memberPath(d.a.ID), memberPath(d.b.ID), memberPath(d.a.ID)+"/focal-point")
	d.inEveryLanguage("reader", "/members", "/members/sheet", memberPath(d.parent.ID))
}
