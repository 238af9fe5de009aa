package storagetest

import (
	"testing"
	"time"

	"comity"
	"comity/storage"
)

// testBackups checks the record of backups, and that no person reads it, the store as a whole, or puts one in.
func testBackups(t *testing.T, s *stage) {
	first := comity.Backup{At: now, Kind: comity.BackupMade, OK: true, Bytes: 1 << 40, Rows: 7, Schema: 1, Content: "abc"}
	second := comity.Backup{At: now.Add(time.Hour), Kind: comity.BackupRestored, Problem: "no space left"}
	entries, err := s.AuditEntries(s.ctx, system, comity.AuditQuery{Limit: 200})
	must(t, err)
	for _, b := range []comity.Backup{first, second} {
		must(t, s.PutBackup(s.ctx, system, b))
	}
	got, err := s.Backups(s.ctx, system, 10)
	must(t, err)
	same(t, "record", got, []comity.Backup{second, first})
	got, err = s.Backups(s.ctx, system, 1)
	must(t, err)
	same(t, "last", got, []comity.Backup{second})
	after, err := s.AuditEntries(s.ctx, system, comity.AuditQuery{Limit: 200})
	must(t, err)
	same(t, "audit entries", after, entries)

	for _, v := range []comity.Viewer{s.as(t, s.a, comity.RoleFocalPoint), s.as(t, s.a, comity.RoleSecretariat), s.as(t, s.a, comity.RoleAuditor), {}} {
		wantKind(t, "a person records a backup", s.PutBackup(s.ctx, v, first), comity.NotFound)
		_, err := s.Backups(s.ctx, v, 10)
		wantKind(t, "a person reads the record", err, comity.NotFound)
		err = s.Snapshot(s.ctx, v, func(*storage.Snapshot) error { t.Error("a person read the store as a whole"); return nil })
		wantKind(t, "a person takes a snapshot", err, comity.NotFound)
		err = s.Load(s.ctx, v, func(*storage.Loading) error { t.Error("a person put in a store as a whole"); return nil })
		wantKind(t, "a person restores", err, comity.NotFound)
	}
}
