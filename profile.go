package comity

import (
	"strings"
	"time"
	"unicode"
)

// Level is the level of an organisation on which a service matters.
type Level string

// The levels.
const (
	LevelStrategic   Level = "strategic"
	LevelOperational Level = "operational"
)

// Levels lists the levels in the order in which they are shown.
var Levels = []Level{LevelStrategic, LevelOperational}

// Profile is what an organisation says of itself, in private: nobody outside it, save the hub's operator in trusted
// mode, can read it.
type Profile struct {
	Org        OrgID              `json:"organization"`
	Revision   int                `json:"revision"` // grows with every change; 0: nothing entered yet
	Updated    time.Time          `json:"updated,omitzero"`
	Services   []Service          `json:"services"`        // sorted by name
	Bands      *BandTable         `json:"bands,omitempty"` // nil: the group's
	Tolerance  float64            `json:"tolerance"`       // S*, reference unit; 0: the catalogue's default
	Software   []Software         `json:"software"`        // sorted by vendor, name, version, id
	Suppliers  []Supplier         `json:"suppliers"`       // sorted by name
	Sectors    []string           `json:"sectors"`         // from Sectors, sorted
	Regions    []string           `json:"regions"`         // from Regions, sorted
	OutOfScope []ScenarioID       `json:"out_of_scope"`    // scenarios that can't happen here; the others are in scope
	Coverage   map[string]float64 `json:"coverage"`        // M-code → κ, one of CoverageSteps; absent: not answered, drawn by the model
}

// Service is an information asset group of one organisation.
type Service struct {
	ID          ServiceID          `json:"id"`
	Name        string             `json:"name"`
	Level       Level              `json:"level"`
	Criticality [PropertyCount]int `json:"criticality"` // 0–4 each, indexed by Property; 0: no loss
}

// Placement says where software can be reached from.
type Placement string

// The placements.
const (
	InternetFacing Placement = "internet-facing"
	InternalOnly   Placement = "internal"
)

// Software is one line of the inventory.
type Software struct {
	ID        SoftwareID `json:"id"`
	Vendor    string     `json:"vendor"`
	Name      string     `json:"name"`
	Version   string     `json:"version,omitempty"`
	CPE       string     `json:"cpe,omitempty"`  // CPE 2.3 formatted string
	PURL      string     `json:"purl,omitempty"` // package URL
	Placement Placement  `json:"placement"`
	PatchedOn Date       `json:"patched_on,omitzero"` // everything published up to this day is patched
}

// Supplier is an outside party that services depend on.
type Supplier struct {
	ID         SupplierID `json:"id"`
	Name       string     `json:"name"`
	Dependence float64    `json:"dependence"` // p: probability that an event at the supplier hits us, 0..1
}

// CoverageSteps are the answers to "how much of what could be covered is covered by this mitigation".
var CoverageSteps = []float64{0, 0.25, 0.5, 0.75, 0.95}

// Sectors are the fields of work by which actors choose whom they go for.
var Sectors = []string{
	"agriculture", "aviation", "children", "education", "environment", "finance", "government", "health", "heritage",
	"humanitarian", "it-services", "justice", "labour", "ngo", "post", "science", "telecommunications",
}

// Regions are the regions of the UN geoscheme's continental level, and "global".
var Regions = []string{"africa", "americas", "asia", "europe", "global", "oceania"}

// NormalName returns a vendor's, product's or supplier's name as it is compared: lower case, everything but letters and
// digits a single space, common company suffixes dropped.
func NormalName(s string) string {
	fields := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for len(fields) > 1 && companySuffix[fields[len(fields)-1]] {
		fields = fields[:len(fields)-1]
	}
	return strings.Join(fields, " ")
}

var companySuffix = map[string]bool{
	"inc": true, "ltd": true, "llc": true, "corp": true, "corporation": true, "gmbh": true, "sa": true, "ag": true,
	"co": true, "company": true, "foundation": true, "limited": true, "plc": true,
}
