package main

import (
	"archive/tar"
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/CycloneDX/cyclonedx-go"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

var at = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// dist returns a release to look into: that of the environment, which "make release-check" built, or one whose binary is
// this test, which has modules like any other.
func dist(t *testing.T) (dir string) {
	t.Helper()
	if dir := os.Getenv("COMITY_DIST"); dir != "" {
		return dir
	}
	return pack(t)
}

func pack(t *testing.T) (dir string) {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	r := release{root: root, dist: t.TempDir(), version: "1.2.3~rc1", at: at}
	var all []built
	for _, arch := range architectures {
		b := built{arch: arch, path: r.name("linux-" + arch)}
		if err := os.WriteFile(b.path, binary, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, do := range []func(built) error{r.sbom, r.deb} {
			if err := do(b); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, b)
	}
	if err := r.oci(all); err != nil {
		t.Fatal(err)
	}
	if err := r.sums(); err != nil {
		t.Fatal(err)
	}
	return r.dist
}

// one returns the only file of a release that fits a pattern.
func one(t *testing.T, dir, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %v, %v", pattern, found, err)
	}
	return found[0]
}

// TestPackingTwice packs the same binaries again: every file is the same.
func TestPackingTwice(t *testing.T) {
	sums := func() string {
		data, err := os.ReadFile(filepath.Join(pack(t), "SHA256SUMS"))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	first := sums()
	if second := sums(); first != second || strings.Count(first, "\n") != 7 {
		t.Errorf("got\n%s\nand\n%s", first, second)
	}
}

// TestList compares the list of what is in a binary with what the binary says.
func TestList(t *testing.T) {
	dir := dist(t)
	for _, arch := range architectures {
		info, err := buildinfo.ReadFile(one(t, dir, "comity-*-linux-"+arch))
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"stdlib " + strings.TrimPrefix(strings.Fields(info.GoVersion)[0], "go")}
		for _, m := range info.Deps {
			want = append(want, m.Path+" "+m.Version)
		}
		file, err := os.Open(one(t, dir, "comity-*-linux-"+arch+".cdx.json"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		var bom cyclonedx.BOM
		if err := cyclonedx.NewBOMDecoder(file, cyclonedx.BOMFileFormatJSON).Decode(&bom); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range *bom.Components {
			got = append(got, c.Name+" "+c.Version)
			if os.Getenv("COMITY_DIST") != "" && c.Licenses == nil {
				t.Errorf("%s: no licence is named", c.Name)
			}
		}
		if !slices.Equal(got, want) || len(got) < 5 {
			t.Errorf("%s:\ngot  %v\nwant %v", arch, got, want)
		}
		if !regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(bom.SerialNumber) {
			t.Errorf("serial number %q", bom.SerialNumber)
		}
	}
}

// TestPackage looks into a Debian package with Debian's own tools where they are.
func TestPackage(t *testing.T) {
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		t.Log("not looked into: this machine has no dpkg-deb")
		return
	}
	dir := dist(t)
	for _, arch := range architectures {
		deb := one(t, dir, "comity_*_"+arch+".deb")
		info := output(t, "dpkg-deb", "--info", deb)
		for _, want := range []string{"Package: comity", "Architecture: " + arch, "Maintainer: ", "Installed-Size: "} {
			if !strings.Contains(info, want) {
				t.Errorf("%s: no %q in\n%s", deb, want, info)
			}
		}
		contents := output(t, "dpkg-deb", "--contents", deb)
		for _, want := range []string{
			`-rwxr-xr-x 0/0 +\d+ \S+ \S+ \./usr/bin/comity\n`, `-rw-r----- 0/0 +\d+ \S+ \S+ \./etc/comity/comity\.toml\n`,
			`-rw-r--r-- 0/0 +\d+ \S+ \S+ \./usr/lib/systemd/system/comity\.service\n`, `drwxr-xr-x 0/0 +\d+ \S+ \S+ \./usr/\n`,
		} {
			if !regexp.MustCompile(want).MatchString(contents) {
				t.Errorf("%s: no %s in\n%s", deb, want, contents)
			}
		}
		root := unpack(t, deb)
		binary, err := os.ReadFile(filepath.Join(root, "usr/bin/comity"))
		if err != nil {
			t.Fatal(err)
		}
		if want, err := os.ReadFile(one(t, dir, "comity-*-linux-"+arch)); err != nil || !bytes.Equal(binary, want) {
			t.Errorf("%s: the binary is not the release's, %v", deb, err)
		}
	}
}

// unpack unpacks a package into a root of its own, with dpkg where that is allowed.
func unpack(t *testing.T, deb string) (root string) {
	t.Helper()
	root = t.TempDir()
	if os.Getuid() != 0 {
		output(t, "dpkg-deb", "--extract", deb, root)
		return root
	}
	for _, dir := range []string{"updates", "info", "triggers"} {
		if err := os.MkdirAll(filepath.Join(root, "var/lib/dpkg", dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "var/lib/dpkg/status"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	output(t, "dpkg", "--root="+root, "--force-architecture", "--unpack", deb)
	status, err := os.ReadFile(filepath.Join(root, "var/lib/dpkg/status"))
	if err != nil || !bytes.Contains(status, []byte("Conffiles:\n /etc/comity/comity.toml")) {
		t.Errorf("dpkg's status, %v:\n%s", err, status)
	}
	return root
}

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// TestScripts runs the package's scripts with programs that only write down how they were called.
func TestScripts(t *testing.T) {
	for _, c := range []struct {
		script string
		args   []string
		want   []string // calls that must be there
		not    []string
	}{
		{"postinst", []string{"configure", ""}, []string{"groupadd --system comity", "useradd --system --gid comity", "--shell /usr/sbin/nologin"}, []string{"systemctl try-restart"}},
		{"postinst", []string{"abort-upgrade"}, nil, []string{"useradd", "systemctl"}},
		{"prerm", []string{"upgrade"}, nil, []string{"disable"}},
		{"postrm", []string{"purge"}, nil, []string{"rm "}},
	} {
		bin := t.TempDir()
		log := filepath.Join(bin, "log")
		for _, name := range []string{"getent", "groupadd", "useradd", "install", "systemctl", "rm", "chgrp"} {
			text := "#!/bin/sh\necho \"" + name + " $*\" >>'" + log + "'\n"
			if name == "getent" {
				text += "exit 2\n"
			}
			if err := os.WriteFile(filepath.Join(bin, name), []byte(text), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command("/bin/sh", append([]string{filepath.Join("files", c.script)}, c.args...)...)
		cmd.Env = []string{"PATH=" + bin}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s %v: %v\n%s", c.script, c.args, err, out)
		}
		calls, err := os.ReadFile(log)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(string(calls), want) {
				t.Errorf("%s %v: no %q in\n%s", c.script, c.args, want, calls)
			}
		}
		for _, not := range c.not {
			if strings.Contains(string(calls), not) {
				t.Errorf("%s %v: %q in\n%s", c.script, c.args, not, calls)
			}
		}
	}
}

// TestService asks systemd how exposed the service is, where systemd is; 2.0 of 10 is the most that we take.
func TestService(t *testing.T) {
	unit, err := os.ReadFile("files/comity.service")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"User=comity", "ProtectSystem=strict", "NoNewPrivileges=yes", "CapabilityBoundingSet=\n", "MemoryDenyWriteExecute=yes", "SystemCallFilter=@system-service", "StateDirectoryMode=0700"} {
		if !strings.Contains(string(unit), want) {
			t.Errorf("no %q", want)
		}
	}
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Log("not measured: this machine has no systemd-analyze")
		return
	}
	out := output(t, "systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", "files/comity.service")
	t.Log(strings.TrimSpace(out[strings.LastIndex(strings.TrimSpace(out), "\n")+1:]))
}

// TestImage reads the OCI image layout back and checks every hash and the image of each architecture.
func TestImage(t *testing.T) {
	dir := t.TempDir()
	untar(t, one(t, dist(t), "comity-*-oci.tar"), dir)
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(index); err != nil {
		t.Error(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var archs []string
	for _, d := range manifest.Manifests {
		archs = append(archs, d.Platform.Architecture)
		image, err := index.Image(d.Digest)
		if err != nil {
			t.Fatal(err)
		}
		config, err := image.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if config.Config.User != "65532:65532" || config.OS != "linux" || config.Architecture != d.Platform.Architecture || len(config.RootFS.DiffIDs) != 1 {
			t.Errorf("%s: %+v", d.Platform, config)
		}
		checkLayer(t, image)
	}
	if !slices.Equal(archs, architectures) {
		t.Errorf("got %v, want %v", archs, architectures)
	}
	var mark struct {
		Version string `json:"imageLayoutVersion"`
	}
	data, err := os.ReadFile(filepath.Join(dir, "oci-layout"))
	if err != nil || json.Unmarshal(data, &mark) != nil || mark.Version != "1.0.0" {
		t.Errorf("oci-layout: %s, %v", data, err)
	}
}

// checkLayer looks at who owns what in an image.
func checkLayer(t *testing.T, image v1.Image) {
	t.Helper()
	layers, err := image.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("%d layers, %v", len(layers), err)
	}
	content, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	want := map[string]struct {
		mode int64
		uid  int
	}{"data/": {0o700, imageUser}, "tmp/": {0o1777, 0}, "usr/": {0o755, 0}, "usr/bin/": {0o755, 0}, "usr/bin/comity": {0o755, 0}}
	n := 0
	for r := tar.NewReader(content); ; n++ {
		head, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if w := want[head.Name]; w.mode != head.Mode || w.uid != head.Uid || head.Uname != "" {
			t.Errorf("%s: mode %o of %d", head.Name, head.Mode, head.Uid)
		}
	}
	if n != len(want) {
		t.Errorf("%d files, want %d", n, len(want))
	}
}

func untar(t *testing.T, name, dir string) {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for r := tar.NewReader(file); ; {
		head, err := r.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(head.Name))
		if head.Typeflag == tar.TypeDir {
			err = os.MkdirAll(path, 0o755)
		} else {
			var data []byte
			if data, err = io.ReadAll(r); err == nil {
				err = os.WriteFile(path, data, 0o644)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestVersions checks that Debian sorts versions as they came to be.
func TestVersions(t *testing.T) {
	for described, want := range map[string]string{
		"v0.1.0": "0.1.0", "v1.2.3-4-gabcdef0": "1.2.3+4.gabcdef0", "abcdef0": "0.1.0~git20261123.abcdef0",
	} {
		if got := versionOf(described, at); got != want {
			t.Errorf("%s: got %s, want %s", described, got, want)
		}
	}
	if _, err := exec.LookPath("dpkg"); err != nil {
		return
	}
	for _, pair := range [][2]string{{"0.1.0~git20261123.abcdef0", "0.1.0"}, {"0.1.0", "0.1.0+4.gabcdef0"}, {"0.1.0+4.gabcdef0", "0.1.1~rc1"}} {
		output(t, "dpkg", "--compare-versions", pair[0], "lt", pair[1])
	}
}
