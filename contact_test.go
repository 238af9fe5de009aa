package comity

import (
	"slices"
	"testing"
)

func TestContactProblems(t *testing.T) {
	good := Contact{Org: orgA, Function: ContactOperational, Name: "Duty desk", Email: "duty@a.example", Phone: "+999 555 0100"}
	for _, test := range []struct {
		name   string
		change func(*Contact)
		fields []string
	}{
		{"good", func(*Contact) {}, nil},
		{"telephone alone", func(c *Contact) { c.Email = "" }, nil},
		{"extension", func(c *Contact) { c.Phone = "+999 555 0100 ext 12" }, nil},
		{"nobody", func(c *Contact) { c.Name = "" }, []string{"name"}},
		{"two lines", func(c *Contact) { c.Name = "Duty\ndesk" }, []string{"name"}},
		{"no way", func(c *Contact) { c.Email, c.Phone = "", "" }, []string{"email"}},
		{"a name with an address", func(c *Contact) { c.Email = "Desk <duty@a.example>" }, []string{"email"}},
		{"a formula", func(c *Contact) { c.Phone = "=1+1" }, []string{"phone"}},
		{"a link", func(c *Contact) { c.Phone = "javascript:alert(1)" }, []string{"phone"}},
		{"half a key", func(c *Contact) { c.Key = "ABCDEF" }, []string{"key"}},
		{"control characters", func(c *Contact) { c.Other, c.Hours, c.Languages = "a\x00", "a\r", "a\n" }, []string{"other", "hours", "languages"}},
	} {
		c := good
		test.change(&c)
		var fields []string
		for _, p := range c.Problems() {
			fields = append(fields, p.Field)
		}
		if !slices.Equal(fields, test.fields) {
			t.Errorf("%s: problems with %v, want %v", test.name, fields, test.fields)
		}
	}
}

func TestParseKeyFingerprint(t *testing.T) {
	const want = "0123456789ABCDEF0123456789ABCDEF01234567"
	for _, s := range []string{want, "0123 4567 89ab cdef 0123  4567 89ab cdef 0123 4567", "0x0123456789abcdef0123456789abcdef01234567", "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67"} {
		if got := ParseKeyFingerprint(s); got != want {
			t.Errorf("%q: got %q", s, got)
		}
	}
	if got := ParseKeyFingerprint("my key"); got != "my key" {
		t.Errorf("what is no fingerprint became %q", got)
	}
}

// Nobody gives or takes more than they may: for every set of roles, in the own and in another organisation.
func TestNobodyRaisesAnybodyTooHigh(t *testing.T) {
	for set := Roles(0); set < 1<<len(AllRoles); set++ {
		v := ViewerOf(Person{ID: "per_0000000000000000", Org: orgA, Roles: set})
		secretariat := set.Has(RoleSecretariat)
		for _, r := range AllRoles {
			if v.Grants(orgB, r) && !secretariat {
				t.Fatalf("%v grants %v in another organisation", set.Names(), r)
			}
			if v.Grants(orgA, r) && !secretariat && (!set.Has(RoleFocalPoint, RoleAlternate) || slices.Contains(groupRoles, r)) {
				t.Fatalf("%v grants %v in the own organisation", set.Names(), r)
			}
			if v.Grants("", r) {
				t.Fatalf("%v grants %v nowhere", set.Names(), r)
			}
		}
		if v.ManagesPerson(Person{ID: v.Person(), Org: orgA}) {
			t.Fatalf("%v manage themselves", set.Names())
		}
		for _, r := range groupRoles {
			if v.ManagesPerson(Person{ID: "per_1111111111111111", Org: orgA, Roles: RolesOf(r)}) && !secretariat {
				t.Fatalf("%v manages a person who is %v", set.Names(), r)
			}
		}
		if v.ManagesPerson(Person{ID: "per_1111111111111111", Org: orgB}) && !secretariat {
			t.Fatalf("%v manages people of another organisation", set.Names())
		}
		if v.VerifiesContacts(orgB) || v.EditsContacts(orgB) && !secretariat {
			t.Fatalf("%v verifies or edits another organisation's contacts", set.Names())
		}
		if v.EditsContacts(orgA) && !v.SeesContactDetails(orgA) {
			t.Fatalf("%v edits what they don't see", set.Names())
		}
	}
	var nobody Viewer
	if nobody.SeesContacts() || nobody.SeesContactDetails(orgA) || nobody.ManagesPeople(orgA) || nobody.SeesAudit(AuditEntry{}) || nobody.SeesTokens(Person{}) || nobody.Writes() {
		t.Error("the zero viewer may do something")
	}
}
