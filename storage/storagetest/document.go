package storagetest

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"comity"

	"pgregory.net/rapid"
)

// rules are complete rules.
var rules = comity.Rules{
	Quorum: comity.Quorum{Numerator: 1, Denominator: 2, Above: true}, Threshold: comity.ThresholdConsensus, SilenceDays: 10, BallotDays: 14,
	SessionsPerYear: 1, NoticeDays: 14, AmendmentDays: 21, TermMonths: 24, ReminderDays: 60,
}

func day(d int) comity.Date { return comity.DateOf(now).AddDays(d) }

// document stores a document of the group.
func (s *stage) document(t *testing.T, kind comity.DocumentKind, title string, tlp comity.TLP) comity.Document {
	t.Helper()
	d, err := s.PutDocument(s.ctx, system, comity.Document{ID: comity.MakeDocumentID(entropy(title)), Kind: kind, Title: title, TLP: tlp}, now)
	must(t, err)
	return d
}

// published drafts and publishes the next revision of a document, in force from a day on; the zero day proposes it.
func (s *stage) published(t *testing.T, r comity.DocumentRevision, from comity.Date) comity.DocumentRevision {
	t.Helper()
	r.Language = "en"
	r, err := s.PutDocumentDraft(s.ctx, system, r)
	must(t, err)
	r, err = s.PublishDocument(s.ctx, system, r.Document, r.Version, from, now)
	must(t, err)
	return r
}

// publishAs has somebody publish a paper.
func (s *stage) publishAs(t *testing.T, v comity.Viewer, title string) {
	t.Helper()
	d := s.document(t, comity.DocumentPaper, title, comity.TLPGreen)
	r, err := s.PutDocumentDraft(s.ctx, v, comity.DocumentRevision{Document: d.ID, Language: "en", TLP: comity.TLPGreen, Text: "text"})
	must(t, err)
	_, err = s.PublishDocument(s.ctx, v, d.ID, r.Version, day(0), now)
	must(t, err)
}

func testDocuments(t *testing.T, s *stage) {
	desk, focal := s.as(t, s.a, comity.RoleSecretariat), s.as(t, s.b, comity.RoleFocalPoint)
	d := comity.Document{ID: comity.MakeDocumentID(entropy("d")), Kind: comity.DocumentGuidance, Title: "Guidance", TLP: comity.TLPGreen}
	_, err := s.PutDocument(s.ctx, focal, d, now)
	wantKind(t, "a focal point makes a document", err, comity.NotFound)
	d, err = s.PutDocument(s.ctx, desk, d, now)
	must(t, err)
	_, err = s.PutDocument(s.ctx, desk, comity.Document{ID: d.ID, Kind: d.Kind, Title: "Twice", TLP: d.TLP}, now)
	wantKind(t, "the same identity again", err, comity.Conflict)

	draft := comity.DocumentRevision{Document: d.ID, Language: "en", TLP: comity.TLPGreen, Text: "one two", Note: "first"}
	draft, err = s.PutDocumentDraft(s.ctx, desk, draft)
	must(t, err)
	_, err = s.DocumentRevision(s.ctx, focal, d.ID, 1)
	wantKind(t, "a member reads a draft", err, comity.NotFound)
	stale := draft
	draft.Text = "one two three"
	draft, err = s.PutDocumentDraft(s.ctx, desk, draft)
	must(t, err)
	_, err = s.PutDocumentDraft(s.ctx, desk, stale)
	wantKind(t, "a draft that was changed in between", err, comity.Conflict)
	_, err = s.PublishDocument(s.ctx, desk, d.ID, stale.Version, day(0), now)
	wantKind(t, "a version that was changed in between is published", err, comity.Conflict)
	_, err = s.PublishDocument(s.ctx, focal, d.ID, draft.Version, day(0), now)
	wantKind(t, "a focal point publishes", err, comity.NotFound)
	first, err := s.PublishDocument(s.ctx, desk, d.ID, draft.Version, day(0), now)
	must(t, err)
	_, err = s.PublishDocument(s.ctx, desk, d.ID, draft.Version, day(1), now)
	wantKind(t, "published twice", err, comity.Conflict)
	wantKind(t, "a published revision is thrown away", s.DeleteDocumentDraft(s.ctx, desk, d.ID), comity.NotFound)
	got, err := s.DocumentRevision(s.ctx, focal, d.ID, 1)
	must(t, err)
	if got.Text != "one two three" || got.TextHash != sha256Hex("one two three") || got.Number != 1 || first.Effective != day(0) {
		t.Errorf("published: got %+v", got)
	}

	second := s.published(t, comity.DocumentRevision{Document: d.ID, TLP: comity.TLPAmber, Text: "one three"}, day(10))
	if second.Number != 2 || second.Supersedes != 1 {
		t.Errorf("second: got %+v", second)
	}
	for at, want := range map[int]int{-1: 0, 0: 1, 9: 1, 10: 2, 500: 2} {
		list, current, err := s.DocumentRevisions(s.ctx, focal, d.ID, day(at))
		must(t, err)
		if current != want || len(list) != 2 || list[0].Text != "" {
			t.Errorf("in force on day %d: got %d of %d, want %d", at, current, len(list), want)
		}
	}
	early, err := s.PutDocumentDraft(s.ctx, desk, comity.DocumentRevision{Document: d.ID, Language: "en", TLP: comity.TLPGreen, Text: "x"})
	must(t, err)
	_, err = s.PublishDocument(s.ctx, desk, d.ID, early.Version, day(5), now)
	wantKind(t, "in force before the one that came before", err, comity.Invalid)
	must(t, s.DeleteDocumentDraft(s.ctx, desk, d.ID))
	d.TLP = comity.TLPAmber
	_, err = s.PutDocument(s.ctx, desk, d, now)
	wantKind(t, "narrower than a revision that was shown", err, comity.Invalid)
	page, err := s.Documents(s.ctx, focal, comity.DocumentQuery{Kind: comity.DocumentGuidance}, day(3))
	must(t, err)
	if page.Total != 1 || page.Documents[0].Current.Number != 1 || page.Documents[0].Latest != 2 {
		t.Errorf("list: got %+v", page)
	}
}

func testDocumentFiles(t *testing.T, s *stage) {
	d := s.document(t, comity.DocumentPaper, "Paper", comity.TLPGreen)
	draft, err := s.PutDocumentDraft(s.ctx, system, comity.DocumentRevision{Document: d.ID, Language: "en", TLP: comity.TLPAmber})
	must(t, err)
	pdf := []byte("%PDF-1.7\n" + strings.Repeat("0123456789abcdef", 80_000) + "\n%%EOF\n")
	for name, content := range map[string][]byte{
		"a page": []byte("<html>%PDF-1.7 %%EOF"), "cut off": pdf[:1000], "a picture": append([]byte("\x89PNG"), pdf...),
	} {
		_, err = s.PutDocumentFile(s.ctx, system, d.ID, draft.Version, "x.pdf", content)
		wantKind(t, name, err, comity.Invalid)
	}
	_, err = s.PutDocumentFile(s.ctx, system, d.ID, draft.Version, "x.pdf", append(bytes.Clone(pdf), make([]byte, comity.MaxDocumentFile)...))
	wantKind(t, "over the bound", err, comity.TooLarge)
	draft, err = s.PutDocumentFile(s.ctx, system, d.ID, draft.Version, "../../etc/Terms\r\n.pdf", pdf)
	must(t, err)
	if draft.File.Name != "Terms.pdf" || draft.File.Size != int64(len(pdf)) {
		t.Errorf("file: got %+v", draft.File)
	}
	_, err = s.PublishDocument(s.ctx, system, d.ID, draft.Version, day(0), now)
	must(t, err)
	_, err = s.PutDocumentFile(s.ctx, system, d.ID, draft.Version, "x.pdf", pdf)
	wantKind(t, "a published revision gets another file", err, comity.Conflict)
	var got []byte
	read := func(v comity.Viewer) error {
		got = nil
		return s.DocumentFile(s.ctx, v, d.ID, 1, func(comity.DocumentFile) error { return nil }, func(b []byte) error {
			got = append(got, b...)
			return nil
		})
	}
	must(t, read(s.as(t, s.a, comity.RoleAnalyst)))
	if !bytes.Equal(got, pdf) {
		t.Errorf("read back %d bytes, want %d", len(got), len(pdf))
	}
	for _, v := range []comity.Viewer{{}, s.as(t, s.observer, comity.RoleObserver), s.as(t, s.parent, comity.RoleParentReader), s.as(t, s.a, comity.RoleAuditor)} {
		if err := read(v); comity.KindOf(err) != comity.NotFound || len(got) > 0 {
			t.Errorf("%v reads %d bytes of a file that is not for them: %v", v.Roles().Names(), len(got), err)
		}
	}
}

// testDocumentVisibility holds what is listed, read and current to what comity.Viewer says, for every label of a document
// and of its revision, published and not.
func testDocumentVisibility(t *testing.T, s *stage) {
	organizations := []comity.Organization{s.a, s.b, s.observer, s.parent}
	var all []comity.Document
	revisions := map[comity.DocumentID][]comity.DocumentRevision{}
	for _, outer := range labels[1:5] {
		for _, inner := range labels[1:5] {
			if comity.Strictest(outer, inner) != inner {
				continue
			}
			d := s.document(t, comity.DocumentPaper, fmt.Sprint("Paper ", outer, inner), outer)
			r := s.published(t, comity.DocumentRevision{Document: d.ID, TLP: inner, Text: "text"}, day(0))
			draft, err := s.PutDocumentDraft(s.ctx, system, comity.DocumentRevision{Document: d.ID, Language: "en", TLP: inner, Text: "draft"})
			must(t, err)
			all, revisions[d.ID] = append(all, d), []comity.DocumentRevision{r, draft}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		v := anyViewer(organizations).Draw(t, "viewer")
		page, err := s.Documents(s.ctx, v, comity.DocumentQuery{Limit: 200}, day(0))
		if err != nil {
			t.Fatal(err)
		}
		listed := map[comity.DocumentID]comity.DocumentEntry{}
		for _, e := range page.Documents {
			listed[e.ID] = e
		}
		hold(t, v, "count of documents", page.Total == len(listed), true)
		for _, d := range all {
			e, ok := listed[d.ID]
			hold(t, v, "list "+d.Title, ok, v.SeesDocument(d))
			first := revisions[d.ID][0]
			hold(t, v, "current of "+d.Title, e.Current != nil, v.SeesDocument(d) && v.SeesRevision(first))
		}
		d := rapid.SampledFrom(all).Draw(t, "document")
		_, current, err := s.DocumentRevisions(s.ctx, v, d.ID, day(0))
		hold(t, v, "revisions of "+d.Title, err == nil, v.SeesDocument(d))
		for _, r := range revisions[d.ID] {
			sees := v.SeesDocument(d) && v.SeesRevision(r)
			_, err := s.DocumentRevision(s.ctx, v, d.ID, r.Number)
			hold(t, v, fmt.Sprint("revision ", r.Number, " of ", d.Title), err == nil, sees)
			if r.Number == 1 {
				hold(t, v, "link to the current "+d.Title, current == 1, sees)
			}
		}
	})
}

func testRules(t *testing.T, s *stage) {
	reader := s.as(t, s.parent, comity.RoleParentReader)
	_, err := s.RulesInForce(s.ctx, reader, day(0))
	wantKind(t, "before there are Terms of Reference", err, comity.NotFound)
	d := s.document(t, comity.DocumentTerms, "Terms of Reference", comity.TLPGreen)
	_, err = s.PutDocument(s.ctx, system, comity.Document{ID: comity.MakeDocumentID(entropy("second")), Kind: comity.DocumentTerms, Title: "Second", TLP: comity.TLPGreen}, now)
	wantKind(t, "second Terms of Reference", err, comity.Conflict)
	bare, err := s.PutDocumentDraft(s.ctx, system, comity.DocumentRevision{Document: d.ID, Language: "en", TLP: comity.TLPGreen, Text: "x"})
	must(t, err)
	_, err = s.PublishDocument(s.ctx, system, d.ID, bare.Version, day(0), now)
	wantKind(t, "Terms of Reference without rules", err, comity.Invalid)
	must(t, s.DeleteDocumentDraft(s.ctx, system, d.ID))
	_, err = s.PutDocumentDraft(s.ctx, system, comity.DocumentRevision{Document: d.ID, Language: "en", TLP: comity.TLPGreen, Text: "x", Rules: &comity.Rules{}})
	wantKind(t, "the zero rules", err, comity.Invalid)

	one, two := rules, rules
	two.SilenceDays, two.Quorum = 20, comity.Quorum{Numerator: 2, Denominator: 3}
	s.published(t, comity.DocumentRevision{Document: d.ID, TLP: comity.TLPGreen, Text: "one", Rules: &one}, day(0))
	s.published(t, comity.DocumentRevision{Document: d.ID, TLP: comity.TLPGreen, Text: "two", Rules: &two}, day(30))
	s.published(t, comity.DocumentRevision{Document: d.ID, TLP: comity.TLPGreen, Text: "three", Rules: &one}, comity.Date{})
	_, err = s.RulesInForce(s.ctx, reader, day(-1))
	wantKind(t, "the day before", err, comity.NotFound)
	for at, want := range map[int]comity.BindingRules{
		0:   {Rules: one, Document: d.ID, Revision: 1, Effective: day(0)},
		29:  {Rules: one, Document: d.ID, Revision: 1, Effective: day(0)},
		30:  {Rules: two, Document: d.ID, Revision: 2, Effective: day(30)},
		900: {Rules: two, Document: d.ID, Revision: 2, Effective: day(30)},
	} {
		got, err := s.RulesInForce(s.ctx, reader, day(at))
		must(t, err)
		same(t, fmt.Sprint("on day ", at), got, want)
	}
	_, err = s.RulesInForce(s.ctx, comity.Viewer{}, day(0))
	wantKind(t, "nobody", err, comity.NotFound)
}

func sha256Hex(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }
