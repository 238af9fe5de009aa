package e2e

import (
	"bufio"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

var setupLink = regexp.MustCompile(`(http://127\.0\.0\.1:\d+)(/setup/\S+)`)

// TestSetup sets a group up from an empty folder, by the link that the server prints, and looks at the pages of a group
// that has nothing yet.
func TestSetup(t *testing.T) {
	for _, lang := range []string{"en", "ar"} {
		t.Run(lang, func(t *testing.T) {
			base, link := serveEmpty(t)
			b := open(t, &demonstration{access: access{Base: base}}, setting{language: lang})
			b.visit(link)
			look(t, b, lang, "/setup/{secret}")
			for name, value := range map[string]string{
				"group_name": "Interest Group", "group_acronym": "XIG", "organization": "First organisation", "acronym": "X-ONE",
				"person": "Chief, Information Security", "email": "ciso@one.example", "password": "a lamp behind nine green doors",
			} {
				b.fill("[name="+name+"]", value)
			}
			b.submit("main form button")
			b.wants("details.account")
			for _, path := range []string{
				"/", "/organization", "/threats", "/actions", "/members", "/profile", "/profile/services", "/releases", "/sources", "/administration",
			} {
				b.visit(path)
				b.set(setting{width: 320, dark: true})
				b.accessible(t)
				b.fits(t)
				b.usable(t)
			}
		})
	}
}

// serveEmpty serves an empty folder, with more flags, until the test ends, and returns its address and the path of the
// set-up link.
func serveEmpty(t *testing.T, more ...string) (base, link string) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, append([]string{"serve", "--addr", "127.0.0.1:0", "--dir", t.TempDir()}, more...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		for lines.Scan() {
			continue // until it has drained
		}
		_ = cmd.Wait()
	})
	var said strings.Builder
	for lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		if m := setupLink.FindStringSubmatch(said.String()); m != nil && strings.Contains(lines.Text(), `"serving"`) {
			return m[1], m[2]
		}
	}
	t.Fatalf("no link to set up in what it said:\n%s", said.String())
	return "", ""
}
