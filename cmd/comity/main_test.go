package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"comity/internal/testkit"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"comity": func() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestCommands runs the scripts in testdata/script: one file is one behaviour.
func TestCommands(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("SHARED", filepath.Join(testkit.Root(), "..", "shared", "data"))
			port, err := freePort()
			e.Setenv("ADDR", "127.0.0.1:"+port)
			return err
		},
		Condition: func(name string) (bool, error) {
			if name != "shared" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			_, err := os.Stat(filepath.Join(testkit.Root(), "..", "shared", "data"))
			return err == nil, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await":  await,
			"get":    get,
			"status": status,
		},
	})
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// await waits until a server is ready: await ADDR.
func await(ts *testscript.TestScript, _ bool, args []string) {
	deadline := time.Now().Add(60 * time.Second)
	for time.Now().Before(deadline) {
		response, err := http.Get("http://" + args[0] + "/readyz")
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s is not ready after a minute", args[0])
}

// status checks the status of an address, sent as it is written and without following redirects: status URL CODE.
func status(ts *testscript.TestScript, _ bool, args []string) {
	request, err := http.NewRequest(http.MethodGet, args[0], nil)
	ts.Check(err)
	response, err := http.DefaultTransport.RoundTrip(request)
	ts.Check(err)
	response.Body.Close()
	if got := fmt.Sprint(response.StatusCode); got != args[1] {
		ts.Fatalf("%s: got %s, want %s", args[0], got, args[1])
	}
}

// get asks the API as a role of the demonstration and puts the answer into a file: get DIR ROLE PATH FILE.
func get(ts *testscript.TestScript, _ bool, args []string) {
	var access demoAccess
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(filepath.Join(args[0], "demo.json"))), &access))
	for _, r := range access.Roles {
		if r.Role != args[1] {
			continue
		}
		request, err := http.NewRequest(http.MethodGet, access.Base+args[2], nil)
		ts.Check(err)
		request.Header.Set("Authorization", "Bearer "+r.Token)
		response, err := http.DefaultClient.Do(request)
		ts.Check(err)
		defer response.Body.Close()
		var b strings.Builder
		fmt.Fprintln(&b, response.Status)
		var body json.RawMessage
		ts.Check(json.NewDecoder(response.Body).Decode(&body))
		b.Write(body)
		ts.Check(os.WriteFile(ts.MkAbs(args[3]), []byte(b.String()), 0o600))
		return
	}
	ts.Fatalf("the demonstration has no role %q", args[1])
}
