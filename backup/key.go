package backup

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"comity"

	"filippo.io/age"
)

// Errors of this file name a line or a file and never what is in it: people hand over the wrong one of two keys.

// Recipients reads public keys, "age1…", one a line; empty lines and those that begin with "#" are passed over.
func Recipients(r io.Reader) ([]age.Recipient, error) {
	list, err := age.ParseRecipients(r)
	if err != nil {
		return nil, comity.Errorf(comity.Invalid, "not a list of age recipients: every line is a public key that begins with age1")
	}
	return list, nil
}

// Identities reads private keys, "AGE-SECRET-KEY-1…", one a line, as age-keygen writes them.
func Identities(r io.Reader) ([]age.Identity, error) {
	list, err := age.ParseIdentities(r)
	if err != nil {
		return nil, comity.Errorf(comity.Invalid, "not a file of age identities, as age-keygen writes it")
	}
	return list, nil
}

// shortest is how many characters a passphrase has at least. It is what somebody tries who has the file, as long as they
// like.
const shortest = 12

// Passphrase returns who can read what is encrypted with a passphrase.
func Passphrase(passphrase string) ([]age.Recipient, error) {
	if len([]rune(passphrase)) < shortest {
		return nil, comity.Errorf(comity.Invalid, "the passphrase has fewer than %d characters", shortest)
	}
	r, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, comity.Errorf(comity.Invalid, "not a passphrase")
	}
	return []age.Recipient{r}, nil
}

// PassphraseOf returns what opens an archive that was encrypted with a passphrase.
func PassphraseOf(passphrase string) ([]age.Identity, error) {
	i, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, comity.Errorf(comity.Invalid, "not a passphrase")
	}
	return []age.Identity{i}, nil
}

const ageIntro = "age-encryption.org/v1\n"

// decrypted returns the archive within. What is not encrypted is taken only where it is expected: an archive that was
// put in the place of an encrypted one is not.
func decrypted(r io.Reader, o ReadOptions) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	begin, err := b.Peek(len(ageIntro))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case string(begin) == ageIntro:
		return open(b, o.Identities)
	case !bytes.HasPrefix(begin, []byte{0x1f, 0x8b}):
		return nil, comity.Errorf(comity.Invalid, "this is no backup of Comity")
	case !o.Plain:
		return nil, comity.Errorf(comity.Invalid, "the archive is not encrypted, so anybody may have made it; say --plain to take it")
	}
	return b, nil
}

func open(r io.Reader, identities []age.Identity) (io.Reader, error) {
	if len(identities) == 0 {
		return nil, comity.Errorf(comity.Invalid, "the archive is encrypted: give the key with --identity-file or the passphrase with --passphrase-file")
	}
	opened, err := age.Decrypt(r, identities...)
	if _, ok := errors.AsType[*age.NoIdentityMatchError](err); ok || err != nil && strings.Contains(err.Error(), "passphrase") {
		return nil, comity.Errorf(comity.Forbidden, "the archive is not encrypted for this key or with this passphrase")
	}
	return opened, err
}
