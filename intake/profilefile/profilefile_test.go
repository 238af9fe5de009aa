package profilefile

import (
	"bytes"
	"compress/gzip"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"comity"
	"comity/intake/profile"
	"comity/intake/profile/profiletest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// What is written in any format is told for what it is, read without a problem, and changes nothing; and what was changed
// in between is put back as it was. CycloneDX carries software alone, tables all but scope and bands.
func TestWriteThenReadIsTheSameProfile(t *testing.T) {
	for _, format := range Written {
		t.Run(string(format), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				p := profiletest.Profile(t, true)
				f := roundTrip(t, format, p)
				if f.Format != format {
					t.Fatalf("taken for %s", f.Format)
				}
				if nothing := format == CycloneDX && len(p.Software) == 0 || format != JSON && len(profile.Rows(p)) == 0; nothing {
					return // told as an empty file
				}
				if len(f.Problems) > 0 {
					t.Fatalf("problems %v", f.Problems)
				}
				got, effects := profile.Apply(p, f.Document, profile.Choice{Mode: profile.Replace})
				if diff := cmp.Diff(p, got, cmpopts.EquateEmpty()); diff != "" || !effects.Empty() {
					t.Fatalf("effects %+v, profile (-want +got):\n%s", effects, diff)
				}
				restored, _ := profile.Apply(spoilt(p, f.Document.Has), f.Document, profile.Choice{Mode: profile.Replace})
				if diff := cmp.Diff(p, restored, cmpopts.EquateEmpty()); diff != "" {
					t.Fatalf("put back (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func roundTrip(t *rapid.T, format Format, p comity.Profile) File {
	var b bytes.Buffer
	if err := Write(&b, format, p); err != nil {
		t.Fatal(err)
	}
	f, err := Read(&b, "", profile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// spoilt changes what a file says, in the sections of which it speaks.
func spoilt(p comity.Profile, has map[profile.Section]bool) comity.Profile {
	if has[profile.Services] {
		p.Services = slices.Clone(p.Services)
		for i := range p.Services {
			p.Services[i].Criticality[0] = 4 - p.Services[i].Criticality[0]
		}
		p.Services = append(p.Services, comity.Service{ID: comity.MakeServiceID(comity.Entropy{99}), Name: "Another"})
	}
	if has[profile.Software] {
		p.Software = slices.Clone(p.Software)
		for i := range p.Software {
			p.Software[i].Vendor, p.Software[i].PatchedOn = "Another", comity.Date{}
		}
		p.Software = append(p.Software, comity.Software{ID: comity.MakeSoftwareID(comity.Entropy{99}), Vendor: "Another", Name: "Thing", Placement: comity.InternalOnly})
	}
	if has[profile.Suppliers] {
		p.Suppliers = append(slices.Clone(p.Suppliers), comity.Supplier{ID: comity.MakeSupplierID(comity.Entropy{99}), Name: "Another"})
	}
	if has[profile.Coverage] {
		p.Coverage = map[string]float64{"M1001": 0.5}
	}
	if has[profile.Scope] {
		p.Sectors, p.Regions, p.OutOfScope = []string{"health"}, nil, nil
	}
	if has[profile.Bands] {
		p.Bands, p.Tolerance = &comity.BandTable{}, 7
	}
	return p
}

func TestReadTellsFormats(t *testing.T) {
	for start, want := range map[string]Format{
		"":                                    CSV,
		"kind,name":                           CSV,
		"\uFEFFkind;name":                     CSV,
		"PK\x03\x04":                          XLSX,
		` {"bomFormat":"CycloneDX"}`:          CycloneDX,
		`{"$schema":"x"}`:                     CycloneDX,
		`{"services":[],"bomFormat":"x"}`:     CycloneDX,
		"\uFEFF\n{\n \"organization\": \"x\"": JSON,
		`{"software":[]}`:                     JSON,
		"<?xml version=\"1.0\"?>":             CycloneDXXML,
		"\uFEFF<bom/>":                        CycloneDXXML,
	} {
		f, err := Read(strings.NewReader(start), "", profile.Options{})
		if err != nil || f.Format != want {
			t.Errorf("%q: got %s, %v", start, f.Format, err)
		}
	}
}

func TestReadUnpacks(t *testing.T) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte("vendor,name,placement\nA,B,internal\n")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := Read(bytes.NewReader(b.Bytes()), "", profile.Options{})
	if err != nil || len(f.Document.Software) != 1 {
		t.Errorf("got %+v, %v", f, err)
	}
	f, err = Read(bytes.NewReader(b.Bytes()[:20]), "", profile.Options{})
	if err != nil || len(f.Problems) != 1 || !f.Problems[0].Fatal() {
		t.Errorf("cut off: got %+v, %v", f, err)
	}
}

func TestReadKeepsTheReadersError(t *testing.T) {
	broken := errors.New("broken pipe")
	for _, format := range Formats {
		if _, err := Read(iotest.ErrReader(broken), format, profile.Options{}); !errors.Is(err, broken) {
			t.Errorf("%s: err = %v", format, err)
		}
	}
	if _, err := Read(strings.NewReader(""), "pdf", profile.Options{}); comity.KindOf(err) != comity.Invalid {
		t.Errorf("an unknown format: %v", err)
	}
	if err := Write(&bytes.Buffer{}, CycloneDXXML, comity.Profile{}); comity.KindOf(err) != comity.Invalid {
		t.Errorf("a format that is only read: %v", err)
	}
}
