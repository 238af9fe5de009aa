package web

import (
	"errors"
	"net/http"
	"net/url"

	"comity"
)

// statusOf is the one table from a kind of error to what the pages answer.
func statusOf(k comity.Kind) int {
	switch k {
	case comity.Invalid:
		return http.StatusUnprocessableEntity
	case comity.NotFound:
		return http.StatusNotFound
	case comity.Unauthorized:
		return http.StatusUnauthorized
	case comity.Forbidden:
		return http.StatusForbidden
	case comity.Conflict, comity.Stale:
		return http.StatusConflict
	case comity.TooLarge:
		return http.StatusRequestEntityTooLarge
	case comity.TooMany:
		return http.StatusTooManyRequests
	case comity.Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// errorView is the page of an error: a sentence for its kind, and, where the user can do something with it, what was
// wrong in plain English.
type errorView struct {
	view
	Kind   string // key under "error."
	Detail string
}

func (c *call) errorView(kind comity.Kind, err error) errorView {
	v := errorView{view: c.view(), Kind: kind.String()}
	v.Public = true
	switch kind {
	case comity.Invalid, comity.Conflict, comity.TooLarge, comity.Stale:
		if e, ok := errors.AsType[*comity.Error](err); ok {
			v.Detail = e.Msg
		}
	}
	return v
}

// signInPath returns where to sign in so as to come back to path.
func signInPath(path string) string {
	if path == "/" || path == "" {
		return "/sign-in"
	}
	return "/sign-in?" + url.Values{"next": {path}}.Encode()
}
