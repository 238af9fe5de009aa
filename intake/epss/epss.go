// Package epss reads FIRST's Exploit Prediction Scoring System scores in their daily CSV form. Read [Parse].
//
// Source: https://www.first.org/epss, data format "epss_scores-YYYY-MM-DD.csv".
package epss

import (
	"bufio"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"comity"
)

const (
	// MaxScores bounds a file; today's has about 313,000.
	MaxScores = 2_000_000
	maxLine   = 4096 // bytes
)

// File is one day's scores.
type File struct {
	Model  string    // such as "v2025.03.14"; scores of different models are never compared
	Date   time.Time // when they were computed; UTC
	Scores []comity.EPSSScore
}

// Parse reads a file: a comment line with model and date, a header, one line a CVE. It refuses, with an error of kind
// Invalid that names the line: another shape, a wrong CVE number, a number outside 0..1, a CVE twice, no scores.
func Parse(r io.Reader) (File, error) {
	p := parser{scanner: bufio.NewScanner(r)}
	p.scanner.Buffer(make([]byte, 64<<10), maxLine)
	if err := p.head(); err != nil {
		return File{}, err
	}
	seen := make(map[string]bool, 1<<16)
	for p.next() {
		if len(p.file.Scores) == MaxScores {
			return File{}, comity.Errorf(comity.TooLarge, "EPSS: more than %d scores", MaxScores)
		}
		score, err := p.score()
		if err != nil {
			return File{}, err
		}
		if seen[score.CVE] {
			return File{}, p.wrong("%s stands here twice", score.CVE)
		}
		seen[score.CVE] = true
		p.file.Scores = append(p.file.Scores, score)
	}
	if err := p.err(); err != nil {
		return File{}, err
	}
	if len(p.file.Scores) == 0 {
		return File{}, comity.Errorf(comity.Invalid, "EPSS: there are no scores")
	}
	return p.file, nil
}

type parser struct {
	scanner *bufio.Scanner
	line    int
	file    File
	date    comity.Date
}

func (p *parser) next() bool {
	p.line++
	return p.scanner.Scan()
}

func (p *parser) wrong(format string, args ...any) error {
	return comity.Errorf(comity.Invalid, "EPSS, line %d: "+format, append([]any{p.line}, args...)...)
}

func (p *parser) err() error {
	err := p.scanner.Err()
	switch {
	case err == nil:
		return nil
	case errors.Is(err, bufio.ErrTooLong):
		return p.wrong("longer than %d bytes", maxLine)
	}
	return err
}

// head reads "#model_version:v2025.03.14,score_date:2026-01-30T12:55:00Z" and "cve,epss,percentile".
func (p *parser) head() error {
	if !p.next() {
		if err := p.err(); err != nil {
			return err
		}
		return comity.Errorf(comity.Invalid, "EPSS: the file is empty")
	}
	comment, ok := strings.CutPrefix(p.text(), "#")
	if !ok {
		return p.wrong("want a comment with model_version and score_date")
	}
	for field := range strings.SplitSeq(comment, ",") {
		name, value, _ := strings.Cut(field, ":")
		switch strings.TrimSpace(name) {
		case "model_version":
			p.file.Model = strings.TrimSpace(value)
		case "score_date":
			at, err := parseTime(strings.TrimSpace(value))
			if err != nil {
				return p.wrong("score_date %q is not a time", value)
			}
			p.file.Date, p.date = at, comity.DateOf(at)
		}
	}
	if p.file.Model == "" || p.file.Date.IsZero() {
		return p.wrong("want a comment with model_version and score_date")
	}
	if !p.next() || p.text() != "cve,epss,percentile" {
		if err := p.err(); err != nil {
			return err
		}
		return p.wrong("want the header cve,epss,percentile")
	}
	return nil
}

// parseTime reads the two forms that FIRST has used: with a zone "Z" and with "+0000".
func parseTime(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t, err = time.Parse("2006-01-02T15:04:05-0700", s)
	}
	return t.UTC(), err
}

func (p *parser) text() string { return strings.TrimSuffix(p.scanner.Text(), "\r") }

func (p *parser) score() (comity.EPSSScore, error) {
	line := p.text()
	cve, rest, ok1 := strings.Cut(line, ",")
	score, percentile, ok2 := strings.Cut(rest, ",")
	if !ok1 || !ok2 || strings.Contains(percentile, ",") {
		return comity.EPSSScore{}, p.wrong("want three fields")
	}
	if !isCVE(cve) {
		return comity.EPSSScore{}, p.wrong("%q is not a CVE number", cve)
	}
	s := comity.EPSSScore{CVE: cve, Model: p.file.Model, Date: p.date}
	var err error
	if s.Score, err = p.fraction(score); err != nil {
		return s, err
	}
	s.Percentile, err = p.fraction(percentile)
	return s, err
}

func (p *parser) fraction(text string) (float64, error) {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(x) || x < 0 || x > 1 {
		return 0, p.wrong("%q is not a number from 0 to 1", text)
	}
	return x, nil
}

// isCVE reports whether s is "CVE-", four digits, "-" and 4 to 19 digits.
func isCVE(s string) bool {
	if len(s) < 13 || len(s) > 28 || s[:4] != "CVE-" || s[8] != '-' {
		return false
	}
	for i := 4; i < len(s); i++ {
		if i != 8 && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return true
}
