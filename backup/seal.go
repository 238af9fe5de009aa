package backup

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io"

	"comity"
)

// The archive is a gzip file of two parts. The first is the tar archive. The second is empty and has the SHA-256 of the
// first part's bytes in its header's extra field, under the subfield "CO": what reads gzip skips it, and no bit of the
// first part, be it one that decompression does not look at, changes unnoticed.
//
// Source: RFC 1952, sections 2.2 (members one after another) and 2.3.1.1 (extra field).

// sealOf returns the second part.
func sealOf(sum []byte) []byte {
	b := []byte{0x1f, 0x8b, 8, 4 /* an extra field */, 0, 0, 0, 0 /* no time */, 0, 0xff /* no system */}
	b = binary.LittleEndian.AppendUint16(b, uint16(4+len(sum)))
	b = append(b, 'C', 'O')
	b = binary.LittleEndian.AppendUint16(b, uint16(len(sum)))
	b = append(b, sum...)
	b = append(b, 3, 0)                      // an empty last block
	return append(b, 0, 0, 0, 0, 0, 0, 0, 0) // CRC-32 and length of nothing
}

// sealed hashes what is read from the first part, byte by byte where gzip asks so, so that nothing after it is taken.
type sealed struct {
	r   *bufio.Reader
	sum hash.Hash
}

func newSealed(r io.Reader) *sealed {
	return &sealed{r: bufio.NewReaderSize(r, 64<<10), sum: sha256.New()}
}

// Read reads and hashes.
func (s *sealed) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.sum.Write(p[:n])
	return n, err
}

// ReadByte reads and hashes one byte.
func (s *sealed) ReadByte() (byte, error) {
	b, err := s.r.ReadByte()
	if err == nil {
		s.sum.Write([]byte{b})
	}
	return b, err
}

// check reads the second part, and that nothing follows.
func (s *sealed) check() error {
	want := sealOf(s.sum.Sum(nil))
	got, err := io.ReadAll(io.LimitReader(s.r, int64(len(want))+1))
	if err != nil {
		return err
	}
	switch {
	case len(got) < len(want):
		return comity.Errorf(comity.Invalid, "the archive is cut off before its end")
	case len(got) > len(want):
		return comity.Errorf(comity.Invalid, "something follows the end of the archive")
	case !bytes.Equal(got, want):
		return comity.Errorf(comity.Invalid, "the archive's seal does not fit: some of its bytes were changed")
	}
	return nil
}
