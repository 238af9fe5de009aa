package comity

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// ReportKind says how long a report to the parent network is.
type ReportKind string

// The kinds of report.
const (
	ReportBrief  ReportKind = "brief"  // about two pages
	ReportAnnual ReportKind = "annual" // of a whole year
)

// ReportKinds lists the kinds.
var ReportKinds = []ReportKind{ReportBrief, ReportAnnual}

// ReportState is whether a report may still change.
type ReportState string

// The states.
const (
	ReportDraft  ReportState = "draft"  // for those who write it
	ReportFrozen ReportState = "frozen" // as it was sent: it never changes
)

// ReportPart says what a section of a report is made from.
type ReportPart string

// The parts. Each section has a free text beside what is made.
const (
	PartText      ReportPart = "text"      // the free text only
	PartDecisions ReportPart = "decisions" // of the period
	PartWorkPlan  ReportPart = "work-plan" // what changed in it since the last report
	PartExposure  ReportPart = "exposure"  // what was released
	PartProjects  ReportPart = "projects"
	PartRequests  ReportPart = "requests" // to the parent network: a numbered one for each line of the text
)

// ReportParts lists the parts in their usual order.
var ReportParts = []ReportPart{PartText, PartDecisions, PartWorkPlan, PartExposure, PartProjects, PartRequests}

// ReportSection is one section of a template or report. Titles and texts are by language; a title that is not there is the
// usual one of the part.
type ReportSection struct {
	Part   ReportPart        `json:"part"`
	Titles map[string]string `json:"titles,omitempty"`
	Texts  map[string]string `json:"texts,omitempty"`
}

// ReportTemplate is how reports of one kind begin. Every change is a new version; reports keep what they began with.
type ReportTemplate struct {
	Kind     ReportKind      `json:"kind"`
	Version  int             `json:"version"` // from 1; 0: as Comity comes
	At       time.Time       `json:"at,omitzero"`
	Sections []ReportSection `json:"sections"`
}

// GroupReport is a report of the group to its parent network. (A [Report] is one of threat intelligence.) The zero
// GroupReport is seen by nobody but the system.
type GroupReport struct {
	ID        ReportID        `json:"id"`
	Number    int             `json:"number"` // from 1, without gaps
	Kind      ReportKind      `json:"kind"`
	State     ReportState     `json:"state"`
	TLP       TLP             `json:"tlp"`   // nothing that is marked more narrowly is in it
	From      Date            `json:"from"`  // first day of the period
	Until     Date            `json:"until"` // last day
	Languages []string        `json:"languages"`
	Disclosed bool            `json:"disclosed,omitempty"` // the group tells its released figures, TLP:GREEN, under this report's label
	Sections  []ReportSection `json:"sections"`
	LeftOut   int             `json:"left_out"`         // things of the period that are marked more narrowly; of a frozen report
	Frozen    time.Time       `json:"frozen,omitzero"`  // UTC
	Hash      string          `json:"hash,omitempty"`   // SHA-256 of what was frozen, see Seal
	Revision  int             `json:"revision"`         // grows with every change; 0: never stored
	Created   time.Time       `json:"created,omitzero"` // UTC
}

// ReportDocument is a frozen report in one language: the JSON of a document, as package document reads it.
type ReportDocument struct {
	Language string `json:"language"`
	Document string `json:"document"`
}

// ReportQuery selects reports. The zero query is the latest 50.
type ReportQuery struct {
	State  ReportState
	Kind   ReportKind
	Limit  int // at most 200
	Offset int
}

// ReportPage is one page of reports, the latest first.
type ReportPage struct {
	Reports []GroupReport `json:"reports"`
	Total   int           `json:"total"`
}

// Bounds of a report.
const (
	MaxReportSections = 16
	MaxReportText     = 20_000 // characters of one text
	MaxReportTitle    = 200
	MaxReportDocument = 8 << 20 // bytes of one frozen document
)

// reportLanguages are the languages that a report may be in.
var reportLanguages = []string{"ar", "en", "es", "fr", "ru", "zh"}

// Check reports the first thing that is wrong with a report, as Invalid.
func (r GroupReport) Check() error {
	switch {
	case !slices.Contains(ReportKinds, r.Kind):
		return Errorf(Invalid, "kind %.40q: unknown", r.Kind)
	case r.TLP < TLPClear || r.TLP > TLPAmberStrict:
		return Errorf(Invalid, "tlp: want TLP:CLEAR to TLP:AMBER+STRICT")
	case r.From.IsZero() || r.Until.IsZero() || r.Until.Before(r.From):
		return Errorf(Invalid, "period: want a first day and a last day that is not before it")
	case len(r.Languages) == 0 || !slices.IsSorted(r.Languages) || len(slices.Compact(slices.Clone(r.Languages))) != len(r.Languages):
		return Errorf(Invalid, "languages: want at least one, sorted, each once")
	}
	for _, l := range r.Languages {
		if !slices.Contains(reportLanguages, l) {
			return Errorf(Invalid, "language %.10q: unknown", l)
		}
	}
	return checkReportSections(r.Sections)
}

// Check reports the first thing that is wrong with a template, as Invalid.
func (t ReportTemplate) Check() error {
	if !slices.Contains(ReportKinds, t.Kind) {
		return Errorf(Invalid, "kind %.40q: unknown", t.Kind)
	}
	return checkReportSections(t.Sections)
}

func checkReportSections(list []ReportSection) error {
	if len(list) == 0 || len(list) > MaxReportSections {
		return Errorf(Invalid, "sections: want 1 to %d", MaxReportSections)
	}
	for i, s := range list {
		if !slices.Contains(ReportParts, s.Part) {
			return Errorf(Invalid, "section %d: part %.40q: unknown", i+1, s.Part)
		}
		if err := checkReportTexts(s.Titles, MaxReportTitle); err != nil {
			return Errorf(Invalid, "section %d: title: %w", i+1, err)
		}
		if err := checkReportTexts(s.Texts, MaxReportText); err != nil {
			return Errorf(Invalid, "section %d: text: %w", i+1, err)
		}
	}
	return nil
}

func checkReportTexts(texts map[string]string, most int) error {
	for l, s := range texts {
		switch {
		case !slices.Contains(reportLanguages, l):
			return Errorf(Invalid, "language %.10q: unknown", l)
		case !utf8.ValidString(s) || strings.ContainsRune(s, 0) || utf8.RuneCountInString(s) > most:
			return Errorf(Invalid, "want at most %d characters", most)
		}
	}
	return nil
}

// DefaultTemplate returns the template that Comity comes with.
func DefaultTemplate(kind ReportKind) ReportTemplate {
	t := ReportTemplate{Kind: kind}
	for _, p := range ReportParts {
		t.Sections = append(t.Sections, ReportSection{Part: p})
	}
	return t
}

// Seal returns the SHA-256, as hex, of a report with its documents: of the JSON of both, the report without its hash and
// revision, the documents by language.
func (r GroupReport) Seal(documents []ReportDocument) (string, error) {
	r.Hash, r.Revision = "", 0
	documents = slices.Clone(documents)
	slices.SortFunc(documents, func(a, b ReportDocument) int { return strings.Compare(a.Language, b.Language) })
	data, err := json.Marshal(struct {
		Report    GroupReport      `json:"report"`
		Documents []ReportDocument `json:"documents"`
	}{r, documents})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// WritesReports reports whether the viewer may write and freeze reports, and change their templates: co-chairs and the
// secretariat.
func (v Viewer) WritesReports() bool {
	return v.system() || v.person != "" && v.roles.Has(RoleCoChair, RoleSecretariat)
}

// SeesReport reports whether the viewer may see a report: a draft who writes reports, a frozen one everybody with a role
// within its label.
func (v Viewer) SeesReport(r GroupReport) bool {
	if r.State != ReportFrozen {
		return v.WritesReports()
	}
	return v.system() || v.person != "" && v.roles != 0 && v.Sees(Marking{TLP: r.TLP})
}
