package comity

import "strings"

// TLP is a Traffic Light Protocol 2.0 label. The zero value is no label, which is stricter than every label: what is
// unmarked is for its originator only. There is no WHITE; TLP 1 white arrives as CLEAR.
//
// Source: FIRST, Traffic Light Protocol 2.0, August 2022.
type TLP uint8

// The labels, from nothing said to widest to narrowest.
const (
	TLPUnmarked    TLP = iota // no label: the originator's organisation only
	TLPClear                  // no limit on disclosure
	TLPGreen                  // the community
	TLPAmber                  // the recipient's organisation and its clients
	TLPAmberStrict            // the recipient's organisation only
	TLPRed                    // named recipients only; here, the originator's organisation
)

var tlpNames = [...]string{"", "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"}

// String returns the label as it must be written, such as "TLP:AMBER+STRICT"; no label is "".
func (t TLP) String() string {
	if int(t) < len(tlpNames) {
		return tlpNames[t]
	}
	return ""
}

// MarshalText implements encoding.TextMarshaler.
func (t TLP) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler as ParseTLP does.
func (t *TLP) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*t = TLPUnmarked
		return nil
	}
	parsed, err := ParseTLP(string(text))
	*t = parsed
	return err
}

// ParseTLP reads a label, with or without "TLP:", in any case. "WHITE" of TLP 1 is CLEAR. Anything else is an error of
// kind Invalid and no label, which fails closed.
func ParseTLP(s string) (TLP, error) {
	name := strings.ToUpper(strings.TrimSpace(s))
	name = strings.TrimPrefix(name, "TLP:")
	if name == "WHITE" {
		return TLPClear, nil
	}
	for t := TLPClear; t <= TLPRed; t++ {
		if tlpNames[t] == "TLP:"+name {
			return t, nil
		}
	}
	return TLPUnmarked, Errorf(Invalid, "unknown TLP label %q", s)
}

// strictness orders labels from widest to narrowest, with no label the narrowest.
func (t TLP) strictness() int {
	if t == TLPUnmarked || t > TLPRed {
		return int(TLPRed) + 1
	}
	return int(t)
}

// Strictest returns the narrower of two labels. No label wins over any label.
func Strictest(a, b TLP) TLP {
	if a.strictness() >= b.strictness() {
		return a
	}
	return b
}

// Marking says how far a thing may travel, and from whom it came. The zero Marking is visible to nobody but the system.
type Marking struct {
	TLP        TLP   `json:"tlp,omitempty"`
	Originator OrgID `json:"originator,omitempty"` // empty: a public source
}
