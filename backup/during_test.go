package backup_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"comity"
	"comity/backup"
	"comity/storage"
)

const (
	writers   = 5
	perSecond = 50 // writes of all of them together
)

// log is what one writer was told is written, in its order.
type log struct {
	mu    sync.Mutex
	names []string
}

func (l *log) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.names)
}

// write writes organisations at its share of the rate until ctx ends, and logs each that the store acknowledged.
func (l *log) write(ctx context.Context, s *storage.Store, writer int) error {
	tick := time.NewTicker(time.Second * writers / perSecond)
	defer tick.Stop()
	for i := 0; ; i++ {
		name := fmt.Sprintf("writer %d, row %d", writer, i)
		o := comity.Organization{ID: orgID(writer*8192 + i), Acronym: fmt.Sprintf("X-%d-%d", writer, i), Name: name, Kind: comity.KindMember}
		if err := s.PutOrganization(context.WithoutCancel(ctx), system, o); err != nil {
			return err
		}
		l.mu.Lock()
		l.names = append(l.names, name)
		l.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// TestBackupDuringWrites backs up while five writers write 50 rows a second, restores, and compares row for row with what
// the writers were told: all that was acknowledged before the backup began, nothing that began after it ended, of each
// writer all rows up to one, and for each row its audit entry.
func TestBackupDuringWrites(t *testing.T) {
	for name, on := range engines {
		t.Run(name, func(t *testing.T) {
			from, to := on(t), on(t)
			s := from.store(t)
			large(t, s)
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			logs := make([]*log, writers)
			var group sync.WaitGroup
			for w := range logs {
				logs[w] = &log{}
				group.Go(func() {
					if err := logs[w].write(ctx, s, w); err != nil {
						t.Error(err)
					}
				})
			}
			await(t, logs, 3)
			before := lengths(logs)
			// A slow line, so that the backup takes its time.
			var b bytes.Buffer
			_, err := backup.Write(t.Context(), slowly{&b}, s, backup.WriteOptions{Now: now, Plain: true})
			if err != nil {
				t.Fatal(err)
			}
			after := lengths(logs)
			stop()
			group.Wait()
			mustRestore(t, b.Bytes(), to)
			restored := restoredNames(t, to.store(t))
			rows := 0
			for w, l := range logs {
				got := restored[w]
				if len(got) < before[w] || len(got) > after[w]+1 {
					t.Errorf("writer %d: %d rows restored; %d were acknowledged before, %d after", w, len(got), before[w], after[w])
				}
				if !slices.Equal(got, l.names[:min(len(got), len(l.names))]) {
					t.Errorf("writer %d: the rows are not the first that it wrote: %q", w, got)
				}
				rows += len(got)
			}
			entries := to.number(t, `SELECT COUNT(*) FROM audit_entries WHERE action = 'put organization'`)
			if int(entries) != rows {
				t.Errorf("%d rows and %d audit entries: half of a transaction was backed up", rows, entries)
			}
			sum := 0
			for w := range logs {
				sum += after[w] - before[w]
			}
			t.Logf("%d rows restored; %d were written while the backup ran", rows, sum)
			if sum == 0 {
				t.Error("nothing was written while the backup ran: this test says nothing")
			}
		})
	}
}

// slowly writes 4 kB in about a millisecond.
type slowly struct{ b *bytes.Buffer }

// Write writes slowly.
func (s slowly) Write(p []byte) (int, error) {
	for chunk := range slices.Chunk(p, 4096) {
		time.Sleep(time.Millisecond)
		s.b.Write(chunk)
	}
	return len(p), nil
}

func lengths(logs []*log) (n []int) {
	for _, l := range logs {
		n = append(n, l.len())
	}
	return n
}

func await(t *testing.T, logs []*log, n int) {
	t.Helper()
	for slices.Min(lengths(logs)) < n {
		if t.Failed() {
			t.FailNow()
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// large puts in some ten thousand rows, so that a backup lasts.
func large(t *testing.T, s *storage.Store) {
	t.Helper()
	scores := make([]comity.EPSSScore, 20_000)
	for i := range scores {
		scores[i] = comity.EPSSScore{CVE: fmt.Sprintf("CVE-2020-%05d", i), Score: float64(i) / 20_000, Percentile: 1 - float64(i)/20_000}
	}
	if _, err := s.PutScores(t.Context(), system, comity.Source{ID: comity.SourceEPSS, Version: "v", Date: now, TakenIn: now}, scores, false); err != nil {
		t.Fatal(err)
	}
}

// restoredNames returns the names of each writer's rows by their number.
func restoredNames(t *testing.T, s *storage.Store) [writers][]string {
	t.Helper()
	orgs, err := s.Organizations(t.Context(), system)
	if err != nil {
		t.Fatal(err)
	}
	var names [writers][]string
	slices.SortFunc(orgs, func(a, b comity.Organization) int {
		if len(a.Name) != len(b.Name) {
			return len(a.Name) - len(b.Name)
		}
		return strings.Compare(a.Name, b.Name)
	})
	for _, o := range orgs {
		var w, i int
		if _, err := fmt.Sscanf(o.Name, "writer %d, row %d", &w, &i); err != nil {
			t.Fatalf("%q: %v", o.Name, err)
		}
		names[w] = append(names[w], o.Name)
	}
	return names
}

// TestMemory backs up and restores 96 MB in rows of 1 MB, and looks at the heap meanwhile: it holds some rows, not all.
func TestMemory(t *testing.T) {
	from, to := onSQLite(t), onSQLite(t)
	from.store(t)
	for i := range 96 {
		from.exec(t, `INSERT INTO affected (cve, source, body) VALUES ($1, 'x', $2)`, fmt.Sprintf("CVE-2020-%05d", i), strings.Repeat(fmt.Sprintf("%07d ", i), 1<<17))
	}
	ctx, stop := context.WithCancel(t.Context())
	highest := make(chan uint64)
	runtime.GC()
	var start runtime.MemStats
	runtime.ReadMemStats(&start)
	go func() { // ends with ctx
		var high uint64
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			high = max(high, m.HeapAlloc)
			select {
			case <-ctx.Done():
				highest <- high
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	archive := archiveBytes(t, from)
	mustRestore(t, archive, to)
	stop()
	grown := int64(<-highest-start.HeapAlloc) >> 20
	t.Logf("heap grew by at most %d MB, archive %d kB", grown, len(archive)>>10)
	if grown > 64 {
		t.Errorf("heap grew by %d MB, want at most 64", grown)
	}
}
