package notify

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"comity"
)

// Feed is what an Atom feed says.
type Feed struct {
	Group    comity.Group
	Space    comity.FeedSpace
	Language string    // of the six; any other, and none, is English
	Base     string    // address of the group's pages, without a slash at its end
	Created  time.Time // when the feed was set up: an empty one was updated then
	Entries  []comity.News
}

// feedPaths are the pages that show what a space is about.
var feedPaths = map[comity.FeedSpace]string{
	comity.SpaceOrganization: "/organization", comity.SpaceGroup: "/", comity.SpaceWorkPlan: "/actions",
}

type atomFeed struct {
	XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang     string      `xml:"xml:lang,attr"`
	ID       string      `xml:"id"`
	Title    string      `xml:"title"`
	Subtitle string      `xml:"subtitle"`
	Updated  string      `xml:"updated"`
	Author   atomAuthor  `xml:"author"`
	Rights   string      `xml:"rights"`
	Link     atomLink    `xml:"link"`
	Entries  []atomEntry `xml:"entry"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID       string       `xml:"id"`
	Title    string       `xml:"title"`
	Updated  string       `xml:"updated"`
	Link     atomLink     `xml:"link"`
	Category atomCategory `xml:"category"`
	Rights   string       `xml:"rights"`
	Summary  string       `xml:"summary"`
}

type atomCategory struct {
	Term  string `xml:"term,attr"`
	Label string `xml:"label,attr"`
}

// Atom writes a feed: what may stand in a mail with its title has it here, and all else does not, since readers of feeds
// keep copies with whoever runs them. The same feed gives the same bytes.
//
// Source: RFC 4287; RFC 4151 for the identities.
func Atom(f Feed) ([]byte, error) {
	l, ok := locales[f.Language]
	if !ok {
		l = locales["en"]
	}
	tag, err := tagOf(f.Base)
	if err != nil {
		return nil, err
	}
	group := line(f.Group.Acronym)
	updated, tlp := f.Created, comity.TLPClear
	out := atomFeed{
		Lang: l.lang, ID: tag + "feed/" + string(f.Space), Title: l.t("feed."+string(f.Space), "group", group), Subtitle: l.t("feed.subtitle"),
		Author: atomAuthor{group}, Link: atomLink{"alternate", f.Base + feedPaths[f.Space]},
	}
	for i, n := range f.Entries {
		if i == 0 {
			updated = n.At
		}
		if Titled(n) {
			tlp = comity.Strictest(tlp, n.TLP)
		}
		out.Entries = append(out.Entries, l.entry(f, tag, n))
	}
	out.Updated, out.Rights = updated.UTC().Format(time.RFC3339), tlp.String()
	body, err := xml.MarshalIndent(out, "", " ")
	if err != nil {
		return nil, fmt.Errorf("write feed: %w", err)
	}
	return append([]byte(xml.Header), append(body, '\n')...), nil
}

func (l locale) entry(f Feed, tag string, n comity.News) atomEntry {
	event := l.t("event." + string(n.Event))
	e := atomEntry{
		ID:      tag + string(n.Event) + "/" + url.PathEscape(n.Subject) + "/" + strconv.FormatInt(n.Seq, 10),
		Updated: n.At.UTC().Format(time.RFC3339), Link: atomLink{"alternate", f.Base + Path(n)},
		Category: atomCategory{string(n.Event), event}, Rights: n.TLP.String(),
	}
	switch {
	case Titled(n):
		e.Title = l.t("line.titled", "event", event, "title", line(n.Title))
	case n.Count > 1:
		e.Title = l.t("line.counted", "event", event, "count", strconv.Itoa(n.Count))
	default:
		e.Title = event
	}
	e.Summary = l.t("feed.marked", "tlp", n.TLP.String())
	if n.TLP == comity.TLPUnmarked {
		e.Summary = l.t("feed.unmarked")
	}
	return e
}

// tagOf returns the beginning of the identities of a group's entries, which stay when the program changes.
func tagOf(base string) (string, error) {
	u, err := url.Parse(base)
	if err != nil || u.Hostname() == "" {
		return "", comity.Errorf(comity.Internal, "the address of the group %q has no host", base)
	}
	return "tag:" + u.Hostname() + ",2026:", nil
}
