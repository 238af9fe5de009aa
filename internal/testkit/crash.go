package testkit

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Server is a PostgreSQL server of one test, with a data folder of its own, that may be killed and started again. Unlike
// that of [Postgres] it writes as a server in use does.
type Server struct {
	t          testing.TB
	bin, dir   string
	port       int
	attributes *syscall.SysProcAttr
	postmaster int
	shell      *exec.Cmd
	input      io.Closer
}

// OwnPostgres makes and starts a server, which ends with the test and leaves nothing behind.
func OwnPostgres(t testing.TB) *Server {
	t.Helper()
	s := &Server{t: t}
	var err error
	if s.bin, err = programs(); err != nil {
		t.Fatal(err)
	}
	if s.dir, err = os.MkdirTemp("", "comity-postgres-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.stop()
		if err := os.RemoveAll(s.dir); err != nil {
			t.Error(err)
		}
	})
	if s.attributes, err = unprivileged(s.dir); err != nil {
		t.Fatal(err)
	}
	if err := cluster(s.bin, s.dir, s.attributes); err != nil {
		t.Fatal(err)
	}
	if s.port, err = freePort(); err != nil {
		t.Fatal(err)
	}
	s.Start()
	return s
}

// Address is that of the server's database.
func (s *Server) Address() string { return address(s.port, "postgres") }

// announced runs a command until its standard input closes, as untilClosed does, and prints the command's number first.
const announced = `"$@" </dev/null >>"$0" 2>&1 & echo $!; cat >/dev/null; kill -QUIT $! 2>/dev/null; wait`

// Start starts the server, and waits until it answers. After a kill the old server's processes may still be on their way
// out, and a new one refuses to start beside them: it is tried again.
func (s *Server) Start() {
	s.t.Helper()
	var err error
	for range 20 {
		if err = s.start(); err == nil {
			if err = await(s.port); err == nil {
				return
			}
		}
		s.stop()
		time.Sleep(250 * time.Millisecond)
	}
	log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	s.t.Fatalf("PostgreSQL does not start: %v\n%s", err, log)
}

func (s *Server) start() error {
	s.shell = exec.Command("/bin/sh", "-c", announced, filepath.Join(s.dir, "log"),
		filepath.Join(s.bin, "postgres"), "-D", filepath.Join(s.dir, "data"), "-p", strconv.Itoa(s.port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=50")
	s.shell.SysProcAttr, s.shell.Dir = s.attributes, s.dir
	input, err := s.shell.StdinPipe()
	if err != nil {
		return err
	}
	s.input = input
	output, err := s.shell.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.shell.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return fmt.Errorf("number of the server's process: %w", err)
	}
	s.postmaster, err = strconv.Atoi(strings.TrimSpace(line))
	return err
}

// Kill kills the server's first process with SIGKILL: it can do nothing about it. The others end when they notice.
func (s *Server) Kill() {
	s.t.Helper()
	if err := syscall.Kill(s.postmaster, syscall.SIGKILL); err != nil {
		s.t.Fatal(err)
	}
	s.stop()
}

// stop ends the shell around the server, and with it the server if it is still there.
func (s *Server) stop() {
	if s.shell == nil || s.shell.Process == nil {
		return
	}
	err := s.input.Close()
	if exit := s.shell.Wait(); exit != nil {
		if _, ok := errors.AsType[*exec.ExitError](exit); !ok { // how a killed server ends is no error
			err = errors.Join(err, exit)
		}
	}
	if err != nil {
		s.t.Error(err)
	}
	s.shell = nil
}
