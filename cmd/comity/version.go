package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

// version is set by the build from the tag; a plain "go build" leaves it to the module's own version.
var version string

// versionCmd prints what this program is.
type versionCmd struct{ outputFlags }

// build is what is known of how this program was built.
type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

func buildInfo() build {
	b := build{Version: version, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if b.Version == "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			b.Commit = s.Value
		}
	}
	return b
}

// Run prints the version.
func (c *versionCmd) Run(a *app) error {
	b := buildInfo()
	return a.print(c.outputFlags, b, func(w io.Writer) {
		fmt.Fprintf(w, "comity %s (%s, %s/%s)\n", b.Version, b.Go, b.OS, b.Arch)
	})
}
