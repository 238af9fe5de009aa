package storage

import (
	"context"
	"database/sql"
	"time"

	"comity"
)

// keepDeliveries is for how long the store knows what was sent to a webhook.
const keepDeliveries = 30 * 24 * time.Hour

// Webhooks lists the webhooks of an organisation, oldest first, without their secrets. NotFound for who does not keep them.
func (s *Store) Webhooks(ctx context.Context, v comity.Viewer, org comity.OrgID) ([]comity.Webhook, error) {
	s.note(ctx, v, "Webhooks")
	if !v.KeepsWebhooks(org) {
		return nil, errNotFound
	}
	list, err := bodies[comity.Webhook](ctx, s.engine.Read, `SELECT body FROM webhooks WHERE org_id = $1 ORDER BY created_at, id`, string(org))
	return list, s.known(err)
}

// Webhook returns one webhook of the viewer's organisation, without its secret.
func (s *Store) Webhook(ctx context.Context, v comity.Viewer, id comity.WebhookID) (comity.Webhook, error) {
	s.note(ctx, v, "Webhook")
	w, err := keptWebhook(ctx, s.engine.Read, v, id)
	return w, s.known(err)
}

func keptWebhook(ctx context.Context, q querier, v comity.Viewer, id comity.WebhookID) (comity.Webhook, error) {
	if !v.KeepsWebhooks(v.Org()) {
		return comity.Webhook{}, errNotFound
	}
	return body[comity.Webhook](ctx, q, `SELECT body FROM webhooks WHERE id = $1 AND org_id = $2`, string(id), string(v.Org()))
}

// PutWebhook adds a webhook of the viewer's organisation, in the viewer's name, with the secret that signs what it is sent.
// It is told what changes from now on. One too many is a Conflict, a wrong one Invalid, and NotFound for who keeps none.
func (s *Store) PutWebhook(ctx context.Context, v comity.Viewer, w comity.Webhook, secret []byte) error {
	if !v.KeepsWebhooks(w.Org) {
		return errNotFound
	}
	if err := w.Check(); err != nil {
		return err
	}
	w.By, w.Disabled, w.Why = v.Person(), time.Time{}, ""
	text, err := encode(w)
	if err != nil {
		return err
	}
	return s.write(ctx, v, "put webhook", string(w.ID), func(tx *sql.Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM webhooks WHERE org_id = $1`, string(w.Org)).Scan(&n); err != nil {
			return err
		}
		if n >= comity.MaxWebhooks {
			return &comity.Error{Kind: comity.Conflict, Key: "webhooks_many", Msg: "the organisation has as many webhooks as it may have"}
		}
		const query = `
			INSERT INTO webhooks (id, org_id, person_id, created_at, disabled_at, turn, told, secret, body)
			VALUES ($1, $2, $3, $4, 0, 1, '{}', $5, $6)`
		_, err := tx.ExecContext(ctx, query, string(w.ID), string(w.Org), string(w.By), unix(w.Created), secret, text)
		return err
	})
}

// SwitchWebhook enables or disables a webhook of the viewer's organisation. One that is enabled again is told what changes
// from then on.
func (s *Store) SwitchWebhook(ctx context.Context, v comity.Viewer, id comity.WebhookID, on bool, now time.Time) error {
	return s.changeWebhook(ctx, v, "switch webhook", id, func(tx *sql.Tx, w comity.Webhook) error {
		if on == w.Disabled.IsZero() {
			return errUnchanged
		}
		w.Disabled, w.Why = now.UTC().Truncate(time.Second), ""
		if on {
			w.Disabled = time.Time{}
		}
		return storeSwitch(ctx, tx, w)
	})
}

func storeSwitch(ctx context.Context, tx *sql.Tx, w comity.Webhook) error {
	text, err := encode(w)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE webhooks SET disabled_at = $1, body = $2, told = '{}', turn = turn + 1 WHERE id = $3`, unix(w.Disabled), text, string(w.ID))
	return err
}

// DeleteWebhook removes a webhook of the viewer's organisation with all that is known of what it was sent. One that is
// enabled is a Conflict: nobody deletes by mistake what works.
func (s *Store) DeleteWebhook(ctx context.Context, v comity.Viewer, id comity.WebhookID) error {
	return s.changeWebhook(ctx, v, "delete webhook", id, func(tx *sql.Tx, w comity.Webhook) error {
		if w.Disabled.IsZero() {
			return &comity.Error{Kind: comity.Conflict, Key: "webhook_enabled", Msg: "the webhook is switched on"}
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM deliveries WHERE webhook_id = $1`, string(id)); err != nil {
			return err
		}
		return deleteOne(ctx, tx, `DELETE FROM webhooks WHERE id = $1`, string(id))
	})
}

// changeWebhook loads a webhook that the viewer keeps and changes it, in one transaction.
func (s *Store) changeWebhook(ctx context.Context, v comity.Viewer, action string, id comity.WebhookID, do func(*sql.Tx, comity.Webhook) error) error {
	if !v.KeepsWebhooks(v.Org()) {
		return errNotFound
	}
	return s.write(ctx, v, action, string(id), func(tx *sql.Tx) error {
		w, err := keptWebhook(ctx, tx, v, id)
		if err != nil {
			return err
		}
		return do(tx, w)
	})
}

// AskDelivery adds a delivery to a webhook of the viewer's organisation, such as a test. A webhook that is disabled is a
// Conflict.
func (s *Store) AskDelivery(ctx context.Context, v comity.Viewer, d comity.Delivery) error {
	return s.changeWebhook(ctx, v, "ask delivery", d.Webhook, func(tx *sql.Tx, w comity.Webhook) error {
		if !w.Disabled.IsZero() {
			return &comity.Error{Kind: comity.Conflict, Key: "webhook_disabled", Msg: "the webhook is switched off"}
		}
		return insertDelivery(ctx, tx, d)
	})
}

// Redeliver sends a delivery of a webhook of the viewer's organisation again, from now on as if it was new; its Message
// stays. One that still waits is a Conflict.
func (s *Store) Redeliver(ctx context.Context, v comity.Viewer, id comity.WebhookID, seq int64, now time.Time) error {
	return s.changeWebhook(ctx, v, "redeliver", id, func(tx *sql.Tx, w comity.Webhook) error {
		if !w.Disabled.IsZero() {
			return &comity.Error{Kind: comity.Conflict, Key: "webhook_disabled", Msg: "the webhook is switched off"}
		}
		const query = `
			UPDATE deliveries
			SET state = 'waiting', next_at = $1, ended_at = 0, attempts = 0
			WHERE seq = $2
			  AND webhook_id = $3
			  AND state <> 'waiting'`
		result, err := tx.ExecContext(ctx, query, unix(now), seq, string(id))
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return &comity.Error{Kind: comity.Conflict, Key: "delivery_waiting", Msg: "the delivery waits already, or is not there"}
		}
		return nil
	})
}

const deliveryColumns = `deliveries.seq, deliveries.webhook_id, deliveries.message, deliveries.state, deliveries.created_at, deliveries.next_at, deliveries.ended_at, deliveries.attempts, deliveries.status, deliveries.problem, deliveries.body`

func scanDelivery(r *sql.Rows, more ...any) (d comity.Delivery, err error) {
	var created, next, ended int64
	err = r.Scan(append([]any{&d.Seq, &d.Webhook, &d.Message, &d.State, &created, &next, &ended, &d.Attempts, &d.Status, &d.Problem, &d.Body}, more...)...)
	d.Created, d.Next, d.Ended = fromUnix(created), fromUnix(next), fromUnix(ended)
	return d, err
}

// Deliveries returns one page of what a webhook of the viewer's organisation was sent, newest first.
func (s *Store) Deliveries(ctx context.Context, v comity.Viewer, id comity.WebhookID, limit, offset int) (comity.DeliveryPage, error) {
	s.note(ctx, v, "Deliveries")
	var p comity.DeliveryPage
	if _, err := keptWebhook(ctx, s.engine.Read, v, id); err != nil {
		return p, s.known(err)
	}
	if err := s.engine.Read.QueryRowContext(ctx, `SELECT COUNT(*) FROM deliveries WHERE webhook_id = $1`, string(id)).Scan(&p.Total); err != nil {
		return p, s.known(err)
	}
	limit, offset = page(limit, offset, 100)
	var err error
	p.Deliveries, err = rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.Delivery, error) { return scanDelivery(r) },
		`SELECT `+deliveryColumns+` FROM deliveries WHERE webhook_id = $1 ORDER BY seq DESC LIMIT $2 OFFSET $3`, string(id), limit, offset)
	return p, s.known(err)
}

func insertDelivery(ctx context.Context, tx *sql.Tx, d comity.Delivery) error {
	const old = `DELETE FROM deliveries WHERE webhook_id = $1 AND created_at < $2 AND state <> 'waiting'`
	if _, err := tx.ExecContext(ctx, old, string(d.Webhook), d.Created.Add(-keepDeliveries).Unix()); err != nil {
		return err
	}
	const query = `
		INSERT INTO deliveries (webhook_id, message, state, created_at, next_at, ended_at, attempts, status, problem, body)
		VALUES ($1, $2, 'waiting', $3, $3, 0, 0, 0, '', $4)`
	_, err := tx.ExecContext(ctx, query, string(d.Webhook), d.Message, unix(d.Created), d.Body)
	return err
}

// WebhookSubscribers returns every webhook that is enabled, with as whom it looks: with the rights that its person has now,
// and as nobody, so that it is told what that person did too. System only.
func (s *Store) WebhookSubscribers(ctx context.Context, v comity.Viewer) ([]comity.WebhookSubscriber, error) {
	if err := s.system(ctx, v, "WebhookSubscribers"); err != nil {
		return nil, err
	}
	const query = `
		SELECT ` + personColumns + `, webhooks.body, webhooks.told, webhooks.turn,
		       CASE WHEN ` + activePeople + ` THEN 1 ELSE 0 END
		FROM webhooks
		JOIN people ON people.id = webhooks.person_id
		WHERE webhooks.disabled_at = 0
		ORDER BY webhooks.id`
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.WebhookSubscriber, error) {
		var sub comity.WebhookSubscriber
		var text, told string
		var active int64
		p, err := scanPerson(r, &text, &told, &sub.Turn, &active)
		if err != nil {
			return sub, err
		}
		if sub.Webhook, err = decode[comity.Webhook](text); err != nil {
			return sub, err
		}
		p.ID = comity.PersonID(sub.Webhook.ID)
		if v := comity.ViewerOf(p); active != 0 && v.KeepsWebhooks(sub.Webhook.Org) {
			sub.Reader = v.ReadingOnly()
		}
		sub.Told, err = decode[map[comity.Topic]comity.Place](told)
		return sub, err
	}, query)
	return list, s.known(err)
}

// ClaimDeliveries records, in one transaction, how far a webhook was told and the deliveries that tell it. It is a Conflict
// if the subscriber's turn is over. System only.
func (s *Store) ClaimDeliveries(ctx context.Context, v comity.Viewer, sub comity.WebhookSubscriber, list []comity.Delivery) error {
	if err := s.system(ctx, v, "ClaimDeliveries"); err != nil {
		return err
	}
	told, err := encode(sub.Told)
	if err != nil {
		return err
	}
	do := func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE webhooks SET told = $1, turn = turn + 1 WHERE id = $2 AND turn = $3 AND disabled_at = 0`, told, string(sub.Webhook.ID), sub.Turn)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return comity.Errorf(comity.Conflict, "somebody else claimed what %s is to be told", sub.Webhook.ID)
		}
		for _, d := range list {
			if err := insertDelivery(ctx, tx, d); err != nil {
				return err
			}
		}
		return nil
	}
	if len(list) == 0 {
		return s.transaction(ctx, "claim", do)
	}
	return s.writeAbout(ctx, v, sub.Webhook.Org, "put delivery", string(sub.Webhook.ID), do)
}

// DueDeliveries returns the deliveries that are to be sent now to webhooks that are enabled, those that wait longest first.
// System only.
func (s *Store) DueDeliveries(ctx context.Context, v comity.Viewer, now time.Time, limit int) ([]comity.DueDelivery, error) {
	if err := s.system(ctx, v, "DueDeliveries"); err != nil {
		return nil, err
	}
	limit, _ = page(limit, 0, 1000)
	const query = `
		SELECT ` + deliveryColumns + `, webhooks.body, webhooks.secret
		FROM deliveries
		JOIN webhooks ON webhooks.id = deliveries.webhook_id
		WHERE deliveries.state = 'waiting'
		  AND deliveries.next_at <= $1
		  AND webhooks.disabled_at = 0
		ORDER BY deliveries.next_at, deliveries.seq
		LIMIT $2`
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.DueDelivery, error) {
		var due comity.DueDelivery
		var text string
		var err error
		if due.Delivery, err = scanDelivery(r, &text, &due.Secret); err != nil {
			return due, err
		}
		w, err := decode[comity.Webhook](text)
		due.Address = w.Address
		return due, err
	}, query, unix(now), limit)
	return list, s.known(err)
}

// BeginDelivery takes a waiting delivery until then: nobody else sends it before. One that somebody else took is a Conflict.
// System only.
func (s *Store) BeginDelivery(ctx context.Context, v comity.Viewer, d comity.Delivery, until time.Time) error {
	if err := s.system(ctx, v, "BeginDelivery"); err != nil {
		return err
	}
	const query = `
		UPDATE deliveries
		SET next_at = $1, attempts = attempts + 1
		WHERE seq = $2
		  AND state = 'waiting'
		  AND next_at = $3`
	return s.moveNotice(ctx, "begin delivery", query, unix(until), d.Seq, unix(d.Next))
}

// EndDelivery notes what became of an attempt: State, Next, Ended, Status and Problem. gone says that the address told that
// it is gone for good, which disables its webhook. System only.
func (s *Store) EndDelivery(ctx context.Context, v comity.Viewer, d comity.Delivery, gone bool) error {
	if err := s.system(ctx, v, "EndDelivery"); err != nil {
		return err
	}
	return s.transaction(ctx, "end delivery", func(tx *sql.Tx) error {
		const query = `
			UPDATE deliveries
			SET state = $1, next_at = $2, ended_at = $3, status = $4, problem = $5
			WHERE seq = $6
			  AND state = 'waiting'`
		result, err := tx.ExecContext(ctx, query, string(d.State), unix(d.Next), unix(d.Ended), d.Status, d.Problem, d.Seq)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return comity.Errorf(comity.Conflict, "delivery %d is not where it was any more", d.Seq)
		}
		if !gone {
			return nil
		}
		w, err := body[comity.Webhook](ctx, tx, `SELECT body FROM webhooks WHERE id = $1`, string(d.Webhook))
		if err != nil {
			return err
		}
		w.Disabled, w.Why = d.Ended, comity.WebhookGone
		if err := storeSwitch(ctx, tx, w); err != nil {
			return err
		}
		return audit(ctx, tx, v, w.Org, "disable webhook", string(w.ID))
	})
}
