// Package intake turns documents from outside into threats and evidence. One package below it is one source; intake/fetch
// is the only one that uses the network.
//
// Every source is parsed the same way: [Open] bounds, unpacks and hashes the bytes, the source's Parse reads them whole or
// says where they are wrong, and only then is anything stored. Parsers are pure functions of their input. Those of JSON
// read it through a [List], which never holds more than one item.
package intake

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"

	"comity"
)

// Document is a document as it is read: unpacked, counted against its bound and hashed.
type Document struct {
	r     io.Reader
	sum   hash.Hash
	limit int64 // bytes unpacked
	read  int64 // bytes unpacked
	err   error // once there is one, every Read returns it
}

// Open returns the document that r holds, packed with gzip or not, of at most limit bytes unpacked. Reading beyond the
// bound is an error of kind TooLarge. A packing that is broken, cut off or followed by something else is one of kind
// Invalid; an error of r itself stays what it is.
func Open(r io.Reader, limit int64) (*Document, error) {
	d := &Document{sum: sha256.New(), limit: limit}
	buffered := bufio.NewReaderSize(r, 64<<10)
	d.r = buffered
	magic, err := buffered.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read document: %w", err)
	}
	if len(magic) < 2 || magic[0] != 0x1f || magic[1] != 0x8b {
		return d, nil
	}
	if d.r, err = gzip.NewReader(buffered); err != nil {
		return nil, d.told(err)
	}
	return d, nil
}

// Read implements io.Reader.
func (d *Document) Read(b []byte) (int, error) {
	if d.err != nil {
		return 0, d.err
	}
	n, err := d.r.Read(b)
	d.read += int64(n)
	if d.read > d.limit {
		d.err = comity.Errorf(comity.TooLarge, "the document is larger than %s unpacked", Size(d.limit))
		return 0, d.err
	}
	d.sum.Write(b[:n])
	d.err = d.told(err)
	return n, d.err
}

// told gives an error of the packing its kind and place.
func (d *Document) told(err error) error {
	_, corrupt := errors.AsType[flate.CorruptInputError](err)
	_, known := errors.AsType[*comity.Error](err)
	switch {
	case err == nil, errors.Is(err, io.EOF), known:
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return comity.Errorf(comity.Invalid, "the document is cut off after %d bytes", d.read)
	case errors.Is(err, gzip.ErrHeader) && d.read > 0:
		return comity.Errorf(comity.Invalid, "something follows the packed document's end, after %d bytes", d.read)
	case corrupt, errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		return comity.Errorf(comity.Invalid, "the document's packing is broken after %d bytes", d.read)
	}
	return fmt.Errorf("read document after %d bytes: %w", d.read, err)
}

// Hash returns the SHA-256 of the unpacked bytes read so far, hex. After EOF it is the document's.
func (d *Document) Hash() string { return hex.EncodeToString(d.sum.Sum(nil)) }

// Size writes a number of bytes as people say it, such as "32 MB"; units are powers of 1024.
func Size(bytes int64) string {
	switch {
	case bytes >= 1<<20 && bytes%(1<<20) == 0:
		return strconv.FormatInt(bytes>>20, 10) + " MB"
	case bytes >= 1<<10 && bytes%(1<<10) == 0:
		return strconv.FormatInt(bytes>>10, 10) + " kB"
	default:
		return strconv.FormatInt(bytes, 10) + " bytes"
	}
}
