package comity

import (
	"cmp"
	"slices"
	"time"
)

// Topic is something that people can be told of by mail.
type Topic string

// The topics.
const (
	TopicExposure Topic = "exposure" // the own organisation's exposure moved
	TopicMatches  Topic = "matches"  // threats that touch the own organisation
	TopicActions  Topic = "actions"  // somebody else changed an action item of the own organisation
	TopicOverdue  Topic = "overdue"  // the day passed on which an action item of the own organisation was due
	TopicSessions Topic = "sessions" // sessions, minutes, decisions, documents, written procedures and reports came out
	TopicReleases Topic = "releases" // a release came out
	TopicIntake   Topic = "intake"   // a source could not be taken in
)

// Topics lists the topics in the order in which a mail tells them.
var Topics = []Topic{TopicExposure, TopicMatches, TopicActions, TopicOverdue, TopicSessions, TopicReleases, TopicIntake}

// Frequency is how often somebody is told of a topic. The zero Frequency is none of them.
type Frequency string

// The frequencies.
const (
	FrequencyOff    Frequency = "off"
	FrequencyAtOnce Frequency = "at-once" // within minutes, what came together in one mail
	FrequencyDaily  Frequency = "daily"   // each day at DigestHour
	FrequencyWeekly Frequency = "weekly"  // on Mondays at DigestHour
)

// Frequencies lists the frequencies from never to most often.
var Frequencies = []Frequency{FrequencyOff, FrequencyWeekly, FrequencyDaily, FrequencyAtOnce}

// DigestHour is the hour of the day, UTC, at which digests are due.
const DigestHour = 6

// atOnceAfter is how long after a mail the next at once may follow: who edits for an hour causes a few, not hundreds.
const atOnceAfter = 10 * time.Minute

// Default returns how often people are told of a topic who chose nothing: weekly, and each day what can't wait for a
// Monday.
func (t Topic) Default() Frequency {
	if t == TopicOverdue || t == TopicIntake {
		return FrequencyDaily
	}
	return FrequencyWeekly
}

// Notifications are what one person chose to be told, and whether they want any mail.
type Notifications struct {
	Person  PersonID            `json:"person"`
	Choices map[Topic]Frequency `json:"choices,omitempty"` // topics without one are as Topic.Default says
	Stopped time.Time           `json:"stopped,omitzero"`  // since when they want no mail at all; zero: they do
}

// Choice returns how often the person is told of a topic.
func (n Notifications) Choice(t Topic) Frequency {
	if f := n.Choices[t]; slices.Contains(Frequencies, f) {
		return f
	}
	return t.Default()
}

// Place is a moment up to which somebody was told. The numbers are those of the store's logs, which count in the order of
// commits, so that nothing falls between two windows.
type Place struct {
	At    time.Time `json:"at"`    // when the place was taken, UTC
	Log   int64     `json:"log"`   // last entry of the audit log
	Moves int64     `json:"moves"` // last change of an exposure
	Found time.Time `json:"found"` // matches found until then
	Day   Date      `json:"day"`   // action items due before it were told as overdue
}

// Window is what lies between two places: after From, up to and with Until.
type Window struct {
	From  Place `json:"from"`
	Until Place `json:"until"`
}

// Due reports whether a topic of this frequency, told last at a place, is to be told again.
func (f Frequency) Due(told Place, now time.Time) bool {
	switch f {
	case FrequencyAtOnce:
		return !now.Before(told.At.Add(atOnceAfter))
	case FrequencyDaily:
		return told.At.Before(lastDigest(now, 1))
	case FrequencyWeekly:
		return told.At.Before(lastDigest(now, 7))
	default:
		return false
	}
}

// lastDigest returns the last moment at or before now at which a digest was due, each day or each Monday.
func lastDigest(now time.Time, days int) time.Time {
	now = now.UTC()
	at := time.Date(now.Year(), now.Month(), now.Day(), DigestHour, 0, 0, 0, time.UTC)
	if at.After(now) {
		at = at.AddDate(0, 0, -1)
	}
	if days == 7 {
		at = at.AddDate(0, 0, -(int(at.Weekday())+6)%7)
	}
	return at
}

// NewsEvent says what happened to the subject of an item of news.
type NewsEvent string

// The events.
const (
	NewsExposure  NewsEvent = "exposure-moved"
	NewsMatch     NewsEvent = "match-found"
	NewsAction    NewsEvent = "action-changed"
	NewsOverdue   NewsEvent = "action-overdue"
	NewsSession   NewsEvent = "session-published"
	NewsMinutes   NewsEvent = "minutes-drafted"
	NewsApproved  NewsEvent = "minutes-approved"
	NewsDecision  NewsEvent = "decision-adopted"
	NewsDocument  NewsEvent = "document-published"
	NewsAsked     NewsEvent = "procedure-opened"
	NewsAnswered  NewsEvent = "procedure-closed"
	NewsReport    NewsEvent = "report-published"
	NewsRelease   NewsEvent = "release-published"
	NewsRunFailed NewsEvent = "intake-failed"
)

// News is something that changed, as its reader may see it.
type News struct {
	Event   NewsEvent `json:"event"`
	Subject string    `json:"subject,omitempty"` // identity or number of what it is about; empty: Count things of a kind
	Title   string    `json:"title,omitempty"`
	TLP     TLP       `json:"tlp"`
	Count   int       `json:"count"` // at least 1

	At  time.Time `json:"at,omitzero"`   // of the last change; in feeds only
	Seq int64     `json:"seq,omitempty"` // tells one change from another; in feeds only
}

// MaxNews is how many items of news one topic tells one by one.
const MaxNews = 20

// NewsPage is what changed of one topic in a window, within what its reader may see.
type NewsPage struct {
	News  []News `json:"news"`  // at most MaxNews
	Total int    `json:"total"` // of changes
}

// NoticeState is where a mail stands.
type NoticeState string

// The states of a mail.
const (
	NoticeWaiting NoticeState = "waiting" // to be sent, perhaps again
	NoticeSending NoticeState = "sending" // handed to the mail server right now
	NoticeSent    NoticeState = "sent"    // the mail server took it
	NoticeRefused NoticeState = "refused" // the mail server will never take it: a bounce
	NoticeGivenUp NoticeState = "given-up"
	NoticeUnknown NoticeState = "unknown" // the server or the line broke off in between: it may have been taken, and is not sent twice
	NoticeDropped NoticeState = "dropped" // there was nothing left in it that the person may see, or they want no mail any more
)

// NoticeStates lists the states.
var NoticeStates = []NoticeState{NoticeWaiting, NoticeSending, NoticeSent, NoticeRefused, NoticeGivenUp, NoticeUnknown, NoticeDropped}

// Notice is one mail: for whom, of which topics and windows, and what became of it. What it says is not stored: it is
// computed, as its person, when it is sent.
type Notice struct {
	Seq      int64            `json:"seq"`
	Person   PersonID         `json:"person"`
	State    NoticeState      `json:"state"`
	Windows  map[Topic]Window `json:"windows,omitempty"` // none: a test
	Created  time.Time        `json:"created"`
	Next     time.Time        `json:"next,omitzero"` // when it is tried next
	Ended    time.Time        `json:"ended,omitzero"`
	Attempts int              `json:"attempts"`
	Problem  string           `json:"problem,omitempty"` // of the last attempt
}

// Test reports whether the notice is a mail that somebody asked for to see whether it arrives.
func (n Notice) Test() bool { return len(n.Windows) == 0 }

// noticePauses are how long after a failed attempt the next one follows; after the last the mail is given up.
var noticePauses = []time.Duration{
	time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
}

// Pause returns how long to wait after this many failed attempts, and false if they were enough.
func (n Notice) Pause() (time.Duration, bool) {
	if n.Attempts < 1 || n.Attempts > len(noticePauses) {
		return 0, false
	}
	return noticePauses[n.Attempts-1], true
}

// Subscriber is somebody who can be sent mail, with how far they were told each topic.
type Subscriber struct {
	Person        Person
	Notifications Notifications
	Told          map[Topic]Place // topics without one were never looked at for them
	Turn          int             // counts what was claimed: who claims names the turn that they read
}

// SeesTopic reports whether the viewer can have news of a topic: of the exposure and the matches those who see the profile
// of their organisation, of the intake those who take in, of all else everybody with a role.
func (v Viewer) SeesTopic(t Topic) bool {
	switch {
	case v.person == "" || v.roles == 0:
		return false
	case t == TopicExposure || t == TopicMatches:
		return v.SeesProfile(v.org)
	case t == TopicIntake:
		return v.TakesIn()
	default:
		return slices.Contains(Topics, t)
	}
}

// FeedSpace is what a feed of changes is about.
type FeedSpace string

// The spaces.
const (
	SpaceOrganization FeedSpace = "organization" // the own organisation: its exposure, its matches, its action items
	SpaceGroup        FeedSpace = "group"        // what the group brought out: sessions, decisions, documents, reports, releases
	SpaceWorkPlan     FeedSpace = "work-plan"    // the group's action items
)

// FeedSpaces lists the spaces in the order in which they are offered.
var FeedSpaces = []FeedSpace{SpaceOrganization, SpaceGroup, SpaceWorkPlan}

// MaxFeedEntries is how many entries a feed has at most.
const MaxFeedEntries = 50

// FeedKey is with what somebody's feed reader comes: a secret in the address, of which only the SHA-256 is kept.
type FeedKey struct {
	Person  PersonID  `json:"person"`
	Hash    []byte    `json:"-"`
	Created time.Time `json:"created"`
	Seen    time.Time `json:"seen,omitzero"` // used last, to within an hour; zero: never
}

// SeesSpace reports whether the viewer can have a feed of a space: of the own organisation those who see its profile, of
// the rest everybody with a role.
func (v Viewer) SeesSpace(s FeedSpace) bool {
	switch {
	case v.person == "" || v.roles == 0:
		return false
	case s == SpaceOrganization:
		return v.SeesProfile(v.org)
	default:
		return slices.Contains(FeedSpaces, s)
	}
}

// LastNews returns the newest of some news, newest first, at most MaxFeedEntries. It sorts the list that it is given.
func LastNews(list []News) []News {
	slices.SortStableFunc(list, func(a, b News) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Seq, a.Seq), cmp.Compare(a.Event, b.Event), cmp.Compare(a.Subject, b.Subject))
	})
	return list[:min(len(list), MaxFeedEntries)]
}
