// Command release makes everything that a release consists of, into one folder: for linux on amd64 and arm64 a binary, a
// Debian package and a list of what is in the binary (CycloneDX), one OCI image layout for both, and SHA256SUMS. It needs
// Go and nothing else, and makes the same bytes wherever it is run: times are those of the commit, names are sorted, and
// nothing of the folder or the machine goes into a file.
//
// Run it with "make release"; "make release-check" runs it twice and compares.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// release is what one run makes.
type release struct {
	root    string    // of the repository
	dist    string    // where everything goes; emptied first
	version string    // as the program prints it, and Debian sorts it
	at      time.Time // of the commit: the time in every file
}

// built is the binary of one architecture.
type built struct {
	arch string // as Go and Debian both call it
	path string
}

var architectures = []string{"amd64", "arm64"}

func main() {
	log.SetFlags(0)
	log.SetPrefix("release: ")
	dist := flag.String("dist", "dist", "folder to make")
	version := flag.String("version", "", "version; from git if not given")
	epoch := flag.Int64("epoch", 0, "SOURCE_DATE_EPOCH, seconds; from git if not given")
	flag.Parse()
	r, err := prepare(*dist, *version, *epoch)
	if err == nil {
		err = r.make()
	}
	if err != nil {
		log.Fatal(err)
	}
}

// prepare finds out version and time, and makes an empty folder.
func prepare(dist, version string, epoch int64) (r release, err error) {
	if r.root, err = os.Getwd(); err != nil {
		return r, err
	}
	if _, err := os.Stat(filepath.Join(r.root, "go.mod")); err != nil {
		return r, fmt.Errorf("run it in the root of the repository: %w", err)
	}
	if epoch == 0 {
		if epoch, err = commitTime(r.root); err != nil {
			return r, err
		}
	}
	r.at = time.Unix(epoch, 0).UTC()
	if r.version = version; version == "" {
		if r.version, err = describe(r.root, r.at); err != nil {
			return r, err
		}
	}
	if r.dist, err = filepath.Abs(dist); err != nil {
		return r, err
	}
	if err := os.RemoveAll(r.dist); err != nil {
		return r, err
	}
	return r, os.MkdirAll(r.dist, 0o755)
}

// make makes everything.
func (r release) make() error {
	var all []built
	for _, arch := range architectures {
		b, err := r.build(arch)
		if err != nil {
			return err
		}
		if err := r.sbom(b); err != nil {
			return fmt.Errorf("list what is in %s: %w", b.path, err)
		}
		if err := r.deb(b); err != nil {
			return fmt.Errorf("make the Debian package for %s: %w", arch, err)
		}
		all = append(all, b)
	}
	if err := r.oci(all); err != nil {
		return fmt.Errorf("make the image: %w", err)
	}
	return r.sums()
}

// name is the path of a file of the release: NAME-VERSION-REST.
func (r release) name(rest string) string {
	return filepath.Join(r.dist, "comity-"+r.version+"-"+rest)
}

// sums writes SHA256SUMS over everything else, as sha256sum checks it, and prints it.
func (r release) sums() error {
	entries, err := os.ReadDir(r.dist)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	for _, e := range entries { // by name
		sum, err := hashFile(filepath.Join(r.dist, e.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&out, "%s  %s\n", sum, e.Name())
	}
	fmt.Print(out.String())
	return os.WriteFile(filepath.Join(r.dist, "SHA256SUMS"), out.Bytes(), 0o644)
}

func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// file is one file of a package or image.
type file struct {
	name string // from the root, without a slash before it; folders end with one
	mode int64
	data []byte
	uid  int
}

// withFolders returns the files with every folder above them, by name.
func withFolders(files []file) []file {
	folders := map[string]bool{}
	for _, f := range files {
		folders[f.name] = true
	}
	all := slices.Clone(files)
	for _, f := range files {
		for dir := filepath.Dir(strings.TrimSuffix(f.name, "/")); dir != "."; dir = filepath.Dir(dir) {
			if !folders[dir+"/"] {
				folders[dir+"/"] = true
				all = append(all, file{name: dir + "/", mode: 0o755})
			}
		}
	}
	slices.SortFunc(all, func(a, b file) int { return strings.Compare(a.name, b.name) })
	return all
}
