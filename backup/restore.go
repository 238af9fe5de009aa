package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"comity"
	"comity/storage"
)

// RestoreOptions say where an archive is restored to.
type RestoreOptions struct {
	ReadOptions

	// Newest is the newest version of the schema that this program knows.
	Newest int64
	// Open opens the empty store with its schema at a version, an older one than this program's too.
	Open func(ctx context.Context, schema int64) (*storage.Store, error)
}

// Restore puts an archive into an empty store, whose schema is then the archive's: whoever opens it next brings it up.
// The archive is read to its end and checked before the store is opened, and again while it is written, in one
// transaction: all of it is there afterwards, or nothing. Errors are Invalid for an archive that is damaged, Conflict for
// one of a newer program and for a store that is not empty.
func Restore(ctx context.Context, archive io.ReadSeeker, o RestoreOptions) (m Manifest, err error) {
	if m, err = Verify(ctx, archive, o.ReadOptions); err != nil {
		return Manifest{}, err
	}
	if m.Schema > o.Newest {
		return Manifest{}, comity.Errorf(comity.Conflict, "the archive is of a newer Comity: its schema is at version %d, this program knows %d; restore it with the newer program", m.Schema, o.Newest)
	}
	if _, err := archive.Seek(0, io.SeekStart); err != nil {
		return Manifest{}, fmt.Errorf("read the archive again: %w", err)
	}
	s, err := o.Open(ctx, m.Schema)
	if err != nil {
		return Manifest{}, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	err = s.Load(ctx, comity.System("restore: put everything back"), func(l *storage.Loading) error {
		w := &writer{ctx: ctx, to: l}
		again, err := read(ctx, archive, o.ReadOptions, rows{manifest: w.begin, row: w.row, end: w.end})
		if err == nil && again.Content != m.Content {
			err = comity.Errorf(comity.Invalid, "the archive changed while it was read")
		}
		return err
	})
	if err != nil {
		return Manifest{}, fmt.Errorf("restore: %w", err)
	}
	return m, nil
}

const (
	batchRows  = 500
	batchCells = 8_000 // engines bound the values of one statement, SQLite by 32,766
	batchBytes = 4 << 20
)

// writer puts rows into the store, some hundred at once.
type writer struct {
	ctx    context.Context
	to     *storage.Loading
	tables map[string]storage.Table
	batch  [][]any
	bytes  int
}

// begin checks that the archive has exactly the tables of the store, of the same form.
func (w *writer) begin(m Manifest) error {
	if m.Schema != w.to.Schema() {
		return comity.Errorf(comity.Conflict, "the store's schema is at version %d and the archive's at %d: restore into a folder or database that was never opened", w.to.Schema(), m.Schema)
	}
	w.tables = map[string]storage.Table{}
	for _, t := range w.to.Tables() {
		w.tables[t.Name] = t
	}
	for _, t := range m.Tables {
		s, ok := w.tables[t.Name]
		if !ok {
			return comity.Errorf(comity.Invalid, "the archive has a table %s that schema %d has not", t.Name, m.Schema)
		}
		if want := t.table(); !slices.Equal(want.Columns, s.Columns) || !slices.Equal(want.Key, s.Key) {
			return comity.Errorf(comity.Invalid, "table %s of the archive has other columns than in schema %d", t.Name, m.Schema)
		}
	}
	if len(m.Tables) != len(w.tables) {
		return comity.Errorf(comity.Invalid, "the archive has %d tables, schema %d has %d", len(m.Tables), m.Schema, len(w.tables))
	}
	return nil
}

func (w *writer) row(t Table, row []any) error {
	w.batch = append(w.batch, row)
	w.bytes += size(row)
	if len(w.batch) >= batchRows || len(w.batch)*len(row) >= batchCells || w.bytes >= batchBytes {
		return w.flush(t)
	}
	return nil
}

func size(row []any) (n int) {
	for _, v := range row {
		switch v := v.(type) {
		case string:
			n += len(v)
		case []byte:
			n += len(v)
		}
	}
	return n
}

func (w *writer) flush(t Table) error {
	err := w.to.Put(w.ctx, w.tables[t.Name], w.batch)
	w.batch, w.bytes = w.batch[:0], 0
	return err
}

// end writes a table's last rows, counts them as the database does, and sets its counter.
func (w *writer) end(t Table) error {
	if err := w.flush(t); err != nil {
		return err
	}
	n, err := w.to.Count(w.ctx, w.tables[t.Name])
	if err != nil {
		return err
	}
	if n != t.Rows {
		return comity.Errorf(comity.Invalid, "table %s has %d rows after writing, the archive has %d", t.Name, n, t.Rows)
	}
	return w.to.SetCounter(w.ctx, w.tables[t.Name], t.Last)
}
