package storage

import (
	"context"
	"database/sql"

	"comity"
)

// PutForecasts keeps what the exposure said at the beginning of a quarter. What is kept of a scenario and quarter already
// stays as it is. System only.
func (s *Store) PutForecasts(ctx context.Context, v comity.Viewer, org comity.OrgID, forecasts []comity.Forecast) error {
	if err := s.system(ctx, v, "PutForecasts"); err != nil {
		return err
	}
	return s.writeAbout(ctx, v, org, "put forecasts", string(org), func(tx *sql.Tx) error {
		if err := stillThere(ctx, tx, org); err != nil {
			return err
		}
		written := int64(0)
		for _, f := range forecasts {
			if f.Org != org {
				return comity.Errorf(comity.Internal, "a forecast of %s among those of %s", f.Org, org)
			}
			text, err := encode(f)
			if err != nil {
				return err
			}
			const query = `
				INSERT INTO forecasts (org_id, quarter, scenario, at, body)
				VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT (org_id, quarter, scenario) DO NOTHING`
			done, err := tx.ExecContext(ctx, query, string(org), f.Quarter.String(), string(f.Scenario), unix(f.At), text)
			if err != nil {
				return err
			}
			n, err := done.RowsAffected()
			if err != nil {
				return err
			}
			written += n
		}
		if written == 0 {
			return errUnchanged
		}
		return nil
	})
}

// Forecasts returns what the exposure said of an organisation at the beginning of the last quarters, at most 40, newest
// quarter first and within it by scenario. It is NotFound for everybody outside the organisation.
func (s *Store) Forecasts(ctx context.Context, v comity.Viewer, org comity.OrgID, quarters int) ([]comity.Forecast, error) {
	s.note(ctx, v, "Forecasts")
	if !v.SeesProfile(org) {
		return nil, errNotFound
	}
	quarters, _ = page(quarters, 0, 40)
	const query = `
		SELECT body
		FROM forecasts
		WHERE org_id = $1
		  AND quarter IN (SELECT DISTINCT quarter FROM forecasts WHERE org_id = $1 ORDER BY quarter DESC LIMIT $2)
		ORDER BY quarter DESC, scenario`
	list, err := bodies[comity.Forecast](ctx, s.engine.Read, query, string(org), quarters)
	return list, s.known(err)
}
