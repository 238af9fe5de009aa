package catalogue

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"comity"
)

// Bounds of a catalogue.
const (
	MaxScenarios  = 40
	maxRetired    = 400
	maxStages     = 14 // as many as ATT&CK has tactics
	maxTechniques = 40 // of a stage
	maxStrengths  = 400
	maxBasis      = 2000
	maxName       = 120
	maxText       = 1000
	maxRate       = 1e6
	maxMoney      = 1e15
	sumTolerance  = 1e-9
	widest        = 1e6 // ratio of the ends of an interval
	narrowest     = 1.1 // of a rate; below about 1.04 no Gamma distribution is sought
)

// languages are those in which a scenario can have texts.
var languages = []string{"ar", "en", "es", "fr", "ru", "zh"}

// reserved are names under which pages of the catalogue stand.
var reserved = []string{"draft", "versions"}

var (
	scenarioName  = regexp.MustCompile(`^[a-z][a-z0-9-]{1,39}$`)
	techniqueName = regexp.MustCompile(`^T[0-9]{4}(\.[0-9]{3})?$`)
	controlName   = regexp.MustCompile(`^M[0-9]{4}$`)
	stageName     = regexp.MustCompile(`^[a-z][a-z-]{1,39}$`)
)

// checker keeps the first mistake.
type checker struct {
	known comity.Knowledge
	names map[string]bool // techniques and mitigations of ATT&CK; nil: not known
	err   error
}

// Check returns nil, or the first mistake as an error of kind Invalid that begins with the JSON pointer of its place in
// the document that Write makes. known is ATT&CK, to which techniques, tactics and mitigations must belong; without it
// their form is checked alone.
func Check(c comity.Catalogue, known comity.Knowledge) error {
	k := &checker{known: known}
	if len(known.Techniques) > 0 {
		k.names = map[string]bool{}
		for _, t := range known.Techniques {
			k.names[t.Number] = true
		}
		for _, m := range known.Mitigations {
			k.names[m.Number] = true
		}
	}
	k.catalogue(c)
	return k.err
}

func (k *checker) wrong(pointer, format string, args ...any) {
	if k.err == nil {
		k.err = at(pointer, format, args...)
	}
}

func (k *checker) catalogue(c comity.Catalogue) {
	if len(c.Scenarios) == 0 || len(c.Scenarios) > MaxScenarios {
		k.wrong("/scenarios", "%d scenarios: want 1 to %d", len(c.Scenarios), MaxScenarios)
		return
	}
	if len(c.Retired) > maxRetired {
		k.wrong("/retired", "%d scenarios: want at most %d", len(c.Retired), maxRetired)
		return
	}
	seen := map[comity.ScenarioID]string{}
	for i, s := range c.Scenarios {
		k.scenario(fmt.Sprintf("/scenarios/%d", i), s, seen)
	}
	for i, s := range c.Retired {
		k.scenario(fmt.Sprintf("/retired/%d", i), s, seen)
	}
	k.strengths(c.Strength)
	k.bands(c.Bands)
	if !within(c.Tolerance, 1e-6, maxMoney) {
		k.wrong("/tolerance", "%v is not a sum of money above 0", c.Tolerance)
	}
}

// within is false for what is not a number.
func within(x, lo, hi float64) bool { return x >= lo && x <= hi }

func (k *checker) scenario(place string, s comity.Scenario, seen map[comity.ScenarioID]string) {
	switch first, twice := seen[s.ID]; {
	case !scenarioName.MatchString(string(s.ID)) || slices.Contains(reserved, string(s.ID)):
		k.wrong(place+"/id", "%q can't name a scenario: want 2 to 40 of a–z, 0–9 and -, from a letter, and none of %s", s.ID, strings.Join(reserved, ", "))
	case twice:
		k.wrong(place+"/id", "%q is %s too", s.ID, first)
	}
	seen[s.ID] = place
	adversarial := s.Source == comity.SourceAdversarial
	switch {
	case !slices.Contains(comity.ThreatSources, s.Source):
		k.wrong(place+"/source", "%q is none of adversarial, accidental, structural and environmental", s.Source)
	case !slices.Contains(comity.Origins, s.Origin):
		k.wrong(place+"/origin", "%q is none of internal, external and partner", s.Origin)
	case s.Properties == 0 || s.Properties >= 1<<comity.PropertyCount:
		k.wrong(place+"/hits", "want at least one of confidentiality, integrity, availability and reliability")
	case s.Targeted && !adversarial:
		k.wrong(place+"/targeted", "only an adversary targets")
	case !adversarial && len(s.Path) > 0:
		k.wrong(place+"/path", "only an adversary goes along techniques")
	case strings.TrimSpace(s.Basis) == "":
		k.wrong(place+"/basis", "say what the rate rests on; where it is judgement, begin with \"hypothesis:\"")
	case badText(s.Basis, maxBasis):
		k.wrong(place+"/basis", "want at most %d characters of text", maxBasis)
	case !within(s.Rate.Low, 1e-6, maxRate) || !within(s.Rate.High, 1e-6, maxRate) || s.Rate.High <= s.Rate.Low:
		k.wrong(place+"/rate", "%v to %v: want 0.000001 ≤ low < high ≤ %g", s.Rate.Low, s.Rate.High, maxRate)
	case s.Rate.High/s.Rate.Low > widest:
		k.wrong(place+"/rate", "%v to %v: an interval over more than six orders of magnitude says nothing", s.Rate.Low, s.Rate.High)
	case s.Rate.High/s.Rate.Low < narrowest:
		k.wrong(place+"/rate", "%v to %v: nobody knows a rate so well; want ends at least a tenth apart", s.Rate.Low, s.Rate.High)
	}
	k.path(place+"/path", s.Path)
	k.texts(place+"/texts", s.Texts)
}

func (k *checker) path(place string, path []comity.Stage) {
	if len(path) > maxStages {
		k.wrong(place, "%d stages: want at most %d", len(path), maxStages)
		return
	}
	passed := map[string]bool{}
	for i, st := range path {
		here := fmt.Sprintf("%s/%d", place, i)
		tactic := slices.ContainsFunc(k.known.Tactics, func(t comity.Tactic) bool { return t.ShortName == st.Name })
		switch {
		case !stageName.MatchString(st.Name) || k.names != nil && !tactic:
			k.wrong(here+"/name", "%q is no tactic of ATT&CK, such as \"initial-access\"", st.Name)
		case passed[st.Name]:
			k.wrong(here+"/name", "the path goes in a circle: %q was passed before", st.Name)
		}
		passed[st.Name] = true
		k.mix(here+"/techniques", st.Techniques)
	}
}

// mix checks the techniques of a stage: each once, with shares that sum to 1.
func (k *checker) mix(place string, techniques []comity.StageTechnique) {
	if len(techniques) == 0 || len(techniques) > maxTechniques {
		k.wrong(place, "%d techniques: want 1 to %d", len(techniques), maxTechniques)
		return
	}
	sum, seen := 0.0, map[string]bool{}
	for i, t := range techniques {
		here := fmt.Sprintf("%s/%d", place, i)
		switch {
		case !techniqueName.MatchString(t.Technique):
			k.wrong(here+"/technique", "%q is no number of a technique, such as T1566", t.Technique)
		case k.names != nil && !k.names[t.Technique]:
			k.unknownTechnique(here+"/technique", t.Technique)
		case seen[t.Technique]:
			k.wrong(here+"/technique", "%s is there twice", t.Technique)
		case !within(t.Share, 0, 1):
			k.wrong(here+"/share", "%v is not within 0 to 1", t.Share)
		}
		seen[t.Technique] = true
		sum += t.Share
	}
	if !(math.Abs(sum-1) <= sumTolerance) {
		k.wrong(place, "the shares sum to %.10g, not 1", sum)
	}
}

func (k *checker) unknownTechnique(place, number string) {
	if successor := k.known.Replaced[number]; successor != "" {
		k.wrong(place, "%s was revoked in ATT&CK %s: use %s", number, k.known.Version, successor)
		return
	}
	k.wrong(place, "%s is no technique of ATT&CK %s in force", number, k.known.Version)
}

func (k *checker) texts(place string, texts map[string]comity.ScenarioText) {
	if len(texts) == 0 {
		return
	}
	if strings.TrimSpace(texts["en"].Name) == "" {
		k.wrong(place+"/en/name", "a name in English is needed: it stands in where another language has none")
	}
	for _, language := range slices.Sorted(maps.Keys(texts)) {
		t, here := texts[language], place+"/"+escaped(language)
		switch {
		case !slices.Contains(languages, language):
			k.wrong(here, "texts can be in %s", strings.Join(languages, ", "))
		case strings.TrimSpace(t.Name) == "" || badText(t.Name, maxName) || strings.ContainsRune(t.Name, '\n'):
			k.wrong(here+"/name", "want one line of 1 to %d characters", maxName)
		case badText(t.Text, maxText):
			k.wrong(here+"/text", "want at most %d characters of text", maxText)
		}
	}
}

// badText reports whether a text is too long, or holds what no text holds.
func badText(s string, most int) bool {
	return !utf8.ValidString(s) || utf8.RuneCountInString(s) > most ||
		strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f })
}

func (k *checker) strengths(strength map[string]float64) {
	if len(strength) == 0 || len(strength) > maxStrengths {
		k.wrong("/strength", "%d mitigations: want 1 to %d", len(strength), maxStrengths)
		return
	}
	for _, code := range slices.Sorted(maps.Keys(strength)) {
		place := "/strength/" + escaped(code)
		switch {
		case !controlName.MatchString(code):
			k.wrong(place, "%q is no number of a mitigation, such as M1032", code)
		case code == "M1055":
			k.wrong(place, "M1055 \"Do Not Mitigate\" is no mitigation")
		case k.names != nil && !k.names[code]:
			k.wrong(place, "%s is no mitigation of ATT&CK %s in force", code, k.known.Version)
		case !within(strength[code], 0, 1):
			k.wrong(place, "%v is not within 0 to 1", strength[code])
		}
	}
}

func (k *checker) bands(b comity.BandTable) {
	for l, row := range b {
		for a, i := range row {
			none := i.Low == 0 && i.High == 0
			if !none && !(i.Low >= 1e-6 && i.High > i.Low && i.High <= maxMoney) {
				k.wrong(fmt.Sprintf("/bands/%d/%d", l, a), "%v to %v: want 0 < low < high ≤ %g, or 0 to 0 for no loss", i.Low, i.High, maxMoney)
			} else if !none && i.High/i.Low > widest {
				k.wrong(fmt.Sprintf("/bands/%d/%d", l, a), "%v to %v: an interval over more than six orders of magnitude says nothing", i.Low, i.High)
			}
		}
	}
}

// escaped writes a name as a step of a JSON pointer.
func escaped(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}
