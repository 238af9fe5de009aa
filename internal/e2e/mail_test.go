package e2e

import (
	"fmt"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"comity/internal/testkit"
)

var mailLink = regexp.MustCompile(`List-Unsubscribe: <http://127\.0\.0\.1:\d+(/unsubscribe/[A-Za-z0-9_-]+)>`)

// TestMail has a new group send a mail through a real mail server, and follows the link in it without signing in.
func TestMail(t *testing.T) {
	post := testkit.OpenPost(t, testkit.PostPlain)
	address := freeAddress(t)
	base, link := serveEmpty(t, "--addr", address, "--public-url", "http://"+address,
		"--smtp-host", "127.0.0.1", "--smtp-port", fmt.Sprint(post.Port), "--smtp-tls", "none", "--smtp-from", "comity@one.example")
	b := open(t, &demonstration{access: access{Base: base}}, setting{language: "en"})
	b.visit(link)
	for name, value := range map[string]string{
		"group_name": "Interest Group", "group_acronym": "XIG", "organization": "First organisation", "acronym": "X-ONE",
		"person": "Chief, Information Security", "email": "ciso@one.example", "password": "a lamp behind nine green doors",
	} {
		b.fill("[name="+name+"]", value)
	}
	b.submit("main form button")
	b.visit("/account/notifications")
	b.submit("form[action='/account/notifications/test'] button")
	raw := awaitMail(t, post)
	m := mailLink.FindStringSubmatch(raw)
	if m == nil {
		t.Fatalf("no link in\n%s", raw)
	}
	stranger := open(t, &demonstration{access: access{Base: base}}, setting{language: "ar"})
	stranger.visit(m[1])
	look(t, stranger, "ar", "/unsubscribe/{token}")
	stranger.submit("main form button")
	stranger.set(setting{language: "ar", width: 320, dark: true})
	stranger.accessible(t)
	stranger.fits(t)
	b.visit("/account/notifications")
	b.wants("form[action='/account/notifications/resume'] button")
	b.submit("form[action='/account/notifications/feeds'] button")
	b.set(setting{width: 320})
	b.accessible(t)
	b.fits(t)
}

// freeAddress returns an address of this machine on which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// awaitMail returns the first mail that comes.
func awaitMail(t *testing.T, post *testkit.Post) string {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
		if mails := post.Mails(); len(mails) > 0 {
			return strings.ReplaceAll(mails[0], "\r\n ", "")
		}
		<-time.After(50 * time.Millisecond)
	}
	t.Fatal("no mail came")
	return ""
}
