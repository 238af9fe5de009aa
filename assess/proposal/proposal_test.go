package proposal

import (
	"math"
	"slices"
	"strings"
	"testing"

	"comity"
	"comity/demo"
)

func knowledge(t *testing.T) comity.Knowledge {
	t.Helper()
	facts, err := demo.Facts()
	if err != nil {
		t.Fatal(err)
	}
	return facts.Knowledge
}

// everything is SP 800-53 as far as the pairs go, with one answer to all of it.
func everything(t *testing.T, m comity.Maturity) comity.AssessedBaseline {
	t.Helper()
	pairs, err := Pairs()
	if err != nil {
		t.Fatal(err)
	}
	a := comity.AssessedBaseline{
		Baseline:   comity.Baseline{ID: "bas_1", Framework: comity.FrameworkSP80053, Groups: []comity.BaselineGroup{{ID: "all"}}},
		Assessment: comity.BaselineAssessment{Answers: map[string]comity.BaselineAnswer{}},
	}
	for id := range pairs {
		a.Baseline.Groups[0].Controls = append(a.Baseline.Groups[0].Controls, comity.BaselineControl{ID: id, Label: strings.ToUpper(id), Title: "Control " + id})
		a.Assessment.Answers[id] = comity.BaselineAnswer{Control: id, Maturity: m}
	}
	return a
}

func proposals(t *testing.T, k comity.Knowledge, assessed ...comity.AssessedBaseline) map[string]comity.CoverageProposal {
	t.Helper()
	list, err := Propose(k, assessed)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]comity.CoverageProposal{}
	for _, p := range list {
		all[p.Mitigation] = p
	}
	return all
}

// TestPairs counts what was published: 5,264 pairs of 109 controls, as counted from the document by other means.
func TestPairs(t *testing.T) {
	pairs, err := Pairs()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, techniques := range pairs {
		n += len(techniques)
	}
	if len(pairs) != 109 || n != 5264 || !slices.Contains(pairs["ia-2"], "T1078") {
		t.Errorf("got %d controls, %d pairs", len(pairs), n)
	}
}

// TestRevokedTechniquesAreFollowed holds that a pair with T1574.002, which ATT&CK revoked after the mapping was made, counts
// for T1574.001, and that one of another matrix counts for nothing.
func TestRevokedTechniquesAreFollowed(t *testing.T) {
	k := knowledge(t)
	got := following(map[string][]string{"cm-7": {"T1574.002", "T1521.003"}}, k)["cm-7"]
	if len(got) != 1 || !got["T1574.001"] {
		t.Errorf("got %v", got)
	}
	circle := comity.Knowledge{Techniques: []comity.Technique{{Number: "T1"}}, Replaced: map[string]string{"T2": "T3", "T3": "T2"}}
	if got := following(map[string][]string{"ac-1": {"T2"}}, circle)["ac-1"]; len(got) != 0 {
		t.Errorf("a circle: got %v", got)
	}
}

// TestProposalsRestOnTheRightControls names mitigations of which everybody knows what they are about.
func TestProposalsRestOnTheRightControls(t *testing.T) {
	all := proposals(t, knowledge(t), everything(t, comity.MaturityEstablished))
	for mitigation, want := range map[string][]string{
		"M1053": {"cp-9", "cp-10"},         // Data Backup
		"M1032": {"ia-2", "ia-5"},          // Multi-factor Authentication
		"M1051": {"si-2"},                  // Update Software
		"M1049": {"si-3"},                  // Antivirus
		"M1030": {"sc-7", "sc-46", "ac-4"}, // Network Segmentation
		"M1016": {"ra-10", "ca-2"},         // Vulnerability Scanning
		"M1018": {"ac-2", "ac-6"},          // User Account Management
		"M1041": {"si-12", "ac-19"},        // Encrypt Sensitive Information
		"M1031": {"sc-7", "si-3"},          // Network Intrusion Prevention
	} {
		p := all[mitigation]
		for _, id := range want {
			if !slices.ContainsFunc(p.Controls, func(c comity.CoverageBasis) bool { return c.Control == id }) {
				t.Errorf("%s rests on %v, want %s among them", mitigation, p.Controls, id)
			}
		}
		if p.Coverage != 0.5 || math.Abs(p.Share-0.5) > 1e-9 || math.Abs(p.Answered-1) > 1e-9 {
			t.Errorf("%s: got %v, %v, %v", mitigation, p.Coverage, p.Share, p.Answered)
		}
	}
	for _, none := range []string{"M1056", "M1039", "M1052"} { // nothing of SP 800-53 is about them
		if p, ok := all[none]; ok {
			t.Errorf("%s: got %+v, want no proposal", none, p)
		}
	}
	if len(all) != 40 {
		t.Errorf("got %d proposals", len(all))
	}
	for code, p := range all {
		sum := 0.0
		for _, c := range p.Controls {
			sum += c.Weight
		}
		if math.Abs(sum-1) > 1e-9 || len(p.Controls) == 0 || len(p.Controls) > maxBasis || !slices.Contains(comity.CoverageSteps, p.Coverage) {
			t.Errorf("%s: weights sum to %v, %d controls, coverage %v", code, sum, len(p.Controls), p.Coverage)
		}
	}
}

// TestBetterAnswersNeverProposeLess raises each control in turn.
func TestBetterAnswersNeverProposeLess(t *testing.T) {
	k, a := knowledge(t), everything(t, comity.MaturityDeveloping)
	before := proposals(t, k, a)
	for i, c := range a.Baseline.Groups[0].Controls {
		if i%11 != 0 {
			continue
		}
		a.Assessment.Answers[c.ID] = comity.BaselineAnswer{Control: c.ID, Maturity: comity.MaturityLeading}
		after := proposals(t, k, a)
		for code, p := range before {
			if after[code].Share < p.Share-1e-12 {
				t.Errorf("%s with a better %s: %v, was %v", code, c.ID, after[code].Share, p.Share)
			}
		}
		before = after
	}
}

func TestWhatCountsAndWhatDoesNot(t *testing.T) {
	k := knowledge(t)
	csf := everything(t, comity.MaturityLeading)
	csf.Baseline.Framework = ""
	if got := proposals(t, k, csf); len(got) != 0 {
		t.Errorf("a framework without pairs proposed %d", len(got))
	}
	if got := proposals(t, k); len(got) != 0 {
		t.Errorf("nothing proposed %d", len(got))
	}
	if got := proposals(t, comity.Knowledge{}, everything(t, comity.MaturityLeading)); len(got) != 0 {
		t.Errorf("without ATT&CK: %d", len(got))
	}
	silent := everything(t, comity.MaturityNone)
	if got := proposals(t, k, silent); len(got) != 0 {
		t.Errorf("nobody answered, and %d are proposed", len(got))
	}
	silent.Assessment.Answers["si-3"] = comity.BaselineAnswer{Maturity: comity.MaturityLeading}
	if p, ok := proposals(t, k, silent)["M1031"]; ok {
		t.Errorf("one answer of eight proposed %+v", p)
	}

	// Two baselines with the same controls: the lower answer counts, and what is not applicable does not.
	low, high := everything(t, comity.MaturityDeveloping), everything(t, comity.MaturityLeading)
	for _, order := range [][]comity.AssessedBaseline{{low, high}, {high, low}} {
		if p := proposals(t, k, order...)["M1053"]; p.Coverage != 0.25 {
			t.Errorf("two baselines: got %v", p.Coverage)
		}
	}
	absent := everything(t, comity.MaturityNotApplicable)
	if p := proposals(t, k, absent, high)["M1053"]; p.Coverage != 0.95 {
		t.Errorf("not applicable in one of two: got %v", p.Coverage)
	}
	high.Assessment.Answers["cp-9"] = comity.BaselineAnswer{Maturity: comity.MaturityNotApplicable}
	p := proposals(t, k, high)["M1053"]
	if slices.ContainsFunc(p.Controls, func(c comity.CoverageBasis) bool { return c.Control == "cp-9" }) || p.Answered != 1 {
		t.Errorf("not applicable counted: %+v", p)
	}
}

func TestBrokenPairs(t *testing.T) {
	if _, err := parsePairs(strings.NewReader("not packed")); err == nil {
		t.Error("a broken table was read")
	}
}
