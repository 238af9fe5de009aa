package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
)

//go:embed static
var staticFiles embed.FS

// assets serves the stylesheet, script and icon under a path that names their content, so that a browser may keep them
// for good and never shows a page with another version's style.
type assets struct {
	prefix string // "/static/<hash>"
	files  http.Handler
}

func newAssets() (*assets, error) {
	tree := sub(staticFiles, "static")
	sum := sha256.New()
	err := fs.WalkDir(tree, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(tree, path)
		fmt.Fprintf(sum, "%s %d\n", path, len(content))
		sum.Write(content)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("hash assets: %w", err)
	}
	prefix := "/static/" + hex.EncodeToString(sum.Sum(nil))[:12]
	return &assets{prefix: prefix, files: http.StripPrefix(prefix, http.FileServerFS(tree))}, nil
}

// ServeHTTP serves one asset; its folders are not listed.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == a.prefix+"/" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	a.files.ServeHTTP(w, r)
}
