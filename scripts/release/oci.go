package main

import (
	"archive/tar"
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// imageUser is who runs in the image: nobody that a machine has, and not root.
const imageUser = 65532

// oci writes an OCI image layout, as one tar archive, with an image for each architecture. An image is the binary, a
// folder for the data and an empty /tmp: no shell, no packages, no certificates but those in the binary.
//
// Source: OCI Image Format Specification 1.1, image-layout.md.
func (r release) oci(all []built) error {
	var index v1.ImageIndex = mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, b := range all {
		image, err := r.image(b)
		if err != nil {
			return err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{
			Platform:    &v1.Platform{OS: "linux", Architecture: b.arch},
			Annotations: map[string]string{"org.opencontainers.image.ref.name": r.tag()},
		}})
	}
	dir, err := os.MkdirTemp("", "comity-oci-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if _, err := layout.Write(dir, index); err != nil {
		return err
	}
	files, err := readAll(dir)
	if err != nil {
		return err
	}
	out, err := os.Create(r.name("oci.tar"))
	if err != nil {
		return err
	}
	if err := writeTar(out, "", files, r.at); err != nil {
		return err
	}
	return out.Close()
}

// tag is the version as a tag of an image, which knows no "~" and no "+".
func (r release) tag() string { return strings.NewReplacer("~", "-", "+", "-").Replace(r.version) }

// image returns the image of one architecture.
func (r release) image(b built) (v1.Image, error) {
	binary, err := os.ReadFile(b.path)
	if err != nil {
		return nil, err
	}
	files := withFolders([]file{
		{name: "data/", mode: 0o700, uid: imageUser},
		{name: "tmp/", mode: 0o1777},
		{name: "usr/bin/comity", mode: 0o755, data: binary},
	})
	var content bytes.Buffer
	if err := writeTar(&content, "", files, r.at); err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content.Bytes())), nil
	}, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	image, err := mutate.Append(mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON), mutate.Addendum{
		Layer: layer, History: v1.History{Created: v1.Time{Time: r.at}, CreatedBy: "comity release"},
	})
	if err != nil {
		return nil, err
	}
	return mutate.ConfigFile(image, r.imageConfig(b, image))
}

// imageConfig returns what an image's own layers do not say.
func (r release) imageConfig(b built, image v1.Image) *v1.ConfigFile {
	config, err := image.ConfigFile()
	if err != nil {
		config = &v1.ConfigFile{}
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Created = "linux", b.arch, v1.Time{Time: r.at}
	config.Config = v1.Config{
		User:         "65532:65532",
		Entrypoint:   []string{"/usr/bin/comity"},
		Cmd:          []string{"serve"},
		Env:          []string{"PATH=/usr/bin", "COMITY_DIR=/data"},
		WorkingDir:   "/data",
		Volumes:      map[string]struct{}{"/data": {}},
		ExposedPorts: map[string]struct{}{"8080/tcp": {}},
		Labels: map[string]string{
			"org.opencontainers.image.title":    "Comity",
			"org.opencontainers.image.version":  r.version,
			"org.opencontainers.image.licenses": "Apache-2.0",
			"org.opencontainers.image.created":  r.at.Format(time.RFC3339),
		},
	}
	return config
}

// readAll reads a folder.
func readAll(dir string) (files []file, err error) {
	err = fs.WalkDir(os.DirFS(dir), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		files = append(files, file{name: name, mode: 0o644, data: data})
		return err
	})
	return withFolders(files), err
}

// writeTar writes files, whose names get a prefix, as root's and of one time unless they say otherwise.
func writeTar(w io.Writer, prefix string, files []file, at time.Time) error {
	t := tar.NewWriter(w)
	for _, f := range files {
		head := &tar.Header{
			Typeflag: tar.TypeReg, Name: prefix + f.name, Mode: f.mode, Uid: f.uid, Gid: f.uid, Size: int64(len(f.data)),
			ModTime: at, Format: tar.FormatGNU,
		}
		if strings.HasSuffix(f.name, "/") {
			head.Typeflag = tar.TypeDir
		}
		if err := t.WriteHeader(head); err != nil {
			return err
		}
		if _, err := t.Write(f.data); err != nil {
			return err
		}
	}
	return t.Close()
}
