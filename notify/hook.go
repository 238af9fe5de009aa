package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"comity"
)

// SecretPrefix stands before the secret of a webhook where people see it.
const SecretPrefix = "whsec_"

// Secret returns the secret of a webhook as people enter it into the program that receives.
func Secret(raw []byte) string { return SecretPrefix + base64.StdEncoding.EncodeToString(raw) }

// Headers returns the headers of a request to a webhook: its identity, the moment of the attempt, and the signature of both
// and the body with the secret.
//
// Source: Standard Webhooks 1.0.0, "Webhook metadata" and "Symmetric signatures", https://www.standardwebhooks.com.
func Headers(secret []byte, message string, at time.Time, body []byte) map[string]string {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(message + "." + stamp + "."))
	mac.Write(body)
	return map[string]string{
		"webhook-id": message, "webhook-timestamp": stamp, "webhook-signature": "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)),
	}
}

// NewMessage returns the identity of a new message to a webhook.
func NewMessage(entropy io.Reader) (string, error) {
	raw := make([]byte, 15)
	if _, err := io.ReadFull(entropy, raw); err != nil {
		return "", fmt.Errorf("read entropy: %w", err)
	}
	return "msg_" + strings.ToLower(base32.StdEncoding.EncodeToString(raw)), nil
}

// TestTopic is the topic of a delivery that somebody asked for to see whether it arrives.
const TestTopic comity.Topic = "test"

// payload is the body of a request to a webhook.
type payload struct {
	Type      string      `json:"type"` // "news." and the topic
	Timestamp time.Time   `json:"timestamp"`
	Data      payloadData `json:"data"`
}

type payloadData struct {
	Group   string        `json:"group"`
	Webhook string        `json:"webhook"`
	Total   int           `json:"total"`
	TLP     string        `json:"tlp"` // of this message: the narrowest label of a title in it
	News    []payloadNews `json:"news"`
}

type payloadNews struct {
	Event   comity.NewsEvent `json:"event"`
	Subject string           `json:"subject,omitempty"`
	Title   string           `json:"title,omitempty"`
	TLP     string           `json:"tlp"`
	Count   int              `json:"count"`
	URL     string           `json:"url"`
}

// Payload writes what a webhook is told of one topic. Titles follow the rule of mails: the request passes through whatever
// the receiver has between, and logs of deliveries keep it.
func Payload(group comity.Group, base string, id comity.WebhookID, s Section, at time.Time) ([]byte, error) {
	p := payload{
		Type: "news." + string(s.Topic), Timestamp: at.UTC(),
		Data: payloadData{Group: line(group.Acronym), Webhook: string(id), Total: s.Page.Total, News: []payloadNews{}},
	}
	tlp := comity.TLPClear
	for _, n := range s.Page.News {
		one := payloadNews{Event: n.Event, Subject: n.Subject, TLP: n.TLP.String(), Count: n.Count, URL: base + Path(n)}
		if Titled(n) {
			one.Title, tlp = line(n.Title), comity.Strictest(tlp, n.TLP)
		}
		p.Data.News = append(p.Data.News, one)
	}
	p.Data.TLP = tlp.String()
	body, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("write payload: %w", err)
	}
	return body, nil
}
