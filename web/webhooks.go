package web

import (
	"crypto/rand"
	"strconv"

	"comity"
	"comity/notify"
)

func (s *site) webhooks(r *routes) {
	r.handle("GET /organization/webhooks", webhookKeepers, s.listWebhooks)
	r.handle("POST /organization/webhooks", webhookKeepers, s.makeWebhook)
	r.handle("GET /organization/webhooks/{id}", webhookKeepers, s.showWebhook)
	r.handle("POST /organization/webhooks/{id}/switch", webhookKeepers, s.switchWebhook)
	r.handle("POST /organization/webhooks/{id}/test", webhookKeepers, s.testWebhook)
	r.handle("POST /organization/webhooks/{id}/delete", webhookKeepers, s.deleteWebhook)
	r.handle("POST /organization/webhooks/{id}/deliveries/{seq}", webhookKeepers, s.redeliver)
}

// webhookKeepers admits those who keep the webhooks of their organisation.
func webhookKeepers(c *call) error {
	return c.require(c.org.Contributes() && c.viewer.KeepsWebhooks(c.viewer.Org()))
}

const (
	webhooksPath     = "/organization/webhooks"
	shownDeliveries  = 25 // on one page: each can have a body
	webhookSecretLen = 32 // bytes
)

// webhooksView lists the webhooks of the viewer's organisation, and has the form of a new one.
type webhooksView struct {
	view
	Webhooks []comity.Webhook
	Form     *form
	Topics   []comity.Topic
	Calls    bool // this server reaches out
}

func (c *call) webhooksView(f *form) (webhooksView, error) {
	v := webhooksView{view: c.view(), Form: f, Topics: c.topics(), Calls: c.site.fetch != nil}
	v.Marking, v.Path = ownMarking, webhooksPath
	var err error
	v.Webhooks, err = c.site.store.Webhooks(c.ctx(), c.viewer, c.viewer.Org())
	return v, err
}

func (s *site) listWebhooks(c *call) error {
	v, err := c.webhooksView(formOf(nil))
	if err != nil {
		return err
	}
	return c.render("webhooks/list", v)
}

// readWebhook reads the form of a new webhook.
func (c *call) readWebhook(f *form) comity.Webhook {
	w := comity.Webhook{Org: c.viewer.Org(), Name: f.Required("name", comity.MaxWebhookName), Address: f.Required("address", comity.MaxWebhookAddress), Created: c.site.now()}
	for _, t := range c.topics() {
		if f.Has("topic", string(t)) {
			w.Topics = append(w.Topics, t)
		}
	}
	if len(w.Topics) == 0 {
		f.Fail("topic", "webhooks.error.topics")
	}
	if f.OK() && w.Check() != nil {
		f.Fail("address", "webhooks.error.address")
	}
	return w
}

// newWebhookView shows the secret of a new webhook, the only time that it is seen.
type newWebhookView struct {
	view
	Webhook comity.Webhook
	Secret  string
}

func (s *site) makeWebhook(c *call) error {
	f, err := c.form("name", "address", "topic")
	if err != nil {
		return err
	}
	w := c.readWebhook(f)
	if !f.OK() {
		v, err := c.webhooksView(f)
		if err != nil {
			return err
		}
		return c.renderInvalid("webhooks/list", v)
	}
	if asked, err := c.askAgain(webhooksPath); asked || err != nil {
		return err
	}
	secret := make([]byte, webhookSecretLen)
	var e comity.Entropy
	_, _ = rand.Read(secret) // never fails
	_, _ = rand.Read(e[:])
	w.ID = comity.MakeWebhookID(e)
	if err := s.store.PutWebhook(c.ctx(), c.viewer, w, secret); err != nil {
		return c.finish(err, "", webhooksPath)
	}
	v := newWebhookView{view: c.view(), Webhook: w, Secret: notify.Secret(secret)}
	v.Marking, v.Path = comity.TLPRed, webhooksPath
	return c.render("webhooks/secret", v)
}

// webhookView is one webhook with what it was sent.
type webhookView struct {
	view
	Webhook    comity.Webhook
	Person     comity.Person // who set it up
	Looks      bool          // that person can still see for it
	Deliveries []comity.Delivery
	Paging     paging
	Calls      bool
}

// webhook returns the webhook that the path names.
func (c *call) webhook() (comity.Webhook, error) {
	id, err := comity.ParseWebhookID(c.r.PathValue("id"))
	if err != nil {
		return comity.Webhook{}, comity.Errorf(comity.NotFound, "no such webhook")
	}
	return c.site.store.Webhook(c.ctx(), c.viewer, id)
}

func webhookPath(id comity.WebhookID) string { return webhooksPath + "/" + string(id) }

func (s *site) showWebhook(c *call) error {
	w, err := c.webhook()
	if err != nil {
		return err
	}
	v := webhookView{view: c.view(), Webhook: w, Calls: s.fetch != nil}
	v.Marking = ownMarking
	if v.Person, err = s.store.Person(c.ctx(), c.viewer, w.By); err != nil {
		return err
	}
	v.Looks = v.Person.Active() && comity.ViewerOf(v.Person).KeepsWebhooks(w.Org)
	query := c.r.URL.Query()
	offset := offsetOf(query)
	page, err := s.store.Deliveries(c.ctx(), c.viewer, w.ID, shownDeliveries, offset)
	if err != nil {
		return err
	}
	v.Deliveries = page.Deliveries
	v.Paging = pagingBy(shownDeliveries, webhookPath(w.ID), query, offset, len(page.Deliveries), page.Total)
	return c.render("webhooks/show", v)
}

func (s *site) switchWebhook(c *call) error {
	f, err := c.form("on")
	if err != nil {
		return err
	}
	w, err := c.webhook()
	if err != nil {
		return err
	}
	on, done := f.Flag("on"), "webhooks.switched_off"
	if on {
		done = "webhooks.switched_on"
	}
	return c.finish(s.store.SwitchWebhook(c.ctx(), c.viewer, w.ID, on, s.now()), done, webhookPath(w.ID))
}

// testWebhook asks for a delivery that says nothing, to see whether it arrives.
func (s *site) testWebhook(c *call) error {
	if _, err := c.form(); err != nil {
		return err
	}
	w, err := c.webhook()
	if err != nil {
		return err
	}
	body, err := notify.Payload(c.group, c.origin(), w.ID, notify.Section{Topic: notify.TestTopic}, s.now())
	if err != nil {
		return err
	}
	message, err := notify.NewMessage(rand.Reader)
	if err != nil {
		return err
	}
	err = s.store.AskDelivery(c.ctx(), c.viewer, comity.Delivery{Webhook: w.ID, Message: message, Body: string(body), Created: s.now()})
	return c.finish(err, "webhooks.test_asked", webhookPath(w.ID))
}

func (s *site) deleteWebhook(c *call) error {
	if _, err := c.form(); err != nil {
		return err
	}
	w, err := c.webhook()
	if err != nil {
		return err
	}
	return c.finish(s.store.DeleteWebhook(c.ctx(), c.viewer, w.ID), "webhooks.deleted", webhooksPath)
}

// redeliver sends a delivery again.
func (s *site) redeliver(c *call) error {
	if _, err := c.form(); err != nil {
		return err
	}
	w, err := c.webhook()
	if err != nil {
		return err
	}
	seq, err := strconv.ParseInt(c.r.PathValue("seq"), 10, 64)
	if err != nil {
		return comity.Errorf(comity.NotFound, "no such delivery")
	}
	return c.finish(s.store.Redeliver(c.ctx(), c.viewer, w.ID, seq, s.now()), "webhooks.resent", webhookPath(w.ID))
}
