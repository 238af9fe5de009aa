package testkit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver with which databases are created
)

// server is the one PostgreSQL of a test process. It ends with the process and leaves nothing behind.
var server struct {
	once  sync.Once
	err   error
	port  int
	count atomic.Int64
	input io.Closer // never closed here: the kernel does it when the process ends, and a collected one would be
}

// Postgres returns the address of a fresh database on a real PostgreSQL server, started from Debian's binaries on a free
// port of this machine the first time that a test process asks. Where there are no such binaries the test fails and says
// what to install: it is never skipped.
func Postgres(t testing.TB) string {
	t.Helper()
	server.once.Do(func() { server.port, server.err = start() })
	if server.err != nil {
		t.Fatalf("PostgreSQL for tests: %v", server.err)
	}
	name := "test_" + strconv.FormatInt(server.count.Add(1), 10)
	admin, err := sql.Open("pgx", address(server.port, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	if _, err := admin.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return address(server.port, name)
}

func address(port int, database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", port, database)
}

// start makes a cluster in a temporary folder and starts it. PostgreSQL refuses to run as root, so as root it runs as the
// user that Debian's package made.
func start() (int, error) {
	bin, err := programs()
	if err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp("", "comity-postgres-")
	if err != nil {
		return 0, err
	}
	attributes, err := unprivileged(dir)
	if err != nil {
		return 0, err
	}
	port, err := freePort()
	if err != nil {
		return 0, err
	}
	if err := cluster(bin, dir, attributes); err != nil {
		return 0, err
	}
	return port, errors.Join(run(bin, dir, port, attributes), await(port))
}

// programs is the folder of PostgreSQL's programs.
func programs() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", fmt.Errorf("no binaries in /usr/lib/postgresql: install Debian's package postgresql, or run \"make test\", which does")
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// cluster makes the data folder of a server in dir.
func cluster(bin, dir string, attributes *syscall.SysProcAttr) error {
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync",
		"--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en") // an order other than bytes, to see what relies on it
	initdb.SysProcAttr, initdb.Dir = attributes, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

// untilClosed runs a command until its standard input closes, which the kernel does when the test process ends, however
// it ends; then it stops the command and removes its folder.
const untilClosed = `dir=$1; shift; "$@" </dev/null >"$dir/log" 2>&1 & cat >/dev/null; kill -QUIT $!; wait; rm -rf "$dir"`

func run(bin, dir string, port int, attributes *syscall.SysProcAttr) error {
	command := exec.Command("/bin/sh", "-c", untilClosed, "sh", dir,
		filepath.Join(bin, "postgres"), "-D", filepath.Join(dir, "data"), "-p", strconv.Itoa(port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200", "-c", "fsync=off")
	command.SysProcAttr, command.Dir = attributes, dir
	input, err := command.StdinPipe()
	if err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	server.input = input
	if err := command.Start(); err != nil {
		return fmt.Errorf("start postgres: %w", err)
	}
	return nil
}

// unprivileged returns how to run as another user than root, in a folder that is theirs and a group of processes of its
// own, so that an interrupt from the keyboard leaves the cleaning up to it.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	attributes := &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() != 0 {
		return attributes, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("as root it runs as the user postgres: %w", err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	attributes.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attributes, os.Chown(dir, uid, gid)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func await(port int) error {
	db, err := sql.Open("pgx", address(port, "postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		if err = db.PingContext(ctx); err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("postgres does not answer: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
