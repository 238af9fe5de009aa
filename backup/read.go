package backup

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"

	"comity"

	"filippo.io/age"
)

// ReadOptions say with what an archive is opened.
type ReadOptions struct {
	Identities []age.Identity // see [Identities] and [PassphraseOf]
	Plain      bool           // an archive that is not encrypted is taken
}

// rows takes what is read. Either function may be nil.
type rows struct {
	manifest func(Manifest) error
	row      func(t Table, row []any) error // rows come by table
	end      func(t Table) error
}

// Verify reads an archive to its end and checks everything that can be checked without a store: that it can be
// decrypted, that it is whole, every hash, and that every row is one of its table's. It returns the manifest. Errors are
// of kind Invalid and name the place.
func Verify(ctx context.Context, r io.Reader, o ReadOptions) (Manifest, error) {
	return read(ctx, r, o, rows{})
}

func read(ctx context.Context, r io.Reader, o ReadOptions, to rows) (Manifest, error) {
	m, err := readAll(ctx, r, o, to)
	if failed, ok := errors.AsType[*takerError](err); ok {
		return Manifest{}, failed.err
	}
	if err != nil {
		return Manifest{}, told(err)
	}
	return m, nil
}

// takerError is an error of who takes the rows, not of the archive.
type takerError struct{ err error }

// Error returns the error's own text.
func (e *takerError) Error() string { return e.err.Error() }

// taken marks an error of who takes the rows.
func taken(err error) error {
	if err == nil {
		return nil
	}
	return &takerError{err}
}

// told makes an error of the layers below, which know nothing of backups, one that says what is wrong.
func told(err error) error {
	if _, ok := errors.AsType[*comity.Error](err); ok || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return comity.Errorf(comity.Invalid, "the archive is cut off before its end: %w", err)
	}
	return comity.Errorf(comity.Invalid, "the archive is damaged: %w", err)
}

func readAll(ctx context.Context, r io.Reader, o ReadOptions, to rows) (Manifest, error) {
	r, err := decrypted(r, o)
	if err != nil {
		return Manifest{}, err
	}
	outer := newSealed(r)
	inner, err := gzip.NewReader(outer)
	if err != nil {
		return Manifest{}, err
	}
	inner.Multistream(false)
	m, err := readArchive(ctx, inner, to)
	if err != nil {
		return Manifest{}, err
	}
	if _, err := io.Copy(endOnly{}, inner); err != nil {
		return Manifest{}, err
	}
	return m, outer.check()
}

// endOnly takes the zeros with which a tar archive ends, and nothing else.
type endOnly struct{}

// Write refuses anything but zeros.
func (endOnly) Write(p []byte) (int, error) {
	if len(bytes.Trim(p, "\x00")) > 0 {
		return 0, comity.Errorf(comity.Invalid, "something follows the last table")
	}
	return len(p), nil
}

// readArchive reads the manifest and then exactly the members that it names, in its order.
func readArchive(ctx context.Context, r io.Reader, to rows) (Manifest, error) {
	archive := tar.NewReader(r)
	head, err := archive.Next()
	if err != nil {
		return Manifest{}, err
	}
	if head.Name != manifestName || head.Typeflag != tar.TypeReg {
		return Manifest{}, comity.Errorf(comity.Invalid, "the archive begins with %q, not with its manifest", head.Name)
	}
	m, err := readManifest(archive)
	if err != nil {
		return Manifest{}, err
	}
	if to.manifest != nil {
		if err := taken(to.manifest(m)); err != nil {
			return Manifest{}, err
		}
	}
	for _, t := range m.Tables {
		if err := readMember(ctx, archive, t, to); err != nil {
			return Manifest{}, err
		}
	}
	switch head, err := archive.Next(); {
	case errors.Is(err, io.EOF):
		return m, nil
	case err != nil:
		return Manifest{}, err
	default:
		return Manifest{}, comity.Errorf(comity.Invalid, "the archive has a member %q that its manifest does not name", head.Name)
	}
}

func readMember(ctx context.Context, archive *tar.Reader, t Table, to rows) error {
	head, err := archive.Next()
	if errors.Is(err, io.EOF) {
		return comity.Errorf(comity.Invalid, "table %s is missing", t.Name)
	}
	if err != nil {
		return err
	}
	if head.Name != t.member() || head.Typeflag != tar.TypeReg {
		return comity.Errorf(comity.Invalid, "the archive has %q where table %s belongs", head.Name, t.Name)
	}
	if head.Size != t.Bytes {
		return comity.Errorf(comity.Invalid, "table %s has %d bytes, the manifest says %d", t.Name, head.Size, t.Bytes)
	}
	return readTable(ctx, archive, t, to)
}

// readTable hands over a table's rows, and then checks their number and hash: who writes them somewhere must be able to
// take them back.
func readTable(ctx context.Context, r io.Reader, t Table, to rows) error {
	sum := sha256.New()
	lines := bufio.NewReaderSize(io.TeeReader(r, sum), 64<<10)
	table := t.table()
	var n int64
	var line []byte
	var before []any
	for {
		var err error
		if line, err = nextLine(lines, line[:0]); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return comity.Errorf(comity.KindOf(told(err)), "table %s, row %d: %w", t.Name, n+1, err)
		}
		n++
		if err := ctx.Err(); err != nil {
			return err
		}
		row, err := parseRow(line, table)
		if err != nil {
			return comity.Errorf(comity.Invalid, "table %s, row %d: %w", t.Name, n, err)
		}
		if before != nil && !after(table, row, before) {
			return comity.Errorf(comity.Invalid, "table %s, row %d: not after the row before, by the primary key", t.Name, n)
		}
		before = row
		if to.row == nil {
			continue
		}
		if err := taken(to.row(t, row)); err != nil {
			return err
		}
	}
	switch {
	case n != t.Rows:
		return comity.Errorf(comity.Invalid, "table %s has %d rows, the manifest says %d", t.Name, n, t.Rows)
	case hex.EncodeToString(sum.Sum(nil)) != t.SHA256:
		return comity.Errorf(comity.Invalid, "table %s is not what the manifest's hash says", t.Name)
	case to.end != nil:
		return taken(to.end(t))
	}
	return nil
}

// nextLine reads one line with its end into b. Its error is io.EOF where no line begins.
func nextLine(r *bufio.Reader, b []byte) ([]byte, error) {
	for {
		part, err := r.ReadSlice('\n')
		b = append(b, part...)
		switch {
		case err == nil:
			return b, nil
		case len(b) > maxRow:
			return nil, comity.Errorf(comity.TooLarge, "the row is larger than %d bytes", maxRow)
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(b) > 0:
			return nil, comity.Errorf(comity.Invalid, "the line has no end")
		default:
			return nil, err
		}
	}
}
