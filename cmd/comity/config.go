package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"comity"
)

// configEnv is the variable that names the configuration file; it can't stand in one.
const configEnv = "COMITY_CONFIG"

// configCmd tells about the configuration.
type configCmd struct {
	Reference configReference `cmd:"" help:"List every setting with its flag, environment variable, default and meaning."`
	Validate  configValidate  `cmd:"" help:"Check a configuration file and the environment, and say the first thing that is wrong."`
	Dump      configDump      `cmd:"" help:"Show what is set, and where it came from. Secrets are left out."`
}

type configReference struct {
	TOML     bool `name:"toml" help:"As a configuration file with everything commented out." xor:"form"`
	Markdown bool `help:"As the page docs/configuration.md." xor:"form"`
	JSON     bool `help:"As one JSON document." xor:"form"`
}

type configValidate struct {
	File string `arg:"" optional:"" help:"Configuration file; without, the one that --config or COMITY_CONFIG names."`
}

type configDump struct {
	outputFlags
}

// Run prints the reference.
func (c *configReference) Run(a *app) error {
	switch {
	case c.JSON:
		return a.print(outputFlags{JSON: true}, a.around.settings, nil)
	case c.TOML:
		return writeTemplate(a.stdout, a.around.settings)
	case c.Markdown:
		return writeReference(a.stdout, a.around.settings)
	default:
		return writeSettings(a.stdout, a.around.settings)
	}
}

func writeSettings(out io.Writer, settings []setting) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KEY\tENVIRONMENT\tFLAG\tDEFAULT\tMEANING")
	for _, s := range settings {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", s.Key, s.Env, s.Flag, cmp.Or(s.Default, "–"), s.Help)
	}
	return w.Flush()
}

func writeTemplate(w io.Writer, settings []setting) error {
	_, err := fmt.Fprint(w, "# Comity's configuration. A flag wins over the environment, the environment over this file.\n")
	for _, s := range settings {
		if s.Env == configEnv {
			continue
		}
		value := fmt.Sprintf("%q", s.Default)
		switch {
		case s.Type == "list":
			value = "[]"
		case s.Type == "number" || s.Type == "yes or no":
			value = cmp.Or(s.Default, "0")
		}
		if err == nil {
			_, err = fmt.Fprintf(w, "\n# %s\n# (%s, %s; for: %s)\n# %s = %s\n", s.Help, s.Flag, s.Env, strings.Join(s.Commands, ", "), s.Key, value)
		}
	}
	return err
}

const referenceHead = `# Configuration

Made by ` + "`comity config reference --markdown`" + ` from the program itself; a test keeps it current.

A setting can be given as a flag, in the environment, or in a TOML file that ` + "`--config`" + ` or ` + "`COMITY_CONFIG`" + ` names. A flag wins over the environment, the environment over the file. Each variable can also be given as a file that holds the value: ` + "`COMITY_DATABASE_URL_FILE`" + ` for ` + "`COMITY_DATABASE_URL`" + `. Unknown keys and variables are refused. ` + "`comity config validate`" + ` checks, ` + "`comity config dump`" + ` shows what is in force and where it came from, ` + "`comity config reference --toml`" + ` writes a file to start from.

| key | environment | flag | type | default | meaning |
|---|---|---|---|---|---|
`

func writeReference(w io.Writer, settings []setting) error {
	var b strings.Builder
	b.WriteString(referenceHead)
	for _, s := range settings {
		standard := "–"
		if s.Default != "" {
			standard = "`" + s.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | `%s` | %s | %s | %s |\n", s.Key, s.Env, s.Flag, s.Type, standard, strings.ReplaceAll(s.Help, "|", "\\|"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Run checks a file and the environment. That of the command line was checked before.
func (c *configValidate) Run(a *app) error {
	file := cmp.Or(c.File, a.configFile)
	if _, err := surroundingsOf(a.around.settings, os.Environ(), file); err != nil {
		return err
	}
	if file == "" {
		fmt.Fprintln(a.stdout, "the environment is well formed; no configuration file is named")
		return nil
	}
	fmt.Fprintf(a.stdout, "%s and the environment are well formed\n", file)
	return nil
}

// dumped is a setting with what it is set to.
type dumped struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Origin string `json:"origin"`
}

// Run shows what is set.
func (c *configDump) Run(a *app) error {
	var list []dumped
	for _, s := range a.around.settings {
		v := given{s.Default, "default"}
		for _, from := range []map[string]given{a.around.file, a.around.env} {
			if set, ok := from[s.Env]; ok {
				v = set
			}
		}
		if s.Env == configEnv && a.configFile != "" && v.origin == "default" {
			v = given{a.configFile, "flag --config"}
		}
		list = append(list, dumped{s.Key, s.shown(v.value), v.origin})
	}
	return a.print(c.outputFlags, list, func(w io.Writer) {
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, d := range list {
			fmt.Fprintf(t, "%s\t%s\t%s\n", d.Key, cmp.Or(d.Value, "–"), d.Origin)
		}
		_ = t.Flush() // as the lines before it, it says nothing where stdout is gone
	})
}

// configFileOf finds the configuration file before flags are read: in them or in the environment.
func configFileOf(args []string, lookup func(string) (string, bool)) (string, error) {
	for i, arg := range args {
		if arg == "--" {
			break
		}
		if name, ok := strings.CutPrefix(arg, "--config="); ok {
			return name, nil
		}
		if arg == "--config" && i+1 < len(args) {
			return args[i+1], nil
		}
	}
	name, set := lookup(configEnv)
	if set && name == "" {
		return "", comity.Errorf(comity.Invalid, "%s is empty: unset it, or name a file", configEnv)
	}
	return name, nil
}
