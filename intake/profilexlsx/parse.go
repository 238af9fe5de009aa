package profilexlsx

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"comity"
	"comity/intake/markup"
	"comity/intake/profile"
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
)

// Parse reads a workbook: the rows that are right, and all that is wrong with the others, by sheet, row and column. The
// error is that of the reader alone.
func Parse(r io.Reader, o profile.Options) (profile.Document, []profile.Problem, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if _, known := errors.AsType[*comity.Error](err); known {
		return profile.Document{}, nil, err
	}
	if err != nil {
		return profile.Document{}, nil, fmt.Errorf("read the file: %w", err)
	}
	w := &workbook{check: profile.NewChecker(o), left: maxUnpacked, elements: markup.MaxElements}
	if len(data) > MaxBytes {
		w.check.Fail(profile.Place{}, "", profile.TooBig, strconv.Itoa(MaxBytes>>20)+" MiB")
	} else if err := w.read(data); err != nil {
		w.check.Fail(profile.Place{}, "", profile.Unreadable, err.Error())
	}
	document, problems := w.check.Document()
	return document, problems, nil
}

// workbook is a workbook as it is read.
type workbook struct {
	check *profile.Checker
	parts map[string]*zip.File
	left  int64 // bytes that may still be unpacked

	elements int // that may still be read
	texts    []string
	days     bool // days are counted from 1904
	full     bool // there are more rows than are read
}

// sheet is a sheet with the kind of rows that its name says, empty if none.
type sheet struct {
	name, kind, part string
}

func (w *workbook) read(data []byte) error {
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
	sheets, err := w.sheets()
	if err != nil {
		return err
	}
	if err := w.shared(); err != nil {
		return err
	}
	for _, s := range chosen(sheets) {
		if err := w.rows(s); err != nil {
			return err
		}
	}
	return nil
}

// kinds says of which kind the rows of a sheet are, by its name.
var kinds = map[string]string{
	"services": profile.KindService, "service": profile.KindService,
	"software":  profile.KindSoftware,
	"suppliers": profile.KindSupplier, "supplier": profile.KindSupplier,
	"coverage": profile.KindCoverage,
}

// chosen returns the sheets that are read: those that are named after a kind or, if none is, the first.
func chosen(sheets []sheet) []sheet {
	var named []sheet
	for _, s := range sheets {
		if s.kind != "" {
			named = append(named, s)
		}
	}
	if len(named) == 0 && len(sheets) > 0 {
		return sheets[:1]
	}
	return named
}

// part opens a part of the archive; nil if there is none.
func (w *workbook) part(name string) (io.ReadCloser, error) {
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
	w *workbook
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
func (w *workbook) each(name string, do func(r *markup.Reader) error) error {
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
func (w *workbook) sheets() ([]sheet, error) {
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
					name := markup.Attribute(start, "name")
					sheets = append(sheets, sheet{
						name: name, kind: kinds[strings.ToLower(strings.TrimSpace(name))], part: targets[relation(start)],
					})
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
func (w *workbook) shared() error {
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
			if b.Len() < 16*profile.MaxCell { // longer is a problem whatever follows
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
