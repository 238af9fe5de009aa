package auth

import (
	"context"
	"encoding/base32"
	"fmt"
	"io"
	"strings"
	"time"

	"comity"
)

// TokenOptions say what a new token is for and may do.
type TokenOptions struct {
	Name     string    // what it is for
	Expires  time.Time // zero: until revoked
	ReadOnly bool      // changes nothing, whatever the person may
}

// NewToken makes a token for a person that works until it is revoked, and returns it, the only time that it is seen.
func (a *Auth) NewToken(ctx context.Context, person comity.PersonID, name string) (string, error) {
	return a.MakeToken(ctx, person, TokenOptions{Name: name})
}

// MakeToken makes a token for a person and returns it, the only time that it is seen.
func (a *Auth) MakeToken(ctx context.Context, person comity.PersonID, o TokenOptions) (string, error) {
	var raw [32]byte
	if _, err := io.ReadFull(a.o.Entropy, raw[:]); err != nil {
		return "", fmt.Errorf("read entropy: %w", err)
	}
	secret := tokenPrefix + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw[:]))
	e, err := a.entropy()
	if err != nil {
		return "", err
	}
	token := comity.Token{
		ID: comity.MakeTokenID(e), Person: person, Name: o.Name, Hash: hashOf(secret), Created: a.o.Now(), Expires: o.Expires, ReadOnly: o.ReadOnly,
	}
	if err := a.store.PutToken(ctx, comity.System("auth: new token"), token); err != nil {
		return "", fmt.Errorf("store token: %w", err)
	}
	return secret, nil
}
