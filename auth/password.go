package auth

import (
	"context"
	"crypto/subtle"
	_ "embed" // the commonest passwords
	"encoding/base64"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
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
var busy = make(chan struct{}, max(2, runtime.NumCPU()))

// nobody is the hash of a password that nobody knows, for addresses that nobody has.
var nobody = encode([]byte("no such account."), make([]byte, keySize))

func encode(salt, key []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes, b.EncodeToString(salt), b.EncodeToString(key))
}

// isCurrent reports whether a hash was made at today's cost.
func isCurrent(hash string) bool {
	return strings.HasPrefix(hash, fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, memory, passes, lanes))
}

func (a *Auth) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, 16)
	if _, err := io.ReadFull(a.o.Entropy, salt); err != nil {
		return "", fmt.Errorf("read entropy: %w", err)
	}
	key, err := derive(ctx, password, salt, memory, passes)
	return encode(salt, key), err
}

func derive(ctx context.Context, password string, salt []byte, m, t uint32) ([]byte, error) {
	select {
	case busy <- struct{}{}:
		defer func() { <-busy }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(password), salt, t, m, lanes, keySize), nil
}

// costOf returns the memory (KiB) and passes of a hash in PHC form; not ok if it is none of ours. More than four times
// today's memory is refused: it would be a way to make us run out of it.
func costOf(hash string) (m, t uint32, ok bool) {
	part := strings.Split(hash, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" {
		return 0, 0, false
	}
	var version, p int
	_, err := fmt.Sscanf(part[2]+" "+part[3], "v=%d m=%d,t=%d,p=%d", &version, &m, &t, &p)
	ok = err == nil && version == argon2.Version && p == lanes && 1 <= t && t <= 10 && 8 <= m && m <= 4*memory
	return m, t, ok
}

// verify reports whether a password is the one of a hash in PHC form, in a time that does not depend on either.
func verify(ctx context.Context, hash, password string) (bool, error) {
	if len(password) > maxPassword*utf8.UTFMax { // no password is so long: not worth the time
		password = ""
	}
	part := strings.Split(hash, "$")
	m, t, ok := costOf(hash)
	if !ok {
		return false, fmt.Errorf("stored hash is not argon2id as written here")
	}
	salt, err := base64.RawStdEncoding.DecodeString(part[4])
	if err != nil {
		return false, fmt.Errorf("stored salt: %w", err)
	}
	want, err := base64.RawStdEncoding.DecodeString(part[5])
	if err != nil {
		return false, fmt.Errorf("stored key: %w", err)
	}
	if len(want) != keySize {
		return false, fmt.Errorf("stored key has %d bytes, want %d", len(want), keySize)
	}
	got, err := derive(ctx, password, salt, m, t)
	return subtle.ConstantTimeCompare(got, want) == 1, err
}

const (
	minPassword = 12
	maxPassword = 128
)

// CheckPassword refuses, with an error of kind Invalid, a password that is shorter than 12 or longer than 128 characters,
// that holds the address's name or the product's, or that is among the commonest. There are no rules of composition, and
// no password has to be changed because time went by. Source: OWASP ASVS 5.0, V6.2, which asks for 8 characters at least.
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

// commonest holds passwords of 12 characters and more that lists of leaked ones are full of, one a line, lower case.
//
//go:embed common.txt
var commonest string

var commonSet = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(commonest) {
		set[strings.TrimSpace(line)] = true
	}
	return set
})

// runs are what fingers and heads go along.
var runs = []string{
	"0123456789012345678901234567890", "9876543210987654321098765432109876543210", "abcdefghijklmnopqrstuvwxyz",
	"qwertyuiopasdfghjklzxcvbnm", "1q2w3e4r5t6y7u8i9o0p", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "qazwsxedcrfvtgbyhnujmikolp",
}

// common reports whether a password, in lower case, is among the commonest, a run along the keyboard, one piece over and
// over, or a word that everybody thinks of with digits and signs around it.
func common(lower string) bool {
	if commonSet()[lower] || repeats(lower) {
		return true
	}
	for _, run := range runs {
		if strings.Contains(run, lower) {
			return true
		}
	}
	return commonSet()[strings.Trim(lower, "0123456789!@#$%^&*?._-+= ")]
}

// repeats reports whether s is one piece of at most four characters over and over.
func repeats(s string) bool {
	r := []rune(s)
	for n := 1; n <= 4 && n < len(r); n++ {
		same := true
		for i := n; i < len(r); i++ {
			same = same && r[i] == r[i-n]
		}
		if same {
			return true
		}
	}
	return false
}
