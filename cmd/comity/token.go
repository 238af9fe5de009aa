package main

import (
	"crypto/rand"
	"fmt"
	"io"
	"time"

	"comity"
	"comity/auth"
	"comity/storage"
)

// tokenCmd is about tokens, with which programs act for a person through the API.
type tokenCmd struct {
	Create tokenCreate `cmd:"" help:"Make a token for a person, printed once."`
	List   tokenList   `cmd:"" help:"List the tokens of a person."`
	Revoke tokenRevoke `cmd:"" help:"Revoke a token."`
}

// tokenCreate makes one.
type tokenCreate struct {
	Email    string `arg:"" help:"E-mail address of the person for whom programs act."`
	Name     string `help:"What it is for." required:"" placeholder:"NAME"`
	Days     int    `help:"For how many days it works, at most 365." default:"90"`
	ReadOnly bool   `help:"It changes nothing, whatever the person may."`
	storeFlags
	outputFlags
}

// madeToken is what is printed of a new token, once.
type madeToken struct {
	Email   string    `json:"email"`
	Name    string    `json:"name"`
	Token   string    `json:"token"`
	Expires time.Time `json:"expires"`
}

// Run makes the token.
func (c *tokenCreate) Run(a *app) error {
	if c.Days < 1 || c.Days > 365 {
		return comity.Errorf(comity.Invalid, "--days %d: from 1 to 365", c.Days)
	}
	return c.with(a.ctx, func(s *storage.Store) error {
		p, err := personByEmail(a.ctx, s, comity.System("comity token create"), c.Email)
		if err != nil {
			return err
		}
		made := madeToken{Email: p.Email, Name: c.Name, Expires: utcNow().AddDate(0, 0, c.Days)}
		made.Token, err = auth.New(s, auth.Options{Now: utcNow, Entropy: rand.Reader}).MakeToken(a.ctx, p.ID, auth.TokenOptions{
			Name: c.Name, Expires: made.Expires, ReadOnly: c.ReadOnly,
		})
		if err != nil {
			return err
		}
		return a.print(c.outputFlags, made, func(w io.Writer) {
			fmt.Fprintf(w, "Programs act for %s until %s with the token\n\n    %s\n\nwhich is not shown again.\n", p.Email, comity.DateOf(made.Expires), made.Token)
		})
	})
}

// tokenList lists them.
type tokenList struct {
	Email string `arg:"" help:"E-mail address of the person for whom programs act."`
	storeFlags
	outputFlags
}

// Run lists the tokens, oldest first.
func (c *tokenList) Run(a *app) error {
	return c.with(a.ctx, func(s *storage.Store) error {
		v := comity.System("comity token list")
		p, err := personByEmail(a.ctx, s, v, c.Email)
		if err != nil {
			return err
		}
		tokens, err := s.Tokens(a.ctx, v, p.ID)
		if err != nil {
			return err
		}
		return a.print(c.outputFlags, tokens, func(w io.Writer) {
			for _, t := range tokens {
				fmt.Fprintf(w, "%s  made %s  used %s  until %s  %s\n", t.ID, comity.DateOf(t.Created), dayOr(t.Seen, "never"), dayOr(t.Expires, "revoked"), t.Name)
			}
		})
	})
}

// dayOr writes the day of a time, and otherwise for none.
func dayOr(t time.Time, otherwise string) string {
	if t.IsZero() {
		return otherwise
	}
	return comity.DateOf(t).String()
}

// tokenRevoke revokes one.
type tokenRevoke struct {
	ID string `arg:"" help:"Identity of the token, tok_…, as \"comity token list\" shows it."`
	storeFlags
}

// Run revokes the token; one that is not there is no error.
func (c *tokenRevoke) Run(a *app) error {
	id, err := comity.ParseTokenID(c.ID)
	if err != nil {
		return err
	}
	return c.with(a.ctx, func(s *storage.Store) error {
		return s.DeleteToken(a.ctx, comity.System("comity token revoke"), id)
	})
}
