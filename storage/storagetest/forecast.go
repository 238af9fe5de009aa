package storagetest

import (
	"testing"

	"comity"
)

func forecast(org comity.OrgID, quarter comity.Quarter, scenario comity.ScenarioID, p float64) comity.Forecast {
	return comity.Forecast{Org: org, Quarter: quarter, Scenario: scenario, At: quarter.First().Time(), Mean: p, P: p, High: 1}
}

// testForecasts keeps forecasts of two quarters: what was said first stays.
func testForecasts(t *testing.T, s *stage) {
	second, third := comity.Quarter{Year: 2026, Number: 2}, comity.Quarter{Year: 2026, Number: 3}
	a, b, c := forecast(s.a.ID, second, "ransomware", .1), forecast(s.a.ID, third, "phishing", .3), forecast(s.a.ID, third, "ransomware", .2)
	must(t, s.PutForecasts(s.ctx, system, s.a.ID, []comity.Forecast{a}))
	must(t, s.PutForecasts(s.ctx, system, s.a.ID, []comity.Forecast{b, c}))
	other := c
	other.P = .9
	must(t, s.PutForecasts(s.ctx, system, s.a.ID, []comity.Forecast{other}))
	v := s.as(t, s.a, comity.RoleAnalyst)
	list, err := s.Forecasts(s.ctx, v, s.a.ID, 10)
	must(t, err)
	same(t, "forecasts", list, []comity.Forecast{b, c, a})
	list, err = s.Forecasts(s.ctx, v, s.a.ID, 1)
	must(t, err)
	same(t, "the last quarter", list, []comity.Forecast{b, c})
	wantKind(t, "a person keeps one", s.PutForecasts(s.ctx, v, s.a.ID, []comity.Forecast{a}), comity.NotFound)
	wantKind(t, "another's among them", s.PutForecasts(s.ctx, system, s.b.ID, []comity.Forecast{a}), comity.Internal)
}
