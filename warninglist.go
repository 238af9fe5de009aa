package comity

// WarningList is a list of values that are probably no sign of an attack: private networks, well-known domains, hashes
// of empty files. A value that is in one is shown with the reason; it is never hidden or dropped for it.
//
// Source: MISP warning lists, https://github.com/MISP/misp-warninglists.
type WarningList struct {
	ID          string          `json:"id"` // "rfc1918"
	Name        string          `json:"name"`
	Description string          `json:"description,omitempty"`
	Version     int64           `json:"version"` // grows; often a day such as 20260811
	Kind        WarningListKind `json:"kind"`
	Attributes  []string        `json:"attributes"`        // MISP attribute types that the list is for, such as "ip-dst"
	Entries     []string        `json:"entries,omitempty"` // in the list's order; nil where only the list is described
	Size        int             `json:"size"`              // number of entries
}

// WarningListKind says how the entries of a warning list are compared.
type WarningListKind string

// The kinds of warning lists.
const (
	WarningString    WarningListKind = "string"    // the same text; an entry that begins with a dot as WarningHostname
	WarningHostname  WarningListKind = "hostname"  // the domain and what is below it
	WarningCIDR      WarningListKind = "cidr"      // an address within the network
	WarningSubstring WarningListKind = "substring" // the text somewhere inside
	WarningRegex     WarningListKind = "regex"     // a regular expression that matches
)

// Warning says that a value is in a warning list.
type Warning struct {
	List    string          `json:"list"` // its id
	Name    string          `json:"name"`
	Version int64           `json:"version"`
	Kind    WarningListKind `json:"kind"`
	Part    string          `json:"part"`  // what of the value was compared: the whole, or the host of an address
	Entry   string          `json:"entry"` // that matched, as the list writes it

	PartOfValue bool `json:"part_of_value,omitempty"` // Part is the host that the value names, not the value itself
}

// PutWarningListsOptions say how to store warning lists.
type PutWarningListsOptions struct {
	Withdraw bool // the document has all lists: those that it lacks are removed
	Force    bool // accept lists of an older version than those that are here
}
