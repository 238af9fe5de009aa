package comity

import "time"

// CalibrationRound is one round of the warm-up: how somebody's 90 % intervals did on questions whose answers are public.
// It is private to that person: nobody else may read it, not even the system.
type CalibrationRound struct {
	Person  PersonID            `json:"person"`
	Number  int                 `json:"number"` // from 1, of this person
	At      time.Time           `json:"at"`     // UTC, whole seconds
	Answers []CalibrationAnswer `json:"answers"`
}

// CalibrationAnswer is one interval with the answer that was known.
type CalibrationAnswer struct {
	Question string   `json:"question"` // key of a question
	Interval Interval `json:"interval"`
	Truth    float64  `json:"truth"` // as it was known in this round
}

// Hit reports whether the interval holds the answer; its ends count.
func (a CalibrationAnswer) Hit() bool {
	return a.Interval.Low <= a.Truth && a.Truth <= a.Interval.High
}

// Hits returns how many intervals hold their answer.
func (r CalibrationRound) Hits() int {
	hits := 0
	for _, a := range r.Answers {
		if a.Hit() {
			hits++
		}
	}
	return hits
}
