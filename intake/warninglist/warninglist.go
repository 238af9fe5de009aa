// Package warninglist reads MISP warning lists: a ZIP file of many, or one list. Read [Parse].
//
// Source: https://github.com/MISP/misp-warninglists, schema.json.
package warninglist

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"comity"
	"comity/intake"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of a document. That of 2026-08-20 has 41 lists of 209,187 entries in 1.2 MB, 5.2 MB unpacked.
const (
	MaxPacked   = 8 << 20  // bytes of a ZIP file
	MaxUnpacked = 32 << 20 // bytes of all lists together
	MaxLists    = 500
	MaxEntries  = 500_000 // of all lists together
	MaxEntry    = 64 << 10
	maxValue    = 2_000 // characters of one entry
)

// Document is what was read.
type Document struct {
	Lists []comity.WarningList // sorted by id
	Whole bool                 // all lists in a ZIP file, not one alone
}

// Parse reads a ZIP file with a list in each folder ("lists/rfc1918/list.json") or file ("rfc1918.json"), or the JSON of
// one list. Other files are passed over. It refuses, with an error of kind Invalid that names the file and the place:
// what [intake.List.Read] refuses, a list without name, kind or entries, of an unknown kind, or there twice, an entry that
// is empty or longer than 2,000 characters, a ZIP file that is broken or without lists. It is TooLarge beyond the bounds.
func Parse(r io.Reader) (Document, error) {
	buffered := bufio.NewReader(r)
	magic, err := buffered.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return Document{}, err
	}
	p := &parser{bytes: MaxUnpacked, entries: MaxEntries}
	if string(magic) == "PK\x03\x04" {
		err = p.zip(buffered)
		return Document{Lists: p.sorted(), Whole: true}, err
	}
	one, err := p.list(buffered, "warning list")
	if err != nil {
		return Document{}, err
	}
	if one.ID = slug(one.Name); one.ID == "" {
		return Document{}, comity.Errorf(comity.Invalid, "warning list: /name %.60q has no letter or digit to go by", one.Name)
	}
	return Document{Lists: []comity.WarningList{one}}, nil
}

type parser struct {
	lists   []comity.WarningList
	bytes   int64 // left
	entries int   // left
}

func (p *parser) sorted() []comity.WarningList {
	slices.SortFunc(p.lists, func(a, b comity.WarningList) int { return cmp.Compare(a.ID, b.ID) })
	return p.lists
}

func (p *parser) zip(r io.Reader) error {
	packed, err := io.ReadAll(io.LimitReader(r, MaxPacked+1))
	if err != nil {
		return err
	}
	if len(packed) > MaxPacked {
		return comity.Errorf(comity.TooLarge, "warning lists: the ZIP file is larger than %s", intake.Size(MaxPacked))
	}
	archive, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return comity.Errorf(comity.Invalid, "warning lists: this is no whole ZIP file")
	}
	files := listFiles(archive.File)
	switch {
	case len(files) == 0:
		return comity.Errorf(comity.Invalid, "warning lists: the ZIP file has no list")
	case len(files) > MaxLists:
		return comity.Errorf(comity.TooLarge, "warning lists: more than %d lists", MaxLists)
	}
	for _, f := range files {
		if err := p.file(f); err != nil {
			return err
		}
	}
	return nil
}

// listFiles returns the files named list.json, or, if there are none, all that end in .json.
func listFiles(files []*zip.File) []*zip.File {
	var named, others []*zip.File
	for _, f := range files {
		switch {
		case path.Base(f.Name) == "list.json":
			named = append(named, f)
		case strings.HasSuffix(f.Name, ".json"):
			others = append(others, f)
		}
	}
	if len(named) > 0 {
		return named
	}
	return others
}

var idPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

func (p *parser) file(f *zip.File) error {
	id := strings.TrimSuffix(path.Base(f.Name), ".json")
	if id == "list" {
		id = path.Base(path.Dir(f.Name))
	}
	if !idPattern.MatchString(id) {
		return comity.Errorf(comity.Invalid, "warning lists: %.100q is no name of a list", f.Name)
	}
	if slices.ContainsFunc(p.lists, func(l comity.WarningList) bool { return l.ID == id }) {
		return comity.Errorf(comity.Invalid, "warning lists: the list %s is there twice", id)
	}
	content, err := f.Open()
	if err != nil {
		return comity.Errorf(comity.Invalid, "warning lists: %.100q can't be unpacked", f.Name)
	}
	defer content.Close()
	one, err := p.list(content, "warning list "+id)
	if err != nil {
		return err
	}
	one.ID = id
	p.lists = append(p.lists, one)
	return nil
}

// list reads one list.
func (p *parser) list(r io.Reader, what string) (comity.WarningList, error) {
	form := intake.List{What: what, Name: "list", MaxItem: MaxEntry, MaxItems: p.entries}
	one := reading{}
	counted := &counter{r: r, left: p.bytes}
	err := form.Read(counted, intake.Reader{Member: one.member, Item: one.entry})
	switch {
	case counted.left < 0:
		return one.list, comity.Errorf(comity.TooLarge, "warning lists: more than %s unpacked", intake.Size(MaxUnpacked))
	case counted.broken:
		return one.list, form.Errorf("its packing is broken")
	case err != nil:
		return one.list, err
	}
	p.bytes = counted.left
	p.entries -= len(one.list.Entries)
	return one.list, one.whole(form)
}

type reading struct{ list comity.WarningList }

func (r *reading) member(name string, value jsontext.Value) error {
	switch name {
	case "name":
		return json.Unmarshal(value, &r.list.Name)
	case "description":
		return json.Unmarshal(value, &r.list.Description)
	case "version":
		return json.Unmarshal(value, &r.list.Version)
	case "type":
		return json.Unmarshal(value, &r.list.Kind)
	case "matching_attributes":
		return json.Unmarshal(value, &r.list.Attributes)
	}
	return nil
}

func (r *reading) entry(value jsontext.Value) error {
	var text string
	if err := json.Unmarshal(value, &text); err != nil {
		return err
	}
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxValue {
		return comity.Errorf(comity.Invalid, "an entry has 1 to %d characters", maxValue)
	}
	r.list.Entries = append(r.list.Entries, text)
	return nil
}

var kinds = []comity.WarningListKind{
	comity.WarningString, comity.WarningHostname, comity.WarningCIDR, comity.WarningSubstring, comity.WarningRegex,
}

// whole checks what can only be checked at the end.
func (r *reading) whole(form intake.List) error {
	r.list.Name = strings.TrimSpace(r.list.Name)
	r.list.Size = len(r.list.Entries)
	switch {
	case r.list.Name == "":
		return form.Errorf("/name is missing")
	case !slices.Contains(kinds, r.list.Kind):
		return form.Errorf("/type %.40q is unknown", r.list.Kind)
	case r.list.Version < 0:
		return form.Errorf("/version %d is below 0", r.list.Version)
	case r.list.Size == 0:
		return form.Errorf("/list has no entry")
	case len(r.list.Attributes) == 0:
		return form.Errorf("/matching_attributes names none")
	}
	return nil
}

// slug makes an id of a list's name.
func slug(name string) string {
	s := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			return r
		default:
			return '-'
		}
	}, strings.ToLower(name))
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '-' }), "-")
	return s[:min(len(s), 100)]
}

// counter counts what is read of one list, and notes where its packing is broken.
type counter struct {
	r      io.Reader
	left   int64
	broken bool
}

// Read implements io.Reader.
func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.left -= int64(n)
	if c.left < 0 {
		return 0, io.ErrUnexpectedEOF
	}
	_, known := errors.AsType[*comity.Error](err)
	c.broken = err != nil && !errors.Is(err, io.EOF) && !known
	return n, err
}
