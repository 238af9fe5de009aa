package main

import (
	"bytes"
	"compress/gzip"
	"crypto/md5" // Debian's format asks for it; it protects nothing
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

//go:embed files
var assets embed.FS

// deb writes a Debian package: an ar archive of the version of the format, the control files and the files.
//
// Source: deb(5), deb-control(5), ar(5).
func (r release) deb(b built) error {
	files, err := r.installed(b)
	if err != nil {
		return err
	}
	data, err := packed(files, r.at)
	if err != nil {
		return err
	}
	control, err := r.control(b, files)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	out.WriteString("!<arch>\n")
	for _, m := range []struct {
		name string
		data []byte
	}{{"debian-binary", []byte("2.0\n")}, {"control.tar.gz", control}, {"data.tar.gz", data}} {
		fmt.Fprintf(&out, "%-16s%-12d%-6d%-6d%-8s%-10d`\n", m.name, r.at.Unix(), 0, 0, "100644", len(m.data))
		out.Write(m.data)
		if len(m.data)%2 == 1 {
			out.WriteByte('\n')
		}
	}
	return os.WriteFile(filepath.Join(r.dist, "comity_"+r.version+"_"+b.arch+".deb"), out.Bytes(), 0o644)
}

// installed are the files that the package puts on a machine.
func (r release) installed(b built) ([]file, error) {
	var files []file
	for _, f := range []struct {
		to   string
		mode int64
		read func() ([]byte, error)
	}{
		{"usr/bin/comity", 0o755, onDisk(b.path)},
		{"usr/lib/systemd/system/comity.service", 0o644, asset("comity.service")},
		{"etc/comity/comity.toml", 0o640, asset("comity.toml")},
		{"usr/share/doc/comity/copyright", 0o644, r.copyright},
		{"usr/share/doc/comity/NOTICE", 0o644, onDisk(filepath.Join(r.root, "NOTICE"))},
		{"usr/share/doc/comity/CHANGELOG.md", 0o644, onDisk(filepath.Join(r.root, "CHANGELOG.md"))},
		{"usr/share/doc/comity/operator.md", 0o644, onDisk(filepath.Join(r.root, "docs", "operator.md"))},
		{"usr/share/doc/comity/sbom.cdx.json", 0o644, onDisk(r.name("linux-" + b.arch + ".cdx.json"))},
	} {
		data, err := f.read()
		if err != nil {
			return nil, err
		}
		files = append(files, file{name: f.to, mode: f.mode, data: data})
	}
	return withFolders(files), nil
}

func onDisk(path string) func() ([]byte, error) {
	return func() ([]byte, error) { return os.ReadFile(path) }
}

func asset(name string) func() ([]byte, error) {
	return func() ([]byte, error) { return assets.ReadFile("files/" + name) }
}

func (r release) copyright() ([]byte, error) {
	licence, err := os.ReadFile(filepath.Join(r.root, "LICENSE"))
	return append([]byte("Copyright the authors of Comity. See NOTICE for what is in it of others.\n\n"), licence...), err
}

// control are the files that dpkg itself reads.
func (r release) control(b built, files []file) ([]byte, error) {
	kilobytes, sums := int64(0), strings.Builder{}
	for _, f := range files {
		kilobytes += int64(len(f.data)+1023) / 1024
		if !strings.HasSuffix(f.name, "/") {
			fmt.Fprintf(&sums, "%x  %s\n", md5.Sum(f.data), f.name)
		}
	}
	list := []file{
		{name: "control", mode: 0o644, data: fmt.Appendf(nil, controlText, r.version, b.arch, kilobytes)},
		{name: "conffiles", mode: 0o644, data: []byte("/etc/comity/comity.toml\n")},
		{name: "md5sums", mode: 0o644, data: []byte(sums.String())},
	}
	for _, name := range []string{"postinst", "prerm", "postrm"} {
		data, err := assets.ReadFile("files/" + name)
		if err != nil {
			return nil, err
		}
		list = append(list, file{name: name, mode: 0o755, data: data})
	}
	return packed(list, r.at)
}

const controlText = `Package: comity
Version: %s
Architecture: %s
Maintainer: The authors of Comity <authors@comity.invalid>
Installed-Size: %d
Depends: passwd
Recommends: systemd
Section: net
Priority: optional
Description: exposure to threats, assessed together
 Comity lets autonomous organisations assess their exposure to threats
 together, and act on it, without any of them giving up its secrets.
 One program with pages, a REST API and commands; SQLite in one folder,
 or PostgreSQL.
`

// packed returns a compressed tar archive in which nothing tells when or by whom it was made. Names get "./" before
// them, as dpkg's own have.
func packed(files []file, at time.Time) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if err := writeTar(z, "./", files, at); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
