package api

import (
	"context"
	"net/http"

	"comity"
	"comity/assess/score"
)

const forecastQuarters = 40 // ten years

func (a *api) forecasts() {
	handle(a, get("list-forecasts", "/forecasts", "own organisation", "What the exposure said of each scenario when a quarter began, with what was recorded since; scores stand where the quarter was observed as a whole. Newest quarter first"),
		func(ctx context.Context, c caller, in *struct{ Paging }) (*content[Page[comity.ScoredForecast]], error) {
			if err := c.member(); err != nil {
				return nil, err
			}
			forecasts, err := a.store.Forecasts(ctx, c.viewer, c.org(), forecastQuarters)
			if err != nil {
				return nil, err
			}
			evidence, err := a.store.EvidenceOf(ctx, c.viewer, c.org())
			if err != nil {
				return nil, err
			}
			today := comity.DateOf(a.now())
			list := make([]comity.ScoredForecast, 0, len(forecasts))
			for _, f := range forecasts {
				one := score.Score(f, evidence)
				if !f.Quarter.Last().Before(today) { // it is running: what is missing may still come
					one = comity.ScoredForecast{Forecast: f, Observed: comity.ObservedPartly, Count: one.Count}
				}
				list = append(list, one)
			}
			return cut(c, in.Paging, list), nil
		}, http.StatusForbidden)
}
