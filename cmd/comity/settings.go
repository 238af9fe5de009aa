package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"comity"

	"github.com/alecthomas/kong"
	"github.com/pelletier/go-toml/v2"
)

// setting is something that can be set by flag, environment and configuration file. The struct [cli] is where all are
// declared: every flag with an environment variable is one, and what its help says is the manual.
type setting struct {
	Key      string   `json:"key"`         // in the configuration file: "tls_cert"
	Env      string   `json:"environment"` // "COMITY_TLS_CERT"; with "_FILE", a file that holds the value
	Flag     string   `json:"flag"`        // "--tls-cert"
	Commands []string `json:"commands"`    // that take it
	Type     string   `json:"type"`        // "text", "number", "duration", "yes or no" or "list"
	Default  string   `json:"default"`
	Help     string   `json:"help"`

	value *kong.Value
}

const envPrefix = "COMITY_"

// settingsOf lists the settings of the commands, by key.
func settingsOf(app *kong.Application) []setting {
	byKey := map[string]*setting{}
	leaves := app.Leaves(true)
	slices.SortStableFunc(leaves, func(a, b *kong.Node) int { // the demonstration's own words on a setting are for it alone
		return cmp.Compare(btoi(a.Name == "demo"), btoi(b.Name == "demo"))
	})
	for _, leaf := range leaves {
		for _, group := range leaf.AllFlags(true) {
			for _, flag := range group {
				for _, env := range flag.Envs {
					s := byKey[env]
					if s == nil {
						s = &setting{
							Key: strings.ToLower(strings.TrimPrefix(env, envPrefix)), Env: env, Flag: "--" + flag.Name,
							Type: typeName(flag.Target.Type()), Default: flag.Default, Help: flag.Help, value: flag.Value,
						}
						byKey[env] = s
					}
					s.Commands = append(s.Commands, strings.TrimPrefix(leaf.FullPath(), app.Name+" "))
				}
			}
		}
	}
	var list []setting
	for _, s := range byKey {
		slices.Sort(s.Commands)
		s.Commands = slices.Compact(s.Commands)
		list = append(list, *s)
	}
	slices.SortFunc(list, func(a, b setting) int { return strings.Compare(a.Key, b.Key) })
	return list
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func typeName(t reflect.Type) string {
	switch {
	case t.Kind() == reflect.Slice:
		return "list"
	case t.String() == "time.Duration":
		return "duration"
	case t.Kind() == reflect.Bool:
		return "yes or no"
	case t.Kind() == reflect.Int && t.PkgPath() == "":
		return "number"
	default:
		return "text"
	}
}

// secret reports whether the value is not for logs and screens.
func (s setting) secret() bool {
	return slices.Contains([]string{"database_url", "metrics_token", "smtp_password"}, s.Key)
}

// shown returns a value as it may be shown.
func (s setting) shown(value string) string {
	if !s.secret() || value == "" {
		return value
	}
	if u, err := url.Parse(value); err == nil && u.Host != "" {
		u.RawQuery, u.Fragment = "", "" // they can hold a password too
		return u.Redacted()
	}
	return "(secret)"
}

// check reports whether a value can be read as the setting's type.
func (s setting) check(value string) error {
	target := reflect.New(s.value.Target.Type()).Elem()
	return s.value.Parse(kong.Scan().PushTyped(value, kong.FlagValueToken), target)
}

// given is a value with where it came from.
type given struct {
	value  string
	origin string // "environment COMITY_X", "file comity.toml, line 3" or "default"
}

// surroundings are the values that the environment and a configuration file give.
type surroundings struct {
	settings []setting
	env      map[string]given // by environment variable
	file     map[string]given
}

// surroundingsOf reads the environment and, if one is named, the configuration file. Its error is Invalid: an unknown
// name, with the nearest that is known; a value that can't be read; a value that is given twice.
func surroundingsOf(settings []setting, environ []string, configFile string) (*surroundings, error) {
	s := &surroundings{settings: settings, env: map[string]given{}, file: map[string]given{}}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if err := s.variable(name, value); err != nil {
			return nil, err
		}
	}
	if configFile == "" {
		return s, nil
	}
	data, err := readConfig(configFile)
	if err != nil {
		return nil, err
	}
	return s, s.document(configFile, data)
}

// foreign are the prefixes of variables that are not for the program: they steer its own tests and its build, or
// Kubernetes sets them for a service that is called comity.
var foreign = []string{"COMITY_TEST_", "COMITY_SCREENSHOTS", "COMITY_KILLS", "COMITY_DIST", "COMITY_SERVICE_", "COMITY_PORT"}

// variable reads one variable of the environment.
func (s *surroundings) variable(name, value string) error {
	if !strings.HasPrefix(name, envPrefix) || slices.ContainsFunc(foreign, func(p string) bool { return strings.HasPrefix(name, p) }) {
		return nil
	}
	origin := "environment " + name
	key, fromFile := name, false
	if _, ok := s.byEnv(name); !ok {
		key, fromFile = strings.CutSuffix(name, "_FILE")
	}
	one, ok := s.byEnv(key)
	if !ok {
		return comity.Errorf(comity.Invalid, "environment: unknown %s%s", name, nearest(name, s.names(func(s setting) string { return s.Env })))
	}
	if fromFile {
		var err error
		if value, err = readLine(value); err != nil {
			return comity.Errorf(comity.Invalid, "%s: %w", name, err)
		}
	}
	if had, twice := s.env[one.Env]; twice {
		return comity.Errorf(comity.Invalid, "both %s and %s are set: unset one", strings.TrimPrefix(had.origin, "environment "), name)
	}
	if err := one.check(value); err != nil {
		return comity.Errorf(comity.Invalid, "%s: %s", name, problem(err))
	}
	s.env[one.Env] = given{value, origin}
	return nil
}

func (s *surroundings) byEnv(name string) (setting, bool) {
	i := slices.IndexFunc(s.settings, func(s setting) bool { return s.Env == name })
	if i < 0 {
		return setting{}, false
	}
	return s.settings[i], true
}

func (s *surroundings) names(of func(setting) string) []string {
	list := make([]string, len(s.settings))
	for i, one := range s.settings {
		list[i] = of(one)
	}
	return list
}

// document reads a configuration file: TOML with one key for each setting.
func (s *surroundings) document(name string, data []byte) error {
	values := map[string]any{}
	if err := toml.Unmarshal(data, &values); err != nil {
		if e, ok := errors.AsType[*toml.DecodeError](err); ok {
			row, column := e.Position()
			return comity.Errorf(comity.Invalid, "%s, line %d, column %d: %s", name, row, column, strings.TrimPrefix(e.Error(), "toml: "))
		}
		return comity.Errorf(comity.Invalid, "%s: %w", name, err)
	}
	for key, value := range values {
		place := name
		if line := lineOf(data, key); line > 0 {
			place = fmt.Sprintf("%s, line %d", name, line)
		}
		i := slices.IndexFunc(s.settings, func(s setting) bool { return s.Key == key })
		if i < 0 || s.settings[i].Env == configEnv {
			return comity.Errorf(comity.Invalid, "%s: unknown %s%s", place, key, nearest(key, s.names(func(s setting) string { return s.Key })))
		}
		text, err := plain(value)
		if err == nil {
			err = s.settings[i].check(text)
		}
		if err != nil {
			return comity.Errorf(comity.Invalid, "%s: %s: %s", place, key, problem(err))
		}
		s.file[s.settings[i].Env] = given{text, "file " + place}
	}
	return nil
}

// plain returns a value of TOML as it would stand in the environment.
func plain(value any) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case bool, int64, float64:
		return fmt.Sprint(v), nil
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			text, ok := item.(string)
			if !ok || strings.Contains(text, ",") {
				return "", fmt.Errorf("want texts without commas in the list")
			}
			parts[i] = text
		}
		return strings.Join(parts, ","), nil
	default:
		return "", fmt.Errorf("want a text, a number, true, false or a list of texts")
	}
}

// problem is an error of reading a value, without the flag that kong puts in front: people wrote a key or a variable.
func problem(err error) string {
	text := err.Error()
	if strings.HasPrefix(text, "--") {
		_, text, _ = strings.Cut(text, ": ")
	}
	return text
}

// lineOf returns the line on which a key stands; 0 if it can't be told.
func lineOf(data []byte, key string) int {
	for i, line := range strings.Split(string(data), "\n") {
		name, _, assigned := strings.Cut(line, "=")
		if assigned && strings.Trim(name, " \t\"'") == key || strings.TrimSpace(line) == "["+key+"]" {
			return i + 1
		}
	}
	return 0
}

// maxConfig bounds a configuration file.
const maxConfig = 1 << 20

func readConfig(name string) ([]byte, error) {
	file, err := os.Open(filepath.Clean(name))
	if err != nil {
		return nil, comity.Errorf(comity.Invalid, "configuration: %w", err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(bufio.NewReader(file), maxConfig+1))
	if err != nil {
		return nil, comity.Errorf(comity.Invalid, "configuration %s: %w", name, err)
	}
	if len(data) > maxConfig {
		return nil, comity.Errorf(comity.TooLarge, "configuration %s: larger than 1 MB", name)
	}
	return data, nil
}

// Validate implements kong.Resolver; all was checked when it was read.
func (s *surroundings) Validate(*kong.Application) error { return nil }

// Resolve implements kong.Resolver: what no flag says, the environment does, then the file.
func (s *surroundings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, env := range flag.Envs {
		for _, from := range []map[string]given{s.env, s.file} {
			if v, ok := from[env]; ok {
				return v.value, nil
			}
		}
	}
	return nil, nil //nolint:nilnil // kong asks for it: nothing is known
}

// nearest returns what to say of the known name most like an unknown one; empty if none is like it.
func nearest(name string, known []string) string {
	best, least := "", len(name)/3+1
	for _, k := range known {
		if d := distance(name, k); d <= least {
			best, least = k, d
		}
	}
	if best == "" {
		return ` ("comity config reference" lists what there is)`
	}
	return "; did you mean " + best + "?"
}

// distance is how many letters must be put in, taken out or changed (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
