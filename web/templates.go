package web

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"strings"
	"sync"
	"text/template/parse"
	"time"

	"comity"
)

//go:embed templates
var templateFiles embed.FS

// pages are the parsed templates of one language, by path without ".html", such as "threats/list".
type pages map[string]*template.Template

// texts are what the program carries in itself for all languages. They are never changed.
type texts struct {
	locales   map[string]*locale
	templates map[string]pages
}

// embedded reads the texts, once in a process: half a second of work that is the same for every site.
var embedded = sync.OnceValues(func() (texts, error) {
	own := texts{templates: map[string]pages{}}
	var err error
	if own.locales, err = loadLocales(); err != nil {
		return texts{}, err
	}
	for lang, l := range own.locales {
		if own.templates[lang], err = parsePages(l); err != nil {
			return texts{}, err
		}
	}
	return own, nil
})

// parsePages parses the layout with the partials once and each page, which gets a copy of those that it calls, with the
// functions of the language. Whole copies of all partials would take hundreds of megabytes.
func parsePages(l *locale) (pages, error) {
	tree, funcs := sub(templateFiles, "templates"), l.funcs()
	parse := func(patterns ...string) (*template.Template, error) {
		return template.New("").Option("missingkey=error").Funcs(funcs).ParseFS(tree, patterns...)
	}
	base, err := parse("layout.html", "partials/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse layout: %w", err)
	}
	names, err := fs.Glob(tree, "*/*.html")
	if err != nil {
		return nil, err
	}
	parsed := pages{}
	for _, name := range names {
		if strings.HasPrefix(name, "partials/") {
			continue
		}
		t, err := parse(name)
		if err == nil {
			err = complete(t, base)
		}
		if err != nil {
			return nil, fmt.Errorf("parse %s: %w", name, err)
		}
		parsed[strings.TrimSuffix(name, ".html")] = t
	}
	return parsed, nil
}

// complete adds to a page the layout and every partial that the page or what it calls calls.
func complete(page, base *template.Template) error {
	seen := map[string]bool{}
	for wanted := []string{"layout"}; len(wanted) > 0; {
		name := wanted[0]
		if wanted = wanted[1:]; seen[name] {
			continue
		}
		seen[name] = true
		t := page.Lookup(name)
		if t == nil || t.Tree == nil {
			from := base.Lookup(name)
			if from == nil {
				return fmt.Errorf("there is no template %q", name)
			}
			var err error
			if t, err = page.AddParseTree(name, from.Tree.Copy()); err != nil { // escaping changes what it is done to
				return err
			}
		}
		wanted = called(t.Tree.Root, wanted)
	}
	return nil
}

// called appends the names of the templates that a node calls.
func called(n parse.Node, names []string) []string {
	branch := func(b *parse.BranchNode) {
		names = called(b.List, names)
		if b.ElseList != nil {
			names = called(b.ElseList, names)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		for _, child := range n.Nodes {
			names = called(child, names)
		}
	case *parse.TemplateNode:
		names = append(names, n.Name)
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	}
	return names
}

// funcs are what templates may call: text and values in the language, nothing that fetches.
func (l *locale) funcs() template.FuncMap {
	return template.FuncMap{
		"t":            l.T,
		"tk":           l.joined,
		"sourceName":   func(id comity.SourceID) string { name, _ := l.sourceName(comity.Feed{Source: id}); return name },
		"tkargs":       l.joinedArgs,
		"reason":       l.Reason,
		"subject":      l.subject,
		"number":       l.Number,
		"decimal":      l.Decimal,
		"percent":      l.Percent,
		"percents":     l.Percents,
		"points":       l.Points,
		"date":         l.dateOf,
		"month":        l.Month,
		"moment":       l.Moment,
		"iso":          iso,
		"money":        l.Money,
		"field":        func(f *form, name string) field { return field{f, name} },
		"fail":         func(e fieldError) string { return l.T(e.Key, e.Args...) },
		"flashText":    l.flashText,
		"tlpClass":     tlpClass,
		"anyText":      l.anyText,
		"figureWhy":    why,
		"curveWhy":     curveWhy,
		"rate":         l.Rate,
		"six":          l.Six,
		"exact":        l.exact,
		"size":         l.Size,
		"minus":        func(a, b float64) float64 { return a - b },
		"times":        func(a, b float64) float64 { return a * b },
		"float":        func(n int64) float64 { return float64(n) },
		"others":       func(list []comity.ProjectMember) int { return len(list) - 1 },
		"line":         func(i int) int { return i + 1 },
		"unknown":      l.unknown,
		"input":        newInput,
		"words":        func(s ...string) []string { return s },
		"pair":         func(a, b any) pair { return pair{a, b} },
		"withheldText": l.withheldText,
		"shortened":    shortened,
	}
}

// pair hands two values to a partial.
type pair struct{ A, B any }

// joined returns the message whose key is these parts with dots between: t for a key that is put together.
func (l *locale) joined(parts ...any) string { return l.T(joinKey(parts)) }

// joinedArgs is joined with one placeholder.
func (l *locale) joinedArgs(name string, value any, parts ...any) string {
	return l.T(joinKey(parts), name, value)
}

func joinKey(parts []any) string {
	words := make([]string, 0, len(parts))
	for _, p := range parts {
		words = append(words, fmt.Sprint(p))
	}
	return strings.Join(words, ".")
}

// dateOf writes the day of a comity.Date or a time.Time.
func (l *locale) dateOf(v any) (string, error) {
	switch v := v.(type) {
	case comity.Date:
		return l.Date(v), nil
	case time.Time:
		return l.Date(comity.DateOf(v)), nil
	default:
		return "", fmt.Errorf("date of a %T", v)
	}
}

// iso writes a time or day for the datetime attribute.
func iso(v any) (string, error) {
	switch v := v.(type) {
	case comity.Date:
		return v.String(), nil
	case time.Time:
		return v.UTC().Format(time.RFC3339), nil
	default:
		return "", fmt.Errorf("iso of a %T", v)
	}
}

// flashText writes a message shown once.
func (l *locale) flashText(f *flash) string {
	return l.Reason("", comity.Reason{Key: f.Key, Args: f.Args})
}

// tlpClass names the style of a label: "amber-strict" for TLP:AMBER+STRICT, "none" for no label.
func tlpClass(t comity.TLP) string {
	if t.String() == "" {
		return "none"
	}
	name := strings.TrimPrefix(t.String(), "TLP:")
	return strings.ToLower(strings.ReplaceAll(name, "+", "-"))
}
