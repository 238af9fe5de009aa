package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"comity"
)

// stale are organisations that verified their contacts too long ago. An observer never did.
var stale = []string{"X-JTI", "X-TRC", "X-LBC"}

// contacts are how the organisations are reached: by function, at addresses and numbers that nobody has.
func (t *teller) contacts(w *World) {
	for i, o := range organizations {
		for k, d := range desks {
			if o.size <= d.from {
				continue
			}
			w.Contacts = append(w.Contacts, t.contact(o, d, 100+(i*len(desks)+k)%100))
		}
	}
}

// desk is one function as most organisations fill it.
type desk struct {
	function             comity.ContactFunction
	name, mailbox, hours string
	from                 int // only organisations larger than this have it
}

var desks = []desk{
	{comity.ContactFocalPoint, "Chief, Information Security", "ciso", "Mon–Fri 8–17 UTC", 0},
	{comity.ContactAlternate, "Deputy Chief, Information Security", "deputy", "Mon–Fri 8–17 UTC", 0},
	{comity.ContactOperational, "Security duty desk", "duty", "24×7", 1},
	{comity.ContactDataProtection, "Data protection officer", "dpo", "Mon–Fri 9–16 UTC", 0},
	{comity.ContactCommunications, "Communications desk", "press", "Mon–Fri 8–18 UTC", 2},
}

func (t *teller) contact(o organization, d desk, number int) comity.Contact {
	c := comity.Contact{
		Org: t.orgID(o.acronym), Function: d.function, Name: d.name + ", " + o.acronym,
		Email: d.mailbox + "@" + strings.ToLower(o.acronym) + ".example", Phone: fmt.Sprintf("+999 555 0%d", number), Hours: d.hours, Languages: "en",
	}
	if slices.Contains(o.regions, "europe") {
		c.Languages = "en, fr"
	}
	if d.function == comity.ContactFocalPoint {
		sum := sha256.Sum256(fmt.Appendf(nil, "demonstration key %s", o.acronym))
		c.Key = strings.ToUpper(hex.EncodeToString(sum[:20]))
	}
	if o.kind == comity.KindObserver {
		return c
	}
	ago := 5 + int(t.entropy("verified", o.acronym)[0])%120
	if slices.Contains(stale, o.acronym) {
		ago += 190
	}
	c.Verified = t.day.AddDays(-ago).Time().Add(9 * time.Hour)
	c.VerifiedBy = t.person(o.acronym, "", "ciso", comity.RoleFocalPoint).ID
	return c
}
