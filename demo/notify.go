package demo

import (
	"time"

	"comity"
)

// Notified is what X-OCO was told outside these pages: its ticketing by a webhook, and its chief by mail.
type Notified struct {
	By         comity.Person
	Webhook    comity.Webhook
	Secret     []byte
	Deliveries []comity.Delivery // in the order in which they were made; each ended
	Mails      []comity.Notice   // to By, in the order in which they were made; each ended
}

// notified tells of a webhook that was down for an hour, and of mails.
func (t *teller) notified() Notified {
	const acronym = "X-OCO"
	ciso := t.person(acronym, "Chief, Information Security, "+acronym, "ciso", comity.RoleFocalPoint)
	at := func(daysAgo, hour, minute int) time.Time {
		return t.day.AddDays(-daysAgo).Time().Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	}
	secret := t.entropy("webhook secret", acronym)
	n := Notified{By: ciso, Secret: secret[:], Webhook: comity.Webhook{
		ID: comity.MakeWebhookID(t.entropy("webhook", acronym)), Org: t.orgID(acronym), Name: "Ticketing", Address: "https://tickets.x-oco.example/comity",
		Topics: []comity.Topic{comity.TopicExposure, comity.TopicActions}, Created: at(30, 9, 0),
	}}
	delivery := func(created time.Time, message string, d comity.Delivery) {
		d.Webhook, d.Message, d.Created, d.Next = n.Webhook.ID, message, created, created
		d.Body = `{"type":"news.` + d.Body + `","timestamp":"` + created.Format(time.RFC3339) + `","data":{"group":"MISSIG","webhook":"` + string(n.Webhook.ID) +
			`","total":1,"tlp":"TLP:CLEAR","news":[]}}`
		n.Deliveries = append(n.Deliveries, d)
	}
	delivery(at(30, 9, 2), "msg_demo1", comity.Delivery{State: comity.DeliverySent, Status: 204, Attempts: 1, Ended: at(30, 9, 2), Body: "test"})
	delivery(at(12, 14, 30), "msg_demo2", comity.Delivery{State: comity.DeliverySent, Status: 204, Attempts: 4, Ended: at(12, 15, 51), Body: "actions"})
	delivery(at(6, 8, 10), "msg_demo3", comity.Delivery{State: comity.DeliveryGivenUp, Status: 503, Attempts: 8, Ended: at(5, 6, 31), Problem: "it answers 503 Service Unavailable", Body: "exposure"})
	delivery(at(2, 11, 4), "msg_demo4", comity.Delivery{State: comity.DeliverySent, Status: 204, Attempts: 1, Ended: at(2, 11, 4), Body: "exposure"})
	window := map[comity.Topic]comity.Window{comity.TopicActions: {}}
	n.Mails = []comity.Notice{
		{State: comity.NoticeSent, Windows: window, Created: at(14, comity.DigestHour, 0), Ended: at(14, comity.DigestHour, 1), Attempts: 1},
		{State: comity.NoticeRefused, Windows: window, Created: at(7, comity.DigestHour, 0), Ended: at(7, comity.DigestHour, 1), Attempts: 1, Problem: "552 mailbox full"},
		{State: comity.NoticeSent, Windows: window, Created: at(1, comity.DigestHour, 0), Ended: at(1, comity.DigestHour, 1), Attempts: 1},
	}
	return n
}
