package auth

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"comity"
)

// ConfirmedFor is how long a password that was asked for counts, before what is dangerous asks for it again.
const ConfirmedFor = 15 * time.Minute

// Session returns the session of a request's cookie; NotFound without one, or with one that is over.
func (a *Auth) Session(ctx context.Context, r *http.Request) (comity.Session, error) {
	cookie, err := r.Cookie(a.CookieName())
	if err != nil {
		return comity.Session{}, comity.Errorf(comity.NotFound, "no session")
	}
	s, _, err := a.store.SessionByHash(ctx, comity.System("auth: session"), hashOf(cookie.Value), a.o.Now())
	return s, err
}

// Confirmed reports whether the password was asked for in this session within the last 15 minutes. A request with a token
// never is.
func (a *Auth) Confirmed(ctx context.Context, r *http.Request) (bool, error) {
	if r.Header.Get("Authorization") != "" {
		return false, nil
	}
	s, err := a.Session(ctx, r)
	if err != nil && comity.KindOf(err) == comity.NotFound {
		return false, nil
	}
	return err == nil && a.o.Now().Sub(s.Confirmed) <= ConfirmedFor, err
}

// Confirm checks the password of the person who is signed in, and records in their session that it was right. A wrong one
// is Unauthorized; tries count as those of signing in do.
func (a *Auth) Confirm(ctx context.Context, r *http.Request, person comity.Person, password, remote string) error {
	s, err := a.Session(ctx, r)
	if err != nil {
		return err
	}
	if err := a.CheckOwn(ctx, person, password, remote); err != nil {
		return err
	}
	return a.store.ConfirmSession(ctx, comity.System("auth: confirm"), s.ID, a.o.Now())
}

// CheckOwn checks the password of a person who is signed in: a wrong one is Unauthorized, too many tries are TooMany.
func (a *Auth) CheckOwn(ctx context.Context, person comity.Person, password, remote string) error {
	v := comity.System("auth: check password")
	if err := a.throttle(ctx, v, person.Email, remote); err != nil {
		return err
	}
	_, hash, err := a.credential(ctx, v, person.Email)
	if err != nil {
		return err
	}
	right, err := verify(ctx, hash, password)
	if err != nil {
		return fmt.Errorf("check password: %w", err)
	}
	if !right {
		return errSignIn
	}
	return a.forgive(ctx, v, person.Email, remote)
}
