package comity

import (
	"strings"
	"testing"
)

func completeRules() Rules {
	return Rules{
		Quorum: Quorum{Numerator: 1, Denominator: 2, Above: true}, Threshold: ThresholdConsensus, SilenceDays: 10, BallotDays: 14,
		SessionsPerYear: 1, NoticeDays: 14, AmendmentDays: 21, TermMonths: 24, ReminderDays: 60,
	}
}

func TestRulesMustBeSaid(t *testing.T) {
	if err := completeRules().Check(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Rules){
		"none":            func(r *Rules) { *r = Rules{} },
		"quorum":          func(r *Rules) { r.Quorum = Quorum{} },
		"more than all":   func(r *Rules) { r.Quorum = Quorum{Numerator: 2, Denominator: 2, Above: true} },
		"over one":        func(r *Rules) { r.Quorum = Quorum{Numerator: 3, Denominator: 2} },
		"threshold":       func(r *Rules) { r.Threshold = "most" },
		"silence":         func(r *Rules) { r.SilenceDays = 0 },
		"ballot":          func(r *Rules) { r.BallotDays = 366 },
		"sessions a year": func(r *Rules) { r.SessionsPerYear = -1 },
		"notice":          func(r *Rules) { r.NoticeDays = 0 },
		"amendments":      func(r *Rules) { r.AmendmentDays = 0 },
		"terms":           func(r *Rules) { r.TermMonths = 0 },
		"reminder":        func(r *Rules) { r.ReminderDays = 0 },
	} {
		r := completeRules()
		spoil(&r)
		if err := r.Check(); KindOf(err) != Invalid {
			t.Errorf("%s: got %v, want invalid", name, err)
		}
	}
}

// TestQuorum compares with counting up until the part is reached.
func TestQuorum(t *testing.T) {
	for n := range 60 {
		for denominator := 1; denominator <= 6; denominator++ {
			for numerator := 1; numerator <= denominator; numerator++ {
				for _, above := range []bool{false, true} {
					if above && numerator == denominator {
						continue
					}
					present := 1
					for present*denominator < n*numerator || above && present*denominator == n*numerator {
						present++
					}
					q := Quorum{Numerator: numerator, Denominator: denominator, Above: above}
					if got := q.Of(n); got != present {
						t.Errorf("%+v of %d: got %d, want %d", q, n, got, present)
					}
				}
			}
		}
	}
	if got := (Quorum{}).Of(5); got != 6 {
		t.Errorf("no quorum said: got %d, want one that is never reached", got)
	}
}

func TestFileName(t *testing.T) {
	for name, want := range map[string]string{
		"Terms of Reference.pdf": "Terms of Reference.pdf", `C:\Users\x\a.PDF`: "a.pdf", "../../etc/passwd": "passwd.pdf", "": "document.pdf",
		"..": "document.pdf", "a\r\nSet-Cookie: x.pdf": "aSet-Cookie x.pdf", "وثيقة.pdf": "وثيقة.pdf", strings.Repeat("x", 300): strings.Repeat("x", 100) + ".pdf",
	} {
		if got := FileName(name, "document.pdf"); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestVotes(t *testing.T) {
	r := completeRules()
	for kind, want := range map[OrganizationKind][2]bool{
		KindMember: {true, true}, KindProvider: {false, true}, KindObserver: {false, false}, KindParent: {false, false}, "": {false, false},
	} {
		for i, providers := range []bool{false, true} {
			r.ProvidersVote = providers
			if got := r.Votes(Organization{Kind: kind}); got != want[i] {
				t.Errorf("%q, providers %v: got %v", kind, providers, got)
			}
		}
	}
}
