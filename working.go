package comity

import "time"

// Working is how the figures of one organisation's exposure come about: every number that goes into them, so that somebody
// with a pocket calculator arrives at the same. It is as private as the exposure.
type Working struct {
	Org       OrgID
	At        time.Time
	Catalogue string
	Profile   int // revision
	Tolerance float64
	Exposure  Exposure // what comes out; its curve is left out
	Scenarios []ScenarioWorking
	Draws     []DrawWorking // over which the probabilities are averaged
}

// DrawWorking is one outer draw: the probability of no significant incident given what was drawn, in closed form over the
// uncertain rates.
type DrawWorking struct {
	None float64 // of all scenarios together
}

// ScenarioWorking is how the figures of one scenario come about.
type ScenarioWorking struct {
	Scenario Scenario
	Exposure ScenarioExposure // what comes out

	PriorShape, PriorRate float64              // α₀, β₀ of the catalogue's interval
	Evidence              []ObservationWorking // in ascending id
	Campaigns             []CampaignWorking    // clusters of reports
	Nodes                 []NodeWorking        // where m(t) is looked at; nil without campaigns
	Stages                []StageWorking       // of the path
	Shared                []SharedWorking      // common sources
	Levels                []LevelWorking       // grades of criticality that it falls on
	AtMeans               float64              // P(at least one), v, M and losses at their means
}

// ObservationWorking is one item of evidence as it counts.
type ObservationWorking struct {
	ID     EvidenceID
	Kind   EvidenceKind
	Count  float64 // n
	Years  float64 // T
	Weight float64 // w
	V      float64 // v
}

// CampaignWorking is one cluster of reports, of which the largest counts at each moment.
type CampaignWorking struct {
	Threats  []ThreatID
	Evidence []EvidenceID
	Reports  []ReportWorking
}

// ReportWorking is one report: m(t) = 1 + c·(m₀ − 1)·2^(−(t + age)/h).
type ReportWorking struct {
	Multiplier float64 // m₀
	HalfLife   float64 // h, days
	Confidence float64 // c
	Age        float64 // days
}

// NodeWorking is one moment of the year at which the product of the clusters is looked at.
type NodeWorking struct {
	Day    float64 // from now
	M      float64 // min(cap, Π m)
	Weight float64 // in the average; weights sum to 1
}

// StageWorking is one stage of a path.
type StageWorking struct {
	Name          string
	Techniques    []TechniqueWorking
	Mix, Adaptive float64 // Σ ω r′ and max r′
}

// TechniqueWorking is one technique of a stage.
type TechniqueWorking struct {
	Number   string
	Share    float64 // ω
	Controls []ControlWorking
	Residual float64 // r = max(0.05, Π(1 − κε))
	Openers  []OpenerWorking
	Rest     float64 // Π(1 − x e) over the openers that are not listed; 1: all are
	Others   int     // how many those are
	P30      float64
	Opened   float64 // r′ = 1 − (1 − r)(1 − P₃₀)
}

// ControlWorking is one mitigation as it counters a technique.
type ControlWorking struct {
	Number   string
	Coverage float64 // κ
	Strength float64 // ε
	Assumed  bool    // coverage was not answered
}

// OpenerWorking is one open vulnerability that bears on a technique.
type OpenerWorking struct {
	Threat    ThreatID
	Match     MatchID
	Exposed   float64 // x
	Exploited float64 // e
}

// SharedWorking is a common source.
type SharedWorking struct {
	Supplier SupplierID
	Rate     float64 // θ, events a year
	M        float64
	P        float64 // dependence
}

// LevelWorking is a grade of criticality on which incidents of a scenario fall.
type LevelWorking struct {
	Criticality int
	Services    []string // names
	Share       float64  // of the incidents
	Areas       [AreaCount]AreaWorking
	Mean, SD    float64 // of the loss of one incident, all areas together
	Above       float64 // P(loss > tolerance), from the exact distribution
	Lognormal   float64 // the same of a lognormal distribution with this mean and SD: a check by hand
}

// AreaWorking is the loss of one incident in one area.
type AreaWorking struct {
	Interval  Interval
	Mu, Sigma float64
	Mean      float64
}
