package auth

import (
	"context"
	"fmt"

	"comity"
)

// perInvitation is how many links one address may try within RetryAfter: an office behind one address accepts many, and
// nobody guesses 256 bits.
const perInvitation = 60

// Invite makes the link of an invitation, for a new person or, where i.Person is set, for a new password, and returns its
// secret, the only time that it is seen. Who may is decided by the store, for the viewer.
func (a *Auth) Invite(ctx context.Context, v comity.Viewer, i comity.Invitation) (string, comity.Invitation, error) {
	secret, err := a.secret()
	if err != nil {
		return "", i, err
	}
	e, err := a.entropy()
	if err != nil {
		return "", i, err
	}
	i.ID, i.Hash, i.Created = comity.MakeInvitationID(e), hashOf(secret), a.o.Now()
	i.Expires = i.Created.Add(comity.InvitationFor)
	return secret, i, a.store.PutInvitation(ctx, v, i)
}

// Invitation returns the invitation that a link's secret opens. One that is unknown, used, revoked or expired is NotFound,
// all the same; too many tries from one address are TooMany.
func (a *Auth) Invitation(ctx context.Context, secret, remote string) (comity.Invitation, error) {
	v := comity.System("auth: invitation")
	tries, err := a.count(ctx, v, "invitation "+remote)
	if err != nil || tries > perInvitation {
		return comity.Invitation{}, orTooMany(err)
	}
	return a.store.InvitationByHash(ctx, v, hashOf(secret), a.o.Now())
}

// Accept uses an invitation up, with a password and, for somebody new, a name and a language, and starts a session, whose
// cookie value it returns. A password that the policy refuses is Invalid and leaves the link as it was.
func (a *Auth) Accept(ctx context.Context, secret, remote, name, language, password string) (string, comity.Person, error) {
	i, err := a.Invitation(ctx, secret, remote)
	if err != nil {
		return "", comity.Person{}, err
	}
	if err := CheckPassword(password, i.Email); err != nil {
		return "", comity.Person{}, err
	}
	credential, err := a.hash(ctx, password)
	if err != nil {
		return "", comity.Person{}, err
	}
	e, err := a.entropy()
	if err != nil {
		return "", comity.Person{}, err
	}
	p := comity.Person{ID: comity.MakePersonID(e), Name: name, Language: language}
	p, err = a.store.AcceptInvitation(ctx, comity.System("auth: accept invitation"), hashOf(secret), p, credential, a.o.Now())
	if err != nil {
		return "", p, fmt.Errorf("accept invitation: %w", err)
	}
	cookie, err := a.StartSession(ctx, p.ID)
	return cookie, p, err
}
