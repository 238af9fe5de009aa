package demo

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"comity"
)

// World is the whole story for one seed and one day.
type World struct {
	Group         comity.Group
	Organizations []comity.Organization // sorted by acronym
	People        []comity.Person
	Contacts      []comity.Contact
	Chapters      []Chapter  // in order of time; the last is the day itself
	Plan          []PlanStep // the group's work-plan, in order of time
	Projects      []ProjectStep
	Reports       []ReportStep
	Sessions      []Sitting // in the order in which they were made
	Treatments    []TreatmentStep
	Notified      Notified
	Governance    Governance
}

// ExchangeFeed is the source of what the group's exchange of indicators brings, as files.
var ExchangeFeed = comity.Feed{
	Source: "stix-meridian-exchange", Format: comity.FormatSTIX, Name: "Meridian exchange of indicators", TLP: comity.TLPGreen,
}

// exchange is a campaign as an exchange of indicators tells it. All in it is fictional, with names and addresses that are
// reserved for documentation.
//
//go:embed exchange.json
var exchange []byte

// Chapter is what happened between the chapter before and this moment.
type Chapter struct {
	At       time.Time         // the clock while the chapter is played
	KEV      comity.Date       // the catalogue is taken in as it stood at the end of this day; zero: no intake
	Threats  []comity.Threat   // shared by members
	Exchange []byte            // a STIX bundle from the group's exchange of indicators; nil: none
	Profiles []comity.Profile  // as they are now; Revision is left to the store
	Evidence []comity.Evidence // recorded since the chapter before
	Actions  []comity.ActionItem
	Release  bool // a release is published at the end of the chapter

	Catalogue *CatalogueStep // what the group does to its scenario catalogue at the beginning of the chapter; nil: nothing
}

// Catalogue days of the story: what arrives on the day itself is what CISA added after the first, up to the second.
var (
	catalogueBefore = comity.Date{Year: 2026, Month: time.July, Day: 13}
	catalogueToday  = comity.Date{Year: 2026, Month: time.July, Day: 23}
)

// EdgeThreat is the entry on an edge device of the first story line. Exactly three profiles have the device.
const EdgeThreat = comity.ThreatID("thr_CVE-2026-15409")

// early is how many organisations had answered when the first release fell due: too few, so that it withheld everything.
const early = 6

// quarters is how many quarter ends before the day are played.
const quarters = 6

// Meridian returns the story. The same seed and day give the same world.
func Meridian(seed uint64, day comity.Date) World {
	t := teller{seed: seed, day: day, rand: rand.New(rand.NewPCG(seed, 0x4d495353))}
	w := World{
		Group: comity.Group{
			Acronym: "MISSIG", Name: "Meridian Information Security Special Interest Group", ParentNetwork: "MDTN",
			Established: 2011, Currency: "USD", Demonstration: true, ReleaseMonths: 3,
		},
	}
	t.organizations(&w)
	t.contacts(&w)
	t.governance(&w)
	ends := quarterEnds(day, quarters)
	for i, end := range ends {
		w.Chapters = append(w.Chapters, t.quarter(end, i, len(ends)))
	}
	w.Chapters = append(w.Chapters, t.today())
	w.Plan = t.plan()
	w.Projects = t.projects()
	w.Reports = t.reports()
	w.Sessions = t.sessions()
	w.Treatments = t.treatments()
	w.Notified = t.notified()
	return w
}

// teller makes the parts of a world, with identities and small differences drawn from the seed.
type teller struct {
	seed uint64
	day  comity.Date
	rand *rand.Rand
}

func (t *teller) entropy(parts ...string) comity.Entropy {
	sum := sha256.Sum256(fmt.Appendf(nil, "meridian %d %s", t.seed, strings.Join(parts, "|")))
	return comity.Entropy(sum[:10])
}

func (t *teller) orgID(acronym string) comity.OrgID {
	return comity.MakeOrgID(t.entropy("organisation", acronym))
}

func (t *teller) organizations(w *World) {
	for _, o := range organizations {
		w.Organizations = append(w.Organizations, comity.Organization{
			ID: t.orgID(o.acronym), Acronym: o.acronym, Name: o.name, Kind: o.kind, CoChair: o.coChair,
		})
		t.people(w, o)
	}
	w.Organizations = append(w.Organizations, comity.Organization{
		ID: t.orgID("MDTN"), Acronym: "MDTN", Name: "Meridian Digital Technology Network", Kind: comity.KindParent,
	})
	w.People = append(w.People, t.person("MDTN", "Reader, Meridian Digital Technology Network", "reader", comity.RoleParentReader))
	slices.SortFunc(w.Organizations, func(a, b comity.Organization) int { return strings.Compare(a.Acronym, b.Acronym) })
}

func (t *teller) people(w *World, o organization) {
	if o.kind == comity.KindObserver {
		w.People = append(w.People, t.person(o.acronym, "Observer, "+o.acronym, "observer", comity.RoleObserver))
		return
	}
	w.People = append(w.People,
		t.person(o.acronym, "Chief, Information Security, "+o.acronym, "ciso", comity.RoleFocalPoint),
		t.person(o.acronym, "Deputy Chief, Information Security, "+o.acronym, "deputy", comity.RoleAlternate),
		t.person(o.acronym, "Security Analyst, "+o.acronym, "analyst", comity.RoleAnalyst),
	)
	if o.coChair {
		w.People = append(w.People, t.person(o.acronym, "Co-chair, "+o.acronym, "co-chair", comity.RoleCoChair))
	}
	if o.acronym == "X-SEC" {
		w.People = append(w.People,
			t.person(o.acronym, "Secretariat of the group, "+o.acronym, "secretariat", comity.RoleSecretariat),
			t.person(o.acronym, "Internal auditor, "+o.acronym, "auditor", comity.RoleAuditor),
		)
	}
}

func (t *teller) person(acronym, name, mailbox string, role comity.Role) comity.Person {
	return comity.Person{
		ID: comity.MakePersonID(t.entropy("person", acronym, mailbox)), Org: t.orgID(acronym), Name: name,
		Email: mailbox + "@" + strings.ToLower(acronym) + ".example", Roles: comity.RolesOf(role),
	}
}

// quarterEnds returns the last n quarter ends before a day, oldest first.
func quarterEnds(day comity.Date, n int) []comity.Date {
	first := comity.Date{Year: day.Year, Month: (day.Month-1)/3*3 + 1, Day: 1}
	ends := make([]comity.Date, n)
	for i := n - 1; i >= 0; i-- {
		ends[i] = first.AddDays(-1)
		first = comity.DateOf(first.Time().AddDate(0, -3, 0))
	}
	return ends
}

// quarter is the chapter that ends with a quarter.
func (t *teller) quarter(end comity.Date, i, n int) Chapter {
	c := Chapter{At: end.Time().Add(18 * time.Hour), Release: true, KEV: earlier(end, catalogueBefore)}
	progress := float64(i) / float64(n)
	for k, o := range organizations {
		if !o.kind.Contributes() || i == 0 && k >= early {
			continue
		}
		c.Profiles = append(c.Profiles, t.profile(o, end, progress))
		c.Evidence = append(c.Evidence, t.evidence(o, end, i == 0 || i == 1 && k >= early)...)
	}
	c.Threats = t.actors(n-i, end)
	if i == n-1 {
		c.Exchange = exchange
		c.Catalogue = moreDefacement()
	}
	return c
}

// today is the chapter of the day itself: the catalogue with its newest entries, and a shared supplier compromised.
func (t *teller) today() Chapter {
	c := Chapter{At: t.day.Time().Add(time.Minute), KEV: catalogueToday} // it is past, whenever the demonstration starts
	for _, o := range organizations {
		if o.kind.Contributes() {
			c.Profiles = append(c.Profiles, t.profile(o, t.day, 1))
		}
	}
	c.Threats = append(t.actors(0, t.day), t.compromise())
	c.Actions = t.actions()
	c.Catalogue = morePaymentFraud()
	return c
}

func earlier(a, b comity.Date) comity.Date {
	if a.Before(b) {
		return a
	}
	return b
}

// profile is an organisation's profile at a day, progress 0..1 of the way to today's coverage.
func (t *teller) profile(o organization, at comity.Date, progress float64) comity.Profile {
	p := comity.Profile{
		Org: t.orgID(o.acronym), Sectors: slices.Sorted(slices.Values(o.sectors)), Regions: slices.Sorted(slices.Values(o.regions)),
		OutOfScope: o.outOfScope, Coverage: t.coverage(o, progress), Tolerance: tolerance(o.size),
	}
	for _, s := range o.services {
		p.Services = append(p.Services, comity.Service{
			ID: comity.MakeServiceID(t.entropy("service", o.acronym, s.name)), Name: s.name, Level: s.level, Criticality: s.cia,
		})
	}
	for _, key := range o.software {
		p.Software = append(p.Software, t.software(o, key, at))
	}
	for _, name := range o.suppliers {
		p.Suppliers = append(p.Suppliers, comity.Supplier{
			ID: comity.MakeSupplierID(t.entropy("supplier", o.acronym, name)), Name: name, Dependence: dependence(name),
		})
	}
	slices.SortFunc(p.Services, func(a, b comity.Service) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(p.Suppliers, func(a, b comity.Supplier) int { return strings.Compare(a.Name, b.Name) })
	return p
}

// tolerance is S*: what an organisation of this size calls a significant loss, in US dollars.
func tolerance(size int) float64 {
	return []float64{0, 1_000_000, 1_500_000, 2_000_000, 2_500_000}[size]
}

func dependence(supplier string) float64 {
	if supplier == sharedSupplier {
		return .3
	}
	return .15
}

func (t *teller) software(o organization, key string, at comity.Date) comity.Software {
	p := inventory[key]
	s := comity.Software{
		ID: comity.MakeSoftwareID(t.entropy("software", o.acronym, key)), Vendor: p.vendor, Name: p.name, Version: p.version,
		CPE: p.cpe, PURL: p.purl, Placement: p.placement,
		PatchedOn: at.AddDays(-7 - int(t.entropy("patching", o.acronym, key)[0])%21),
	}
	if window, err := comity.ParseDate(p.window); err == nil && !window.IsZero() {
		s.PatchedOn = earlier(s.PatchedOn, window)
	}
	return s
}

// mitigations are the numbers of ATT&CK v18.1's mitigations in force, roughly from what most have to what few have.
var mitigations = []string{
	"M1049", "M1051", "M1032", "M1053", "M1027", "M1026", "M1018", "M1037", "M1017", "M1021", "M1031", "M1054", "M1041",
	"M1030", "M1016", "M1047", "M1036", "M1015", "M1042", "M1038", "M1022", "M1040", "M1050", "M1028", "M1035", "M1043",
	"M1052", "M1024", "M1025", "M1033", "M1034", "M1039", "M1044", "M1045", "M1046", "M1048", "M1013", "M1019", "M1020",
	"M1029", "M1056", "M1057", "M1060",
}

// coverage answers most mitigations: better where the organisation is mature and the mitigation common, a fifth worse at
// the beginning of the story. The last third of the list is not answered by small organisations.
func (t *teller) coverage(o organization, progress float64) map[string]float64 {
	answers := map[string]float64{}
	for i, m := range mitigations {
		if o.size == 1 && i >= 28 {
			continue
		}
		commonness := 1 - float64(i)/float64(len(mitigations))
		luck := float64(t.entropy("coverage", o.acronym, m)[0])/255 - .5
		wanted := o.maturity*(.45+.75*commonness) + .25*luck - .2*(1-progress)
		answers[m] = nearestStep(wanted)
	}
	return answers
}

func nearestStep(x float64) float64 {
	best := comity.CoverageSteps[0]
	for _, step := range comity.CoverageSteps {
		if math.Abs(step-x) < math.Abs(best-x) {
			best = step
		}
	}
	return best
}

// evidence is what an organisation recorded: at first the three years before, then the quarter.
func (t *teller) evidence(o organization, end comity.Date, first bool) []comity.Evidence {
	from := comity.QuarterOf(end).First()
	if first {
		from = comity.DateOf(end.Time().AddDate(-3, 0, 1))
	}
	var items []comity.Evidence
	for _, r := range records {
		mean := r.perYear * (.5 + float64(o.size)/4) * end.Time().Sub(from.Time()).Hours() / 24 / 365
		if !first && r.perYear < .3 {
			continue // rare: told with the first three years only
		}
		e := comity.Evidence{
			ID: comity.MakeEvidenceID(t.entropy("evidence", o.acronym, string(r.scenario), end.String())), Org: t.orgID(o.acronym),
			Scenario: r.scenario, Kind: r.kind, Count: t.poisson(mean), From: from, To: end, Weight: 1,
			Recorded: end.Time().Add(12 * time.Hour),
		}
		items = append(items, e)
	}
	return items
}

// records say what is watched, and how often it happens at an organisation of middle size.
var records = []struct {
	scenario comity.ScenarioID
	kind     comity.EvidenceKind
	perYear  float64
}{
	{"phishing", comity.EvidenceIncident, .35},
	{"denial-of-service", comity.EvidenceIncident, .4},
	{"accidental-disclosure", comity.EvidenceIncident, .5},
	{"operator-error", comity.EvidenceIncident, .4},
	{"system-failure", comity.EvidenceIncident, .4},
	{"provider-outage", comity.EvidenceIncident, .35},
	{"payment-fraud", comity.EvidenceAttempt, 1.5},
	{"ransomware", comity.EvidenceIncident, .03},
	{"edge-exploitation", comity.EvidenceIncident, .06},
	{"defacement", comity.EvidenceIncident, .08},
}

// poisson draws a count by multiplying uniforms; means here are small.
func (t *teller) poisson(mean float64) int {
	limit, product, n := math.Exp(-mean), t.rand.Float64(), 0
	for product > limit {
		product *= t.rand.Float64()
		n++
	}
	return n
}

// actors returns the intrusion sets that arrive in a chapter, counted from the end.
func (t *teller) actors(fromEnd int, at comity.Date) []comity.Threat {
	var threats []comity.Threat
	for _, a := range actors {
		if a.chapter != fromEnd {
			continue
		}
		threats = append(threats, comity.Threat{
			ID: comity.MakeThreatID(a.key), Kind: comity.ThreatActor, Name: a.name, Description: a.text, Source: comity.SourceGroup,
			Marking: comity.Marking{TLP: comity.TLPAmber, Originator: t.orgID(a.by)}, Published: at.Time(),
			Hash:  hashOf(a.key, a.text, at.String()),
			Actor: &comity.Actor{Sectors: a.sectors, Regions: a.regions, Scenarios: a.scenarios, LastSeen: at},
		})
	}
	return threats
}

// compromise is the second story line: the supplier on which most depend.
func (t *teller) compromise() comity.Threat {
	since := t.day.AddDays(-2)
	return comity.Threat{
		ID: comity.MakeThreatID("DEMO-COMPROMISE-01"), Kind: comity.ThreatCompromise, Name: sharedSupplier,
		Description: "The provider told its customers that an intruder had administrator access to its mail gateways for about two weeks.",
		Source:      comity.SourceGroup, Marking: comity.Marking{TLP: comity.TLPGreen, Originator: t.orgID("X-SSC")}, Published: since.Time(),
		Hash:       hashOf("compromise", since.String()),
		Compromise: &comity.Compromise{Supplier: sharedSupplier, Since: since, Scenarios: []comity.ScenarioID{"supplier-compromise"}},
	}
}

// actions are what was agreed so far.
func (t *teller) actions() []comity.ActionItem {
	item := func(key, owner string, group bool, a comity.ActionItem) comity.ActionItem {
		a.ID = comity.MakeActionID(t.entropy("action", key))
		a.Owner = t.orgID(owner)
		if group {
			a.Audience = comity.AudienceGroup
		}
		return a
	}
	green, amber := comity.TLPGreen, comity.TLPAmber
	return []comity.ActionItem{
		item("vendor", "X-SSC", true, comity.ActionItem{
			Title: "Joint assessment of Halyard Managed Mail", Note: "One questionnaire and one call with the provider for all its customers in the group.",
			TLP: green, Priority: comity.PriorityUrgent, Status: comity.ActionInProgress, Progress: 25, Due: t.day.AddDays(9),
			Threat: "thr_DEMO-COMPROMISE-01", Scenario: "supplier-compromise",
		}),
		item("edge", "X-HSO", true, comity.ActionItem{
			Title: "Guidance: remote access appliances that can no longer be patched in 72 hours", TLP: green,
			Priority: comity.PriorityHigh, Status: comity.ActionOpen, Due: t.day.AddDays(30), Threat: EdgeThreat, Scenario: "edge-exploitation",
		}),
		item("payment", "X-PPU", true, comity.ActionItem{
			Title: "Common call-back rule for changes of bank details", TLP: amber,
			Priority: comity.PriorityMedium, Status: comity.ActionInProgress, Progress: 60, Due: t.day.AddDays(45), Scenario: "payment-fraud",
		}),
		item("mfa", "X-OCO", false, comity.ActionItem{
			Title: "Multi-factor sign-in for the research vessels", TLP: amber,
			Priority: comity.PriorityHigh, Status: comity.ActionInProgress, Progress: 40, Due: t.day.AddDays(21), Scenario: "phishing", Control: "M1032",
		}),
		item("restore", "X-OCO", false, comity.ActionItem{
			Title: "Restore test of the tsunami early-warning feed", TLP: amber,
			Priority: comity.PriorityMedium, Status: comity.ActionOpen, Due: t.day.AddDays(35), Scenario: "ransomware", Control: "M1053",
		}),
	}
}

func hashOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}
