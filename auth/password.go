package auth

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"runtime"
	"strings"
	"unicode/utf8"

	"comity"

	"golang.org/x/crypto/argon2"
)

// The cost of a password. Source: OWASP Password Storage Cheat Sheet, argon2id with m = 19 MiB, t = 2, p = 1.
const (
	memory  = 19 << 10 // KiB
	passes  = 2
	lanes   = 1
	keySize = 32
)

// busy bounds how many passwords are computed at once, each of which takes 19 MiB and some 30 ms of a core.
var busy = make(chan struct{}, 2*runtime.NumCPU())

// nobody is the hash of a password that nobody knows, for addresses that nobody has.
var nobody = encode([]byte("no such account."), make([]byte, keySize))

func encode(salt, key []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes, b.EncodeToString(salt), b.EncodeToString(key))
}

func (a *Auth) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, 16)
	if _, err := io.ReadFull(a.o.Entropy, salt); err != nil {
		return "", fmt.Errorf("read entropy: %w", err)
	}
	key, err := derive(ctx, password, salt, memory, passes, lanes)
	return encode(salt, key), err
}

func derive(ctx context.Context, password string, salt []byte, m, t uint32, p uint8) ([]byte, error) {
	select {
	case busy <- struct{}{}:
		defer func() { <-busy }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(password), salt, t, m, p, keySize), nil
}

// verify reports whether a password is the one of a hash in PHC form, in a time that does not depend on either.
func verify(ctx context.Context, hash, password string) (bool, error) {
	if len(password) > maxPassword*utf8.UTFMax {
		password = ""
	}
	var version int
	var m, t uint32
	var p uint8
	part := strings.Split(hash, "$")
	if len(part) != 6 || part[1] != "argon2id" {
		return false, fmt.Errorf("stored hash is not argon2id")
	}
	if _, err := fmt.Sscanf(part[2]+" "+part[3], "v=%d m=%d,t=%d,p=%d", &version, &m, &t, &p); err != nil {
		return false, fmt.Errorf("stored hash: %w", err)
	}
	salt, err := base64.RawStdEncoding.DecodeString(part[4])
	if err != nil {
		return false, fmt.Errorf("stored salt: %w", err)
	}
	want, err := base64.RawStdEncoding.DecodeString(part[5])
	if err != nil {
		return false, fmt.Errorf("stored key: %w", err)
	}
	got, err := derive(ctx, password, salt, m, t, p)
	return subtle.ConstantTimeCompare(got, want) == 1, err
}

const (
	minPassword = 12
	maxPassword = 128
)

// CheckPassword refuses, with an error of kind Invalid, a password that is shorter than 12 or longer than 128 characters,
// that is or holds the address's name or the product's, or that is among the commonest. There are no rules of composition.
// Source: OWASP ASVS 5.0, V6.2.
func CheckPassword(password, email string) error {
	lower := strings.ToLower(password)
	name, _, _ := strings.Cut(strings.ToLower(email), "@")
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword:
		return &comity.Error{Kind: comity.Invalid, Key: "password_short", Msg: "the password needs at least 12 characters"}
	case n > maxPassword:
		return &comity.Error{Kind: comity.Invalid, Key: "password_long", Msg: "the password may have at most 128 characters"}
	case strings.Contains(lower, "comity"), len(name) > 3 && strings.Contains(lower, name), common(lower):
		return &comity.Error{Kind: comity.Invalid, Key: "password_common", Msg: "the password is too easy to guess"}
	}
	return nil
}

// common reports whether a password is one character over and over, a run along the keyboard, or built on a word that
// lists of leaked passwords are full of.
func common(lower string) bool {
	for _, run := range []string{"0123456789012345678901234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1q2w3e4r5t6y7u8i9o0p"} {
		if strings.Contains(run, lower) {
			return true
		}
	}
	rest := strings.Trim(lower, "0123456789!@#$%^&*?._-+= ")
	for _, word := range []string{"", "password", "passwort", "motdepasse", "contraseña", "пароль", "welcome", "letmein", "administrator", "qwerty", "iloveyou", "changeme", "passwordpassword"} {
		if rest == word {
			return true
		}
	}
	return strings.Count(lower, lower[:1]) == len(lower)
}
