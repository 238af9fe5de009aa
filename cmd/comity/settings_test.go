package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"comity"
	"comity/internal/testkit"

	"github.com/alecthomas/kong"
)

func settings(t testing.TB) []setting {
	t.Helper()
	parser, err := kong.New(&cli{})
	if err != nil {
		t.Fatal(err)
	}
	return settingsOf(parser.Model)
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSurroundings(t *testing.T) {
	secret := write(t, "secret", "postgres://u:p@h/db\nsecond line\n")
	list := settings(t)
	for _, test := range []struct {
		name   string
		env    []string
		file   string            // text of the configuration file; empty: none
		want   map[string]string // by key
		origin string            // of the first
		err    string
	}{
		{name: "nothing", want: map[string]string{}},
		{name: "others' variables", env: []string{"PATH=/bin", "COMITY_TEST_ENGINE=sqlite", "=C:=x"}, want: map[string]string{}},
		{name: "environment", env: []string{"COMITY_ADDR=127.0.0.1:1"}, want: map[string]string{"addr": "127.0.0.1:1"}, origin: "environment COMITY_ADDR"},
		{name: "from a file", env: []string{"COMITY_DATABASE_URL_FILE=" + secret}, want: map[string]string{"database_url": "postgres://u:p@h/db"}, origin: "environment COMITY_DATABASE_URL_FILE"},
		{name: "a setting that ends in _FILE", env: []string{"COMITY_BACKUP_IDENTITY_FILE=/x"}, want: map[string]string{"backup_identity_file": "/x"}},
		{name: "configuration file", file: "addr = \"127.0.0.1:2\"\n", want: map[string]string{"addr": "127.0.0.1:2"}, origin: ", line 1"},
		{name: "the environment wins", env: []string{"COMITY_ADDR=127.0.0.1:1"}, file: "addr = \"127.0.0.1:2\"", want: map[string]string{"addr": "127.0.0.1:1"}, origin: "environment"},
		{name: "a list", file: "trusted_proxy = [\"10.0.0.0/8\", \"::1/128\"]", want: map[string]string{"trusted_proxy": "10.0.0.0/8,::1/128"}},
		{name: "unknown variable", env: []string{"COMITY_ADRR=x"}, err: "unknown COMITY_ADRR; did you mean COMITY_ADDR?"},
		{name: "unknown variable like none", env: []string{"COMITY_COFFEE_MACHINE=x"}, err: "config reference"},
		{name: "both", env: []string{"COMITY_DATABASE_URL=x", "COMITY_DATABASE_URL_FILE=" + secret}, err: "both COMITY_DATABASE_URL and COMITY_DATABASE_URL_FILE"},
		{name: "no such file", env: []string{"COMITY_DATABASE_URL_FILE=/none"}, err: "COMITY_DATABASE_URL_FILE: "},
		{name: "wrong type", env: []string{"COMITY_TRUSTED_PROXY=10.0.0.5"}, err: "COMITY_TRUSTED_PROXY: "},
		{name: "unknown key", file: "\n\nlog_levle = \"INFO\"", err: "line 3: unknown log_levle; did you mean log_level?"},
		{name: "unknown section", file: "[server]\naddr = \"x\"", err: "line 1: unknown server"},
		{name: "wrong type in the file", file: "\nlog_level = \"LOUD\"", err: "line 2: log_level: "},
		{name: "a table for a text", file: "addr = {a=1}", err: "want a text"},
		{name: "a date for a text", file: "addr = 2026-01-01", err: "want a text"},
		{name: "numbers in a list", file: "trusted_proxy = [1]", err: "texts without commas"},
		{name: "no TOML", file: "addr = ", err: "line 1"},
		{name: "twice", file: "addr = \"x\"\naddr = \"y\"", err: "line 2"},
		{name: "the file in the file", file: "config = \"x\"", err: "unknown config"},
		{name: "too large", file: strings.Repeat("# x\n", 300_000), err: "larger than 1 MB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := ""
			if test.file != "" {
				file = write(t, "comity.toml", test.file)
			}
			s, err := surroundingsOf(list, test.env, file)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) || comity.KindOf(err) == comity.Internal {
					t.Fatalf("got %v, want %q", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]given{}
			for _, one := range list {
				for _, from := range []map[string]given{s.file, s.env} {
					if v, ok := from[one.Env]; ok {
						got[one.Key] = v
					}
				}
			}
			if len(got) != len(test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
			for key, want := range test.want {
				if got[key].value != want || !strings.Contains(got[key].origin, test.origin) {
					t.Errorf("%s: got %+v, want %q from %q", key, got[key], want, test.origin)
				}
			}
		})
	}
}

// TestEverySettingHasItsWords checks that the struct of the commands is a manual.
func TestEverySettingHasItsWords(t *testing.T) {
	list := settings(t)
	if len(list) < 12 {
		t.Fatalf("only %d settings", len(list))
	}
	for _, s := range list {
		if len(s.Help) < 15 || !strings.HasPrefix(s.Env, envPrefix) || len(s.Commands) == 0 {
			t.Errorf("%+v", s)
		}
		if strings.Contains(s.Key, "url") && s.Key != "public_url" && !s.secret() {
			t.Errorf("%s may hold a password, and is shown", s.Key)
		}
	}
}

func TestReferenceIsCurrent(t *testing.T) {
	var want bytes.Buffer
	if err := writeReference(&want, settings(t)); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(testkit.Root(), "docs", "configuration.md"))
	if err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("docs/configuration.md is not what \"comity config reference --markdown\" prints (%v): write it anew", err)
	}
}

// TestTemplateIsValid takes the comments out of the template of a configuration file: what is left must be taken.
func TestTemplateIsValid(t *testing.T) {
	var template bytes.Buffer
	list := settings(t)
	if err := writeTemplate(&template, list); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, line := range strings.Split(template.String(), "\n") {
		if key, _, ok := strings.Cut(strings.TrimPrefix(line, "# "), " = "); ok && !strings.Contains(key, " ") {
			lines = append(lines, strings.TrimPrefix(line, "# "))
		}
	}
	if len(lines) != len(list)-1 {
		t.Errorf("%d keys, want %d", len(lines), len(list)-1)
	}
	if _, err := surroundingsOf(list, nil, write(t, "comity.toml", strings.Join(lines, "\n"))); err != nil {
		t.Error(err)
	}
}

func TestDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{{"", "abc", 3}, {"abc", "abc", 0}, {"addrr", "addr", 1}, {"kitten", "sitting", 3}} {
		if got := distance(test.a, test.b); got != test.want {
			t.Errorf("%q, %q: got %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

// TestPackagedSettings takes the comments out of the file that the Debian package installs: every line must be taken.
func TestPackagedSettings(t *testing.T) {
	packaged, err := os.ReadFile(filepath.Join(testkit.Root(), "scripts", "release", "files", "comity.toml"))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(packaged)) {
		if strings.Contains(line, " = ") {
			lines = append(lines, strings.TrimPrefix(line, "# "))
		}
	}
	if _, err := surroundingsOf(settings(t), nil, write(t, "comity.toml", strings.Join(lines, ""))); err != nil || len(lines) < 5 {
		t.Errorf("%d lines: %v", len(lines), err)
	}
}

// A configuration file is refused as Invalid, or each of its keys is a setting's with a value that can be read.
func FuzzConfiguration(f *testing.F) {
	for _, seed := range []string{
		"", "addr = \"127.0.0.1:1\"", "[addr]\nx=1", "addr.x = 1", "trusted_proxy = [\"10.0.0.0/8\"]", "trusted_proxy = [[]]", "\"a\\u0000\" = 1",
		"addr = 1979-05-27", "addr = { a = 1 }", "[[addr]]", "# only words", "\xef\xbb\xbfaddr = \"x\"", "log_level = \"LOUD\"", "addr = nan",
	} {
		f.Add([]byte(seed))
	}
	list := settings(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		s := &surroundings{settings: list, file: map[string]given{}}
		if err := s.document("f", data); err != nil {
			if comity.KindOf(err) != comity.Invalid {
				t.Fatalf("got %v, want Invalid", err)
			}
			return
		}
		for env, one := range s.file {
			setting, ok := s.byEnv(env)
			if !ok {
				t.Fatalf("%q is no setting", env)
			}
			if err := setting.check(one.value); err != nil {
				t.Fatalf("%s = %q was taken: %v", setting.Key, one.value, err)
			}
		}
	})
}
