package web

import (
	"encoding/csv"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"comity"

	"golang.org/x/net/html"
)

// calculator reads the numbers that a page prints, as somebody with a pocket calculator would.
type calculator struct {
	t    *testing.T
	root *html.Node
}

func (d *desk) calculator(path string) calculator {
	d.t.Helper()
	root, err := html.Parse(strings.NewReader(d.get("anna", path).want(http.StatusOK).Body))
	d.must(err)
	return calculator{d.t, root}
}

// elements returns the elements below n for which is holds, in order.
func elements(n *html.Node, is func(*html.Node) bool) []*html.Node {
	var list []*html.Node
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode && is(c) {
			list = append(list, c)
		}
		list = append(list, elements(c, is)...)
	}
	return list
}

func byID(id string) func(*html.Node) bool {
	return func(n *html.Node) bool { return attribute(n, "id") == id }
}

func byClass(class string) func(*html.Node) bool {
	return func(n *html.Node) bool { return slices.Contains(strings.Fields(attribute(n, "class")), class) }
}

func byTag(tag string) func(*html.Node) bool {
	return func(n *html.Node) bool { return n.Data == tag }
}

func printed(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(printed(c))
	}
	return b.String()
}

// number reads the last number of a text.
func (c calculator) number(text string) float64 {
	c.t.Helper()
	words := strings.Fields(text)
	if len(words) == 0 {
		c.t.Fatal("no number where one should be printed")
	}
	x, err := strconv.ParseFloat(words[len(words)-1], 64)
	if err != nil {
		c.t.Fatalf("%q is no number", text)
	}
	return x
}

func (c calculator) at(id string) float64 {
	c.t.Helper()
	found := elements(c.root, byID(id))
	if len(found) != 1 {
		c.t.Fatalf("%d elements with the id %s", len(found), id)
	}
	return c.number(printed(found[0]))
}

// cells returns the printed numbers of the cells of a row; an empty cell is 0, and one of words too.
func (c calculator) cells(row *html.Node) []float64 {
	var list []float64
	for _, td := range elements(row, byTag("td")) {
		x, err := strconv.ParseFloat(strings.TrimSpace(printed(td)), 64)
		if err != nil {
			x = 0
		}
		list = append(list, x)
	}
	return list
}

// factors multiplies what is printed as "1 − κ × ε".
func (c calculator) factors(row *html.Node, class string) float64 {
	c.t.Helper()
	product := 1.0
	for _, span := range elements(row, byClass(class)) {
		_, factor, _ := strings.Cut(printed(span), "1 − ")
		a, b, ok := strings.Cut(factor, " × ")
		if !ok {
			c.t.Fatalf("%q is no factor", printed(span))
		}
		product *= 1 - c.number(a)*c.number(b)
	}
	return product
}

// agrees fails the test where what was computed by hand differs from what is printed in the first four digits.
func (c calculator) agrees(what string, got, shown float64) {
	c.t.Helper()
	if math.Abs(got-shown) > 1e-4*math.Abs(shown)+1e-12 {
		c.t.Errorf("%s: by hand %v, printed %v", what, got, shown)
	}
}

// recorded is a desk on which anna's organisation has incidents, a report, suppliers and an open vulnerability.
func recorded(t *testing.T) *desk {
	d := newDesk(t)
	d.exposed(d.a, "Alpha")
	from, to := comity.DateOf(d.now.AddDate(-3, 0, 0)), comity.DateOf(d.now)
	for i, e := range []comity.Evidence{
		{Kind: comity.EvidenceIncident, Scenario: "edge-exploitation", Count: 2, From: from, To: to, Weight: 1},
		{Kind: comity.EvidencePeer, Scenario: "edge-exploitation", Count: 4, From: from, To: to, Weight: .25},
		{Kind: comity.EvidenceAttempt, Scenario: "edge-exploitation", Count: 5, From: from, To: to, Weight: 1},
		{Kind: comity.EvidenceReport, Scenario: "edge-exploitation", Multiplier: 3, HalfLife: 90, Confidence: .8, To: to, Cluster: "one"},
		{Kind: comity.EvidenceReport, Scenario: "edge-exploitation", Multiplier: 2, HalfLife: 120, Confidence: .5, To: to.AddDays(-30), Cluster: "two"},
		{Kind: comity.EvidenceIncident, Scenario: "operator-error", Count: 1, From: from, To: to, Weight: 1},
	} {
		e.ID, e.Org, e.Recorded = comity.MakeEvidenceID(comity.Entropy{byte(i + 1)}), d.a.ID, d.now
		d.must(d.store.PutEvidence(t.Context(), deskSystem, e))
	}
	return d
}

// TestScenarioByHand computes every figure of a scenario again from the numbers that its page prints.
func TestScenarioByHand(t *testing.T) {
	d := recorded(t)
	for _, id := range []string{"edge-exploitation", "operator-error", "espionage", "supplier-compromise"} {
		c := d.calculator("/organization/scenarios/" + id + "/formula")
		alpha, beta := c.at("alpha0"), c.at("beta0")
		for _, row := range elements(c.root, byClass("evidence")) {
			n := c.cells(row) // n, T, w, v
			alpha += n[2] * n[0]
			beta += n[2] * n[3] * n[1]
		}
		c.agrees(id+" α", alpha, c.at("alpha"))
		c.agrees(id+" β", beta, c.at("beta"))
		c.agrees(id+" λ", alpha/beta, c.at("lambda"))
		c.agrees(id+" M", c.modulator(id), c.at("m"))
		c.agrees(id+" v", c.susceptibility(id), c.at("v"))

		shared := 0.0
		for _, row := range elements(c.root, byClass("shared")) {
			n := c.cells(row)
			c.agrees(id+" θMp", n[0]*n[1]*n[2], n[3])
			shared += n[3]
		}
		c.agrees(id+" s", shared, c.at("shared"))
		events := c.at("lambda")*c.at("m")*c.at("v") + shared
		c.agrees(id+" Λ", events, c.at("events"))
		above, mean := c.loss(id)
		c.agrees(id+" a", above, c.at("above"))
		c.agrees(id+" E[X]", mean, c.at("mean"))
		c.agrees(id+" mean loss", events*mean, c.at("mean-loss"))
		c.agrees(id+" E", events*above, c.at("expected"))
		none := math.Pow(1+c.at("m")*c.at("v")*above/beta, -alpha) * math.Exp(-shared*above)
		c.agrees(id+" P at means", 1-none, c.at("at-means"))
	}
}

// modulator averages min(10, Π m(t)) over the printed moments, with m(t) from the printed reports.
func (c calculator) modulator(id string) float64 {
	nodes := elements(c.root, byID("nodes"))
	if len(nodes) == 0 {
		return 1
	}
	clusters := map[string][][]float64{}
	for _, row := range elements(elements(c.root, byID("reports"))[0], byTag("tr")) {
		if cells := c.cells(row); len(cells) == 4 {
			clusters[attribute(row, "class")] = append(clusters[attribute(row, "class")], cells)
		}
	}
	sum := 0.0
	for _, row := range elements(nodes[0], byTag("tr")) {
		n := c.cells(row)
		if len(n) != 3 {
			continue
		}
		product := 1.0
		for _, reports := range clusters {
			largest := math.Inf(-1)
			for _, r := range reports { // m₀, c, h, age
				largest = max(largest, 1+r[1]*(r[0]-1)*math.Exp2(-(n[0]+r[3])/r[2]))
			}
			product *= largest
		}
		c.agrees(id+" m(t)", min(10, product), n[1])
		sum += n[2] * n[1]
	}
	return sum
}

// susceptibility multiplies the stages, each from its techniques' printed factors.
func (c calculator) susceptibility(id string) float64 {
	mixes, adaptives := 1.0, 1.0
	stages := elements(c.root, byClass("stage"))
	for _, stage := range stages {
		mix, adaptive := 0.0, 0.0
		for _, row := range elements(stage, byClass("technique")) {
			n := c.cells(row) // ω, –, r, –, P₃₀, r′
			r := max(.05, c.factors(row, "control"))
			c.agrees(id+" r", r, n[2])
			none := c.factors(row, "opener")
			if rest := elements(row, byClass("rest")); len(rest) > 0 {
				none *= c.number(printed(rest[0]))
			}
			c.agrees(id+" P₃₀", 1-none, n[4])
			opened := 1 - (1-r)*(1-n[4])
			c.agrees(id+" r′", opened, n[5])
			mix, adaptive = mix+n[0]*opened, max(adaptive, opened)
		}
		c.agrees(id+" mix", mix, c.number(printed(elements(stage, byClass("mix"))[0])))
		c.agrees(id+" adaptive", adaptive, c.number(printed(elements(stage, byClass("adaptive"))[0])))
		mixes, adaptives = mixes*mix, adaptives*adaptive
	}
	if len(stages) > 0 && math.Abs(adaptives-c.at("v")) < math.Abs(mixes-c.at("v")) {
		return adaptives
	}
	return mixes
}

// loss returns the share above the tolerance and the mean of one incident, over the printed grades.
func (c calculator) loss(id string) (above, mean float64) {
	for _, row := range elements(c.root, byClass("level")) {
		cells := c.cells(row)
		sum := 0.0
		for _, area := range elements(row, byClass("area")) {
			low, high, ok := strings.Cut(printed(elements(area, byTag("bdi"))[0]), " – ")
			if !ok {
				c.t.Fatalf("no interval in %q", printed(area))
			}
			l, u := math.Log(c.number(low)), math.Log(c.number(high))
			mu, sigma := (l+u)/2, (u-l)/3.28971
			c.agrees(id+" μ", mu, c.number(printed(elements(area, byClass("mu"))[0])))
			c.agrees(id+" σ", sigma, c.number(printed(elements(area, byClass("sigma"))[0])))
			one := math.Exp(mu + sigma*sigma/2)
			c.agrees(id+" mean of an area", one, c.number(printed(elements(area, byClass("area-mean"))[0])))
			sum += one
		}
		n := len(cells)
		c.agrees(id+" mean of a grade", sum, cells[n-4])
		above += cells[0] * cells[n-2]
		mean += cells[0] * sum
		if exact, check := cells[n-2], cells[n-1]; math.Abs(exact-check) > .01 {
			c.t.Errorf("%s: the lognormal check %v is far from %v", id, check, exact)
		}
	}
	return above, mean
}

// TestHeadlineByHand computes the headline from the numbers of its page, and from the draws that can be downloaded.
func TestHeadlineByHand(t *testing.T) {
	d := recorded(t)
	c := d.calculator("/organization/formula")
	exponents, expected, loss := 0.0, 0.0, 0.0
	rows := elements(c.root, byClass("scenario"))
	for _, row := range rows {
		n := c.cells(row) // α, β, M, v, a, s, exponent, E, mean loss
		exponent := n[0]*math.Log(1+n[2]*n[3]*n[4]/n[1]) + n[5]*n[4]
		c.agrees("exponent", exponent, n[6])
		exponents, expected, loss = exponents+exponent, expected+n[7], loss+n[8]
	}
	if len(rows) < 12 {
		t.Errorf("%d scenarios", len(rows))
	}
	c.agrees("Σ", exponents, c.at("exponents"))
	c.agrees("E", expected, c.at("expected"))
	c.agrees("mean loss", loss, c.at("mean-loss"))
	c.agrees("P at means", 1-math.Exp(-exponents), c.at("at-means"))

	lines, err := csv.NewReader(strings.NewReader(d.get("anna", "/organization/formula/draws.csv").want(http.StatusOK).Body)).ReadAll()
	d.must(err)
	sum := 0.0
	for _, line := range lines[1:] {
		sum += c.number(line[1])
	}
	c.agrees("headline", 1-sum/float64(len(lines)-1), c.at("headline"))
	c.agrees("average", 1-c.at("average"), c.at("headline"))
	if at, shown := c.at("at-means"), c.at("headline"); math.Abs(at-shown) > .1 {
		t.Errorf("at means %v, averaged %v", at, shown)
	}
}

// TestYearByHand computes mean and spread of a year's loss from the numbers of the page, and the check of its tail.
func TestYearByHand(t *testing.T) {
	c := recorded(t).calculator("/organization/formula")
	mean, variance := 0.0, 0.0
	rows := elements(c.root, byClass("yearly"))
	for _, row := range rows {
		n := c.cells(row) // Λ, s, α, E[X], E[X²], variance
		one := n[0]*n[4] + math.Pow((n[0]-n[1])*n[3], 2)/n[2]
		c.agrees("variance", one, n[5])
		mean, variance = mean+n[0]*n[3], variance+one
	}
	if len(rows) < 12 {
		t.Errorf("%d scenarios", len(rows))
	}
	sd := math.Sqrt(variance)
	c.agrees("mean of a year", mean, c.at("year-mean"))
	c.agrees("SD of a year", sd, c.at("year-sd"))
	sigma := math.Sqrt(math.Log(1 + variance/mean/mean))
	check := mean * math.Exp(1.644854*sigma-sigma*sigma/2)
	c.agrees("lognormal check", check, c.at("year-check"))
	if got := c.at("year-95"); math.Abs(got-check) > .15*got {
		t.Errorf("one year of twenty reaches %v, the check says %v", got, check)
	}
}

func TestFormulaPages(t *testing.T) {
	d := recorded(t)
	d.get("anna", "/organization/scenarios/edge-exploitation").want(http.StatusOK, `href="/organization/scenarios/edge-exploitation/formula"`, `href="/catalogue/edge-exploitation"`)
	d.get("anna", "/organization/scenarios/edge-exploitation/formula").want(http.StatusOK, "TLP:AMBER+STRICT", "CVE-2024-21762", `href="/profile/incidents#evi_`)
	d.get("anna", "/organization/scenarios/nonsense/formula").want(http.StatusNotFound)
	d.get("bert", "/organization/formula").want(http.StatusNotFound)
	for _, who := range []string{"watch", "desk", "reader"} {
		for _, path := range []string{"/organization/formula", "/organization/formula/draws.csv", "/organization/scenarios/edge-exploitation/formula"} {
			d.get(who, path).want(http.StatusForbidden).without("Alpha")
		}
	}
	d.inEveryLanguage("anna", "/organization/formula", "/organization/scenarios/edge-exploitation/formula")
}

// TestEveryBarLeadsSomewhere holds that each bar of each waterfall, and of each difference of two, leads to what it rests on.
func TestEveryBarLeadsSomewhere(t *testing.T) {
	d := recorded(t)
	d.now = d.now.AddDate(0, 0, 7)
	d.putProfile(d.a, func(p *comity.Profile) { p.Tolerance, p.Coverage = 400_000, map[string]float64{"M1051": .25} })
	e := d.exposedAgain(d.a, "Alpha")
	paths := []string{"/organization/difference"}
	for _, sc := range e.Scenarios {
		paths = append(paths, "/organization/scenarios/"+string(sc.Scenario))
	}
	for _, path := range paths {
		bars := 0
		for _, table := range elements(d.calculator(path).root, byClass("fall")) {
			rows := elements(table, byTag("tr"))
			for _, row := range rows[1 : len(rows)-1] { // without the head and the last sum
				if len(elements(row, byTag("strong"))) > 0 {
					continue // a sum in between
				}
				bars++
				if len(elements(row, byTag("a"))) == 0 {
					t.Errorf("%s: %q leads nowhere", path, printed(row))
				}
			}
		}
		if bars == 0 {
			t.Errorf("%s: no bars", path)
		}
	}
}
