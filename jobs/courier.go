package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"comity"
	"comity/notify"
)

// CourierStore is what the courier needs of the store; *storage.Store satisfies it.
type CourierStore interface {
	Group(ctx context.Context, v comity.Viewer) (comity.Group, error)
	Subscribers(ctx context.Context, v comity.Viewer, after comity.PersonID, limit int) ([]comity.Subscriber, error)
	NewsPlace(ctx context.Context, v comity.Viewer, now time.Time) (comity.Place, error)
	News(ctx context.Context, v comity.Viewer, t comity.Topic, w comity.Window) (comity.NewsPage, error)
	Claim(ctx context.Context, v comity.Viewer, sub comity.Subscriber, n comity.Notice) error
	Person(ctx context.Context, v comity.Viewer, id comity.PersonID) (comity.Person, error)
	Organization(ctx context.Context, v comity.Viewer, id comity.OrgID) (comity.Organization, error)
	Notifications(ctx context.Context, v comity.Viewer) (comity.Notifications, error)
	DueNotices(ctx context.Context, v comity.Viewer, now time.Time, limit int) ([]comity.Notice, error)
	BeginNotice(ctx context.Context, v comity.Viewer, seq int64, hash []byte, now time.Time) error
	EndNotice(ctx context.Context, v comity.Viewer, n comity.Notice) error
	AbandonNotices(ctx context.Context, v comity.Viewer, before, now time.Time) error
}

// Line hands mails over, one after the other; *smtp.Line satisfies it.
type Line interface {
	Send(m notify.Mail) error
	Close() error
}

// CourierOptions configure a courier. All but Log are required.
type CourierOptions struct {
	Store   CourierStore
	Open    func(ctx context.Context) (Line, error) // connects to the mail server
	Base    string                                  // address of the group's pages, without a slash at its end
	Now     func() time.Time                        // the clock; UTC
	Entropy io.Reader
	Log     *slog.Logger // nil: discards
}

const (
	restless    = 5 * time.Second  // between two looks at what is to be told, however much changes
	atATime     = 200              // people that are read together
	batch       = 100              // mails that one connection takes
	lost        = 15 * time.Minute // after so long without a word, who was sending a mail is gone
	forget      = 24 * time.Hour   // how far back the window of a topic at once may reach in which nothing happened
	secretBytes = 32
)

// Courier tells people by mail what changed: it finds out who is to be told, claims it, and sends. Any number of processes
// may run one on one database.
//
// No digest is sent twice. How far somebody was told is recorded in the transaction that records the mail, and a mail is
// recorded as being sent before it is handed to the mail server. A mail whose sending broke off after that is never sent
// again, since the server may have it: it ends as comity.NoticeUnknown, which its person sees.
type Courier struct{ o CourierOptions }

// NewCourier returns a courier.
func NewCourier(o CourierOptions) *Courier {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Courier{o}
}

// Run looks at what is to be told, and sends, until ctx ends; watch tells that something in the store changed.
func (c *Courier) Run(ctx context.Context, watch <-chan struct{}) { rounds(ctx, watch, c.look) }

// rounds calls look until ctx ends: when something changed, but not more often than every so often, and now and then.
func rounds(ctx context.Context, watch <-chan struct{}, look func(context.Context)) {
	for ctx.Err() == nil {
		look(ctx)
		pause := time.NewTimer(restless)
		select {
		case <-ctx.Done():
			pause.Stop()
			return
		case <-pause.C:
		}
		timer := time.NewTimer(latest)
		select {
		case <-ctx.Done():
		case _, ok := <-watch:
			if !ok {
				watch = nil // the store closed; ctx ends soon
			}
		case <-timer.C:
		}
		timer.Stop()
	}
}

// look does one round, and turns an error or a panic into a line of the log.
func (c *Courier) look(ctx context.Context) {
	defer func() {
		if r := recover(); r != nil {
			c.o.Log.Error("courier: panic", "panic", r, "stack", string(debug.Stack()))
		}
	}()
	if err := errors.Join(c.Collect(ctx), c.Deliver(ctx)); err != nil && ctx.Err() == nil {
		c.o.Log.Warn("courier", "err", err)
	}
}

// Collect claims what everybody is to be told now.
func (c *Courier) Collect(ctx context.Context) error {
	v := comity.System("courier: who is to be told")
	until, err := c.o.Store.NewsPlace(ctx, v, c.o.Now())
	if err != nil {
		return fmt.Errorf("read how far the news are: %w", err)
	}
	var after comity.PersonID
	for {
		people, err := c.o.Store.Subscribers(ctx, v, after, atATime)
		if err != nil || len(people) == 0 {
			return err
		}
		for _, sub := range people {
			if err := c.collect(ctx, v, sub, until); err != nil && comity.KindOf(err) != comity.Conflict {
				return fmt.Errorf("collect for %s: %w", sub.Person.ID, err)
			}
		}
		after = people[len(people)-1].Person.ID
	}
}

// collect claims what one person is to be told, in one mail. Nothing changed: no mail.
func (c *Courier) collect(ctx context.Context, v comity.Viewer, sub comity.Subscriber, until comity.Place) error {
	if !sub.Notifications.Stopped.IsZero() {
		return nil
	}
	told, moved, atOnce := map[comity.Topic]comity.Place{}, false, toldAtOnce(sub)
	n := comity.Notice{Created: c.o.Now(), Windows: map[comity.Topic]comity.Window{}}
	for _, t := range comity.Topics {
		from, known := sub.Told[t]
		told[t] = from
		f := sub.Notifications.Choice(t)
		last := from
		if f == comity.FrequencyAtOnce {
			last = atOnce
		}
		switch {
		case !known: // from now on
			told[t], moved = until, true
			continue
		case !f.Due(last, c.o.Now()):
			continue
		}
		w := comity.Window{From: from, Until: until}
		page, err := c.o.Store.News(ctx, reader(sub.Person), t, w)
		switch {
		case err != nil:
			return err
		case page.Total > 0:
			n.Windows[t], told[t], moved = w, until, true
		case f != comity.FrequencyAtOnce || from.At.Before(until.At.Add(-forget)):
			told[t], moved = until, true
		}
	}
	if !moved {
		return nil
	}
	sub.Told = told
	return c.o.Store.Claim(ctx, v, sub, n)
}

// toldAtOnce returns when somebody was told last of any topic at once: what follows in another topic waits for the same mail.
func toldAtOnce(sub comity.Subscriber) comity.Place {
	var last comity.Place
	for t, p := range sub.Told {
		if sub.Notifications.Choice(t) == comity.FrequencyAtOnce && p.At.After(last.At) {
			last = p
		}
	}
	return last
}

// reader is the viewer as whom somebody's digest is computed: themselves, changing nothing.
func reader(p comity.Person) comity.Viewer { return comity.ViewerOf(p).ReadingOnly() }

// Deliver sends the mails that are due, over one connection, and gives up those that somebody else began and never ended.
func (c *Courier) Deliver(ctx context.Context) error {
	v, now := comity.System("courier: send mail"), c.o.Now()
	if err := c.o.Store.AbandonNotices(ctx, v, now.Add(-lost), now); err != nil {
		return err
	}
	due, err := c.o.Store.DueNotices(ctx, v, now, batch)
	if err != nil || len(due) == 0 {
		return err
	}
	line, err := c.o.Open(ctx)
	if err != nil {
		return errors.Join(err, c.putOff(ctx, v, due, err))
	}
	for i, n := range due {
		if ctx.Err() != nil {
			break
		}
		err := c.deliver(ctx, v, line, n)
		if comity.KindOf(err) == comity.Conflict { // another process has it
			continue
		}
		if err != nil {
			return errors.Join(err, line.Close(), c.putOff(ctx, v, due[i+1:], err))
		}
	}
	return line.Close()
}

// putOff notes that mails could not be sent because the mail server can't be reached. None of them left.
func (c *Courier) putOff(ctx context.Context, v comity.Viewer, due []comity.Notice, why error) error {
	if ctx.Err() != nil { // told to stop: they are as due as before
		return nil
	}
	var errs []error
	for _, n := range due {
		n.Attempts++
		errs = append(errs, c.failed(ctx, v, n, why))
	}
	return errors.Join(errs...)
}

// failed notes that a mail was not taken and when it is tried again, if it is.
func (c *Courier) failed(ctx context.Context, v comity.Viewer, n comity.Notice, why error) error {
	n.Problem = why.Error()
	pause, again := n.Pause()
	if again {
		n.State, n.Next = comity.NoticeWaiting, c.o.Now().Add(pause)
	} else {
		n.State, n.Ended = comity.NoticeGivenUp, c.o.Now()
	}
	return c.end(ctx, v, n)
}

// end notes what became of a mail, also where the program is told to stop meanwhile. Another process that noted it before
// is no error.
func (c *Courier) end(ctx context.Context, v comity.Viewer, n comity.Notice) error {
	err := c.o.Store.EndNotice(context.WithoutCancel(ctx), v, n)
	if comity.KindOf(err) == comity.Conflict {
		return nil
	}
	return err
}

// deliver sends one mail. Its error is the line's, after which the line is of no use; Conflict where another process has
// the mail.
func (c *Courier) deliver(ctx context.Context, v comity.Viewer, line Line, n comity.Notice) error {
	m, hash, err := c.write(ctx, v, n)
	if err != nil {
		c.o.Log.Error("courier: write mail", "notice", n.Seq, "err", err)
		n.Attempts++
		return c.failed(ctx, v, n, comity.Errorf(comity.Unavailable, "it could not be written"))
	}
	if m == nil { // there is nothing in it for its person any more
		n.State, n.Ended = comity.NoticeDropped, c.o.Now()
		return c.end(ctx, v, n)
	}
	if err := c.o.Store.BeginNotice(ctx, v, n.Seq, hash, c.o.Now()); err != nil {
		return err
	}
	n.Attempts++
	switch err := line.Send(*m); {
	case err == nil:
		n.State, n.Ended = comity.NoticeSent, c.o.Now()
		return c.end(ctx, v, n)
	case errors.Is(err, notify.ErrUnknown):
		n.State, n.Ended, n.Problem = comity.NoticeUnknown, c.o.Now(), err.Error()
		return errors.Join(err, c.end(ctx, v, n))
	case comity.KindOf(err) == comity.Invalid:
		n.State, n.Ended, n.Problem = comity.NoticeRefused, c.o.Now(), err.Error()
		c.o.Log.Warn("courier: the mail server refuses a mail", "person", n.Person, "err", err)
		return c.end(ctx, v, n)
	default:
		return c.failed(ctx, v, n, err)
	}
}

// write computes what a mail says now, as its person, and the hash of the link in it. Nil: nothing, or they want none.
func (c *Courier) write(ctx context.Context, v comity.Viewer, n comity.Notice) (*notify.Mail, []byte, error) {
	p, err := c.o.Store.Person(ctx, v, n.Person)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", n.Person, err)
	}
	wanted, err := c.wanted(ctx, v, p, n)
	if err != nil || !wanted {
		return nil, nil, err
	}
	d, err := c.digest(ctx, p, n)
	if err != nil || len(d.Sections) == 0 && !n.Test() {
		return nil, nil, err
	}
	secret := make([]byte, secretBytes)
	if _, err := io.ReadFull(c.o.Entropy, secret); err != nil {
		return nil, nil, fmt.Errorf("read entropy: %w", err)
	}
	link := base64.RawURLEncoding.EncodeToString(secret)
	hash := sha256.Sum256([]byte(link))
	d.Unsubscribe = c.o.Base + "/unsubscribe/" + link
	m, err := notify.Write(d)
	m.To, m.ID = p.Email, fmt.Sprintf("notice-%d-%s", n.Seq, base64.RawURLEncoding.EncodeToString(hash[:9]))
	return &m, hash[:], err
}

// wanted reports whether somebody who can sign in still wants the mail.
func (c *Courier) wanted(ctx context.Context, v comity.Viewer, p comity.Person, n comity.Notice) (bool, error) {
	o, err := c.o.Store.Organization(ctx, v, p.Org)
	if err != nil || !o.Active() || !p.Active() || p.Roles == 0 {
		return false, err
	}
	chosen, err := c.o.Store.Notifications(ctx, reader(p))
	return chosen.Stopped.IsZero() || n.Test(), err
}

// digest reads the news of a mail as its person.
func (c *Courier) digest(ctx context.Context, p comity.Person, n comity.Notice) (notify.Digest, error) {
	v := reader(p)
	group, err := c.o.Store.Group(ctx, v)
	if err != nil {
		return notify.Digest{}, err
	}
	d := notify.Digest{Group: group, Language: p.Language, Base: c.o.Base, Since: n.Created}
	for _, t := range slices.DeleteFunc(slices.Clone(comity.Topics), func(t comity.Topic) bool { _, ok := n.Windows[t]; return !ok }) {
		w := n.Windows[t]
		page, err := c.o.Store.News(ctx, v, t, w)
		if err != nil {
			return d, err
		}
		if page.Total == 0 {
			continue
		}
		if w.From.At.Before(d.Since) {
			d.Since = w.From.At
		}
		d.Sections = append(d.Sections, notify.Section{Topic: t, Page: page})
	}
	return d, nil
}
