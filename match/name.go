package match

import (
	"regexp"
	"slices"
	"strings"

	"comity"
)

// likeness says how alike two names are.
type likeness uint8

const (
	unlike   likeness = iota
	alike             // one name stands inside the other: low confidence
	sameName          // the same product, up to edition, release and spelling
)

// productName is one way to call a product: its words, normal, without the vendor's.
type productName []string

func (n productName) compact() string { return strings.Join(n, "") }

// words returns the words of a name as it is compared. "and" and "the" tell nothing apart.
func words(s string) []string {
	fields := strings.Fields(comity.NormalName(s))
	var kept []string
	for _, w := range fields {
		if w == "and" || w == "the" {
			continue
		}
		kept = append(kept, respelled(w)...)
	}
	return kept
}

// vendorKeys returns the canonical keys of a vendor's name, which may name several: "D-Link and TRENDnet", "Hewlett
// Packard (HP)".
func vendorKeys(vendor string) []string {
	var keys []string
	for _, part := range splitNames(vendor) {
		if k := vendorKey(words(part)); k != "" && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

// vendorKey returns the words as one, without what companies add to their name, under the name of the owner if the
// company was bought or renamed.
func vendorKey(fields []string) string {
	key := strings.Join(fields, "")
	for {
		if owner, ok := owners[key]; ok {
			return owner
		}
		shorter := key
		for _, suffix := range vendorSuffixes {
			shorter = strings.TrimSuffix(shorter, suffix)
		}
		if shorter == key || len(shorter) < 2 {
			return key
		}
		key = shorter
	}
}

// parenthesis is a remark or an acronym in brackets.
var parenthesis = regexp.MustCompile(`\(([^()]*)\)`)

// parentheses returns what stands in brackets, less "formerly" and its like.
func parentheses(s string) []string {
	if !strings.Contains(s, "(") {
		return nil
	}
	var inside []string
	for _, m := range parenthesis.FindAllStringSubmatch(s, -1) {
		inside = append(inside, strings.TrimSpace(formerly.ReplaceAllString(m[1], "")))
	}
	return inside
}

func withoutParentheses(s string) string {
	if !strings.Contains(s, "(") {
		return s
	}
	return parenthesis.ReplaceAllString(s, " ")
}

// splitNames returns the names that a text lists: its parts between commas, slashes, "and" and "or", and what stands
// in brackets.
func splitNames(s string) []string {
	names := parentheses(s)
	for _, part := range splitList(withoutParentheses(s)) {
		names = append(names, strings.TrimSpace(part))
	}
	return slices.DeleteFunc(names, func(n string) bool { return n == "" })
}

func splitList(s string) []string {
	if !strings.ContainsAny(s, ",/") && !strings.Contains(s, " ") {
		return []string{s}
	}
	return listSeparator.Split(s, -1)
}

var (
	listSeparator = regexp.MustCompile(`(?i)\s*[,/]\s*(?:and\s+|or\s+)?|\s+and\s+|\s+or\s+`)
	formerly      = regexp.MustCompile(`(?i)^\s*(?:formerly(?: known as)?|aka|also known as)\s+`)
)

// productNames returns the ways in which a catalogue's product field can be meant: as a whole, each product that it
// lists, and acronyms in brackets. The vendor's own words in front are taken off.
func productNames(product string, vendors []string) []productName {
	whole := words(withoutParentheses(product))
	names := addName(nil, whole, vendors)
	var head []string
	for _, part := range splitNames(product) {
		w := words(part)
		if len(w) > 0 && allGeneric(w) && len(head) > 1 {
			// "Confluence Server and Data Center": the second part leans on the first.
			names = addName(names, append(slices.Clone(head[:len(head)-1]), w...), vendors)
		}
		names = addName(names, w, vendors)
		if !allGeneric(w) {
			head = w
		}
	}
	return names
}

// addName adds a name, less the vendor's words. Where only a word such as "Core" is left, the vendor's name is the
// product's too: "Drupal Core" is Drupal.
func addName(names []productName, w, vendors []string) []productName {
	short := withoutVendor(w, vendors)
	candidates := []productName{short}
	if !slices.ContainsFunc(short, func(x string) bool { return !flagship[x] }) {
		candidates = append(candidates, vendorNames(vendors)...)
	}
	for _, c := range candidates {
		known := slices.ContainsFunc(names, func(n productName) bool { return slices.Equal(n, c) })
		if len(c) > 0 && !known {
			names = append(names, c)
		}
	}
	return names
}

func vendorNames(vendors []string) []productName {
	var names []productName
	for _, v := range vendors {
		names = append(names, productName{v})
	}
	return names
}

// longestVendor is how many words of a name can be the vendor's.
const longestVendor = 4

// withoutVendor takes the vendor's words off the front, unless nothing else is there but a release: "PHP 7.3" is PHP.
func withoutVendor(w, vendors []string) productName {
	for n := min(longestVendor, len(w)-1); n > 0; n-- {
		if slices.Contains(vendors, vendorKey(w[:n])) && slices.ContainsFunc(w[n:], func(x string) bool { return !isRelease(x) }) {
			return w[n:]
		}
	}
	return w
}

// wording is one way to call a product with everything that comparing needs, computed once.
type wording struct {
	name       productName
	base       productName // without the words of edition, release and form at its end
	compact    string      // the letters of the name
	baseLetter string      // those of the base
	formLetter string      // those of the name without edition and form, numbers kept
	baseText   string      // the words of the base, each with a space on both sides
	number     string      // tells generations and models apart, see productName.number
	generic    bool        // the base is of general words only
	platform   bool        // the base names what others put in front of theirs
	other      bool        // the base has a word that makes another product of what it follows
}

// wordings prepares names to be compared.
func wordings(names []productName) []wording {
	list := make([]wording, len(names))
	for i, n := range names {
		b := n.base()
		list[i] = wording{
			name: n, base: b, compact: n.compact(), baseLetter: b.compact(), formLetter: n.form().compact(),
			baseText: " " + strings.Join(b, " ") + " ", number: n.number(), generic: allGeneric(b),
			platform: platforms[strings.Join(b, " ")], other: slices.ContainsFunc(b, func(w string) bool { return otherProduct[w] }),
		}
	}
	return list
}

// compareNames says how alike the product of a threat and the software of a profile are. The rules, first that applies:
//
//  1. The same letters, or the same once words of edition, release and form are taken off: the same name. But not if
//     both give a number and they differ: Struts 1 is not Struts 2.
//  2. A name made of general words only ("gateway", "web server") is nothing but itself.
//  3. One begins with the other and goes on with words that make another product of it (XE, Code, Plugin): unlike.
//  4. The software begins with, or has in it, the threat's product: alike, unless that is the name of a platform on which
//     others build ("Windows Admin Center" is not Windows).
//  5. The threat's product begins with, or has in it, the software: alike, as in "Chrome Blink" and Chrome.
func compareNames(threat, ours *wording) likeness {
	if threat.compact == ours.compact {
		return sameName
	}
	if !threat.generic && (threat.baseLetter == ours.baseLetter || threat.formLetter == ours.formLetter) {
		if threat.number != "" && ours.number != "" && threat.number != ours.number {
			return unlike
		}
		return sameName
	}
	if threat.generic || ours.generic {
		return unlike
	}
	return contained(threat, ours)
}

func contained(t, o *wording) likeness {
	switch {
	case startsWith(o.base, t.base):
		return goesOn(o.base[len(t.base):], t.platform)
	case startsWith(t.base, o.base):
		return goesOn(t.base[len(o.base):], false)
	case inside(o, t), inside(t, o):
		return alike
	default:
		return unlike
	}
}

// shortestInside is how many letters a name needs to be looked for in the middle of another.
const shortestInside = 3

// goesOn judges what follows a name that both have in common.
func goesOn(rest []string, platform bool) likeness {
	if platform || slices.ContainsFunc(rest, func(w string) bool { return otherProduct[w] }) {
		return unlike
	}
	return alike
}

func startsWith(w, prefix productName) bool {
	return len(w) > len(prefix) && slices.Equal(w[:len(prefix)], prefix)
}

// inside reports whether the words of part stand in w, one after the other, and make it no other product.
func inside(w, part *wording) bool {
	return len(part.baseLetter) >= shortestInside && !part.platform && !w.other && strings.Contains(w.baseText, part.baseText)
}

// base is the name without the words of edition, release and form at its end; the first word always stays.
func (n productName) base() productName {
	end := len(n)
	for end > 1 && isEdition(n[end-1]) {
		end--
	}
	return n[:end]
}

// form is the name without the words of edition and form at its end, numbers kept: SMA100 Appliances is SMA 100.
func (n productName) form() productName {
	end := len(n)
	for end > 1 && isEdition(n[end-1]) && !isNumber(n[end-1]) {
		end--
	}
	return n[:end]
}

// number is the first word after the base that begins with a digit, which tells generations and models apart; empty if
// there is none.
func (n productName) number() string {
	for _, w := range n[len(n.base()):] {
		if '0' <= w[0] && w[0] <= '9' {
			return w
		}
	}
	return ""
}

func isNumber(w string) bool { return strings.Trim(w, "0123456789") == "" }

// isRelease reports whether the word is a number, or one such as R2, SP1, CU13, U3, v7, 64bit or 7a.
func isRelease(w string) bool {
	digits := strings.TrimLeft(w, "abcdefghijklmnopqrstuvwxyz")
	rest := strings.TrimLeft(digits, "0123456789")
	if len(rest) == len(digits) || !releasePrefix[w[:len(w)-len(digits)]] {
		return false
	}
	return rest == "" || rest == "bit" || len(rest) == 1 && 'a' <= rest[0] && rest[0] <= 'z'
}

var releasePrefix = map[string]bool{
	"": true, "r": true, "sp": true, "cu": true, "su": true, "u": true, "v": true, "p": true, "x": true,
}

func isEdition(w string) bool { return editions[w] || isRelease(w) }

func allGeneric(w []string) bool {
	return !slices.ContainsFunc(w, func(x string) bool { return !generic[x] && !isEdition(x) })
}
