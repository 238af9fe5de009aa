package comity

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// Bounds of a baseline. SP 800-53 with all its enhancements has 1,007 controls in 20 groups.
const (
	MaxBaselineControls = 5_000
	MaxBaselineGroups   = 500
	MaxBaselineText     = 16 << 10 // bytes of one control's text
	MaxBaselines        = 100      // of a group
	MaxEvidence         = 4_000    // characters of what an answer rests on
)

// FrameworkSP80053 names the controls of NIST SP 800-53 revision 5, whichever of them a baseline selects.
const FrameworkSP80053 = "sp800-53r5"

// Baseline is one revision of a set of controls that the group measures itself by, such as a framework or a selection from
// a catalogue. It belongs to the group: everybody with a role sees it, and nothing in it is of an organisation.
type Baseline struct {
	ID        BaselineID `json:"id"`
	Key       string     `json:"key"`                 // what stays the same from one revision to the next, such as "nist-csf-2-0"
	Title     string     `json:"title"`               //
	Version   string     `json:"version"`             // as its publisher counts
	Published Date       `json:"published,omitzero"`  // of this version
	Framework string     `json:"framework,omitempty"` // whose controls they are, where Comity knows what they counter; empty: unknown
	Revision  int        `json:"revision"`            // as the group counts, from 1; 0: not stored
	Imported  time.Time  `json:"imported,omitzero"`   //
	By        PersonID   `json:"by,omitempty"`        // who imported it; empty: the system
	Hash      string     `json:"hash"`                // SHA-256 of the document, hex
	Withdrawn int        `json:"withdrawn,omitempty"` // controls that were left out because they are not in force

	Groups []BaselineGroup `json:"groups"` // in the order of the document
}

// BaselineGroup is a family of controls that is answered together.
type BaselineGroup struct {
	ID       string            `json:"id"`
	Title    string            `json:"title"`
	Within   string            `json:"within,omitempty"` // title of the group around it
	Text     string            `json:"text,omitempty"`   // what the group is for
	Controls []BaselineControl `json:"controls"`         // at least one; an enhancement after the control that it enhances
}

// BaselineControl is one requirement.
type BaselineControl struct {
	ID     string `json:"id"`               // unique in the baseline, such as "ac-2.1": what an answer is about
	Label  string `json:"label"`            // as people write it, such as "AC-2(1)"
	Title  string `json:"title"`            //
	Text   string `json:"text,omitempty"`   // the statement, parameters put in; lines
	Parent string `json:"parent,omitempty"` // the control that it enhances
}

// Digest names what the control says: an answer keeps it, so that it shows when the control changed since.
func (c BaselineControl) Digest() string {
	sum := sha256.Sum256([]byte(c.Title + "\x00" + c.Text))
	return hex.EncodeToString(sum[:8])
}

// Count returns the number of controls.
func (b Baseline) Count() int {
	n := 0
	for _, g := range b.Groups {
		n += len(g.Controls)
	}
	return n
}

// Group returns the group with this id.
func (b Baseline) Group(id string) (BaselineGroup, bool) {
	i := slices.IndexFunc(b.Groups, func(g BaselineGroup) bool { return g.ID == id })
	if i < 0 {
		return BaselineGroup{}, false
	}
	return b.Groups[i], true
}

// Controls returns every control by its id.
func (b Baseline) Controls() map[string]BaselineControl {
	all := make(map[string]BaselineControl, b.Count())
	for _, g := range b.Groups {
		for _, c := range g.Controls {
			all[c.ID] = c
		}
	}
	return all
}

// BaselineHead is a baseline without its controls, with where it stands.
type BaselineHead struct {
	ID        BaselineID `json:"id"`
	Key       string     `json:"key"`
	Title     string     `json:"title"`
	Version   string     `json:"version"`
	Published Date       `json:"published,omitzero"`
	Framework string     `json:"framework,omitempty"`
	Revision  int        `json:"revision"`            // this one; of a list of baselines the newest
	InForce   int        `json:"in_force,omitempty"`  // the revision that members answer; 0: none
	Groups    int        `json:"groups"`              //
	Controls  int        `json:"controls"`            //
	Withdrawn int        `json:"withdrawn,omitempty"` //
	Imported  time.Time  `json:"imported"`
	By        PersonID   `json:"by,omitempty"`
	Hash      string     `json:"hash"`
}

// Head returns the baseline without its controls. Which revision is in force it does not know.
func (b Baseline) Head() BaselineHead {
	return BaselineHead{
		ID: b.ID, Key: b.Key, Title: b.Title, Version: b.Version, Published: b.Published, Framework: b.Framework, Revision: b.Revision,
		Groups: len(b.Groups), Controls: b.Count(), Withdrawn: b.Withdrawn, Imported: b.Imported, By: b.By, Hash: b.Hash,
	}
}

// BaselineDifference is what differs between two revisions of a baseline, each list in the order of its baseline.
type BaselineDifference struct {
	Added   []BaselineControl    `json:"added"`
	Removed []BaselineControl    `json:"removed"`
	Changed [][2]BaselineControl `json:"changed"` // title or text differs: before and after
}

// Empty reports whether all controls say the same.
func (d BaselineDifference) Empty() bool { return len(d.Added)+len(d.Removed)+len(d.Changed) == 0 }

// BaselineDiff compares two revisions control by control; where a control stands is no difference.
func BaselineDiff(before, after Baseline) BaselineDifference {
	var d BaselineDifference
	was, is := before.Controls(), after.Controls()
	for _, g := range after.Groups {
		for _, c := range g.Controls {
			switch old, ok := was[c.ID]; {
			case !ok:
				d.Added = append(d.Added, c)
			case old.Digest() != c.Digest():
				d.Changed = append(d.Changed, [2]BaselineControl{old, c})
			}
		}
	}
	for _, g := range before.Groups {
		for _, c := range g.Controls {
			if _, ok := is[c.ID]; !ok {
				d.Removed = append(d.Removed, c)
			}
		}
	}
	return d
}

// Maturity says how far a control is put into practice. The zero Maturity is no answer.
type Maturity string

// The levels of maturity, and two answers beside them.
const (
	MaturityNone          Maturity = ""
	MaturityInitial       Maturity = "initial"     // by chance, where somebody thinks of it
	MaturityDeveloping    Maturity = "developing"  // begun, in parts, not yet relied on
	MaturityEstablished   Maturity = "established" // decided, done, known to those concerned
	MaturityAdvanced      Maturity = "advanced"    // measured, and mended where it falls short
	MaturityLeading       Maturity = "leading"     // improved by itself, others learn from it
	MaturityNotApplicable Maturity = "not-applicable"
)

// Maturities lists the levels from lowest to highest.
var Maturities = []Maturity{MaturityInitial, MaturityDeveloping, MaturityEstablished, MaturityAdvanced, MaturityLeading}

// Level returns 1 for Initial to 5 for Leading, 0 for what is no level.
func (m Maturity) Level() int { return slices.Index(Maturities, m) + 1 }

// Valid reports whether m is a level, not applicable, or no answer.
func (m Maturity) Valid() bool {
	return m == MaturityNone || m == MaturityNotApplicable || m.Level() > 0
}

// BaselineAnswer is what an organisation says of one control. It is private to the organisation, as its profile is.
type BaselineAnswer struct {
	Control  string    `json:"control"`
	Maturity Maturity  `json:"maturity"`           // empty: not answered, or taken back
	Evidence string    `json:"evidence,omitempty"` // what the answer rests on; of what is not applicable the reason, which is required
	Target   Maturity  `json:"target,omitempty"`   // a level; empty: none set
	Due      Date      `json:"due,omitzero"`       // by when the target shall be reached
	Digest   string    `json:"digest,omitempty"`   // of the control as it was answered
	Revision int       `json:"revision"`           // of the assessment, from 1: when this answer was given
	At       time.Time `json:"at,omitzero"`
	By       PersonID  `json:"by,omitempty"`
}

// Gap returns by how many levels the answer falls short of its target: 0 where there is no target, no answer, or it is
// reached.
func (a BaselineAnswer) Gap() int {
	if a.Maturity.Level() == 0 || a.Target.Level() == 0 {
		return 0
	}
	return max(0, a.Target.Level()-a.Maturity.Level())
}

// Same reports whether two answers say the same, whenever they were given.
func (a BaselineAnswer) Same(b BaselineAnswer) bool {
	return a.Maturity == b.Maturity && a.Evidence == b.Evidence && a.Target == b.Target && a.Due == b.Due
}

// Blank reports whether nothing is said.
func (a BaselineAnswer) Blank() bool { return a.Same(BaselineAnswer{}) }

// Check returns what is wrong with an answer, of kind Invalid, with the name of the field.
func (a BaselineAnswer) Check() error {
	switch {
	case !a.Maturity.Valid():
		return Errorf(Invalid, "control %s, maturity: %q is none of initial, developing, established, advanced, leading and not-applicable", a.Control, a.Maturity)
	case a.Maturity == MaturityNotApplicable && a.Evidence == "":
		return Errorf(Invalid, "control %s, evidence: say why it is not applicable", a.Control)
	case len([]rune(a.Evidence)) > MaxEvidence:
		return Errorf(Invalid, "control %s, evidence: more than %d characters", a.Control, MaxEvidence)
	case a.Target != MaturityNone && a.Target.Level() == 0:
		return Errorf(Invalid, "control %s, target: %q is none of initial, developing, established, advanced and leading", a.Control, a.Target)
	case a.Target == MaturityNone && !a.Due.IsZero():
		return Errorf(Invalid, "control %s, due: a date needs a target", a.Control)
	}
	return nil
}

// BaselineAssessment is all that an organisation says of one baseline, as it is or as it was at a revision.
type BaselineAssessment struct {
	Org      OrgID                     `json:"organization"`
	Baseline BaselineID                `json:"baseline"`
	Revision int                       `json:"revision"` // grows with every save; 0: nothing answered yet
	Updated  time.Time                 `json:"updated,omitzero"`
	Answers  map[string]BaselineAnswer `json:"answers"` // by control; also of controls that the revision in force no longer has
}

// AssessedBaseline is a baseline in force with what an organisation answers to it.
type AssessedBaseline struct {
	Baseline   Baseline
	Assessment BaselineAssessment
}

// BaselineProgress counts the answers to some controls.
type BaselineProgress struct {
	Controls      int     `json:"controls"`
	Answered      int     `json:"answered"` // with a level, or not applicable
	NotApplicable int     `json:"not_applicable"`
	Below         int     `json:"below"`   // short of their target
	Changed       int     `json:"changed"` // the control says something else than when it was answered
	Levels        [5]int  `json:"levels"`  // how many at each level, Initial first
	Mean          float64 `json:"mean"`    // of the levels, 1..5; 0: none
	Target        float64 `json:"target"`  // mean of the targets of all controls that have one, 1..5; 0: none
}

// Progress counts the answers to these controls.
func (a BaselineAssessment) Progress(controls []BaselineControl) BaselineProgress {
	p := BaselineProgress{Controls: len(controls)}
	sum, levels, targetSum, targets := 0, 0, 0, 0
	for _, c := range controls {
		answer := a.Answers[c.ID]
		if n := answer.Target.Level(); n > 0 && answer.Maturity != MaturityNotApplicable {
			targetSum, targets = targetSum+n, targets+1
		}
		if answer.Maturity == MaturityNone {
			continue
		}
		p.Answered++
		if answer.Digest != "" && answer.Digest != c.Digest() {
			p.Changed++
		}
		if answer.Maturity == MaturityNotApplicable {
			p.NotApplicable++
			continue
		}
		if answer.Gap() > 0 {
			p.Below++
		}
		n := answer.Maturity.Level()
		p.Levels[n-1]++
		sum, levels = sum+n, levels+1
	}
	if levels > 0 {
		p.Mean = float64(sum) / float64(levels)
	}
	if targets > 0 {
		p.Target = float64(targetSum) / float64(targets)
	}
	return p
}

// BaselineAnswerPage is one page of the history of an assessment, newest first.
type BaselineAnswerPage struct {
	Answers []BaselineAnswer
	Total   int
}

// CoverageProposal is how far a mitigation of ATT&CK seems to be in place, derived from answers to controls that counter
// the same techniques. It is a proposal: nothing of it counts until a person takes it over.
type CoverageProposal struct {
	Mitigation string          `json:"mitigation"` // M-code
	Coverage   float64         `json:"coverage"`   // one of CoverageSteps
	Share      float64         `json:"share"`      // before it was rounded down to a step, 0..1
	Answered   float64         `json:"answered"`   // weight of the controls that were answered among all that count, 0..1
	Techniques int             `json:"techniques"` // that the mitigation counters
	Controls   []CoverageBasis `json:"controls"`   // what it was derived from, heaviest first
}

// CoverageBasis is one control that a proposal rests on.
type CoverageBasis struct {
	Baseline   BaselineID `json:"baseline"`
	Control    string     `json:"control"`
	Label      string     `json:"label"`
	Title      string     `json:"title"`
	Maturity   Maturity   `json:"maturity"`
	Techniques int        `json:"techniques"` // that both the control and the mitigation counter
	Weight     float64    `json:"weight"`     // among the controls of this proposal that were answered, 0..1; they sum to 1
}
