package sqlite

import (
	"strings"

	"comity/search"
)

// match asks the full-text index. Terms hold nothing that means something within its quotes.
//
// Source: SQLite FTS5, https://www.sqlite.org/fts5.html, section 3.
func match(q search.Query) (condition, question string) {
	groups := make([]string, len(q))
	for i, group := range q {
		groups[i] = "(" + join(group, " OR ", alternative) + ")"
	}
	return `threat_terms.doc IN (SELECT rowid FROM threat_index WHERE threat_index MATCH ?)`, strings.Join(groups, " AND ")
}

func alternative(a search.Alternative) string { return "(" + join(a, " AND ", term) + ")" }

func term(t search.Term) string {
	if t.Prefix {
		return `"` + t.Text + `" *`
	}
	return `"` + t.Text + `"`
}

func join[T any](list []T, by string, text func(T) string) string {
	parts := make([]string, len(list))
	for i, item := range list {
		parts[i] = text(item)
	}
	return strings.Join(parts, by)
}
