package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"comity"
	"comity/notify"
)

// MessengerStore is what the messenger needs of the store; *storage.Store satisfies it.
type MessengerStore interface {
	Group(ctx context.Context, v comity.Viewer) (comity.Group, error)
	NewsPlace(ctx context.Context, v comity.Viewer, now time.Time) (comity.Place, error)
	News(ctx context.Context, v comity.Viewer, t comity.Topic, w comity.Window) (comity.NewsPage, error)
	WebhookSubscribers(ctx context.Context, v comity.Viewer) ([]comity.WebhookSubscriber, error)
	ClaimDeliveries(ctx context.Context, v comity.Viewer, sub comity.WebhookSubscriber, list []comity.Delivery) error
	DueDeliveries(ctx context.Context, v comity.Viewer, now time.Time, limit int) ([]comity.DueDelivery, error)
	BeginDelivery(ctx context.Context, v comity.Viewer, d comity.Delivery, until time.Time) error
	EndDelivery(ctx context.Context, v comity.Viewer, d comity.Delivery, gone bool) error
}

// Post sends a document to an address, by the one client that reaches out, and returns the status of the answer.
type Post func(ctx context.Context, address string, headers map[string]string, body []byte) (status int, err error)

// MessengerOptions configure a messenger. All but Log are required.
type MessengerOptions struct {
	Store   MessengerStore
	Post    Post
	Base    string           // address of the group's pages, without a slash at its end
	Now     func() time.Time // the clock; UTC
	Entropy io.Reader
	Log     *slog.Logger // nil: discards
}

const (
	postsAtOnce  = 8               // requests that one process has under way
	deliverBatch = 200             // deliveries that are looked at together
	lease        = 5 * time.Minute // how long a delivery is one process's own; a request takes much less
)

// Messenger tells webhooks what changed. A delivery is recorded in the transaction that records how far its webhook was
// told; it is sent at least once, always as the same message, so that who receives it twice knows. Any number of processes
// may run one on one database.
type Messenger struct{ o MessengerOptions }

// NewMessenger returns a messenger.
func NewMessenger(o MessengerOptions) *Messenger {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Messenger{o}
}

// Run looks at what is to be told, and sends, until ctx ends; watch tells that something in the store changed.
func (m *Messenger) Run(ctx context.Context, watch <-chan struct{}) { rounds(ctx, watch, m.look) }

// look does one round, and turns an error or a panic into a line of the log.
func (m *Messenger) look(ctx context.Context) {
	defer func() {
		if r := recover(); r != nil {
			m.o.Log.Error("messenger: panic", "panic", r, "stack", string(debug.Stack()))
		}
	}()
	if err := errors.Join(m.Collect(ctx), m.Deliver(ctx)); err != nil && ctx.Err() == nil {
		m.o.Log.Warn("messenger", "err", err)
	}
}

// Collect claims what every webhook is to be told now.
func (m *Messenger) Collect(ctx context.Context) error {
	v := comity.System("messenger: which webhooks are to be told")
	subs, err := m.o.Store.WebhookSubscribers(ctx, v)
	if err != nil || len(subs) == 0 {
		return err
	}
	until, err := m.o.Store.NewsPlace(ctx, v, m.o.Now())
	if err != nil {
		return fmt.Errorf("read how far the news are: %w", err)
	}
	for _, sub := range subs {
		if err := m.collect(ctx, v, sub, until); err != nil && comity.KindOf(err) != comity.Conflict {
			return fmt.Errorf("collect for %s: %w", sub.Webhook.ID, err)
		}
	}
	return nil
}

// collect claims what one webhook is to be told: a delivery for each topic in which something changed.
func (m *Messenger) collect(ctx context.Context, v comity.Viewer, sub comity.WebhookSubscriber, until comity.Place) error {
	told, moved := map[comity.Topic]comity.Place{}, false
	var list []comity.Delivery
	for _, t := range sub.Webhook.Topics {
		from, known := sub.Told[t]
		told[t] = from
		if !known { // from now on
			told[t], moved = until, true
			continue
		}
		page, err := m.o.Store.News(ctx, sub.Reader, t, comity.Window{From: from, Until: until})
		if err != nil {
			return err
		}
		if page.Total > 0 {
			d, err := m.delivery(ctx, sub, notify.Section{Topic: t, Page: page})
			if err != nil {
				return err
			}
			list = append(list, d)
		}
		if page.Total > 0 || from.At.Before(until.At.Add(-forget)) {
			told[t], moved = until, true
		}
	}
	if !moved {
		return nil
	}
	sub.Told = told
	return m.o.Store.ClaimDeliveries(ctx, v, sub, list)
}

// delivery writes a delivery to a webhook.
func (m *Messenger) delivery(ctx context.Context, sub comity.WebhookSubscriber, s notify.Section) (comity.Delivery, error) {
	group, err := m.o.Store.Group(ctx, sub.Reader)
	if err != nil {
		return comity.Delivery{}, err
	}
	message, err := notify.NewMessage(m.o.Entropy)
	if err != nil {
		return comity.Delivery{}, err
	}
	now := m.o.Now()
	body, err := notify.Payload(group, m.o.Base, sub.Webhook.ID, s, now)
	return comity.Delivery{Webhook: sub.Webhook.ID, Message: message, Body: string(body), Created: now}, err
}

// Deliver sends the deliveries that are due, several webhooks at once and those to one webhook one after the other, so that
// one that hangs keeps no other waiting for long.
func (m *Messenger) Deliver(ctx context.Context) error {
	v := comity.System("messenger: send to webhooks")
	due, err := m.o.Store.DueDeliveries(ctx, v, m.o.Now(), deliverBatch)
	if err != nil || len(due) == 0 {
		return err
	}
	room := make(chan struct{}, postsAtOnce)
	var running sync.WaitGroup
	for _, list := range byWebhook(due) {
		room <- struct{}{}
		running.Go(func() {
			defer func() { <-room }()
			for _, d := range list {
				if ctx.Err() == nil {
					m.deliver(ctx, v, d)
				}
			}
		})
	}
	running.Wait()
	return nil
}

// byWebhook splits deliveries by webhook, each list in the order of its deliveries.
func byWebhook(due []comity.DueDelivery) [][]comity.DueDelivery {
	var lists [][]comity.DueDelivery
	for _, d := range due {
		i := slices.IndexFunc(lists, func(l []comity.DueDelivery) bool { return l[0].Webhook == d.Webhook })
		if i < 0 {
			lists = append(lists, nil)
			i = len(lists) - 1
		}
		lists[i] = append(lists[i], d)
	}
	return lists
}

// deliver sends one delivery and notes what became of it; what goes wrong with the store is a line of the log.
func (m *Messenger) deliver(ctx context.Context, v comity.Viewer, d comity.DueDelivery) {
	defer func() {
		if r := recover(); r != nil {
			m.o.Log.Error("messenger: panic", "delivery", d.Seq, "panic", r, "stack", string(debug.Stack()))
		}
	}()
	err := m.o.Store.BeginDelivery(ctx, v, d.Delivery, m.o.Now().Add(lease))
	if comity.KindOf(err) == comity.Conflict { // another process has it
		return
	}
	if err == nil {
		d.Attempts++
		body := []byte(d.Body)
		var failure error
		d.Status, failure = m.o.Post(ctx, d.Address, notify.Headers(d.Secret, d.Message, m.o.Now(), body), body)
		if ctx.Err() != nil {
			return // told to stop: it is due again when the lease ends
		}
		m.judge(&d.Delivery, failure)
		err = m.o.Store.EndDelivery(context.WithoutCancel(ctx), v, d.Delivery, d.Status == http.StatusGone)
	}
	if err != nil && comity.KindOf(err) != comity.Conflict {
		m.o.Log.Error("messenger: delivery", "delivery", d.Seq, "err", err)
	}
}

// judge says what an attempt came to: 2xx is sent, 410 is the end, anything else is tried again for a day.
func (m *Messenger) judge(d *comity.Delivery, failure error) {
	d.Problem = ""
	now := m.o.Now()
	switch {
	case failure != nil:
		d.Problem = failure.Error()
	case d.Status/100 != 2:
		d.Problem = fmt.Sprintf("it answers %d %s", d.Status, http.StatusText(d.Status))
	}
	pause, again := d.Pause()
	switch {
	case d.Problem == "":
		d.State, d.Ended = comity.DeliverySent, now
	case again && d.Status != http.StatusGone:
		d.State, d.Next = comity.DeliveryWaiting, now.Add(pause)
	default:
		d.State, d.Ended = comity.DeliveryGivenUp, now
	}
}
