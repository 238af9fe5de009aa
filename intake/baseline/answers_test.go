package baseline_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"comity"
	"comity/intake/baseline"
	"comity/intake/xlsx"

	"github.com/google/go-cmp/cmp"
)

var small = comity.Baseline{Groups: []comity.BaselineGroup{{ID: "ac", Title: "Access", Controls: []comity.BaselineControl{
	{ID: "ac-1", Label: "AC-1", Title: "Accounts"}, {ID: "ac-1.1", Label: "AC-1(1)", Title: "By a program", Parent: "ac-1"}, {ID: "ac-2", Label: "AC-2", Title: "Rights"},
}}}}

func someAnswers() comity.BaselineAssessment {
	due, _ := comity.ParseDate("2027-01-31")
	return comity.BaselineAssessment{Answers: map[string]comity.BaselineAnswer{
		"ac-1":   {Control: "ac-1", Maturity: comity.MaturityEstablished, Target: comity.MaturityLeading, Due: due, Evidence: "=two\nlines, \"quoted\""},
		"ac-1.1": {Control: "ac-1.1", Maturity: comity.MaturityNotApplicable, Evidence: "too small"},
	}}
}

// TestAnswersRoundTrip holds that what leaves as a table comes back the same.
func TestAnswersRoundTrip(t *testing.T) {
	a := someAnswers()
	want := []comity.BaselineAnswer{a.Answers["ac-1"], a.Answers["ac-1.1"]}
	for name, write := range map[string]func(io.Writer, comity.Baseline, comity.BaselineAssessment) error{"csv": baseline.WriteAnswersCSV, "xlsx": baseline.WriteAnswersXLSX} {
		var b bytes.Buffer
		if err := write(&b, small, a); err != nil {
			t.Fatal(err)
		}
		got, problems, err := baseline.ReadAnswers(&b, small)
		if err != nil || len(problems) > 0 {
			t.Fatalf("%s: %v, %v", name, problems, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-written +read):\n%s", name, diff)
		}
	}
}

func TestAnswerProblems(t *testing.T) {
	for _, test := range []struct{ name, file, want string }{
		{"nothing", " \n", "the file is empty"},
		{"no column", "label\nAC-1\n", "line 1: there is no column control"},
		{"by label and in any case", "control,maturity\nAC-1(1),Leading\n", ""},
		{
			"all at once", "control,maturity,target,due,evidence\nac-9,leading,,,\nac-1,best,not-applicable,31.1.2027,\nac-1,initial,,,\nac-2,Not applicable,,2027-01-31,\n,initial,,,\n",
			"line 2, control: there is no control ac-9 in the baseline|line 3, due: 31.1.2027: want a date as YYYY-MM-DD|line 3, maturity: best: want initial, developing, established, advanced or leading, and for an answer also not-applicable or nothing|" +
				"line 3, target: not-applicable: want initial, developing, established, advanced or leading, and for an answer also not-applicable or nothing|line 4, control: stands here twice: ac-1, line 3|line 5, evidence: say in the evidence why it is not applicable|line 6, control: must not be empty",
		},
		{"a day without target", "control,due\nac-1,2027-01-31\n", "line 2, target: a date needs a target"},
		{"long", "control,evidence\nac-1," + strings.Repeat("x", 4001) + "\n", "line 2, evidence: is too long: " + strings.Repeat("x", 200) + "…"},
		{"no workbook", "PK\x03\x04", "it is no workbook: not a valid zip file"},
	} {
		_, problems, err := baseline.ReadAnswers(strings.NewReader(test.file), small)
		var told []string
		for _, p := range problems {
			told = append(told, p.String())
		}
		if got := strings.Join(told, "|"); err != nil || got != test.want {
			t.Errorf("%s: %v\n got %s\nwant %s", test.name, err, got, test.want)
		}
	}
	var b bytes.Buffer
	if err := xlsx.Write(&b, []xlsx.Sheet{{Name: "Notes", Rows: [][]string{{"x"}}}, {Name: "Answers", Rows: [][]string{{"Control", "Maturity"}, {"ac-1", "best"}, {}, {"ac-2", "Leading"}}}}); err != nil {
		t.Fatal(err)
	}
	answers, problems, _ := baseline.ReadAnswers(&b, small)
	if len(problems) != 1 || problems[0].Place != "Answers!2" || len(answers) != 1 || answers[0].Control != "ac-2" {
		t.Errorf("workbook: %v, %v", answers, problems)
	}
	if _, _, err := baseline.ReadAnswers(broken{}, small); err == nil {
		t.Error("an error of the reader was lost")
	}
}

// FuzzReadAnswers holds that nothing stops the reader, and that what it takes can be stored and read back.
func FuzzReadAnswers(f *testing.F) {
	for _, seed := range []string{"control,maturity\nac-1,leading\n", "control;due;target\nac-2;2027-01-31;leading\n", "control\n\"", "PK\x03\x04", ""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		answers, _, err := baseline.ReadAnswers(bytes.NewReader(data), small)
		if err != nil {
			t.Fatal(err)
		}
		a := comity.BaselineAssessment{Answers: map[string]comity.BaselineAnswer{}}
		for _, answer := range answers {
			if err := answer.Check(); err != nil {
				t.Fatalf("%+v: %v", answer, err)
			}
			if _, twice := a.Answers[answer.Control]; twice {
				t.Fatalf("%s twice", answer.Control)
			}
			a.Answers[answer.Control] = answer
		}
		var b bytes.Buffer
		if err := baseline.WriteAnswersCSV(&b, small, a); err != nil {
			t.Fatal(err)
		}
		again, problems, _ := baseline.ReadAnswers(&b, small)
		if len(problems) > 0 || len(again) != len(answers) {
			t.Fatalf("written and not read again: %v, %d of %d", problems, len(again), len(answers))
		}
	})
}
