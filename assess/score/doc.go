// Package score says how good forecasts were: the Brier, logarithmic and interval scores of forecasts against what came,
// and how many intervals held, of the exposure's forecasts and of people's own. All scores are proper: who says what they
// believe expects the best score.
//
// It makes no forecast and knows no store. Read [Calibration] and [Interval] first.
package score
