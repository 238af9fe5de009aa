package comity

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Quarter is a quarter of a calendar year, such as 2026-Q3. The zero Quarter is none.
type Quarter struct {
	Year   int
	Number int // 1–4
}

// QuarterOf returns the quarter that a day is in.
func QuarterOf(d Date) Quarter { return Quarter{d.Year, (int(d.Month)-1)/3 + 1} }

var quarterPattern = regexp.MustCompile(`^(\d{4})-Q([1-4])$`)

// ParseQuarter parses "2026-Q3".
func ParseQuarter(s string) (Quarter, error) {
	m := quarterPattern.FindStringSubmatch(s)
	if m == nil {
		return Quarter{}, Errorf(Invalid, "quarter %q: want YYYY-QN", s)
	}
	year, _ := strconv.Atoi(m[1]) // four digits
	return Quarter{year, int(m[2][0] - '0')}, nil
}

// String returns "2026-Q3", or "" for no quarter.
func (q Quarter) String() string {
	if q == (Quarter{}) {
		return ""
	}
	return fmt.Sprintf("%04d-Q%d", q.Year, q.Number)
}

// First returns the first day of the quarter.
func (q Quarter) First() Date { return Date{q.Year, time.Month(3*q.Number - 2), 1} }

// Last returns the last day of the quarter.
func (q Quarter) Last() Date { return DateOf(q.First().Time().AddDate(0, 3, -1)) }

// Days returns how many days the quarter has.
func (q Quarter) Days() int {
	return int(q.Last().Time().Sub(q.First().Time()).Hours()/24+.5) + 1
}

// MarshalText implements encoding.TextMarshaler.
func (q Quarter) MarshalText() ([]byte, error) { return []byte(q.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (q *Quarter) UnmarshalText(text []byte) error {
	parsed, err := ParseQuarter(string(text))
	*q = parsed
	return err
}

// Forecast is what the exposure said at the beginning of a quarter of one scenario: how many incidents there would be in
// that quarter, of any loss. It is kept then and never changed, and scored once the quarter has passed.
type Forecast struct {
	Org      OrgID      `json:"organization"`
	Quarter  Quarter    `json:"quarter"`
	Scenario ScenarioID `json:"scenario"`
	At       time.Time  `json:"at"`   // of the assessment that it comes from, before the quarter began
	Mean     float64    `json:"mean"` // incidents expected in the quarter
	P        float64    `json:"p"`    // of at least one
	Low      int        `json:"low"`  // 90 % interval of their number
	High     int        `json:"high"`
}

// Observed is what is known of a scenario in a quarter that has passed.
type Observed string

// What can be known.
const (
	ObservedWhole   Observed = "whole"   // every day of the quarter is in the span of an entry: the number is known
	ObservedPartly  Observed = "partly"  // some days are, or none: what is not recorded may still have happened
	ObservedUnclear Observed = "unclear" // incidents are recorded in a span that reaches beyond the quarter: not in which quarter they were
)

// ScoredForecast is a forecast with what came.
type ScoredForecast struct {
	Forecast
	Observed Observed `json:"observed"`
	Count    int      `json:"count"`              // incidents that are recorded in the quarter
	Brier    float64  `json:"brier,omitempty"`    // the scores are of quarters that were observed as a whole
	Log      float64  `json:"log,omitempty"`      // natural
	Interval float64  `json:"interval,omitempty"` // of the 90 % interval of the number
	Held     bool     `json:"held,omitempty"`     // the number was in the interval
}
