package pattern

import (
	"fmt"
	"strings"
	"testing"
)

// TestPatterns parses the whole language, and finds the plain values in it.
func TestPatterns(t *testing.T) {
	for _, test := range []struct {
		source, want string
		plain        bool
	}{
		{`[domain-name:value = 'a.example']`, "[{domain-name:value a.example}]", true},
		{`[file:hashes.'SHA-256' = 'ab' OR file:hashes.MD5 = 'cd']`, "[{file:hashes.SHA-256 ab} {file:hashes.MD5 cd}]", false},
		{`[ipv4-addr:value IN ('192.0.2.1', '192.0.2.2')]`, "[{ipv4-addr:value 192.0.2.1} {ipv4-addr:value 192.0.2.2}]", false},
		{`[url:value LIKE 'http://x%' AND url:value MATCHES 'a\\.b' AND url:value != 'c' AND url:value NOT = 'd']`, "[]", false},
		{`[ipv4-addr:value ISSUBSET '192.0.2.0/24'] OR [ipv6-addr:value ISSUPERSET '2001:db8::1']`, "[]", false},
		{`([file:size >= 10 AND file:size < 20.5] AND [EXISTS windows-registry-key:values[*].data]) REPEATS 5 TIMES WITHIN 60 SECONDS`, "[]", false},
		{`[a:b = 'x'] FOLLOWEDBY [a:b = 'y'] START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00.5Z'`, "[{a:b x} {a:b y}]", false},
		{`[a:b = 'it\'s \\ here'] /* a comment */ // another`, `[{a:b it's \ here}]`, true},
		{`[a:b[0].c[-1] = true OR a:d = h'0aff' OR a:e = b'AAE=' OR a:f == -1]`, "[{a:b[0].c[-1] true} {a:d 0aff} {a:e AAE=} {a:f -1}]", false},
		{`[(a:b = 'x' OR c:d = 'y') AND a:b IN ()]`, "[{a:b x} {c:d y}]", false},
	} {
		p, err := Parse(test.source)
		if err != nil {
			t.Errorf("%s: %v", test.source, err)
			continue
		}
		if got := fmt.Sprint(p.Equalities()); got != test.want || p.Plain() != test.plain {
			t.Errorf("%s: got %s, plain %v", test.source, got, p.Plain())
		}
	}
}

// TestPrecedence: AND binds more than OR, and that more than FOLLOWEDBY; a qualifier binds to what it follows.
func TestPrecedence(t *testing.T) {
	p, err := Parse(`[a:b=1] FOLLOWEDBY [a:b=2] OR [a:b=3] AND [a:b=4] REPEATS 2 TIMES`)
	if err != nil {
		t.Fatal(err)
	}
	top := p.Root.(*Joined)
	or := top.Parts[1].(*Joined)
	and := or.Parts[1].(*Joined)
	if top.By != "FOLLOWEDBY" || or.By != "OR" || and.By != "AND" || len(and.qualifiers()) != 0 || len(and.Parts[1].qualifiers()) != 1 {
		t.Errorf("got %+v", top)
	}
}

// TestWrongPatterns are refused at the byte that is wrong.
func TestWrongPatterns(t *testing.T) {
	for _, test := range []struct {
		source string
		at     int
	}{
		{"", 0},
		{"[", 1},
		{"[a:b = 'x'", 10},
		{"[a:b = 'x]", 7},
		{`[a:b = '\x']`, 8},
		{"[a-b = 'x']", 5},
		{"[a:b LIKE 1]", 5},
		{"[a:b = x]", 7},
		{"[a:b IN ('x', 1)]", 14},
		{"[a:b = 'x' AND c:d = 'y']", 1},
		{"[a:b = 'x'] WITHIN 1 SECONDS WITHIN 2 SECONDS", 29},
		{"[a:b = 'x'] REPEATS 0 TIMES", 20},
		{"[a:b = 'x'] START t'2026-01-02T00:00:00Z' STOP t'2026-01-01T00:00:00Z'", 18},
		{"[a:b = t'2026-13-01T00:00:00Z']", 7},
		{"[a:b = h'abc']", 7},
		{"[a:b < true]", 5},
		{"[a:b.c-d = 'x']", 5},
		{"[a:b = 'x'] [a:b = 'y']", 12},
		{strings.Repeat("(", 65), 65},
		{"[NOT a:b = 'x']", 5},
	} {
		_, err := Parse(test.source)
		e, ok := err.(*Error)
		if !ok || e.At != test.at {
			t.Errorf("%.60s: got %v, want byte %d", test.source, err, test.at)
		}
	}
}

// FuzzParse holds that nothing stops the parser, and that its places are within the pattern.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`[domain-name:value = 'a.example']`, `([a:b = 1] AND [c:d IN ('x','y')]) REPEATS 2 TIMES WITHIN 1.5 SECONDS`, `[a:b.'c'[*] NOT LIKE '%'] FOLLOWEDBY [EXISTS a:b]`,
		`[a:b = t'2026-01-01T00:00:00Z'] START t'2026-01-01T00:00:00Z' STOP t'2027-01-01T00:00:00Z'`, "[", "'", "/*", "((((", `[a:b = h'0']`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		p, err := Parse(source)
		if e, ok := err.(*Error); ok {
			if e.At < 0 || e.At > len(source) {
				t.Fatalf("place %d of %d", e.At, len(source))
			}
			return
		}
		p.Equalities()
		p.Plain()
	})
}
