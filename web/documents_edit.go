package web

import (
	"cmp"
	"io"
	"strconv"

	"comity"
)

// documentEditView is the form of a document's record.
type documentEditView struct {
	view
	Document comity.Document // as it is stored; the zero one for a new one
	Form     *form
	Kinds    []comity.DocumentKind
	Labels   []comity.TLP
	Groups   []comity.WorkingGroup
}

// documentLabels are the labels that a document may have.
var documentLabels = []comity.TLP{comity.TLPClear, comity.TLPGreen, comity.TLPAmber, comity.TLPAmberStrict}

func (c *call) documentEditView(d comity.Document, f *form) (documentEditView, error) {
	v := documentEditView{view: c.view(), Document: d, Form: f, Kinds: comity.DocumentKinds, Labels: documentLabels}
	v.Marking = comity.TLPGreen
	if d.Version > 0 {
		v.Marking = d.TLP
	}
	var err error
	v.Groups, err = c.site.store.WorkingGroups(c.ctx(), c.viewer)
	return v, err
}

func (s *site) newDocument(c *call) error {
	v, err := c.documentEditView(comity.Document{}, formOf(map[string]string{
		"kind": cmp.Or(c.r.URL.Query().Get("kind"), string(comity.DocumentGuidance)), "tlp": comity.TLPGreen.String(), "group": c.r.URL.Query().Get("group"),
	}))
	if err != nil {
		return err
	}
	return c.render("documents/edit", v)
}

func (s *site) createDocument(c *call) error {
	id, err := newID(comity.MakeDocumentID)
	if err != nil {
		return err
	}
	return c.putDocument(comity.Document{ID: id}, "documents.made")
}

func (s *site) editDocument(c *call) error {
	d, err := c.paper()
	if err != nil {
		return err
	}
	v, err := c.documentEditView(d, formOf(map[string]string{
		"title": d.Title, "kind": string(d.Kind), "tlp": d.TLP.String(), "group": string(d.WorkingGroup), "version": strconv.Itoa(d.Version),
	}))
	if err != nil {
		return err
	}
	return c.render("documents/edit", v)
}

func (s *site) saveDocument(c *call) error {
	d, err := c.paper()
	if err != nil {
		return err
	}
	return c.putDocument(d, "documents.saved")
}

// putDocument reads the form onto a document and stores it.
func (c *call) putDocument(d comity.Document, done string) error {
	f, err := c.form("title", "kind", "tlp", "group", "version")
	if err != nil {
		return err
	}
	v, err := c.documentEditView(d, f)
	if err != nil {
		return err
	}
	d.Title, d.Kind = f.Required("title", comity.MaxDocumentTitle), comity.DocumentKind(f.Choice("kind", stringsOf(comity.DocumentKinds)...))
	d.TLP, d.WorkingGroup = readLabel(f, "tlp"), ""
	if d.Version > 0 {
		d.Version = f.Int("version", 1, 1<<30)
	}
	if f.Value("group") != "" {
		ids := make([]string, len(v.Groups))
		for i, w := range v.Groups {
			ids[i] = string(w.ID)
		}
		d.WorkingGroup = comity.WorkingGroupID(f.Choice("group", ids...))
	}
	if !f.OK() {
		return c.renderInvalid("documents/edit", v)
	}
	d, err = c.site.store.PutDocument(c.ctx(), c.viewer, d, c.site.now())
	switch kind := comity.KindOf(err); {
	case err == nil:
	case kind == comity.Conflict && d.Kind == comity.DocumentTerms:
		f.Fail("kind", "documents.error.terms_taken")
		return c.renderInvalid("documents/edit", v)
	case kind == comity.Invalid:
		f.Fail("tlp", "documents.error.label")
		return c.renderInvalid("documents/edit", v)
	default:
		return err
	}
	c.flash(done)
	return c.redirect(documentPath(d.ID))
}

// readLabel reads a label that a document may have.
func readLabel(f *form, name string) comity.TLP {
	for _, label := range documentLabels {
		if f.Value(name) == label.String() {
			return label
		}
	}
	f.Fail(name, "error.field.choice")
	return comity.TLPUnmarked
}

// revisionDraft is the form of a document's draft.
type revisionDraft struct {
	documentPage
	Draft      comity.DocumentRevision // the zero one if there is none yet
	Number     int                     // that it has or will have
	Form       *form
	Labels     []comity.TLP
	Thresholds []comity.Threshold
	Limit      int64 // of a file, in bytes
}

var ruleFields = []string{
	"quorum_numerator", "quorum_denominator", "quorum_above", "threshold", "discuss_blocks", "providers_vote", "silence_days", "ballot_days",
	"sessions_a_year", "notice_days", "amendment_days", "term_months", "reminder_days",
}

// revisionDraft returns the form of the draft as it is, or of one that begins as the newest revision is.
func (c *call) revisionDraft() (revisionDraft, error) {
	p, err := c.documentPage()
	if err != nil {
		return revisionDraft{}, err
	}
	v := revisionDraft{documentPage: p, Number: 1, Labels: documentLabels, Thresholds: comity.Thresholds, Limit: comity.MaxDocumentFile}
	from := comity.DocumentRevision{Language: c.locale.lang, TLP: p.Document.TLP}
	if len(p.Revisions) > 0 {
		newest := p.Revisions[0]
		if from, err = c.site.store.DocumentRevision(c.ctx(), c.viewer, p.Document.ID, newest.Number); err != nil {
			return v, err
		}
		if v.Number = newest.Number + 1; newest.State == comity.RevisionDraft {
			v.Draft, v.Number = from, newest.Number
		} else {
			from.Note, from.Symbol = "", ""
		}
	}
	v.Form = formOf(draftValues(from, v.Draft.Version))
	return v, nil
}

func draftValues(r comity.DocumentRevision, version int) map[string]string {
	values := map[string]string{
		"symbol": r.Symbol, "language": r.Language, "tlp": r.TLP.String(), "note": r.Note, "text": r.Text, "version": strconv.Itoa(version),
	}
	rules := comity.Rules{
		Quorum: comity.Quorum{Numerator: 1, Denominator: 2, Above: true}, Threshold: comity.ThresholdConsensus, SilenceDays: 10, BallotDays: 14,
		SessionsPerYear: 1, NoticeDays: 14, AmendmentDays: 21, TermMonths: 24, ReminderDays: 60,
	}
	if r.Rules != nil {
		rules = *r.Rules
	}
	for name, n := range map[string]int{
		"quorum_numerator": rules.Quorum.Numerator, "quorum_denominator": rules.Quorum.Denominator, "silence_days": rules.SilenceDays,
		"ballot_days": rules.BallotDays, "sessions_a_year": rules.SessionsPerYear, "notice_days": rules.NoticeDays,
		"amendment_days": rules.AmendmentDays, "term_months": rules.TermMonths, "reminder_days": rules.ReminderDays,
	} {
		values[name] = strconv.Itoa(n)
	}
	values["threshold"] = string(rules.Threshold)
	for name, on := range map[string]bool{"quorum_above": rules.Quorum.Above, "discuss_blocks": rules.DiscussBlocks, "providers_vote": rules.ProvidersVote} {
		if on {
			values[name] = "1"
		}
	}
	return values
}

func (s *site) editDraft(c *call) error {
	v, err := c.revisionDraft()
	if err != nil {
		return err
	}
	return c.render("documents/draft", v)
}

func (s *site) saveDraft(c *call) error {
	v, err := c.revisionDraft()
	if err != nil {
		return err
	}
	fields := append([]string{"symbol", "language", "tlp", "note", "text", "version"}, ruleFields...)
	if v.Form, err = c.form(fields...); err != nil {
		return err
	}
	r := readDraft(v.Form, v.Document)
	if !v.Form.OK() {
		return c.renderInvalid("documents/draft", v)
	}
	r, err = s.store.PutDocumentDraft(c.ctx(), c.viewer, r)
	if err != nil {
		return err
	}
	c.flash("documents.draft.saved")
	return c.redirect(revisionPath(r.Document, r.Number))
}

// readDraft reads a draft from its form.
func readDraft(f *form, d comity.Document) comity.DocumentRevision {
	r := comity.DocumentRevision{
		Document: d.ID, Symbol: f.Text("symbol", 60), Language: f.Choice("language", comity.Languages...), TLP: readLabel(f, "tlp"),
		Note: f.Text("note", comity.MaxDocumentNote), Text: f.Text("text", comity.MaxDocumentText), Version: f.Int("version", 0, 1<<30),
	}
	if len(r.Text) > comity.MaxDocumentText {
		f.Fail("text", "documents.error.long", "max", comity.MaxDocumentText/1000)
	}
	if f.OK() && comity.Strictest(r.TLP, d.TLP) != r.TLP {
		f.Fail("tlp", "documents.error.wider", "label", d.TLP.String())
	}
	if d.IsTerms() {
		rules := readRules(f)
		r.Rules = &rules
	}
	return r
}

func readRules(f *form) comity.Rules {
	r := comity.Rules{
		Quorum: comity.Quorum{
			Numerator: f.Int("quorum_numerator", 1, 100), Denominator: f.Int("quorum_denominator", 1, 100), Above: f.Flag("quorum_above"),
		},
		Threshold: comity.Threshold(f.Choice("threshold", stringsOf(comity.Thresholds)...)), DiscussBlocks: f.Flag("discuss_blocks"),
		ProvidersVote: f.Flag("providers_vote"), SilenceDays: f.Int("silence_days", 1, 365), BallotDays: f.Int("ballot_days", 1, 365),
		SessionsPerYear: f.Int("sessions_a_year", 1, 12), NoticeDays: f.Int("notice_days", 1, 365), AmendmentDays: f.Int("amendment_days", 1, 365),
		TermMonths: f.Int("term_months", 1, 120), ReminderDays: f.Int("reminder_days", 1, 365),
	}
	if f.OK() && r.Check() != nil {
		f.Fail("quorum_numerator", "documents.error.quorum")
	}
	return r
}

// saveDraftFile puts a PDF into the draft, or takes it out if none is sent.
func (s *site) saveDraftFile(c *call) error {
	d, err := c.paper()
	if err != nil {
		return err
	}
	u, err := c.upload(comity.MaxDocumentFile+1<<16, "file", "version")
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(u.fields["version"])
	if err != nil {
		return comity.Errorf(comity.Invalid, "version: want the draft's")
	}
	var content []byte
	if u.file != nil {
		if content, err = io.ReadAll(u.file); err != nil {
			return err
		}
	}
	r, err := s.store.PutDocumentFile(c.ctx(), c.viewer, d.ID, version, u.name, content)
	if comity.KindOf(err) == comity.Invalid {
		c.flash("documents.file.refused")
		return c.redirect(documentPath(d.ID) + "/draft")
	}
	if err != nil {
		return err
	}
	done := "documents.file.saved"
	if r.File == nil {
		done = "documents.file.removed"
	}
	c.flash(done)
	return c.redirect(revisionPath(d.ID, r.Number))
}

func (s *site) publishDraft(c *call) error {
	d, err := c.paper()
	if err != nil {
		return err
	}
	f, err := c.form("version", "how", "effective")
	if err != nil {
		return err
	}
	effective, version := f.Date("effective"), f.Int("version", 1, 1<<30)
	if f.Choice("how", "propose", "effective") == "propose" {
		effective = comity.Date{}
	} else if effective.IsZero() {
		f.Fail("effective", "error.field.date")
	}
	if !f.OK() {
		c.flash("documents.publish.date_missing")
		return c.redirect(documentPath(d.ID) + "/draft")
	}
	r, err := s.store.PublishDocument(c.ctx(), c.viewer, d.ID, version, effective, s.now())
	if comity.KindOf(err) == comity.Invalid {
		c.flash("documents.publish.refused")
		return c.redirect(documentPath(d.ID) + "/draft")
	}
	if err != nil {
		return err
	}
	c.flash("documents.publish.done", "number", strconv.Itoa(r.Number))
	return c.redirect(revisionPath(d.ID, r.Number))
}

func (s *site) deleteDraft(c *call) error {
	d, err := c.paper()
	if err != nil {
		return err
	}
	if _, err := c.form(); err != nil {
		return err
	}
	if err := s.store.DeleteDocumentDraft(c.ctx(), c.viewer, d.ID); err != nil {
		return err
	}
	c.flash("documents.draft.deleted")
	return c.redirect(documentPath(d.ID))
}
