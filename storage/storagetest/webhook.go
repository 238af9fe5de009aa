package storagetest

import (
	"fmt"
	"testing"
	"time"

	"comity"
)

// webhook is a webhook of an organisation, told of action items.
func webhook(o comity.Organization, name string) comity.Webhook {
	return comity.Webhook{
		ID: comity.MakeWebhookID(entropy(o.Acronym + name)), Org: o.ID, Name: name, Address: "https://hook.example/in", Topics: []comity.Topic{comity.TopicActions}, Created: now,
	}
}

// testWebhooks follows a webhook and what it is sent.
func testWebhooks(t *testing.T, s *stage) {
	anna := s.as(t, s.a, comity.RoleFocalPoint)
	w := webhook(s.a, "Ticketing")
	must(t, s.PutWebhook(s.ctx, anna, w, []byte("hush")))
	got, err := s.Webhook(s.ctx, anna, w.ID)
	must(t, err)
	w.By = anna.Person()
	same(t, "webhook", got, w)

	subs, err := s.WebhookSubscribers(s.ctx, system)
	must(t, err)
	if len(subs) != 1 || !subs[0].Reader.SeesProfile(s.a.ID) || subs[0].Reader.Writes() || subs[0].Reader.Person() == anna.Person() {
		t.Fatalf("subscribers: got %+v", subs)
	}
	d := comity.Delivery{Webhook: w.ID, Message: "msg_1", Body: "{}", Created: now}
	subs[0].Told = map[comity.Topic]comity.Place{comity.TopicActions: {Log: 3}}
	must(t, s.ClaimDeliveries(s.ctx, system, subs[0], []comity.Delivery{d}))
	wantKind(t, "the same claim again", s.ClaimDeliveries(s.ctx, system, subs[0], []comity.Delivery{d}), comity.Conflict)

	due, err := s.DueDeliveries(s.ctx, system, now, 10)
	must(t, err)
	if len(due) != 1 || string(due[0].Secret) != "hush" || due[0].Address != w.Address || due[0].Message != "msg_1" {
		t.Fatalf("due: got %+v", due)
	}
	wantKind(t, "send again what waits", s.Redeliver(s.ctx, anna, w.ID, due[0].Seq, now), comity.Conflict)
	must(t, s.BeginDelivery(s.ctx, system, due[0].Delivery, now.Add(time.Minute)))
	wantKind(t, "begin twice", s.BeginDelivery(s.ctx, system, due[0].Delivery, now.Add(time.Minute)), comity.Conflict)
	end := due[0].Delivery
	end.State, end.Status, end.Ended = comity.DeliveryGivenUp, 410, now
	must(t, s.EndDelivery(s.ctx, system, end, true))
	wantKind(t, "end twice", s.EndDelivery(s.ctx, system, end, false), comity.Conflict)
	got, err = s.Webhook(s.ctx, anna, w.ID)
	must(t, err)
	if got.Why != comity.WebhookGone || !got.Disabled.Equal(now) {
		t.Errorf("gone: got %+v", got)
	}
	wantKind(t, "send to what is switched off", s.Redeliver(s.ctx, anna, w.ID, end.Seq, now), comity.Conflict)
	wantKind(t, "test what is switched off", s.AskDelivery(s.ctx, anna, d), comity.Conflict)
	must(t, s.SwitchWebhook(s.ctx, anna, w.ID, true, now))
	must(t, s.Redeliver(s.ctx, anna, w.ID, end.Seq, now))
	must(t, s.AskDelivery(s.ctx, anna, comity.Delivery{Webhook: w.ID, Message: "msg_2", Body: "{}", Created: now}))
	page, err := s.Deliveries(s.ctx, anna, w.ID, 10, 0)
	must(t, err)
	if page.Total != 2 || page.Deliveries[0].Message != "msg_2" || page.Deliveries[1].Attempts != 0 {
		t.Errorf("log: got %+v", page)
	}
	for i := 1; i < comity.MaxWebhooks; i++ {
		must(t, s.PutWebhook(s.ctx, anna, webhook(s.a, fmt.Sprint("Number ", i)), []byte("hush")))
	}
	wantKind(t, "one too many", s.PutWebhook(s.ctx, anna, webhook(s.a, "Eleven"), []byte("hush")), comity.Conflict)
	wantKind(t, "delete what works", s.DeleteWebhook(s.ctx, anna, w.ID), comity.Conflict)
	must(t, s.SwitchWebhook(s.ctx, anna, w.ID, false, now))
	must(t, s.DeleteWebhook(s.ctx, anna, w.ID))
	wantKind(t, "deleted", second(s.Webhook(s.ctx, anna, w.ID)), comity.NotFound)
	if due, err := s.DueDeliveries(s.ctx, system, now, 10); err != nil || len(due) != 0 {
		t.Errorf("what waited for it: got %v, %v", due, err)
	}
	for what, change := range map[string]func(*comity.Webhook){
		"no name": func(w *comity.Webhook) { w.Name = " " }, "http": func(w *comity.Webhook) { w.Address = "http://hook.example" },
		"password": func(w *comity.Webhook) { w.Address = "https://a:b@hook.example" }, "no topic": func(w *comity.Webhook) { w.Topics = nil },
		"unknown topic": func(w *comity.Webhook) { w.Topics = []comity.Topic{"gossip"} }, "no host": func(w *comity.Webhook) { w.Address = "https:///x" },
	} {
		w := webhook(s.a, what)
		change(&w)
		wantKind(t, what, s.PutWebhook(s.ctx, anna, w, []byte("hush")), comity.Invalid)
	}
}

// testWebhookSeparation looks at a webhook of organisation A as everybody who does not keep it.
func testWebhookSeparation(t *testing.T, s *stage) {
	anna := s.as(t, s.a, comity.RoleFocalPoint)
	w := webhook(s.a, "Ticketing")
	must(t, s.PutWebhook(s.ctx, anna, w, []byte("hush")))
	must(t, s.AskDelivery(s.ctx, anna, comity.Delivery{Webhook: w.ID, Message: "msg_1", Body: "{}", Created: now}))
	others := []comity.Viewer{{}, system}
	for _, o := range []comity.Organization{s.a, s.b, s.observer, s.parent} {
		for _, role := range comity.AllRoles {
			if v := s.as(t, o, role); !v.KeepsWebhooks(s.a.ID) {
				others = append(others, v)
			}
		}
	}
	if want := 2 + 4*len(comity.AllRoles) - 2; len(others) != want {
		t.Errorf("%d viewers keep no webhook of A, want %d: all but its focal point and alternate", len(others), want)
	}
	for _, v := range others {
		for what, err := range map[string]error{
			"list":       second(s.Webhooks(s.ctx, v, s.a.ID)),
			"webhook":    second(s.Webhook(s.ctx, v, w.ID)),
			"put":        s.PutWebhook(s.ctx, v, webhook(s.a, "other"), nil),
			"switch":     s.SwitchWebhook(s.ctx, v, w.ID, false, now),
			"delete":     s.DeleteWebhook(s.ctx, v, w.ID),
			"ask":        s.AskDelivery(s.ctx, v, comity.Delivery{Webhook: w.ID}),
			"redeliver":  s.Redeliver(s.ctx, v, w.ID, 1, now),
			"deliveries": second(s.Deliveries(s.ctx, v, w.ID, 10, 0)),
		} {
			wantKind(t, fmt.Sprint(v.Roles().Names(), " of ", v.Org(), ": ", what), err, comity.NotFound)
		}
	}
	for what, err := range map[string]error{
		"subscribers": second(s.WebhookSubscribers(s.ctx, anna)),
		"claim":       s.ClaimDeliveries(s.ctx, anna, comity.WebhookSubscriber{}, nil),
		"due":         second(s.DueDeliveries(s.ctx, anna, now, 10)),
		"begin":       s.BeginDelivery(s.ctx, anna, comity.Delivery{}, now),
		"end":         s.EndDelivery(s.ctx, anna, comity.Delivery{}, false),
	} {
		wantKind(t, what, err, comity.NotFound)
	}
	wantKind(t, "to read only", s.SwitchWebhook(s.ctx, anna.ReadingOnly(), w.ID, false, now), comity.Forbidden)
}
