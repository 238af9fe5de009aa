package web

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
)

// paging is where a list stands in its selection, for the partial "paging".
type paging struct {
	From, To, Total int    // from 1; From 0: nothing
	Previous, Next  string // paths; empty: there is none
}

// pageSize is how many lines a list shows at once: a page stays under 15 KB compressed.
const pageSize = 50

// offsetOf reads where a list starts from the query; what is no sensible number is the start.
func offsetOf(q url.Values) int {
	n, err := strconv.Atoi(q.Get("from"))
	if err != nil || n < 0 || n > 1_000_000 {
		return 0
	}
	return n
}

// pagingOf returns the paging of a list that shows shown lines from offset on. The paths keep the rest of the query.
func pagingOf(path string, q url.Values, offset, shown, total int) paging {
	return pagingBy(pageSize, path, q, offset, shown, total)
}

// pagingBy is pagingOf for a list whose lines are long: size of them are a page.
func pagingBy(size int, path string, q url.Values, offset, shown, total int) paging {
	p := paging{Total: total}
	if shown > 0 {
		p.From, p.To = offset+1, offset+shown
	}
	if offset > 0 {
		p.Previous = pagePath(path, q, max(0, offset-size))
	}
	if offset+shown < total && shown > 0 {
		p.Next = pagePath(path, q, offset+shown)
	}
	return p
}

func pagePath(path string, q url.Values, offset int) string {
	q = maps.Clone(q)
	q.Del("from")
	if offset > 0 {
		q.Set("from", strconv.Itoa(offset))
	}
	maps.DeleteFunc(q, func(_ string, v []string) bool {
		return !slices.ContainsFunc(v, func(s string) bool { return s != "" })
	})
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
