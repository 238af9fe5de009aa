// Package api is the REST API under /api/v1, with its OpenAPI 3.1 document at /api/v1/openapi.json, the only path there
// that needs no credentials.
//
// A program sends its token as "Authorization: Bearer cty_…"; a page's script is let in by its session. Without either the
// answer is 401, never a redirect. Errors are problem details (RFC 9457). What is not there and what is not for the viewer
// are the same 404; a resource that a role never may use is 403.
//
// One file is one resource. A handler checks, calls the store with its viewer and returns what the store gave; it decides
// nothing that the store or comity.Viewer decides. Read [New] first.
package api
