package main

import (
	"context"

	"comity"
	"comity/demo"
)

// notified puts in what was told outside the pages. Nothing is sent: the demonstration reaches nobody.
func (t *storyteller) notified(ctx context.Context, n demo.Notified) error {
	v := comity.ViewerOf(n.By)
	if err := t.store.PutWebhook(ctx, v, n.Webhook, n.Secret); err != nil {
		return err
	}
	for _, d := range n.Deliveries {
		if err := t.store.AskDelivery(ctx, v, d); err != nil {
			return err
		}
		page, err := t.store.Deliveries(ctx, v, n.Webhook.ID, 1, 0)
		if err != nil {
			return err
		}
		d.Seq = page.Deliveries[0].Seq
		if err := t.delivered(ctx, d); err != nil {
			return err
		}
	}
	sub := comity.Subscriber{Person: n.By}
	for _, m := range n.Mails {
		if err := t.store.Claim(ctx, t.viewer, sub, m); err != nil {
			return err
		}
		sub.Turn++
		list, err := t.store.Notices(ctx, v, 1)
		if err != nil {
			return err
		}
		m.Seq = list[0].Seq
		if err := t.store.EndNotice(ctx, t.viewer, m); err != nil {
			return err
		}
	}
	return nil
}

// delivered has a delivery end after its attempts.
func (t *storyteller) delivered(ctx context.Context, d comity.Delivery) error {
	for range d.Attempts {
		if err := t.store.BeginDelivery(ctx, t.viewer, d, d.Created); err != nil {
			return err
		}
	}
	return t.store.EndDelivery(ctx, t.viewer, d, false)
}
