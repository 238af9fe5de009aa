package match

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"comity"
	"comity/match/version"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The slow twin: it says the rules again, as plainly as can be, on names and versions as they are written, every threat
// against every line, without index, cache or prepared form. What it shares with the matcher is what tests of their own
// hold: the order of versions, the likeness of names, and the fields of package URLs.

// twinMatch is what the twin finds.
type twinMatch struct {
	Threat     comity.ThreatID
	Software   comity.SoftwareID
	Confidence comity.Confidence
}

func twinFind(p comity.Profile, threats []comity.Threat) []twinMatch {
	var found []twinMatch
	for i := range threats {
		t := &threats[i]
		if t.Withdrawn != nil || t.Vulnerability == nil {
			continue
		}
		for _, s := range p.Software {
			patchedLongAgo := !s.PatchedOn.IsZero() && comity.DateOf(t.Published).Before(s.PatchedOn.AddDays(-90))
			if c := (twin{p, t, s}).confidence(); c > 0 && !patchedLongAgo {
				found = append(found, twinMatch{t.ID, s.ID, [...]comity.Confidence{"", comity.ConfidenceLow, comity.ConfidenceMedium, comity.ConfidenceHigh}[c]})
			}
		}
	}
	return found
}

type twin struct {
	profile comity.Profile
	threat  *comity.Threat
	subject comity.Software
}

// twinEntry is one product of the list with where it stands: configuration and node, or -1.
type twinEntry struct {
	comity.Affected
	configuration, node int
}

func (w twin) entries() []twinEntry {
	var list []twinEntry
	for i, c := range w.threat.Vulnerability.Configurations {
		for j, n := range c.Nodes {
			for _, a := range n.Products {
				if !c.Negate && !n.Negate && !a.Platform {
					list = append(list, twinEntry{a, i, j})
				}
			}
		}
	}
	for _, a := range w.threat.Vulnerability.Affected {
		if !a.Platform {
			list = append(list, twinEntry{a, -1, -1})
		}
	}
	return list
}

// confidence is 0 for no match, else 1 to 3.
func (w twin) confidence() int {
	all := w.entries()
	for _, how := range []identified{byCPE, byPURL, bySameName, byAlikeName} {
		if how == bySameName && twinNamesOthers(all, w.subject) {
			return 0
		}
		var configured, flat []twinEntry
		for _, e := range all {
			switch {
			case !twinIs(e.Affected, w.subject, how):
			case e.configuration >= 0:
				configured = append(configured, e)
			default:
				flat = append(flat, e)
			}
		}
		if len(configured) > 0 {
			return w.best(configured, how)
		}
		if len(flat) > 0 {
			return w.best(flat, how)
		}
	}
	v := newVulnerable(w.threat, newCatalogue())
	c, _ := v.likeName(&software{Software: w.subject, identity: newIdentity(w.subject)})
	return rank(c)
}

func twinNamesOthers(list []twinEntry, s comity.Software) bool {
	ours, ok := twinCPE(s.CPE, true)
	return ok && slices.ContainsFunc(list, func(e twinEntry) bool {
		theirs, ok := twinCPE(e.CPE, false)
		return ok && twinIncludes(theirs[1], ours[1])
	})
}

// best is the surest of the entries for the software's edition.
func (w twin) best(list []twinEntry, how identified) int {
	sort := func(e twinEntry) int { return int(twinEdition(e.Affected, w.subject)) }
	edition := sort(slices.MaxFunc(list, func(a, b twinEntry) int { return cmp.Compare(sort(a), sort(b)) }))
	if edition == int(another) {
		return 0
	}
	best := 0
	for _, e := range list {
		if sort(e) != edition {
			continue
		}
		c := 3
		if how == byAlikeName {
			c = 1
		}
		switch twinHolds(e.Affected, w.subject, how) {
		case no:
			continue
		case unsure:
			c = min(c, 2)
		case yes:
			if how != byPURL && twinPackaged(w.subject) && e.hasRange() {
				c = max(1, c-1)
			}
		}
		if edition == int(unsaid) {
			c = max(1, c-1)
		}
		switch w.configuration(e) {
		case no:
			continue
		case unsure:
			c = max(1, c-1)
		}
		best = max(best, c)
	}
	return best
}

// configuration answers whether what else the entry's configuration needs is there.
func (w twin) configuration(e twinEntry) answer {
	if e.configuration < 0 {
		return yes
	}
	c := w.threat.Vulnerability.Configurations[e.configuration]
	result := yes
	if n := c.Nodes[e.node]; n.Join == comity.JoinAnd {
		result = w.node(comity.ConfigurationNode{Join: comity.JoinAnd, Products: n.Products})
	}
	if c.Join == comity.JoinAnd {
		for i, n := range c.Nodes {
			if i != e.node {
				result = min(result, w.node(n))
			}
		}
	}
	return result
}

func (w twin) node(n comity.ConfigurationNode) answer {
	var answers []answer
	for _, a := range n.Products {
		answers = append(answers, w.inventory(a))
	}
	result := no
	switch {
	case n.Join == comity.JoinAnd && len(answers) == 0:
		result = yes
	case n.Join == comity.JoinAnd:
		result = slices.Min(answers)
	case len(answers) > 0:
		result = slices.Max(answers)
	}
	if n.Negate {
		return map[answer]answer{no: yes, unsure: unsure, yes: no}[result]
	}
	return result
}

// inventory answers whether any line is the product.
func (w twin) inventory(a comity.Affected) answer {
	theirs, ok := twinCPE(a.CPE, false)
	system := ok && theirs[0] == "o"
	if target := newIdentity(w.subject).target; system && systems[target] {
		if sameSystem(target, unescaped(strings.Trim(theirs[2], "*?"))) {
			return yes
		}
		return no
	}
	listed, best := false, no
	for _, s := range w.profile.Software {
		ours := newIdentity(s)
		if v, n := threatVendors(cmp.Or(a.Vendor, twinText(theirs, ok, 1)), cmp.Or(a.Product, twinText(theirs, ok, 2))), newAffected(&a, newCatalogue()).product.names; system &&
			!twinIs(a, s, byCPE) && !twinIs(a, s, byPURL) && sharesVendor(v, ours.vendors) && likest(n, ours.names) == unlike && otherRelease(n, ours.names) {
			listed = true // the same system in another release
		}
		for _, how := range []identified{byCPE, byPURL, bySameName} {
			if !twinIs(a, s, how) {
				continue
			}
			listed = true
			result := twinHolds(a, s, how)
			switch twinEdition(a, s) {
			case another:
				result = no
			case unsaid:
				result = min(result, unsure)
			}
			best = max(best, result)
			break
		}
	}
	if !listed && ok && (theirs[0] == "o" || theirs[0] == "h") {
		return unsure
	}
	return best
}

func twinText(c [11]string, ok bool, i int) string {
	if !ok {
		return ""
	}
	return strings.NewReplacer("*", "\x02", "?", "\x01").Replace(unescaped(c[i]))
}

// twinIs reports whether the line is the product, in one of the ways to tell.
func twinIs(a comity.Affected, s comity.Software, how identified) bool {
	switch how {
	case byCPE:
		theirs, ok := twinCPE(a.CPE, false)
		ours, okToo := twinCPE(s.CPE, true)
		return ok && okToo && twinIncludes(theirs[1], ours[1]) && twinIncludes(theirs[2], ours[2])
	case byPURL:
		theirs, ours := parsePURL(a.PURL), parsePURL(s.PURL)
		return theirs.key != "" && (theirs.key == ours.key || theirs.key == ours.upstream)
	}
	theirs, ours := newAffected(&a, newCatalogue()).product, newIdentity(s)
	if !sharesVendor(theirs.vendors, ours.vendors) {
		return false
	}
	return likest(theirs.names, ours.names) == map[identified]likeness{bySameName: sameName, byAlikeName: alike}[how]
}

// twinCPE splits a formatted string into eleven attributes; it is not ok for a name that identifies nothing, or, of the
// inventory, none that is one product.
func twinCPE(s string, inventory bool) (c [11]string, ok bool) {
	for i := range c {
		c[i] = "*"
	}
	s = strings.ToLower(s)
	if !strings.HasPrefix(s, "cpe:2.3:") {
		return c, false
	}
	for i, m := range naiveAttributes.FindAllStringSubmatch(s, -1)[1:] {
		c[i] = m[1]
	}
	for _, v := range c[1:3] {
		ok = strings.Trim(v, "*?-") != "" && (!inventory || !strings.ContainsAny(v, "*?"))
		if !ok {
			return c, false
		}
	}
	return c, true
}

func twinIncludes(source, target string) bool {
	r := naiveRelation(source, target)
	return r == equal || r == superset
}

func (e twinEntry) hasRange() bool {
	c, _ := twinCPE(e.CPE, false)
	return e.hasBound() || c[3] != "*"
}

func (e twinEntry) hasBound() bool {
	from := e.FromIncluding
	if from == "0" {
		from = ""
	}
	return from+e.FromExcluding+e.ToIncluding+e.ToExcluding+e.Version != ""
}

// twinPackaged reports whether the line's version is a distribution's.
func twinPackaged(s comity.Software) bool {
	u := parsePURL(s.PURL)
	return u.order.IsDistribution() && twinVersion(s, byCPE) != ""
}

// twinVersion is the line's version as it is compared with ranges of one sort; "" if it tells none.
func twinVersion(s comity.Software, how identified) string {
	u := parsePURL(s.PURL)
	if how == byPURL {
		switch {
		case version.Known(u.version) && (s.Version == "" || strings.Contains(u.version, s.Version)):
			return u.version
		case version.Known(s.Version):
			return s.Version
		}
		return ""
	}
	c, ok := twinCPE(s.CPE, false)
	own := ""
	if ok && c[3] != "*" && c[3] != "-" {
		own = unescaped(c[3])
		if c[4] != "*" && c[4] != "-" {
			own += " " + unescaped(c[4])
		}
	}
	for _, v := range []string{s.Version, own, u.version} {
		if version.Known(v) {
			return u.order.Upstream(v)
		}
	}
	return ""
}

// twinHolds answers whether the line's version is in the range.
func twinHolds(a comity.Affected, s comity.Software, how identified) answer {
	e := twinEntry{Affected: a}
	theirs, hasCPE := twinCPE(a.CPE, false)
	v := twinVersion(s, how)
	order := parsePURL(s.PURL).order
	if how != byPURL && order.IsDistribution() {
		order = version.Generic
	}
	after := func(bound string) int {
		x, b := order.Parse(v), order.Parse(bound)
		if x.HasBuild() && !b.HasBuild() {
			x = x.WithoutBuild()
		}
		return x.Compare(b)
	}
	switch {
	case !e.hasBound() && (!hasCPE || theirs[3] == "*"):
		return yes
	case !e.hasBound() && theirs[3] == "-" && a.Platform:
		return yes
	case !e.hasBound() && theirs[3] == "-":
		if ours, ok := twinCPE(s.CPE, true); ok && ours[3] != "*" && ours[3] != "-" {
			return no
		}
		if v == "" {
			return yes
		}
		return unsure
	case v == "":
		return unsure
	case !e.hasBound():
		return twinExactly(theirs, v, after)
	}
	holds := (a.FromIncluding == "" || a.FromIncluding == "0" || after(a.FromIncluding) >= 0) &&
		(a.FromExcluding == "" || after(a.FromExcluding) > 0) &&
		(a.ToIncluding == "" || after(a.ToIncluding) <= 0) &&
		(a.ToExcluding == "" || after(a.ToExcluding) < 0) &&
		(a.Version == "" || after(a.Version) == 0)
	return map[bool]answer{false: no, true: yes}[holds]
}

// twinExactly answers for a CPE name that is one version.
func twinExactly(theirs [11]string, v string, after func(string) int) answer {
	if strings.HasSuffix(theirs[3], "*") {
		return map[bool]answer{false: no, true: yes}[strings.HasPrefix(strings.ToLower(v), unescaped(strings.TrimSuffix(theirs[3], "*")))]
	}
	one := unescaped(theirs[3])
	if theirs[4] != "*" && theirs[4] != "-" {
		one += " " + unescaped(theirs[4])
	}
	if after(one) == 0 {
		return yes
	}
	if base, _, ok := strings.Cut(v, " "); ok && theirs[4] == "*" && version.Generic.Compare(base, one) == 0 {
		return yes
	}
	return no
}

// twinEdition compares editions: the more it says, the higher.
func twinEdition(a comity.Affected, s comity.Software) agreement {
	theirs, _ := twinCPE(a.CPE, false)
	ours, ok := twinCPE(s.CPE, true)
	said := newIdentity(s)
	for _, i := range []int{5, 6, 9, 10} {
		if value := func(v string) bool { return v != "*" && v != "-" }; ok && value(theirs[i]) && value(ours[i]) && naiveRelation(theirs[i], ours[i]) == disjoint {
			return another
		}
	}
	if ok && theirs[3] == "*" && theirs[4] != "*" && theirs[4] != "-" && ours[4] != "*" && ours[4] != "-" && naiveRelation(theirs[4], ours[4]) == disjoint {
		return another
	}
	result := anyOfThem
	name := " " + strings.Join(words(s.Name), " ") + " "
	if e := unescaped(theirs[7]); theirs[7] != "*" {
		inName := theirs[7] != "-" && strings.Contains(name, " "+strings.Join(words(e), " ")+" ")
		none := said.edition == string(notApplicable) && theirs[7] == "-"
		switch {
		case said.edition == "" && theirs[7] == "-":
		case none, inName, said.edition == e:
			result = ours2(result)
		case said.edition == "":
			result = unsaid
		default:
			return another
		}
	}
	switch target := habitat(unescaped(theirs[8])); {
	case theirs[8] == "*", theirs[8] == "-", target == said.target:
	case said.target != "" && systems[target] == systems[said.target]:
		return another
	case systems[target]:
		result = unsaid
	}
	switch u, v := parsePURL(a.PURL), said.purl; {
	case u.distro == "" || u.kind != v.kind:
	case v.distro == "":
		result = unsaid
	case !sameRelease(u.distro, v.distro):
		return another
	}
	return result
}

func ours2(a agreement) agreement {
	if a == unsaid {
		return a
	}
	return ours
}

// matcherFind is what the matcher finds, as the twin says it.
func matcherFind(p comity.Profile, threats []comity.Threat) []twinMatch {
	var found []twinMatch
	for _, m := range New(p).Find(threats, now) {
		found = append(found, twinMatch{m.Threat, m.Software, m.Confidence})
	}
	return found
}

// TestTwinOnLabelledCases holds the matcher to its twin where people have labelled.
func TestTwinOnLabelledCases(t *testing.T) {
	for _, row := range readLabelled(t) {
		threats := []comity.Threat{row.threat}
		if diff := gocmp.Diff(twinFind(row.profile, threats), matcherFind(row.profile, threats)); diff != "" && !strings.Contains(row.profile.Software[0].CPE, "cpe:/") {
			t.Errorf("line %d (-twin +matcher):\n%s", row.line, diff)
		}
	}
}

// TestTwinOnGenerated holds the matcher to its twin on profiles and threats of few words, so that they often meet.
func TestTwinOnGenerated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := comity.Profile{Org: org}
		for i := range rapid.IntRange(0, 6).Draw(t, "lines") {
			p.Software = append(p.Software, drawSoftware(t, i))
		}
		var threats []comity.Threat
		for i := range rapid.IntRange(1, 4).Draw(t, "threats") {
			threats = append(threats, drawThreat(t, i))
		}
		if diff := gocmp.Diff(twinFind(p, threats), matcherFind(p, threats)); diff != "" {
			t.Errorf("matches (-twin +matcher):\n%s", diff)
		}
	})
}

var (
	someVendors  = rapid.SampledFrom([]string{"acme", "microsoft", "linux"})
	someProducts = rapid.SampledFrom([]string{"agent", "agent_pro", "windows_10", "windows_server_2016", "linux_kernel"})
	someVersions = rapid.SampledFrom([]string{"1.0", "1.1", "1.1-rc1", "1.1 build 4", "2.0", "2.0a"})
)

func drawCPE(t *rapid.T, name string, list bool) string {
	draw := func(what string, values ...string) string { return rapid.SampledFrom(values).Draw(t, name+" "+what) }
	product := someProducts.Draw(t, name+" product")
	if list && draw("pattern", "no", "no", "no", "yes") == "yes" {
		product = product[:3] + "*"
	}
	v := draw("version", "*", "*", "*", "-", "1.0", "2.0", "1.*")
	if !list && v == "1.*" {
		v = "1.1"
	}
	return strings.Join([]string{
		"cpe:2.3", draw("part", "a", "a", "o", "h"), someVendors.Draw(t, name+" vendor"), product, v, draw("update", "*", "*", "-", "p1", "p2"),
		"*", draw("language", "*", "*", "*", "en", "fr"), draw("edition", "*", "*", "-", "esr", "pro"), draw("target", "*", "*", "*", "windows", "linux", "wordpress", "node.js"), "*", "*",
	}, ":")
}

func drawSoftware(t *rapid.T, i int) comity.Software {
	name := fmt.Sprintf("line %d", i)
	s := comity.Software{ID: comity.SoftwareID(fmt.Sprintf("sof_%016d", i))}
	s.Vendor = rapid.SampledFrom([]string{"Acme", "Microsoft", "Linux", ""}).Draw(t, name+" vendor")
	s.Name = rapid.SampledFrom([]string{"Agent", "Agent Pro", "Agent ESR", "Windows 10", "Windows Server 2019", "Linux Kernel", "Other"}).Draw(t, name)
	if rapid.Bool().Draw(t, name+" has a version") {
		s.Version = someVersions.Draw(t, name+" version")
	}
	if rapid.Bool().Draw(t, name+" has a CPE") {
		s.CPE = drawCPE(t, name, false)
	}
	if rapid.IntRange(0, 2).Draw(t, name+" has a purl") == 0 {
		s.PURL = rapid.SampledFrom([]string{
			"pkg:npm/agent@1.1.0", "pkg:deb/debian/agent@1.0-1", "pkg:deb/debian/libagent@1.1-2?upstream=agent&distro=debian-12",
			"pkg:deb/debian/agent@1:1.0-1?distro=bullseye", "pkg:golang/acme.example/agent",
		}).Draw(t, name+" purl")
	}
	return s
}

func drawAffected(t *rapid.T, name string) comity.Affected {
	var a comity.Affected
	if rapid.IntRange(0, 5).Draw(t, name+" is named by CPE") > 0 {
		a.CPE = drawCPE(t, name, true)
	} else {
		a.PURL = rapid.SampledFrom([]string{
			"pkg:npm/agent", "pkg:deb/debian/agent", "pkg:deb/debian/agent?distro=bookworm", "pkg:golang/acme.example/agent",
		}).Draw(t, name+" purl")
	}
	if rapid.IntRange(0, 9).Draw(t, name+" is named in words") == 0 {
		a.Vendor, a.Product = "Acme", "Agent"
	}
	for _, bound := range []*string{&a.FromIncluding, &a.FromExcluding, &a.ToIncluding, &a.ToExcluding} {
		if rapid.IntRange(0, 3).Draw(t, name+" has a bound") == 0 {
			*bound = rapid.SampledFrom([]string{"0", "1.0", "1.1", "1.1 build 4", "2.0"}).Draw(t, name+" bound")
		}
	}
	return a
}

func drawThreat(t *rapid.T, i int) comity.Threat {
	name := fmt.Sprintf("threat %d", i)
	x := kevEntry()
	x.ID = comity.ThreatID(fmt.Sprintf("thr_CVE-2026-%04d", i))
	x.Vulnerability.Vendor, x.Vulnerability.Product = "", ""
	if rapid.Bool().Draw(t, name+" is in the catalogue") {
		x.Vulnerability.Vendor, x.Vulnerability.Product = "Acme", "Agent"
	}
	for range rapid.IntRange(0, 2).Draw(t, name+" products") {
		x.Vulnerability.Affected = append(x.Vulnerability.Affected, drawAffected(t, name))
	}
	join := rapid.SampledFrom([]comity.Join{"", comity.JoinOr, comity.JoinAnd, comity.JoinAnd})
	for range rapid.IntRange(0, 2).Draw(t, name+" configurations") {
		c := comity.Configuration{Join: join.Draw(t, name+" join"), Negate: rapid.IntRange(0, 9).Draw(t, name+" negate") == 0}
		for range rapid.IntRange(1, 3).Draw(t, name+" nodes") {
			n := comity.ConfigurationNode{Join: join.Draw(t, name+" node join"), Negate: rapid.IntRange(0, 4).Draw(t, name+" node negate") == 0}
			for range rapid.IntRange(0, 3).Draw(t, name+" node products") {
				a := drawAffected(t, name)
				a.Platform = rapid.IntRange(0, 2).Draw(t, name+" platform") == 0
				n.Products = append(n.Products, a)
			}
			c.Nodes = append(c.Nodes, n)
		}
		x.Vulnerability.Configurations = append(x.Vulnerability.Configurations, c)
	}
	return x
}

// TestTwinOnRealRecords holds the matcher to its twin on the public samples: some of the vulnerabilities of each against
// an inventory of what others of it name, in versions of their ranges, and of what they run on.
func TestTwinOnRealRecords(t *testing.T) {
	for _, file := range []struct {
		name       string
		each, line int // every which vulnerability and product
		least      int // matches, or there is too little to tell
	}{
		{"nvd-cpe-overrides-sample", 50, 97, 10},
		{"vulnrichment-2024-10-24-sample", 50, 97, 10},
		{"go-vulndb-osv-sample", 10, 29, 10},
	} {
		t.Run(file.name, func(t *testing.T) {
			all := realRecords(t, file.name)
			p := comity.Profile{Org: org, Software: inventoryOf(all, file.line)}
			var threats []comity.Threat
			for i := 0; i < len(all); i += file.each {
				threats = append(threats, all[i])
			}
			want := twinFind(p, threats)
			if diff := gocmp.Diff(want, matcherFind(p, threats)); diff != "" {
				t.Errorf("matches (-twin +matcher):\n%s", diff)
			}
			if len(want) < file.least {
				t.Errorf("%d matches of %d vulnerabilities and %d lines: too few to tell", len(want), len(threats), len(p.Software))
			}
			t.Logf("%d matches of %d vulnerabilities and %d lines", len(want), len(threats), len(p.Software))
		})
	}
}

// inventoryOf returns a line for every nth product that the vulnerabilities name, in a version that its range names.
func inventoryOf(threats []comity.Threat, n int) []comity.Software {
	var lines []comity.Software
	seen := map[string]bool{}
	place := 0
	add := func(a comity.Affected) {
		name, ok := parseCPE(a.CPE)
		key := name.key() + a.PURL + a.Vendor + a.Product
		place++
		if ok && name.hasPattern() || !ok && a.PURL == "" || seen[key] || place%n != 0 && !a.Platform {
			return
		}
		seen[key] = true
		s := comity.Software{
			ID: comity.SoftwareID(fmt.Sprintf("sof_%016d", place)), Vendor: cmp.Or(a.Vendor, name.vendor()), Name: cmp.Or(a.Product, name.product(), a.PURL),
			Version: cmp.Or(a.FromIncluding, a.ToIncluding, a.ToExcluding, a.Version), PURL: a.PURL, Placement: comity.InternetFacing,
		}
		if place%2 == 0 { // every other line is known by its name only
			s.CPE = a.CPE
		}
		lines = append(lines, s)
	}
	for _, x := range threats {
		for _, c := range x.Vulnerability.Configurations {
			for _, node := range c.Nodes {
				for _, a := range node.Products {
					add(a)
				}
			}
		}
		for _, a := range x.Vulnerability.Affected {
			add(a)
		}
	}
	return lines
}
