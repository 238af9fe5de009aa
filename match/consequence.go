package match

import (
	"strconv"
	"strings"

	"comity"
)

// keepPatched is for how many days before the last patch day a closed match is kept: long enough to see what the last
// round of patches closed, short enough that a list is not years of what was done long ago.
const keepPatched = 90

// softwareMatch says what a finding means: how exposed, to which technique, and the facts that make it urgent. It is not
// ok for a match that was closed too long ago to be of use.
func (m *Matcher) softwareMatch(t *comity.Threat, s *software, f finding) (comity.Match, bool) {
	published := comity.DateOf(t.Published)
	patched := !s.PatchedOn.IsZero() && !s.PatchedOn.Before(published)
	if patched && published.Before(s.PatchedOn.AddDays(-keepPatched)) {
		return comity.Match{}, false
	}
	one := comity.Match{
		Kind: comity.MatchSoftware, Software: s.ID, Subject: s.subject, Confidence: f.confidence, Reasons: f.reasons,
	}
	one.Exposed = exposed(s, patched)
	one.Reasons = append(one.Reasons, placementReason(s.Placement))
	if patched {
		one.Reasons = append(one.Reasons, reason("patched", "date", s.PatchedOn.String(), "published", published.String()))
	}
	var why comity.Reason
	one.Techniques, why = techniques(t.Vulnerability, s.Placement)
	one.Reasons = append(append(one.Reasons, why), urgency(t)...)
	return one, true
}

// exposed returns x: 1 internet-facing, 0.2 internal, 0 once patched. A placement that is not given counts as internal.
//
// Source: exposure model, section 2.
func exposed(s *software, patched bool) float64 {
	switch {
	case patched:
		return 0
	case s.Placement == comity.InternetFacing:
		return 1
	default:
		return 0.2
	}
}

func placementReason(p comity.Placement) comity.Reason {
	if p == comity.InternetFacing {
		return reason("internet-facing")
	}
	return reason("internal")
}

// exploitPublic is "Exploit Public-Facing Application".
const exploitPublic = "T1190"

// techniques returns what exploitation opens. Without a known technique, internet-facing software counts as T1190 and
// the reason says so; for other software nothing is assumed, and the reason says that.
func techniques(v *comity.Vulnerability, p comity.Placement) ([]string, comity.Reason) {
	switch {
	case len(v.Techniques) > 0:
		return v.Techniques, reason("technique-known", "techniques", strings.Join(v.Techniques, ", "))
	case p == comity.InternetFacing:
		return []string{exploitPublic}, reason("technique-assumed")
	default:
		return nil, reason("technique-unknown")
	}
}

// urgency returns the facts about the vulnerability that do not depend on the software.
func urgency(t *comity.Threat) []comity.Reason {
	v := t.Vulnerability
	var reasons []comity.Reason
	if v.Exploited {
		reasons = append(reasons, reason("kev", "date", comity.DateOf(t.Published).String()))
	}
	if v.Ransomware {
		reasons = append(reasons, reason("ransomware"))
	}
	if v.EPSS != nil {
		reasons = append(reasons, reason("epss", "score", strconv.FormatFloat(v.EPSS.Score, 'f', -1, 64), "model", v.EPSS.Model))
	}
	if !v.Due.IsZero() {
		reasons = append(reasons, reason("due", "date", v.Due.String()))
	}
	return reasons
}

// subject names a line as its owner does, with the vendor only where the name lacks it.
func subject(s *software) string {
	name := fullName(s.Vendor, s.Name)
	if s.Software.Version != "" && !strings.HasSuffix(name, s.Software.Version) {
		name += " " + s.Software.Version
	}
	return strings.TrimSpace(name)
}
