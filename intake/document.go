// Package intake turns documents from outside into threats and evidence. One package below it is one source; intake/fetch
// is the only one that uses the network.
//
// Every source is parsed the same way: [Open] bounds, unpacks and hashes the bytes, the source's Parse reads them whole or
// says where they are wrong, and only then is anything stored. Parsers are pure functions of their input.
package intake

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"comity"
)

// Document is a document as it is read: unpacked, counted against its bound and hashed.
type Document struct {
	r     io.Reader
	sum   hash.Hash
	limit int64
	read  int64
}

// Open returns the document that r holds, packed with gzip or not, of at most limit bytes unpacked. Reading beyond the
// bound is an error of kind TooLarge, a broken or cut-off packing one of kind Invalid.
func Open(r io.Reader, limit int64) (*Document, error) {
	d := &Document{sum: sha256.New(), limit: limit}
	buffered := bufio.NewReaderSize(r, 64<<10)
	magic, err := buffered.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read document: %w", err)
	}
	d.r = buffered
	if len(magic) == 2 && magic[0] == 0x1f && magic[1] == 0x8b {
		z, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, comity.Errorf(comity.Invalid, "unpack document: %w", err)
		}
		d.r = z
	}
	return d, nil
}

// Read implements io.Reader.
func (d *Document) Read(b []byte) (int, error) {
	n, err := d.r.Read(b)
	d.read += int64(n)
	d.sum.Write(b[:n])
	switch {
	case d.read > d.limit:
		return 0, comity.Errorf(comity.TooLarge, "document is larger than %d MB unpacked", d.limit>>20)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return n, comity.Errorf(comity.Invalid, "document is cut off after %d bytes: %w", d.read, err)
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		return n, comity.Errorf(comity.Invalid, "unpack document after %d bytes: %w", d.read, err)
	}
	return n, err
}

// Hash returns the SHA-256 of the unpacked bytes read so far, hex. After EOF it is the document's.
func (d *Document) Hash() string { return hex.EncodeToString(d.sum.Sum(nil)) }
