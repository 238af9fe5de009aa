package profilefile

// The workbooks of these tests are written and read by another library, so that reader and writer don't agree on a mistake.

import (
	"bytes"
	"testing"
	"time"

	"comity"
	"comity/intake/profile"
	"comity/intake/profilexlsx"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// made returns a workbook that another program wrote.
func made(t testing.TB, sheets map[string][][]any, order ...string) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, name := range order {
		if i == 0 {
			if err := f.SetSheetName("Sheet1", name); err != nil {
				t.Fatal(err)
			}
		} else if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for n, row := range sheets[name] {
			at, _ := excelize.CoordinatesToCellName(1, n+1)
			if err := f.SetSheetRow(name, at, &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestXLSXReadsWhatOthersWrite(t *testing.T) {
	day := time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC)
	book := made(t, map[string][][]any{
		"Notes":     {{"not read"}},
		"Software":  {{"Vendor", "Product", "Version", "Placement", "Patched on"}, {"Fortinet", "FortiGate", 7.4, "internet-facing", day}, {}, {"Apache", "Tomcat", "9.0.1", "internal"}},
		"services":  {{"name", "level", "confidentiality", "integrity", "availability", "reliability"}, {"Mail & more", "operational", 1, 2, 3, 4}},
		"suppliers": {{"name", "dependence"}, {"Acme", 0.3}},
		"coverage":  {{"mitigation", "coverage"}, {"M1032", 0.75}, {"M1047", 95}},
	}, "Notes", "Software", "services", "suppliers", "coverage")
	got, problems, err := profilexlsx.Parse(bytes.NewReader(book), profile.Options{})
	if err != nil || len(problems) > 0 {
		t.Fatalf("problems %v, err %v", problems, err)
	}
	want := profile.Document{
		Software: []comity.Software{
			{Vendor: "Fortinet", Name: "FortiGate", Version: "7.4", Placement: comity.InternetFacing, PatchedOn: comity.Date{Year: 2026, Month: 6, Day: 30}},
			{Vendor: "Apache", Name: "Tomcat", Version: "9.0.1", Placement: comity.InternalOnly},
		},
		Services:  []comity.Service{{Name: "Mail & more", Level: comity.LevelOperational, Criticality: [4]int{1, 2, 3, 4}}},
		Suppliers: []comity.Supplier{{Name: "Acme", Dependence: 0.3}},
		Coverage:  []profile.Answer{{Mitigation: "M1032", Coverage: 0.75}, {Mitigation: "M1047", Coverage: 0.95}},
		Has:       map[profile.Section]bool{profile.Software: true, profile.Services: true, profile.Suppliers: true, profile.Coverage: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
}

func TestXLSXTellsEveryProblemByCell(t *testing.T) {
	one := made(t, map[string][][]any{"Inventory": {
		{"kind", "name", "vendor", "placement", "owner"},
		{"software", "", "Acme", "outside"},
		{"server", "x"},
		{"software", "Gate", "Acme", "internal"},
		{"software", "GATE", "Acme Ltd", "internal"},
		{"software", "=1+1", "@x", "internal", "me", "too many"},
	}}, "Inventory")
	got, problems, err := profilexlsx.Parse(bytes.NewReader(one), profile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []profile.Problem{
		{Path: "Inventory!1", Code: profile.UnknownColumn, Value: "owner"},
		{Path: "Inventory!2", Column: "name", Code: profile.Required},
		{Path: "Inventory!2", Column: "placement", Code: profile.BadPlacement, Value: "outside"},
		{Path: "Inventory!3", Column: "kind", Code: profile.UnknownKind, Value: "server"},
		{Path: "Inventory!5", Code: profile.Duplicate, Value: "Inventory!4"},
		{Path: "Inventory!6", Code: profile.TooManyCells},
	}
	if diff := cmp.Diff(want, problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if len(got.Software) != 1 {
		t.Errorf("software %+v", got.Software)
	}
}

// A formula is what the spreadsheet showed last, never computed.
func TestXLSXTakesWhatAFormulaShowed(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	for _, err := range []error{
		f.SetSheetRow("Sheet1", "A1", &[]any{"vendor", "name", "placement", "version"}),
		f.SetSheetRow("Sheet1", "A2", &[]any{"Acme", "Gate", "internal", 41}),
		f.SetCellFormula("Sheet1", "D2", "=1+1"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	got, problems, err := profilexlsx.Parse(&b, profile.Options{})
	if err != nil || len(problems) > 0 || got.Software[0].Version == "2" {
		t.Errorf("got %+v, %v, %v", got, problems, err)
	}
}

// What is written is text, whatever it begins with, to another reader too.
func TestXLSXHasNoFormulas(t *testing.T) {
	p := comity.Profile{Software: []comity.Software{{
		ID: comity.MakeSoftwareID(comity.Entropy{}), Vendor: `=HYPERLINK("x")`, Name: "+1", Version: "@x", Placement: comity.InternalOnly,
	}}}
	var b bytes.Buffer
	if err := profilexlsx.Write(&b, p); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for cell, want := range map[string]string{"A1": "id", "C2": `=HYPERLINK("x")`, "B2": "+1", "D2": "@x"} {
		got, err := f.GetCellValue("software", cell)
		formula, _ := f.GetCellFormula("software", cell)
		if err != nil || got != want || formula != "" {
			t.Errorf("%s: %q, formula %q, %v; want %q", cell, got, formula, err, want)
		}
	}
	if list := f.GetSheetList(); len(list) != 4 {
		t.Errorf("sheets %v", list)
	}
}
