package web

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"comity"
)

// convention is how a language writes numbers. Digits are Western in all six, as in United Nations documents.
type convention struct {
	group   string // between thousands
	point   string // before the fraction
	percent string // between number and sign
	steps   [3]float64
}

const (
	space       = "\u00a0" // no-break
	narrowSpace = "\u202f" // no-break
)

var (
	thousands = [3]float64{1e3, 1e6, 1e9} // how large sums are counted: thousand, million, billion
	myriads   = [3]float64{1e3, 1e4, 1e8}
)

var conventions = map[string]convention{
	"ar": {",", ".", "", thousands},
	"en": {",", ".", "", thousands},
	"es": {space, ",", space, thousands},
	"fr": {narrowSpace, ",", space, thousands},
	"ru": {space, ",", space, thousands},
	"zh": {",", ".", "", myriads},
}

// Number writes a whole number.
func (l *locale) Number(n int) string { return l.Decimal(float64(n), 0) }

// Decimal writes a number with this many digits after the point. From five digits before the point on they are grouped;
// four stand together.
func (l *locale) Decimal(x float64, digits int) string {
	s := strconv.FormatFloat(math.Abs(x), 'f', digits, 64)
	whole, fraction, _ := strings.Cut(s, ".")
	if len(whole) > 4 {
		whole = l.grouped(whole)
	}
	if fraction != "" {
		whole += l.conv.point + fraction
	}
	if x < 0 && strings.Trim(s, "0.") != "" {
		whole = "\u2212" + whole
	}
	return whole
}

func (l *locale) grouped(digits string) string {
	first := len(digits) % 3
	parts := []string{}
	if first > 0 {
		parts = append(parts, digits[:first])
	}
	for i := first; i < len(digits); i += 3 {
		parts = append(parts, digits[i:i+3])
	}
	return strings.Join(parts, l.conv.group)
}

// Percent writes a share or probability, 0..1: whole per cents from 10 % to 99 %, one decimal outside, and never a 0 or 100 that
// is not one.
func (l *locale) Percent(p float64) string {
	return l.isolated(l.percentDigits(p) + l.conv.percent + "%")
}

// percentOf writes a probability with this many digits after the point.
func (l *locale) percentOf(p float64, digits int) string {
	return l.isolated(l.Decimal(p*100, digits) + l.conv.percent + "%")
}

func (l *locale) percentDigits(p float64) string {
	x := p * 100
	switch {
	case p == 0 || p == 1:
		return l.Decimal(x, 0)
	case x > 0 && x < 0.1:
		return "<" + l.Decimal(0.1, 1)
	case x > 99.9:
		return ">" + l.Decimal(99.9, 1)
	case x < 9.95 || x > 99:
		return l.Decimal(x, 1)
	default:
		return l.Decimal(x, 0)
	}
}

// Percents writes an interval of probabilities.
func (l *locale) Percents(low, high float64) string {
	if l.Percent(low) == l.Percent(high) {
		return l.Percent(high)
	}
	return l.T("app.range", "low", plain(l.isolated(l.percentDigits(low))), "high", plain(l.Percent(high)))
}

// Points writes a difference of probabilities, in percentage points, with its sign.
func (l *locale) Points(d float64) string {
	x := d * 100
	digits := 1
	if math.Abs(x) < 0.095 {
		digits = 2
	}
	s := l.Decimal(math.Abs(x), digits)
	sign := "+"
	if d < 0 {
		sign = "\u2212"
	}
	return l.T("app.points", "points", plain(l.isolated(sign+s)))
}

// Money writes a sum in the group's unit, to three significant digits.
func (l *locale) Money(x float64, currency string) string {
	amount, key := l.scaled(x)
	return l.T(key, "amount", plain(amount), "currency", plain(currency))
}

// scaled returns a sum counted in its largest step, and the key of the message that names the step.
func (l *locale) scaled(x float64) (amount, key string) {
	for i := len(l.conv.steps) - 1; i >= 0; i-- {
		step := l.conv.steps[i]
		if math.Abs(x) >= step*0.9995 {
			return l.significant(x / step), moneyKeys[i+1]
		}
	}
	return l.Decimal(x, 0), moneyKeys[0]
}

var moneyKeys = [...]string{"app.money.one", "app.money.small", "app.money.medium", "app.money.large"}

// significant writes a number to three digits, without zeros at the end of its fraction.
func (l *locale) significant(x float64) string {
	digits := 0
	switch a := math.Abs(x); {
	case a < 9.995:
		digits = 2
	case a < 99.95:
		digits = 1
	}
	s := l.Decimal(x, digits)
	if digits > 0 {
		s = strings.TrimSuffix(strings.TrimRight(s, "0"), l.conv.point)
	}
	return s
}

// Rate writes a number with about three significant digits, however small.
func (l *locale) Rate(x float64) string {
	a := math.Abs(x)
	switch {
	case a >= 99.95:
		return l.Decimal(x, 0)
	case a >= 9.995:
		return l.Decimal(x, 1)
	case a >= 0.0995 || a == 0:
		return l.Decimal(x, 2)
	case a >= 0.00995:
		return l.Decimal(x, 3)
	default:
		return l.Decimal(x, 4)
	}
}

// Date writes a calendar day; no date is "".
func (l *locale) Date(d comity.Date) string {
	if d.IsZero() {
		return ""
	}
	return l.T("app.date", "day", plain(strconv.Itoa(d.Day)), "month", plain(l.month(d.Month)), "year", plain(strconv.Itoa(d.Year)))
}

// Month writes a month and year.
func (l *locale) Month(d comity.Date) string {
	return l.T("app.month_year", "month", plain(l.T(fmt.Sprintf("app.month_alone.%d", d.Month))), "year", plain(strconv.Itoa(d.Year)))
}

func (l *locale) month(m time.Month) string { return l.T(fmt.Sprintf("app.month.%d", m)) }

// Moment writes a day and time, UTC; no time is "".
func (l *locale) Moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return l.T("app.moment", "date", plain(l.Date(comity.DateOf(t))), "time", plain(t.UTC().Format("15:04")))
}

// isolated sets a number with a sign apart in a right-to-left language, so that "<5%" is not turned around.
func (l *locale) isolated(s string) string {
	if l.dir != "rtl" {
		return s
	}
	return leftToRightIsolate + s + popIsolate
}

// plain is a value of a placeholder that is written as it is, without being set apart.
type plain string
