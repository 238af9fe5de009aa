// Package notify says what people are told, and how: which news may stand in a mail with its title, and how a digest reads
// in six languages, as plain text and as HTML. It sends nothing and fetches nothing: package notify/smtp does the one,
// package storage the other. Read [Write] first.
package notify

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"comity"
)

// Widest is the narrowest label under which a title travels by mail, which is readable wherever it passes: of what is
// marked more narrowly, or not at all, only the number is told.
const Widest = comity.TLPGreen

// ErrUnknown says that the line to the mail server broke off after a mail was handed over and before the server said that
// it has it.
var ErrUnknown = errors.New("the line broke off before the mail server answered: it may have taken the mail")

// Digest is everything of one mail. A digest without sections is a test, which says that mail arrives.
type Digest struct {
	Group       comity.Group
	Language    string    // of the six; any other, and none, is English
	Base        string    // address of the group's pages, without a slash at its end
	Since       time.Time // from when on the news are
	Unsubscribe string    // address that ends all mail; empty in a sample
	Sections    []Section // in the order in which they are told, none of them empty
}

// Section is the news of one topic.
type Section struct {
	Topic comity.Topic
	Page  comity.NewsPage
}

// Mail is a mail as it is sent.
type Mail struct {
	To          string // address
	Subject     string // one line
	Text        string
	HTML        string
	Unsubscribe string     // address of RFC 8058
	TLP         comity.TLP // of the mail: the narrowest label of a title in it
	ID          string     // of the Message-ID, before the @
}

// Titled reports whether the title of news may stand in a mail.
func Titled(n comity.News) bool {
	return n.Title != "" && n.TLP != comity.TLPUnmarked && n.TLP <= Widest
}

// paths are where the subject of an event is shown; a path that ends in "/" is followed by the subject, and an empty one is
// the overview.
var paths = map[comity.NewsEvent]string{
	comity.NewsExposure:  "/organization/changes",
	comity.NewsMatch:     "/threats?touching=1",
	comity.NewsAction:    "/actions/",
	comity.NewsOverdue:   "/actions/",
	comity.NewsSession:   "/sessions/",
	comity.NewsMinutes:   "/sessions/",
	comity.NewsApproved:  "/sessions/",
	comity.NewsDecision:  "/decisions/",
	comity.NewsDocument:  "/documents/",
	comity.NewsAsked:     "/procedures/",
	comity.NewsAnswered:  "/procedures/",
	comity.NewsReport:    "/reports/",
	comity.NewsRelease:   "/releases/",
	comity.NewsRunFailed: "/sources/",
}

// Events lists the events that can be told, by name.
func Events() []comity.NewsEvent { return slices.Sorted(maps.Keys(paths)) }

// Path returns the path of the page that shows what news is about, and of the list that it is in where it stands for
// several things.
func Path(n comity.News) string {
	p := paths[n.Event]
	root, one := strings.CutSuffix(p, "/")
	switch {
	case p == "":
		return "/"
	case !one:
		return p
	case n.Count == 1 && n.Subject != "":
		return p + url.PathEscape(n.Subject)
	default:
		return root
	}
}

// told joins news whose titles must not be told: one item for each event and label, with how many there are. The order is
// that of the first of each.
func told(list []comity.News) []comity.News {
	type kind struct {
		event comity.NewsEvent
		tlp   comity.TLP
	}
	var joined []comity.News
	at := map[kind]int{}
	for _, n := range list {
		if Titled(n) {
			joined = append(joined, n)
			continue
		}
		n.Title = ""
		k := kind{n.Event, n.TLP}
		if i, ok := at[k]; ok {
			joined[i].Count += n.Count
			continue
		}
		at[k] = len(joined)
		joined = append(joined, n)
	}
	return joined
}

// maxTitle bounds a title in a mail, in characters.
const maxTitle = 160

// line makes one line of a title: no control characters, one space for many, no more than maxTitle characters.
func line(s string) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool {
		return r <= ' ' || 0x7f <= r && r <= 0xa0 || r == 0x2028 || r == 0x2029
	}), " ")
	if r := []rune(s); len(r) > maxTitle {
		return string(r[:maxTitle-1]) + "…"
	}
	return s
}
