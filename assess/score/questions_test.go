package score

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"comity/internal/testkit"
)

// unpacked opens one of the public documents.
func unpacked(t *testing.T, name string) io.Reader {
	t.Helper()
	file, err := os.Open(testkit.Shared(t, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	r, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// counted compares answers with what was counted.
func counted(t *testing.T, counts map[string]float64) {
	t.Helper()
	for key, want := range counts {
		q, ok := QuestionOf(key)
		if !ok || math.Abs(q.Truth-want) > .05 {
			t.Errorf("%s: the answer is %v, counted %v", key, q.Truth, want)
		}
	}
}

func TestAnswersOnKEV(t *testing.T) {
	var kev struct {
		Vulnerabilities []struct{ CVEID, VendorProject, DateAdded, KnownRansomwareCampaignUse string }
	}
	if err := json.NewDecoder(unpacked(t, "kev/known_exploited_vulnerabilities-2026-08-07.json.gz")).Decode(&kev); err != nil {
		t.Fatal(err)
	}
	n := map[string]float64{}
	for _, v := range kev.Vulnerabilities {
		n["kev-entries"]++
		for key, is := range map[string]bool{
			"kev-ransomware": v.KnownRansomwareCampaignUse == "Known", "kev-microsoft": v.VendorProject == "Microsoft",
			"kev-2025": strings.HasPrefix(v.DateAdded, "2025"), "kev-old": v.CVEID < "CVE-2015",
		} {
			if is {
				n[key]++
			}
		}
	}
	counted(t, n)
}

func TestAnswersOnEPSS(t *testing.T) {
	r := csv.NewReader(unpacked(t, "epss/epss_scores-2026-01-30.csv.gz"))
	r.FieldsPerRecord, r.ReuseRecord = -1, true
	all, likely := 0.0, 0.0
	for {
		row, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if score, err := strconv.ParseFloat(row[1], 64); err == nil {
			all++
			if score >= .1 {
				likely++
			}
		}
	}
	counted(t, map[string]float64{"epss-scored": all, "epss-likely": 100 * likely / all})
}

// object is what of an ATT&CK object is counted.
type object struct {
	ID, Type, RelationshipType, SourceRef, TargetRef string
	Dead                                             bool
	Numbers                                          []string
}

// UnmarshalJSON reads an object of the bundle.
func (o *object) UnmarshalJSON(data []byte) error {
	var raw struct {
		ID         string `json:"id"`
		Type       string `json:"type"`
		Kind       string `json:"relationship_type"`
		From       string `json:"source_ref"`
		To         string `json:"target_ref"`
		Revoked    bool   `json:"revoked"`
		Deprecated bool   `json:"x_mitre_deprecated"`
		References []struct {
			Number string `json:"external_id"`
		} `json:"external_references"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*o = object{ID: raw.ID, Type: raw.Type, RelationshipType: raw.Kind, SourceRef: raw.From, TargetRef: raw.To, Dead: raw.Revoked || raw.Deprecated}
	for _, r := range raw.References {
		o.Numbers = append(o.Numbers, r.Number)
	}
	return nil
}

func TestAnswersOnATTACK(t *testing.T) {
	var bundle struct{ Objects []object }
	if err := json.NewDecoder(unpacked(t, "attack/enterprise-attack-18.1.json.gz")).Decode(&bundle); err != nil {
		t.Fatal(err)
	}
	groups, phishing := map[string]bool{}, map[string]bool{}
	for _, o := range bundle.Objects {
		switch {
		case o.Dead:
		case o.Type == "intrusion-set":
			groups[o.ID] = false
		case o.Type == "attack-pattern" && strings.HasPrefix(o.Numbers[0], "T1566"):
			phishing[o.ID] = true
		}
	}
	for _, o := range bundle.Objects {
		if _, group := groups[o.SourceRef]; group && !o.Dead && o.RelationshipType == "uses" && phishing[o.TargetRef] {
			groups[o.SourceRef] = true
		}
	}
	using := 0.0
	for _, uses := range groups {
		if uses {
			using++
		}
	}
	counted(t, map[string]float64{"attack-groups": float64(len(groups)), "attack-phishing": 100 * using / float64(len(groups))})
}

// control is what of an OSCAL control is counted.
type control struct {
	Props    []struct{ Name, Value string }
	Controls []control
}

func (c control) inForce() float64 {
	n := 1.0
	for _, p := range c.Props {
		if p.Name == "status" && strings.EqualFold(p.Value, "withdrawn") {
			n = 0
		}
	}
	for _, below := range c.Controls {
		n += below.inForce()
	}
	return n
}

func TestAnswersOnControls(t *testing.T) {
	var document struct {
		Catalog struct {
			Groups []struct{ Controls []control }
		}
	}
	if err := json.NewDecoder(unpacked(t, "oscal/NIST_SP-800-53_rev5_catalog-min.2021-06-08.json.gz")).Decode(&document); err != nil {
		t.Fatal(err)
	}
	n := 0.0
	for _, g := range document.Catalog.Groups {
		for _, c := range g.Controls {
			n += c.inForce()
		}
	}
	counted(t, map[string]float64{"controls": n})
}
