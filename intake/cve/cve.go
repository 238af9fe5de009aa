// Package cve reads what public sources say of vulnerabilities: pages and single documents of the NVD's CVE API 2.0,
// records of the CVE Program's format 5 with the containers of CISA, and advisories in the OSV format. Read [Parse].
//
// A document may hold any number of them, of several kinds: each record is told by its content.
package cve

import (
	"io"
	"slices"
	"time"

	"comity"
	"comity/intake"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of a document. The longest record of the sources today is of 2 MB; most are of some kB.
const (
	MaxRecords = 40_000
	MaxRecord  = 4 << 20 // bytes
	maxRanges  = 20_000  // ranges of versions that one record may name
)

var list = intake.List{What: "CVE records", Name: "vulnerabilities", MaxItem: MaxRecord, MaxItems: MaxRecords}

// File is what a document says.
type File struct {
	Sources []Source        // those whose records it has, sorted by ID
	Records []comity.Record // in the document's order; of one that it has twice, the newest
}

// Source is one source whose records a document has.
type Source struct {
	ID      comity.SourceID
	Version string    // of the format, as the first record or the last page says: "2.0", "5.1"
	Date    time.Time // of the last page, else of the newest record; zero where none says
	Records int
}

// Parse reads a document. It refuses, with an error of kind Invalid that names the line and the place in it: what
// [intake.List.ReadEach] refuses, an item that is no record, a record without identity, with an identity or a time that is
// none, or with ranges that contradict their form; a document without records. One such record refuses the whole
// document: a part of what a source said is not what it said. It is TooLarge where a bound is passed.
//
// What a record leaves open stays open. Ranges by git commits, texts that are no version ("see the advisory") and vendors
// that are "n/a" are not read. The hash counts everything, also what is not read.
func Parse(r io.Reader) (File, error) {
	p := parser{places: map[place]*comity.Record{}, sources: map[comity.SourceID]*Source{}}
	if err := list.ReadEach(r, intake.Reader{Item: p.item, Page: p.page}); err != nil {
		return File{}, err
	}
	if len(p.records) == 0 {
		return File{}, list.Errorf("there are no records")
	}
	return p.file(), nil
}

// parser holds the records one by one until the document has ended: a list of them that grows would be held twice each
// time that it is moved, and a document that passes the bounds is to cost little.
type parser struct {
	records []*comity.Record
	places  map[place]*comity.Record // of the records
	sources map[comity.SourceID]*Source
}

func (p *parser) file() File {
	f := File{Records: make([]comity.Record, 0, len(p.records))}
	for _, rec := range p.records {
		p.sources[rec.Source].Records++
		f.Records = append(f.Records, *rec)
	}
	for _, src := range p.sources {
		f.Sources = append(f.Sources, *src)
	}
	slices.SortFunc(f.Sources, func(a, b Source) int { return compare(a.ID, b.ID) })
	return f
}

type place struct {
	source comity.SourceID
	id     string
}

// page reads what stands around a page of the NVD.
func (p *parser) page(value jsontext.Value) error {
	var page struct {
		Format    string `json:"format"`
		Version   string `json:"version"`
		Timestamp string `json:"timestamp"`
	}
	if err := json.Unmarshal(value, &page); err != nil {
		return err
	}
	at, err := timeOf("timestamp", page.Timestamp)
	if err != nil {
		return err
	}
	if src := p.sources[comity.SourceNVD]; src != nil {
		src.Version = page.Version
		if at.After(src.Date) {
			src.Date = at
		}
	}
	return nil
}

// form is what tells the kinds of records apart.
type form struct {
	CVE        jsontext.Value `json:"cve"`         // NVD
	Metadata   jsontext.Value `json:"cveMetadata"` // CVE Program
	Containers jsontext.Value `json:"containers"`
	ID         jsontext.Value `json:"id"` // OSV, and overrides of the NVD
	Modified   jsontext.Value `json:"modified"`
}

func (p *parser) item(value jsontext.Value) error {
	var f form
	if value.Kind() != '{' {
		return invalid("a record is an object")
	}
	if err := json.Unmarshal(value, &f); err != nil {
		return err
	}
	read := readOSV
	switch {
	case f.CVE != nil:
		read = readNVD
	case f.Metadata != nil || f.Containers != nil:
		read = readCVE
	case f.ID == nil || f.Modified == nil:
		return invalid("neither a record of the NVD (cve), nor of the CVE Program (cveMetadata), nor an OSV advisory (id, modified)")
	}
	rec, version, err := read(value)
	if err != nil {
		return err
	}
	if rec.Hash, err = intake.Hash(value); err != nil {
		return err
	}
	p.add(rec, version)
	return nil
}

// add keeps a record: of two with one identity the newer, of two as old the later.
func (p *parser) add(rec comity.Record, version string) {
	src := p.sources[rec.Source]
	if src == nil {
		src = &Source{ID: rec.Source, Version: version}
		p.sources[rec.Source] = src
	}
	if rec.Modified.After(src.Date) {
		src.Date = rec.Modified
	}
	at := place{rec.Source, rec.ID}
	old := p.places[at]
	switch {
	case old == nil:
		p.places[at] = &rec
		p.records = append(p.records, &rec)
	case !old.Modified.After(rec.Modified):
		*old = rec
	}
}

// newRecord begins a record: what all of them have in common.
func newRecord(src comity.SourceID, id string) comity.Record {
	return comity.Record{Source: src, ID: id, Keys: []string{id}, Threat: comity.Threat{
		Kind: comity.ThreatVulnerability, Source: src, Marking: comity.Marking{TLP: comity.TLPClear},
		Vulnerability: &comity.Vulnerability{},
	}}
}

func invalid(format string, args ...any) error { return comity.Errorf(comity.Invalid, format, args...) }
