// Package markdown turns the Markdown of minutes, documents and proposals into HTML that is safe to show: raw HTML in it
// stays out, what is left goes through a list of what is allowed, and links leave without a referrer.
//
// [Render] is all of it. Headings begin two levels down, below the page's own; no picture is loaded from anywhere.
package markdown

import (
	"bytes"
	"html/template"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// MaxBytes bounds a text that is rendered; a longer one is cut off there.
const MaxBytes = 400_000

var writer = goldmark.New(
	goldmark.WithExtensions(extension.Table, extension.Strikethrough),
	goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(lower{}, 100))),
)

// lower puts headings below the page's own, the highest of the text right below, and leaves pictures out.
type lower struct{}

func (lower) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	var pictures []ast.Node
	var headings []*ast.Heading
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			headings = append(headings, n)
		case *ast.Image:
			pictures = append(pictures, n)
		}
		return ast.WalkContinue, nil
	})
	highest := 6
	for _, h := range headings {
		highest = min(highest, h.Level)
	}
	for _, h := range headings {
		h.Level = min(h.Level-highest+3, 6)
	}
	for _, p := range pictures {
		p.Parent().RemoveChild(p.Parent(), p)
	}
}

var policy = allowed()

// allowed is everything that may come out.
func allowed() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("h3", "h4", "h5", "h6", "p", "br", "hr", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "del",
		"table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("https", "http", "mailto")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnFullyQualifiedLinks(true)
	p.RequireNoReferrerOnFullyQualifiedLinks(true)
	return p
}

// Render returns a text as HTML. It never fails: what is no Markdown is text.
func Render(source string) template.HTML {
	source = strings.ToValidUTF8(source[:min(len(source), MaxBytes)], "\uFFFD")
	var b bytes.Buffer
	if err := writer.Convert([]byte(source), &b); err != nil {
		return template.HTML(template.HTMLEscapeString(source)) // a buffer takes everything, so this is not reached
	}
	return template.HTML(policy.SanitizeBytes(b.Bytes()))
}
