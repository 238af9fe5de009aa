package attack

import "regexp"

// doNotMitigate is the mitigation that says to do nothing.
const doNotMitigate = "M1055"

// enterprise is the number of the Enterprise matrix; Mobile and ICS have others.
const enterprise = "enterprise-attack"

var (
	versionPattern    = regexp.MustCompile(`^[0-9A-Za-z._-]{1,40}$`)
	techniquePattern  = regexp.MustCompile(`^T[0-9]{4}(\.[0-9]{3})?$`)
	mitigationPattern = regexp.MustCompile(`^M[0-9]{4}$`)
	tacticPattern     = regexp.MustCompile(`^TA[0-9]{4}$`)
	shortNamePattern  = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
)

// check finds the object's number and refuses one that lacks what its type needs.
func (o *object) check() error {
	for _, r := range o.References {
		if r.Source == "mitre-attack" {
			o.number = r.ID
			break
		}
	}
	if o.Name == "" {
		return invalid("%.80q has no name", o.ID)
	}
	switch o.Type {
	case "attack-pattern":
		if !techniquePattern.MatchString(o.number) {
			return invalid("%.80q has no technique number: %.60q", o.ID, o.number)
		}
		if o.Created.IsZero() || o.Modified.IsZero() {
			return invalid("%s needs created and modified", o.number)
		}
	case "x-mitre-tactic":
		if !tacticPattern.MatchString(o.number) || !shortNamePattern.MatchString(o.ShortName) {
			return invalid("%.80q has no tactic number or short name: %.60q, %.60q", o.ID, o.number, o.ShortName)
		}
	case "course-of-action":
		if o.inForce() && !mitigationPattern.MatchString(o.number) {
			return invalid("%.80q has no mitigation number: %.60q", o.ID, o.number)
		}
	}
	return nil
}

func (o *object) isMitigation() bool {
	return o != nil && o.Type == "course-of-action" && o.inForce() && o.number != doNotMitigate
}

func (o *object) isTechnique() bool { return o != nil && o.Type == "attack-pattern" }
