package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"testing"

	"comity"
	"comity/internal/testkit"
	"comity/pipeline"
)

// programRecords writes n records of the CVE Program as JSON Lines: those of the public sample over and over, each time
// under other numbers.
func programRecords(b *testing.B, n int) []byte {
	b.Helper()
	file, err := os.Open(testkit.Shared(b, "cve/vulnrichment-2024-10-24-sample.jsonl.gz"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	in, err := gzip.NewReader(file)
	if err != nil {
		b.Fatal(err)
	}
	var lines [][]byte
	scanner := bufio.NewScanner(in)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		lines = append(lines, bytes.Clone(scanner.Bytes()))
	}
	var out bytes.Buffer
	for i := range n {
		line := lines[i%len(lines)]
		at := bytes.Index(line, []byte(`"cveId":"`)) + len(`"cveId":"`)
		number := line[at : at+bytes.IndexByte(line[at:], '"')]
		out.Write(bytes.ReplaceAll(line, number, fmt.Appendf(nil, "CVE-2099-%06d", i)))
		out.WriteByte('\n')
	}
	return out.Bytes()
}

// BenchmarkRecords takes 10,000 CVE records into an empty store, durably.
func BenchmarkRecords(b *testing.B) {
	data := programRecords(b, 10_000)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		p := newPipeline(emptyStore(b), nil)
		delta, err := p.Intake(b.Context(), comity.System("benchmark"), comity.SourceCVE, bytes.NewReader(data), pipeline.IntakeOptions{})
		if err != nil || delta.Added != 10_000 {
			b.Fatal(delta, err)
		}
	}
}

// BenchmarkManyVulnerabilities is what a store with 20,000 vulnerabilities beside the demonstration costs: to read them all
// for matching, and to catch up after 3,000 of them changed, with and without a changed profile beside.
func BenchmarkManyVulnerabilities(b *testing.B) {
	v := comity.System("benchmark")
	s, p := meridian(b)
	take := func(data []byte) {
		b.Helper()
		if _, err := p.Intake(b.Context(), v, comity.SourceCVE, bytes.NewReader(data), pipeline.IntakeOptions{}); err != nil {
			b.Fatal(err)
		}
	}
	data := programRecords(b, 20_000)
	take(data)
	if err := p.CatchUp(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Run("matchable", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			list, err := s.Matchable(b.Context(), v)
			if err != nil || len(list) < 20_000 {
				b.Fatal(len(list), err)
			}
		}
	})
	b.Run("catchup-3000", func(b *testing.B) {
		b.ReportAllocs()
		lines := bytes.SplitAfterN(data, []byte{'\n'}, 3_001)
		some := bytes.Join(lines[:3_000], nil)
		n := 0
		for b.Loop() {
			b.StopTimer()
			n++
			take(bytes.ReplaceAll(some, []byte(`"lang":"en","value":"`), fmt.Appendf(nil, `"lang":"en","value":"%d `, n)))
			b.StartTimer()
			if err := p.CatchUp(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
