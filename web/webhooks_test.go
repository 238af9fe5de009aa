package web

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"comity"
	"comity/notify"
)

var webhookLink = regexp.MustCompile(`href="(/organization/webhooks/whk_[a-z0-9]+)"`)

var newWebhook = url.Values{"name": {"Ticketing"}, "address": {"https://hook.example/in"}, "topic": {"actions", "releases"}}

// hook makes a webhook on the page and returns its path and its secret.
func (d *desk) hook(who string) (path, secret string) {
	d.t.Helper()
	page := d.post(who, webhooksPath, newWebhook).want(http.StatusOK, "whsec_")
	_, rest, _ := strings.Cut(html.UnescapeString(page.Body), notify.SecretPrefix)
	secret, _, _ = strings.Cut(rest, "<")
	list := d.get(who, webhooksPath).want(http.StatusOK, "Ticketing")
	if strings.Contains(list.Body, secret) {
		d.t.Error("the secret is shown again")
	}
	links := webhookLink.FindAllStringSubmatch(list.Body, -1)
	return links[len(links)-1][1], notify.SecretPrefix + secret
}

func TestWebhookPages(t *testing.T) {
	d := full(t)
	d.get("anna", webhooksPath).want(http.StatusOK, "no webhook yet")
	path, secret := d.hook("anna")
	d.get("anna", path).want(http.StatusOK, "https://hook.example/in", "Nothing was sent yet")
	d.post("anna", path+"/test", nil).want(http.StatusSeeOther)
	due, err := d.store.DueDeliveries(t.Context(), deskSystem, d.now, 10)
	d.must(err)
	if len(due) != 1 || notify.Secret(due[0].Secret) != secret {
		t.Fatalf("got %+v, want one signed by %s", due, secret)
	}
	var p struct{ Type string }
	if err := json.Unmarshal([]byte(due[0].Body), &p); err != nil || p.Type != "news.test" {
		t.Errorf("test: got %s, %v", due[0].Body, err)
	}
	page := d.get("anna", path).want(http.StatusOK, "Waiting", due[0].Message, "0 attempts")
	if strings.Contains(page.Body, secret[len(notify.SecretPrefix):]) {
		t.Error("the secret is shown again")
	}
	one := due[0].Delivery
	one.State, one.Status, one.Problem, one.Ended = comity.DeliveryGivenUp, 503, "it answers <b>503</b>", d.now
	d.must(d.store.EndDelivery(t.Context(), deskSystem, one, false))
	d.get("anna", path).want(http.StatusOK, "Given up", "HTTP 503", "&lt;b&gt;503", "Send again")
	d.inEveryLanguage("anna", webhooksPath, path)
	resend := path + "/deliveries/1"
	d.post("anna", resend, nil).want(http.StatusSeeOther)
	d.get("anna", path).want(http.StatusOK, "Waiting")
	d.post("anna", path+"/switch", nil).want(http.StatusSeeOther)
	d.get("anna", path).want(http.StatusOK, "Switch on")
	d.post("anna", path+"/switch", url.Values{"on": {"1"}}).want(http.StatusSeeOther)
	d.post("anna", path+"/delete", nil).want(http.StatusSeeOther)
	d.get("anna", path).want(http.StatusOK)
	d.post("anna", path+"/switch", nil).want(http.StatusSeeOther)
	d.post("anna", path+"/delete", nil).want(http.StatusSeeOther)
	if got := d.get("anna", path).Status; got != http.StatusNotFound {
		t.Errorf("deleted: status %d", got)
	}
}

func TestWebhookForms(t *testing.T) {
	d := full(t)
	for name, change := range map[string]func(url.Values){
		"no name":      func(v url.Values) { v.Set("name", "") },
		"http":         func(v url.Values) { v.Set("address", "http://hook.example") },
		"a script":     func(v url.Values) { v.Set("address", "javascript:alert(1)") },
		"a password":   func(v url.Values) { v.Set("address", "https://a:b@hook.example") },
		"no topic":     func(v url.Values) { v.Del("topic") },
		"not theirs":   func(v url.Values) { v.Set("topic", "intake") },
		"two lines":    func(v url.Values) { v.Set("name", "a\nb") },
		"other fields": func(v url.Values) { v.Set("secret", "mine") },
	} {
		v := url.Values{"name": {"Ticketing"}, "address": {"https://hook.example/in"}, "topic": {"actions"}}
		change(v)
		if got := d.post("anna", webhooksPath, v).Status; got != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d", name, got)
		}
	}
	for range comity.MaxWebhooks {
		d.post("anna", webhooksPath, newWebhook).want(http.StatusOK)
	}
	d.post("anna", webhooksPath, newWebhook).want(http.StatusSeeOther)
	list, err := d.store.Webhooks(t.Context(), comity.ViewerOf(d.people["anna"]), d.a.ID)
	d.must(err)
	if len(list) != comity.MaxWebhooks {
		t.Errorf("%d webhooks, want at most %d", len(list), comity.MaxWebhooks)
	}
}

// TestWebhookRoles tries every page and act on a webhook of organisation A as everybody.
func TestWebhookRoles(t *testing.T) {
	d := full(t)
	path, _ := d.hook("anna")
	d.post("anna", path+"/test", nil).want(http.StatusSeeOther)
	other, _ := d.hook("bert")
	for _, who := range everybody {
		forbidden := http.StatusForbidden
		if who == "" {
			forbidden = http.StatusUnauthorized
		}
		keeps := slices.Contains([]string{"anna", "bert"}, who)
		if who != "" {
			if got := d.get(who, webhooksPath).Status; (got == http.StatusOK) != keeps {
				t.Errorf("%s, list: status %d", who, got)
			}
		}
		if who == "anna" {
			continue
		}
		want := forbidden
		if keeps {
			want = http.StatusNotFound
		}
		for _, act := range []string{"/switch", "/test", "/delete", "/deliveries/1"} {
			if got := d.post(who, path+act, nil).Status; got != want {
				t.Errorf("%q, %s: status %d, want %d", who, act, got, want)
			}
		}
		if who != "" {
			if got := d.get(who, path).Status; got != want {
				t.Errorf("%q looks: status %d, want %d", who, got, want)
			}
		}
	}
	if d.post("bert", other+"/deliveries/1", nil).want(http.StatusSeeOther); d.waiting() != 1 {
		t.Error("a delivery of A was sent again through a webhook of B")
	}
}

// waiting is how many deliveries are due.
func (d *desk) waiting() int {
	d.t.Helper()
	due, err := d.store.DueDeliveries(d.t.Context(), deskSystem, d.now, 100)
	d.must(err)
	return len(due)
}

func TestWebhookOfSomebodyWhoLeft(t *testing.T) {
	d := full(t)
	path, _ := d.hook("anna")
	d.person("alternate", d.a, comity.RoleAlternate)
	d.must(d.store.DeactivatePerson(t.Context(), deskSystem, d.people["anna"].ID, d.now))
	d.get("alternate", path).want(http.StatusOK, "can not see for it any more")
}
