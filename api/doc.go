// Package api serves /api/v1: the same things as the pages, for programs, with an OpenAPI 3.1 document at
// /api/v1/openapi.json, the only path that needs no credentials.
//
// Every request is made by somebody: by a token ("Authorization: Bearer cty_…") or by the cookie of a session, whose
// writes must come from our own pages. Without either the answer is 401, whatever the path. Which things there are to see
// is decided by the store; this package adds which roles may never ask, and checks what people write.
//
// Every error is a problem as in RFC 9457, with the member "kind" that programs can rely on; one table maps
// comity.Kind to the status. Unknown fields, unknown query parameters and duplicate keys are refused. Read [New] first,
// then one resource, such as action.go; each is one file.
package api
