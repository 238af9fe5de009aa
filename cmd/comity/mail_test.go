package main

import (
	"strings"
	"testing"
	"time"

	"comity"
	"comity/internal/testkit"
	"comity/storage/storagetest"
)

func TestMailFlags(t *testing.T) {
	fine := mailFlags{SMTPHost: "mail.example.org", SMTPTLS: "starttls", SMTPFrom: "comity@example.org"}
	at := site{base: "https://comity.example"}
	if post, err := fine.post(at); err != nil || post.Address() != "mail.example.org:587" {
		t.Errorf("got %v, %v", post, err)
	}
	if post, err := (mailFlags{SMTPTLS: "starttls"}).post(at); post != nil || err != nil {
		t.Errorf("no mail server: got %v, %v", post, err)
	}
	for name, test := range map[string]struct {
		change func(*mailFlags)
		at     site
		says   string
	}{
		"in part":         {func(f *mailFlags) { f.SMTPHost = "" }, at, "smtp-host"},
		"no sender":       {func(f *mailFlags) { f.SMTPFrom = "" }, at, "smtp-from"},
		"in the clear":    {func(f *mailFlags) { f.SMTPTLS = "none" }, at, "without TLS"},
		"no password":     {func(f *mailFlags) { f.SMTPUser = "comity" }, at, "belong together"},
		"links lead away": {func(*mailFlags) {}, site{}, "--public-url"},
	} {
		f := fine
		test.change(&f)
		if _, err := f.post(test.at); comity.KindOf(err) != comity.Invalid || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %v, want that it says %q", name, err, test.says)
		}
	}
}

// TestDoctorMail looks at mail that is not set up, that works, that can't be reached, and that is set up wrong.
func TestDoctorMail(t *testing.T) {
	plain := testkit.OpenPost(t, testkit.PostPlain)
	listen := listenFlags{Addr: "127.0.0.1:8080", PublicURL: "http://127.0.0.1:8080"}
	flags := mailFlags{SMTPHost: "127.0.0.1", SMTPPort: plain.Port, SMTPTLS: "none", SMTPFrom: "comity@example.org"}
	gone, secret := flags, flags
	gone.SMTPPort = 1
	secret.SMTPUser, secret.SMTPPassword = "comity", "guess"
	for name, test := range map[string]struct {
		flags mailFlags
		want  verdict
	}{
		"none": {mailFlags{SMTPTLS: "starttls"}, good}, "works": {flags, good}, "gone": {gone, fail}, "no way in": {secret, fail},
		"wrong": {mailFlags{SMTPHost: "mail.example.org", SMTPTLS: "none"}, fail},
	} {
		c := doctorCmd{listenFlags: listen, mailFlags: test.flags}
		if f := c.mailing(t.Context()); f.Verdict != test.want || (f.Verdict == fail) && f.Do == "" || strings.Contains(f.Found+f.Do, "guess") {
			t.Errorf("%s: got %+v, want %s", name, f, test.want)
		}
	}
	if n := len(plain.Mails()); n != 0 {
		t.Errorf("the doctor sent %d mails", n)
	}
}

func TestDoctorNotices(t *testing.T) {
	s := storagetest.Fresh(t)
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	system := comity.System("test")
	if f := notices(t.Context(), s, now); f.Verdict != good {
		t.Errorf("no mails: got %+v", f)
	}
	o := comity.Organization{ID: comity.MakeOrgID(comity.Entropy{1}), Acronym: "X-OCO", Name: "Ocean Observatory", Kind: comity.KindMember}
	p := comity.Person{ID: comity.MakePersonID(comity.Entropy{1}), Org: o.ID, Name: "Focal point", Email: "ciso@x-oco.example", Roles: comity.RolesOf(comity.RoleFocalPoint)}
	for _, err := range []error{
		s.PutOrganization(t.Context(), system, o), s.PutPerson(t.Context(), system, p), s.AskTestMail(t.Context(), comity.ViewerOf(p), now),
		s.EndNotice(t.Context(), system, comity.Notice{Seq: 1, State: comity.NoticeRefused, Ended: now}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if f := notices(t.Context(), s, now.AddDate(0, 0, 1)); f.Verdict != warn || !strings.Contains(f.Found, "1 were refused") {
		t.Errorf("a bounce: got %+v", f)
	}
	if f := notices(t.Context(), s, now.AddDate(0, 0, 8)); f.Verdict != good {
		t.Errorf("a bounce of the week before: got %+v", f)
	}
}
