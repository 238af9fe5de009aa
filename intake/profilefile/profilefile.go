// Package profilefile reads and writes an organisation's profile in all forms that there are, and tells them apart by what
// is in a file. Read [Read].
package profilefile

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"

	"comity"
	"comity/intake"
	"comity/intake/cyclonedx"
	"comity/intake/profile"
	"comity/intake/profilecsv"
	"comity/intake/profilejson"
	"comity/intake/profilexlsx"
)

// MaxBytes bounds a file of any form, unpacked.
const MaxBytes = cyclonedx.MaxBytes

// Format is a form of file.
type Format string

// The formats.
const (
	CSV          Format = "csv"
	XLSX         Format = "xlsx"
	JSON         Format = "json"
	CycloneDX    Format = "cyclonedx"     // JSON
	CycloneDXXML Format = "cyclonedx-xml" // read only
)

// Formats lists those that are read.
var Formats = []Format{CSV, XLSX, JSON, CycloneDX, CycloneDXXML}

// Written lists those that are written too.
var Written = []Format{CSV, XLSX, JSON, CycloneDX}

// File is what was read of a file.
type File struct {
	Format   Format            `json:"format"`
	Document profile.Document  `json:"document"`
	Problems []profile.Problem `json:"problems,omitempty"`
}

// Read reads a file of at most MaxBytes, packed with gzip or not. Without a format it is told by what is in the file. What
// is wrong with the file is in its Problems; the error is that of the reader alone.
func Read(r io.Reader, format Format, o profile.Options) (File, error) {
	d, err := intake.Open(r, MaxBytes+1)
	if err != nil {
		return unreadable(format, o, err)
	}
	b := bufio.NewReaderSize(d, sniffed)
	if format == "" {
		start, err := b.Peek(sniffed)
		if err != nil && !errors.Is(err, io.EOF) {
			return unreadable(format, o, err)
		}
		format = formatOf(start)
	}
	f := File{Format: format}
	parse := parsers[format]
	if parse == nil {
		return f, comity.Errorf(comity.Invalid, "a profile is not read as %q", format)
	}
	if f.Document, f.Problems, err = parse(b, o); err != nil {
		return unreadable(format, o, err)
	}
	return f, nil
}

// unreadable is a file whose packing is broken or too long; any other error is the reader's.
func unreadable(format Format, o profile.Options, err error) (File, error) {
	e, ok := errors.AsType[*comity.Error](err)
	if !ok {
		return File{}, err
	}
	check := profile.NewChecker(o)
	check.Fail(profile.Place{}, "", profile.Unreadable, e.Msg)
	f := File{Format: format}
	f.Document, f.Problems = check.Document()
	return f, nil
}

type parser func(r io.Reader, o profile.Options) (profile.Document, []profile.Problem, error)

var parsers = map[Format]parser{
	CSV:          profilecsv.Parse,
	XLSX:         profilexlsx.Parse,
	JSON:         profilejson.Parse,
	CycloneDX:    cyclonedx.ParseJSON,
	CycloneDXXML: cyclonedx.ParseXML,
}

// sniffed is how much of a file is looked at to find out its format.
const sniffed = 4096

// first finds the name of the first member of a JSON object.
var first = regexp.MustCompile(`^\{\s*"([a-z_]*)"`)

// ours are the names of members that begin a profile and no bill of materials.
var ours = []string{
	"organization", "revision", "updated", "services", "bands", "tolerance", "software", "suppliers", "sectors", "regions", "out_of_scope", "coverage",
}

// formatOf tells a format by the first bytes of a file. What is nothing else is CSV.
func formatOf(start []byte) Format {
	if bytes.HasPrefix(start, []byte("PK\x03\x04")) {
		return XLSX
	}
	start = bytes.TrimSpace(bytes.TrimPrefix(start, []byte("\uFEFF")))
	switch {
	case bytes.HasPrefix(start, []byte("<")):
		return CycloneDXXML
	case !bytes.HasPrefix(start, []byte("{")):
		return CSV
	}
	name := first.FindSubmatch(start)
	if name != nil && slices.Contains(ours, string(name[1])) && !bytes.Contains(start, []byte(`"bomFormat"`)) {
		return JSON
	}
	return CycloneDX
}

// Write writes a profile in a format that Read reads back.
func Write(w io.Writer, format Format, p comity.Profile) error {
	write := writers[format]
	if write == nil {
		return comity.Errorf(comity.Invalid, "a profile is not written as %q", format)
	}
	return write(w, p)
}

var writers = map[Format]func(io.Writer, comity.Profile) error{
	CSV:       profilecsv.Write,
	XLSX:      profilexlsx.Write,
	JSON:      profilejson.Write,
	CycloneDX: cyclonedx.Write,
}
