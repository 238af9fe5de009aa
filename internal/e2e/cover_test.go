package e2e

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// linked are pages of the matrix whose address only a list tells: what the list's first link leads to, what the first link
// of that page leads to where then says which, and what is below.
var linked = []struct {
	role, list, link, then string
	below                  string
}{
	{"focal-point", "/threats?touching=us", "main a[href^='/threats/']", "", ""},
	{"focal-point", "/threats?kind=indicator", "main a[href^='/threats/']", "", ""},
	{"focal-point", "/threats?kind=report", "main a[href^='/threats/']", "", ""},
	{"focal-point", "/threats?q=DEMO-SET-07", "main a[href^='/threats/']", "", ""},
	{"focal-point", "/actions", "main a[href^='/actions/act_']", "", ""},
	{"focal-point", "/organization/scores", "main table a[href^='/organization/scores/']", "", ""},
	{"focal-point", "/projects?closed=1", "main a[href^='/projects/prj_']", "", ""},
	{"secretariat", "/projects", "main a[href^='/projects/prj_']", "", "/edit"},
	{"focal-point", "/members", "main .own a[href^='/members/org_']", "", ""},
	{"focal-point", "/members", "main .own a[href^='/members/org_']", "", "/operational"},
	{"focal-point", "/members", ".main-nav a[href^='/administration/organizations/org_']", "", ""},
	{"focal-point", "/organization/webhooks", "main a[href^='/organization/webhooks/whk_']", "", ""},
	{"focal-point", "/profile/software", "main a[href^='/profile/software/sof_']", "", ""},
	{"focal-point", "/baselines", "main a[href^='/baselines/bas_']", "", ""},
	{"focal-point", "/baselines", "main a[href^='/baselines/bas_']", "", "?revision=1&group=GV.OC"},
	{"focal-point", "/baselines", "main a[href^='/baselines/bas_']", "", "/difference"},
	{"focal-point", "/baseline", "main a[href^='/baseline/bas_']", "", ""},
	{"focal-point", "/baseline", "main a[href^='/baseline/bas_']", "", "/gaps"},
	{"focal-point", "/baseline", "main a[href^='/baseline/bas_']", "", "/history"},
	{"focal-point", "/baseline", "main a[href^='/baseline/bas_']", "", "/import"},
	{"focal-point", "/baseline", "main a[href^='/baseline/bas_']", "", "/families/GV.OC"},
	{"parent-network-reader", "/reports", "main a[href^='/reports/rpt_']", "", ""},
	{"secretariat", "/reports", "main a[href^='/reports/rpt_']", "", ""},
	{"secretariat", "/reports", "main a[href^='/reports/rpt_']", "", "/edit"},
	{"focal-point", "/sessions?kind=executive", "main a[href^='/sessions/gse_']", "", ""},
	{"focal-point", "/sessions?kind=executive", "main a[href^='/sessions/gse_']", "", "/minutes"},
	{"focal-point", "/decisions", "main a[href^='/decisions/dec_']", "", ""},
	{"secretariat", "/sessions?kind=executive", "main a[href^='/sessions/gse_']", "", "/live"},
	{"secretariat", "/sessions?kind=executive", "main a[href^='/sessions/gse_']", "", "/minutes"},
	{"secretariat", "/sessions?kind=regular", "main a[href^='/sessions/gse_']", "", ""},
	{"secretariat", "/sessions?kind=regular", "main a[href^='/sessions/gse_']", "", "/edit"},
	{"secretariat", "/sessions?kind=regular", "main a[href^='/sessions/gse_']", "", "/items/new"},
	{"secretariat", "/sessions?kind=regular", "main a[href^='/sessions/gse_']", "main .agenda a[href*='/items/agi_']", ""},
	{"focal-point", "/documents?kind=terms-of-reference", "main th a[href^='/documents/doc_']", "", ""},
	{"focal-point", "/documents?kind=terms-of-reference", "main th a[href^='/documents/doc_']", "main th a[href$='/2']", ""},
	{"focal-point", "/documents?kind=terms-of-reference", "main th a[href^='/documents/doc_']", "", "/difference?from=1&to=2"},
	{"secretariat", "/documents?kind=terms-of-reference", "main th a[href^='/documents/doc_']", "", "/edit"},
	{"secretariat", "/documents?kind=terms-of-reference", "main th a[href^='/documents/doc_']", "", "/draft"},
	{"focal-point", "/procedures?state=open", "main a[href^='/procedures/pro_']", "", ""},
	{"focal-point", "/procedures?state=adopted", "main a[href^='/procedures/pro_']", "", ""},
	{"secretariat", "/procedures?state=open", "main a[href^='/procedures/pro_']", "", ""},
	{"focal-point", "/group", "main a[href^='/group/working-groups/wgr_']", "", ""},
	{"secretariat", "/group", "main a[href^='/group/working-groups/wgr_']", "", "/edit"},
	{"secretariat", "/administration", "main a[href^='/administration/organizations/org_']", "", "/edit"},
	{"secretariat", "/administration", "main a[href^='/administration/organizations/org_']", "", "/invite"},
	{"secretariat", "/administration", "main a[href^='/administration/organizations/org_']", "main a[href^='/administration/people/per_']", ""},
}

// looked are pages that tests of their own look at, because they need something to happen first.
var looked = map[string]string{
	"/invitation/{secret}":    "TestInvitedFocalPoint",
	"/setup/{secret}":         "TestSetup",
	"/unsubscribe/{token}":    "TestMail",
	"/profile/import/preview": "TestPreviewLooks",

	"/sessions/import/preview":      "TestSessionImportLooks",
	"/baselines/import/preview":     "TestBaselinePreviewLooks",
	"/baseline/{id}/import/preview": "TestAnswersPreviewLooks",
}

// noPage are the ends of paths that answer something else than a page.
var noPage = regexp.MustCompile(`\.(csv|vcf|zip|json|xlsx|pdf|docx|html|ics|atom|md)$|/current$|/version$|^/intake$|^/profile/$|/objects/\{id\}$|/\{file\}$|\.$`)

var routes = regexp.MustCompile(`\.handle\("GET (/[^"]*)"`)

// TestMatrixHasEveryPage compares the pages that are looked at with those that there are.
func TestMatrixHasEveryPage(t *testing.T) {
	files, err := filepath.Glob("../../web/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	shown := shownPaths()
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range routes.FindAllStringSubmatch(string(source), -1) {
			route := strings.TrimSuffix(match[1], "{$}")
			if _, elsewhere := looked[route]; elsewhere || noPage.MatchString(route) {
				continue
			}
			if !matches(route, shown) {
				t.Errorf("%s: nothing looks at %s in both languages, colours and widths: add it to pages or linked", filepath.Base(file), route)
			}
		}
	}
}

// shownPaths returns the paths of the matrix; those that a list tells have a word in place of what differs.
func shownPaths() []string {
	var paths []string
	for _, p := range pages {
		paths = append(paths, p.paths...)
	}
	for _, l := range linked {
		_, target, _ := strings.Cut(cmp.Or(l.then, l.link), "href^='")
		target, _, _ = strings.Cut(target, "'")
		paths = append(paths, target+"x"+l.below)
	}
	for i, p := range paths {
		paths[i], _, _ = strings.Cut(p, "?")
	}
	return paths
}

var wildcard = regexp.MustCompile(`\\\{[a-z]+\\\}`)

// matches reports whether one of the paths is of this route.
func matches(route string, paths []string) bool {
	pattern := regexp.MustCompile("^" + wildcard.ReplaceAllString(regexp.QuoteMeta(route), "[^/]+") + "$")
	for _, p := range paths {
		if pattern.MatchString(p) {
			return true
		}
	}
	return false
}
