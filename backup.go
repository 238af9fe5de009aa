package comity

import "time"

// Backup is a line of a store's own record of its backups: what was written from it, or restored into it. It says nothing
// of what is in the store.
type Backup struct {
	At      time.Time // UTC, whole seconds; when it ended
	Kind    BackupKind
	OK      bool
	Bytes   int64  // of the archive as it lies on disk; 0 where that is not known
	Rows    int64  // of all tables
	Schema  int64  // version of the schema in the archive
	Content string // SHA-256 of the rows, in hexadecimal: the same for the same content on either engine
	Problem string // why it failed; empty when OK
}

// BackupKind says which way the rows went.
type BackupKind string

// The kinds of line in the record of backups.
const (
	BackupMade     BackupKind = "backup"
	BackupRestored BackupKind = "restore"
)
