package assess

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"time"

	"comity"
	"comity/assess/catalogue"
)

// now is when every test takes place.
var now = time.Date(2026, 7, 23, 7, 0, 0, 0, time.UTC)

// knowledge is ATT&CK as far as the default catalogue uses it.
func knowledge(t testing.TB) comity.Knowledge {
	t.Helper()
	data, err := os.ReadFile("testdata/techniques.json")
	if err != nil {
		t.Fatal(err)
	}
	k := comity.Knowledge{Version: "18.1"}
	if err := json.Unmarshal(data, &k.Techniques); err != nil {
		t.Fatal(err)
	}
	return k
}

// typical is an organisation of middling criticality that covers half of everything.
func typical(t testing.TB) Input {
	t.Helper()
	in := Input{Catalogue: catalogue.Default(), Knowledge: knowledge(t), Now: now, Seed: 7} // its own: tests spoil it
	in.Profile = comity.Profile{Org: "org_0000000000000000", Revision: 3, OutOfScope: []comity.ScenarioID{}, Coverage: map[string]float64{}}
	for code := range in.Catalogue.Strength {
		in.Profile.Coverage[code] = 0.5
	}
	for i, c := range [][comity.PropertyCount]int{
		{2, 2, 3, 2}, {3, 2, 2, 2}, {0, 3, 2, 2}, {2, 3, 3, 3}, {3, 2, 2, 2}, {3, 3, 3, 3}, {1, 4, 3, 4}, {2, 1, 2, 2}, {3, 2, 2, 3}, {1, 2, 3, 2},
	} {
		level := comity.LevelOperational
		if i%3 == 0 {
			level = comity.LevelStrategic
		}
		in.Profile.Services = append(in.Profile.Services, comity.Service{
			ID: comity.ServiceID(fmt.Sprintf("svc_%02d", i)), Name: fmt.Sprintf("service %d", i), Level: level, Criticality: c,
		})
	}
	in.Profile.Suppliers = []comity.Supplier{{ID: "sup_a", Name: "Northwind Hosting", Dependence: 0.15}, {ID: "sup_b", Name: "Halyard", Dependence: 0.3}}
	return in
}

// busy is a typical organisation with a hundred matches, evidence on many scenarios and intelligence on some.
func busy(t testing.TB) Input {
	t.Helper()
	in := typical(t)
	in.Threats = map[comity.ThreatID]comity.Threat{}
	for i := range 97 {
		id := comity.ThreatID(fmt.Sprintf("thr_CVE-2026-%04d", i))
		v := &comity.Vulnerability{CVE: id.Key(), Exploited: i%25 == 0, EPSS: &comity.EPSSScore{Score: float64(i%7) / 300}}
		in.Threats[id] = comity.Threat{ID: id, Kind: comity.ThreatVulnerability, Vulnerability: v, Published: now.AddDate(0, 0, -i)}
		m := comity.Match{
			ID: comity.MatchID(fmt.Sprintf("mat_%03d", i)), Threat: id, Kind: comity.MatchSoftware, Exposed: 0.2, Confidence: comity.ConfidenceHigh,
		}
		if i%4 == 0 {
			m.Techniques = []string{"T1190"}
		} else if i%4 == 1 {
			m.Techniques = []string{"T1068", "T1203"}
		}
		in.Matches = append(in.Matches, m)
	}
	seen := comity.DateOf(now.AddDate(0, 0, -20))
	in.Threats["thr_SET-1"] = comity.Threat{ID: "thr_SET-1", Kind: comity.ThreatActor, Published: now, Actor: &comity.Actor{LastSeen: seen}}
	in.Threats["thr_COMP-1"] = comity.Threat{ID: "thr_COMP-1", Kind: comity.ThreatCompromise, Published: now, Compromise: &comity.Compromise{Since: seen}}
	in.Matches = append(in.Matches,
		comity.Match{
			ID: "mat_actor", Threat: "thr_SET-1", Kind: comity.MatchActor, Exposed: 1, Confidence: comity.ConfidenceHigh,
			Scenarios: []comity.ScenarioID{"ransomware", "espionage"},
		},
		comity.Match{
			ID: "mat_supplier", Threat: "thr_COMP-1", Kind: comity.MatchSupplier, Exposed: 1, Confidence: comity.ConfidenceHigh, Supplier: "sup_b",
			Scenarios: []comity.ScenarioID{"supplier-compromise"},
		},
	)
	in.Evidence = evidence()
	return in
}

// evidence is three years of incidents and attempts, and two reports.
func evidence() []comity.Evidence {
	from, to := comity.Date{Year: 2023, Month: 7, Day: 1}, comity.Date{Year: 2026, Month: 6, Day: 30}
	item := func(id string, s comity.ScenarioID, kind comity.EvidenceKind, n int) comity.Evidence {
		return comity.Evidence{ID: comity.EvidenceID("evi_" + id), Scenario: s, Kind: kind, Count: n, From: from, To: to, Weight: 1}
	}
	report := func(id string, s comity.ScenarioID, cluster string) comity.Evidence {
		return comity.Evidence{
			ID: comity.EvidenceID("evi_" + id), Scenario: s, Kind: comity.EvidenceReport, Recorded: now.AddDate(0, 0, -3),
			Multiplier: 1.5, HalfLife: 60, Confidence: 0.8, Cluster: cluster,
		}
	}
	return []comity.Evidence{
		item("a", "phishing", comity.EvidenceIncident, 1), item("b", "denial-of-service", comity.EvidenceIncident, 1),
		item("c", "payment-fraud", comity.EvidenceAttempt, 4), item("d", "operator-error", comity.EvidenceIncident, 2),
		item("e", "accidental-disclosure", comity.EvidenceIncident, 1), item("f", "provider-outage", comity.EvidenceIncident, 1),
		report("g", "ransomware", "campaign one"), report("h", "ransomware", "campaign two"), report("i", "phishing", ""),
	}
}
