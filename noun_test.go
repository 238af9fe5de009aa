package comity

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestStrictestLabelWins(t *testing.T) {
	order := []TLP{TLPClear, TLPGreen, TLPAmber, TLPAmberStrict, TLPRed, TLPUnmarked}
	for i, a := range order {
		for j, b := range order {
			if got, want := Strictest(a, b), order[max(i, j)]; got != want {
				t.Errorf("Strictest(%v, %v) = %v, want %v", a, b, got, want)
			}
		}
	}
}

func TestParseTLP(t *testing.T) {
	for text, want := range map[string]TLP{
		"TLP:CLEAR": TLPClear, "clear": TLPClear, "tlp:white": TLPClear, " TLP:GREEN ": TLPGreen, "amber": TLPAmber,
		"TLP:AMBER+STRICT": TLPAmberStrict, "RED": TLPRed,
	} {
		if got, err := ParseTLP(text); err != nil || got != want {
			t.Errorf("ParseTLP(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "TLP:", "TLP:PINK", "AMBER STRICT", "TLP:EX:CHR"} {
		if got, err := ParseTLP(text); KindOf(err) != Invalid || got != TLPUnmarked {
			t.Errorf("ParseTLP(%q) = %v, %v; want no label and an error", text, got, err)
		}
	}
}

func TestIdentitiesOfAnotherKindDoNotParse(t *testing.T) {
	e := Entropy{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	action, match := string(MakeActionID(e)), string(MakeMatchID(e))
	if id, err := ParseActionID(action); err != nil || string(id) != action {
		t.Errorf("ParseActionID(%q) = %q, %v", action, id, err)
	}
	for _, wrong := range []string{match, "", "act_", action + "0", action[:len(action)-1], "act_ilouILOU00000000", "ACT" + action[3:]} {
		if id, err := ParseActionID(wrong); KindOf(err) != Invalid || id != "" {
			t.Errorf("ParseActionID(%q) = %q, %v; want an error", wrong, id, err)
		}
	}
	if id := MakeThreatID("CVE-2021-44228"); id != "thr_CVE-2021-44228" || id.Key() != "CVE-2021-44228" {
		t.Errorf("threat: %q, %q", id, id.Key())
	}
	for _, wrong := range []string{"thr_", "thr_a/b", "thr_a b", "CVE-2021-44228", "thr_é"} {
		if _, err := ParseThreatID(wrong); KindOf(err) != Invalid {
			t.Errorf("ParseThreatID(%q): %v; want an error", wrong, err)
		}
	}
	if MakeThreatID("../x") != "" {
		t.Error("a key that is no key became an identity")
	}
}

func TestErrorKinds(t *testing.T) {
	cause := errors.New("disk")
	err := fmt.Errorf("read: %w", Errorf(Unavailable, "store: %w", cause))
	if KindOf(err) != Unavailable || !errors.Is(err, cause) {
		t.Errorf("%v: kind %v, cause reachable %v", err, KindOf(err), errors.Is(err, cause))
	}
	if got := err.Error(); got != "read: store: disk" {
		t.Errorf("the cause is told more than once: %q", got)
	}
	if got := (&Error{Kind: Conflict, Msg: "taken", Err: cause}).Error(); got != "taken: disk" {
		t.Errorf("the cause is not told: %q", got)
	}
	if KindOf(cause) != Internal || KindOf(nil) != Internal {
		t.Error("an unknown error is not internal")
	}
}

func TestRolesAsJSON(t *testing.T) {
	set := RolesOf(RoleCoChair, RoleAuditor)
	data, err := json.Marshal(set)
	if err != nil || string(data) != `["co-chair","auditor"]` {
		t.Fatalf("%s, %v", data, err)
	}
	var back Roles
	if err := json.Unmarshal(data, &back); err != nil || back != set {
		t.Errorf("%v, %v", back.Names(), err)
	}
	if err := json.Unmarshal([]byte(`["king"]`), &back); err == nil {
		t.Error("an unknown role was taken")
	}
}

func TestDates(t *testing.T) {
	d, err := ParseDate("2026-02-28")
	if err != nil || d.AddDays(1).String() != "2026-03-01" || !d.Before(d.AddDays(1)) {
		t.Errorf("%v, %v", d, err)
	}
	for _, wrong := range []string{"2026-02-30", "26-02-28", "2026-2-8", "tomorrow"} {
		if _, err := ParseDate(wrong); KindOf(err) != Invalid {
			t.Errorf("ParseDate(%q): %v; want an error", wrong, err)
		}
	}
	if none, err := ParseDate(""); err != nil || !none.IsZero() || none.String() != "" || !none.Time().IsZero() {
		t.Errorf("no date: %v, %v", none, err)
	}
	late := time.Date(2026, 1, 1, 23, 0, 0, 0, time.FixedZone("west", -5*3600))
	if got := DateOf(late).String(); got != "2026-01-02" {
		t.Errorf("the day in UTC: %s", got)
	}
}

func TestNormalName(t *testing.T) {
	for name, want := range map[string]string{
		"Halyard Managed Mail": "halyard managed mail", "HALYARD  Managed-Mail, Inc.": "halyard managed mail",
		"N-able": "n able", "Inc": "inc", "Öko GmbH": "öko", "": "",
	} {
		if got := NormalName(name); got != want {
			t.Errorf("NormalName(%q) = %q, want %q", name, got, want)
		}
	}
}
