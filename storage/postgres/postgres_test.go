package postgres_test

import (
	"testing"

	"comity/internal/testkit"
	"comity/storage"
	"comity/storage/postgres"
	"comity/storage/storagetest"
)

func TestStore(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) *storage.Store {
		s, err := postgres.Open(t.Context(), testkit.Postgres(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	})
}
