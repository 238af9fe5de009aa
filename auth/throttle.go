package auth

import (
	"context"
	"fmt"
	"time"

	"comity"
)

// Attempts are counted over the last 15 minutes. The bounds are above what people mistype and far below what guessing
// needs: a password has at least 12 characters and none of the commonest.
const (
	// RetryAfter is how long attempts count, and so how long who had too many waits at most.
	RetryAfter = 15 * time.Minute

	perPair    = 5   // for one account from one address
	perAddress = 100 // from one address: an office behind one address signs in at the start of a meeting
	perAccount = 10  // for one account from anywhere: from here on, each address has one attempt
	atMost     = 200 // for one account from anywhere
)

var errTooMany = &comity.Error{Kind: comity.TooMany, Key: "too_many_attempts", Msg: "too many attempts: try again in 15 minutes"}

// throttle counts the attempt and refuses it where there were too many, the right password too. The rules, in order:
//
//  1. More than 5 for one account from one address are refused. They count no further, so that one address alone brings an
//     account no nearer to the rules below.
//  2. More than 100 from one address are refused.
//  3. After 10 for one account from anywhere, every address has one attempt: whoever guesses from many addresses doesn't
//     keep the person out who comes from another with the right password.
//  4. After 200 for one account from anywhere all are refused. That needs 40 addresses, and passes with the attack.
//
// Nothing is ever locked: every rule ends by itself.
func (a *Auth) throttle(ctx context.Context, v comity.Viewer, email, remote string) error {
	pair, err := a.count(ctx, v, pairKey(email, remote))
	if err != nil || pair > perPair {
		return orTooMany(err)
	}
	address, err := a.count(ctx, v, "address "+remote)
	if err != nil || address > perAddress {
		return orTooMany(err)
	}
	account, err := a.count(ctx, v, accountKey(email))
	if err != nil || account > atMost || account > perAccount && pair > 1 {
		return orTooMany(err)
	}
	return nil
}

func orTooMany(err error) error {
	if err != nil {
		return fmt.Errorf("count attempt: %w", err)
	}
	return errTooMany
}

func (a *Auth) count(ctx context.Context, v comity.Viewer, key string) (int, error) {
	return a.store.CountAttempt(ctx, v, key, a.o.Now(), RetryAfter)
}

// forgive forgets the attempts on an account once the right password was there. Those of the address stay: else an
// account of one's own would buy any number of guesses at others'.
func (a *Auth) forgive(ctx context.Context, v comity.Viewer, email, remote string) error {
	for _, key := range []string{accountKey(email), pairKey(email, remote)} {
		if err := a.store.ClearAttempts(ctx, v, key); err != nil {
			return fmt.Errorf("forget attempts: %w", err)
		}
	}
	return nil
}

func accountKey(email string) string      { return "account " + email }
func pairKey(email, remote string) string { return "pair " + email + " " + remote }
