package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// build builds the binary of one architecture: without cgo, paths, version control or build number in it.
func (r release) build(arch string) (built, error) {
	b := built{arch: arch, path: r.name("linux-" + arch)}
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-mod=readonly",
		"-ldflags", "-s -w -buildid= -X main.version="+r.version, "-o", b.path, "./cmd/comity")
	cmd.Dir = r.root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=", "GOEXPERIMENT=", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return b, fmt.Errorf("build for %s: %w\n%s", arch, err, out)
	}
	return b, os.Chmod(b.path, 0o755)
}

// commitTime is the time of the commit that is checked out, in seconds.
func commitTime(root string) (int64, error) {
	if epoch, ok := os.LookupEnv("SOURCE_DATE_EPOCH"); ok {
		return strconv.ParseInt(epoch, 10, 64)
	}
	out, err := git(root, "log", "-1", "--format=%ct")
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(out, 10, 64)
}

// describe returns the version: that of the tag "v1.2.3"; after it "1.2.3+4.gHASH"; before the first one
// "0.1.0~gitDATE.HASH". Debian sorts these as they came to be.
func describe(root string, at time.Time) (string, error) {
	out, err := git(root, "describe", "--tags", "--always", "--match", "v[0-9]*")
	if err != nil {
		return "", err
	}
	return versionOf(out, at), nil
}

var tagged = regexp.MustCompile(`^v([0-9][0-9A-Za-z.~]*)(?:-([0-9]+)-(g[0-9a-f]+))?$`)

func versionOf(described string, at time.Time) string {
	m := tagged.FindStringSubmatch(described)
	switch {
	case m == nil:
		return "0.1.0~git" + at.Format("20060102") + "." + described
	case m[2] != "":
		return m[1] + "+" + m[2] + "." + m[3]
	default:
		return m[1]
	}
}

func git(root string, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}
