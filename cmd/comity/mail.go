package main

import (
	"context"
	"fmt"
	"time"

	"comity"
	"comity/notify/smtp"
	"comity/storage"
)

// mailFlags say through which mail server people are told what changed.
type mailFlags struct {
	SMTPHost     string `name:"smtp-host" help:"Mail server that takes the group's mail. Without it nobody is told by mail." env:"COMITY_SMTP_HOST" placeholder:"HOST"`
	SMTPPort     int    `name:"smtp-port" help:"Its port; 0 is 587, or 465 where smtp-tls is tls." default:"0" env:"COMITY_SMTP_PORT"`
	SMTPTLS      string `name:"smtp-tls" help:"How the line is protected: starttls, tls (from the first byte), or none to a server on this machine. Without TLS nothing is sent elsewhere." default:"starttls" env:"COMITY_SMTP_TLS"`
	SMTPUser     string `name:"smtp-user" help:"Who signs in at the mail server; empty: nobody." env:"COMITY_SMTP_USER"`
	SMTPPassword string `name:"smtp-password" help:"Password of smtp-user; better a file with it in COMITY_SMTP_PASSWORD_FILE." env:"COMITY_SMTP_PASSWORD"`
	SMTPFrom     string `name:"smtp-from" help:"Address from which mail comes, such as comity@example.org. What can't be delivered comes back to it." env:"COMITY_SMTP_FROM" placeholder:"ADDRESS"`
	SMTPReplyTo  string `name:"smtp-reply-to" help:"Address to which answers go; empty: smtp-from." env:"COMITY_SMTP_REPLY_TO" placeholder:"ADDRESS"`
}

// post returns the mail server of the flags, nil if they name none. Its error is Invalid and says what to do: mail without
// an address of the group leads nowhere.
func (f mailFlags) post(at site) (*smtp.Server, error) {
	if f.SMTPHost == "" {
		if f.SMTPUser != "" || f.SMTPPassword != "" || f.SMTPFrom != "" {
			return nil, comity.Errorf(comity.Invalid, "mail is set up in part: smtp-host must name the mail server")
		}
		return nil, nil //nolint:nilnil // no mail server is a way to run
	}
	if at.base == "" {
		return nil, comity.Errorf(comity.Invalid, "mail has links to the group's pages: --public-url must say where people reach them")
	}
	return smtp.New(smtp.Options{
		Host: f.SMTPHost, Port: f.SMTPPort, TLS: smtp.TLS(f.SMTPTLS), User: f.SMTPUser, Password: f.SMTPPassword,
		From: f.SMTPFrom, ReplyTo: f.SMTPReplyTo,
	})
}

// mailing checks that the mail server can be reached and lets the group in. Nothing is sent.
func (c *doctorCmd) mailing(ctx context.Context) finding {
	const where = "docs/operator.md, \"Mail\", says how."
	at, err := c.site()
	if err != nil {
		return finding{"mail", warn, "not looked at: the address is wrong", ""}
	}
	post, err := c.post(at)
	switch {
	case err != nil:
		return finding{"mail", fail, err.Error(), where}
	case post == nil:
		return finding{"mail", good, "not set up: nobody is told by mail", where}
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	line, err := post.Open(ctx)
	if err == nil {
		err = line.Close()
	}
	if err != nil {
		return finding{"mail", fail, err.Error(), "Is the mail server running, and are the settings smtp_… right? Digests wait, for a day."}
	}
	return finding{"mail", good, post.Address() + " lets us in", ""}
}

// notices tells whether mails of the last week did not arrive.
func notices(ctx context.Context, s *storage.Store, now time.Time) finding {
	counts, err := s.NoticesSince(ctx, comity.System("doctor: does mail arrive"), now.AddDate(0, 0, -7))
	if err != nil {
		return finding{"digests", fail, err.Error(), ""}
	}
	lost := counts[comity.NoticeRefused] + counts[comity.NoticeGivenUp] + counts[comity.NoticeUnknown]
	if lost > 0 {
		return finding{
			"digests", warn, fmt.Sprintf("of the last week %d were refused, %d given up, of %d it is not known", counts[comity.NoticeRefused], counts[comity.NoticeGivenUp], counts[comity.NoticeUnknown]),
			"The log names the people; are their addresses right?",
		}
	}
	return finding{"digests", good, fmt.Sprintf("%d sent in the last week, %d wait", counts[comity.NoticeSent], counts[comity.NoticeWaiting]), ""}
}
