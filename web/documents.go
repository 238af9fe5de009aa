package web

import (
	"cmp"
	"html/template"
	"strconv"

	"comity"
	"comity/document"
	"comity/governance"
	"comity/markdown"
)

func (s *site) documents(r *routes) {
	r.handle("GET /documents", readers, s.listDocuments)
	r.handle("GET /documents/new", recorders, s.newDocument)
	r.handle("POST /documents/new", recorders, s.createDocument)
	r.handle("GET /documents/{id}", readers, s.showDocument)
	r.handle("GET /documents/{id}/edit", recorders, s.editDocument)
	r.handle("POST /documents/{id}/edit", recorders, s.saveDocument)
	r.handle("GET /documents/{id}/current", readers, s.currentRevision)
	r.handle("GET /documents/{id}/difference", readers, s.compareRevisions)
	r.handle("GET /documents/{id}/draft", recorders, s.editDraft)
	r.handle("POST /documents/{id}/draft", recorders, s.saveDraft)
	r.handle("POST /documents/{id}/draft/file", recorders, s.saveDraftFile)
	r.handle("POST /documents/{id}/draft/publish", recorders, s.publishDraft)
	r.handle("POST /documents/{id}/draft/delete", recorders, s.deleteDraft)
	r.handle("GET /documents/{id}/{number}", readers, s.showRevision)
	r.handle("POST /documents/{id}/{number}/adopt", recorders, s.adoptRevision)
	r.handle("GET /documents/{id}/{number}/revision.md", readers, s.downloadText)
	r.handle("GET /documents/{id}/{number}/revision.pdf", readers, s.downloadFile)
	for _, ending := range documentEndings {
		r.handle("GET /documents/{id}/{number}/text."+ending, readers, s.writtenText(ending))
	}
}

// recorders admits those who keep the group's records.
func recorders(c *call) error { return c.require(c.viewer.KeepsRecords()) }

func (c *call) today() comity.Date { return comity.DateOf(c.site.now()) }

// documentsView is the list of documents.
type documentsView struct {
	view
	Documents []comity.DocumentEntry
	Kinds     []comity.DocumentKind
	Kind      string
	Groups    map[comity.WorkingGroupID]string // names
	Paging    paging
	Keeps     bool
}

func (s *site) listDocuments(c *call) error {
	q := c.r.URL.Query()
	offset := offsetOf(q)
	v := documentsView{view: c.view(), Kinds: comity.DocumentKinds, Kind: q.Get("kind"), Keeps: c.viewer.KeepsRecords()}
	p, err := s.store.Documents(c.ctx(), c.viewer, comity.DocumentQuery{Kind: comity.DocumentKind(v.Kind), Limit: pageSize, Offset: offset}, c.today())
	if err != nil {
		return err
	}
	if v.Groups, err = c.workingGroupNames(); err != nil {
		return err
	}
	v.Marking = comity.TLPClear
	for _, d := range p.Documents {
		v.Marking = comity.Strictest(v.Marking, d.TLP)
	}
	v.Documents, v.Paging = p.Documents, pagingOf("/documents", q, offset, len(p.Documents), p.Total)
	return c.render("documents/list", v)
}

// workingGroupNames returns the names of the working groups that the viewer may see.
func (c *call) workingGroupNames() (map[comity.WorkingGroupID]string, error) {
	list, err := c.site.store.WorkingGroups(c.ctx(), c.viewer)
	names := map[comity.WorkingGroupID]string{}
	for _, w := range list {
		names[w.ID] = w.Name
	}
	return names, err
}

// document returns the document of the path that the viewer may see.
func (c *call) paper() (comity.Document, error) {
	id, err := comity.ParseDocumentID(c.r.PathValue("id"))
	if err != nil {
		return comity.Document{}, comity.Errorf(comity.NotFound, "no such document")
	}
	return c.site.store.Document(c.ctx(), c.viewer, id)
}

// documentPage is what every page of one document shows.
type documentPage struct {
	view
	Document  comity.Document
	Whose     string // name of the working group whose it is; empty: the whole group's, or not for the viewer
	Revisions []revisionRow
	Current   int // number of the revision in force that the viewer may see; 0: none
	Keeps     bool
	Draft     bool // there is one, and the viewer may see it
}

// revisionRow is one revision in the list of its document.
type revisionRow struct {
	comity.DocumentRevision
	State comity.RevisionState
}

// documentPage reads a document with its revisions, the newest first.
func (c *call) documentPage() (documentPage, error) {
	d, err := c.paper()
	if err != nil {
		return documentPage{}, err
	}
	list, current, err := c.site.store.DocumentRevisions(c.ctx(), c.viewer, d.ID, c.today())
	if err != nil {
		return documentPage{}, err
	}
	p := documentPage{view: c.view(), Document: d, Current: current, Keeps: c.viewer.KeepsRecords()}
	p.Marking = d.TLP
	for i := len(list) - 1; i >= 0; i-- {
		row := revisionRow{list[i], list[i].StateOf(c.today(), current)}
		p.Revisions, p.Draft = append(p.Revisions, row), p.Draft || row.State == comity.RevisionDraft
	}
	if d.WorkingGroup != "" {
		if w, err := c.site.store.WorkingGroup(c.ctx(), c.viewer, d.WorkingGroup); err == nil {
			p.Whose = w.Name
		}
	}
	return p, nil
}

// At returns where the document is.
func (p documentPage) At() string { return documentPath(p.Document.ID) }

func documentPath(id comity.DocumentID) string { return "/documents/" + string(id) }

func revisionPath(id comity.DocumentID, number int) string {
	return documentPath(id) + "/" + strconv.Itoa(number)
}

func (s *site) showDocument(c *call) error {
	p, err := c.documentPage()
	if err != nil {
		return err
	}
	for _, r := range p.Revisions {
		p.Marking = comity.Strictest(p.Marking, r.TLP)
	}
	return c.render("documents/show", p)
}

// currentRevision leads to the revision in force today. The answer changes with the day, so that no browser keeps it.
func (s *site) currentRevision(c *call) error {
	d, err := c.paper()
	if err != nil {
		return err
	}
	_, current, err := s.store.DocumentRevisions(c.ctx(), c.viewer, d.ID, c.today())
	if err != nil {
		return err
	}
	if current == 0 {
		return comity.Errorf(comity.NotFound, "no revision is in force")
	}
	return c.redirect(revisionPath(d.ID, current))
}

// revisionView is one revision.
type revisionView struct {
	documentPage
	Revision revisionRow
	HTML     template.HTML
	Link     string // that lasts
	Endings  []string
	Approval *comity.Decision  // that approved it; nil: none is named, or none that the viewer sees
	Offered  []comity.Decision // that may approve it, the latest first; for who keeps the records
	Form     *form
}

// revision returns the revision of the path, without what else the page shows.
func (c *call) revision() (comity.Document, comity.DocumentRevision, error) {
	d, err := c.paper()
	if err != nil {
		return d, comity.DocumentRevision{}, err
	}
	number, err := strconv.Atoi(c.r.PathValue("number"))
	if err != nil || strconv.Itoa(number) != c.r.PathValue("number") {
		return d, comity.DocumentRevision{}, comity.Errorf(comity.NotFound, "no such revision")
	}
	r, err := c.site.store.DocumentRevision(c.ctx(), c.viewer, d.ID, number)
	return d, r, err
}

func (s *site) showRevision(c *call) error {
	v, err := c.revisionView()
	if err != nil {
		return err
	}
	return c.render("documents/revision", v)
}

func (c *call) revisionView() (revisionView, error) {
	d, r, err := c.revision()
	if err != nil {
		return revisionView{}, err
	}
	p, err := c.documentPage()
	if err != nil {
		return revisionView{}, err
	}
	v := revisionView{documentPage: p, Revision: revisionRow{r, r.StateOf(c.today(), p.Current)}, HTML: markdown.Render(r.Text), Link: revisionPath(d.ID, r.Number), Endings: documentEndings}
	v.Marking, v.Form = r.TLP, formOf(map[string]string{"effective": c.today().String()})
	if r.Decision != "" {
		switch approval, err := c.site.store.Decision(c.ctx(), c.viewer, r.Decision); {
		case err == nil:
			v.Approval, v.Marking = &approval, comity.Strictest(v.Marking, approval.TLP)
		case comity.KindOf(err) != comity.NotFound:
			return v, err
		}
	}
	if v.Keeps && v.Revision.State == comity.RevisionProposed {
		page, err := c.site.store.Decisions(c.ctx(), c.viewer, comity.DecisionQuery{Status: comity.DecisionInForce, Limit: decisionsOffered})
		if err != nil {
			return v, err
		}
		v.Offered = page.Decisions
	}
	return v, nil
}

// decisionsOffered is how many decisions, the latest, are offered as those that approved a revision.
const decisionsOffered = 50

// adoptRevision brings a proposed revision into force by a decision that a session took.
func (s *site) adoptRevision(c *call) error {
	v, err := c.revisionView()
	if err != nil {
		return err
	}
	if v.Form, err = c.form("decision", "effective"); err != nil {
		return err
	}
	ids := make([]string, len(v.Offered))
	for i, d := range v.Offered {
		ids[i] = string(d.ID)
	}
	decision, effective := comity.DecisionID(v.Form.Choice("decision", ids...)), v.Form.Date("effective")
	if effective.IsZero() {
		v.Form.Fail("effective", "error.field.date")
	}
	if !v.Form.OK() {
		return c.renderInvalid("documents/revision", v)
	}
	_, err = s.store.AdoptRevision(c.ctx(), c.viewer, v.Document.ID, v.Revision.Number, decision, effective)
	if comity.KindOf(err) == comity.Invalid {
		v.Form.Fail("effective", "documents.error.earlier")
		return c.renderInvalid("documents/revision", v)
	}
	return c.finish(err, "documents.adopted", v.Link)
}

// downloadText answers with the text of a revision, byte for byte what its hash is of.
func (s *site) downloadText(c *call) error {
	d, r, err := c.revision()
	if err != nil {
		return err
	}
	if r.Text == "" {
		return comity.Errorf(comity.NotFound, "this revision has no text")
	}
	c.sandbox("text/markdown; charset=utf-8", string(d.ID)+"-"+strconv.Itoa(r.Number)+".md")
	_, _ = c.w.Write([]byte(r.Text)) // who went away does not hear of it
	return nil
}

// writtenText answers with the text of a revision as a document, in the language in which it is written.
func (s *site) writtenText(ending string) func(*call) error {
	return func(c *call) error {
		d, r, err := c.revision()
		if err != nil {
			return err
		}
		if r.Text == "" {
			return comity.Errorf(comity.NotFound, "this revision has no text")
		}
		l := cmp.Or(s.locales[r.Language], c.locale)
		subtitle := l.T("documents.revision", "number", r.Number)
		if !r.Effective.IsZero() {
			subtitle += " · " + l.T("documents.field.effective") + " " + l.Date(r.Effective)
		}
		if r.Symbol != "" {
			subtitle += " · " + r.Symbol
		}
		out := newDocument(l, c.group, s.now(), d.Title, subtitle, r.TLP)
		out.Blocks = markdown.Blocks(r.Text)
		if len(out.Blocks) > 0 && out.Blocks[0].Kind == document.Heading && len(out.Blocks[0].Runs) == 1 && out.Blocks[0].Runs[0].Text == d.Title {
			out.Blocks = out.Blocks[1:] // it says its title itself
		}
		out.Blocks = append(out.Blocks, document.Remark(l.T("documents.field.text_hash")+" "+r.TextHash))
		return c.sendDocument("document", ending, out)
	}
}

// downloadFile answers with the PDF of a revision, piece by piece.
func (s *site) downloadFile(c *call) error {
	d, r, err := c.revision()
	if err != nil {
		return err
	}
	begun := false
	err = s.store.DocumentFile(c.ctx(), c.viewer, d.ID, r.Number, func(f comity.DocumentFile) error {
		begun = true
		c.sandbox("application/pdf", f.Name)
		c.w.Header().Set("Content-Length", strconv.FormatInt(f.Size, 10))
		return nil
	}, func(piece []byte) error {
		_, err := c.w.Write(piece)
		return err
	})
	if begun && err != nil {
		s.log.Info("document file: not sent whole", "document", d.ID, "err", err)
		return nil // the headers are out: the length tells that it broke off
	}
	return err
}

// sandbox says that the answer is a file that somebody put in: it is saved, never shown, and may do nothing if it is.
func (c *call) sandbox(contentType, name string) {
	c.attach(contentType, name)
	c.w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")
}

// revisionsView is what differs between two revisions.
type revisionsView struct {
	documentPage
	From, To int
	Before   comity.DocumentRevision
	After    comity.DocumentRevision
	Parts    []differencePart
	Equal    bool
	Gone     int // stretches that went
	New      int // stretches that came
}

// differencePart is a stretch of text, and "", "del" or "ins".
type differencePart struct{ Kind, Text string }

func (s *site) compareRevisions(c *call) error {
	p, err := c.documentPage()
	if err != nil {
		return err
	}
	v := revisionsView{documentPage: p}
	v.From, v.To = p.compared(c.r.URL.Query().Get("from"), c.r.URL.Query().Get("to"))
	if v.Before, err = s.store.DocumentRevision(c.ctx(), c.viewer, p.Document.ID, v.From); err != nil {
		return err
	}
	if v.After, err = s.store.DocumentRevision(c.ctx(), c.viewer, p.Document.ID, v.To); err != nil {
		return err
	}
	v.Marking = comity.Strictest(v.Before.TLP, v.After.TLP)
	kinds := map[governance.Change]string{governance.Same: "", governance.Gone: "del", governance.New: "ins"}
	for _, part := range governance.Difference(v.Before.Text, v.After.Text) {
		v.Parts = append(v.Parts, differencePart{kinds[part.Change], part.Text})
		switch part.Change {
		case governance.Gone:
			v.Gone++
		case governance.New:
			v.New++
		}
	}
	v.Equal = v.Gone+v.New == 0
	return c.render("documents/difference", v)
}

// compared returns which two revisions are asked for; unless said, the newest and the one before.
func (p documentPage) compared(from, to string) (int, int) {
	after, err := strconv.Atoi(to)
	if err != nil && len(p.Revisions) > 0 {
		after = p.Revisions[0].Number
	}
	before, err := strconv.Atoi(from)
	if err != nil {
		before = max(after-1, 1)
	}
	return before, after
}
