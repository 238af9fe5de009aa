package intake_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"comity"
	"comity/intake"

	"pgregory.net/rapid"
)

func packed(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// read reads a document to its end.
func read(r io.Reader, limit int64) (data []byte, hash string, err error) {
	d, err := intake.Open(r, limit)
	if err != nil {
		return nil, "", err
	}
	data, err = io.ReadAll(d)
	return data, d.Hash(), err
}

func TestOpenUnpacksAndHashes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOf(rapid.Byte()).Draw(t, "data")
		sum := sha256.Sum256(data)
		want := hex.EncodeToString(sum[:])
		forms := map[string][]byte{"packed": nil, "in two parts": nil}
		var whole bytes.Buffer
		z := gzip.NewWriter(&whole)
		_, _ = z.Write(data)
		_ = z.Close()
		forms["packed"] = whole.Bytes()
		half := len(data) / 2
		var parts bytes.Buffer
		for _, part := range [][]byte{data[:half], data[half:]} {
			z.Reset(&parts)
			_, _ = z.Write(part)
			_ = z.Close()
		}
		forms["in two parts"] = parts.Bytes()
		if len(data) < 2 || data[0] != 0x1f || data[1] != 0x8b {
			forms["plain"] = data
		}
		for name, form := range forms {
			got, hash, err := read(iotest.OneByteReader(bytes.NewReader(form)), int64(len(data)))
			if err != nil || !bytes.Equal(got, data) || hash != want {
				t.Errorf("%s: %d bytes of hash %s, %v; want %d of %s", name, len(got), hash, err, len(data), want)
			}
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	text := []byte(strings.Repeat("a line of text\n", 100))
	gz := packed(t, text)
	broken := bytes.Clone(gz)
	broken[len(broken)-6] ^= 1 // checksum
	garbled := bytes.Clone(gz)
	garbled[12] ^= 0xff // in the packed data
	method := bytes.Clone(gz)
	method[2] = 9 // no such packing
	for _, test := range []struct {
		name  string
		data  []byte
		limit int64
		kind  comity.Kind
		want  string
	}{
		{"over the bound", text, 1499, comity.TooLarge, "larger than 1499 bytes"},
		{"over the bound when unpacked", gz, 1499, comity.TooLarge, "larger than 1499 bytes"},
		{"a bound in MB", bytes.Repeat(text, 1000), 1 << 20, comity.TooLarge, "larger than 1 MB"},
		{"a bound in kB", gz, 1 << 10, comity.TooLarge, "larger than 1 kB"},
		{"checksum", broken, 1 << 20, comity.Invalid, "packing is broken after 1500 bytes"},
		{"packed data", garbled, 1 << 20, comity.Invalid, "packing is broken"},
		{"method", method, 1 << 20, comity.Invalid, "packing is broken"},
		{"something after it", append(bytes.Clone(gz), "more"...), 1 << 20, comity.Invalid, "after 1500 bytes"},
		{"half of another after it", append(bytes.Clone(gz), gz[:30]...), 1 << 20, comity.Invalid, "cut off"},
		{"only the head", gz[:10], 1 << 20, comity.Invalid, "cut off after 0 bytes"},
		{"half a head", gz[:5], 1 << 20, comity.Invalid, "cut off after 0 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := read(bytes.NewReader(test.data), test.limit)
			if comity.KindOf(err) != test.kind || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v of kind %s, want %q of kind %s", err, comity.KindOf(err), test.want, test.kind)
			}
		})
	}
}

// However a packed document is cut off or changed, nobody reads it as something else.
func TestOpenNeverReadsAnother(t *testing.T) {
	text := []byte(strings.Repeat("a line of text\n", 20))
	gz := packed(t, text)
	for n := 2; n < len(gz); n++ {
		if _, _, err := read(bytes.NewReader(gz[:n]), 1<<20); comity.KindOf(err) != comity.Invalid {
			t.Errorf("cut off after %d of %d bytes: %v", n, len(gz), err)
		}
	}
	for i := range gz {
		for bit := range 8 {
			changed := bytes.Clone(gz)
			changed[i] ^= 1 << bit
			got, _, err := read(bytes.NewReader(changed), 1<<20)
			if i >= 2 && err == nil && !bytes.Equal(got, text) {
				t.Errorf("bit %d of byte %d changed: read %q", bit, i, got)
			}
		}
	}
}

// An error of the reader is not a mistake in the document, and stays.
func TestOpenKeepsErrorsOfTheReader(t *testing.T) {
	lost := errors.New("connection lost")
	for name, head := range map[string][]byte{"plain": []byte("some text"), "packed": packed(t, []byte("some text"))[:20]} {
		d, err := intake.Open(io.MultiReader(bytes.NewReader(head), iotest.ErrReader(lost)), 1<<20)
		if err == nil {
			_, err = io.ReadAll(d)
		}
		if !errors.Is(err, lost) || comity.KindOf(err) != comity.Internal {
			t.Errorf("%s: %v of kind %s", name, err, comity.KindOf(err))
		}
	}
	away := comity.Errorf(comity.Unavailable, "the server went away")
	if _, _, err := read(iotest.ErrReader(away), 1<<20); comity.KindOf(err) != comity.Unavailable {
		t.Errorf("%v of kind %s", err, comity.KindOf(err))
	}
	d, err := intake.Open(strings.NewReader("0123456789"), 5)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if n, err := d.Read(make([]byte, 10)); n != 0 || comity.KindOf(err) != comity.TooLarge {
			t.Errorf("read %d bytes, %v, after the bound", n, err)
		}
	}
}

// A gzip reader stays usable for the next part: a document in many parts is one document.
func TestManyParts(t *testing.T) {
	var want int64
	var out bytes.Buffer
	for i := range 1000 {
		z := gzip.NewWriter(&out)
		n, _ := fmt.Fprintf(z, "part %d\n", i)
		want += int64(n)
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if data, _, err := read(&out, 1<<20); err != nil || int64(len(data)) != want {
		t.Errorf("%d bytes, %v; want %d", len(data), err, want)
	}
}
