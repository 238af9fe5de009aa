package governance

import (
	"fmt"
	"math/big"
	"testing"

	"comity"

	"pgregory.net/rapid"
)

// slow decides by walking over every organisation and every position, with fractions, and shares no line with Decide.
func slow(p comity.Procedure, entitled []comity.OrgID, positions []comity.Position) bool {
	var in, out, agreed, silent, present int
	recused := map[comity.OrgID]bool{}
	for _, org := range entitled {
		said := comity.PositionKind("")
		for _, one := range positions {
			if one.Org == org {
				said = one.Position
			}
		}
		switch said {
		case "":
			silent++
		case comity.PositionRecuse:
			recused[org] = true
		case comity.PositionAbstain:
			present++
		case comity.PositionDiscuss:
			present, out = present+1, out+1
		case comity.PositionAgree:
			present, in, agreed = present+1, in+1, agreed+1
		case comity.PositionNoObjection:
			present, in = present+1, in+1
		}
	}
	if p.Kind == comity.ProcedureSilence {
		return out == 0
	}
	base := int64(len(entitled) - len(recused))
	part := big.NewRat(int64(p.Rules.Quorum.Numerator)*base, int64(p.Rules.Quorum.Denominator))
	met := big.NewRat(int64(present), 1).Cmp(part)
	if met < 0 || met == 0 && p.Rules.Quorum.Above || present == 0 || agreed == 0 {
		return false
	}
	if out > 0 && p.Rules.DiscussBlocks {
		return false
	}
	share := big.NewRat(int64(in), int64(in+out))
	switch p.Rules.Threshold {
	case comity.ThresholdSimple:
		return share.Cmp(big.NewRat(1, 2)) > 0
	case comity.ThresholdTwoThirds:
		return share.Cmp(big.NewRat(2, 3)) >= 0
	case comity.ThresholdFourFifths:
		return share.Cmp(big.NewRat(4, 5)) >= 0
	default:
		return share.Cmp(big.NewRat(1, 1)) == 0
	}
}

func TestDecideIsTheSlowTwin(t *testing.T) {
	carried := 0
	rapid.Check(t, func(t *rapid.T) {
		p := comity.Procedure{Kind: rapid.SampledFrom(comity.ProcedureKinds).Draw(t, "kind")}
		p.Rules.Threshold = rapid.SampledFrom(comity.Thresholds).Draw(t, "threshold")
		p.Rules.DiscussBlocks = rapid.Bool().Draw(t, "blocks")
		p.Rules.Quorum.Denominator = rapid.IntRange(1, 6).Draw(t, "denominator")
		p.Rules.Quorum.Numerator = rapid.IntRange(1, p.Rules.Quorum.Denominator).Draw(t, "numerator")
		p.Rules.Quorum.Above = p.Rules.Quorum.Numerator < p.Rules.Quorum.Denominator && rapid.Bool().Draw(t, "above")
		var entitled []comity.OrgID
		for i := range rapid.IntRange(0, 12).Draw(t, "entitled") {
			entitled = append(entitled, comity.OrgID(fmt.Sprint("org", i)))
		}
		var positions []comity.Position
		for i := range rapid.IntRange(0, 30).Draw(t, "positions") {
			org := comity.OrgID(fmt.Sprint("org", rapid.IntRange(0, 14).Draw(t, "org")))
			positions = append(positions, comity.Position{Seq: int64(i + 1), Org: org, Position: rapid.SampledFrom(comity.PositionKinds).Draw(t, "position")})
		}
		got := Decide(p, entitled, positions)
		if want := slow(p, entitled, positions); got.Carried != want {
			t.Fatalf("carried %v, the slow twin says %v: %+v", got.Carried, want, got)
		}
		if got.Carried {
			carried++
		}
		if got.Agree+got.NoObjection+got.Discuss+got.Abstain != got.Spoke || got.Spoke+got.Recuse > got.Entitled || got.Entitled != len(entitled) {
			t.Fatalf("counts do not add up: %+v", got)
		}
	})
	if carried == 0 {
		t.Error("nothing was ever carried: the draws say nothing")
	}
}

// TestDecide is by the order of the rules.
func TestDecide(t *testing.T) {
	half := comity.Quorum{Numerator: 1, Denominator: 2, Above: true}
	for _, test := range []struct {
		name      string
		threshold comity.Threshold
		blocks    bool
		kind      comity.ProcedureKind
		said      string // of organisations 0, 1, …: a agree, n no objection, d discuss, s abstain, r recuse, - nothing
		carried   bool
		why       string
	}{
		{"silence adopts", "", false, comity.ProcedureSilence, "------", true, comity.VerdictSilence},
		{"one objection stops", "", false, comity.ProcedureSilence, "aaaand", false, comity.VerdictObjection},
		{"too few spoke", comity.ThresholdSimple, false, comity.ProcedureBallot, "aaa---", false, comity.VerdictQuorum},
		{"who recuses is not counted", comity.ThresholdSimple, false, comity.ProcedureBallot, "aaar--", true, comity.VerdictThreshold},
		{"abstaining is speaking", comity.ThresholdSimple, false, comity.ProcedureBallot, "asss--", true, comity.VerdictThreshold},
		{"nobody agreed", comity.ThresholdSimple, false, comity.ProcedureBallot, "nnnnnn", false, comity.VerdictSupport},
		{"one blocks at consensus", comity.ThresholdConsensus, false, comity.ProcedureBallot, "aaaaad", false, comity.VerdictObjection},
		{"one does not block a majority", comity.ThresholdFourFifths, false, comity.ProcedureBallot, "aaaaad", true, comity.VerdictThreshold},
		{"unless the rules let it", comity.ThresholdSimple, true, comity.ProcedureBallot, "aaaaad", false, comity.VerdictObjection},
		{"a tie is not more", comity.ThresholdSimple, false, comity.ProcedureBallot, "aaaddd", false, comity.VerdictThreshold},
		{"exactly two thirds", comity.ThresholdTwoThirds, false, comity.ProcedureBallot, "aandds", false, comity.VerdictThreshold},
		{"two thirds of six", comity.ThresholdTwoThirds, false, comity.ProcedureBallot, "aanndd", true, comity.VerdictThreshold},
		{"no threshold", "", false, comity.ProcedureBallot, "aaaaaa", false, comity.VerdictThreshold},
	} {
		p := comity.Procedure{Kind: test.kind, Rules: comity.BindingRules{Rules: comity.Rules{Threshold: test.threshold, DiscussBlocks: test.blocks, Quorum: half}}}
		letters := map[rune]comity.PositionKind{'a': comity.PositionAgree, 'n': comity.PositionNoObjection, 'd': comity.PositionDiscuss, 's': comity.PositionAbstain, 'r': comity.PositionRecuse}
		var entitled []comity.OrgID
		var positions []comity.Position
		for i, said := range test.said {
			org := comity.OrgID(fmt.Sprint("org", i))
			entitled = append(entitled, org)
			if said != '-' {
				positions = append(positions, comity.Position{Seq: int64(i), Org: org, Position: letters[said]})
			}
		}
		got := Decide(p, entitled, positions)
		if got.Carried != test.carried || got.Why != test.why {
			t.Errorf("%s: got %+v", test.name, got)
		}
	}
}

// TestMoreSupportNeverLoses: who turns from any position to "agree" never undoes what was carried.
func TestMoreSupportNeverLoses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := comity.Procedure{Kind: comity.ProcedureBallot}
		p.Rules.Threshold = rapid.SampledFrom(comity.Thresholds).Draw(t, "threshold")
		p.Rules.Quorum = comity.Quorum{Numerator: 1, Denominator: 2}
		entitled := []comity.OrgID{"a", "b", "c", "d", "e"}
		var positions []comity.Position
		for i, org := range entitled {
			positions = append(positions, comity.Position{Seq: int64(i), Org: org, Position: rapid.SampledFrom(comity.PositionKinds[:4]).Draw(t, "position")})
		}
		before := Decide(p, entitled, positions)
		turned := rapid.SampledFrom(entitled).Draw(t, "who turns")
		after := Decide(p, entitled, append(positions, comity.Position{Seq: 99, Org: turned, Position: comity.PositionAgree}))
		if before.Carried && !after.Carried {
			t.Fatalf("one more agreed, and it was lost: %+v, %+v", before, after)
		}
	})
}
