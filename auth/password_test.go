package auth

import (
	"strings"
	"testing"

	"comity"
)

func TestCheckPassword(t *testing.T) {
	tests := []struct {
		name, password string
		key            string // empty: accepted
	}{
		{"a sentence", "four grey herons wade", ""},
		{"no digits or signs needed", "herons wade slowly", ""},
		{"eleven characters", "grey herons", "password_short"},
		{"twelve characters", "grey heron w", ""},
		{"twelve characters of several bytes", "цапля и выпь", ""},
		{"128 characters", strings.Repeat("grey heron wades", 8), ""},
		{"129 characters", strings.Repeat("grey heron wades", 8) + "!", "password_long"},
		{"nothing", "", "password_short"},
		{"one character", "aaaaaaaaaaaaaa", "password_common"},
		{"one piece", "abcabcabcabcabc", "password_common"},
		{"along the digits", "123456789012", "password_common"},
		{"along the keyboard", "QWERTYuiopasdf", "password_common"},
		{"down the keyboard", "1qaz2wsx3edc", "password_common"},
		{"a word with digits", "Password12345!", "password_common"},
		{"a month and a year", "September2026!", "password_common"},
		{"on every list", "correcthorsebatterystaple", "password_common"},
		{"of another language", "motdepasse1234", "password_common"},
		{"the product", "my comity account", "password_common"},
		{"the address", "x focal.point x", "password_common"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := CheckPassword(tt.password, email)
			e, _ := err.(*comity.Error)
			switch {
			case tt.key == "" && err != nil:
				t.Errorf("refused: %v", err)
			case tt.key != "" && (e == nil || e.Key != tt.key || e.Kind != comity.Invalid):
				t.Errorf("error %v, want %s", err, tt.key)
			}
		})
	}
}

func TestCommonestAreWritten(t *testing.T) {
	for line := range strings.Lines(commonest) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line != strings.ToLower(strings.TrimSpace(line)) {
			t.Errorf("line %q: want lower case without space around", line)
		}
	}
	if len(commonSet()) < 100 {
		t.Errorf("only %d", len(commonSet()))
	}
}

// FuzzVerify asks that no stored hash makes checking it panic or succeed.
func FuzzVerify(f *testing.F) {
	f.Add("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAA")
	f.Add(nobody)
	f.Fuzz(func(t *testing.T, hash string) {
		if m, passes, ok := costOf(hash); ok && (m > 64 || passes > 4) {
			t.Skip("too dear for a test")
		}
		if right, err := verify(t.Context(), hash, "a password"); right && err == nil {
			t.Errorf("hash %q matches", hash)
		}
	})
}
