package web

import (
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"comity"
)

// contactColumns head the file of contacts.
var contactColumns = []string{
	"tlp", "acronym", "organization", "kind", "co_chair", "function", "name", "email", "phone", "openpgp_fingerprint", "other", "hours",
	"languages", "last_verified", "overdue",
}

func (s *site) exportContactsCSV(c *call) error {
	v, err := c.directory()
	if err != nil {
		return err
	}
	rows := [][]string{contactColumns}
	for _, m := range v.Members {
		for _, t := range m.Contacts {
			rows = append(rows, []string{
				v.Marking.String(), m.Acronym, m.Name, string(m.Kind), yes(m.CoChair), string(t.Function), t.Name, t.Email, t.Phone, t.Key,
				t.Other, t.Hours, t.Languages, day(t.Verified), yes(t.Overdue),
			})
		}
	}
	return c.writeCSV(exportName(c, "contacts", "csv"), rows)
}

func exportName(c *call, what, ending string) string {
	return strings.ToLower(c.group.Acronym) + "-" + what + "-" + comity.DateOf(c.site.now()).String() + "." + ending
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// day writes the day of a time, and nothing for none.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return comity.DateOf(t).String()
}

// exportContactsCard answers with one vCard for each contact. Source: RFC 6350, vCard 4.0.
func (s *site) exportContactsCard(c *call) error {
	v, err := c.directory()
	if err != nil {
		return err
	}
	c.attach("text/vcard; charset=utf-8", exportName(c, "contacts", "vcf"))
	var b strings.Builder
	for _, m := range v.Members {
		for _, t := range m.Contacts {
			writeCard(&b, m.Organization, t.Contact, v.Marking)
		}
	}
	_, _ = io.WriteString(c.w, b.String()) // who went away does not hear of it
	return nil
}

func writeCard(b *strings.Builder, o comity.Organization, t comity.Contact, label comity.TLP) {
	add := func(property, value string) {
		if value != "" {
			foldLine(b, property+":"+cardText(value))
		}
	}
	b.WriteString("BEGIN:VCARD\r\nVERSION:4.0\r\n")
	add("UID", "comity:"+string(o.ID)+"/"+string(t.Function))
	add("FN", t.Name+" ("+o.Acronym+")")
	foldLine(b, "ORG:"+cardText(o.Name)+";"+cardText(o.Acronym))
	add("ROLE", string(t.Function))
	add("EMAIL;TYPE=work", t.Email)
	add("TEL;TYPE=work,voice", t.Phone)
	add("NOTE", strings.Join(nonEmpty(label.String(), t.Hours, t.Languages, t.Other, prefixed("OpenPGP ", t.Key)), "\n"))
	if !t.Verified.IsZero() {
		foldLine(b, "REV:"+t.Verified.UTC().Format("20060102T150405Z"))
	}
	b.WriteString("END:VCARD\r\n")
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

func nonEmpty(list ...string) []string {
	var kept []string
	for _, s := range list {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return kept
}

// cardText escapes a text value. Source: RFC 6350 §3.4.
func cardText(s string) string {
	return strings.NewReplacer(`\`, `\\`, ",", `\,`, ";", `\;`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`).Replace(s)
}

// foldLine writes a line, folded so that none has more than 75 bytes and no character is cut. Source: RFC 6350 §3.2.
func foldLine(b *strings.Builder, s string) {
	for room := 75; len(s) > room; room = 74 {
		n := room
		for !utf8.RuneStart(s[n]) {
			n--
		}
		b.WriteString(s[:n] + "\r\n ")
		s = s[n:]
	}
	b.WriteString(s + "\r\n")
}
