package comity

// Rules are what binds the group in how it decides: part of a revision of its Terms of Reference. The zero Rules bind
// nobody and are refused; every figure must be said.
type Rules struct {
	Quorum          Quorum    `json:"quorum"`
	Threshold       Threshold `json:"threshold"`       // by which a ballot is decided unless it says otherwise
	DiscussBlocks   bool      `json:"discuss_blocks"`  // a position "discuss" blocks whatever the majority; else it counts against
	ProvidersVote   bool      `json:"providers_vote"`  // shared services are counted and speak like members
	SilenceDays     int       `json:"silence_days"`    // days that a no-objection procedure is open at least
	BallotDays      int       `json:"ballot_days"`     // days that a ballot is open at least
	SessionsPerYear int       `json:"sessions_a_year"` // sessions that the group meets for at least
	NoticeDays      int       `json:"notice_days"`     // days before a session by which its papers are out
	AmendmentDays   int       `json:"amendment_days"`  // days in which those who attended may ask to amend the minutes
	TermMonths      int       `json:"term_months"`     // months that an organisation leads the group
	ReminderDays    int       `json:"reminder_days"`   // days before a session, a term's or a mandate's end from which it is pointed out
}

// Quorum is how many of the organisations that vote must be present: a part of them, or more than that part.
type Quorum struct {
	Numerator   int  `json:"numerator"`
	Denominator int  `json:"denominator"`
	Above       bool `json:"above"` // more than the part, instead of at least the part
}

// Of returns how many organisations must be present out of n that vote: at least one. The zero Quorum is never reached,
// since it says nothing: n+1.
func (q Quorum) Of(n int) int {
	if q.Denominator <= 0 || q.Numerator <= 0 {
		return n + 1
	}
	least := (n*q.Numerator + q.Denominator - 1) / q.Denominator
	if q.Above {
		least = n*q.Numerator/q.Denominator + 1
	}
	return max(least, 1)
}

// Threshold is what a ballot needs to be carried. The zero Threshold carries nothing.
type Threshold string

// The thresholds.
const (
	ThresholdSimple     Threshold = "simple"      // more for than against
	ThresholdTwoThirds  Threshold = "two-thirds"  // at least two thirds of those for or against are for
	ThresholdFourFifths Threshold = "four-fifths" // at least four fifths of those for or against are for
	ThresholdConsensus  Threshold = "consensus"   // nobody is against
)

// Thresholds lists the thresholds from the lowest to the highest.
var Thresholds = []Threshold{ThresholdSimple, ThresholdTwoThirds, ThresholdFourFifths, ThresholdConsensus}

// ParseThreshold reads a threshold's name; its error is Invalid.
func ParseThreshold(s string) (Threshold, error) {
	for _, t := range Thresholds {
		if string(t) == s {
			return t, nil
		}
	}
	return "", Errorf(Invalid, "threshold %.40q: want simple, two-thirds, four-fifths or consensus", s)
}

// Check reports the first rule that is missing or out of its range, as Invalid.
func (r Rules) Check() error {
	q := r.Quorum
	switch {
	case r == Rules{}:
		return Errorf(Invalid, "rules: none are given")
	case q.Denominator < 1 || q.Denominator > 100 || q.Numerator < 1 || q.Numerator > q.Denominator:
		return Errorf(Invalid, "rules: quorum %d/%d: want a part of the members between 1/100 and 1", q.Numerator, q.Denominator)
	case q.Above && q.Numerator == q.Denominator:
		return Errorf(Invalid, "rules: quorum: more than all members can never be present")
	}
	if _, err := ParseThreshold(string(r.Threshold)); err != nil {
		return Errorf(Invalid, "rules: %w", err)
	}
	for _, f := range []struct {
		name             string
		value, low, high int
	}{
		{"silence_days", r.SilenceDays, 1, 365},
		{"ballot_days", r.BallotDays, 1, 365},
		{"sessions_a_year", r.SessionsPerYear, 1, 12},
		{"notice_days", r.NoticeDays, 1, 365},
		{"amendment_days", r.AmendmentDays, 1, 365},
		{"term_months", r.TermMonths, 1, 120},
		{"reminder_days", r.ReminderDays, 1, 365},
	} {
		if f.value < f.low || f.value > f.high {
			return Errorf(Invalid, "rules: %s is %d: want %d to %d", f.name, f.value, f.low, f.high)
		}
	}
	return nil
}

// Votes reports whether an organisation is counted for the quorum and speaks in ballots: members that take part, and
// providers where the rules say so. Observers and the parent network never do.
func (r Rules) Votes(o Organization) bool {
	return o.Active() && (o.Kind == KindMember || r.ProvidersVote && o.Kind == KindProvider)
}

// BindingRules are the rules that are in force on a day, and where they stand.
type BindingRules struct {
	Rules
	Document  DocumentID `json:"document"`  // the Terms of Reference
	Revision  int        `json:"revision"`  // their number
	Effective Date       `json:"effective"` // from when on
}
