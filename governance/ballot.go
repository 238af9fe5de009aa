package governance

import "comity"

// Decide returns what the positions of the organisations that are entitled add up to. Positions of others do not count;
// of each organisation its last one does. Who recuses itself is taken out before anything is counted.
//
// In a no-objection procedure one "discuss" stops it, and silence adopts it. A ballot is carried if
//
//  1. at least the quorum of the entitled spoke,
//  2. somebody agreed,
//  3. nobody said "discuss", at consensus or where the rules let it block,
//  4. of those for (agree, no objection) or against (discuss) the share that the threshold asks for was for.
func Decide(p comity.Procedure, entitled []comity.OrgID, positions []comity.Position) comity.Verdict {
	o := comity.CountPositions(entitled, positions)
	if p.Kind == comity.ProcedureSilence {
		o.Carried, o.Why = o.Discuss == 0, comity.VerdictSilence
		if !o.Carried {
			o.Why = comity.VerdictObjection
		}
		return o
	}
	o.Quorum = p.Rules.Quorum.Of(o.Entitled - o.Recuse)
	blocks := p.Rules.DiscussBlocks || p.Rules.Threshold == comity.ThresholdConsensus
	switch {
	case o.Spoke < o.Quorum:
		o.Why = comity.VerdictQuorum
	case o.Agree == 0:
		o.Why = comity.VerdictSupport
	case blocks && o.Discuss > 0:
		o.Why = comity.VerdictObjection
	default:
		o.Carried, o.Why = reaches(p.Rules.Threshold, o.Agree+o.NoObjection, o.Discuss), comity.VerdictThreshold
	}
	return o
}

// reaches reports whether the share of those who are for is enough. A threshold that is none is never reached.
func reaches(t comity.Threshold, inFavour, against int) bool {
	switch t {
	case comity.ThresholdSimple:
		return inFavour > against
	case comity.ThresholdTwoThirds:
		return 3*inFavour >= 2*(inFavour+against)
	case comity.ThresholdFourFifths:
		return 5*inFavour >= 4*(inFavour+against)
	case comity.ThresholdConsensus:
		return against == 0
	default:
		return false
	}
}
