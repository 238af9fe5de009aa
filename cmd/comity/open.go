package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"comity"
	"comity/assess"
	"comity/pipeline"
	"comity/storage"
	"comity/storage/migrations"
	"comity/storage/postgres"
	"comity/storage/sqlite"
)

// open opens the store that the flags name. A new folder is created, readable by its owner only.
func (f storeFlags) open(ctx context.Context) (*storage.Store, error) {
	if f.DatabaseURL != "" {
		return postgres.Open(ctx, f.DatabaseURL)
	}
	return sqlite.Open(ctx, f.Dir)
}

// openCurrent opens a store whose schema is this program's, and writes nothing into it.
func (f storeFlags) openCurrent(ctx context.Context) (*storage.Store, error) {
	if f.DatabaseURL != "" {
		return postgres.OpenAt(ctx, f.DatabaseURL, migrations.Newest())
	}
	return sqlite.OpenAt(ctx, f.Dir, migrations.Newest())
}

// with opens the store for the length of one command.
func (f storeFlags) with(ctx context.Context, do func(*storage.Store) error) (err error) {
	s, err := f.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return do(s)
}

// newPipeline returns the pipeline over a store, on the real clock.
func newPipeline(s *storage.Store, log *slog.Logger) *pipeline.Pipeline {
	return pipeline.New(s, pipeline.Options{
		Catalogue: assess.DefaultCatalogue(),
		Now:       utcNow,
		Entropy:   rand.Reader,
		Log:       log,
	})
}

func utcNow() time.Time { return time.Now().UTC() }

// organization finds an organisation by the acronym that people type.
func organization(ctx context.Context, s *storage.Store, v comity.Viewer, acronym string) (comity.Organization, error) {
	o, err := s.OrganizationByAcronym(ctx, v, acronym)
	if err != nil && comity.KindOf(err) == comity.NotFound {
		return o, comity.Errorf(comity.NotFound, "no organisation %q here; \"comity organization list\" shows those that are", acronym)
	}
	return o, err
}

// readLine reads the first line of a file that holds one secret.
func readLine(path string) (string, error) {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return "", err
	}
	defer file.Close()
	scanner := bufio.NewScanner(io.LimitReader(file, 1<<16))
	if !scanner.Scan() {
		return "", fmt.Errorf("%s is empty", path)
	}
	return scanner.Text(), nil
}

// fresh returns entropy for a new identity.
func fresh() (comity.Entropy, error) {
	var e comity.Entropy
	_, err := io.ReadFull(rand.Reader, e[:])
	return e, err
}
