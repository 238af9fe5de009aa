package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"comity"

	"github.com/danielgtaylor/huma/v2"
)

// problem is an error as a program gets it. Source: RFC 9457, Problem Details for HTTP APIs.
type problem struct {
	Type   string         `json:"type" doc:"Always about:blank: the title is the one of the status"`
	Title  string         `json:"title" doc:"The status in words"`
	Status int            `json:"status" doc:"The HTTP status"`
	Kind   string         `json:"kind" doc:"What a program can do about it" enum:"internal,invalid,not-found,unauthorized,forbidden,conflict,too-large,too-many,unavailable,stale"`
	Detail string         `json:"detail,omitempty" doc:"What was wrong and where, in plain English"`
	Errors []problemField `json:"errors,omitempty" doc:"Each field that is wrong"`

	headers http.Header
}

// problemField is what is wrong with one field.
type problemField struct {
	Location string `json:"location,omitempty" doc:"Such as body.due or query.limit"`
	Message  string `json:"message"`
}

// Error implements error.
func (p *problem) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError.
func (p *problem) GetHeaders() http.Header { return p.headers }

// ContentType implements huma.ContentTypeFilter.
func (p *problem) ContentType(string) string { return problemType }

const problemType = "application/problem+json"

// statusOf is the one table from a kind of error to the HTTP status.
var statusOf = map[comity.Kind]int{
	comity.Internal:     http.StatusInternalServerError,
	comity.Invalid:      http.StatusUnprocessableEntity,
	comity.NotFound:     http.StatusNotFound,
	comity.Unauthorized: http.StatusUnauthorized,
	comity.Forbidden:    http.StatusForbidden,
	comity.Conflict:     http.StatusConflict,
	comity.TooLarge:     http.StatusRequestEntityTooLarge,
	comity.TooMany:      http.StatusTooManyRequests,
	comity.Unavailable:  http.StatusServiceUnavailable,
	comity.Stale:        http.StatusConflict,
}

// kindOf says what kind of error a status is that huma or the mux answers with.
func kindOf(status int) comity.Kind {
	switch status {
	case http.StatusUnauthorized:
		return comity.Unauthorized
	case http.StatusForbidden:
		return comity.Forbidden
	case http.StatusNotFound:
		return comity.NotFound
	case http.StatusConflict, http.StatusPreconditionFailed:
		return comity.Conflict
	case http.StatusRequestEntityTooLarge:
		return comity.TooLarge
	case http.StatusTooManyRequests:
		return comity.TooMany
	case http.StatusServiceUnavailable:
		return comity.Unavailable
	}
	if status >= http.StatusInternalServerError {
		return comity.Internal
	}
	return comity.Invalid
}

func newProblem(status int, detail string) *problem {
	return &problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Kind: kindOf(status).String(), Detail: detail}
}

// huma keeps these in variables. A key in another case is an unknown one. The constructor of errors never sends back what
// was sent, nor why we failed.
func init() {
	huma.ValidateStrictCasing = true
	huma.NewError = func(status int, detail string, errs ...error) huma.StatusError {
		p := newProblem(status, detail)
		if status >= http.StatusInternalServerError {
			p.Detail = "something went wrong here"
			return p
		}
		for _, err := range errs {
			if d, ok := err.(huma.ErrorDetailer); ok {
				p.Errors = append(p.Errors, problemField{d.ErrorDetail().Location, d.ErrorDetail().Message})
			}
		}
		return p
	}
}

// problemOf turns an error into what is told of it. What is our own mistake is logged here, once, and not told.
func (a *api) problemOf(ctx context.Context, err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	if e, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return newProblem(http.StatusRequestEntityTooLarge, "the body is over its bound of "+megabytes(e.Limit))
	}
	kind := comity.KindOf(err)
	p := newProblem(statusOf[kind], "something went wrong here")
	p.Kind = kind.String()
	if e, ok := errors.AsType[*comity.Error](err); ok && kind != comity.Internal {
		p.Detail = e.Msg
	}
	switch kind {
	case comity.Internal:
		if ctx.Err() == nil {
			a.log.ErrorContext(ctx, "api: request failed", "err", err)
		}
	case comity.Unauthorized:
		p.headers = http.Header{"Www-Authenticate": {`Bearer realm="comity"`}}
	case comity.TooMany, comity.Unavailable:
		p.headers = http.Header{"Retry-After": {"60"}}
	}
	return p
}

// writeProblem answers outside of huma.
func writeProblem(w http.ResponseWriter, p *problem) {
	for name, values := range p.headers {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", problemType)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the connection is gone: there is nobody to tell
}
