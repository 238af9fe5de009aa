package portfolio

import _ "embed" // the schema

// Schema is the JSON Schema (2020-12) of a document, with that of a result under "$defs/result".
//
//go:embed schema.json
var Schema []byte
