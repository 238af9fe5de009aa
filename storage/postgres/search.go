package postgres

import (
	"strings"

	"comity/search"
)

// match asks the index over the terms. Terms hold nothing that means something within a lexeme's quotes.
//
// Source: PostgreSQL, section 8.11.2, tsquery.
func match(q search.Query) (condition, question string) {
	groups := make([]string, len(q))
	for i, group := range q {
		groups[i] = "(" + join(group, " | ", alternative) + ")"
	}
	return `array_to_tsvector(string_to_array(threat_terms.terms, ' ')) @@ CAST(? AS tsquery)`, strings.Join(groups, " & ")
}

func alternative(a search.Alternative) string { return "(" + join(a, " & ", term) + ")" }

func term(t search.Term) string {
	if t.Prefix {
		return "'" + t.Text + "':*"
	}
	return "'" + t.Text + "'"
}

func join[T any](list []T, by string, text func(T) string) string {
	parts := make([]string, len(list))
	for i, item := range list {
		parts[i] = text(item)
	}
	return strings.Join(parts, by)
}
