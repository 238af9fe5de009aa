package migrations_test

import (
	"io/fs"
	"os"
	"slices"
	"testing"

	"comity/storage/migrations"
)

// TestReleasedStepsStay fails for a released step that was edited or is gone. "sha256sum sqlite/N postgres/N" adds a new
// release's steps to released.sha256.
func TestReleasedStepsStay(t *testing.T) {
	versions, err := migrations.Released()
	if err != nil {
		t.Error(err)
	}
	if !slices.Contains(versions, 1) || migrations.Newest() < versions[len(versions)-1] {
		t.Errorf("got %v, the newest is %d", versions, migrations.Newest())
	}
}

// TestEnginesHaveTheSameSteps fails for a step that one engine has and the other has not.
func TestEnginesHaveTheSameSteps(t *testing.T) {
	here := os.DirFS(".")
	light, err := fs.Glob(here, "sqlite/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	heavy, err := fs.Glob(here, "postgres/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for i := range light {
		light[i] = light[i][len("sqlite/"):]
	}
	for i := range heavy {
		heavy[i] = heavy[i][len("postgres/"):]
	}
	if !slices.Equal(light, heavy) || len(light) == 0 {
		t.Errorf("SQLite: %v, PostgreSQL: %v", light, heavy)
	}
}
