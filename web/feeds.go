package web

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	"comity"
	"comity/notify"
)

func (s *site) feeds(r *routes) {
	r.handle("POST /account/notifications/feeds", people, s.makeFeedKey)
	r.handle("POST /account/notifications/feeds/revoke", people, s.revokeFeedKey)
	r.handle("GET /feeds/{space}/{file}", anyone, s.showFeed)
	r.handle("GET /feeds/calendar/{file}", anyone, s.showCalendar)
	r.handle("GET /sessions/{id}/session.ics", sessionReaders, s.sessionCalendar)
}

// feedEnding is how the last part of a feed's address ends, after its key.
const feedEnding = ".atom"

// feedRow is one feed with its address, which has the key.
type feedRow struct {
	Name    string // last part of the key of its name
	Address string
}

// feedsView shows the addresses of new feeds, the only time that they are seen.
type feedsView struct {
	view
	Feeds []feedRow
}

// feedSpaces returns those of which the viewer can have a feed.
func (c *call) feedSpaces() []comity.FeedSpace {
	var list []comity.FeedSpace
	for _, space := range comity.FeedSpaces {
		if c.viewer.SeesSpace(space) && (space != comity.SpaceOrganization || c.seesOwn()) {
			list = append(list, space)
		}
	}
	return list
}

func (s *site) makeFeedKey(c *call) error {
	if _, err := c.form(); err != nil {
		return err
	}
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	key := base64.RawURLEncoding.EncodeToString(raw)
	if err := s.store.PutFeedKey(c.ctx(), c.viewer, hashOfKey(key), s.now()); err != nil {
		return err
	}
	v := feedsView{view: c.view()}
	v.Marking = comity.TLPRed
	for _, space := range c.feedSpaces() {
		v.Feeds = append(v.Feeds, feedRow{string(space), c.origin() + "/feeds/" + string(space) + "/" + key + feedEnding})
	}
	v.Feeds = append(v.Feeds, feedRow{"calendar", c.origin() + "/feeds/calendar/" + key + calendarEnding})
	v.Path = "/account/notifications"
	return c.render("account/feeds", v)
}

func hashOfKey(key string) []byte {
	sum := sha256.Sum256([]byte(key))
	return sum[:]
}

func (s *site) revokeFeedKey(c *call) error {
	if _, err := c.form(); err != nil {
		return err
	}
	return c.finish(s.store.DeleteFeedKey(c.ctx(), c.viewer), "notifications.feeds.revoked", "/account/notifications")
}

// showFeed answers a feed reader that comes with a key, as the person whose it is: who is signed in does not matter. A key
// that is void, a space that is none and one that is not for that person are not found, all the same.
func (s *site) showFeed(c *call) error {
	key, ok := strings.CutSuffix(c.r.PathValue("file"), feedEnding)
	if !ok {
		return comity.Errorf(comity.NotFound, "no such feed")
	}
	v, p, err := c.feedReader(key)
	if err != nil {
		return err
	}
	f := notify.Feed{Space: comity.FeedSpace(c.r.PathValue("space")), Language: p.Language, Base: c.origin()}
	if f.Entries, err = s.store.FeedEntries(c.ctx(), v, f.Space); err != nil {
		return err
	}
	if f.Group, err = s.store.Group(c.ctx(), v); err != nil {
		return err
	}
	k, err := s.store.FeedKey(c.ctx(), v)
	if err != nil {
		return err
	}
	f.Created = k.Created
	body, err := notify.Atom(f)
	if err != nil {
		return fmt.Errorf("feed of %s: %w", f.Space, err)
	}
	return c.answerFeed("application/atom+xml; charset=utf-8", body)
}

// feedReader returns whose key it is, who may read only, and notes that it was used.
func (c *call) feedReader(key string) (comity.Viewer, comity.Person, error) {
	p, err := c.site.store.PersonByFeedKey(c.ctx(), comity.System("web: feed"), hashOfKey(key), c.site.now())
	return comity.ViewerOf(p).ReadingOnly(), p, err
}

// answerFeed answers with a feed, or that the reader has it already.
func (c *call) answerFeed(contentType string, body []byte) error {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	h := c.w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Referrer-Policy", "no-referrer")
	if hasTag(c.r.Header.Values("If-None-Match"), tag) {
		c.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", contentType)
	c.w.WriteHeader(http.StatusOK)
	_, _ = c.w.Write(body) // who went away does not hear of it
	return nil
}

// hasTag reports whether an If-None-Match names a tag, by weak comparison.
//
// Source: RFC 9110, section 13.1.2.
func hasTag(headers []string, tag string) bool {
	for _, one := range strings.Split(strings.Join(headers, ","), ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == tag {
			return true
		}
	}
	return false
}
