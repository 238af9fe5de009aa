package baseline

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"comity"
	"comity/intake/profile"
	"comity/intake/xlsx"
)

// AnswerColumns are the columns of answers as a table. Only control must be there; label and title are for people.
var AnswerColumns = []string{"control", "label", "title", "maturity", "target", "due", "evidence"}

// MaxAnswerBytes bounds a file of answers.
const MaxAnswerBytes = xlsx.MaxBytes

// WriteAnswersCSV writes the answers to every control of a baseline as a table that ReadAnswers reads; those that are not
// answered stand there to be filled in.
func WriteAnswersCSV(w io.Writer, b comity.Baseline, a comity.BaselineAssessment) error {
	if _, err := io.WriteString(w, "\uFEFF"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true // RFC 4180
	rows := answerRows(b, a)
	for _, row := range rows[1:] {
		for i := range row {
			row[i] = profile.Guard(row[i])
		}
	}
	return out.WriteAll(rows)
}

// WriteAnswersXLSX is WriteAnswersCSV as a workbook.
func WriteAnswersXLSX(w io.Writer, b comity.Baseline, a comity.BaselineAssessment) error {
	return xlsx.Write(w, []xlsx.Sheet{{Name: "answers", Rows: answerRows(b, a)}})
}

func answerRows(b comity.Baseline, a comity.BaselineAssessment) [][]string {
	rows := [][]string{AnswerColumns}
	for _, g := range b.Groups {
		for _, c := range g.Controls {
			answer := a.Answers[c.ID]
			rows = append(rows, []string{c.ID, c.Label, c.Title, string(answer.Maturity), string(answer.Target), answer.Due.String(), answer.Evidence})
		}
	}
	return rows
}

// ReadAnswers reads a table of answers, CSV or XLSX: those that are right, in the order of the file, and all that is wrong
// with the others. A row that says nothing is no answer, so that an empty cell never takes one back. The error is that of
// the reader alone.
func ReadAnswers(r io.Reader, b comity.Baseline) ([]comity.BaselineAnswer, []Problem, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxAnswerBytes+1))
	if err != nil {
		return nil, nil, fmt.Errorf("read the answers: %w", err)
	}
	p := &answerReader{parser: &parser{seen: map[string]string{}}, controls: byName(b)}
	switch {
	case len(data) > MaxAnswerBytes:
		p.fail(Problem{Code: Unreadable, Value: fmt.Sprintf("the file is larger than %d MB", MaxAnswerBytes>>20)})
	case len(bytes.TrimSpace(data)) == 0:
		p.fail(Problem{Code: Empty})
	case bytes.HasPrefix(data, []byte("PK")):
		p.workbook(data)
	default:
		p.text(bytes.TrimPrefix(data, []byte("\uFEFF")))
	}
	return p.answers, p.problems, nil
}

// byName returns the controls by identity and, where no other has it, by label.
func byName(b comity.Baseline) map[string]string {
	names := map[string]string{}
	for id := range b.Controls() {
		names[strings.ToLower(id)] = id
	}
	for id, c := range b.Controls() {
		if label := strings.ToLower(c.Label); names[label] == "" {
			names[label] = id
		}
	}
	return names
}

type answerReader struct {
	*parser
	controls map[string]string // by identity or label, lower case
	answers  []comity.BaselineAnswer
}

func (p *answerReader) text(data []byte) {
	t, ok := p.table(data, AnswerColumns, "control")
	if !ok {
		return
	}
	for {
		row, place, ok := t.next()
		if !ok || len(p.problems) > maxProblems {
			return
		}
		p.row(place, row)
	}
}

// workbook reads the sheet of answers or, if none has that name, the first.
func (p *answerReader) workbook(data []byte) {
	book, err := xlsx.Read(bytes.NewReader(data))
	if err != nil {
		p.fail(Problem{Code: Unreadable, Value: err.Error()})
		return
	}
	sheet, names := 0, book.Sheets()
	for i, name := range names {
		if strings.EqualFold(name, "answers") {
			sheet = i
		}
	}
	if len(names) == 0 {
		p.fail(Problem{Code: Empty})
		return
	}
	var columns []string
	known := true
	err = book.Rows(sheet, func(number int, cells []xlsx.Cell, _ bool) bool {
		place := fmt.Sprintf("%s!%d", names[sheet], number)
		texts := xlsx.Texts(cells)
		switch {
		case profile.Blank(texts):
		case columns == nil:
			columns, known = p.header(place, texts, AnswerColumns, "control")
		default:
			for i, c := range cells {
				if i < len(columns) && columns[i] == "due" && c.Number {
					texts[i] = book.Day(c.Text)
				}
			}
			if row := byColumn(columns, texts); row != nil {
				p.row(place, row)
			}
		}
		return known && len(p.problems) <= maxProblems
	})
	if err != nil {
		p.fail(Problem{Code: Unreadable, Value: err.Error()})
	}
}

// row reads one answer.
func (p *answerReader) row(place string, row map[string]string) {
	before := len(p.problems)
	id, known := p.controls[strings.ToLower(line(row["control"]))]
	switch other, twice := p.seen[id]; {
	case !known && row["control"] == "":
		p.fail(Problem{Place: place, Field: "control", Code: Required})
	case !known:
		p.fail(Problem{Place: place, Field: "control", Code: UnknownControl, Value: row["control"]})
	case twice:
		p.fail(Problem{Place: place, Field: "control", Code: Duplicate, Value: id + ", " + other})
	}
	if known {
		p.seen[id] = place
	}
	due, err := comity.ParseDate(line(row["due"]))
	if err != nil {
		p.fail(Problem{Place: place, Field: "due", Code: BadDate, Value: row["due"]})
	}
	a := comity.BaselineAnswer{Control: id, Maturity: p.level(place, "maturity", row), Target: p.level(place, "target", row), Due: due, Evidence: lines(row["evidence"])}
	switch {
	case utf8.RuneCountInString(a.Evidence) > comity.MaxEvidence:
		p.fail(Problem{Place: place, Field: "evidence", Code: TooLong, Value: a.Evidence})
	case a.Maturity == comity.MaturityNotApplicable && a.Evidence == "":
		p.fail(Problem{Place: place, Field: "evidence", Code: NeedsReason})
	case a.Target == comity.MaturityNone && err == nil && !a.Due.IsZero() && row["target"] == "":
		p.fail(Problem{Place: place, Field: "target", Code: NeedsTarget})
	}
	if len(p.problems) == before && !a.Blank() {
		p.answers = append(p.answers, a)
	}
}

// level reads a level; "not applicable" is one of the column maturity alone.
func (p *answerReader) level(place, column string, row map[string]string) comity.Maturity {
	m := comity.Maturity(strings.ReplaceAll(strings.ToLower(line(row[column])), " ", "-"))
	if m == comity.MaturityNone || m.Level() > 0 || column == "maturity" && m == comity.MaturityNotApplicable {
		return m
	}
	p.fail(Problem{Place: place, Field: column, Code: BadMaturity, Value: cmp.Or(row[column], string(m))})
	return comity.MaturityNone
}
