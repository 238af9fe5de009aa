package document

import (
	"archive/zip"
	"io"
	"strings"
	"time"
)

// part is one file of an Office Open XML package.
type part struct{ name, kind, body string }

// packaged are the parts that say what the others are.
const (
	mainRelations = "_rels/.rels"
	contentTypes  = "[Content_Types].xml"
	xmlHead       = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	officeRels    = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packageRels   = "http://schemas.openxmlformats.org/package/2006/relationships"
	relsKind      = "application/vnd.openxmlformats-package.relationships+xml"
)

// zipped writes parts in their order, each with the document's time and no other: the same parts give the same bytes.
//
// Source: ECMA-376 Part 2, Open Packaging Conventions.
func zipped(w io.Writer, made time.Time, parts []part) error {
	z := zip.NewWriter(w)
	if made.Year() < 1980 {
		made = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC) // the earliest that the format knows
	}
	list := append([]part{{contentTypes, "", typesOf(parts)}}, parts...)
	for _, p := range list {
		f, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: made.UTC()})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(f, p.body); err != nil {
			return err
		}
	}
	return z.Close()
}

func typesOf(parts []part) string {
	var b strings.Builder
	b.WriteString(xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">`)
	b.WriteString(`<Default Extension="rels" ContentType="` + relsKind + `"/><Default Extension="xml" ContentType="application/xml"/>`)
	for _, p := range parts {
		if p.kind != "" {
			b.WriteString(`<Override PartName="/` + p.name + `" ContentType="` + p.kind + `"/>`)
		}
	}
	b.WriteString("</Types>")
	return b.String()
}

// relation is one relationship of a part.
type relation struct {
	id, kind, target string
	external         bool
}

func relations(list []relation) string {
	var b strings.Builder
	b.WriteString(xmlHead + `<Relationships xmlns="` + packageRels + `">`)
	for _, r := range list {
		b.WriteString(`<Relationship Id="` + r.id + `" Type="` + r.kind + `" Target="` + esc(r.target) + `"`)
		if r.external {
			b.WriteString(` TargetMode="External"`)
		}
		b.WriteString("/>")
	}
	b.WriteString("</Relationships>")
	return b.String()
}

// coreProperties are the title, language and time of an Office document, with the marking among its keywords.
func coreProperties(d Doc) part {
	at := d.Made.UTC().Format("2006-01-02T15:04:05Z")
	return part{
		"docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml",
		xmlHead + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"` +
			` xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
			`<dc:title>` + esc(d.Title) + `</dc:title><dc:creator>` + esc(d.Issuer) + `</dc:creator><cp:keywords>` + esc(d.Marking) + `</cp:keywords>` +
			`<dc:language>` + esc(d.Language) + `</dc:language><dcterms:created xsi:type="dcterms:W3CDTF">` + at + `</dcterms:created>` +
			`<dcterms:modified xsi:type="dcterms:W3CDTF">` + at + `</dcterms:modified></cp:coreProperties>`,
	}
}
