package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"comity"
	"comity/storage"
	"comity/storage/postgres"
	"comity/storage/sqlite"
)

// doctorCmd looks at what an operator should know, and changes nothing. Its settings are those of serve.
type doctorCmd struct {
	listenFlags
	mailFlags
	storeFlags
	outputFlags
}

// verdict is how a check ended.
type verdict string

const (
	good verdict = "ok"
	warn verdict = "warn"
	fail verdict = "fail"
)

// finding is the outcome of one check.
type finding struct {
	Check   string  `json:"check"`
	Verdict verdict `json:"verdict"`
	Found   string  `json:"found"`
	Do      string  `json:"do,omitempty"` // what helps; empty when all is well
}

const (
	lowDisk   = 1 << 30            // bytes free below which the doctor warns
	noDisk    = 100 << 20          // bytes free below which it fails
	oldBackup = 8 * 24 * time.Hour // age of the last backup from which it warns
	earliest  = "2026-01-01"       // no clock is right that shows an earlier day
)

// Run prints what it finds. It is an error if anything fails.
func (c *doctorCmd) Run(a *app) error {
	var found []finding
	found = append(found, c.listening(utcNow())...)
	found = append(found, secretInFile(a), clock(utcNow()), c.mailing(a.ctx))
	if c.DatabaseURL == "" {
		found = append(found, c.folder(), disk(c.Dir), c.integrity(a.ctx))
	} else {
		found = append(found, c.durable(a.ctx))
	}
	found = append(found, c.inside(a, utcNow())...)
	if err := a.print(c.outputFlags, found, func(w io.Writer) { printFindings(w, found) }); err != nil {
		return err
	}
	for _, f := range found {
		if f.Verdict == fail {
			return errors.New("something is wrong, see above")
		}
	}
	return nil
}

func printFindings(w io.Writer, found []finding) {
	for _, f := range found {
		fmt.Fprintf(w, "%-4s  %s: %s\n", f.Verdict, f.Check, f.Found)
		if f.Do != "" {
			fmt.Fprintf(w, "      %s\n", f.Do)
		}
	}
}

// listening checks address, certificate and proxies.
func (c *doctorCmd) listening(now time.Time) []finding {
	at, err := c.site()
	if err != nil {
		return []finding{{"address", fail, err.Error(), "Change the settings; \"comity config dump\" shows where they come from."}}
	}
	found := []finding{{"address", good, c.Addr, ""}}
	if at.cert == nil {
		return found
	}
	end := at.cert.leaf().NotAfter
	f := finding{"certificate", good, "holds until " + end.UTC().Format(time.DateOnly), ""}
	if left := end.Sub(now); left < 0 {
		f.Verdict, f.Do = fail, "Renew it, and send SIGHUP to the server."
	} else if left < expirySoon {
		f.Verdict, f.Do = warn, "Renew it, and send SIGHUP to the server."
	}
	return append(found, f)
}

// secretInFile checks that a configuration file with a secret is not for everybody.
func secretInFile(a *app) finding {
	if a.configFile == "" {
		return finding{"configuration", good, "no file", ""}
	}
	secret := slices.ContainsFunc(a.around.settings, func(s setting) bool { _, there := a.around.file[s.Env]; return there && s.secret() })
	info, err := os.Stat(a.configFile)
	if secret && (err != nil || info.Mode().Perm()&0o004 != 0) {
		return finding{
			"configuration", fail, fmt.Sprintf("everybody on this machine can read %s, which holds a secret", a.configFile),
			"chmod 600 " + a.configFile + ", and change the password.",
		}
	}
	return finding{"configuration", good, a.configFile, ""}
}

func clock(now time.Time) finding {
	if now.Format(time.DateOnly) < earliest {
		return finding{"clock", fail, now.Format(time.RFC3339), "Set the clock: this program is younger than that."}
	}
	return finding{"clock", good, now.Format(time.RFC3339), ""}
}

// folder checks that only its owner reads the data.
func (c *doctorCmd) folder() finding {
	for _, path := range []string{c.Dir, filepath.Join(c.Dir, sqlite.FileName)} {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return finding{"folder", warn, path + " is not there", "\"comity serve\" makes it; or is --dir another?"}
		}
		if err != nil {
			return finding{"folder", fail, err.Error(), "Let the user that runs comity own it."}
		}
		if info.Mode().Perm()&0o077 != 0 {
			return finding{"folder", fail, fmt.Sprintf("others than its owner reach %s (%s)", path, info.Mode().Perm()), "chmod go= " + path}
		}
	}
	return finding{"folder", good, c.Dir, ""}
}

// freeIn returns how many bytes may still be written to the disk of a folder.
func freeIn(dir string) (uint64, error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil {
		return 0, fmt.Errorf("how full is the disk of %s: %w", dir, err)
	}
	return stat.Bavail * uint64(stat.Bsize), nil
}

func disk(dir string) finding {
	free, err := freeIn(dir)
	if err != nil {
		return finding{"disk", warn, err.Error(), ""}
	}
	f := finding{"disk", good, fmt.Sprintf("%d MB free", free>>20), ""}
	switch {
	case free < noDisk:
		f.Verdict, f.Do = fail, "Make room: nothing can be written before long."
	case free < lowDisk:
		f.Verdict, f.Do = warn, "Make room: a migration needs as much as the database is large."
	}
	return f
}

// integrity reads the whole database.
func (c *doctorCmd) integrity(ctx context.Context) finding {
	problem, err := sqlite.Examine(ctx, c.Dir)
	switch {
	case err != nil && comity.KindOf(err) == comity.NotFound:
		return finding{"integrity", warn, "there is no database yet", ""}
	case err != nil:
		problem = err.Error()
	}
	if problem != "" {
		return finding{"integrity", fail, problem, "Stop the server, keep the folder as it is, and restore the last backup into another."}
	}
	return finding{"integrity", good, "SQLite finds nothing wrong", ""}
}

func (c *doctorCmd) durable(ctx context.Context) finding {
	durable, err := postgres.Durable(ctx, c.DatabaseURL)
	if err != nil {
		return finding{"database", fail, "PostgreSQL can't be asked", "Is it running, and is --database-url right?"}
	}
	if !durable {
		return finding{"database", fail, "synchronous_commit is off: a crash loses what was acknowledged", "Set it on for this database."}
	}
	return finding{"database", good, "PostgreSQL keeps what it acknowledges", ""}
}

// inside checks the schema, and, where it is this program's, what the store says of itself.
func (c *doctorCmd) inside(a *app, now time.Time) []finding {
	status, err := c.steps(a)
	switch {
	case err != nil && comity.KindOf(err) == comity.NotFound:
		return nil // there is nothing yet
	case err != nil:
		return []finding{{"schema", fail, "it can't be read", err.Error()}}
	case status.Pending > 0:
		return []finding{{"schema", warn, fmt.Sprintf("at version %d of %d", status.At, status.Newest), "\"comity migrate up\", or start the server."}}
	}
	found := []finding{{"schema", good, fmt.Sprintf("at version %d, as this program", status.At), ""}}
	s, err := c.openCurrent(a.ctx)
	if err != nil {
		return append(found, finding{"store", fail, "it can't be opened", err.Error()})
	}
	found = append(found, backups(a.ctx, s, now), sources(a.ctx, s), notices(a.ctx, s, now))
	if err := s.Close(); err != nil {
		found = append(found, finding{"store", fail, "it can't be closed", err.Error()})
	}
	return found
}

func backups(ctx context.Context, s *storage.Store, now time.Time) finding {
	list, err := s.Backups(ctx, comity.System("doctor: when was the last backup"), 100)
	if err != nil {
		return finding{"backup", fail, err.Error(), ""}
	}
	for _, b := range list {
		if b.Kind != comity.BackupMade || !b.OK {
			continue
		}
		f := finding{"backup", good, "last on " + b.At.Format(time.DateOnly), ""}
		if now.Sub(b.At) > oldBackup {
			f.Verdict, f.Do = warn, "Run \"comity backup\" each night."
		}
		return f
	}
	return finding{"backup", warn, "none was ever made", "Run \"comity backup\" each night."}
}

func sources(ctx context.Context, s *storage.Store) finding {
	feeds, err := s.Feeds(ctx, comity.System("doctor: which sources fail"))
	if err != nil {
		return finding{"sources", fail, err.Error(), ""}
	}
	f := finding{"sources", good, "none fails", ""}
	for _, feed := range feeds {
		if feed.Enabled && feed.Failures > 2 {
			f = finding{"sources", warn, fmt.Sprintf("%s failed %d times in a row", feed.Source, feed.Failures), "The page Sources shows why."}
		}
	}
	return f
}
