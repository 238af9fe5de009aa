package profile

import (
	"testing"

	"comity"

	"github.com/google/go-cmp/cmp"
)

func TestEveryCodeHasASentence(t *testing.T) {
	for _, c := range Codes {
		if sentences[c] == "" {
			t.Errorf("no sentence for %q", c)
		}
	}
	if len(Codes) != len(sentences) {
		t.Errorf("%d codes, %d sentences", len(Codes), len(sentences))
	}
}

func TestProblemString(t *testing.T) {
	for want, p := range map[string]Problem{
		`line 3, placement: "x": want internet-facing or internal`:                    {Line: 3, Column: "placement", Code: BadPlacement, Value: "x"},
		"line 4: says the same as line 2":                                             {Line: 4, Code: Duplicate, Value: "2"},
		"name: must not be empty":                                                     {Column: "name", Code: Required},
		`/components/3, purl: "x": want a package URL such as pkg:deb/debian/openssl`: {Path: "/components/3", Column: "purl", Code: BadPURL, Value: "x"},
		"/components/3: says the same as /components/1":                               {Path: "/components/3", Code: Duplicate, Value: "/components/1"},
		"the file is larger than 4 MiB":                                               {Code: TooBig, Value: "4 MiB"},
	} {
		if got := p.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func testProfile() comity.Profile {
	return comity.Profile{
		Org:      comity.MakeOrgID(comity.Entropy{1}),
		Revision: 4,
		Services: []comity.Service{{ID: comity.MakeServiceID(comity.Entropy{1}), Name: "Mail", Level: comity.LevelOperational}},
		Software: []comity.Software{
			{ID: comity.MakeSoftwareID(comity.Entropy{1}), Vendor: "Apache", Name: "Tomcat", Version: "9.0", Placement: comity.InternalOnly},
			{ID: comity.MakeSoftwareID(comity.Entropy{2}), Vendor: "Cisco", Name: "ASA", Placement: comity.InternetFacing},
		},
		Coverage: map[string]float64{"M1032": 0.5, "M1047": 0},
	}
}

func TestApplyMergesByIdentityThenByWhatItIsAbout(t *testing.T) {
	p := testProfile()
	d := Document{
		Has: map[Section]bool{Software: true, Coverage: true},
		Software: []comity.Software{
			{Vendor: "apache", Name: "Tomcat", Version: "9.0", Placement: comity.InternalOnly, PURL: "pkg:maven/tomcat"},
			{ID: p.Software[1].ID, Vendor: "Cisco", Name: "ASA", Version: "9.18", Placement: comity.InternetFacing},
			{Vendor: "Zyxel", Name: "USG", Placement: comity.InternetFacing},
		},
		Coverage: []Answer{{"M1032", 0.75}, {"M1047", 0}, {"M1030", 0.25}},
	}
	got, effects := Apply(p, d, Choice{})
	want := Effects{Software: Effect{Added: 1, Changed: 2}, Coverage: Effect{Added: 1, Changed: 1, Same: 1}}
	if diff := cmp.Diff(want, effects); diff != "" {
		t.Errorf("effects (-want +got):\n%s", diff)
	}
	if got.Software[0].ID != p.Software[1].ID || got.Software[0].Version != "9.18" {
		t.Errorf("line with an identity: %+v", got.Software[0])
	}
	if got.Software[2].ID != p.Software[0].ID || got.Software[2].PURL == "" {
		t.Errorf("line about the same thing: %+v", got.Software[2])
	}
	if diff := cmp.Diff(testProfile(), p); diff != "" {
		t.Errorf("the profile given was changed:\n%s", diff)
	}
	again, effects := Apply(got, d, Choice{})
	if !effects.Empty() {
		t.Errorf("the same file again: %+v", effects)
	}
	if diff := cmp.Diff(got, again); diff != "" {
		t.Errorf("the same file again (-first +second):\n%s", diff)
	}
}

func TestApplyReplacesOnlySectionsInTheFile(t *testing.T) {
	p := testProfile()
	got, effects := Apply(p, Document{Has: map[Section]bool{Software: true}, Software: []comity.Software{{Vendor: "Zyxel", Name: "USG", Placement: comity.InternetFacing}}}, Choice{Mode: Replace})
	if len(got.Software) != 1 || len(got.Services) != 1 || len(got.Coverage) != 2 {
		t.Errorf("got %+v", got)
	}
	if want := (Effects{Software: Effect{Added: 1, Removed: 2}}); effects != want {
		t.Errorf("effects %+v, want %+v", effects, want)
	}
}

// A row that bears an identity of another organisation must not bring that identity in.
func TestApplyIgnoresForeignIdentities(t *testing.T) {
	foreign := comity.MakeSoftwareID(comity.Entropy{9})
	got, _ := Apply(testProfile(), Document{Has: map[Section]bool{Software: true}, Software: []comity.Software{{ID: foreign, Vendor: "Z", Name: "Y", Placement: comity.InternalOnly}}}, Choice{Mode: Merge})
	for _, s := range got.Software {
		if s.ID == foreign {
			t.Error("foreign identity kept")
		}
	}
}

// A line renamed after its import still has the identity derived from its first name: that name coming in again must not
// get the same one.
func TestApplyNeverGivesAnIdentityTwice(t *testing.T) {
	d := Document{Has: map[Section]bool{Suppliers: true}, Suppliers: []comity.Supplier{{Name: "Acme", Dependence: 0.1}}}
	p, _ := Apply(comity.Profile{Org: "org_x"}, d, Choice{Mode: Merge})
	p.Suppliers[0].Name = "Renamed"
	p, effects := Apply(p, d, Choice{})
	if len(p.Suppliers) != 2 || p.Suppliers[0].ID == p.Suppliers[1].ID || effects.Suppliers.Added != 1 {
		t.Errorf("got %+v, %+v", p.Suppliers, effects)
	}
}
