package web

import (
	"strconv"

	"comity"
)

func (s *site) rules(r *routes) {
	r.handle("GET /sessions/rules", sessionReaders, s.showRules)
	r.handle("POST /sessions/rules", recordKeepers, s.publishRules)
}

// rulesView is the group's Terms of Reference, with the rules that sessions and procedures are held by.
type rulesView struct {
	view
	Terms     *comity.Document // nil: there are none that the viewer sees
	InForce   *comity.BindingRules
	Text      *comity.DocumentRevision  // in force; nil: none that the viewer sees
	Revisions []comity.DocumentRevision // the latest first, without their texts
	Draft     comity.DocumentRevision   // the zero one: there is none
	Keeps     bool
	Form      *form // of the next revision
	Figures   []ruleFigure
	Labels    []comity.TLP
	Threshold []comity.Threshold
}

// ruleFigure is a rule that is a number: the name of its field, and what is in force.
type ruleFigure struct {
	Name  string
	Value int
	Most  int
}

// ruleFigures are the rules that are numbers, in the order in which they are shown. Their ranges are those of comity.Rules.
func ruleFigures(r comity.Rules) []ruleFigure {
	return []ruleFigure{
		{"sessions_a_year", r.SessionsPerYear, 12},
		{"notice_days", r.NoticeDays, 365},
		{"amendment_days", r.AmendmentDays, 365},
		{"silence_days", r.SilenceDays, 365},
		{"ballot_days", r.BallotDays, 365},
		{"term_months", r.TermMonths, 120},
		{"reminder_days", r.ReminderDays, 365},
	}
}

func (c *call) rulesView() (rulesView, error) {
	v := rulesView{view: c.view(), Keeps: c.viewer.KeepsRecords(), Labels: sessionLabels, Threshold: comity.Thresholds}
	v.Marking = comity.TLPClear
	today := comity.DateOf(c.site.now())
	page, err := c.site.store.Documents(c.ctx(), c.viewer, comity.DocumentQuery{Kind: comity.DocumentTerms, Limit: 200}, today)
	if err != nil {
		return v, err
	}
	for _, d := range page.Documents {
		if d.IsTerms() {
			v.Terms, v.Marking = &d.Document, d.TLP
		}
	}
	rules, err := c.site.store.RulesInForce(c.ctx(), c.viewer, today)
	switch {
	case err == nil:
		v.InForce = &rules
	case comity.KindOf(err) != comity.NotFound:
		return v, err
	}
	v.Figures = ruleFigures(rules.Rules)
	if v.Terms == nil {
		return v, nil
	}
	return v, c.addRevisions(&v, today)
}

// addRevisions adds the revisions of the Terms of Reference, and the text of the one in force.
func (c *call) addRevisions(v *rulesView, today comity.Date) error {
	all, current, err := c.site.store.DocumentRevisions(c.ctx(), c.viewer, v.Terms.ID, today)
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.Published.IsZero() {
			v.Draft = r
			continue
		}
		v.Revisions = append([]comity.DocumentRevision{r}, v.Revisions...)
	}
	if current == 0 {
		return nil
	}
	r, err := c.site.store.DocumentRevision(c.ctx(), c.viewer, v.Terms.ID, current)
	v.Text = &r
	return err
}

func (s *site) showRules(c *call) error {
	v, err := c.rulesView()
	if err != nil {
		return err
	}
	v.Form = rulesForm(v, c.locale.lang, comity.DateOf(s.now()))
	return c.render("sessions/rules", v)
}

// rulesForm is the form of the next revision as it begins: with what is in force.
func rulesForm(v rulesView, lang string, today comity.Date) *form {
	values := map[string]string{
		"numerator": "1", "denominator": "2", "above": "1", "threshold": string(comity.ThresholdConsensus), "language": lang, "tlp": comity.TLPGreen.String(),
		"effective": today.String(), "version": strconv.Itoa(v.Draft.Version),
	}
	usual := comity.Rules{SessionsPerYear: 1, NoticeDays: 14, AmendmentDays: 21, SilenceDays: 10, BallotDays: 14, TermMonths: 24, ReminderDays: 60}
	if v.InForce != nil {
		usual = v.InForce.Rules
		values["numerator"], values["denominator"] = strconv.Itoa(usual.Quorum.Numerator), strconv.Itoa(usual.Quorum.Denominator)
		values["above"], values["threshold"] = flagValue(usual.Quorum.Above), string(usual.Threshold)
		values["discuss_blocks"], values["providers_vote"] = flagValue(usual.DiscussBlocks), flagValue(usual.ProvidersVote)
	}
	for _, f := range ruleFigures(usual) {
		values[f.Name] = strconv.Itoa(f.Value)
	}
	if v.Text != nil {
		values["text"], values["language"], values["tlp"] = v.Text.Text, v.Text.Language, v.Text.TLP.String()
	}
	return formOf(values)
}

// flagValue is what a box sends that is ticked, or not.
func flagValue(b bool) string {
	if b {
		return "1"
	}
	return ""
}

// readRules reads the rules of a revision; what is wrong is noted in the form.
func readRules(f *form) comity.Rules {
	numbers := map[string]int{}
	for _, one := range ruleFigures(comity.Rules{}) {
		numbers[one.Name] = f.Int(one.Name, 1, one.Most)
	}
	r := comity.Rules{
		Quorum:        comity.Quorum{Numerator: f.Int("numerator", 1, 100), Denominator: f.Int("denominator", 1, 100), Above: f.Flag("above")},
		DiscussBlocks: f.Flag("discuss_blocks"), ProvidersVote: f.Flag("providers_vote"),
		SilenceDays: numbers["silence_days"], BallotDays: numbers["ballot_days"], SessionsPerYear: numbers["sessions_a_year"], NoticeDays: numbers["notice_days"],
		AmendmentDays: numbers["amendment_days"], TermMonths: numbers["term_months"], ReminderDays: numbers["reminder_days"],
	}
	var err error
	if r.Threshold, err = comity.ParseThreshold(f.Value("threshold")); err != nil {
		f.Fail("threshold", "error.field.choice")
	}
	if f.OK() && r.Check() != nil {
		f.Fail("numerator", "rules.error.quorum")
	}
	return r
}

// publishRules publishes the next revision of the Terms of Reference, in force from a day on.
func (s *site) publishRules(c *call) error {
	v, err := c.rulesView()
	if err != nil {
		return err
	}
	fields := []string{"text", "note", "language", "tlp", "effective", "version", "numerator", "denominator", "above", "threshold", "discuss_blocks", "providers_vote"}
	for _, f := range v.Figures {
		fields = append(fields, f.Name)
	}
	if v.Form, err = c.form(fields...); err != nil {
		return err
	}
	rules := readRules(v.Form)
	r := comity.DocumentRevision{
		Text: v.Form.Required("text", comity.MaxDocumentText/4), Note: v.Form.Text("note", comity.MaxDocumentNote), Language: v.Form.Choice("language", Languages...),
		TLP: v.Form.label("tlp"), Rules: &rules, Version: v.Form.Int("version", 0, 1<<30),
	}
	effective := v.Form.Date("effective")
	if effective.IsZero() {
		v.Form.Fail("effective", "error.field.required")
	}
	for _, had := range v.Revisions {
		if effective.Before(had.Effective) {
			v.Form.Fail("effective", "rules.error.effective")
		}
	}
	if v.Terms != nil && comity.Strictest(r.TLP, v.Terms.TLP) != r.TLP {
		v.Form.Fail("tlp", "rules.error.tlp")
	}
	if !v.Form.OK() {
		return c.renderInvalid("sessions/rules", v)
	}
	if err := c.publishTerms(v.Terms, r, effective); err != nil {
		return err
	}
	c.flash("rules.published")
	return c.redirect("/sessions/rules")
}

// publishTerms stores and publishes a revision; the first one begins the document.
func (c *call) publishTerms(d *comity.Document, r comity.DocumentRevision, effective comity.Date) error {
	now := c.site.now()
	if d == nil {
		id, err := newID(comity.MakeDocumentID)
		if err != nil {
			return err
		}
		made, err := c.site.store.PutDocument(c.ctx(), c.viewer, comity.Document{ID: id, Kind: comity.DocumentTerms, Title: c.t("rules.title"), TLP: r.TLP}, now)
		if err != nil {
			return err
		}
		d = &made
	}
	r.Document = d.ID
	r, err := c.site.store.PutDocumentDraft(c.ctx(), c.viewer, r)
	if err != nil {
		return err
	}
	_, err = c.site.store.PublishDocument(c.ctx(), c.viewer, d.ID, r.Version, effective, now)
	return err
}
