package storage

import (
	"context"
	"database/sql"

	"comity"
)

// keepDay keeps an assessment as the last one of its day (UTC), in the place of an earlier one of that day.
func keepDay(ctx context.Context, tx *sql.Tx, e comity.Exposure) error {
	text, err := encode(e.Kept())
	if err != nil {
		return err
	}
	const query = `
		INSERT INTO exposure_days (org_id, day, at, body)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (org_id, day) DO UPDATE
		SET at = excluded.at, body = excluded.body`
	_, err = tx.ExecContext(ctx, query, string(e.Org), comity.DateOf(e.At).String(), unix(e.At), text)
	return err
}

// ExposureOn returns an organisation's exposure as it stood at the end of a day (UTC): its last assessment until then, as
// comity.Exposure.Kept left it. It is NotFound before the first that was kept, and for everybody outside the organisation.
func (s *Store) ExposureOn(ctx context.Context, v comity.Viewer, org comity.OrgID, day comity.Date) (comity.Exposure, error) {
	s.note(ctx, v, "ExposureOn")
	if !v.SeesProfile(org) {
		return comity.Exposure{}, errNotFound
	}
	const query = `
		SELECT body
		FROM exposure_days
		WHERE org_id = $1
		  AND day <= $2
		ORDER BY day DESC
		LIMIT 1`
	e, err := body[comity.Exposure](ctx, s.engine.Read, query, string(org), day.String())
	return e, s.known(err)
}

// ExposureDays returns the days on which an organisation was assessed and of which an assessment is kept, newest first.
func (s *Store) ExposureDays(ctx context.Context, v comity.Viewer, org comity.OrgID, limit int) ([]comity.Date, error) {
	s.note(ctx, v, "ExposureDays")
	if !v.SeesProfile(org) {
		return nil, errNotFound
	}
	limit, _ = page(limit, 0, 1000)
	const query = `
		SELECT day
		FROM exposure_days
		WHERE org_id = $1
		ORDER BY day DESC
		LIMIT $2`
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.Date, error) {
		var text string
		if err := r.Scan(&text); err != nil {
			return comity.Date{}, err
		}
		return comity.ParseDate(text)
	}, query, string(org), limit)
	return list, s.known(err)
}
