package pipeline

import (
	"context"
	"fmt"

	"comity"
	"comity/assess/score"
)

const (
	forecastQuarters = 8  // back from now, for which a forecast is made up for if none was kept in time
	freshDays        = 92 // how old the assessment before a quarter may be that its forecast comes from
)

// KeepForecasts keeps, for every organisation and each of the last quarters that has none yet, what its exposure said of
// each scenario when the quarter began: by the last assessment before its first day, as that was kept then. What is kept is
// never made again. It returns at once where there is nothing to do.
func (p *Pipeline) KeepForecasts(ctx context.Context) error {
	v := comity.System("pipeline: keep what the exposure says of a quarter")
	orgs, err := p.contributors(ctx, v)
	if err != nil {
		return err
	}
	for _, org := range orgs {
		if err := p.keepForecastsOf(ctx, v, org); err != nil && comity.KindOf(err) != comity.Conflict { // it erased what it had meanwhile
			return fmt.Errorf("forecasts of %s: %w", org, err)
		}
	}
	return nil
}

func (p *Pipeline) keepForecastsOf(ctx context.Context, v comity.Viewer, org comity.OrgID) error {
	kept, err := p.store.Forecasts(ctx, v, org, forecastQuarters)
	if err != nil {
		return err
	}
	have := map[comity.Quarter]bool{}
	for _, f := range kept {
		have[f.Quarter] = true
	}
	var list []comity.Forecast
	q := comity.QuarterOf(comity.DateOf(p.now()))
	for range forecastQuarters {
		before := q.First().AddDays(-1)
		if !have[q] {
			e, err := p.store.ExposureOn(ctx, v, org, before)
			if comity.KindOf(err) == comity.NotFound && err != nil {
				break // nor before that
			}
			if err != nil {
				return err
			}
			if !comity.DateOf(e.At).Before(before.AddDays(-freshDays)) {
				list = append(list, score.Forecasts(e, q)...)
			}
		}
		q = comity.QuarterOf(before)
	}
	if len(list) == 0 {
		return nil
	}
	return p.store.PutForecasts(ctx, v, org, list)
}
