package markup

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestReader(t *testing.T) {
	r := New(strings.NewReader(`<?xml version="1.0"?><!-- c --><a x="1"><b>t<![CDATA[<]]>&amp;</b><c><d/></c></a>`))
	root, err := r.Root()
	if err != nil || root.Name.Local != "a" || Attribute(root, "x") != "1" || Attribute(root, "y") != "" {
		t.Fatalf("root %+v, %v", root, err)
	}
	var got []string
	err = r.Children(func(start xml.StartElement) error {
		if start.Name.Local == "c" {
			return r.Skip()
		}
		text, err := r.Text()
		got = append(got, text)
		return err
	})
	if err != nil || len(got) != 1 || got[0] != "t<&" {
		t.Errorf("texts %q, %v", got, err)
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
}

func TestReaderRefuses(t *testing.T) {
	for name, document := range map[string]string{
		"there is no element":    "<!-- -->",
		"document type":          `<!DOCTYPE a><a/>`,
		"nested more than 100":   strings.Repeat("<a>", 101),
		"longer than 1 MB":       `<a b="` + strings.Repeat("x", 2<<20) + `"/>`,
		"more than 65536 bytes":  "<a>" + strings.Repeat("x", 70_000) + "</a>",
		"want text alone":        "<a><b/></a>",
		"character entity":       "<a>&b;</a>",
		"line 2: unexpected EOF": "<a>\n",
	} {
		r := New(strings.NewReader(document))
		_, err := r.Root()
		if err == nil && strings.HasPrefix(document, "<a><a>") {
			err = r.Skip()
		} else if err == nil {
			_, err = r.Text()
		}
		if err == nil || !strings.Contains(r.Told(err), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
