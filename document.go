package comity

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// DocumentKind says what a document is for.
type DocumentKind string

// The kinds of document.
const (
	DocumentTerms    DocumentKind = "terms-of-reference" // of the group, or of a working group
	DocumentBaseline DocumentKind = "baseline"
	DocumentGuidance DocumentKind = "guidance"
	DocumentPaper    DocumentKind = "paper"
	DocumentOutput   DocumentKind = "output" // of a working group or a project
	DocumentOther    DocumentKind = "other"
)

// DocumentKinds lists the kinds in the order in which they are offered.
var DocumentKinds = []DocumentKind{DocumentTerms, DocumentBaseline, DocumentGuidance, DocumentPaper, DocumentOutput, DocumentOther}

// Languages are the six languages of the group, by their codes.
var Languages = []string{"ar", "en", "es", "fr", "ru", "zh"}

// Document is a series of numbered revisions under one title and one lasting link. Those see it whom its label lets; each
// revision has a label of its own that is no wider.
type Document struct {
	ID           DocumentID     `json:"id"`
	Kind         DocumentKind   `json:"kind"`
	Title        string         `json:"title"`
	TLP          TLP            `json:"tlp"`                     // of the title, and of that there is such a document
	WorkingGroup WorkingGroupID `json:"working_group,omitempty"` // whose it is; empty: the whole group's
	Created      time.Time      `json:"created,omitzero"`
	Version      int            `json:"version"` // grows with every change of this record; 0: never stored
}

// Bounds on documents.
const (
	MaxDocumentTitle  = 200      // characters
	MaxDocumentText   = 300_000  // bytes of Markdown
	MaxDocumentFile   = 20 << 20 // bytes of a PDF
	MaxDocumentNote   = 1000     // characters
	MaxRevisions      = 999      // of one document
	maxDocumentSymbol = 60       // characters
)

// Check reports the first thing that is wrong with a document, as Invalid.
func (d Document) Check() error {
	title := strings.TrimSpace(d.Title)
	switch {
	case title == "" || utf8.RuneCountInString(title) > MaxDocumentTitle || !utf8.ValidString(title):
		return Errorf(Invalid, "title: want 1 to %d characters", MaxDocumentTitle)
	case !slices.Contains(DocumentKinds, d.Kind):
		return Errorf(Invalid, "kind %.40q: want one of the kinds of document", d.Kind)
	case d.TLP < TLPClear || d.TLP > TLPAmberStrict:
		return Errorf(Invalid, "tlp: want TLP:CLEAR to TLP:AMBER+STRICT: what is for named recipients only is no document of the group")
	}
	return nil
}

// IsTerms reports whether this is the group's own Terms of Reference, whose revisions carry the rules that bind.
func (d Document) IsTerms() bool { return d.Kind == DocumentTerms && d.WorkingGroup == "" }

// DocumentRevision is one numbered state of a document. Once published it never changes, except that one which was
// proposed comes into force once.
type DocumentRevision struct {
	Document   DocumentID    `json:"document"`
	Number     int           `json:"number"`           // 1, 2, …
	Symbol     string        `json:"symbol,omitempty"` // such as "MISSIG/2026/3"
	Language   string        `json:"language"`         // of the text: one of the six
	TLP        TLP           `json:"tlp"`              // no wider than the document's
	Text       string        `json:"text,omitempty"`   // Markdown; lists leave it out
	TextHash   string        `json:"text_sha256,omitempty"`
	File       *DocumentFile `json:"file,omitempty"`       // nil: the text alone
	Rules      *Rules        `json:"rules,omitempty"`      // of the group's Terms of Reference only
	Note       string        `json:"note,omitempty"`       // what changed
	Supersedes int           `json:"supersedes,omitempty"` // number of the revision that it replaced; 0: none

	Published time.Time  `json:"published,omitzero"` // zero: a draft, for those who keep the group's records
	By        PersonID   `json:"by,omitempty"`       // who published it
	Effective Date       `json:"effective,omitzero"` // from when on it is in force; zero: it is proposed
	Decision  DecisionID `json:"decision,omitempty"` // that approved it; empty: none is named
	Version   int        `json:"version"`            // of the draft: grows with every change
}

// DocumentFile is the PDF of a revision.
type DocumentFile struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"` // bytes
	SHA256 string `json:"sha256"`
}

// RevisionState is where a revision stands on a day.
type RevisionState string

// The states of a revision.
const (
	RevisionDraft      RevisionState = "draft"
	RevisionProposed   RevisionState = "proposed"   // published, and in force on no day yet
	RevisionComing     RevisionState = "coming"     // in force from a later day on
	RevisionInForce    RevisionState = "in-force"   // the current one
	RevisionSuperseded RevisionState = "superseded" // was in force until another came
)

// StateOf returns where a revision stands on a day on which current is the number of the document's revision in force.
func (r DocumentRevision) StateOf(day Date, current int) RevisionState {
	switch {
	case r.Published.IsZero():
		return RevisionDraft
	case r.Effective.IsZero():
		return RevisionProposed
	case day.Before(r.Effective):
		return RevisionComing
	case r.Number == current:
		return RevisionInForce
	default:
		return RevisionSuperseded
	}
}

// InForce returns the number of the revision in force on a day: of those published that have come into force by then the
// one that did so last, the higher number of two on one day. It is 0 if there is none.
func InForce(revisions []DocumentRevision, day Date) int {
	var best DocumentRevision
	for _, r := range revisions {
		if r.Published.IsZero() || r.Effective.IsZero() || day.Before(r.Effective) {
			continue
		}
		later := best.Effective.Before(r.Effective)
		if later || r.Effective == best.Effective && r.Number > best.Number {
			best = r
		}
	}
	return best.Number
}

// Check reports the first thing that is wrong with a revision of d, as Invalid.
func (r DocumentRevision) Check(d Document) error {
	switch {
	case r.Number < 1 || r.Number > MaxRevisions:
		return Errorf(Invalid, "number %d: want 1 to %d", r.Number, MaxRevisions)
	case len(r.Text) > MaxDocumentText:
		return Errorf(TooLarge, "text: at most %d bytes", MaxDocumentText)
	case !utf8.ValidString(r.Text) || strings.ContainsRune(r.Text, 0):
		return Errorf(Invalid, "text: want UTF-8 without null characters")
	case utf8.RuneCountInString(r.Note) > MaxDocumentNote || !utf8.ValidString(r.Note):
		return Errorf(Invalid, "note: at most %d characters", MaxDocumentNote)
	case utf8.RuneCountInString(r.Symbol) > maxDocumentSymbol || !utf8.ValidString(r.Symbol):
		return Errorf(Invalid, "symbol: at most %d characters", maxDocumentSymbol)
	case !slices.Contains(Languages, r.Language):
		return Errorf(Invalid, "language %.20q: want ar, en, es, fr, ru or zh", r.Language)
	case r.TLP < TLPClear || r.TLP > TLPAmberStrict || Strictest(r.TLP, d.TLP) != r.TLP:
		return Errorf(Invalid, "tlp: want a label that is no wider than the document's, %s", d.TLP)
	case r.Rules != nil && !d.IsTerms():
		return Errorf(Invalid, "rules: only the group's Terms of Reference have any")
	case r.Rules != nil:
		return r.Rules.Check()
	}
	return nil
}

// Complete reports, as Invalid, what a revision of d lacks to be published.
func (r DocumentRevision) Complete(d Document) error {
	if err := r.Check(d); err != nil {
		return err
	}
	switch {
	case strings.TrimSpace(r.Text) == "" && r.File == nil:
		return Errorf(Invalid, "text: a revision needs a text or a file")
	case d.IsTerms() && r.Rules == nil:
		return Errorf(Invalid, "rules: the Terms of Reference say which rules bind")
	}
	return nil
}

// CheckPDF reports, as Invalid or TooLarge, why these bytes are not taken as a PDF: by what they are, not by their name.
//
// Source: ISO 32000-2, 7.5.2 and 7.5.5: a header "%PDF-" and an end "%%EOF".
func CheckPDF(content []byte) error {
	tail := content[max(0, len(content)-1024):]
	switch {
	case len(content) > MaxDocumentFile:
		return Errorf(TooLarge, "file: at most %d MB", MaxDocumentFile>>20)
	case !strings.HasPrefix(string(content[:min(len(content), 5)]), "%PDF-"):
		return Errorf(Invalid, "file: not a PDF: it does not begin with %%PDF-")
	case !strings.Contains(string(tail), "%%EOF"):
		return Errorf(Invalid, "file: not a whole PDF: its end is missing")
	}
	return nil
}

// DocumentQuery selects documents. The zero query is the first 50 by title.
type DocumentQuery struct {
	Kind         DocumentKind   // empty: any
	WorkingGroup WorkingGroupID // empty: any
	Limit        int            // 1–200; 0 counts as 50
	Offset       int
}

// DocumentEntry is a document in a list, with what the viewer may see of its revisions.
type DocumentEntry struct {
	Document
	Current *DocumentRevision `json:"current,omitempty"` // in force on the day; nil: none that the viewer may see
	Latest  int               `json:"latest,omitempty"`  // number of the newest published that the viewer may see
}

// DocumentPage is one page of documents, by title.
type DocumentPage struct {
	Documents []DocumentEntry
	Total     int
}

// KeepsRecords reports whether the viewer keeps the group's records: documents, working groups, written procedures. The
// co-chairs and the secretariat do.
func (v Viewer) KeepsRecords() bool { return v.system() || v.roles.Has(RoleCoChair, RoleSecretariat) }

// SeesDocument reports whether the viewer may see that there is a document: within its label; who keeps the records, all.
func (v Viewer) SeesDocument(d Document) bool {
	return v.KeepsRecords() || v.roles != 0 && v.Sees(Marking{TLP: d.TLP})
}

// SeesRevision reports whether the viewer may see a revision of a document that they see: drafts are for who keeps the
// records, others for those within its label.
func (v Viewer) SeesRevision(r DocumentRevision) bool {
	return v.KeepsRecords() || v.roles != 0 && !r.Published.IsZero() && v.Sees(Marking{TLP: r.TLP})
}

// FileName returns a file's name as it may stand in a header and on any disk: without folders and control characters, at
// most 100 characters, ending in ".pdf"; otherwise if nothing is left.
func FileName(name, otherwise string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError || strings.ContainsRune(`"<>:|?*`, r) {
			return -1
		}
		return r
	}, name)
	name = strings.Trim(strings.TrimSuffix(strings.TrimSuffix(name, ".pdf"), ".PDF"), " .")
	if runes := []rune(name); len(runes) > 100 {
		name = string(runes[:100])
	}
	if name == "" {
		return otherwise
	}
	return name + ".pdf"
}
