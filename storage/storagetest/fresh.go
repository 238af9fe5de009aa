package storagetest

import (
	"os"
	"testing"

	"comity/internal/testkit"
	"comity/storage"
	"comity/storage/postgres"
	"comity/storage/sqlite"
)

// EngineVariable names the engine on which tests of the layers above run: "sqlite", which is also the default, or
// "postgres". "make test" runs those of pages and API on both.
const EngineVariable = "COMITY_TEST_ENGINE"

// Fresh opens an empty store on the engine that EngineVariable names, and closes it when the test ends.
func Fresh(t testing.TB) *storage.Store {
	t.Helper()
	var s *storage.Store
	var err error
	switch engine := os.Getenv(EngineVariable); engine {
	case "", "sqlite":
		s, err = sqlite.Open(t.Context(), t.TempDir())
	case "postgres":
		s, err = postgres.Open(t.Context(), testkit.Postgres(t))
	default:
		t.Fatalf("%s=%s: want sqlite or postgres", EngineVariable, engine)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
