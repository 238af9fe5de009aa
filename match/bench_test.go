package match

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"comity"
)

// The size that is measured: a large group, whole inventories, ten years of vulnerabilities.
const (
	benchOrganizations   = 50
	benchPackages        = 2_000
	benchVulnerabilities = 20_000
	benchBound           = 2 * time.Second // on two cores
)

// manyThreats returns vulnerabilities made of the public sample's configurations and the catalogue's names, again and
// again under other numbers, so that each product has several as it does in life.
func manyThreats(t testing.TB, n int) []comity.Threat {
	t.Helper()
	real := append(realConfigurations(t), kevCatalogue(t)...)
	threats := make([]comity.Threat, n)
	for i := range threats {
		threats[i] = real[i%len(real)]
		v := *threats[i].Vulnerability
		v.CVE = fmt.Sprintf("CVE-%04d-%05d", 2000+i%25, i)
		threats[i].ID, threats[i].Vulnerability = comity.MakeThreatID(v.CVE), &v
	}
	return threats
}

// manyProfiles returns profiles whose inventories are half of products that vulnerabilities name, half of packages that
// none does.
func manyProfiles(threats []comity.Threat, organizations, packages int) []comity.Profile {
	named := inventoryOf(threats, 1)
	profiles := make([]comity.Profile, organizations)
	for i := range profiles {
		chance := rand.New(rand.NewPCG(uint64(i), 12))
		p := comity.Profile{Org: comity.OrgID(fmt.Sprintf("org_%016d", i))}
		for j := range packages {
			s := comity.Software{Vendor: "Example", Name: fmt.Sprintf("package-%d", chance.IntN(50_000)), Version: fmt.Sprintf("%d.%d.%d", chance.IntN(9), chance.IntN(20), chance.IntN(20))}
			s.PURL = fmt.Sprintf("pkg:npm/%s@%s", s.Name, s.Version)
			if j%2 == 0 {
				s = named[chance.IntN(len(named))]
			}
			s.ID, s.Placement = comity.SoftwareID(fmt.Sprintf("sof_%d_%d", i, j)), comity.InternalOnly
			p.Software = append(p.Software, s)
		}
		profiles[i] = p
	}
	return profiles
}

// BenchmarkOrganizations matches 50 organisations of 2,000 packages each with 20,000 vulnerabilities, all prepared anew:
// one after the other, and as the pipeline does, as many at once as there are cores.
func BenchmarkOrganizations(b *testing.B) {
	threats := manyThreats(b, benchVulnerabilities)
	profiles := manyProfiles(threats, benchOrganizations, benchPackages)
	for _, cores := range []int{1, runtime.GOMAXPROCS(0)} {
		b.Run(fmt.Sprintf("cores=%d", cores), func(b *testing.B) {
			b.ReportAllocs()
			var found int
			before := processorTime()
			for b.Loop() {
				found = matchAll(threats, profiles, cores)
			}
			took := b.Elapsed() / time.Duration(b.N)
			b.ReportMetric(float64(found), "matches")
			b.ReportMetric((processorTime()-before).Seconds()/float64(b.N), "cpu-s/op") // what a busy machine does not change
			b.ReportMetric(benchBound.Seconds()/took.Seconds(), "x-within-2s")
		})
	}
}

// processorTime returns what the process has used of all cores.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// matchAll returns the number of matches of all profiles.
func matchAll(threats []comity.Threat, profiles []comity.Profile, cores int) int {
	prepared := Prepare(threats)
	found := make([]int, cores)
	var wg sync.WaitGroup
	for core := range cores {
		wg.Go(func() {
			for i := core; i < len(profiles); i += cores {
				found[core] += len(New(profiles[i]).FindIn(prepared, now))
			}
		})
	}
	wg.Wait()
	sum := 0
	for _, n := range found {
		sum += n
	}
	return sum
}

// BenchmarkTwin measures the matcher and its slow twin on the same small sample, and says how many times faster it is.
func BenchmarkTwin(b *testing.B) {
	threats := manyThreats(b, 200)
	p := manyProfiles(threats, 1, 100)[0]
	start := time.Now()
	want := len(twinFind(p, threats))
	slow := time.Since(start)
	for b.Loop() {
		if got := len(New(p).Find(threats, now)); got != want {
			b.Fatalf("%d matches, the twin has %d", got, want)
		}
	}
	b.ReportMetric(slow.Seconds()/(b.Elapsed().Seconds()/float64(b.N)), "x-twin")
}

// BenchmarkPrepare measures what all organisations share.
func BenchmarkPrepare(b *testing.B) {
	threats := manyThreats(b, benchVulnerabilities)
	b.ReportAllocs()
	for b.Loop() {
		Prepare(threats)
	}
}

// BenchmarkNew measures what is done once for each profile.
func BenchmarkNew(b *testing.B) {
	p := manyProfiles(manyThreats(b, benchVulnerabilities), 1, benchPackages)[0]
	b.ReportAllocs()
	for b.Loop() {
		New(p)
	}
}
