package comity

import "time"

// Release is what members and the parent network see of the system: a frozen, numbered snapshot of a fixed cohort that
// passed release control. Nothing of it can be computed between releases.
type Release struct {
	ID            ReleaseID   `json:"id"`
	Number        int         `json:"number"` // from 1
	Period        string      `json:"period"` // "2026-Q3"
	AsOf          time.Time   `json:"as_of"`
	Next          Date        `json:"next"` // when the next one is due
	Mode          string      `json:"mode"` // "trusted"
	Catalogue     string      `json:"catalogue"`
	Seed          uint64      `json:"seed"` // public: draws the events of common sources
	Rule          ReleaseRule `json:"rule"`
	Cohort        []OrgID     `json:"cohort"` // sorted; who was asked
	Contributors  int         `json:"contributors"`
	Contributed   []OrgID     `json:"contributed,omitempty"` // sorted; who of the cohort took part: known, unlike what they said
	Figures       []Figure    `json:"figures"`               // sorted by group, row, column; withheld ones included
	Curve         []LossPoint `json:"curve"`                 // system loss exceedance, 5–7 points; empty if withheld
	CurveWithheld Withholding `json:"curve_withheld,omitempty"`
	Hash          string      `json:"hash"` // SHA-256 over the canonical JSON of all the above, hex
}

// ReleaseRule is the release control that a release passed.
type ReleaseRule struct {
	MinContributors int     `json:"min_contributors"` // k = 5 + Colluders
	Colluders       int     `json:"colluders"`        // c
	P               float64 `json:"p"`                // of the p %-rule
	MinCell         int     `json:"min_cell"`         // counts outside [MinCell, n − MinCell] are withheld
}

// Withholding says why a figure is not published; empty says that it is.
type Withholding string

// The reasons.
const (
	WithheldTooFew     Withholding = "too-few"    // fewer contributors than the rule asks
	WithheldDominated  Withholding = "dominated"  // one or two members make up most of it
	WithheldCell       Withholding = "small-cell" // a count too near none or all
	WithheldComplement Withholding = "complement" // could be computed from what is published
	WithheldCohort     Withholding = "cohort"     // the cohort changed by too few members to be told apart
)

// Figure is one published, or withheld, figure. Group says what it is; Row and Column which of them. The zero Figure is
// not published.
type Figure struct {
	Group     string      `json:"group"` // "headline", "matrix", "level", "origin", "supplier", …
	Row       string      `json:"row,omitempty"`
	Column    string      `json:"column,omitempty"`
	Unit      string      `json:"unit"` // "probability", "events", "share", "members", "money"
	Published bool        `json:"published"`
	Withheld  Withholding `json:"withheld,omitempty"`
	Value     float64     `json:"value,omitempty"` // rounded
	Low       float64     `json:"low,omitempty"`   // rounded; interval or quartile band
	High      float64     `json:"high,omitempty"`
}

// Figure returns the figure with this name; the zero Figure, unpublished, if there is none.
func (r Release) Figure(group, row, column string) Figure {
	for _, f := range r.Figures {
		if f.Group == group && f.Row == row && f.Column == column {
			return f
		}
	}
	return Figure{Group: group, Row: row, Column: column}
}

// ReleasePreview is what can be said of the next release before it is made, without computing anything from what members
// answered: which single figures would be withheld is not among it, because that alone would tell of one answer if it
// were asked before and after.
type ReleasePreview struct {
	Number       int         `json:"number"`
	Period       string      `json:"period"`
	Next         Date        `json:"next"` // when the one after it would be due
	Rule         ReleaseRule `json:"rule"`
	Cohort       int         `json:"cohort"`
	Contributors int         `json:"contributors"`
	Withheld     Withholding `json:"withheld,omitempty"` // why all of it would be withheld; empty: not all of it
	Released     int         `json:"released,omitempty"` // number of the release that this period has already; 0: none
}

// Publication is how a release came to be published.
type Publication struct {
	Release   ReleaseID `json:"release"`
	At        time.Time `json:"at"`
	Org       OrgID     `json:"organization,omitempty"` // whose co-chair or secretariat published it
	Scheduled bool      `json:"scheduled"`              // by its schedule or a command, not by a person
}
