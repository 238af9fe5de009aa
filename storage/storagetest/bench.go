package storagetest

import (
	"fmt"
	"testing"

	"comity"
	"comity/storage"
)

// PublishedScores is how many scores one day of EPSS has.
const PublishedScores = 313_089

func scores(n int) []comity.EPSSScore {
	list := make([]comity.EPSSScore, n)
	for i := range list {
		list[i] = comity.EPSSScore{CVE: fmt.Sprintf("CVE-%d-%05d", 1999+i%28, i), Score: float64(i%1000) / 1000, Percentile: float64(i%997) / 997}
	}
	return list
}

// BenchmarkPutScores takes in a day of EPSS for the first time, and the next day in which one score in twenty differs.
func BenchmarkPutScores(b *testing.B, open func(testing.TB) *storage.Store) {
	all := scores(PublishedScores)
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			s := open(b)
			b.StartTimer()
			put(b, s, 0, all)
		}
	})
	b.Run("next day", func(b *testing.B) {
		s := open(b)
		put(b, s, 0, all)
		day := 0
		for b.Loop() {
			day++
			for i := day % 20; i < len(all); i += 20 {
				all[i].Score = float64((i+day)%1000) / 1000
			}
			put(b, s, day, all)
		}
	})
}

func put(b *testing.B, s *storage.Store, day int, all []comity.EPSSScore) {
	src := comity.Source{ID: comity.SourceEPSS, Version: "v1", Date: now.AddDate(0, 0, day), TakenIn: now}
	if _, err := s.PutScores(b.Context(), system, src, all, false); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkThreats reads pages of a catalogue of 1,700 entries with the scores of a whole day beside it.
func BenchmarkThreats(b *testing.B, open func(testing.TB) *storage.Store) {
	s := open(b)
	all := scores(PublishedScores)
	put(b, s, 0, all)
	var threats []comity.Threat
	for i := range 1700 {
		threats = append(threats, vulnerability(all[i*100].CVE, fmt.Sprintf("Vendor %d", i%90), fmt.Sprintf("Product %d", i%300), "1"))
	}
	if _, err := s.PutThreats(b.Context(), system, kevSource("1", now), threats, withdraw); err != nil {
		b.Fatal(err)
	}
	viewer := comity.ViewerOf(comity.Person{ID: "per_bench", Org: "org_bench", Roles: comity.RolesOf(comity.RoleFocalPoint)})
	for name, q := range map[string]comity.ThreatQuery{
		"newest": {}, "by score": {Sort: "epss"}, "words": {Text: "vendor product 17"}, "last page": {Offset: 1650},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Threats(b.Context(), viewer, q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
