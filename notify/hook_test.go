package notify

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"comity"
)

// TestSignature signs the vector that the libraries of Standard Webhooks test with (version 1.0.0).
func TestSignature(t *testing.T) {
	secret, err := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	got := Headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	for name, want := range map[string]string{
		"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
		"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
	} {
		if got[name] != want {
			t.Errorf("%s: got %q, want %q", name, got[name], want)
		}
	}
	if Secret(secret) != "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" {
		t.Errorf("secret: got %q", Secret(secret))
	}
}

func TestPayload(t *testing.T) {
	page := comity.NewsPage{Total: 3, News: []comity.News{
		{Event: comity.NewsAction, Subject: "act_1", Title: "Open \"guidance\"", TLP: comity.TLPGreen, Count: 1},
		{Event: comity.NewsAction, Subject: "act_2", Title: "Hush", TLP: comity.TLPAmber, Count: 1},
		{Event: comity.NewsAction, Subject: "act_3", Title: "Hush", Count: 1},
	}}
	body, err := Payload(comity.Group{Acronym: "MISSIG"}, "https://comity.example", "whk_1", Section{comity.TopicActions, page}, since)
	if err != nil {
		t.Fatal(err)
	}
	var p payload
	if err := json.Unmarshal(body, &p); err != nil {
		t.Fatal(err)
	}
	if p.Type != "news.actions" || !p.Timestamp.Equal(since) || p.Data.Total != 3 || p.Data.TLP != "TLP:GREEN" || len(p.Data.News) != 3 || strings.Contains(string(body), "Hush") {
		t.Errorf("got %s", body)
	}
	if n := p.Data.News[0]; n.Title != `Open "guidance"` || n.URL != "https://comity.example/actions/act_1" || n.TLP != "TLP:GREEN" {
		t.Errorf("got %+v", n)
	}
}
