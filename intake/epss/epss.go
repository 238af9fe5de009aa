// Package epss reads FIRST's Exploit Prediction Scoring System scores in their daily CSV form. Read [Parse].
//
// Source: https://www.first.org/epss, data format "epss_scores-YYYY-MM-DD.csv".
package epss

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"comity"
)

// Bounds of a file. That of 2026-01-30 has 313,089 scores, the longest line of 59 bytes.
const (
	MaxScores = 500_000
	MaxLine   = 4096 // bytes
)

// File is one day's scores.
type File struct {
	Model  string             // such as "v2025.03.14"; scores of different models are never compared
	Date   time.Time          // when they were computed; UTC
	Scores []comity.EPSSScore // in the file's order, each CVE once
}

// firstScore is the number of the line of the first score.
const firstScore = 3

// Parse reads a file: a comment line with model and date, a header, one line a CVE. It refuses, with an error of kind
// Invalid that names the line: another form, a wrong CVE number, a number outside 0..1, a CVE twice, a last line without
// its end, no scores. Bounds are errors of kind TooLarge. A file cut off between two lines can't be told from a whole one.
func Parse(r io.Reader) (File, error) {
	p := parser{reader: bufio.NewReaderSize(r, MaxLine)}
	if err := p.head(); err != nil {
		return File{}, err
	}
	for {
		line, err := p.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return File{}, err
		}
		if err := p.score(line); err != nil {
			return File{}, err
		}
	}
	if len(p.file.Scores) == 0 {
		return File{}, p.wrong("there are no scores")
	}
	if err := p.twice(); err != nil {
		return File{}, err
	}
	return p.file, nil
}

type parser struct {
	reader *bufio.Reader
	line   int // number of the line read last, from 1
	file   File
	date   comity.Date
}

// next returns the next line without its end, valid until the one after it; io.EOF after the last.
func (p *parser) next() ([]byte, error) {
	p.line++
	line, err := p.reader.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, comity.Errorf(comity.TooLarge, "EPSS, line %d: longer than %d bytes", p.line, MaxLine)
	case errors.Is(err, io.EOF) && len(line) > 0:
		return nil, p.wrong("cut off: it has no end")
	case errors.Is(err, io.EOF):
		return nil, io.EOF
	case err != nil:
		return nil, fmt.Errorf("read EPSS, line %d: %w", p.line, err)
	}
	return bytes.TrimSuffix(line[:len(line)-1], []byte{'\r'}), nil
}

func (p *parser) wrong(format string, args ...any) error {
	return comity.Errorf(comity.Invalid, "EPSS, line %d: "+format, append([]any{p.line}, args...)...)
}

// head reads "#model_version:v2025.03.14,score_date:2026-01-30T12:55:00Z" and "cve,epss,percentile".
func (p *parser) head() error {
	line, err := p.next()
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if err := p.comment(string(line)); err != nil {
		return err
	}
	line, err = p.next()
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if string(line) != "cve,epss,percentile" {
		return p.wrong("want the header cve,epss,percentile, found %.60q", line)
	}
	return nil
}

var modelPattern = regexp.MustCompile(`^[0-9A-Za-z._-]{1,40}$`)

func (p *parser) comment(line string) error {
	comment, ok := strings.CutPrefix(line, "#")
	if !ok {
		return p.wrong("want a comment with model_version and score_date, found %.60q", line)
	}
	for field := range strings.SplitSeq(comment, ",") {
		name, value, _ := strings.Cut(field, ":")
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(name) {
		case "model_version":
			if p.file.Model != "" || !modelPattern.MatchString(value) {
				return p.wrong("model_version %.60q is not one version", value)
			}
			p.file.Model = value
		case "score_date":
			at, err := parseTime(value)
			if err != nil || !p.file.Date.IsZero() {
				return p.wrong("score_date %.60q is not one time", value)
			}
			p.file.Date, p.date = at, comity.DateOf(at)
		}
	}
	if p.file.Model == "" || p.file.Date.IsZero() {
		return p.wrong("want a comment with model_version and score_date, found %.60q", line)
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

// score reads "CVE-1999-0001,0.01151,0.78086".
func (p *parser) score(line []byte) error {
	if len(p.file.Scores) == MaxScores {
		return comity.Errorf(comity.TooLarge, "EPSS, line %d: more than %d scores", p.line, MaxScores)
	}
	cve, rest, ok1 := bytes.Cut(line, []byte{','})
	score, percentile, ok2 := bytes.Cut(rest, []byte{','})
	if !ok1 || !ok2 {
		return p.wrong("want three fields, found %.60q", line)
	}
	if !isCVE(cve) {
		return p.wrong("%.60q is not a CVE number", cve)
	}
	s := comity.EPSSScore{CVE: string(cve), Model: p.file.Model, Date: p.date}
	if s.Score, ok1 = fraction(score); !ok1 {
		return p.wrong("%s: epss %.60q is not a number from 0 to 1", cve, score)
	}
	if s.Percentile, ok2 = fraction(percentile); !ok2 {
		return p.wrong("%s: percentile %.60q is not a number from 0 to 1", cve, percentile)
	}
	if n := len(p.file.Scores); n == cap(p.file.Scores) && n >= 4096 { // one step up to the bound: there is never a second copy
		p.file.Scores = slices.Grow(p.file.Scores, MaxScores-n)
	}
	p.file.Scores = append(p.file.Scores, s)
	return nil
}

// fraction reads a number from 0 to 1 such as "0.01151" or "4e-05", and none of the other forms that Go knows.
func fraction(text []byte) (float64, bool) {
	for i, c := range text {
		if digit := '0' <= c && c <= '9'; !digit && (i == 0 || !strings.ContainsRune(".eE+-", rune(c))) {
			return 0, false
		}
	}
	x, err := strconv.ParseFloat(string(text), 64)
	return x, err == nil && 0 <= x && x <= 1
}

// isCVE reports whether s is "CVE-", four digits, "-" and 4 to 19 digits.
func isCVE(s []byte) bool {
	if len(s) < 13 || len(s) > 28 || string(s[:4]) != "CVE-" || s[8] != '-' {
		return false
	}
	for i := 4; i < len(s); i++ {
		if i != 8 && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return true
}

// twice refuses a CVE that has two lines. It sorts numbers of lines, which takes a fraction of the memory of a set.
func (p *parser) twice() error {
	order := make([]int32, len(p.file.Scores))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(compareCVE(p.file.Scores[a].CVE, p.file.Scores[b].CVE), cmp.Compare(a, b))
	})
	for i := 1; i < len(order); i++ {
		if cve := p.file.Scores[order[i]].CVE; cve == p.file.Scores[order[i-1]].CVE {
			p.line = firstScore + int(order[i])
			return p.wrong("%s stands here twice, first on line %d", cve, firstScore+int(order[i-1]))
		}
	}
	return nil
}

// compareCVE orders by year, then number, as published files do: sorting what is sorted takes little time.
func compareCVE(a, b string) int {
	return cmp.Or(strings.Compare(a[:9], b[:9]), cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}
