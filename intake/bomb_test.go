//go:build !race

// Without the race detector: it takes many times the time and memory that are measured here.

package intake_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"comity"
	"comity/intake"
	"comity/intake/attack"
	"comity/intake/baseline"
	"comity/intake/cve"
	"comity/intake/epss"
	"comity/intake/indico"
	"comity/intake/kev"
	"comity/intake/profilefile"
	"comity/intake/stix"
	"comity/intake/warninglist"
)

// What a hostile document may cost. The time is far below the bound of 2 seconds on an idle machine; the test allows for a
// busy one.
const (
	maxTime   = 10 * time.Second
	maxGrowth = 64 << 20 // bytes of memory beyond what was in use before
)

// target is a parser with what its documents start and end with, as the pipeline runs it.
type target struct {
	name       string
	limit      int64 // as in package pipeline
	parse      func(io.Reader) error
	head, list string // of a document before its list and its first item
	item       func(i int) string
}

var targets = []target{
	{
		"kev", 32 << 20, func(r io.Reader) error { _, err := kev.Parse(r); return err },
		`{"catalogVersion":"1","dateReleased":"2026-01-01T00:00:00Z","count":1,`, `"vulnerabilities":[`,
		func(i int) string {
			return fmt.Sprintf(`{"cveID":"CVE-2026-%07d","vendorProject":"A","product":"B","vulnerabilityName":"C","dateAdded":"2026-01-01"}`, i)
		},
	},
	{
		"attack", 256 << 20, func(r io.Reader) error { _, err := attack.Parse(r); return err },
		`{"type":"bundle",`, `"objects":[`,
		func(i int) string {
			return fmt.Sprintf(`{"type":"attack-pattern","id":"%07d","name":"A","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z",`+
				`"external_references":[{"source_name":"mitre-attack","external_id":"T%04d"}]}`, i, i%10_000)
		},
	},
	{
		"cve", 256 << 20, func(r io.Reader) error { _, err := cve.Parse(r); return err },
		`{"version":"2.0",`, `"vulnerabilities":[`,
		func(i int) string {
			return fmt.Sprintf(`{"cve":{"id":"CVE-2026-%07d","published":"2026-01-01T00:00:00","lastModified":"2026-01-01T00:00:00"}}`, i)
		},
	},
	{
		"warninglist", warninglist.MaxUnpacked, func(r io.Reader) error { _, err := warninglist.Parse(r); return err },
		`{"name":"A","type":"string","version":1,"matching_attributes":["domain"],`, `"list":[`,
		func(i int) string { return fmt.Sprintf(`"%d.example"`, i) },
	},
	{
		"baseline", baseline.MaxBytes, baselineTarget,
		`{"catalog":{"metadata":{"title":"A"},`, `"controls":[`,
		func(i int) string { return fmt.Sprintf(`{"id":"c-%07d","title":"A"}`, i) },
	},
	{
		"stix", 64 << 20, func(r io.Reader) error {
			d, err := stix.Parse(r, comity.TLPUnmarked)
			if err == nil && len(d.Refused) > 0 { // one object alone: the others are good
				return comity.Errorf(comity.Invalid, "%s: %s", d.Refused[0].Place, d.Refused[0].Reason)
			}
			return err
		},
		`{"type":"bundle",`, `"objects":[`,
		func(i int) string {
			return fmt.Sprintf(`{"type":"indicator","id":"indicator--31b940d4-6f7f-459a-80ea-%012d","created":"2026-01-01T00:00:00Z",`+
				`"modified":"2026-01-01T00:00:00Z","pattern":"[url:value='x']"}`, i)
		},
	},
	{
		"indico", indico.MaxBytes, func(r io.Reader) error { _, err := indico.Parse(r); return err },
		`{"url":"https://events.example.org/",`, `"results":[{"id":"1","contributions":[`,
		func(i int) string { return fmt.Sprintf(`{"id":"%07d","title":"A"}`, i) },
	},
}

// baselineTarget is the parser of baselines; a file that is not usable is its error.
func baselineTarget(r io.Reader) error {
	_, problems, err := baseline.Parse(r, baseline.Options{Title: "T"})
	if err == nil && !baseline.Usable(problems) {
		return comity.Errorf(comity.Invalid, "%s", problems[0])
	}
	return err
}

var scores = target{
	"epss", 64 << 20, func(r io.Reader) error { _, err := epss.Parse(r); return err },
	"#model_version:v1,score_date:2026-01-30T12:55:00Z\n", "cve,epss,percentile\n",
	func(i int) string { return fmt.Sprintf("CVE-2026-%07d,0.1,0.2\n", i) },
}

// repeat is a reader of n times the same text.
func repeat(text string, n int) io.Reader { return each(n, func(int) string { return text }) }

// each is a reader of n texts, none of which is held longer than it is read.
func each(n int, text func(i int) string) io.Reader {
	return &series{text: text, left: n}
}

type series struct {
	text    func(i int) string
	i, left int
	rest    string
}

func (s *series) Read(b []byte) (int, error) {
	n := 0
	for n < len(b) {
		if s.rest == "" {
			if s.left == 0 {
				break
			}
			s.rest = s.text(s.i)
			s.i, s.left = s.i+1, s.left-1
		}
		copied := copy(b[n:], s.rest)
		n, s.rest = n+copied, s.rest[copied:]
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func join(parts ...any) io.Reader {
	readers := make([]io.Reader, len(parts))
	for i, part := range parts {
		switch p := part.(type) {
		case string:
			readers[i] = strings.NewReader(p)
		case io.Reader:
			readers[i] = p
		}
	}
	return io.MultiReader(readers...)
}

// gzipOf packs what a text repeated makes, a part at a time, so that a bomb of a gigabyte is made in no time.
func gzipOf(t *testing.T, head, text string, parts int) io.Reader {
	const size = 4 << 20
	first := packed(t, []byte(head))
	part := packed(t, bytes.Repeat([]byte(text), size/len(text)))
	return join(bytes.NewReader(first), repeat(string(part), parts))
}

type bomb struct {
	name string
	make func(t *testing.T) io.Reader
}

// jsonBombs are made to hurt one of the parsers of JSON.
func jsonBombs(d target) []bomb {
	head, list := d.head, d.head+d.list
	return []bomb{
		{"1 GB of zeros, packed", func(t *testing.T) io.Reader { return gzipOf(t, "", "\x00", 256) }},
		{"1 GB of blanks, packed", func(t *testing.T) io.Reader { return gzipOf(t, "", " ", 256) }},
		{"1 GB of blanks in the list, packed", func(t *testing.T) io.Reader { return gzipOf(t, list, " ", 256) }},
		{"1 GB of empty objects, packed", func(t *testing.T) io.Reader { return gzipOf(t, list, "{},", 256) }},
		{"1 GB in one text, packed", func(t *testing.T) io.Reader { return gzipOf(t, head+`"x":"`, "x", 256) }},
		{"packed twice", func(t *testing.T) io.Reader {
			inner, err := io.ReadAll(gzipOf(t, list, " ", 16))
			if err != nil {
				t.Fatal(err)
			}
			return bytes.NewReader(packed(t, inner))
		}},
		{"100 MB in the name of the packing", func(t *testing.T) io.Reader {
			return join("\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\x03", repeat("x", 100<<20))
		}},
		{"without an end", func(*testing.T) io.Reader { return repeat("\x00", math.MaxInt) }},
		{"blanks without an end", func(*testing.T) io.Reader { return repeat(" \n\t", math.MaxInt) }},
		{"arrays 100,000 deep", func(*testing.T) io.Reader { return repeat("[", 100_000) }},
		{"objects 100,000 deep", func(*testing.T) io.Reader { return repeat(`{"a":`, 100_000) }},
		{"arrays 10 million deep in a member", func(*testing.T) io.Reader { return join(head+`"x":`, repeat("[", 10_000_000)) }},
		{"objects 100,000 deep in a member", func(*testing.T) io.Reader { return join(head+`"x":`, repeat(`{"a":`, 100_000)) }},
		{"arrays 100,000 deep in an item", func(*testing.T) io.Reader { return join(list, repeat("[", 100_000)) }},
		{"objects 100,000 deep in an item", func(*testing.T) io.Reader { return join(list, repeat(`{"a":`, 100_000)) }},
		{"9,000 deep and closed", func(*testing.T) io.Reader {
			return join(list+`{"x":`, repeat("[", 9_000), repeat("]", 9_000), "}]}")
		}},
		{"10 million numbers in the list", func(*testing.T) io.Reader { return join(list, repeat("0,", 10_000_000)) }},
		{"10 million empty objects in the list", func(*testing.T) io.Reader { return join(list, repeat("{},", 10_000_000)) }},
		{"10 million strangers in the list", func(*testing.T) io.Reader {
			return join(list, repeat(`{"type":"malware","id":"x"},`, 10_000_000))
		}},
		{"10 million elements in a member", func(*testing.T) io.Reader { return join(head+`"x":[`, repeat("0,", 10_000_000)) }},
		{"10 million elements in an item", func(*testing.T) io.Reader { return join(list+`{"x":[`, repeat("0,", 10_000_000)) }},
		{"10 million members", func(*testing.T) io.Reader {
			return join(head, each(10_000_000, func(i int) string { return fmt.Sprintf(`"%d":0,`, i) }))
		}},
		{"10 million members of an item", func(*testing.T) io.Reader {
			return join(list, "{", each(10_000_000, func(i int) string { return fmt.Sprintf(`"%d":0,`, i) }))
		}},
		{"10 million items that are right", func(*testing.T) io.Reader {
			return join(list, each(10_000_000, func(i int) string { return d.item(i) + "," }))
		}},
		{"items that are right and too long", func(*testing.T) io.Reader {
			return join(list, each(10_000_000, func(i int) string {
				return strings.TrimSuffix(d.item(i), "}") + `,"description":"` + strings.Repeat("x", 40<<10) + `"},`
			}))
		}},
		{"a text of 100 MB", func(*testing.T) io.Reader { return join(`"`, repeat("x", 100<<20), `"`) }},
		{"a text of 100 MB in a member", func(*testing.T) io.Reader { return join(head+`"x":"`, repeat("x", 100<<20), `"}`) }},
		{"a text of 100 MB in an item", func(*testing.T) io.Reader { return join(list+`{"name":"`, repeat("x", 100<<20), `"}]}`) }},
		{"a name of 100 MB", func(*testing.T) io.Reader { return join(`{"`, repeat("x", 100<<20), `":0}`) }},
		{"a name of 100 MB in an item", func(*testing.T) io.Reader { return join(list+`{"`, repeat("x", 100<<20), `":0}]}`) }},
		{"a number of 100 MB", func(*testing.T) io.Reader { return join(head+`"count":`, repeat("9", 100<<20), "}") }},
		{"backslashes of 100 MB", func(*testing.T) io.Reader { return join(list+`{"name":"`, repeat(`\\`, 50<<20), `"}]}`) }},
		{"escaped backslashes before u0000", func(*testing.T) io.Reader { return join(list+`{"name":"`, repeat(`\\u0000`, 10<<20), `"}]}`) }},
		{"one name a million times", func(*testing.T) io.Reader { return join(list+"{", repeat(`"a":0,`, 1_000_000)) }},
	}
}

// eventBombs are within the bound on bytes, and whole.
func eventBombs() []bomb {
	const size = indico.MaxBytes - 1000
	return []bomb{
		{"a million empty contributions", func(*testing.T) io.Reader {
			return join(`{"results":[{"contributions":[`, repeat("{},", size/3), "{}]}]}")
		}},
		{"speakers that are null", func(*testing.T) io.Reader {
			return join(`{"results":[{"contributions":[{"speakers":[`, repeat("null,", size/5), "null]}]}]}")
		}},
		{"a timetable of nothing", func(*testing.T) io.Reader {
			return join(`{"results":{"1":{"20260101":{`, each(size/13-10, func(i int) string { return fmt.Sprintf(`"%07d":{},`, i) }), `"x":{}}}}}`)
		}},
		{"sessions within sessions", func(*testing.T) io.Reader {
			return join(`{"results":{"1":{"20260101":`, repeat(`{"a":{"entries":`, 4_000), "{}", repeat("}}", 4_000), "}}}")
		}},
		{"a calendar of short lines", func(*testing.T) io.Reader {
			return join("BEGIN:VCALENDAR\nBEGIN:VEVENT\n", repeat("A:\n", size/3), "END:VEVENT\nEND:VCALENDAR\n")
		}},
		{"a calendar of parameters", func(*testing.T) io.Reader {
			return join("BEGIN:VCALENDAR\nBEGIN:VEVENT\nA", each(size/10, func(i int) string { return fmt.Sprintf(";%07d=x", i) }), ":\n")
		}},
		{"a calendar of folds", func(*testing.T) io.Reader {
			return join("BEGIN:VCALENDAR\nBEGIN:VEVENT\nA:", repeat("\n ", size/2), "\n")
		}},
		{"markup without an end", func(*testing.T) io.Reader {
			return join("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDESCRIPTION:", repeat("< <a", size/4), "\nEND:VEVENT\nEND:VCALENDAR\n")
		}},
	}
}

// bundleBombs are right in form, and made to hurt what is done after reading.
func bundleBombs() []bomb {
	const head = `{"type":"bundle","objects":[`
	end := `{"type":"malware","id":"end"}]}`
	relationships := func(kind string, n int, from, to func(i int) string) io.Reader {
		return each(n, func(i int) string {
			return fmt.Sprintf(`{"type":"relationship","id":"r","relationship_type":%q,"source_ref":%q,"target_ref":%q},`, kind, from(i), to(i))
		})
	}
	text := func(format string) func(int) string { return func(i int) string { return fmt.Sprintf(format, i) } }
	next := func(i int) string { return fmt.Sprint((i + 1) % 150_000) }
	return []bomb{
		{"a circle of revoked techniques", func(*testing.T) io.Reader {
			return join(head, relationships("revoked-by", 150_000, text("%d"), next), end)
		}},
		{"a circle of sub-techniques", func(*testing.T) io.Reader {
			return join(head, relationships("subtechnique-of", 150_000, text("%d"), next), end)
		}},
		{"one technique with 100,000 mitigations", func(*testing.T) io.Reader {
			mitigation := func(i int) string {
				return fmt.Sprintf(`{"type":"course-of-action","id":"m%d","name":"M","external_references":[{"source_name":"mitre-attack","external_id":"M%04d"}]},`, i, i%10_000)
			}
			return join(head, each(15_000, mitigation), relationships("mitigates", 150_000, func(i int) string { return fmt.Sprintf("m%d", i%15_000) }, text("t")), end)
		}},
		{"a matrix of a million tactics", func(*testing.T) io.Reader {
			return join(head+`{"type":"x-mitre-matrix","id":"x","name":"M","external_references":[{"source_name":"mitre-attack","external_id":"enterprise-attack"}],"tactic_refs":["ta"`,
				repeat(`,"ta"`, 1_000_000), `]},`, end)
		}},
		{"a technique in a million tactics", func(*testing.T) io.Reader {
			return join(head+`{"type":"attack-pattern","id":"x","name":"T","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z",`+
				`"external_references":[{"source_name":"mitre-attack","external_id":"T1000"}],"kill_chain_phases":[{}`, repeat(`,{}`, 1_000_000), `]},`, end)
		}},
	}
}

func scoreBombs() []bomb {
	d := scores
	head := d.head + d.list
	return []bomb{
		{"1 GB of zeros, packed", func(t *testing.T) io.Reader { return gzipOf(t, "", "\x00", 256) }},
		{"1 GB of empty lines, packed", func(t *testing.T) io.Reader { return gzipOf(t, head, "\n", 256) }},
		{"1 GB of one line, packed", func(t *testing.T) io.Reader { return gzipOf(t, head, "CVE-2026-0001,", 256) }},
		{"without an end", func(*testing.T) io.Reader { return repeat("\x00", math.MaxInt) }},
		{"lines without an end", func(*testing.T) io.Reader { return repeat("#\n", math.MaxInt) }},
		{"a comment of 100 MB", func(*testing.T) io.Reader { return join("#", repeat("model_version:v1,", 6<<20)) }},
		{"a header of 65,000 columns", func(*testing.T) io.Reader { return join(d.head, repeat("epss,", 65_000), "\n") }},
		{"a row of 65,000 columns", func(*testing.T) io.Reader { return join(head, repeat("0,", 65_000), "\n") }},
		{"a field of 100 MB", func(*testing.T) io.Reader { return join(head+"CVE-2026-0001,0.", repeat("0", 100<<20), "1,0\n") }},
		{"10 million rows that are right", func(*testing.T) io.Reader { return join(head, each(10_000_000, d.item)) }},
		{"10 million times the same row", func(*testing.T) io.Reader { return join(head, repeat(d.item(1), 10_000_000)) }},
		{"400,000 rows backwards, one twice", func(*testing.T) io.Reader {
			return join(head, each(400_000, func(i int) string { return d.item(400_000 - i) }), d.item(7))
		}},
	}
}

// zipBombs are made to hurt who unpacks a ZIP file.
func zipBombs() []bomb {
	d := targets[len(targets)-1]
	head := d.head + d.list
	return []bomb{
		{"256 MB of blanks in one file", func(t *testing.T) io.Reader { return zipOf(t, 1, head, " ", 256<<20) }},
		{"256 MB of entries in one file", func(t *testing.T) io.Reader { return zipOf(t, 1, head, `"x",`, 256<<20) }},
		{"256 MB of a text in one file", func(t *testing.T) io.Reader { return zipOf(t, 1, head+`"`, "x", 256<<20) }},
		{"400 files of 32 MB", func(t *testing.T) io.Reader {
			return zipOf(t, 400, d.head+`"list":["a"`, " ", 32<<20)
		}},
		{"65,000 files", func(t *testing.T) io.Reader { return zipOf(t, 65_000, "{}", "", 0) }},
		{"8 MB of nothing", func(*testing.T) io.Reader { return join("PK\x03\x04", repeat("\x00", math.MaxInt)) }},
	}
}

// zipOf packs the same list under n names: a head, and a text again and again.
func zipOf(t *testing.T, n int, head, text string, size int) io.Reader {
	t.Helper()
	var one bytes.Buffer
	deflate, err := flate.NewWriter(&one, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	chunk := head + strings.Repeat(text, min(size, 1<<20)/max(1, len(text)))
	sum := crc32.NewIEEE()
	total := 0
	for total == 0 || total < size {
		_, _ = deflate.Write([]byte(chunk))
		_, _ = sum.Write([]byte(chunk))
		total += len(chunk)
		chunk = strings.TrimPrefix(chunk, head)
	}
	if err := deflate.Close(); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := range n {
		w, err := z.CreateRaw(&zip.FileHeader{
			Name: fmt.Sprintf("l%d.json", i), Method: zip.Deflate, CRC32: sum.Sum32(),
			CompressedSize64: uint64(one.Len()), UncompressedSize64: uint64(total),
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(one.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return &b
}

// Every bomb is refused as what it is, soon, and without the memory that it asks for.
func TestBombs(t *testing.T) {
	count := 0
	run := func(d target, bombs []bomb) {
		for _, b := range bombs {
			count++
			t.Run(d.name+"/"+b.name, func(t *testing.T) {
				r := b.make(t)
				took, growth, err := measure(func() error {
					document, err := intake.Open(r, d.limit)
					if err != nil {
						return err
					}
					return d.parse(document)
				})
				if kind := comity.KindOf(err); kind != comity.Invalid && kind != comity.TooLarge {
					t.Errorf("error %v of kind %s", err, kind)
				}
				if took > maxTime || growth > maxGrowth {
					t.Errorf("took %s and %d MB: %v", took, growth>>20, err)
				}
				t.Logf("%s, %d MB: %.200v", took.Round(time.Millisecond), growth>>20, err)
			})
		}
	}
	for _, d := range targets {
		run(d, jsonBombs(d))
	}
	run(targets[1], bundleBombs())
	run(targets[len(targets)-1], eventBombs())
	run(targets[2], zipBombs())
	run(scores, scoreBombs())
	for _, d := range profileTargets {
		run(d, jsonBombs(d))
	}
	for format, bombs := range map[profilefile.Format][]bomb{
		profilefile.CycloneDXXML: markupBombs(), profilefile.XLSX: bookBombs(), profilefile.CSV: tableBombs(),
	} {
		run(profileTarget(format, "", "", nil), bombs)
	}
	if count < 60 {
		t.Errorf("%d bombs, want at least 60", count)
	}
}

// measure runs f and returns how long it took and by how much the heap grew at most while it ran, with a collector that
// leaves little behind.
func measure(f func() error) (took time.Duration, growth int64, err error) {
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	stop, peak := make(chan struct{}), make(chan uint64)
	go func() {
		most := before.HeapAlloc
		ticks := time.NewTicker(5 * time.Millisecond)
		defer ticks.Stop()
		for {
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
			select {
			case <-stop:
				peak <- most
				return
			case <-ticks.C:
			}
		}
	}()
	start := time.Now()
	err = f()
	took = time.Since(start)
	close(stop)
	return took, int64(<-peak - before.HeapAlloc), err
}
