// Package archtest holds the architecture as a table, and its tests hold the code to it: who imports whom, who may do
// input and output, read the clock or draw by chance, and which libraries may be used where. The same table stands in
// ARCHITECTURE.md for people; a test compares the two.
//
// Where the design wants another arrow, change [Table] and ARCHITECTURE.md in the same commit, and say why. The one type
// to read first is [Rule].
package archtest

import "strings"

// Rule says what one package, or a tree of packages, may use.
type Rule struct {
	Package    string   // path inside the module; "." is the root; a trailing "/..." covers the packages below it too
	Imports    []string // packages of ours that it may import, written alike
	IO         bool     // may do input and output, read the clock and draw global chance
	Waits      bool     // without IO: may let time pass (a ticker), and still not read the clock
	ThirdParty []string // module path prefixes beyond the standard library
}

// all are the packages that only the edges, cmd and tests, join.
var all = []string{".", "archive", "document/...", "intake/...", "match/...", "assess/...", "aggregate/...", "act/...", "governance", "markdown", "demo/...", "exchange/...", "pipeline", "jobs", "notify/...", "storage/...", "backup", "auth/...", "api/...", "web/...", "internal/..."}

// Table is the architecture. The first rule that covers a package counts.
var Table = []Rule{
	{Package: "."},

	// Formats that others use too: no nouns of ours, so that they can be taken elsewhere.
	{Package: "exchange/...", Imports: []string{"exchange/..."}, ThirdParty: []string{"github.com/go-json-experiment/json"}},

	// Stages: pure functions of what they are given.
	{Package: "intake/fetch", Imports: []string{".", "intake"}, IO: true},
	{Package: "intake/profile", Imports: []string{"."}},
	{Package: "intake/profile/profiletest", Imports: []string{".", "intake/profile"}, ThirdParty: []string{"pgregory.net/rapid"}},
	{Package: "intake/...", Imports: []string{".", "intake/...", "exchange/..."}, ThirdParty: []string{
		"github.com/go-json-experiment/json", "github.com/package-url/packageurl-go",
	}},
	{Package: "match/...", Imports: []string{".", "match/..."}, ThirdParty: []string{"github.com/package-url/packageurl-go"}},
	{Package: "assess/portfolio", Imports: []string{".", "assess/..."}, ThirdParty: []string{"github.com/go-json-experiment/json"}},
	{Package: "assess/catalogue", Imports: []string{"."}, ThirdParty: []string{"github.com/go-json-experiment/json"}},
	{Package: "assess/...", Imports: []string{".", "assess/..."}, ThirdParty: []string{"gonum.org/v1/gonum"}},
	{Package: "aggregate/...", Imports: []string{".", "aggregate/..."}, ThirdParty: []string{"gonum.org/v1/gonum"}},
	{Package: "act/...", Imports: []string{".", "act/..."}},
	{Package: "governance", Imports: []string{"."}},

	// Texts that people write, as safe HTML.
	{Package: "markdown", Imports: []string{"document"}, ThirdParty: []string{"github.com/microcosm-cc/bluemonday", "github.com/yuin/goldmark"}},

	// The stages in a row.
	{Package: "pipeline", Imports: []string{".", "intake/...", "match/...", "assess/...", "aggregate/...", "act/..."}, Waits: true, ThirdParty: []string{"golang.org/x/sync"}},

	// Edges.
	{Package: "search", Imports: []string{"."}, ThirdParty: []string{"github.com/blevesearch/snowballstem", "golang.org/x/text"}},
	{Package: "storage/sqlite", Imports: []string{".", "search", "storage/..."}, IO: true, ThirdParty: []string{"modernc.org/sqlite"}},
	{Package: "storage/postgres", Imports: []string{".", "search", "storage/..."}, IO: true, ThirdParty: []string{"github.com/jackc/pgx/v5"}},
	{Package: "storage/migrations", Imports: []string{"."}, IO: true, ThirdParty: []string{"github.com/pressly/goose/v3"}},
	{Package: "storage/storagetest", Imports: []string{".", "search", "storage/...", "internal/testkit"}, IO: true, ThirdParty: []string{"github.com/google/go-cmp", "pgregory.net/rapid"}},
	{Package: "storage", Imports: []string{".", "search", "governance"}, IO: true},
	{Package: "notify/smtp", Imports: []string{".", "notify"}, IO: true, ThirdParty: []string{"github.com/wneessen/go-mail"}},
	{Package: "notify", Imports: []string{"."}, ThirdParty: []string{"github.com/arran4/golang-ical"}},
	{Package: "jobs", Imports: []string{".", "pipeline", "intake/fetch", "notify", "governance"}, IO: true},
	{Package: "backup", Imports: []string{".", "storage"}, IO: true, ThirdParty: []string{"filippo.io/age", "github.com/go-json-experiment/json"}},
	{Package: "archive", Imports: []string{".", "storage", "intake/profilefile"}, IO: true},
	{Package: "document/typeface", ThirdParty: []string{"github.com/go-text/typesetting"}},
	{Package: "document/pdf", Imports: []string{".", "document/..."}, ThirdParty: []string{"github.com/go-text/typesetting", "golang.org/x/image"}},
	{Package: "document/...", Imports: []string{".", "document/..."}},
	{Package: "auth", Imports: []string{"."}, IO: true, ThirdParty: []string{"golang.org/x/crypto", "golang.org/x/time"}},
	{Package: "api", Imports: []string{".", "pipeline", "storage", "act", "governance", "auth", "archive", "intake/baseline", "assess/catalogue", "assess/score", "document", "document/pdf"}, IO: true, ThirdParty: []string{"github.com/danielgtaylor/huma/v2", "github.com/go-json-experiment/json"}},
	{Package: "web", Imports: []string{".", "pipeline", "storage", "notify", "act", "governance", "markdown", "auth", "archive", "intake/profile", "intake/profilefile", "intake/baseline", "intake/indico", "assess/catalogue", "assess/score", "document", "document/pdf"}, IO: true, ThirdParty: []string{"golang.org/x/text"}},
	{Package: "cmd/...", Imports: all, IO: true, ThirdParty: []string{
		"filippo.io/age", "github.com/alecthomas/kong", "github.com/coreos/go-systemd/v22", "github.com/pelletier/go-toml/v2", "github.com/prometheus/client_golang", "github.com/schollz/progressbar/v3", "golang.org/x/crypto/x509roots/fallback", "golang.org/x/net", "golang.org/x/term",
	}},

	// The demonstration, what is shared by edges, and what tests use.
	{Package: "demo/derive", Imports: []string{".", "intake/..."}, IO: true},
	{Package: "demo", Imports: []string{".", "intake/..."}},
	{Package: "internal/httpx", Imports: []string{"."}, IO: true, ThirdParty: []string{"github.com/andybalholm/brotli"}},
	{Package: "internal/testkit", Imports: []string{"."}, IO: true, ThirdParty: []string{"github.com/emersion/go-sasl", "github.com/emersion/go-smtp", "github.com/jackc/pgx/v5"}},
	{Package: "internal/archtest", IO: true},
	{Package: "internal/e2e", Imports: []string{"internal/testkit"}, IO: true, ThirdParty: []string{"github.com/chromedp"}},
	{Package: "scripts/release", IO: true, ThirdParty: []string{"github.com/CycloneDX/cyclonedx-go", "github.com/google/go-containerregistry"}},
	{Package: "scripts/fonts", Imports: []string{"document/typeface"}, IO: true, ThirdParty: []string{"github.com/go-text/typesetting", "golang.org/x/text"}},
	{Package: "scripts/...", IO: true},
}

// RuleOf returns the rule that covers a package, given by its path inside the module.
func RuleOf(pkg string) (Rule, bool) {
	for _, r := range Table {
		if covers(r.Package, pkg) {
			return r, true
		}
	}
	return Rule{}, false
}

// Allows reports whether the rule lets its packages import this package of ours.
func (r Rule) Allows(pkg string) bool {
	for _, pattern := range r.Imports {
		if covers(pattern, pkg) {
			return true
		}
	}
	return false
}

// AllowsModule reports whether the rule lets its packages import this package of another module.
func (r Rule) AllowsModule(path string) bool {
	for _, prefix := range r.ThirdParty {
		if path == prefix || strings.HasPrefix(path, prefix+"/") {
			return true
		}
	}
	return false
}

func covers(pattern, pkg string) bool {
	if tree, ok := strings.CutSuffix(pattern, "/..."); ok {
		return pkg == tree || strings.HasPrefix(pkg, tree+"/")
	}
	return pkg == pattern
}
