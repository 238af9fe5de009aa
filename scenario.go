package comity

// ScenarioID names a threat scenario of the catalogue, such as "ransomware". It is a word, not a random identity: the
// catalogue is shared by the group, and its texts stand in the locale catalogues under "scenario.<id>".
type ScenarioID string

// ThreatSource is the kind of source that a scenario comes from. Source: NIST SP 800-30r1, table D-2.
type ThreatSource string

// The threat sources.
const (
	SourceAdversarial   ThreatSource = "adversarial"
	SourceAccidental    ThreatSource = "accidental"
	SourceStructural    ThreatSource = "structural"
	SourceEnvironmental ThreatSource = "environmental"
)

// ThreatSources lists the sources in the order in which they are shown.
var ThreatSources = []ThreatSource{SourceAdversarial, SourceAccidental, SourceStructural, SourceEnvironmental}

// Origin says where, seen from the organisation, a scenario starts.
type Origin string

// The origins.
const (
	OriginInternal Origin = "internal"
	OriginExternal Origin = "external"
	OriginPartner  Origin = "partner"
)

// Origins lists the origins in the order in which they are shown.
var Origins = []Origin{OriginInternal, OriginExternal, OriginPartner}

// Property is one of the four properties of an information asset that a scenario can hit.
type Property uint8

// The properties. Reliability is consistent intended behaviour and results (ISO/IEC 27000), apart from outage.
const (
	Confidentiality Property = iota
	Integrity
	Availability
	Reliability
)

// PropertyCount is the number of properties.
const PropertyCount = 4

var propertyNames = [PropertyCount]string{"confidentiality", "integrity", "availability", "reliability"}

// Properties lists the properties in the order in which they are shown.
var Properties = [PropertyCount]Property{Confidentiality, Integrity, Availability, Reliability}

// String returns the property's name.
func (p Property) String() string {
	if int(p) < len(propertyNames) {
		return propertyNames[p]
	}
	return ""
}

// PropertyMask is a set of properties.
type PropertyMask uint8

// MaskOf returns the set of these properties.
func MaskOf(properties ...Property) PropertyMask {
	var m PropertyMask
	for _, p := range properties {
		m |= 1 << p
	}
	return m
}

// Has reports whether the set has p.
func (m PropertyMask) Has(p Property) bool { return m&(1<<p) != 0 }

// Area is one of the three areas in which a loss shows.
type Area uint8

// The impact areas.
const (
	AreaIntegrity  Area = iota // integrity of the organisation
	AreaImage                  // external image
	AreaOperations             // operational effectiveness
)

// AreaCount is the number of impact areas.
const AreaCount = 3

var areaNames = [AreaCount]string{"integrity", "image", "operations"}

// Areas lists the areas in the order in which they are shown.
var Areas = [AreaCount]Area{AreaIntegrity, AreaImage, AreaOperations}

// String returns the area's name.
func (a Area) String() string {
	if int(a) < len(areaNames) {
		return areaNames[a]
	}
	return ""
}

// Interval is an elicited 90 % interval: its ends are the 5 % and 95 % quantiles.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Scenario is one entry of the catalogue: how harm comes about, how often it is attempted before anything is known of
// the organisation, and along which techniques.
type Scenario struct {
	ID         ScenarioID   `json:"id"`
	Source     ThreatSource `json:"source"`
	Origin     Origin       `json:"origin"`
	Properties PropertyMask `json:"properties"`
	Targeted   bool         `json:"targeted"` // an adversary who adapts: the adaptive end of susceptibility is the headline
	Rate       Interval     `json:"rate"`     // attempts a year where there is a path, incidents a year where there is none
	Basis      string       `json:"basis"`    // where the rate comes from; "hypothesis: …" where it is our judgement
	Path       []Stage      `json:"path,omitempty"`

	// Texts are the name and description by language tag, for a scenario that the group added, or calls otherwise. Where a
	// language is missing, English stands in; scenarios that Comity comes with have theirs in the locale catalogues.
	Texts map[string]ScenarioText `json:"texts,omitempty"`
}

// ScenarioText is what a scenario is called and how it is described, in one language.
type ScenarioText struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Stage is one step of a technique path: a weighted mix of techniques, one of which an attempt uses.
type Stage struct {
	Name       string           `json:"name"` // tactic short name, such as "initial-access"
	Techniques []StageTechnique `json:"techniques"`
}

// StageTechnique is a technique with its share of the stage. Shares of a stage sum to 1.
type StageTechnique struct {
	Technique string  `json:"technique"` // "T1566"
	Share     float64 `json:"share"`
}

// Catalogue is the versioned set of scenarios, with the strength of each mitigation, that the whole group uses.
type Catalogue struct {
	Version   string             `json:"version"`
	Scenarios []Scenario         `json:"scenarios"`
	Strength  map[string]float64 `json:"strength"`          // M-code → ε, how far full coverage reduces a technique it counters, 0..1
	Bands     BandTable          `json:"bands"`             // the group's; an organisation may adjust its own
	Tolerance float64            `json:"tolerance"`         // default S*, reference unit
	Retired   []Scenario         `json:"retired,omitempty"` // no longer assessed; kept so that what names them can be read
}

// Scenario returns the scenario with this id.
func (c Catalogue) Scenario(id ScenarioID) (Scenario, bool) {
	for _, s := range c.Scenarios {
		if s.ID == id {
			return s, true
		}
	}
	return Scenario{}, false
}

// BandTable says what criticality 1 to 4 means: for each area the 90 % interval of loss for each event, in the group's
// reference unit. Index 0 is criticality 1. An interval of 0–0 is no loss.
type BandTable [4][AreaCount]Interval
