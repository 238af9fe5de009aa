package comity

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// Webhook has a program of an organisation be told, by a signed request, what changed. It is told what the person who set it
// up may see.
type Webhook struct {
	ID       WebhookID `json:"id"`
	Org      OrgID     `json:"organization"`
	Name     string    `json:"name"`
	Address  string    `json:"address"` // https
	Topics   []Topic   `json:"topics"`  // in their order, at least one
	By       PersonID  `json:"by"`
	Created  time.Time `json:"created"`
	Disabled time.Time `json:"disabled,omitzero"` // since when it is told nothing; zero: it is
	Why      string    `json:"why,omitempty"`     // that it is disabled, if nobody of the organisation did it: "gone"
}

// WebhookGone says that the address answered that it is gone for good, on which the webhook is disabled.
const WebhookGone = "gone"

// Bounds on webhooks.
const (
	MaxWebhooks       = 10  // of an organisation
	MaxWebhookName    = 80  // characters
	MaxWebhookAddress = 500 // bytes
)

// Check reports the first thing that is wrong with a webhook, as Invalid.
func (w Webhook) Check() error {
	u, err := url.Parse(w.Address)
	switch {
	case !line(w.Name, MaxWebhookName) || strings.TrimSpace(w.Name) == "":
		return Errorf(Invalid, "name: want one line of 1 to %d characters", MaxWebhookName)
	case err != nil || len(w.Address) > MaxWebhookAddress || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "":
		return Errorf(Invalid, "address: want https://, a host, no password and no fragment, at most %d bytes", MaxWebhookAddress)
	case len(w.Topics) == 0:
		return Errorf(Invalid, "topics: want at least one")
	}
	for _, t := range w.Topics {
		if !slices.Contains(Topics, t) {
			return Errorf(Invalid, "topics: unknown topic %.40q", t)
		}
	}
	return nil
}

// WebhookSubscriber is a webhook with all that telling it needs.
type WebhookSubscriber struct {
	Webhook Webhook
	Reader  Viewer          // as whom its news are read; the zero viewer where its person can't sign in any more
	Told    map[Topic]Place // topics without one were never looked at for it
	Turn    int             // counts what was claimed
}

// DeliveryState is where a delivery stands.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryWaiting DeliveryState = "waiting"
	DeliverySent    DeliveryState = "sent"
	DeliveryGivenUp DeliveryState = "given-up"
)

// DeliveryStates lists the states.
var DeliveryStates = []DeliveryState{DeliveryWaiting, DeliverySent, DeliveryGivenUp}

// Delivery is one request to a webhook: what it says, and what became of it. A delivery may arrive more than once, always
// with the same Message: who receives it tells by that.
type Delivery struct {
	Seq      int64         `json:"seq"`
	Webhook  WebhookID     `json:"webhook"`
	Message  string        `json:"message"` // "msg_…"
	Body     string        `json:"body"`    // JSON, as it is sent
	State    DeliveryState `json:"state"`
	Created  time.Time     `json:"created"`
	Next     time.Time     `json:"next,omitzero"`
	Ended    time.Time     `json:"ended,omitzero"`
	Attempts int           `json:"attempts"`
	Status   int           `json:"status,omitempty"`  // of the last answer; 0: there was none
	Problem  string        `json:"problem,omitempty"` // of the last attempt
}

// Pause returns how long to wait after this many failed attempts, and false if they were enough.
func (d Delivery) Pause() (time.Duration, bool) { return Notice{Attempts: d.Attempts}.Pause() }

// DueDelivery is a delivery that is to be sent, with where and by which secret.
type DueDelivery struct {
	Delivery
	Address string
	Secret  []byte
}

// DeliveryPage is one page of deliveries, the newest first.
type DeliveryPage struct {
	Deliveries []Delivery `json:"deliveries"`
	Total      int        `json:"total"`
}

// KeepsWebhooks reports whether the viewer may see and change the webhooks of org: its focal point and alternate, since
// what its people may see leaves through them.
func (v Viewer) KeepsWebhooks(org OrgID) bool {
	return org != "" && v.person != "" && v.org == org && v.roles.Has(RoleFocalPoint, RoleAlternate)
}
