package web

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"comity"
)

func (s *site) threats(r *routes) {
	r.handle("GET /threats", people, s.listThreats)
	r.handle("GET /threats/{id}", people, s.showThreat)
}

// threatKinds and threatSources are what the list can be filtered by, in the order in which they are offered.
var (
	threatKinds   = []comity.ThreatKind{comity.ThreatVulnerability, comity.ThreatTechnique, comity.ThreatActor, comity.ThreatCompromise, comity.ThreatIndicator, comity.ThreatReport}
	threatSources = []comity.SourceID{comity.SourceKEV, comity.SourceNVD, comity.SourceCVE, comity.SourceOSV, comity.SourceATTACK, comity.SourceGroup, comity.SourceSTIX}
	threatScores  = []int{4, 7, 9} // CVSS: medium, high, critical
	threatSorts   = []string{"published", "epss", "name"}
)

// threatFilter is what the list's form says. What is no known value counts as not given: the list has no wrong address.
type threatFilter struct {
	Text       string
	Kind       comity.ThreatKind
	Source     comity.SourceID
	Ransomware bool
	Exploited  bool
	CVSS       int // least base score; 0: any
	Touching   bool
	Since      comity.Date
	Sort       string
}

func readThreatFilter(q url.Values) threatFilter {
	f := threatFilter{Text: strings.TrimSpace(q.Get("q")), Sort: threatSorts[0]}
	if r := []rune(f.Text); len(r) > textRunes {
		f.Text = string(r[:textRunes])
	}
	if k := comity.ThreatKind(q.Get("kind")); slices.Contains(threatKinds, k) {
		f.Kind = k
	}
	if s := comity.SourceID(q.Get("source")); slices.Contains(threatSources, s) {
		f.Source = s
	}
	if s := q.Get("sort"); slices.Contains(threatSorts, s) {
		f.Sort = s
	}
	if d, err := comity.ParseDate(q.Get("since")); err == nil {
		f.Since = d
	}
	f.Ransomware, f.Touching, f.Exploited = q.Get("ransomware") != "", q.Get("touching") != "", q.Get("exploited") != ""
	if n, err := strconv.Atoi(q.Get("cvss")); err == nil && slices.Contains(threatScores, n) {
		f.CVSS = n
	}
	return f
}

// Narrow reports whether the filter leaves anything out.
func (f threatFilter) Narrow() bool {
	f.Sort = ""
	return f != threatFilter{}
}

// threatsView is the list of threats.
type threatsView struct {
	view
	Own     bool // the viewer has a profile that threats can touch
	Filter  threatFilter
	Kinds   []comity.ThreatKind
	Sources []comity.SourceID
	Scores  []int
	Sorts   []string
	Rows    []threatRow
	Paging  paging
}

// threatRow is one line of the list.
type threatRow struct {
	comity.Threat
	EPSS       *comity.EPSSScore
	Exploited  bool
	Ransomware bool
	Touches    bool
}

// Shown returns the name, and KeyShown whether the key before it says something to people.
func (r threatRow) Shown() string  { return shownName(r.Threat) }
func (r threatRow) KeyShown() bool { return keyShown(r.Threat) }

// Product returns vendor and product of a vulnerability; empty for other threats, and where the name says it already.
func (r threatRow) Product() string {
	if r.Vulnerability == nil {
		return ""
	}
	product := productName(*r.Vulnerability)
	if strings.HasPrefix(r.Name, product) {
		return ""
	}
	return product
}

// productName returns vendor and product, and the vendor once where the product's name begins with it.
func productName(v comity.Vulnerability) string {
	if strings.HasPrefix(strings.ToLower(v.Product), strings.ToLower(v.Vendor)) {
		return v.Product
	}
	return strings.TrimSpace(v.Vendor + " " + v.Product)
}

func (s *site) listThreats(c *call) error {
	query := c.r.URL.Query()
	f := readThreatFilter(query)
	q := comity.ThreatQuery{
		Text: f.Text, Kind: f.Kind, Source: f.Source, Ransomware: f.Ransomware, Exploited: f.Exploited, CVSS: float64(f.CVSS), Since: f.Since, Sort: f.Sort,
		Limit: pageSize, Offset: offsetOf(query),
	}
	own := c.seesOwn()
	if f.Touching = f.Touching && own; f.Touching {
		q.Touching = c.viewer.Org()
	}
	page, err := s.store.Threats(c.ctx(), c.viewer, q)
	if err != nil {
		return err
	}
	v := threatsView{
		view: c.view(), Own: own, Filter: f, Kinds: threatKinds, Sources: threatSources, Scores: threatScores, Sorts: threatSorts,
		Paging: pagingOf("/threats", query, q.Offset, len(page.Threats), page.Total),
	}
	touching, err := c.touching()
	if err != nil {
		return err
	}
	v.Marking = comity.TLPClear
	if own {
		v.Marking = ownMarking
	}
	for _, t := range page.Threats {
		row := threatRow{Threat: t, Touches: touching[t.ID] > 0}
		if t.Vulnerability != nil {
			row.EPSS, row.Ransomware, row.Exploited = t.Vulnerability.EPSS, t.Vulnerability.Ransomware, t.Vulnerability.Exploited
		}
		v.Marking = comity.Strictest(v.Marking, t.Marking.TLP)
		v.Rows = append(v.Rows, row)
	}
	return c.render("threats/list", v)
}

// ownMarking is the label of what a page shows of the viewer's own organisation: its profile, matches and exposure are
// for that organisation only.
const ownMarking = comity.TLPAmberStrict

// touching counts the viewer's own open matches by threat; nothing for those who have no profile to see.
func (c *call) touching() (map[comity.ThreatID]int, error) {
	counts := map[comity.ThreatID]int{}
	if !c.seesOwn() {
		return counts, nil
	}
	err := c.eachMatch(comity.MatchQuery{Open: true}, func(m comity.Match) { counts[m.Threat]++ })
	return counts, err
}

// eachMatch hands over the viewer's own matches, page by page.
func (c *call) eachMatch(q comity.MatchQuery, yield func(comity.Match)) error {
	q.Limit, q.Offset = 200, 0
	for {
		page, err := c.site.store.Matches(c.ctx(), c.viewer, c.viewer.Org(), q)
		if err != nil {
			return err
		}
		for _, m := range page.Matches {
			yield(m)
		}
		q.Offset += len(page.Matches)
		if len(page.Matches) == 0 || q.Offset >= page.Total {
			return nil
		}
	}
}

// threatView is one threat with what it means to the viewer's organisation.
type threatView struct {
	view
	Threat      comity.Threat
	Own         bool
	Acts        bool // the viewer may make an action item of it
	Parent      namedTechnique
	Techniques  []namedTechnique
	Mitigations []mitigationAnswer
	Inherited   string // number of the technique that the mitigations are of
	Tactics     []string
	Matches     []matchView
	Changes     []comity.ExposureChange
	Effects     []threatEffect
	Actions     []comity.ActionItem
	Warnings    warningsView // of an indicator
	STIX        stixItem

	Vulnerability vulnerabilityView // of a vulnerability
}

// namedTechnique is an ATT&CK technique with its name, and the threat that tells more of it.
type namedTechnique struct {
	Number string
	Name   string
	Threat comity.ThreatID
}

// mitigationAnswer is a mitigation, and how far the viewer's organisation covers it.
type mitigationAnswer struct {
	comity.Mitigation
	Answered bool
	Coverage float64
}

// matchView is one of our matches, with how much it counts.
type matchView struct {
	comity.Match
	Full bool // Exposed is 1
}

// Check returns the page of the profile on which the match can be checked.
func (m matchView) Check() string {
	switch m.Kind {
	case comity.MatchSoftware:
		return "/profile/software/" + string(m.Software)
	case comity.MatchSupplier:
		return "/profile/suppliers"
	default:
		return "/profile/scope"
	}
}

// threatEffect is one figure of ours that rests on the threat.
type threatEffect struct {
	Scenario comity.ScenarioID
	Factor   float64 // by which the driver multiplies the rate of events
}

func (s *site) showThreat(c *call) error {
	id, err := comity.ParseThreatID(c.r.PathValue("id"))
	if err != nil {
		return comity.Errorf(comity.NotFound, "no such threat")
	}
	t, err := s.store.Threat(c.ctx(), c.viewer, id)
	if err != nil {
		return err
	}
	v := threatView{view: c.view(), Threat: t, Own: c.seesOwn(), Acts: c.acts()}
	v.Marking = t.Marking.TLP
	if err := c.addKnowledge(&v); err != nil {
		return err
	}
	if err := c.addVulnerability(&v); err != nil {
		return err
	}
	if v.Own {
		v.Marking = comity.Strictest(v.Marking, ownMarking)
		if err := c.addOwn(&v); err != nil {
			return err
		}
	}
	if v.Warnings, err = c.warningsOf(t.Indicator); err != nil {
		return err
	}
	if v.STIX, err = c.stixItem(t); err != nil {
		return err
	}
	for _, r := range v.STIX.Related {
		v.Marking = comity.Strictest(v.Marking, r.TLP)
	}
	actions, err := s.store.Actions(c.ctx(), c.viewer, comity.ActionQuery{Threat: id})
	v.Actions = actions.Actions
	for _, a := range v.Actions {
		v.Marking = comity.Strictest(v.Marking, a.TLP)
	}
	if err != nil {
		return err
	}
	return c.render("threats/show", v)
}

// acts reports whether the viewer may make action items, private or for the group.
func (c *call) acts() bool {
	private := comity.ActionItem{Owner: c.viewer.Org()}
	shared := comity.ActionItem{Owner: c.viewer.Org(), Audience: comity.AudienceGroup, TLP: comity.TLPGreen}
	return c.viewer.EditsAction(private) || c.viewer.EditsAction(shared)
}

// addKnowledge adds what ATT&CK says: how the threat is used and what counters it.
func (c *call) addKnowledge(v *threatView) error {
	k, err := c.site.store.Knowledge(c.ctx(), c.viewer)
	if err != nil {
		return err
	}
	var numbers []string
	switch t := v.Threat; {
	case t.Technique != nil:
		numbers = []string{t.Technique.Number}
		if t.Technique.Parent != "" {
			v.Parent = techniqueNamed(k, t.Technique.Parent)
		}
		v.Tactics = tacticNames(k, t.Technique.Tactics)
		if t.Technique.Inherited {
			v.Inherited = t.Technique.Parent
		}
	case t.Vulnerability != nil:
		numbers = t.Vulnerability.Techniques
		for _, n := range numbers {
			v.Techniques = append(v.Techniques, techniqueNamed(k, n))
		}
		if len(numbers) == 0 {
			numbers = []string{assumedTechnique}
		}
	}
	codes := mitigationsOf(k, numbers)
	if t := v.Threat.Technique; t != nil {
		codes = t.Mitigations
	}
	coverage := map[string]float64{}
	if v.Own {
		p, err := c.ownProfile()
		if err != nil {
			return err
		}
		coverage = p.Coverage
	}
	v.Mitigations = answersOf(k, codes, coverage)
	return nil
}

// assumedTechnique is what a vulnerability without a known technique counts as on internet-facing software.
const assumedTechnique = "T1190"

func techniqueNamed(k comity.Knowledge, number string) namedTechnique {
	return namedTechnique{Number: number, Name: k.Names[number], Threat: comity.MakeThreatID(number)}
}

func tacticNames(k comity.Knowledge, short []string) []string {
	names := make([]string, 0, len(short))
	for _, s := range short {
		name := s
		for _, t := range k.Tactics {
			if t.ShortName == s {
				name = t.Name
			}
		}
		names = append(names, name)
	}
	return names
}

// mitigationsOf returns the M-codes that counter any of the techniques, sorted.
func mitigationsOf(k comity.Knowledge, numbers []string) []string {
	var codes []string
	for _, t := range k.Techniques {
		if slices.Contains(numbers, t.Number) {
			codes = append(codes, t.Mitigations...)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

func answersOf(k comity.Knowledge, codes []string, coverage map[string]float64) []mitigationAnswer {
	answers := make([]mitigationAnswer, 0, len(codes))
	for _, code := range codes {
		a := mitigationAnswer{Mitigation: comity.Mitigation{Number: code}}
		for _, m := range k.Mitigations {
			if m.Number == code {
				a.Name = m.Name
			}
		}
		a.Coverage, a.Answered = coverage[code]
		answers = append(answers, a)
	}
	return answers
}

// addOwn adds what the threat means to the viewer's organisation: matches with their reasons, and the figures that rest
// on it.
func (c *call) addOwn(v *threatView) error {
	err := c.eachMatch(comity.MatchQuery{Threat: v.Threat.ID}, func(m comity.Match) {
		v.Matches = append(v.Matches, matchView{Match: m, Full: m.Exposed == 1})
	})
	if err != nil {
		return err
	}
	changes, err := c.site.store.ExposureChanges(c.ctx(), c.viewer, c.viewer.Org(), 200)
	if err != nil && comity.KindOf(err) != comity.NotFound {
		return err
	}
	for _, change := range changes {
		if change.Threat == v.Threat.ID && len(v.Changes) < 5 {
			v.Changes = append(v.Changes, change)
		}
	}
	exposure, err := c.site.store.Exposure(c.ctx(), c.viewer, c.viewer.Org())
	switch comity.KindOf(err) {
	case comity.NotFound:
		return nil
	default:
		if err != nil {
			return err
		}
	}
	v.Effects = effectsOf(exposure, v.Threat.ID, v.Matches)
	return nil
}

// effectsOf returns the drivers of an exposure that name the threat or one of its matches.
func effectsOf(e comity.Exposure, id comity.ThreatID, matches []matchView) []threatEffect {
	var effects []threatEffect
	for _, scenario := range e.Scenarios {
		for _, d := range scenario.Drivers {
			named := slices.Contains(d.Threats, id) || slices.ContainsFunc(matches, func(m matchView) bool {
				return slices.Contains(d.Matches, m.ID)
			})
			if named && math.Abs(d.Log) > 1e-9 {
				effects = append(effects, threatEffect{Scenario: scenario.Scenario, Factor: math.Exp(d.Log)})
			}
		}
	}
	return effects
}

// Title returns what the threat is called: its key first where that is what people search for.
func (v threatView) Title() string { return threatTitle(v.Threat) }

func threatTitle(t comity.Threat) string {
	if t.Name == t.ID.Key() {
		return t.Name
	}
	if t.Kind == comity.ThreatVulnerability || t.Kind == comity.ThreatTechnique {
		return t.ID.Key() + " " + t.Name
	}
	return shownName(t)
}
