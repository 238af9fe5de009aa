package match

import (
	"strings"
)

// agreement says how an edition that a list names goes with that of the software.
type agreement uint8

const (
	another   agreement = iota // both say it, and not the same
	unsaid                     // the list names one and the software does not say
	anyOfThem                  // the list means all
	ours                       // both say the same
)

// ofEdition returns the products of the list that go with the software's edition: those that name it where there are
// any, else those for all, else those for an edition that the software does not say; said is false only for the last.
// Versions of Firefox ESR are not those of Firefox.
func ofEdition(list []*affected, s *software) (kept []*affected, said bool) {
	best, same := list[0].agreement(s), true
	for _, a := range list[1:] {
		this := a.agreement(s)
		best, same = max(best, this), same && this == best
	}
	switch {
	case best == another:
		return nil, true
	case same:
		return list, best != unsaid
	}
	for _, a := range list {
		if a.agreement(s) == best {
			kept = append(kept, a)
		}
	}
	return kept, best != unsaid
}

// agreement compares what tells editions of a product apart. The software edition decides; what it runs on and the
// release of the distribution can rule it out or leave it open. Edition, language, hardware and update count only where
// both say them: inventories hardly ever do.
func (a *affected) agreement(s *software) agreement {
	result := anyOfThem
	if a.plain {
		return result
	}
	for _, one := range []agreement{a.softwareEdition(s), a.targetSoftware(s), a.distribution(s)} {
		switch {
		case one == another:
			return another
		case one == unsaid:
			result = unsaid
		case one == ours && result == anyOfThem:
			result = ours
		}
	}
	if s.hasCPE && a.hasCPE && a.contradicts(s.cpe) {
		return another
	}
	return result
}

// isPlain reports whether the list says nothing that tells editions apart.
func (a *affected) isPlain() bool {
	for _, v := range a.cpe[cpeUpdate:] {
		if v != anyValue {
			return false
		}
	}
	return a.purl.distro == ""
}

// contradicts reports whether both names say something of an attribute that seldom matters, and not the same.
func (a *affected) contradicts(ours cpe) bool {
	for _, at := range [...]int{cpeUpdate, cpeEdition, cpeLanguage, cpeTargetHardware, cpeOther} {
		if at == cpeUpdate && a.cpe[cpeVersion] != anyValue {
			continue // it belongs to the version
		}
		if a.cpe[at].isValue() && ours[at].isValue() && a.cpe[at].relationTo(ours[at]) == disjoint {
			return true
		}
	}
	return false
}

func (a *affected) softwareEdition(s *software) agreement {
	theirs := a.cpe[cpeSoftwareEdition]
	switch {
	case theirs == anyValue:
		return anyOfThem
	case s.edition == "" && theirs == notApplicable:
		return anyOfThem
	case s.edition == "" && !wordsInside(s.Name, theirs.text()):
		return unsaid
	case attribute(s.edition) == theirs, wordsInside(s.Name, theirs.text()):
		return ours
	default:
		return another
	}
}

// wordsInside reports whether the name has the words of an edition such as "data_center".
func wordsInside(name, edition string) bool {
	part := strings.Join(words(edition), " ")
	return part != "" && strings.Contains(" "+strings.Join(words(name), " ")+" ", " "+part+" ")
}

// systems are operating systems as target software of CPE names calls them. Elsewhere it is where the product lives, as
// "wordpress" of a plug-in, and an inventory need not say so.
var systems = wordSet(`android iphone_os ipados windows macos mac_os mac_os_x linux linux_kernel chrome_os freebsd unix`)

func (a *affected) targetSoftware(s *software) agreement {
	theirs := habitat(a.cpe[cpeTargetSoftware].text())
	switch {
	case theirs == "" || theirs == s.target:
		return anyOfThem
	case s.target != "" && (systems[theirs] == systems[s.target]):
		return another
	case systems[theirs]:
		return unsaid
	default:
		return anyOfThem
	}
}

func (a *affected) distribution(s *software) agreement {
	switch theirs, our := a.purl.distro, s.purl.distro; {
	case theirs == "" || a.purl.kind != s.purl.kind:
		return anyOfThem
	case our == "":
		return unsaid
	case sameRelease(theirs, our):
		return anyOfThem
	default:
		return another
	}
}

// edition names what the software does not say.
func (a *affected) edition() string {
	var said []string
	for _, e := range []string{a.cpe[cpeSoftwareEdition].text(), a.cpe[cpeTargetSoftware].text(), a.purl.distro} {
		if e != "" {
			said = append(said, e)
		}
	}
	return strings.Join(said, ", ")
}
