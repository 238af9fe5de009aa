package xlsx

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"comity"
	"comity/intake/markup"
)

// Bounds of a workbook.
const (
	MaxBytes    = 10 << 20 // packed
	maxUnpacked = 32 << 20 // of all parts that are read
	maxParts    = 1000
	maxSheets   = 100
	maxTexts    = 200_000 // shared texts
	maxShared   = 8 << 20 // bytes of them
	maxColumns  = 256
	maxText     = 64 << 10 // bytes of one text in runs; more is cut
)

// Book is a workbook as it is read.
type Book struct {
	parts map[string]*zip.File
	left  int64 // bytes that may still be unpacked

	elements int // that may still be read
	texts    []string
	days     bool // days are counted from 1904
	list     []sheet
}

// sheet is a sheet with the part in which it stands.
type sheet struct{ name, part string }

// Read reads a workbook up to the names of its sheets. What is wrong with it, one over MaxBytes too, is an error of kind
// Invalid or TooLarge; one of r itself stays what it is.
func Read(r io.Reader) (*Book, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if _, known := errors.AsType[*comity.Error](err); known {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("read the file: %w", err)
	}
	if len(data) > MaxBytes {
		return nil, comity.Errorf(comity.TooLarge, "the file is larger than %d MiB", MaxBytes>>20)
	}
	b := &Book{left: maxUnpacked, elements: markup.MaxElements}
	if err := b.read(data); err != nil {
		return nil, comity.Errorf(comity.Invalid, "%w", err)
	}
	return b, nil
}

// Sheets are the names of the sheets in the order of the workbook.
func (b *Book) Sheets() []string {
	names := make([]string, len(b.list))
	for i, s := range b.list {
		names[i] = s.name
	}
	return names
}

func (w *Book) read(data []byte) error {
	// Every entry of the directory is held at once: their number is bounded before.
	if bytes.Count(data, []byte("PK\x01\x02")) > 2*maxParts {
		return fmt.Errorf("more than %d parts", maxParts)
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return errors.New("it is no workbook: " + strings.TrimPrefix(err.Error(), "zip: "))
	}
	if len(archive.File) > maxParts {
		return fmt.Errorf("more than %d parts", maxParts)
	}
	w.parts = map[string]*zip.File{}
	for _, f := range archive.File {
		name := strings.ToLower(path.Clean("/" + f.Name))
		if w.parts[name] != nil {
			return fmt.Errorf("the part %.60q is there twice", f.Name)
		}
		w.parts[name] = f
	}
	if w.list, err = w.sheets(); err != nil {
		return err
	}
	return w.shared()
}

// part opens a part of the archive; nil if there is none.
func (w *Book) part(name string) (io.ReadCloser, error) {
	f := w.parts[strings.ToLower(name)]
	if f == nil {
		return nil, nil
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return bounded{r, w}, nil
}

// bounded counts what is unpacked against the bound of the workbook.
type bounded struct {
	io.ReadCloser
	w *Book
}

// Read implements io.Reader.
func (b bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.w.left -= int64(n); b.w.left < 0 {
		return 0, markup.Error(fmt.Sprintf("it unpacks to more than %d MB", maxUnpacked>>20))
	}
	return n, err
}

// each reads the elements of a part, which must be there: do is called with the reader in the root element.
func (w *Book) each(name string, do func(r *markup.Reader) error) error {
	part, err := w.part(name)
	if err != nil {
		return err
	}
	if part == nil {
		return fmt.Errorf("it is no workbook: %.100q is missing", name)
	}
	defer part.Close()
	r := markup.NewWithin(part, &w.elements)
	if _, err = r.Root(); err == nil {
		err = do(r)
	}
	if err != nil {
		return fmt.Errorf("%s, %s", name, r.Told(err))
	}
	return nil
}

const workbookPart = "/xl/workbook.xml"

// sheets lists the sheets in the order of the workbook.
func (w *Book) sheets() ([]sheet, error) {
	targets := map[string]string{}
	err := w.each("/xl/_rels/workbook.xml.rels", func(r *markup.Reader) error {
		return r.Children(func(start xml.StartElement) error {
			if len(targets) == maxParts {
				return markup.Error("too many relationships")
			}
			target := markup.Attribute(start, "Target")
			if !strings.HasPrefix(target, "/") {
				target = "/xl/" + target
			}
			targets[markup.Attribute(start, "Id")] = path.Clean(target)
			return r.Skip()
		})
	})
	if err != nil {
		return nil, err
	}
	var sheets []sheet
	err = w.each(workbookPart, func(r *markup.Reader) error {
		return r.Children(func(start xml.StartElement) error {
			switch start.Name.Local {
			case "workbookPr":
				w.days = isTrue(markup.Attribute(start, "date1904"))
			case "sheets":
				return r.Children(func(start xml.StartElement) error {
					if len(sheets) == maxSheets {
						return markup.Error("too many sheets")
					}
					sheets = append(sheets, sheet{name: markup.Attribute(start, "name"), part: targets[relation(start)]})
					return r.Skip()
				})
			}
			return r.Skip()
		})
	})
	return sheets, err
}

// relation returns the attribute "id" in the name space of relationships.
func relation(start xml.StartElement) string {
	for _, a := range start.Attr {
		if a.Name.Local == "id" && a.Name.Space != "" {
			return a.Value
		}
	}
	return ""
}

func isTrue(s string) bool { return s == "1" || s == "true" }

// shared reads the texts that cells refer to by number.
func (w *Book) shared() error {
	const name = "/xl/sharedStrings.xml"
	if w.parts[strings.ToLower(name)] == nil {
		return nil
	}
	size := 0
	return w.each(name, func(r *markup.Reader) error {
		return r.Children(func(xml.StartElement) error {
			text, err := richText(r)
			if err != nil {
				return err
			}
			if size += len(text); size > maxShared || len(w.texts) == maxTexts {
				return markup.Error(fmt.Sprintf("more than %d shared texts or %d MB of them", maxTexts, maxShared>>20))
			}
			w.texts = append(w.texts, text)
			return nil
		})
	})
}

// richText reads a text in one or several runs. How it is read aloud (rPh) is no part of it.
func richText(r *markup.Reader) (string, error) {
	var b strings.Builder
	var read func(start xml.StartElement) error
	read = func(start xml.StartElement) error {
		switch start.Name.Local {
		case "t":
			text, err := r.Text()
			if b.Len() < maxText {
				b.WriteString(text)
			}
			return err
		case "r":
			return r.Children(read)
		default:
			return r.Skip()
		}
	}
	err := r.Children(read)
	return b.String(), err
}
