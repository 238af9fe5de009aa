package storage_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"comity"
	"comity/internal/testkit"
	"comity/storage"
	"comity/storage/postgres"
	"comity/storage/sqlite"
)

const (
	// writerVariable makes this test a program that writes until it is killed: "sqlite DIR PREFIX" or "postgres ADDRESS PREFIX".
	writerVariable = "COMITY_TEST_WRITER"
	// killsVariable says how often each kind of kill is done; "make soak" does it 50 times.
	killsVariable = "COMITY_KILLS"

	fewKills    = 3
	killWriters = 4
)

func TestMain(m *testing.M) {
	if what := os.Getenv(writerVariable); what != "" {
		if err := writeUntilKilled(what); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
	}
	os.Exit(m.Run())
}

// writeUntilKilled opens a store and writes to it from several goroutines. It prints the acronym of each organisation
// after the store said that it is written: one line, one system call.
func writeUntilKilled(what string) error {
	engine, rest, _ := strings.Cut(what, " ")
	where, prefix, _ := strings.Cut(rest, " ")
	s, err := openAt(context.Background(), engine, where)
	if err != nil {
		return err
	}
	failed := make(chan error)
	var out sync.Mutex
	for w := range killWriters {
		go func() { // ends with the process
			for i := 0; ; i++ {
				name := fmt.Sprintf("%s-%d-%d", prefix, w, i)
				o := comity.Organization{ID: comity.OrgID("org_" + name), Acronym: name, Name: strings.Repeat(name+" ", 40), Kind: comity.KindMember}
				if err := s.PutOrganization(context.Background(), system, o); err != nil {
					failed <- err
					return
				}
				out.Lock()
				_, err := os.Stdout.WriteString(name + "\n")
				out.Unlock()
				if err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	return <-failed
}

func openAt(ctx context.Context, engine, where string) (*storage.Store, error) {
	if engine == "postgres" {
		return postgres.Open(ctx, where)
	}
	return sqlite.Open(ctx, where)
}

// kills is how many rounds each test of this file has.
func kills(t *testing.T) int {
	t.Helper()
	text, ok := os.LookupEnv(killsVariable)
	if !ok {
		return fewKills
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s=%q: want a number", killsVariable, text)
	}
	return n
}

// series is one store through many kills.
type series struct {
	engine, where string
	acknowledged  []string
	random        *rand.Rand
}

// round starts a program that writes, runs kill after it was told of some writes, and collects what it was told of until
// its end.
func (s *series) round(t *testing.T, number int, kill func(*os.Process)) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), writerVariable+"="+s.engine+" "+s.where+" R"+strconv.Itoa(number))
	cmd.Stderr = io.Discard // a server that is gone is what this is about
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	after := 1 + s.random.IntN(80)
	lines := bufio.NewReader(out)
	told := 0
	for {
		line, err := lines.ReadString('\n')
		if err != nil { // also a line without an end: it was not told
			break
		}
		s.acknowledged = append(s.acknowledged, strings.TrimSpace(line))
		if told++; told == after {
			kill(cmd.Process)
		}
	}
	_ = cmd.Wait() // it was killed, or its server was
	if told < after {
		t.Fatalf("round %d: the writer ended by itself after %d writes", number, told)
	}
}

// check opens the store and looks whether everything is there that was acknowledged, each with its audit entry, and
// nothing by halves.
func (s *series) check(t *testing.T, db *sql.DB) {
	t.Helper()
	store, err := openAt(t.Context(), s.engine, s.where)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	orgs, err := store.Organizations(t.Context(), system)
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, o := range orgs {
		there[o.Acronym] = o.Name == strings.Repeat(o.Acronym+" ", 40)
	}
	for _, name := range s.acknowledged {
		if !there[name] {
			t.Errorf("%s was acknowledged and is lost", name)
		}
	}
	var entries, bare int
	const query = `
		SELECT (SELECT COUNT(*) FROM audit_entries WHERE action = 'put organization'),
		       (SELECT COUNT(*) FROM organizations WHERE id NOT IN (SELECT subject FROM audit_entries))`
	if err := db.QueryRowContext(t.Context(), query).Scan(&entries, &bare); err != nil {
		t.Fatal(err)
	}
	if entries != len(orgs) || bare != 0 {
		t.Errorf("%d organisations, %d audit entries, %d without one", len(orgs), entries, bare)
	}
}

func report(t *testing.T, s *series, rounds int) {
	if t.Failed() {
		return
	}
	slices.Sort(s.acknowledged)
	t.Logf("%s: killed %d times, %d acknowledged writes, none lost", s.engine, rounds, len(slices.Compact(s.acknowledged)))
}

// TestKillSQLite kills the program that writes to SQLite, again and again on one store.
func TestKillSQLite(t *testing.T) {
	s := &series{engine: "sqlite", where: t.TempDir(), random: rand.New(rand.NewPCG(1, 1))}
	db, err := sql.Open("sqlite", filepath.Join(s.where, sqlite.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for n := range kills(t) {
		s.round(t, n, killProcess(t))
		s.check(t, db)
		var sound string
		if err := db.QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&sound); err != nil || sound != "ok" {
			t.Fatalf("round %d: integrity_check: %s, %v", n, sound, err)
		}
		if rows := count(t, db, `SELECT COUNT(*) FROM pragma_foreign_key_check`); rows != 0 {
			t.Errorf("round %d: %d rows refer to nothing", n, rows)
		}
	}
	report(t, s, kills(t))
}

// TestKillPostgresClient kills the program that writes to PostgreSQL.
func TestKillPostgresClient(t *testing.T) {
	s := &series{engine: "postgres", where: testkit.Postgres(t), random: rand.New(rand.NewPCG(2, 2))}
	db := connect(t, s.where)
	for n := range kills(t) {
		s.round(t, n, killProcess(t))
		s.check(t, db)
	}
	report(t, s, kills(t))
}

// TestKillPostgresServer kills a PostgreSQL server of this test's own while a program writes to it.
func TestKillPostgresServer(t *testing.T) {
	server := testkit.OwnPostgres(t)
	s := &series{engine: "postgres", where: server.Address(), random: rand.New(rand.NewPCG(3, 3))}
	db := connect(t, s.where)
	for n := range kills(t) {
		s.round(t, n, func(*os.Process) { server.Kill() })
		server.Start()
		s.check(t, db)
	}
	report(t, s, kills(t))
}

func killProcess(t *testing.T) func(*os.Process) {
	return func(p *os.Process) {
		if err := p.Kill(); err != nil {
			t.Error(err)
		}
	}
}

func connect(t *testing.T, address string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxIdleConns(0) // a connection of before a kill is of no use after it
	t.Cleanup(func() { db.Close() })
	return db
}

func count(t *testing.T, db *sql.DB, query string) (n int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
