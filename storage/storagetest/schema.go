package storagetest

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"comity"
	"comity/storage"
)

// Newer checks that an engine refuses a database whose schema is newer than the program, and leaves it alone. open opens
// a store on the database that db is connected to.
func Newer(t *testing.T, db *sql.DB, open func(context.Context) (*storage.Store, error)) {
	t.Helper()
	s, err := open(t.Context())
	must(t, err)
	must(t, s.PutGroup(t.Context(), system, comity.Group{Acronym: "KEPT"}))
	must(t, s.Ready(t.Context()))
	if _, err := db.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, TRUE)`); err != nil {
		t.Fatal(err)
	}
	wantKind(t, "ready on a schema that moved on", s.Ready(t.Context()), comity.Unavailable)
	must(t, s.Close())
	s, err = open(t.Context())
	if err == nil {
		s.Close()
		t.Fatal("a newer schema was taken")
	}
	wantKind(t, "newer schema", err, comity.Conflict)
	if !strings.Contains(err.Error(), "99999") || !strings.Contains(err.Error(), "newer") {
		t.Errorf("error does not say what is wrong: %v", err)
	}
	var body string
	if err := db.QueryRowContext(t.Context(), `SELECT body FROM group_settings`).Scan(&body); err != nil || !strings.Contains(body, "KEPT") {
		t.Errorf("the database was not left alone: %q, %v", body, err)
	}
}
