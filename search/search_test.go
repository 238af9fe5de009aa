package search_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"comity"
	"comity/search"

	"pgregory.net/rapid"
)

// found reports whether a text is found by a question, by the meaning of [search.Query].
func found(t testing.TB, text, question string) bool {
	t.Helper()
	q, err := search.Parse(question)
	if err != nil {
		t.Fatal(err)
	}
	terms := search.Terms(text)
	has := func(term search.Term) bool {
		return slices.ContainsFunc(terms, func(s string) bool {
			return s == term.Text || term.Prefix && strings.HasPrefix(s, term.Text)
		})
	}
	for _, group := range q {
		if !slices.ContainsFunc(group, func(a search.Alternative) bool {
			return !slices.ContainsFunc(a, func(t search.Term) bool { return !has(t) })
		}) {
			return false
		}
	}
	return true
}

func TestFinds(t *testing.T) {
	for _, test := range []struct {
		text, question string
		want           bool
	}{
		{"Apache Log4j2 remote code execution", "log4j", true},
		{"Apache Log4j2 remote code execution", "log4j2 EXECUTION", true},
		{"Apache Log4j2 remote code execution", "log4shell", false},
		{"CVE-2021-44228", "CVE-2021-44228", true},
		{"CVE-2021-44228", "cve-2021-44", true},
		{"CVE-2021-44228", "44228", true},
		{"CVE-2021-44228", "cve-2021-45", false},
		{"CVE-2021-44228 and CVE-2022-1000", "CVE-2022-44228", false},
		{"T1566.001 Spearphishing Attachment", "t1566.001", true},
		{"T1566.001 Spearphishing Attachment", "attachments", true},
		{"FortiGate appliances", "gate", true},
		{"vulnerabilities in network devices", "vulnerability device", true},
		{"multi-factor sign-in", "multifactor", true},
		{"multi factor", "multi-factor", true},
		{"la vulnérabilité des réseaux", "vulnerabilite réseau", true},
		{"las vulnerabilidades críticas", "vulnerabilidad critica", true},
		{"уязвимости сетевых устройств", "уязвимость устройство", true},
		{"Ещё одна ёлка", "еще елка", true},
		{"ثغرات أمنية في الشبكات", "الشبكات", true},
		{"ثغرات أمنية في الشبكات", "شبكة", true},
		{"هٰذَا نَصٌّ مُشَكَّل", "نص مشكل", true},
		{"网络安全漏洞", "安全", true},
		{"网络安全漏洞", "网漏", false},
		{"ネットワーク機器", "ネット", true},
		{"ﬁle ｆｕｌｌｗｉｄｔｈ", "file fullwidth", true},
		{"soft\u00adware", "software", true},
		{"example.com", "example.com", true},
		{"example.com", "example", true},
		{"l’homme", "homme", true},
		{"order ٤٤٢٢٨", "44228", true},
		{"anything", "", true},
		{"anything", " ,;()'\"*:& ", true},
	} {
		if got := found(t, test.text, test.question); got != test.want {
			t.Errorf("%q in %q: got %t, want %t (terms %q)", test.question, test.text, got, test.want, search.Terms(test.text))
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"not UTF-8":      "a\xffb",
		"too many words": strings.Repeat("word ", 100),
		"a long run":     strings.Repeat("安全", 100),
		"too long":       strings.Repeat(" ", 1<<20),
	} {
		if _, err := search.Parse(text); comity.KindOf(err) != comity.Invalid {
			t.Errorf("%s: got %v, want Invalid", name, err)
		}
	}
}

// TestEveryWordIsFound checks that a text is found by each of its own words, as long as they are not cut.
func TestEveryWordIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-zA-Zéèñабвжабй啊安全ءأإجدة0-9]{1,12}([-._][a-zA-Z0-9]{1,6})?`), 1, 8).Draw(t, "words")
		text := strings.Join(words, " ")
		for _, word := range words {
			q, err := search.Parse(word)
			if err != nil {
				t.Fatal(err)
			}
			if len(q) == 0 {
				continue
			}
			if !foundBy(search.Terms(text), q) {
				t.Fatalf("%q is not found in %q: %v in %q", word, text, q, search.Terms(text))
			}
		}
	})
}

func foundBy(terms []string, q search.Query) bool {
	for _, group := range q {
		if !slices.ContainsFunc(group, func(a search.Alternative) bool {
			return !slices.ContainsFunc(a, func(t search.Term) bool { return !slices.Contains(terms, t.Text) })
		}) {
			return false
		}
	}
	return true
}

func FuzzTerms(f *testing.F) {
	for _, seed := range []string{"CVE-2021-44228 in FortiGate", "安全 security", "الأمن", "é\u0301\u0301", "\xff", "a-.-b", "İ", "ǅ", "\u0640\u0640", strings.Repeat("a", 100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		terms := search.Terms(text)
		for _, term := range terms {
			checkTerm(t, term)
		}
		if !slices.IsSorted(terms) || len(slices.Compact(slices.Clone(terms))) != len(terms) {
			t.Errorf("not sorted, each once: %q", terms)
		}
		q, err := search.Parse(text)
		if err != nil {
			return
		}
		for _, group := range q {
			for _, alternative := range group {
				for _, term := range alternative {
					checkTerm(t, term.Text)
				}
			}
		}
	})
}

// checkTerm checks what the databases rely on.
func checkTerm(t *testing.T, term string) {
	t.Helper()
	if term == "" || len(term) > 64 || !utf8.ValidString(term) || strings.ContainsAny(term, " \"'\\:*&|!()\x00") {
		t.Errorf("term %q", term)
	}
}

func BenchmarkTerms(b *testing.B) {
	text := strings.Repeat("A vulnerability in the web-based management interface of FortiGate could allow an unauthenticated attacker to execute code. ", 4)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		search.Terms(text)
	}
}
