package jobs

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"comity"
	"comity/intake/fetch"
	"comity/notify"
)

// receiver is a program that webhooks tell, on this machine.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	status  int
	got     []string // bodies, in the order in which they came
	ids     []string
	badSign int
}

var hookSecret = []byte("0123456789abcdef0123456789abcdef")

func newReceiver(t *testing.T, now func() time.Time) *receiver {
	r := &receiver{status: http.StatusOK}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		id, stamp := q.Header.Get("webhook-id"), q.Header.Get("webhook-timestamp")
		at, _ := strconv.ParseInt(stamp, 10, 64)
		want := notify.Headers(hookSecret, id, time.Unix(at, 0), body)["webhook-signature"]
		if err != nil || q.Header.Get("webhook-signature") != want || at != now().Unix() {
			r.badSign++
		}
		r.got, r.ids = append(r.got, string(body)), append(r.ids, id)
		w.WriteHeader(r.status)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answers(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) received() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.got...)
}

// hooked is a round in which organisation A has a webhook.
type hooked struct {
	*round
	to *receiver
	id comity.WebhookID
}

func newHooked(t *testing.T) *hooked {
	t.Helper()
	h := &hooked{round: newRound(t), id: comity.MakeWebhookID(comity.Entropy{7})}
	h.to = newReceiver(t, func() time.Time { return h.now })
	h.must(h.store.PutWebhook(t.Context(), comity.ViewerOf(h.anna), comity.Webhook{
		ID: h.id, Org: h.a.ID, Name: "Ticketing", Address: "https://hook.example/in", Topics: []comity.Topic{comity.TopicActions}, Created: h.now,
	}, hookSecret))
	h.send()
	return h
}

// messenger returns one that reaches the receiver, and nothing else, under the webhook's address.
func (h *hooked) messenger(store MessengerStore) *Messenger {
	client := fetch.New(fetch.Options{AllowPrivate: true, Timeout: 5 * time.Second})
	return NewMessenger(MessengerOptions{
		Store: store, Base: "https://comity.example", Now: func() time.Time { return h.now }, Entropy: rand.Reader,
		Post: func(ctx context.Context, address string, headers map[string]string, body []byte) (int, error) {
			return client.Post(ctx, strings.Replace(address, "https://hook.example", h.to.URL, 1), headers, body)
		},
	})
}

// send does one round of a fresh process, and returns how many requests have come in all.
func (h *hooked) send() int {
	h.t.Helper()
	h.messenger(h.store).look(h.t.Context())
	return len(h.to.received())
}

func (h *hooked) log() []comity.Delivery {
	h.t.Helper()
	page, err := h.store.Deliveries(h.t.Context(), comity.ViewerOf(h.anna), h.id, 100, 0)
	h.must(err)
	return page.Deliveries
}

func TestWebhook(t *testing.T) {
	h := newHooked(t)
	if n := h.send(); n != 0 {
		t.Fatalf("%d requests before anything changed", n)
	}
	h.action(h.anna, "Open guidance", comity.AudienceGroup, comity.TLPGreen)
	h.action(h.alan, "Amber matter", comity.AudienceGroup, comity.TLPAmber)
	h.action(h.bert, "Foreign matter", comity.AudienceOwner, comity.TLPClear)
	if n := h.send(); n != 1 {
		t.Fatalf("%d requests, want 1", n)
	}
	if n := h.send(); n != 1 {
		t.Errorf("%d requests after another look", n)
	}
	body := h.to.received()[0]
	var p struct {
		Type string `json:"type"`
		Data struct {
			Total int `json:"total"`
		} `json:"data"`
	}
	h.must(json.Unmarshal([]byte(body), &p))
	if p.Type != "news.actions" || p.Data.Total != 2 || strings.Contains(body, "matter") || !strings.Contains(body, "Open guidance") || h.to.badSign > 0 {
		t.Errorf("got %s, %d wrong signatures", body, h.to.badSign)
	}
	if log := h.log(); len(log) != 1 || log[0].State != comity.DeliverySent || log[0].Status != http.StatusOK || log[0].Attempts != 1 {
		t.Errorf("log: %+v", log)
	}
}

// TestWebhookIsTriedAgain has the receiver fail for a while, then for ever, then say that it is gone.
func TestWebhookIsTriedAgain(t *testing.T) {
	h := newHooked(t)
	h.to.answers(http.StatusServiceUnavailable)
	h.action(h.alan, "One", comity.AudienceGroup, comity.TLPGreen)
	h.send()
	if n := h.send(); n != 1 || h.log()[0].State != comity.DeliveryWaiting || h.log()[0].Status != http.StatusServiceUnavailable {
		t.Fatalf("%d requests, %+v", n, h.log())
	}
	h.to.answers(http.StatusNoContent)
	h.now = h.now.Add(time.Minute)
	if n := h.send(); n != 2 || h.log()[0].State != comity.DeliverySent || h.to.ids[0] != h.to.ids[1] {
		t.Errorf("%d requests as %v, %+v", n, h.to.ids, h.log())
	}

	h.to.answers(http.StatusFound)
	h.action(h.alan, "Two", comity.AudienceGroup, comity.TLPGreen)
	began := h.now
	for h.now.Before(began.Add(48 * time.Hour)) {
		h.send()
		h.now = h.now.Add(30 * time.Minute)
	}
	d := h.log()[0]
	if lasted := d.Ended.Sub(began); d.State != comity.DeliveryGivenUp || lasted < 20*time.Hour || lasted > 28*time.Hour {
		t.Errorf("given up after %s: %+v", lasted, d)
	}
	h.to.answers(http.StatusOK)
	h.must(h.store.Redeliver(t.Context(), comity.ViewerOf(h.anna), h.id, d.Seq, h.now))
	before := len(h.to.received())
	if n := h.send(); n != before+1 || h.log()[0].State != comity.DeliverySent || h.log()[0].Message != d.Message {
		t.Errorf("sent again by hand: %d requests, %+v", n-before, h.log()[0])
	}

	h.to.answers(http.StatusGone)
	h.action(h.alan, "Three", comity.AudienceGroup, comity.TLPGreen)
	h.send()
	w, err := h.store.Webhook(t.Context(), comity.ViewerOf(h.anna), h.id)
	h.must(err)
	if w.Disabled.IsZero() || w.Why != comity.WebhookGone {
		t.Errorf("an address that is gone: %+v", w)
	}
	h.action(h.alan, "Four", comity.AudienceGroup, comity.TLPGreen)
	count := len(h.to.received())
	if n := h.send(); n != count {
		t.Error("a webhook that is switched off is told")
	}
	h.must(h.store.SwitchWebhook(t.Context(), comity.ViewerOf(h.anna), h.id, true, h.now))
	h.send()
	if n := h.send(); n != count {
		t.Error("a webhook that is switched on again is told what was before")
	}
}

// dying is a store whose process dies before it notes what became of a delivery.
type dying struct{ MessengerStore }

func (dying) EndDelivery(context.Context, comity.Viewer, comity.Delivery, bool) error { panic(death{}) }

// TestWebhookAtLeastOnce kills the process after the request: the message comes again, as the same.
func TestWebhookAtLeastOnce(t *testing.T) {
	h := newHooked(t)
	h.action(h.alan, "One", comity.AudienceGroup, comity.TLPGreen)
	h.messenger(dying{h.store}).look(t.Context())
	if n := h.send(); n != 1 {
		t.Errorf("%d requests while the dead process may be at work", n)
	}
	h.now = h.now.Add(lease)
	if n := h.send(); n != 2 || h.to.ids[0] != h.to.ids[1] || h.to.received()[0] != h.to.received()[1] {
		t.Errorf("%d requests as %v", n, h.to.ids)
	}
}

// TestWebhookLosesItsPerson takes the rights from who set it up: it is told nothing more.
func TestWebhookLosesItsPerson(t *testing.T) {
	for name, take := range map[string]func(h *hooked) error{
		"deactivated": func(h *hooked) error { return h.store.DeactivatePerson(t.Context(), courierSystem, h.anna.ID, h.now) },
		"analyst": func(h *hooked) error {
			return h.store.ChangePerson(t.Context(), courierSystem, h.anna.ID, "anna", comity.RolesOf(comity.RoleAnalyst))
		},
	} {
		h := newHooked(t)
		h.must(take(h))
		h.action(h.alan, "One", comity.AudienceGroup, comity.TLPGreen)
		if n := h.send(); n != 0 {
			t.Errorf("%s: %d requests", name, n)
		}
	}
}

func TestManyMessengers(t *testing.T) {
	h := newHooked(t)
	h.action(h.alan, "One", comity.AudienceGroup, comity.TLPGreen)
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() { h.messenger(h.store).look(t.Context()) })
	}
	running.Wait()
	if n := h.send(); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
}
