package main

import (
	"log/slog"
	"testing"

	"comity"
	"comity/storage/sqlite"
)

// BenchmarkFill tells the whole story of the demonstration into an empty store. Its bound is 10 s.
func BenchmarkFill(b *testing.B) {
	for b.Loop() {
		s, err := sqlite.Open(b.Context(), b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		if err := fill(b.Context(), s, 1, comity.Date{Year: 2026, Month: 11, Day: 23}, slog.New(slog.DiscardHandler)); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
