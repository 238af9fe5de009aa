package web

import (
	"crypto/sha256"
	"net/http"

	"comity"
)

func (s *site) notifications(r *routes) {
	r.handle("GET /account/notifications", people, s.showNotifications)
	r.handle("POST /account/notifications", people, s.saveNotifications)
	r.handle("POST /account/notifications/test", people, s.askTestMail)
	r.handle("POST /account/notifications/resume", people, s.resumeMail)
	r.handle("POST /account/notifications/links/revoke", people, s.revokeMailLinks)
	r.handle("GET /unsubscribe/{token}", anyone, s.showUnsubscribe)
	r.handle(unsubscribeRoute, anyone, s.unsubscribe)
}

// unsubscribeRoute is where the link in a mail leads. Whoever has the link may post there without signing in and from
// anywhere, as RFC 8058 asks: all that it does is to end mail to its person, who can have it again.
const unsubscribeRoute = "POST /unsubscribe/{token}"

// shownNotices is how many of the last mails the page lists.
const shownNotices = 10

// notificationsView is what somebody chose to be told.
type notificationsView struct {
	view
	Topics      []topicRow
	Frequencies []comity.Frequency
	Chosen      comity.Notifications
	Notices     []comity.Notice
	MailOn      bool // the server has a mail server
	TestWaits   bool
	HasFeeds    bool
	Feed        comity.FeedKey // zero if there are no feeds
}

// topicRow is one topic with how often it is told.
type topicRow struct {
	Topic  comity.Topic
	Choice comity.Frequency
}

// Field is the name of the topic's control.
func (r topicRow) Field() string { return topicField + string(r.Topic) }

const topicField = "topic-"

func (s *site) showNotifications(c *call) error {
	v := notificationsView{view: c.view(), Frequencies: comity.Frequencies, MailOn: s.mail}
	v.Marking = comity.TLPAmberStrict
	var err error
	if v.Chosen, err = s.store.Notifications(c.ctx(), c.viewer); err != nil {
		return err
	}
	for _, t := range c.topics() {
		v.Topics = append(v.Topics, topicRow{t, v.Chosen.Choice(t)})
	}
	if v.Notices, err = s.store.Notices(c.ctx(), c.viewer, shownNotices); err != nil {
		return err
	}
	for _, n := range v.Notices {
		v.TestWaits = v.TestWaits || n.Test() && (n.State == comity.NoticeWaiting || n.State == comity.NoticeSending)
	}
	switch v.Feed, err = s.store.FeedKey(c.ctx(), c.viewer); {
	case err == nil:
		v.HasFeeds = true
	case comity.KindOf(err) != comity.NotFound:
		return err
	}
	return c.render("account/notifications", v)
}

// topics returns those of which the viewer can have news.
func (c *call) topics() []comity.Topic {
	var list []comity.Topic
	for _, t := range comity.Topics {
		own := t == comity.TopicExposure || t == comity.TopicMatches
		if c.viewer.SeesTopic(t) && (!own || c.seesOwn()) {
			list = append(list, t)
		}
	}
	return list
}

func (s *site) saveNotifications(c *call) error {
	f, err := c.form(topicField + "*")
	if err != nil {
		return err
	}
	choices := map[comity.Topic]comity.Frequency{}
	for _, t := range c.topics() {
		if value := f.Value(topicField + string(t)); value != "" {
			choices[t] = comity.Frequency(value)
		}
	}
	if err := s.store.PutNotifications(c.ctx(), c.viewer, choices); err != nil {
		return err
	}
	c.flash("notifications.saved")
	return c.redirect("/account/notifications")
}

// askTestMail asks for a mail that shows whether mail arrives.
func (s *site) askTestMail(c *call) error {
	if _, err := c.form(); err != nil {
		return err
	}
	if !s.mail {
		return comity.Errorf(comity.Conflict, "mail is not set up on this server")
	}
	return c.finish(s.store.AskTestMail(c.ctx(), c.viewer, s.now()), "notifications.test.asked", "/account/notifications")
}

func (s *site) resumeMail(c *call) error {
	if _, err := c.form(); err != nil {
		return err
	}
	return c.finish(s.store.ResumeMail(c.ctx(), c.viewer), "notifications.resumed", "/account/notifications")
}

func (s *site) revokeMailLinks(c *call) error {
	if _, err := c.form(); err != nil {
		return err
	}
	return c.finish(s.store.RevokeMailLinks(c.ctx(), c.viewer), "notifications.links.revoked", "/account/notifications")
}

// unsubscribeView asks whether mail is to end, or says that it has.
type unsubscribeView struct {
	view
	Done bool
}

// mailLink returns the hash of the link that the path has. One that is unknown or void is not found.
func (c *call) mailLink() ([]byte, error) {
	hash := sha256.Sum256([]byte(c.r.PathValue("token")))
	_, err := c.site.store.PersonByMailLink(c.ctx(), comity.System("web: link of a mail"), hash[:])
	return hash[:], err
}

func (c *call) unsubscribeView(done bool) (unsubscribeView, error) {
	v := unsubscribeView{view: c.view(), Done: done}
	v.Public, v.Path = true, "/" // what changes the language must not come back with the link
	if v.Group.Acronym != "" {
		return v, nil
	}
	var err error
	v.Group, err = c.site.store.Group(c.ctx(), comity.System("web: link of a mail"))
	return v, err
}

// showUnsubscribe asks first: mail readers and their guards open links on their own.
func (s *site) showUnsubscribe(c *call) error {
	if _, err := c.mailLink(); err != nil {
		return err
	}
	v, err := c.unsubscribeView(false)
	if err != nil {
		return err
	}
	return c.render("account/unsubscribe", v)
}

// unsubscribe ends all mail to the person of the link. Whatever the body says is not read.
func (s *site) unsubscribe(c *call) error {
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, formBytes)
	hash, err := c.mailLink()
	if err != nil {
		return err
	}
	if err := s.store.StopMail(c.ctx(), comity.System("web: unsubscribe by the link of a mail"), hash, s.now()); err != nil {
		return err
	}
	v, err := c.unsubscribeView(true)
	if err != nil {
		return err
	}
	return c.render("account/unsubscribe", v)
}
