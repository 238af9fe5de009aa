package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"comity"
	"comity/backup"
	"comity/storage"

	"filippo.io/age"
)

// backupCmd is about backups.
type backupCmd struct {
	Create backupCreate `cmd:"" default:"withargs" help:"Write everything into one encrypted file, while the server runs."`
	Verify backupVerify `cmd:"" help:"Check a file from its first byte to its last, without restoring it."`
}

// backupCreate writes one.
type backupCreate struct {
	To             string   `help:"File to write, which must not be there yet, or - for stdout. Without it: comity-TIME.tar.gz.age in the current folder." env:"COMITY_BACKUP_TO" placeholder:"FILE"`
	Recipient      []string `help:"Public key of somebody who can read it, as age-keygen prints it; may be repeated." env:"COMITY_BACKUP_RECIPIENT" placeholder:"age1…"`
	RecipientsFile string   `help:"File of such public keys, one a line." env:"COMITY_BACKUP_RECIPIENTS_FILE" placeholder:"FILE"`
	PassphraseFile string   `help:"Encrypt with the passphrase in the first line of a file instead." env:"COMITY_BACKUP_PASSPHRASE_FILE" placeholder:"FILE"`
	Plain          bool     `help:"Do not encrypt. Whoever reads the file reads every member's private profile."`
	storeFlags
	outputFlags
}

// backupDone is what is printed of an archive that was written, checked or restored.
type backupDone struct {
	File    string `json:"file,omitempty"`
	Made    string `json:"made"`
	Engine  string `json:"engine"`
	Schema  int64  `json:"schema"`
	Tables  int    `json:"tables"`
	Rows    int64  `json:"rows"`
	Bytes   int64  `json:"bytes,omitempty"`
	Content string `json:"content"`
}

func doneOf(m backup.Manifest, file string, bytes int64) backupDone {
	return backupDone{
		File: file, Made: m.Made.Format("2006-01-02T15:04:05Z"), Engine: m.Engine, Schema: m.Schema,
		Tables: len(m.Tables), Rows: m.Rows, Bytes: bytes, Content: m.Content,
	}
}

// Run writes the archive.
func (c *backupCreate) Run(a *app) error {
	recipients, err := c.recipients()
	if err != nil {
		return err
	}
	if c.Plain {
		fmt.Fprintln(a.stderr, "comity: warning: the backup is not encrypted: whoever reads it reads every member's private profile")
	}
	return c.with(a.ctx, func(s *storage.Store) error {
		done, err := c.write(a, s, recipients)
		if err := errors.Join(err, record(a.ctx, s, comity.BackupMade, done, err)); err != nil {
			return err
		}
		out := *a
		if c.To == "-" {
			out.stdout = a.stderr // stdout has the archive
		}
		return out.print(c.outputFlags, done, func(w io.Writer) {
			fmt.Fprintf(w, "backed up %d rows of %d tables, %d bytes, to %s\n", done.Rows, done.Tables, done.Bytes, done.File)
		})
	})
}

// recipients returns who can read the archive; nobody means a plain one, which must be asked for.
func (c *backupCreate) recipients() ([]age.Recipient, error) {
	ways := 0
	for _, given := range []bool{len(c.Recipient) > 0 || c.RecipientsFile != "", c.PassphraseFile != "", c.Plain} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		return nil, comity.Errorf(comity.Invalid, "say who can read the backup: --recipient or --recipients-file with public keys of age, or --passphrase-file, or --plain for everybody")
	}
	if c.PassphraseFile != "" {
		passphrase, err := readLine(c.PassphraseFile)
		if err != nil {
			return nil, comity.Errorf(comity.Invalid, "passphrase: %w", err)
		}
		return backup.Passphrase(passphrase)
	}
	var list []age.Recipient
	if len(c.Recipient) > 0 {
		given, err := backup.Recipients(strings.NewReader(strings.Join(c.Recipient, "\n")))
		if err != nil {
			return nil, fmt.Errorf("--recipient: %w", err)
		}
		list = given
	}
	if c.RecipientsFile != "" {
		given, err := fromFile(c.RecipientsFile, backup.Recipients)
		if err != nil {
			return nil, err
		}
		list = append(list, given...)
	}
	return list, nil
}

// fromFile reads a file of keys. Errors name the file, never its content.
func fromFile[T any](path string, read func(io.Reader) ([]T, error)) ([]T, error) {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, comity.Errorf(comity.Invalid, "keys: %w", err)
	}
	defer file.Close()
	list, err := read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return list, nil
}

// write writes the archive to where it goes.
func (c *backupCreate) write(a *app, s *storage.Store, recipients []age.Recipient) (backupDone, error) {
	o := backup.WriteOptions{Now: utcNow(), Program: buildInfo().Version, Recipients: recipients, Plain: c.Plain}
	counted := &counter{}
	var m backup.Manifest
	into := func(w io.Writer) (err error) {
		counted.w = w
		m, err = backup.Write(a.ctx, counted, s, o)
		return err
	}
	name := c.To
	switch {
	case name == "-":
		err := into(a.stdout)
		return doneOf(m, name, counted.n), err
	case name == "" && c.Plain:
		name = "comity-" + o.Now.Format("20060102T150405Z") + ".tar.gz"
	case name == "":
		name = "comity-" + o.Now.Format("20060102T150405Z") + ".tar.gz.age"
	}
	err := writeWhole(name, into)
	return doneOf(m, name, counted.n), err
}

// counter counts what is written.
type counter struct {
	w io.Writer
	n int64
}

// Write writes and counts.
func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// writeWhole makes a file, readable by its owner only, that is whole and on the disk when its name is there. A file of
// that name is left alone and refused.
func writeWhole(name string, write func(io.Writer) error) error {
	partial := name + ".partial"
	file, err := os.OpenFile(partial, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return comity.Errorf(comity.Invalid, "write %s: %w", name, err)
	}
	err = write(file)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Link(partial, name) // unlike a rename it replaces nothing
	}
	if errors.Is(err, os.ErrExist) {
		err = comity.Errorf(comity.Conflict, "%s is there already: it is left as it is", name)
	}
	return errors.Join(err, os.Remove(partial), syncFolder(filepath.Dir(name)))
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// record keeps in the store what was backed up or restored, and what went wrong.
func record(ctx context.Context, s *storage.Store, kind comity.BackupKind, d backupDone, failed error) error {
	b := comity.Backup{At: utcNow(), Kind: kind, OK: failed == nil, Bytes: d.Bytes, Rows: d.Rows, Schema: d.Schema, Content: d.Content}
	if failed != nil {
		b.Problem = failed.Error()
	}
	if err := s.PutBackup(context.WithoutCancel(ctx), comity.System("comity "+string(kind)), b); err != nil {
		return fmt.Errorf("record the %s: %w", kind, err)
	}
	return nil
}

// archiveFlags say which archive, and with what it is opened.
type archiveFlags struct {
	File           string `arg:"" help:"The archive." placeholder:"FILE"`
	IdentityFile   string `help:"File of the private key, as age-keygen writes it." env:"COMITY_BACKUP_IDENTITY_FILE" placeholder:"FILE"`
	PassphraseFile string `help:"File of the passphrase, in its first line." env:"COMITY_BACKUP_PASSPHRASE_FILE" placeholder:"FILE"`
	Plain          bool   `help:"Take an archive that is not encrypted, which anybody may have made."`
}

// options returns with what the archive is opened.
func (f archiveFlags) options() (o backup.ReadOptions, err error) {
	o.Plain = f.Plain
	if f.IdentityFile != "" {
		if o.Identities, err = fromFile(f.IdentityFile, backup.Identities); err != nil {
			return o, err
		}
	}
	if f.PassphraseFile == "" {
		return o, nil
	}
	passphrase, err := readLine(f.PassphraseFile)
	if err != nil {
		return o, comity.Errorf(comity.Invalid, "passphrase: %w", err)
	}
	also, err := backup.PassphraseOf(passphrase)
	o.Identities = append(o.Identities, also...)
	return o, err
}

// open opens the archive, and tells its size.
func (f archiveFlags) open() (*os.File, int64, error) {
	file, err := os.Open(filepath.Clean(f.File))
	if err != nil {
		return nil, 0, comity.Errorf(comity.Invalid, "archive: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, info.Size(), nil
}

// backupVerify checks one.
type backupVerify struct {
	archiveFlags
	outputFlags
}

// Run reads the archive and checks every hash.
func (c *backupVerify) Run(a *app) error {
	o, err := c.options()
	if err != nil {
		return err
	}
	file, size, err := c.open()
	if err != nil {
		return err
	}
	defer file.Close()
	m, err := backup.Verify(a.ctx, file, o)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	done := doneOf(m, c.File, size)
	return a.print(c.outputFlags, done, func(w io.Writer) {
		fmt.Fprintf(w, "%s is whole: %d rows of %d tables of %s, schema %d\n", c.File, done.Rows, done.Tables, done.Made, done.Schema)
	})
}
