// Package auth says who somebody is: local accounts with argon2id, sessions in a cookie, tokens for programs, and the
// one-time link with which the first person sets a group up. What they may then see and do is not decided here but by
// comity.Viewer. Read [Auth.Viewer] first.
//
// Secrets are random, 256 bits, and only their SHA-256 is kept. There are no default credentials.
package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"comity"
)

// Store is what sign-in needs of the store; *storage.Store satisfies it.
type Store interface {
	PersonByEmail(ctx context.Context, v comity.Viewer, email string) (comity.Person, error)
	Person(ctx context.Context, v comity.Viewer, id comity.PersonID) (comity.Person, error)
	HasPeople(ctx context.Context, v comity.Viewer) (bool, error)
	PutCredential(ctx context.Context, v comity.Viewer, person comity.PersonID, hash string) error
	Credential(ctx context.Context, v comity.Viewer, person comity.PersonID) (string, error)
	PutSession(ctx context.Context, v comity.Viewer, s comity.Session) error
	SessionByHash(ctx context.Context, v comity.Viewer, hash []byte, now time.Time) (comity.Session, comity.Person, error)
	TouchSession(ctx context.Context, v comity.Viewer, id comity.SessionID, now time.Time) error
	DeleteSession(ctx context.Context, v comity.Viewer, id comity.SessionID) error
	DeleteSessions(ctx context.Context, v comity.Viewer, person comity.PersonID) error
	ConfirmSession(ctx context.Context, v comity.Viewer, id comity.SessionID, now time.Time) error
	PutToken(ctx context.Context, v comity.Viewer, t comity.Token) error
	TokenByHash(ctx context.Context, v comity.Viewer, hash []byte, now time.Time) (comity.Token, comity.Person, error)
	TouchToken(ctx context.Context, v comity.Viewer, id comity.TokenID, now time.Time) error
	PutInvitation(ctx context.Context, v comity.Viewer, i comity.Invitation) error
	InvitationByHash(ctx context.Context, v comity.Viewer, hash []byte, now time.Time) (comity.Invitation, error)
	AcceptInvitation(ctx context.Context, v comity.Viewer, hash []byte, p comity.Person, credential string, now time.Time) (comity.Person, error)
	CountAttempt(ctx context.Context, v comity.Viewer, key string, now time.Time, window time.Duration) (int, error)
	ClearAttempts(ctx context.Context, v comity.Viewer, key string) error
	PutSetup(ctx context.Context, v comity.Viewer, hash []byte, expires time.Time) error
	UseSetup(ctx context.Context, v comity.Viewer, hash []byte, now time.Time) error
}

// Options configure sign-in. Now and Entropy are required.
type Options struct {
	Now     func() time.Time
	Entropy io.Reader
	Secure  bool // the site is served over TLS: cookies say so
}

// Auth signs people in. It is safe for concurrent use.
type Auth struct {
	store Store
	o     Options
}

// New returns sign-in over a store.
func New(store Store, o Options) *Auth { return &Auth{store: store, o: o} }

const (
	idle     = 12 * time.Hour     // a session that nobody uses for so long has ended
	absolute = 7 * 24 * time.Hour // and every session after so long
	touch    = 5 * time.Minute    // how exactly use of a session is recorded
	setupFor = 24 * time.Hour

	touchToken = time.Hour // how exactly use of a token is recorded

	tokenPrefix = "cty_"
)

func (a *Auth) secret() (string, error) {
	var raw [32]byte
	if _, err := io.ReadFull(a.o.Entropy, raw[:]); err != nil {
		return "", fmt.Errorf("read entropy: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw[:]), nil
}

func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

func (a *Auth) entropy() (comity.Entropy, error) {
	var e comity.Entropy
	_, err := io.ReadFull(a.o.Entropy, e[:])
	return e, err
}

// errSignIn is the one answer to a wrong address and a wrong password.
var errSignIn = &comity.Error{Kind: comity.Unauthorized, Key: "sign_in", Msg: "the e-mail address or the password is wrong"}

// SignIn checks a password and starts a session, whose cookie value it returns. remote is the client's address. A wrong
// address takes as long as a wrong password and gets the same answer, Unauthorized; too many tries get TooMany, as
// throttle says.
func (a *Auth) SignIn(ctx context.Context, email, password, remote string) (string, comity.Person, error) {
	v := comity.System("auth: sign in")
	email = strings.ToLower(strings.TrimSpace(email))
	if err := a.throttle(ctx, v, email, remote); err != nil {
		return "", comity.Person{}, err
	}
	person, hash, err := a.credential(ctx, v, email)
	if err != nil {
		return "", comity.Person{}, err
	}
	right, err := verify(ctx, hash, password)
	if err != nil {
		return "", comity.Person{}, fmt.Errorf("check password: %w", err)
	}
	if !right || person.ID == "" {
		return "", comity.Person{}, errSignIn
	}
	if err := a.forgive(ctx, v, email, remote); err != nil {
		return "", comity.Person{}, err
	}
	if err := a.rehash(ctx, v, person.ID, hash, password); err != nil {
		return "", comity.Person{}, err
	}
	cookie, err := a.StartSession(ctx, person.ID)
	return cookie, person, err
}

// credential returns the hash of a person's password, and for an address that nobody has a hash that nothing matches. It
// asks the store the same number of questions either way.
func (a *Auth) credential(ctx context.Context, v comity.Viewer, email string) (comity.Person, string, error) {
	person, err := a.store.PersonByEmail(ctx, v, email)
	if err != nil && comity.KindOf(err) != comity.NotFound {
		return comity.Person{}, "", fmt.Errorf("read person: %w", err)
	}
	hash, err := a.store.Credential(ctx, v, person.ID)
	switch {
	case err == nil && person.ID != "":
		return person, hash, nil
	case err != nil && comity.KindOf(err) != comity.NotFound:
		return comity.Person{}, "", fmt.Errorf("read credential: %w", err)
	}
	return comity.Person{}, nobody, nil
}

// rehash replaces a hash that was made at another cost than today's, now that the password is here.
func (a *Auth) rehash(ctx context.Context, v comity.Viewer, person comity.PersonID, hash, password string) error {
	if isCurrent(hash) {
		return nil
	}
	renewed, err := a.hash(ctx, password)
	if err != nil {
		return err
	}
	if err := a.store.PutCredential(ctx, v, person, renewed); err != nil {
		return fmt.Errorf("renew credential: %w", err)
	}
	return nil
}

// StartSession starts a session for a person and returns its cookie value.
func (a *Auth) StartSession(ctx context.Context, person comity.PersonID) (string, error) {
	cookie, err := a.secret()
	if err != nil {
		return "", err
	}
	e, err := a.entropy()
	if err != nil {
		return "", err
	}
	now := a.o.Now()
	session := comity.Session{
		ID: comity.MakeSessionID(e), Person: person, Hash: hashOf(cookie), Created: now, Seen: now, Expires: now.Add(absolute),
		Confirmed: now,
	}
	if err := a.store.PutSession(ctx, comity.System("auth: start session"), session); err != nil {
		return "", fmt.Errorf("store session: %w", err)
	}
	return cookie, nil
}

// SignOut ends the session of a cookie; one that is over is no error.
func (a *Auth) SignOut(ctx context.Context, cookie string) error {
	v := comity.System("auth: sign out")
	session, _, err := a.store.SessionByHash(ctx, v, hashOf(cookie), a.o.Now())
	if comity.KindOf(err) == comity.NotFound && err != nil {
		return nil
	}
	if err != nil {
		return err
	}
	return a.store.DeleteSession(ctx, v, session.ID)
}

// CookieName is the name of the session's cookie.
func (a *Auth) CookieName() string {
	if a.o.Secure {
		return "__Host-comity"
	}
	return "comity"
}

// Cookie returns the session's cookie; with an empty value, the one that takes it away.
func (a *Auth) Cookie(value string) *http.Cookie {
	c := &http.Cookie{Name: a.CookieName(), Value: value, Path: "/", HttpOnly: true, Secure: a.o.Secure, SameSite: http.SameSiteLaxMode}
	if value == "" {
		c.MaxAge = -1
	}
	return c
}

// Viewer returns who sends a request: by its token if it has one, else by its cookie, else nobody, who sees nothing. A
// wrong or expired token is Unauthorized; a wrong or expired cookie is nobody.
func (a *Auth) Viewer(ctx context.Context, r *http.Request) (comity.Viewer, comity.Person, error) {
	if header := r.Header.Get("Authorization"); header != "" {
		return a.byToken(ctx, header)
	}
	cookie, err := r.Cookie(a.CookieName())
	if err != nil || cookie.Value == "" {
		return comity.Viewer{}, comity.Person{}, nil
	}
	return a.bySession(ctx, cookie.Value)
}

func (a *Auth) byToken(ctx context.Context, header string) (comity.Viewer, comity.Person, error) {
	unauthorized := comity.Errorf(comity.Unauthorized, "the token is not known or has expired")
	scheme, secret, _ := strings.Cut(header, " ")
	secret = strings.TrimSpace(secret)
	if !strings.EqualFold(scheme, "Bearer") || !strings.HasPrefix(secret, tokenPrefix) {
		return comity.Viewer{}, comity.Person{}, unauthorized
	}
	v, now := comity.System("auth: token"), a.o.Now()
	token, person, err := a.store.TokenByHash(ctx, v, hashOf(secret), now)
	switch {
	case err != nil && comity.KindOf(err) == comity.NotFound:
		return comity.Viewer{}, comity.Person{}, unauthorized
	case err != nil:
		return comity.Viewer{}, comity.Person{}, fmt.Errorf("read token: %w", err)
	}
	if now.Sub(token.Seen) > touchToken {
		if err := a.store.TouchToken(ctx, v, token.ID, now); err != nil {
			return comity.Viewer{}, comity.Person{}, fmt.Errorf("touch token: %w", err)
		}
	}
	if token.ReadOnly {
		return comity.ViewerOf(person).ReadingOnly(), person, nil
	}
	return comity.ViewerOf(person), person, nil
}

func (a *Auth) bySession(ctx context.Context, cookie string) (comity.Viewer, comity.Person, error) {
	v := comity.System("auth: session")
	now := a.o.Now()
	session, person, err := a.store.SessionByHash(ctx, v, hashOf(cookie), now)
	switch {
	case err != nil && comity.KindOf(err) == comity.NotFound, err == nil && now.Sub(session.Seen) > idle:
		return comity.Viewer{}, comity.Person{}, nil
	case err != nil:
		return comity.Viewer{}, comity.Person{}, fmt.Errorf("read session: %w", err)
	}
	if now.Sub(session.Seen) > touch {
		if err := a.store.TouchSession(ctx, v, session.ID, now); err != nil {
			return comity.Viewer{}, comity.Person{}, fmt.Errorf("touch session: %w", err)
		}
	}
	return comity.ViewerOf(person), person, nil
}

// SetPassword sets a person's password and ends their sessions. A password that the policy refuses is Invalid.
func (a *Auth) SetPassword(ctx context.Context, id comity.PersonID, password string) error {
	v := comity.System("auth: set password")
	person, err := a.store.Person(ctx, v, id)
	if err != nil {
		return err
	}
	if err := CheckPassword(password, person.Email); err != nil {
		return err
	}
	hash, err := a.hash(ctx, password)
	if err != nil {
		return err
	}
	if err := a.store.PutCredential(ctx, v, id, hash); err != nil {
		return fmt.Errorf("store credential: %w", err)
	}
	return a.store.DeleteSessions(ctx, v, id)
}

// NewSetup makes the one-time secret of a set-up link, for 24 hours; earlier ones are void.
func (a *Auth) NewSetup(ctx context.Context) (string, error) {
	secret, err := a.secret()
	if err != nil {
		return "", err
	}
	return secret, a.store.PutSetup(ctx, comity.System("auth: new set-up link"), hashOf(secret), a.o.Now().Add(setupFor))
}

// UseSetup uses the secret of a set-up link up. It is NotFound if it is unknown, used or expired, or if somebody can sign
// in here already.
func (a *Auth) UseSetup(ctx context.Context, secret string) error {
	v := comity.System("auth: set up")
	some, err := a.store.HasPeople(ctx, v)
	if err != nil {
		return err
	}
	if some {
		return comity.Errorf(comity.NotFound, "not found")
	}
	return a.store.UseSetup(ctx, v, hashOf(secret), a.o.Now())
}
