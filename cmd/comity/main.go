// Command comity is the platform of an inter-agency information-security group: one binary with the web pages, the REST
// API and these commands. It joins the packages and is the only place that names a database engine.
//
// One file is one subcommand; the struct below is the manual that "comity --help" prints.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"comity"

	"github.com/alecthomas/kong"
	_ "golang.org/x/crypto/x509roots/fallback" // certificates of authorities for a machine that has none, as an image from scratch
)

// cli is every command and flag. Each flag can also be given in the environment, as its help says.
type cli struct {
	Config string `help:"TOML file with settings; \"comity config reference\" lists them." env:"COMITY_CONFIG" type:"path" placeholder:"FILE"`

	Demo         demoCmd         `cmd:"" help:"Fill a folder with the fictional Meridian System and serve it on this machine."`
	Serve        serveCmd        `cmd:"" help:"Serve the pages and the API of a group."`
	Init         initCmd         `cmd:"" help:"Set up a group without a browser: its name, first organisation and first person."`
	Organization organizationCmd `cmd:"" help:"Add, list, deactivate and reactivate organisations; export and erase what one has here."`
	Person       personCmd       `cmd:"" help:"Add, list, deactivate and reactivate people who sign in, and set a new password."`
	Token        tokenCmd        `cmd:"" help:"Make, list and revoke tokens, with which programs act for a person."`
	Contact      contactCmd      `cmd:"" help:"List how organisations are reached."`
	Intake       intakeCmd       `cmd:"" help:"Take in a public source: kev, epss or attack."`
	Profile      profileCmd      `cmd:"" help:"Import or show an organisation's private profile."`
	Baseline     baselineCmd     `cmd:"" help:"Import, list and put in force the baselines that members measure themselves by."`
	Exposure     exposuresCmd    `cmd:"" help:"Show an organisation's exposure and what drives it, or try a change of it."`
	Catalogue    catalogueCmd    `cmd:"" help:"Show, export, import and adopt the group's scenario catalogue."`
	Session      sessionCmd      `cmd:"" help:"Import a session of the group from an event in Indico."`
	Report       reportCmd       `cmd:"" help:"List, show or export reports to the parent network."`
	Release      releaseCmd      `cmd:"" help:"Publish the system's exposure, or list the releases."`
	Model        modelCmd        `cmd:"" help:"Compute the exposure of a portfolio in a JSON file, without a server."`
	Backup       backupCmd       `cmd:"" help:"Write everything into one encrypted file, or check such a file."`
	Restore      restoreCmd      `cmd:"" help:"Put a backup into an empty folder or database, of either engine."`
	Doctor       doctorCmd       `cmd:"" help:"Look for what an operator should mend. Changes nothing."`
	Migrate      migrateCmd      `cmd:"" help:"Show the steps of the database schema, or take those that are pending."`
	Settings     configCmd       `cmd:"" name:"config" help:"List the settings, check a configuration file, or show what is in force."`
	Healthcheck  healthcheckCmd  `cmd:"" help:"Ask a running server whether it is ready; for process supervisors."`
	Version      versionCmd      `cmd:"" help:"Print the version of this program."`
}

// store is where the data is. It is part of every command that reads or writes.
type storeFlags struct {
	Dir         string `help:"Folder of the data. SQLite keeps it in one file there." default:"comity-data" env:"COMITY_DIR" type:"path" placeholder:"DIR"`
	DatabaseURL string `help:"PostgreSQL instead of SQLite: postgres://… ; or a file with it in COMITY_DATABASE_URL_FILE." env:"COMITY_DATABASE_URL" placeholder:"URL"`
}

// output is how a command that prints a result prints it.
type outputFlags struct {
	JSON bool `help:"Print one JSON document on stdout instead of text."`
}

// app is what commands are handed: the process's streams, and a context that ends with SIGINT or SIGTERM.
type app struct {
	ctx    context.Context
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer

	around     *surroundings // settings, and what the environment and the configuration file say of them
	configFile string        // empty: none
}

const description = `Comity lets autonomous organisations assess their exposure to threats together, and act on it, without any of
them giving up its secrets.

Try it: "comity demo" fills a folder with a fictional system and serves it at http://127.0.0.1:8080.
Run it: "comity serve" on an empty folder prints a link with which the first person sets up the group.

Exit codes: 0 done, 1 failed, 2 wrong usage or wrong input, 3 refused because something newer or other is there.`

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is main with its surroundings handed in, so that tests run it in their own process.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	code := -1
	parser, err := kong.New(&cli{},
		kong.Name("comity"), kong.Description(description), kong.Writers(stdout, stderr),
		kong.Exit(func(c int) { code = c }), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintln(stderr, "comity:", err)
		return 1
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	a := &app{ctx: ctx, stdin: stdin, stdout: stdout, stderr: stderr}
	if err := a.configure(parser, args); err != nil {
		fmt.Fprintln(stderr, "comity:", err)
		return 2
	}
	command, err := parser.Parse(args)
	if code >= 0 { // --help printed itself
		return code
	}
	if err != nil {
		fmt.Fprintf(stderr, "comity: %v\nTry \"comity --help\".\n", err)
		return 2
	}
	if err := command.Run(a); err != nil {
		fmt.Fprintln(stderr, "comity:", err)
		return exitCode(err)
	}
	return 0
}

// exitCode is what a program can tell from how comity ended.
func exitCode(err error) int {
	switch comity.KindOf(err) {
	case comity.Invalid, comity.TooLarge, comity.NotFound:
		return 2
	case comity.Stale, comity.Conflict, comity.Forbidden:
		return 3
	default:
		return 1
	}
}

// configure reads environment and configuration file, and makes them the parser's source of what no flag says.
func (a *app) configure(parser *kong.Kong, args []string) (err error) {
	if a.configFile, err = configFileOf(args, os.LookupEnv); err != nil {
		return err
	}
	settings := settingsOf(parser.Model)
	// "config validate FILE" is how somebody finds out what is wrong: it must not stumble over the same file first.
	file := a.configFile
	if len(args) > 1 && args[0] == "config" && args[1] == "validate" {
		file = ""
	}
	if a.around, err = surroundingsOf(settings, os.Environ(), file); err != nil {
		return err
	}
	return kong.Resolvers(a.around).Apply(parser)
}

// print writes a result as one line of JSON, or as text.
func (a *app) print(o outputFlags, result any, text func(w io.Writer)) error {
	if !o.JSON {
		text(a.stdout)
		return nil
	}
	return json.NewEncoder(a.stdout).Encode(result)
}
