package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"comity"

	"github.com/danielgtaylor/huma/v2"
)

// everywhere are the errors that every operation can answer with.
var everywhere = []int{http.StatusUnauthorized, http.StatusUnprocessableEntity, http.StatusInternalServerError, http.StatusServiceUnavailable}

// get, post, … describe an operation: its identity, where it is, and what it is for.
func get(id, path, tag, summary string) huma.Operation {
	return huma.Operation{OperationID: id, Method: http.MethodGet, Path: path, Tags: []string{tag}, Summary: summary}
}

func write(method, id, path, tag, summary string) huma.Operation {
	return huma.Operation{OperationID: id, Method: method, Path: path, Tags: []string{tag}, Summary: summary}
}

// handle adds an operation. errs are the statuses that it can answer with besides those of every operation.
func handle[I, O any](a *api, op huma.Operation, do func(ctx context.Context, c caller, in *I) (*O, error), errs ...int) {
	op.Errors = append(append([]int{}, everywhere...), errs...)
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		c, ok := ctx.Value(callerKey{}).(caller)
		if !ok {
			return nil, a.problemOf(ctx, comity.Errorf(comity.Unauthorized, "not signed in"))
		}
		out, err := do(ctx, c, in)
		if err != nil {
			return nil, a.problemOf(ctx, err)
		}
		return out, nil
	})
}

// nothing is the input of an operation that takes none.
type nothing struct{}

// content is an answer with a body alone.
type content[T any] struct{ Body T }

func bodyOf[T any](body T) *content[T] { return &content[T]{Body: body} }

// revised is an answer about a thing that can be changed: its revision is the entity tag.
type revised[T any] struct {
	ETag string `header:"ETag" doc:"The revision, for If-Match"`
	Body T
}

func revisedBody[T any](body T, revision int) *revised[T] {
	return &revised[T]{ETag: etag(revision), Body: body}
}

// created is an answer about a thing that is new.
type created[T any] struct {
	Location string `header:"Location" doc:"Where the new thing is"`
	ETag     string `header:"ETag" doc:"The revision, for If-Match, where there is one"`
	Body     T
}

// Page is one page of a list, in an order that does not change between pages.
type Page[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Total int    `json:"total" doc:"How many there are on all pages"`
	Next  string `json:"next,omitempty" doc:"Address of the next page; absent on the last" format:"uri-reference"`
}

// Paging are the parameters of a list. It is exported because only then does huma look into it.
type Paging struct {
	Limit  int `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many items at most"`
	Offset int `query:"offset" minimum:"0" maximum:"1000000" doc:"How many items to leave out at the start"`
}

// pageOf returns a page that the store cut.
func pageOf[T any](c caller, p Paging, items []T, total int) *content[Page[T]] {
	if items == nil {
		items = []T{}
	}
	page := Page[T]{Items: items, Total: total}
	if next := p.Offset + len(items); len(items) > 0 && next < total {
		query := c.url.Query()
		query.Set("offset", strconv.Itoa(next))
		page.Next = c.url.Path + "?" + query.Encode()
	}
	return bodyOf(page)
}

// cut returns a page of a list that is whole.
func cut[T any](c caller, p Paging, all []T) *content[Page[T]] {
	from := min(p.Offset, len(all))
	return pageOf(c, p, all[from:min(from+p.Limit, len(all))], len(all))
}

// parsed reads an identity in a path: one of the wrong kind is NotFound, as is one that names nothing.
func parsed[T ~string](parse func(string) (T, error), text string) (T, error) {
	id, err := parse(text)
	if err != nil {
		return "", comity.Errorf(comity.NotFound, "not found")
	}
	return id, nil
}

// optional reads an identity in a query or a body, where an empty one is none.
func optional[T ~string](parse func(string) (T, error), where, text string) (T, error) {
	if text == "" {
		return "", nil
	}
	id, err := parse(text)
	if err != nil {
		return "", invalid(where, "not an identity of this kind")
	}
	return id, nil
}

// invalid returns the problem of one field.
func invalid(location, message string) error {
	p := newProblem(http.StatusUnprocessableEntity, location+": "+message)
	p.Errors = []problemField{{location, message}}
	return p
}

func etag(revision int) string { return strconv.Quote(strconv.Itoa(revision)) }

// revisionOf returns the revision on which a change was made: from the body, from If-Match, or from both if they say the
// same.
func revisionOf(body *int, ifMatch string) (int, error) {
	if ifMatch == "" {
		if body == nil {
			return 0, invalid("body.revision", "say which revision the change was made on, here or in If-Match")
		}
		return *body, nil
	}
	revision, err := strconv.Atoi(strings.Trim(strings.TrimPrefix(ifMatch, "W/"), `"`))
	if err != nil || body != nil && *body != revision {
		return 0, newProblem(http.StatusPreconditionFailed, "If-Match names no revision, or another one than the body")
	}
	return revision, nil
}

// conflict turns a Conflict into 412 where the request made the revision its precondition.
func conflict(err error, ifMatch string) error {
	if ifMatch != "" && comity.KindOf(err) == comity.Conflict {
		return newProblem(http.StatusPreconditionFailed, err.Error())
	}
	return err
}

// newID makes an identity that is new.
func newID[T ~string](a *api, make func(comity.Entropy) T) (T, error) {
	var e comity.Entropy
	if _, err := io.ReadFull(a.entropy, e[:]); err != nil {
		return "", fmt.Errorf("read entropy: %w", err)
	}
	return make(e), nil
}

func megabytes(n int64) string { return strconv.FormatInt(n>>20, 10) + " MB" }
