package comity

import (
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// Feed is where a source's documents are fetched from, and how often. A source without one takes in files only. The zero
// Feed fetches nothing.
type Feed struct {
	Source  SourceID  `json:"source"`
	Format  Format    `json:"format"`
	Name    string    `json:"name"`              // as the group calls it; at most 100 characters
	Address string    `json:"address,omitempty"` // https; empty: files only. Who does not take in never sees it: it may hold a key
	Every   int       `json:"every"`             // hours between two runs; 0: only when somebody asks
	TLP     TLP       `json:"tlp"`               // of what the documents leave unmarked, and of the feed itself
	Enabled bool      `json:"enabled"`           // runs by its schedule
	Created time.Time `json:"created,omitzero"`
	By      PersonID  `json:"by,omitempty"` // who made it; for those who take in

	Revision int `json:"revision"` // 0: offered, never stored

	FeedState
}

// FeedState is where a feed stands in its schedule.
type FeedState struct {
	Next     time.Time `json:"next,omitzero"` // when it runs again; zero: not by itself
	Failures int       `json:"failures"`      // runs in a row that did not end well
	Asked    PersonID  `json:"-"`             // who asked for the run at Next; empty: the schedule
	ETag     string    `json:"-"`             // of the document taken in last, for a conditional request
	Modified string    `json:"-"`             // its Last-Modified
	Hash     string    `json:"-"`             // of the document to which the two belong: they count only while it is the last
}

// WellKnown are public feeds that every group is offered. They stay off until somebody enables them.
var WellKnown = []Feed{
	{
		Source: SourceKEV, Format: FormatKEV, Name: "CISA Known Exploited Vulnerabilities", Every: 6, TLP: TLPClear,
		Address: "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
	},
	{
		Source: SourceEPSS, Format: FormatEPSS, Name: "FIRST Exploit Prediction Scoring System", Every: 24, TLP: TLPClear,
		Address: "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
	},
	{
		Source: SourceATTACK, Format: FormatATTACK, Name: "MITRE ATT&CK Enterprise", Every: 7 * 24, TLP: TLPClear,
		Address: "https://raw.githubusercontent.com/mitre-attack/attack-stix-data/master/enterprise-attack/enterprise-attack.json",
	},
	{
		Source: SourceNVD, Format: FormatCVE, Name: "NIST National Vulnerability Database, changes of the last eight days", Every: 6, TLP: TLPClear,
		Address: "https://nvd.nist.gov/feeds/json/cve/2.0/nvdcve-2.0-modified.json.gz",
	},
	{Source: SourceCVE, Format: FormatCVE, Name: "CVE Program records", TLP: TLPClear},
	{Source: SourceOSV, Format: FormatCVE, Name: "Open Source Vulnerabilities", TLP: TLPClear},
	{Source: SourceWarningLists, Format: FormatWarningLists, Name: "MISP warning lists", TLP: TLPClear},
}

// WellKnownFeed returns the feed that every group is offered for a source.
func WellKnownFeed(id SourceID) (Feed, bool) {
	for _, f := range WellKnown {
		if f.Source == id {
			return f, true
		}
	}
	return Feed{}, false
}

// Bounds on what is put into a feed.
const (
	MaxFeedName    = 100       // characters
	MaxFeedAddress = 2000      // bytes
	MaxFeedEvery   = 31 * 24   // hours
	MaxFeeds       = 100       // feeds of a group
	KeptRuns       = 200       // runs kept of each source; older ones are dropped
	maxRunError    = 2000      // characters of an error that is kept
	leastBackOff   = 5 * 60    // seconds, after the first run that did not end well
	mostBackOff    = 24 * 3600 // seconds
)

var stixSource = regexp.MustCompile(`^stix(-[a-z0-9]+)*$`)

// ParseSTIXSource parses the identity of a source of STIX documents, "stix" or "stix-" with a name of lower-case letters,
// digits and single hyphens, of at most 64 characters; its error is Invalid.
func ParseSTIXSource(s string) (SourceID, error) {
	if len(s) > 64 || !stixSource.MatchString(s) {
		return "", Errorf(Invalid, "source %.80q: want stix-NAME, with lower-case letters, digits and hyphens", s)
	}
	return SourceID(s), nil
}

// Check reports the first thing that is wrong with a feed, as Invalid. Whether the address is a public one is seen only
// when it is fetched.
func (f Feed) Check() error {
	if _, ok := WellKnownFeed(f.Source); !ok {
		if _, err := ParseSTIXSource(string(f.Source)); err != nil {
			return err
		}
		if f.Format != FormatSTIX {
			return Errorf(Invalid, "feed %s: only STIX feeds can be added", f.Source)
		}
	}
	name := strings.TrimSpace(f.Name)
	switch {
	case name == "" || utf8.RuneCountInString(name) > MaxFeedName || !utf8.ValidString(name):
		return Errorf(Invalid, "feed %s: want a name of at most %d characters", f.Source, MaxFeedName)
	case f.Every < 0 || f.Every > MaxFeedEvery:
		return Errorf(Invalid, "feed %s: every %d hours: want 0 to %d", f.Source, f.Every, MaxFeedEvery)
	case f.TLP < TLPClear || f.TLP > TLPRed:
		return Errorf(Invalid, "feed %s: it needs a TLP label", f.Source)
	case f.Enabled && f.Address == "":
		return Errorf(Invalid, "feed %s: without an address nothing can be fetched", f.Source)
	}
	return checkFeedAddress(f.Address)
}

func checkFeedAddress(address string) error {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || len(address) > MaxFeedAddress || u.Hostname() == "":
		return Errorf(Invalid, "the address is not a URL")
	case u.Scheme != "https":
		return Errorf(Invalid, "the address does not begin with https://")
	case u.User != nil:
		return Errorf(Invalid, "the address has a user or password in it")
	}
	return nil
}

// Due reports whether the feed is to run.
func (f Feed) Due(now time.Time) bool { return !f.Next.IsZero() && !f.Next.After(now) }

// Scheduled reports whether the feed runs by itself.
func (f Feed) Scheduled() bool { return f.Enabled && f.Every > 0 && f.Address != "" }

// After returns when the feed runs again once a run ended at now. A run that ended well is followed by the next after
// Every hours, put off by up to a tenth of that as jitter, 0..1, says, so that not everybody asks at once. Others are
// followed after 5 minutes, twice that, and so on up to a day. A feed without a schedule does not run again by itself.
func (f Feed) After(r Run, now time.Time, jitter float64) FeedState {
	s := f.FeedState
	s.Asked, s.Next = "", time.Time{}
	if r.Outcome.Well() {
		s.Failures = 0
	} else {
		s.Failures++
	}
	if !f.Scheduled() {
		return s
	}
	wait := time.Duration(f.Every) * time.Hour
	if s.Failures > 0 {
		seconds := leastBackOff
		for i := 1; i < s.Failures && seconds < mostBackOff; i++ {
			seconds *= 2
		}
		wait = time.Duration(min(seconds, mostBackOff)) * time.Second
	}
	wait += time.Duration(jitter * float64(wait) / 10)
	s.Next = now.Add(wait).UTC().Truncate(time.Second)
	return s
}

// RunCause says why a document was taken in.
type RunCause string

// The causes.
const (
	CauseSchedule RunCause = "schedule"
	CausePerson   RunCause = "person"  // by a page or the API
	CauseCommand  RunCause = "command" // of the program, on its machine
)

// RunOutcome says how a run ended.
type RunOutcome string

// The outcomes.
const (
	RunDone      RunOutcome = "done"      // taken in
	RunUnchanged RunOutcome = "unchanged" // the document is here already
	RunRefused   RunOutcome = "refused"   // the document is wrong, too large or older than the one that is here
	RunFailed    RunOutcome = "failed"    // it could not be fetched, read to its end, or stored
)

// Well reports whether the source is now as its document says.
func (o RunOutcome) Well() bool { return o == RunDone || o == RunUnchanged }

// Run is one attempt to take in a document of a source, also one that did not end well. Runs are only added, never
// changed; the last KeptRuns of each source are kept.
type Run struct {
	Number  int64      `json:"number"` // ascending as they began, over all sources
	Source  SourceID   `json:"source"`
	Started time.Time  `json:"started"`
	Ended   time.Time  `json:"ended"`
	Cause   RunCause   `json:"cause"`
	Person  PersonID   `json:"person,omitempty"` // who asked; for those who take in
	Fetched bool       `json:"fetched"`          // from an address; else a file
	Outcome RunOutcome `json:"outcome"`
	Delta   Delta      `json:"delta"`
	Bytes   int64      `json:"bytes"`             // read, as they travelled
	Version string     `json:"version,omitempty"` // of the document, if it ended well
	Hash    string     `json:"hash,omitempty"`    // of the document, if it ended well: SHA-256, hex
	Kind    string     `json:"kind,omitempty"`    // of the error
	Error   string     `json:"error,omitempty"`   // in plain English with its place; for those who take in
}

// Fail sets how a run ended that gave an error. The text of an internal error is for the log alone.
func (r *Run) Fail(err error) {
	kind := KindOf(err)
	switch kind {
	case Invalid, TooLarge, Stale, Conflict:
		r.Outcome = RunRefused
	default:
		r.Outcome = RunFailed
	}
	r.Kind = kind.String()
	if kind == Internal {
		return
	}
	text := []rune(err.Error())
	r.Error = string(text[:min(len(text), maxRunError)])
}

// Running is a run that is under way: a lease that keeps others from the source until it ends.
type Running struct {
	Number int64     `json:"number"`
	Source SourceID  `json:"source"`
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until"` // the lease; whoever runs extends it while it lasts
	Cause  RunCause  `json:"cause"`
	Person PersonID  `json:"person,omitempty"` // for those who take in
	Bytes  int64     `json:"bytes"`            // read so far
}

// SourceState is a source with all that its page tells.
type SourceState struct {
	Feed    Feed      `json:"feed"`
	Source  *Source   `json:"document,omitempty"` // taken in last; nil: none
	Last    *Run      `json:"last,omitempty"`
	Well    time.Time `json:"well,omitzero"` // when a run last ended well
	Running *Running  `json:"running,omitempty"`
}

// Stale reports whether a source was last as its publisher has it longer ago than it should: three times its interval,
// at least three days, and 30 days if it has none. One that was never taken in has nothing to be stale.
func (s SourceState) Stale(now time.Time) bool {
	if s.Source == nil {
		return false
	}
	bound := 30 * 24 * time.Hour
	if s.Feed.Scheduled() {
		bound = max(3*time.Duration(s.Feed.Every)*time.Hour, 3*24*time.Hour)
	}
	last := s.Source.TakenIn
	if s.Well.After(last) {
		last = s.Well
	}
	return now.Sub(last) > bound
}
