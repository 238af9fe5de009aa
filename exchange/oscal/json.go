package oscal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// document is a catalogue as it stands in JSON.
type document struct {
	Catalog *Catalog `json:"catalog"`
}

func parseJSON(data []byte) (*Catalog, error) {
	root, err := rootOf(data)
	if err != nil {
		return nil, err
	}
	if root != "catalog" {
		return nil, refused(root)
	}
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, toldJSON(err)
	}
	if d.Catalog == nil {
		return nil, wrong("/catalog", "it is null")
	}
	d.Catalog.Form = "json"
	placeControls(d.Catalog.Controls, "/catalog")
	placeGroups(d.Catalog.Groups, "/catalog")
	return d.Catalog, nil
}

// rootOf reads a document once without keeping anything of it: it holds the bounds, so that what is kept afterwards is no
// larger than they say, and returns the name of the member that says which document it is.
func rootOf(data []byte) (root string, err error) {
	d := jsontext.NewDecoder(bytes.NewBuffer(data))
	objects := 0
	for n := 0; ; n++ {
		token, err := d.ReadToken()
		switch {
		case errors.Is(err, io.EOF) && n > 0:
			return root, nil
		case err != nil:
			return "", toldJSON(err)
		case token.Kind() == '{':
			objects++
		case isMember(d, token) && root != "catalog":
			if name := token.String(); name == "catalog" || others[name] != "" {
				root = name
			}
		}
		if objects > MaxObjects || n > maxTokens || d.StackDepth() > 4*maxDepth {
			return "", large(string(d.StackPointer()), "more than %d objects or %d values, or nested more than %d deep", MaxObjects, maxTokens, maxDepth)
		}
	}
}

// isMember reports whether a token is the name of a member of the document itself.
func isMember(d *jsontext.Decoder, token jsontext.Token) bool {
	if d.StackDepth() != 1 || token.Kind() != '"' {
		return false
	}
	_, length := d.StackIndex(1)
	return length%2 == 1
}

// toldJSON says what is wrong with a document, and at which place of it.
func toldJSON(err error) error {
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		reason := "it is not JSON"
		switch {
		case errors.Is(e.Err, io.ErrUnexpectedEOF):
			reason = "it is cut off"
		case e.Err != nil:
			reason = strings.TrimPrefix(e.Err.Error(), "jsontext: ")
		}
		return wrong(string(e.JSONPointer), "%s, byte %d", reason, e.ByteOffset)
	}
	if e, ok := errors.AsType[*json.SemanticError](err); ok {
		return wrong(string(e.JSONPointer), "%s has no place here, byte %d", kindNames[e.JSONKind], e.ByteOffset)
	}
	return wrong("", "%s", err)
}

var kindNames = map[jsontext.Kind]string{
	'n': "null", 'f': "false", 't': "true", '"': "a text", '0': "a number", '{': "an object", '[': "an array", 0: "this",
}

func placeGroups(groups []Group, under string) {
	for i := range groups {
		g := &groups[i]
		g.Place = fmt.Sprintf("%s/groups/%d", under, i)
		placeControls(g.Controls, g.Place)
		placeGroups(g.Groups, g.Place)
	}
}

func placeControls(controls []Control, under string) {
	for i := range controls {
		c := &controls[i]
		c.Place = fmt.Sprintf("%s/controls/%d", under, i)
		placeControls(c.Controls, c.Place)
	}
}

// Write writes a catalogue as JSON.
func Write(w io.Writer, c *Catalog) error {
	return json.MarshalWrite(w, document{c}, jsontext.WithIndent("  "))
}
