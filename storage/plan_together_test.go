package storage_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"comity"
	"comity/act"
	"comity/internal/testkit"
	"comity/storage"
	"comity/storage/postgres"
	"comity/storage/sqlite"

	"github.com/anishathalye/porcupine"
)

// TestEightEditors has eight people change one item at once, on each engine: each writes words into its note, merging with
// what others wrote meanwhile. No word and no row is lost, and what everybody read and wrote could have happened one after
// another.
func TestEightEditors(t *testing.T) {
	for name, open := range map[string]func() (*storage.Store, error){
		"SQLite":     func() (*storage.Store, error) { return sqlite.Open(t.Context(), t.TempDir()) },
		"PostgreSQL": func() (*storage.Store, error) { return postgres.Open(t.Context(), testkit.Postgres(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			s, err := open()
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			editTogether(t, s)
		})
	}
}

const (
	editors   = 8
	wordsEach = 6
)

func editTogether(t *testing.T, s *storage.Store) {
	o := comity.Organization{ID: "org_a", Acronym: "A", Name: "Organisation", Kind: comity.KindMember}
	if err := s.PutOrganization(t.Context(), system, o); err != nil {
		t.Fatal(err)
	}
	id := comity.MakeActionID(comity.Entropy{1})
	item, err := s.PutAction(t.Context(), system, comity.ActionItem{
		ID: id, Title: "together", Owner: o.ID, Priority: comity.PriorityLow, Status: comity.ActionOpen,
	}, "", clock)
	if err != nil {
		t.Fatal(err)
	}
	h := &history{begin: time.Now(), operations: make([][]porcupine.Operation, editors)}
	failed := make(chan error, editors)
	var wait sync.WaitGroup
	for i := range editors {
		wait.Go(func() { failed <- edit(t.Context(), s, item, i, h) })
	}
	wait.Wait()
	for range editors {
		if err := <-failed; err != nil {
			t.Fatal(err)
		}
	}
	holdWords(t, s, id)
	var all []porcupine.Operation
	for _, list := range h.operations {
		all = append(all, list...)
	}
	if result := porcupine.CheckOperationsTimeout(register, all, 30*time.Second); result != porcupine.Ok {
		t.Errorf("%d reads and writes: %s, want %s: they could not have happened one after another", len(all), result, porcupine.Ok)
	}
}

// holdWords asks that every word is in the note, and that each revision has a row.
func holdWords(t *testing.T, s *storage.Store, id comity.ActionID) {
	now, err := s.Action(t.Context(), system, id)
	if err != nil {
		t.Fatal(err)
	}
	for i := range editors {
		for n := range wordsEach {
			if word := wordOf(i, n); !strings.Contains(now.Note, word) {
				t.Errorf("%s is lost in %q", word, now.Note)
			}
		}
	}
	rows, err := s.ActionRevisions(t.Context(), system, id)
	if err != nil {
		t.Fatal(err)
	}
	notes, last := 0, ""
	for _, r := range rows {
		if r.Field == "note" {
			notes++
			if r.Old != last {
				t.Errorf("row %d goes on from %q, the one before ended in %q", notes, r.Old, last)
			}
			last = r.New
		}
	}
	if notes != editors*wordsEach || now.Revision != 1+notes {
		t.Errorf("%d rows and revision %d, want %d and %d", notes, now.Revision, editors*wordsEach, editors*wordsEach+1)
	}
}

func wordOf(editor, n int) string { return fmt.Sprintf("word-%d-%d.", editor, n) }

// edit writes an editor's words, each on top of what the editor saw last, merged as often as somebody was quicker.
func edit(ctx context.Context, s *storage.Store, base comity.ActionItem, editor int, h *history) error {
	for n := range wordsEach {
		mine := base
		mine.Note = strings.TrimSpace(base.Note + "\n" + wordOf(editor, n))
		for {
			now, err := h.read(ctx, s, editor, base.ID)
			if err != nil {
				return err
			}
			merged, _ := act.Merge(base, now, mine)
			done, err := h.write(ctx, s, editor, merged, fmt.Sprintf("%d-%d", editor, n))
			if err == nil {
				base = done
				break
			}
			if comity.KindOf(err) != comity.Conflict {
				return err
			}
		}
	}
	return nil
}

// history is what each editor did, and when.
type history struct {
	begin      time.Time
	operations [][]porcupine.Operation // by editor
}

// state is an item as far as the history is checked.
type state struct {
	revision int
	note     string
}

// input is a read, or a write on a revision.
type input struct {
	write bool
	on    state
}

// output is what a read saw, or whether a write was taken.
type output struct {
	seen  state
	taken bool
}

func (h *history) read(ctx context.Context, s *storage.Store, editor int, id comity.ActionID) (comity.ActionItem, error) {
	call := time.Since(h.begin).Nanoseconds()
	a, err := s.Action(ctx, system, id)
	h.add(editor, call, input{}, output{seen: state{a.Revision, a.Note}})
	return a, err
}

func (h *history) write(ctx context.Context, s *storage.Store, editor int, a comity.ActionItem, key string) (comity.ActionItem, error) {
	call := time.Since(h.begin).Nanoseconds()
	done, err := s.ReviseAction(ctx, system, a, comity.ActionReason{Session: "gse_0000000000000001", Key: key}, clock)
	h.add(editor, call, input{write: true, on: state{a.Revision, a.Note}}, output{taken: err == nil})
	return done, err
}

func (h *history) add(editor int, call int64, in input, out output) {
	h.operations[editor] = append(h.operations[editor], porcupine.Operation{
		ClientId: editor, Input: in, Call: call, Output: out, Return: time.Since(h.begin).Nanoseconds(),
	})
}

// register is an item that takes a write on its own revision only.
var register = porcupine.Model{
	Init: func() any { return state{revision: 1} },
	Step: func(before, in, out any) (bool, any) {
		now, asked, got := before.(state), in.(input), out.(output)
		switch {
		case !asked.write:
			return got.seen == now, now
		case asked.on.revision != now.revision:
			return !got.taken, now
		default:
			return got.taken, state{now.revision + 1, asked.on.note}
		}
	},
}
