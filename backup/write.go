package backup

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"comity"
	"comity/storage"

	"filippo.io/age"
)

// WriteOptions say how an archive is written.
type WriteOptions struct {
	Now        time.Time
	Program    string          // version of this program
	Recipients []age.Recipient // who can read it; see [Recipients] and [Passphrase]
	Plain      bool            // without recipients: not encrypted at all
}

// Write writes the store as it is when Write begins, whatever is written to it meanwhile, and returns what it wrote.
// The file is good only if it returns without an error. It reads every table twice.
func Write(ctx context.Context, w io.Writer, s *storage.Store, o WriteOptions) (Manifest, error) {
	if o.Plain == (len(o.Recipients) > 0) {
		return Manifest{}, comity.Errorf(comity.Invalid, "a backup is either encrypted for somebody or plain")
	}
	var m Manifest
	err := s.Snapshot(ctx, comity.System("backup: read everything"), func(n *storage.Snapshot) (err error) {
		if m, err = measure(ctx, n, o); err != nil {
			return err
		}
		m.Engine = s.Engine()
		return writeSealed(w, o, func(w io.Writer) error { return writeArchive(ctx, w, n, m) })
	})
	if err != nil {
		return Manifest{}, fmt.Errorf("back up: %w", err)
	}
	return m, nil
}

// measure reads every table for its size and hash.
func measure(ctx context.Context, n *storage.Snapshot, o WriteOptions) (Manifest, error) {
	m := Manifest{
		Format: Format, Program: o.Program, Made: o.Now.UTC().Truncate(time.Second), Schema: n.Schema(),
		Tables: []Table{}, LeftOut: leftOut(),
	}
	for _, t := range n.Tables() {
		table := tableOf(t)
		if err := writeTable(ctx, io.Discard, n, t, &table); err != nil {
			return Manifest{}, err
		}
		if t.Counter != "" {
			last, err := n.Counter(ctx, t)
			if err != nil {
				return Manifest{}, err
			}
			table.Last = last
		}
		m.Tables = append(m.Tables, table)
	}
	m.Content, m.Rows = content(m.Tables)
	return m, nil
}

func leftOut() []LeftOut {
	list := []LeftOut{}
	for name, why := range storage.NotKept {
		list = append(list, LeftOut{Name: name, Why: why})
	}
	slices.SortFunc(list, func(a, b LeftOut) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// writeTable writes a table's rows, and their number, size and hash into measured.
func writeTable(ctx context.Context, w io.Writer, n *storage.Snapshot, t storage.Table, measured *Table) error {
	sum := sha256.New()
	both := bufio.NewWriterSize(io.MultiWriter(w, sum), 64<<10)
	var line []byte
	err := n.Rows(ctx, t, func(row []any) (err error) {
		if line, err = appendRow(line[:0], t, row); err != nil {
			return err
		}
		measured.Rows++
		measured.Bytes += int64(len(line))
		_, err = both.Write(line)
		return err
	})
	if err == nil {
		err = both.Flush()
	}
	measured.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return err
}

// writeSealed encrypts, compresses and seals what do writes.
func writeSealed(w io.Writer, o WriteOptions, do func(io.Writer) error) error {
	finish := func() error { return nil }
	if !o.Plain {
		encrypted, err := age.Encrypt(w, o.Recipients...)
		if err != nil {
			return fmt.Errorf("encrypt: %w", err)
		}
		w, finish = encrypted, encrypted.Close
	}
	sum := sha256.New()
	compressed := gzip.NewWriter(io.MultiWriter(w, sum))
	if err := do(compressed); err != nil {
		return err
	}
	if err := compressed.Close(); err != nil {
		return fmt.Errorf("compress: %w", err)
	}
	if _, err := w.Write(sealOf(sum.Sum(nil))); err != nil {
		return err
	}
	return finish()
}

// writeArchive writes the manifest and the tables, and makes sure that these are what was measured.
func writeArchive(ctx context.Context, w io.Writer, n *storage.Snapshot, m Manifest) error {
	archive := tar.NewWriter(w)
	manifest, err := m.encode()
	if err != nil {
		return err
	}
	if err := archive.WriteHeader(header(manifestName, int64(len(manifest)), m.Made)); err != nil {
		return err
	}
	if _, err := archive.Write(manifest); err != nil {
		return err
	}
	for i, t := range n.Tables() {
		if err := archive.WriteHeader(header(m.Tables[i].member(), m.Tables[i].Bytes, m.Made)); err != nil {
			return err
		}
		var again Table
		if err := writeTable(ctx, archive, n, t, &again); err != nil {
			return err
		}
		if again.SHA256 != m.Tables[i].SHA256 {
			return errors.New("table " + t.Name + " changed within one snapshot")
		}
	}
	return archive.Close()
}

func header(name string, size int64, made time.Time) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: made}
}
