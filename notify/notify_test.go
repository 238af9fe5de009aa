package notify

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"comity"

	"golang.org/x/net/html"
)

var since = time.Date(2026, 11, 16, 6, 0, 0, 0, time.UTC)

func digest(lang string, news ...comity.News) Digest {
	total := 0
	for _, n := range news {
		total += n.Count
	}
	return Digest{
		Group: comity.Group{Acronym: "MISSIG"}, Language: lang, Base: "https://comity.example", Since: since,
		Unsubscribe: "https://comity.example/unsubscribe/secret",
		Sections:    []Section{{comity.TopicSessions, comity.NewsPage{News: news, Total: total}}},
	}
}

func write(t *testing.T, d Digest) Mail {
	t.Helper()
	m, err := Write(d)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestMarkings holds every event under every label to the rule: a title travels with TLP:CLEAR and TLP:GREEN, and with
// nothing else, in no part of the mail.
func TestMarkings(t *testing.T) {
	for event := range paths {
		for _, label := range []comity.TLP{comity.TLPUnmarked, comity.TLPClear, comity.TLPGreen, comity.TLPAmber, comity.TLPAmberStrict, comity.TLPRed, comity.TLP(99)} {
			m := write(t, digest("en", comity.News{Event: event, Subject: "1", Title: "Hush-hush", TLP: label, Count: 1}))
			want := label == comity.TLPClear || label == comity.TLPGreen
			for part, text := range map[string]string{"text": m.Text, "HTML": m.HTML} {
				if got := strings.Contains(text, "Hush-hush"); got != want {
					t.Errorf("%s marked %q, %s: a title there: %v, want %v\n%s", event, label, part, got, want, text)
				}
			}
			if strings.Contains(m.Subject, "Hush") {
				t.Errorf("%s: the subject has a title: %s", event, m.Subject)
			}
			if (m.TLP == comity.TLPGreen) != (label == comity.TLPGreen) || m.TLP > comity.TLPGreen {
				t.Errorf("%s marked %q: the mail is marked %s", event, label, m.TLP)
			}
		}
	}
}

func TestWhatIsNotToldIsCounted(t *testing.T) {
	hush := comity.News{Event: comity.NewsAction, Title: "Hush", TLP: comity.TLPAmber, Count: 1}
	one, two := hush, hush
	one.Subject, two.Subject = "act_1", "act_2"
	m := write(t, digest("en", one, comity.News{Event: comity.NewsAction, Subject: "act_3", Title: "Open", TLP: comity.TLPGreen, Count: 1}, two))
	for _, want := range []string{"Action item changed: 2 [TLP:AMBER]\n  https://comity.example/actions\n", "Action item changed: Open [TLP:GREEN]\n  https://comity.example/actions/act_3\n", "\nTLP:GREEN"} {
		if !strings.Contains("\n"+m.Text, want) {
			t.Errorf("no %q in\n%s", want, m.Text)
		}
	}
	if m.Subject != "[MISSIG] Changes: 3" {
		t.Errorf("subject: got %q", m.Subject)
	}
	d := digest("en", one)
	d.Sections[0].Page.Total = 30
	if m := write(t, d); !strings.Contains(m.Text, "And more: 29") || !strings.Contains(m.Text, "/actions/act_1\n") {
		t.Errorf("more than are listed: got\n%s", m.Text)
	}
}

func TestHostileTitles(t *testing.T) {
	title := "<script>alert(1)</script>\r\n\r\n.\r\nFrom: x\u2028" + strings.Repeat("long ", 100)
	m := write(t, digest("ar", comity.News{Event: comity.NewsReport, Subject: "rpt_1/../x?y", Title: title, TLP: comity.TLPClear, Count: 1}))
	if strings.Contains(m.HTML, "<script") {
		t.Errorf("markup passes into HTML:\n%s", m.HTML)
	}
	if regexp.MustCompile(`(?m)^(\.|From: x)`).MatchString(m.Text) || strings.Contains(m.Text, "\r") {
		t.Errorf("a title begins a line:\n%s", m.Text)
	}
	if !strings.Contains(m.Text, "/reports/rpt_1%2F..%2Fx%3Fy\n") {
		t.Errorf("an identity is not escaped in its address:\n%s", m.Text)
	}
	d := digest("en")
	d.Group.Acronym = "X\r\nBcc: all@example.org"
	if m := write(t, d); strings.ContainsAny(m.Subject, "\r\n") {
		t.Errorf("the subject has lines: %q", m.Subject)
	}
}

// TestLanguages writes a mail with everything in it in each language, and looks for what a reader would miss.
func TestLanguages(t *testing.T) {
	var news []comity.News
	for _, event := range slices.Sorted(maps.Keys(paths)) {
		for _, label := range []comity.TLP{comity.TLPGreen, comity.TLPAmber} {
			news = append(news, comity.News{Event: event, Subject: "1", Title: "Title", TLP: label, Count: 1})
		}
	}
	seen := map[string]string{}
	for _, lang := range comity.Languages {
		d := digest(lang, news...)
		for _, topic := range comity.Topics {
			d.Sections = append(d.Sections, Section{topic, comity.NewsPage{News: news[:1], Total: 2}})
		}
		m, test := write(t, d), write(t, Digest{Group: d.Group, Language: lang, Base: d.Base})
		for _, text := range []string{m.Subject, m.Text, m.HTML, test.Subject, test.Text, test.HTML} {
			if left := regexp.MustCompile(`\{[a-z]+\}|<no value>|: *\n\n\n`).FindString(text); left != "" {
				t.Errorf("%s: %q is left over in\n%s", lang, left, text)
			}
		}
		if !strings.Contains(m.HTML, `<html lang="`+lang+`" dir="`+locales[lang].dir()+`">`) {
			t.Errorf("%s: language or direction is missing", lang)
		}
		checkMail(t, lang, m.HTML)
		if other, ok := seen[m.Text]; ok {
			t.Errorf("%s reads as %s", lang, other)
		}
		seen[m.Text] = lang
	}
	if got, want := write(t, digest("tlh", news...)).Text, write(t, digest("en", news...)).Text; got != want {
		t.Error("an unknown language is not English")
	}
}

// checkMail checks that nothing in a mail is fetched from anywhere, and that every link leads to the group.
func checkMail(t *testing.T, lang, text string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if slices.Contains([]string{"img", "script", "link", "iframe", "form", "object"}, n.Data) {
			t.Errorf("%s: a <%s> in a mail", lang, n.Data)
		}
		for _, a := range n.Attr {
			if a.Key == "href" && !strings.HasPrefix(a.Val, "https://comity.example/") {
				t.Errorf("%s: a link leads to %q", lang, a.Val)
			}
		}
	}
}

func TestLocalesAgree(t *testing.T) {
	want := slices.Sorted(maps.Keys(locales["en"].messages))
	placeholders := regexp.MustCompile(`\{[a-z]+\}`)
	for _, lang := range comity.Languages {
		l := locales[lang]
		if got := slices.Sorted(maps.Keys(l.messages)); !slices.Equal(got, want) {
			t.Errorf("%s: keys differ: %q, want %q", lang, got, want)
		}
		for key, text := range l.messages {
			got, en := placeholders.FindAllString(text, -1), placeholders.FindAllString(locales["en"].messages[key], -1)
			slices.Sort(got)
			slices.Sort(en)
			if !slices.Equal(got, en) {
				t.Errorf("%s: %s has the placeholders %q, want %q", lang, key, got, en)
			}
		}
	}
	for _, topic := range comity.Topics {
		if locales["en"].messages["topic."+string(topic)] == "" {
			t.Errorf("the topic %s has no text", topic)
		}
	}
	for space, path := range feedPaths {
		if locales["en"].messages["feed."+string(space)] == "" || !slices.Contains(comity.FeedSpaces, space) || path == "" {
			t.Errorf("the space %s has no text", space)
		}
	}
	for event := range paths {
		if locales["en"].messages["event."+string(event)] == "" {
			t.Errorf("the event %s has no text", event)
		}
	}
}
