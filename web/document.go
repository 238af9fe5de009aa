package web

import (
	"bytes"
	"io"
	"strings"
	"time"

	"comity"
	"comity/document"
	"comity/document/pdf"
)

// documentForm is a form in which documents are written.
type documentForm struct {
	kind  string // of its content
	write func(io.Writer, document.Doc) error
}

// documentForms are those that every document has, by the ending of their names.
var documentForms = map[string]documentForm{
	"pdf":  {"application/pdf", pdf.Write},
	"docx": {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", document.WriteDOCX},
	"html": {"text/html; charset=utf-8", document.WriteHTML},
}

// documentEndings are the keys of documentForms, in the order in which they are offered.
var documentEndings = []string{"pdf", "docx", "html"}

// words are what the writers of documents need in the call's language.
func (l *locale) words() document.Words {
	return document.Words{
		Page:   l.T("document.page", "page", plain("{page}"), "pages", plain("{pages}")),
		Figure: l.T("document.figure"), Table: l.T("document.table"), Notes: l.T("document.notes"),
	}
}

// document begins a document of the group in the call's language.
func (c *call) document(title, subtitle string, marking comity.TLP) document.Doc {
	return newDocument(c.locale, c.group, c.site.now(), title, subtitle, marking)
}

func newDocument(l *locale, group comity.Group, now time.Time, title, subtitle string, marking comity.TLP) document.Doc {
	d := document.Doc{
		Title: title, Subtitle: subtitle, Issuer: group.Name, Language: l.lang, Marking: marking.String(), Made: now.UTC().Truncate(time.Second), Words: l.words(),
	}
	if d.Marking == "" {
		d.Marking = l.T("document.unmarked")
	}
	if group.Demonstration {
		d.Notice = l.T("app.demonstration.title") + " " + l.T("app.demonstration.text")
	}
	return d
}

// sendDocument answers with a document as a file whose name tells its marking. It is written whole or not at all; two are
// written at a time, because a long one takes memory.
func (c *call) sendDocument(what, ending string, d document.Doc) error {
	form, ok := documentForms[ending]
	if !ok {
		return comity.Errorf(comity.NotFound, "no such form of document")
	}
	select {
	case c.site.writing <- struct{}{}:
		defer func() { <-c.site.writing }()
	case <-c.ctx().Done():
		return c.ctx().Err()
	}
	var b bytes.Buffer
	if err := form.write(&b, d); err != nil {
		return err
	}
	c.attach(form.kind, exportName(c, what+"-"+fileMarking(d.Marking), ending))
	_, _ = c.w.Write(b.Bytes()) // who went away does not hear of it
	return nil
}

// fileMarking writes a marking for the name of a file.
func fileMarking(marking string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '+' {
			return r
		}
		return '-'
	}, strings.ToLower(marking)), "-")
}
