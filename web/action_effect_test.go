package web

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"comity"
	"comity/demo"
)

func TestEffectIsForTheOwnOrganisation(t *testing.T) {
	d := newDesk(t)
	d.putProfile(d.a, func(p *comity.Profile) {
		p.Services = []comity.Service{{ID: comity.MakeServiceID(comity.Entropy{1}), Name: "Service", Level: comity.LevelStrategic, Criticality: [4]int{3, 3, 3, 3}}}
		p.Coverage = map[string]float64{"M1032": 0.25}
	})
	facts, err := demo.Facts()
	d.must(err)
	_, err = d.store.PutKnowledge(t.Context(), deskSystem, facts.AttackSource(d.now), facts.Knowledge, facts.Techniques, false)
	d.must(err)
	d.must(d.intake.Pipeline.CatchUp(t.Context()))
	path := d.makeAction("anna", "title", "Sign in with two factors", "control", "M1032", "effort", "40", "audience", "group", "tlp", "TLP:GREEN")
	d.get("anna", path).want(200, "It would remove", "With M1032 at 50%")
	d.get("anna", "/actions/effect").want(200, "Sign in with two factors", "40")
	// To another organisation the group's item says what it would remove for them, not for us.
	private := d.makeAction("anna", "title", "Ours alone", "control", "M1032")
	d.get("bert", "/actions/effect").want(200, "Sign in with two factors").without("Ours alone")
	d.get("bert", private).want(404)
	for _, who := range []string{"watch", "reader", "desk"} {
		d.get(who, "/actions/effect").want(403)
	}

	values := d.get("anna", path).formValues(path)
	values.Set("status", "done")
	d.post("anna", path, values).want(http.StatusSeeOther)
	d.must(d.intake.Pipeline.CatchUp(t.Context()))
	d.get("anna", path).want(200, "our profile shows nothing that it removed")
	d.now = d.now.Add(time.Hour)
	d.putProfile(d.a, func(p *comity.Profile) { p.Coverage["M1032"] = 0.5 })
	d.must(d.intake.Pipeline.CatchUp(t.Context()))
	d.post("bert", path+"/effect", url.Values{}).want(403)
	d.post("anna", path+"/effect", url.Values{}).want(http.StatusSeeOther)
	d.get("anna", path).want(200, "it removed")
	d.get("anna", "/actions/effect").want(200, "What closed items did remove", "Sign in with two factors")
	d.get("bert", path).want(200).without("it removed", "our profile shows")
	d.get("desk", path).want(200).without("For our exposure")
	d.inEveryLanguage("anna", "/actions/effect", path)
}
