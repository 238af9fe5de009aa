package markdown

import (
	"strings"
	"testing"
)

func TestRender(t *testing.T) {
	for name, test := range map[string]struct{ source, want string }{
		"a heading begins below the page's": {"# One\n\n##### Five", "<h3>One</h3>\n<h6>Five</h6>\n"},
		"paragraphs":                        {"one\n\n**two**", "<p>one</p>\n<p><strong>two</strong></p>\n"},
		"a list":                            {"3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>\n"},
		"raw HTML stays out":                {"a <b onclick=x>b</b>", "<p>a b</p>\n"},
		"a link":                            {"[a](https://x.example/)", "<p><a href=\"https://x.example/\" rel=\"nofollow noreferrer\">a</a></p>\n"},
		"a link inside":                     {"[a](/documents)", "<p><a href=\"/documents\">a</a></p>\n"},
		"a script in a link":                {"[a](javascript:alert)", "<p>a</p>\n"},
		"a picture":                         {"![p](https://x.example/p.png)x", "<p>x</p>\n"},
		"a table":                           {"|a|\n|-|\n|1|", "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n</tr>\n</tbody>\n</table>\n"},
		"a comment":                         {"<!-- x -->\na", "<p>a</p>"},
	} {
		if got := string(Render(test.source)); strings.TrimSpace(got) != strings.TrimSpace(test.want) {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// hostile are texts of which nothing may come out that acts.
var hostile = []string{
	"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](data:text/html,<script>alert(1)</script>)", "[x](JaVaScRiPt:alert(1))",
	"<svg/onload=alert(1)>", "[x](vbscript:x)", "```\n</code></pre><script>alert(1)</script>\n```", "<javascript:alert(1)>", "<a href=javascript:alert(1)>",
	"![x](javascript:alert(1))", "[x]: javascript:alert(1)\n\n[x]", "<style>*{background:url(//x)}</style>", "<iframe src=//x></iframe>", "\x00<script>",
	"[x](https://e.example/\" onmouseover=\"alert(1))", "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
}

// acts reports what of a page would act, without a parser: no allowed element has any of this in a tag.
func acts(html string) string {
	lower := strings.ToLower(html)
	for _, tag := range []string{"<script", "<img", "<svg", "<iframe", "<style", "<math", "<form", "<object", "<embed", "<link", "<base", "<input", "<!--"} {
		if strings.Contains(lower, tag) {
			return tag
		}
	}
	for rest := lower; ; {
		_, after, ok := strings.Cut(rest, "<")
		if !ok {
			return ""
		}
		tag, next, _ := strings.Cut(after, ">")
		if strings.Contains(tag, " on") || strings.Contains(tag, "javascript:") || strings.Contains(tag, "data:") || strings.Contains(tag, "vbscript:") || strings.Contains(tag, "style=") {
			return tag
		}
		rest = next
	}
}

func TestNothingActs(t *testing.T) {
	for _, source := range hostile {
		if got := acts(string(Render(source))); got != "" {
			t.Errorf("%q: %q", source, got)
		}
	}
}

func FuzzRender(f *testing.F) {
	for _, source := range hostile {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		html := string(Render(source))
		for _, tag := range []string{"<script", "<img", "<svg", "<iframe", "<style", "<form"} {
			if strings.Contains(strings.ToLower(html), tag) {
				t.Errorf("%q: %q", source, html)
			}
		}
	})
}
