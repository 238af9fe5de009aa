package notify

import (
	"embed"
	"encoding/json"
	"fmt"
	html "html/template"
	"strconv"
	"strings"
	text "text/template"
	"time"

	"comity"
)

//go:embed locale/*.json mail.html mail.txt
var files embed.FS

// locale is the texts of one language, by key.
type locale struct {
	lang     string
	messages map[string]string
}

// locales are the texts in the six languages. That they are there is part of the build; a test compares them.
var locales = func() map[string]locale {
	all := map[string]locale{}
	for _, lang := range comity.Languages {
		data, err := files.ReadFile("locale/" + lang + ".json")
		if err != nil {
			panic(err)
		}
		l := locale{lang: lang}
		if err := json.Unmarshal(data, &l.messages); err != nil {
			panic(fmt.Sprintf("notify: locale %s: %v", lang, err))
		}
		all[lang] = l
	}
	return all
}()

var (
	htmlMail = html.Must(html.ParseFS(files, "mail.html"))
	textMail = text.Must(text.ParseFS(files, "mail.txt"))
)

// dir is the direction of the language's script.
func (l locale) dir() string {
	if l.lang == "ar" {
		return "rtl"
	}
	return "ltr"
}

const (
	firstStrongIsolate = "\u2068"
	popIsolate         = "\u2069"
)

// t returns the text under key with values for its placeholders: name, value, name, value …  In a right-to-left language
// each value is set apart, so that its own direction does not turn the sentence around.
func (l locale) t(key string, args ...string) string {
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		value := args[i+1]
		if l.dir() == "rtl" {
			value = firstStrongIsolate + value + popIsolate
		}
		pairs = append(pairs, "{"+args[i]+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(l.messages[key])
}

// mailView is what the templates show.
type mailView struct {
	Lang, Dir   string
	Subject     string
	Heading     string
	Intro       string
	Sections    []sectionView
	TLP         string // "TLP:GREEN"
	Marking     string
	Why         string
	Preferences linkView
	Stop        linkView
}

type sectionView struct {
	Title string
	Lines []lineView
	More  string // how many there are beyond the lines; empty: none
}

type lineView struct {
	linkView
	TLP string
}

// Class names the colour of the label, as TLP 2.0 has it.
func (v lineView) Class() string { return tlpClass(v.TLP) }

// Class names the colour of the mail's label.
func (v mailView) Class() string { return tlpClass(v.TLP) }

func tlpClass(label string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(label, "TLP:"), "+")
	return strings.ToLower(name)
}

type linkView struct{ Text, URL string }

// Write writes a digest as a mail, without whom it is for. The same digest gives the same mail. Its error is Internal.
func Write(d Digest) (Mail, error) {
	l, ok := locales[d.Language]
	if !ok {
		l = locales["en"]
	}
	v, tlp := l.view(d)
	var plain, rich strings.Builder
	if err := textMail.Execute(&plain, v); err != nil {
		return Mail{}, fmt.Errorf("write mail: %w", err)
	}
	if err := htmlMail.Execute(&rich, v); err != nil {
		return Mail{}, fmt.Errorf("write mail: %w", err)
	}
	return Mail{Subject: v.Subject, Text: plain.String(), HTML: rich.String(), Unsubscribe: d.Unsubscribe, TLP: tlp}, nil
}

// view says a digest in the language, and returns the narrowest label of a title in it.
func (l locale) view(d Digest) (mailView, comity.TLP) {
	group := line(d.Group.Acronym)
	v := mailView{
		Lang: l.lang, Dir: l.dir(),
		Why:         l.t("footer.why", "group", group),
		Preferences: linkView{l.t("footer.change"), d.Base + "/account/notifications"},
		Stop:        linkView{l.t("footer.stop"), d.Unsubscribe},
	}
	tlp, total := comity.TLPClear, 0
	for _, s := range d.Sections {
		section, narrowest := l.section(d, s)
		v.Sections, tlp, total = append(v.Sections, section), comity.Strictest(tlp, narrowest), total+s.Page.Total
	}
	v.Subject, v.Heading = l.t("subject", "group", group, "count", strconv.Itoa(total)), l.t("heading", "group", group)
	v.Intro = l.t("intro", "since", d.Since.UTC().Format(time.DateOnly))
	if len(d.Sections) == 0 {
		v.Subject, v.Heading = l.t("test.subject", "group", group), l.t("test.heading", "group", group)
		v.Intro = l.t("test.intro")
	}
	v.TLP, v.Marking = tlp.String(), l.t("footer.marking", "tlp", tlp.String())
	return v, tlp
}

func (l locale) section(d Digest, s Section) (sectionView, comity.TLP) {
	v := sectionView{Title: l.t("topic." + string(s.Topic))}
	tlp, shown := comity.TLPClear, 0
	for _, n := range told(s.Page.News) {
		event := l.t("event." + string(n.Event))
		one := lineView{linkView{URL: d.Base + Path(n)}, n.TLP.String()}
		if Titled(n) {
			one.Text = l.t("line.titled", "event", event, "title", line(n.Title))
			tlp = comity.Strictest(tlp, n.TLP)
		} else {
			one.Text = l.t("line.counted", "event", event, "count", strconv.Itoa(n.Count))
		}
		v.Lines, shown = append(v.Lines, one), shown+n.Count
	}
	if rest := s.Page.Total - shown; rest > 0 {
		v.More = l.t("more", "count", strconv.Itoa(rest))
	}
	return v, tlp
}
