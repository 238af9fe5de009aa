package api

import (
	"net/http"
	"testing"
)

// FuzzRequest asks that no path, query or body makes the API fail: what is wrong is told, and never as a mistake of ours.
func FuzzRequest(f *testing.F) {
	f.Add("/threats?q=x&limit=5", `{"title":"x"}`, "")
	f.Add("/actions/act_0000000000000000", `{"title":"x","title":"y"}`, `"1"`)
	f.Add("/actions?owner=%ff&offset=999", `[[[[[[[[`, `W/"9"`)
	f.Add("/profile", `{"revision":1,"services":[{"name":"x","level":"strategic","criticality":[1,2,3,4]}],"tolerance":1e309}`, "*")
	f.Add("/releases/99999999999999999999", `{"scenario":"phishing","kind":"peer","count":1e3,"from":"2026-01-01","to":"2026-02-01"}`, "")
	w := newWorld(f)
	f.Fuzz(func(t *testing.T, path, body, ifMatch string) {
		if !sendable(path) || !sendable(ifMatch) {
			t.Skip("no client sends it")
		}
		w := w.in(t)
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch} {
			var content any
			if method != http.MethodGet {
				content = body
			}
			for _, at := range []string{path, "/actions", "/profile", "/evidence"} {
				if got := w.call(focal, method, at, content, "If-Match", ifMatch); got.status >= 500 {
					t.Errorf("%s %s %q: %d %s", method, at, body, got.status, got.body)
				}
			}
		}
	})
}

// sendable reports whether a text can stand in a request's head.
func sendable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	_, err := http.NewRequest(http.MethodGet, "http://localhost"+prefix+s, nil)
	return err == nil
}
