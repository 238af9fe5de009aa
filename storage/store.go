package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"comity"
	"comity/search"
)

// Engine is what differs between the databases.
type Engine struct {
	Name  string                                          // "sqlite" or "postgres"
	Read  *sql.DB                                         // any number of readers
	Write *sql.DB                                         // one transaction at a time where the engine asks for it
	Kind  func(error) comity.Kind                         // the kind of an engine's own error
	Lock  func(ctx context.Context, tx *sql.Tx) error     // makes changes commit in the order of their numbers
	Watch func(ctx context.Context, changed func()) error // calls changed after a commit by anybody, until ctx ends
	Check func(ctx context.Context) error                 // whether the schema is this program's

	Search  func(search.Query) (condition, question string) // on threat_terms; ? stands for the question
	Catalog Catalog                                         // whole tables, for backups
	Close   func() error
}

// Store is the store. It is safe for concurrent use.
type Store struct {
	engine Engine
	log    *slog.Logger

	mu       sync.Mutex
	watchers map[chan struct{}]bool
}

// New returns the store over an engine. Use sqlite.Open or postgres.Open instead.
func New(e Engine) *Store {
	return &Store{engine: e, log: slog.Default(), watchers: map[chan struct{}]bool{}}
}

// Close closes the database.
func (s *Store) Close() error { return s.engine.Close() }

// Engine returns the engine's name, "sqlite" or "postgres".
func (s *Store) Engine() string { return s.engine.Name }

// Ready reports whether the store reads and writes and its schema is this program's.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.engine.Check(ctx); err != nil {
		return err
	}
	const query = `
		INSERT INTO cursors (name, seq)
		VALUES ('ready', $1)
		ON CONFLICT (name) DO UPDATE
		SET seq = excluded.seq`
	_, err := s.engine.Write.ExecContext(ctx, query, time.Now().Unix())
	return s.known(err)
}

// Watch returns a channel that gets a value within a second of a commit by this or another process. It is closed when ctx
// ends. Commits while a value waits are told together.
func (s *Store) Watch(ctx context.Context) <-chan struct{} {
	changed := make(chan struct{}, 1)
	s.mu.Lock()
	s.watchers[changed] = true
	s.mu.Unlock()
	go func() { // ends with ctx; it alone closes the channel
		defer func() {
			s.mu.Lock()
			delete(s.watchers, changed)
			close(changed)
			s.mu.Unlock()
		}()
		for ctx.Err() == nil {
			if err := s.engine.Watch(ctx, func() { nudge(changed) }); err != nil && ctx.Err() == nil {
				s.log.Warn("storage: watch", "err", err)
				select {
				case <-ctx.Done():
				case <-time.After(time.Second):
				}
			}
		}
	}()
	return changed
}

func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (s *Store) committed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.watchers {
		nudge(c)
	}
}

// known turns an engine's error into one that the layers above understand.
func (s *Store) known(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, sql.ErrNoRows) {
		return errNotFound
	}
	if _, ok := errors.AsType[*comity.Error](err); ok {
		return err
	}
	kind := s.engine.Kind(err)
	if kind == comity.Internal {
		return err
	}
	return &comity.Error{Kind: kind, Msg: "the store refused it: " + kind.String(), Err: err}
}

var errNotFound = comity.Errorf(comity.NotFound, "not found")

// querier is a transaction or a pool of readers.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// system refuses everybody but the system, and logs why it is at work.
func (s *Store) system(ctx context.Context, v comity.Viewer, method string) error {
	if _, ok := v.IsSystem(); !ok {
		return errNotFound
	}
	s.note(ctx, v, method)
	return nil
}

// note logs work across organisations.
func (s *Store) note(ctx context.Context, v comity.Viewer, method string) {
	if reason, ok := v.IsSystem(); ok {
		s.log.DebugContext(ctx, "storage: system at work", "method", method, "reason", reason)
	}
}

// errUnchanged ends a write that found nothing to do: no commit, no audit entry, nobody is woken.
var errUnchanged = errors.New("unchanged")

// write runs do in one transaction that commits with its audit entry, or not at all.
func (s *Store) write(ctx context.Context, v comity.Viewer, action, subject string, do func(tx *sql.Tx) error) error {
	return s.writeAbout(ctx, v, "", action, subject, do)
}

// writeAbout is write for a thing of an organisation, whose people then see the entry whoever did it.
func (s *Store) writeAbout(ctx context.Context, v comity.Viewer, about comity.OrgID, action, subject string, do func(tx *sql.Tx) error) error {
	if !v.SignedIn() {
		return errNotFound
	}
	if !v.Writes() {
		return comity.Errorf(comity.Forbidden, "this token is for reading only")
	}
	s.note(ctx, v, action)
	return s.transaction(ctx, action, func(tx *sql.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		if err := audit(ctx, tx, v, about, action, subject); err != nil {
			return fmt.Errorf("%s: audit: %w", action, err)
		}
		return nil
	})
}

// transaction runs do in one transaction that commits, or not at all.
func (s *Store) transaction(ctx context.Context, action string, do func(tx *sql.Tx) error) (err error) {
	tx, err := s.engine.Write.BeginTx(ctx, nil)
	if err != nil {
		return s.known(fmt.Errorf("%s: begin: %w", action, err))
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback() // the first error is the one to tell
		}
	}()
	if err := s.engine.Lock(ctx, tx); err != nil {
		return s.known(fmt.Errorf("%s: lock: %w", action, err))
	}
	if err := do(tx); errors.Is(err, errUnchanged) {
		_ = tx.Rollback() // nothing was written
		return nil
	} else if err != nil {
		return s.known(err)
	}
	if err := tx.Commit(); err != nil {
		return s.known(fmt.Errorf("%s: commit: %w", action, err))
	}
	s.committed()
	return nil
}

// audit writes who did what, in the transaction of what they did.
func audit(ctx context.Context, tx *sql.Tx, v comity.Viewer, about comity.OrgID, action, subject string) error {
	reason, _ := v.IsSystem()
	if about == v.Org() {
		about = ""
	}
	const query = `
		INSERT INTO audit_entries (at, person_id, org_id, about_org_id, system, action, subject)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	_, err := tx.ExecContext(ctx, query, time.Now().Unix(), string(v.Person()), string(v.Org()), string(about), reason, action, subject)
	return err
}

// change writes what the pipeline must follow, in the transaction of what happened.
func change(ctx context.Context, tx *sql.Tx, kind comity.ChangeKind, org comity.OrgID, subject string) error {
	const query = `
		INSERT INTO changes (at, kind, org_id, subject)
		VALUES ($1, $2, $3, $4)`
	_, err := tx.ExecContext(ctx, query, time.Now().Unix(), string(kind), string(org), subject)
	return err
}

// where builds a bound WHERE clause.
type where struct {
	conditions []string
	args       []any
}

// and adds a condition in which each ? is the next argument.
func (w *where) and(condition string, args ...any) {
	for _, a := range args {
		w.args = append(w.args, a)
		condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(w.args)), 1)
	}
	w.conditions = append(w.conditions, "("+condition+")")
}

func (w *where) String() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return "\nWHERE " + strings.Join(w.conditions, "\n  AND ")
}

// last returns the placeholder of the last argument.
func (w *where) last() string { return "$" + strconv.Itoa(len(w.args)) }

// in adds a condition that column is one of values.
func (w *where) in(column string, values []string) {
	marks := make([]string, len(values))
	args := make([]any, len(values))
	for i, v := range values {
		marks[i], args[i] = "?", v
	}
	if len(values) == 0 {
		w.and("1 = 0")
		return
	}
	w.and(column+" IN ("+strings.Join(marks, ", ")+")", args...)
}

// texts returns identities as the text that they are.
func texts[T ~string](ids []T) []string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = string(id)
	}
	return list
}

// page bounds a page's size and start.
func page(limit, offset, most int) (int, int) {
	if limit <= 0 {
		limit = 50
	}
	return min(limit, most), max(offset, 0)
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func fromUnix(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func encode(v any) (string, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encode %T: %w", v, err)
	}
	return string(data), nil
}

func decode[T any](body string) (T, error) {
	var v T
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		return v, fmt.Errorf("decode %T: %w", v, err)
	}
	return v, nil
}

// bodies reads the JSON column of every row.
func bodies[T any](ctx context.Context, q querier, query string, args ...any) ([]T, error) {
	return rows(ctx, q, func(r *sql.Rows) (T, error) {
		var body string
		if err := r.Scan(&body); err != nil {
			var none T
			return none, err
		}
		return decode[T](body)
	}, query, args...)
}

// body reads the JSON column of the one row.
func body[T any](ctx context.Context, q querier, query string, args ...any) (T, error) {
	var text string
	if err := q.QueryRowContext(ctx, query, args...).Scan(&text); err != nil {
		var none T
		return none, err
	}
	return decode[T](text)
}

// rows reads every row.
func rows[T any](ctx context.Context, q querier, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	r, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	list := []T{}
	for r.Next() {
		item, err := scan(r)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, r.Err()
}
