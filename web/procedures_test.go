package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"comity"
	"comity/governance"
)

// withTerms gives the group Terms of Reference, in force since a while: silence lasts 10 days, a ballot 14.
func (d *desk) withTerms() {
	d.t.Helper()
	path := d.newDocument("Terms of Reference", comity.DocumentTerms, comity.TLPGreen)
	d.publish(path, "We meet.", comity.DateOf(d.now).AddDays(-30), nil)
}

// open opens a written procedure as the secretariat and returns its path.
func (d *desk) open(kind comity.ProcedureKind, label comity.TLP, more url.Values) string {
	d.t.Helper()
	form := d.get("desk", "/procedures/new").want(200).formValues("/procedures/new")
	form.Set("kind", string(kind))
	form.Set("title", "Buy a drum")
	form.Set("text", "The group **buys** a drum. <img src=x>")
	form.Set("tlp", label.String())
	for name, values := range more {
		form[name] = values
	}
	path := d.post("desk", "/procedures/new", form).want(http.StatusSeeOther).Location()
	if !strings.HasPrefix(path, "/procedures/pro_") {
		d.t.Fatalf("a new procedure leads to %q", path)
	}
	return path
}

func say(position comity.PositionKind, reason string) url.Values {
	return url.Values{"position": {string(position)}, "reason": {reason}}
}

// deadline closes what is due, as the calendar does.
func (d *desk) deadline(days int) {
	d.t.Helper()
	d.now = d.now.AddDate(0, 0, days)
	due, err := d.store.DueProcedures(d.t.Context(), deskSystem, d.now)
	d.must(err)
	for _, p := range due {
		_, err := d.store.CloseProcedure(d.t.Context(), deskSystem, p.ID, governance.Decide, d.now)
		d.must(err)
	}
}

func TestProcedureIsAdoptedBySilence(t *testing.T) {
	d := newDesk(t)
	d.get("anna", "/procedures").want(200, "No written procedures yet").without("Open a procedure")
	d.get("desk", "/procedures/new").want(200, "No Terms of Reference are in force")
	d.post("desk", "/procedures/new", url.Values{}).want(http.StatusConflict, "No Terms of Reference are in force")
	d.withTerms()
	path := d.open(comity.ProcedureSilence, comity.TLPGreen, nil)
	page := d.get("anna", path).want(200, "<strong>buys</strong>", "What silence means", "If nobody objects by", "What does X-OCO say?", "Rev. 1", "If the deadline were now", "Adopted")
	page.without("<img src=x>")
	d.get("alan", path).want(200).without("What does X-OCO say?")
	d.get("anna", "/").want(200, "Your organisation is asked", "Buy a drum")
	d.get("anna", "/procedures").want(200, "awaits you", "14 days left")
	d.post("anna", path+"/position", say(comity.PositionNoObjection, "")).want(http.StatusSeeOther)
	d.get("anna", "/procedures").want(200).without("awaits you")
	d.get("anna", "/").want(200).without("Your organisation is asked")
	d.post("anna", path+"/position", say(comity.PositionAgree, "We need one.")).want(http.StatusSeeOther)
	d.get("bert", path).want(200, "We need one.", "<s>No objection</s>", "earlier")
	d.inEveryLanguage("desk", "/procedures", "/procedures/new", path)
	d.deadline(13)
	d.get("bert", path).want(200, "open until")
	d.deadline(2)
	d.get("bert", path).want(200, "Adopted", "Nobody objected.", "In the decision register:", "/decisions/dec_").without("What does X-SSA say?", "Extend or withdraw")
	d.post("bert", path+"/position", say(comity.PositionDiscuss, "Too late.")).want(http.StatusSeeOther)
	d.get("bert", path).want(200, "Adopted").without("Too late.")
}

func TestProcedureIsStoppedByAnObjection(t *testing.T) {
	d := newDesk(t)
	d.withTerms()
	path := d.open(comity.ProcedureSilence, comity.TLPGreen, nil)
	d.post("bert", path+"/position", say(comity.PositionDiscuss, " ")).want(422, "Who objects says why.")
	d.post("bert", path+"/position", say("maybe", "")).want(422)
	d.get("bert", path).want(200, "open until")
	d.post("bert", path+"/position", say(comity.PositionDiscuss, "Drums are loud.")).want(http.StatusSeeOther)
	d.get("anna", path).want(200, "Stopped by an objection", "Drums are loud.", "Take it to a session").without("What does X-OCO say?")
	d.inEveryLanguage("anna", path)
}

func TestProcedureBallotNeedsItsQuorum(t *testing.T) {
	d := newDesk(t)
	d.withTerms()
	path := d.open(comity.ProcedureBallot, comity.TLPGreen, url.Values{"threshold": {"two-thirds"}})
	d.post("anna", path+"/position", say(comity.PositionAgree, "")).want(http.StatusSeeOther)
	d.get("anna", path).want(200, "but 2 of 2 must speak", "two thirds", "not carried", "Too few organisations spoke.")
	d.deadline(30)
	d.get("anna", path).want(200, "Not carried", "Too few organisations spoke.").without("In the decision register")
}

func TestProcedureBringsItsPaperIntoForce(t *testing.T) {
	d := newDesk(t)
	d.withTerms()
	paper := d.newDocument("Baseline", comity.DocumentBaseline, comity.TLPGreen)
	d.publish(paper, "Patch.", comity.Date{}, nil)
	ask := d.get("desk", paper+"/1").want(200, "Ask for its adoption in writing")
	d.get("anna", paper+"/1").want(200).without("Ask for its adoption in writing")
	_, id, _ := strings.Cut(paper, "/documents/")
	ask.want(200, "/procedures/new?paper="+id+"/1")
	form := d.get("desk", "/procedures/new?paper="+id+"/1").want(200, "Adopt Rev. 1 of “Baseline”").formValues("/procedures/new")
	path := d.post("desk", "/procedures/new", form).want(http.StatusSeeOther).Location()
	d.post("desk", "/procedures/new", form).want(422, "another open procedure is about it")
	d.get("anna", path).want(200, paper+"/1")
	d.deadline(20)
	d.get("anna", paper+"/1").want(200, "In force")
}

func TestProcedureIsExtendedAndWithdrawnWithAReason(t *testing.T) {
	d := newDesk(t)
	d.withTerms()
	path := d.open(comity.ProcedureSilence, comity.TLPGreen, nil)
	extend := d.get("desk", path).want(200, "Extend or withdraw").formValues(path + "/extend")
	d.post("desk", path+"/extend", extend).want(422)
	extend.Set("why", "Holidays.")
	early := url.Values{"version": extend["version"], "why": {"x"}, "deadline": {comity.DateOf(d.now).String()}}
	d.post("desk", path+"/extend", early).want(422, "Want a later day than the deadline")
	d.post("desk", path+"/extend", extend).want(http.StatusSeeOther)
	d.get("anna", path).want(200, "Deadline put off", "Holidays.")
	extend.Set("deadline", comity.DateOf(d.now).AddDays(90).String())
	d.post("desk", path+"/extend", extend).want(http.StatusSeeOther)
	d.get("desk", path).want(200).without(comity.DateOf(d.now).AddDays(90).String())
	withdraw := d.get("chair", path).formValues(path + "/withdraw")
	withdraw.Set("why", "Asked elsewhere.")
	d.post("chair", path+"/withdraw", withdraw).want(http.StatusSeeOther)
	d.get("anna", path).want(200, "Withdrawn", "Asked elsewhere.").without("What does X-OCO say?")
}

func TestProceduresHeedRolesAndMarkings(t *testing.T) {
	d := newDesk(t)
	d.withTerms()
	path := d.open(comity.ProcedureSilence, comity.TLPAmber, nil)
	for _, who := range []string{"watch", "reader"} {
		d.get(who, "/procedures").want(200).without("Buy a drum")
		d.get(who, path).want(404).without("Buy a drum")
		d.post(who, path+"/position", say(comity.PositionAgree, "")).want(404)
		d.get(who, "/").want(200).without("Buy a drum")
	}
	d.get("anna", path).want(200, "TLP:AMBER")
	d.get("anna", "/procedures").want(200, "TLP:AMBER")
	for _, who := range []string{"anna", "alan", "bert", "watch", "reader"} {
		d.get(who, "/procedures/new").want(403)
		for _, action := range []string{"/procedures/new", path + "/extend", path + "/withdraw"} {
			d.post(who, action, url.Values{}).want(403)
		}
	}
	d.post("alan", path+"/position", say(comity.PositionAgree, "")).want(403)
	d.get("", path).want(http.StatusSeeOther)
	d.get("anna", "/procedures/pro_x").want(404)
}
