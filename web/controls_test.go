package web

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// readControls returns what the controls in a piece of HTML send when nobody touches them.
func readControls(fragment string) url.Values {
	values := url.Values{}
	nodes, err := html.Parse(strings.NewReader("<form " + fragment))
	if err != nil {
		return values
	}
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			addControl(values, n)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(nodes)
	return values
}

func addControl(values url.Values, n *html.Node) {
	name := attribute(n, "name")
	if name == "" {
		return
	}
	switch n.Data {
	case "input":
		kind := attribute(n, "type")
		if kind == "file" || (kind == "radio" || kind == "checkbox") && !hasAttribute(n, "checked") {
			return
		}
		values.Add(name, attribute(n, "value"))
	case "textarea":
		values.Add(name, textOf(n))
	case "select":
		values.Add(name, selected(n))
	}
}

func selected(n *html.Node) string {
	first, chosen := "", ""
	begun, found := false, false
	for o := range n.Descendants() {
		if o.Type != html.ElementNode || o.Data != "option" {
			continue
		}
		value := textOf(o)
		if hasAttribute(o, "value") {
			value = attribute(o, "value")
		}
		if !begun {
			first, begun = value, true
		}
		if hasAttribute(o, "selected") {
			chosen, found = value, true
		}
	}
	if found {
		return chosen
	}
	return first
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

func hasAttribute(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
