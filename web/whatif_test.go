package web

import (
	"net/http"
	"net/url"
	"testing"

	"comity"
)

// known puts two mitigations into the store, so that there is something to cover.
func (d *desk) known() {
	d.t.Helper()
	k := comity.Knowledge{
		Version:     "18.1",
		Mitigations: []comity.Mitigation{{Number: "M1017", Name: "User Training"}, {Number: "M1032", Name: "Multi-factor Authentication"}},
		Techniques:  []comity.Technique{{Number: "T1078", Mitigations: []string{"M1032"}}, {Number: "T1566", Mitigations: []string{"M1017"}}},
		Names:       map[string]string{"T1078": "Valid Accounts", "T1566": "Phishing"},
	}
	src := comity.Source{ID: comity.SourceATTACK, Version: "18.1", Date: d.now, TakenIn: d.now}
	_, err := d.store.PutKnowledge(d.t.Context(), deskSystem, src, k, nil, false)
	d.must(err)
}

func TestWhatIfTriesAndSavesNothing(t *testing.T) {
	d := newDesk(t)
	d.known()
	supplier := comity.MakeSupplierID(comity.Entropy{1})
	before := d.putProfile(d.a, func(p *comity.Profile) {
		p.Suppliers = []comity.Supplier{{ID: supplier, Name: "Tidal hosting", Dependence: 0.8}}
		p.Coverage = map[string]float64{"M1032": 0.25}
	})
	d.get("anna", "/organization/what-if").want(200, "Nothing tried yet", "What removes most", "Tidal hosting", "25% today", "not answered", "TLP:AMBER+STRICT")
	better := d.get("anna", "/organization/what-if?M1032=95").want(200, "Down from", "The dashed line is today.", "Put this coverage into our profile")
	better.want(200, `<input type="hidden" name="M1032" value="95">`)
	d.get("anna", "/organization/what-if?M1032=0").want(200, "Up from")
	d.get("anna", "/organization/what-if?dropped="+string(supplier)).want(200, "Down from").without("Put this coverage")
	d.get("anna", "/organization/what-if?i.phishing=3&M1017=").want(200, "Up from")
	after := d.profileOf(d.a)
	if after.Revision != before.Revision {
		t.Errorf("trying saved revision %d over %d", after.Revision, before.Revision)
	}
	d.inEveryLanguage("anna", "/organization/what-if", "/organization/what-if?M1032=95&i.phishing=2")
}

func TestWhatIfIsAdoptedWhenAsked(t *testing.T) {
	d := newDesk(t)
	d.known()
	d.putProfile(d.a, func(p *comity.Profile) { p.Coverage = map[string]float64{"M1017": 0.5} })
	form := d.get("anna", "/organization/what-if?M1032=95").want(200).formValues("/organization/what-if")
	d.post("chair", "/organization/what-if", form).want(403)
	d.post("anna", "/organization/what-if", form).want(http.StatusSeeOther)
	got := d.profileOf(d.a).Coverage
	if len(got) != 2 || got["M1032"] != 0.95 || got["M1017"] != 0.5 {
		t.Errorf("coverage %v", got)
	}
	form.Set("M1032", "0")
	d.post("anna", "/organization/what-if", form).want(http.StatusSeeOther) // begun before the last change
	if got := d.profileOf(d.a).Coverage["M1032"]; got != 0.95 {
		t.Errorf("an older page overwrote it with %v", got)
	}
}

func TestWhatIfRefuses(t *testing.T) {
	d := newDesk(t)
	d.known()
	supplier := comity.MakeSupplierID(comity.Entropy{1})
	d.putProfile(d.a, func(p *comity.Profile) {
		p.Suppliers = []comity.Supplier{{ID: supplier, Name: "Hush supplier", Dependence: 0.8}}
	})
	for path, status := range map[string]int{
		"?M1032=60": 422, "?M9999=50": 422, "?i.phishing=21": 422, "?i.phishing=-1": 422, "?unknown=1": 422,
	} {
		d.get("anna", "/organization/what-if"+path).want(status)
	}
	d.get("anna", "/organization/what-if?i.phishing=21").want(422, "There is one thing to correct", "from 1 to 20", `<details open>`, `value="21"`).without("Nothing tried yet")
	d.get("anna", "/organization/what-if?M1032=60").want(422, `<a href="#M1032">`, `<details open>`)
	d.get("bert", "/organization/what-if?dropped="+string(supplier)).want(422).without("Hush") // of another organisation
	d.get("bert", "/organization/what-if").want(200).without("Hush")
	for _, who := range []string{"watch", "desk", "reader"} {
		d.get(who, "/organization/what-if").want(403)
		d.post(who, "/organization/what-if", url.Values{"M1032": {"95"}}).want(403)
	}
}

// TestWhatIfRanksEverything looks for every step, what has none, and the open items with their effort.
func TestWhatIfRanksEverything(t *testing.T) {
	d := newDesk(t)
	d.known()
	supplier := comity.MakeSupplierID(comity.Entropy{1})
	d.putProfile(d.a, func(p *comity.Profile) {
		p.Coverage = map[string]float64{"M1017": 0.95, "M1032": 0.25}
		p.Suppliers = []comity.Supplier{{ID: supplier, Name: "Tidal hosting", Dependence: 0.8}}
	})
	const path = "/organization/what-if"
	page := d.get("anna", path).want(200, "No open action item tells yet", ": 1 of 2.", "control=M1032", "/actions/new?scenario=supplier-compromise").without("Show all")
	page.without("control=M1017")
	item := comity.ActionItem{
		ID: comity.MakeActionID(comity.Entropy{7}), Owner: d.a.ID, TLP: comity.TLPAmberStrict, Title: "Second factor for everybody", Control: "M1032", Effort: 25,
		Priority: comity.PriorityHigh, Status: comity.ActionOpen, Created: d.now, Updated: d.now,
	}
	_, err := d.store.PutAction(t.Context(), comity.ViewerOf(d.people["anna"]), item, "", d.now)
	d.must(err)
	d.must(d.intake.Pipeline.CatchUp(t.Context()))
	d.get("anna", path).want(200, "Second factor for everybody", `<td class="num" data-label="Effort in person-days">25</td>`, `href="/actions/effect"`)
	d.get("bert", path).want(200).without("Second factor for everybody")
	d.get("anna", path+"?all=1&M1032=50").want(200, `<input type="hidden" name="all" value="1">`, "all=1")
}
