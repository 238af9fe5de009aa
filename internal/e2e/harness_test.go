package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"comity/internal/testkit"
)

// workspace is the folder of this run: the binary, the demonstration, the browser's profile.
var workspace string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

// run runs the tests and leaves nothing behind: no process, no folder.
func run(m *testing.M) int {
	var err error
	if workspace, err = os.MkdirTemp("", "comity-e2e-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	stopBrowser()
	if d, err := meridian(); err == nil {
		_ = d.stop() // its tests are over
	}
	_ = os.RemoveAll(workspace)
	return code
}

// binary builds the program once, as "make build" does.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(workspace, "comity")
	cmd := exec.Command("go", "build", "-trimpath", "-o", path, "./cmd/comity")
	cmd.Dir, cmd.Env = testkit.Root(), append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

// demonstration is a running "comity demo".
type demonstration struct {
	dir    string
	access access
	ready  time.Duration // from the start of the process to /readyz
	cmd    *exec.Cmd
	ended  chan error
}

// access is demo.json.
type access struct {
	Base  string `json:"base"`
	Roles []role `json:"roles"`
}

type role struct {
	Role         string `json:"role"`
	Organization string `json:"organization"`
	Email        string `json:"email"`
	Password     string `json:"password"`
	Token        string `json:"token"`
}

// meridian is the demonstration that tests share; those that change it for others start their own.
var meridian = sync.OnceValues(func() (*demonstration, error) { return start(filepath.Join(workspace, "demo")) })

// start starts a demonstration in a folder and waits until it is ready.
func start(dir string) (*demonstration, error) {
	path, err := binary()
	if err != nil {
		return nil, err
	}
	d := &demonstration{dir: dir, ended: make(chan error, 1)}
	d.cmd = exec.Command(path, "demo", "--addr", "127.0.0.1:0", "--dir", dir)
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	output, err := os.CreateTemp(workspace, "output-")
	if err != nil {
		return nil, err
	}
	defer output.Close()
	d.cmd.Stdout, d.cmd.Stderr = output, output
	began := time.Now()
	_ = os.Remove(filepath.Join(dir, "demo.json")) // an earlier run's says another address
	if err := d.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { d.ended <- d.cmd.Wait() }()
	if err := d.await(2 * time.Minute); err != nil {
		text, _ := os.ReadFile(output.Name())
		return nil, fmt.Errorf("%w; it said:\n%s", err, text)
	}
	d.ready = time.Since(began)
	return d, nil
}

// await waits until demo.json is there and /readyz answers 200.
func (d *demonstration) await(most time.Duration) error {
	deadline := time.Now().Add(most)
	for time.Now().Before(deadline) {
		select {
		case err := <-d.ended:
			d.ended <- err
			return fmt.Errorf("the demonstration ended: %v", err)
		case <-time.After(20 * time.Millisecond):
		}
		data, err := os.ReadFile(filepath.Join(d.dir, "demo.json"))
		if err != nil || json.Unmarshal(data, &d.access) != nil {
			continue
		}
		resp, err := http.Get(d.access.Base + "/readyz")
		if err != nil {
			continue
		}
		resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return nil
		}
	}
	return errors.New("not ready in " + most.String())
}

// stop sends SIGTERM and waits for the process to end, at most as long as it may drain.
func (d *demonstration) stop() error {
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-d.ended:
		return err
	case <-time.After(15 * time.Second):
		return errors.Join(errors.New("did not end in 15 s after SIGTERM"), d.cmd.Process.Kill())
	}
}

// role returns the person who plays a role.
func (d *demonstration) role(t testing.TB, name string) role {
	t.Helper()
	for _, r := range d.access.Roles {
		if r.Role == name {
			return r
		}
	}
	t.Fatalf("demo.json has no role %s", name)
	return role{}
}

// shared returns the demonstration that tests share.
func shared(t testing.TB) *demonstration {
	t.Helper()
	d, err := meridian()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// comity runs the program and returns what it printed; it fails the test if the program fails.
func comity(t testing.TB, args ...string) string {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr strings.Builder
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("comity %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return stdout.String()
}
