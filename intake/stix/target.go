package stix

import (
	"strings"

	"comity/exchange/stix"
)

// sectors says which of comity.Sectors the industry sectors of section 10.7 are. Those that are missing have no like here:
// automotive, casino, chemical, construction, dams, energy, entertainment, hospitality-leisure, infrastructure,
// manufacturing, mining, nuclear, retail, transportation, utilities, water.
var sectors = map[string]string{
	"agriculture": "agriculture", "aerospace": "aviation", "communications": "telecommunications", "defense": "government",
	"education": "education", "emergency-services": "government", "financial-services": "finance", "government": "government",
	"government-local": "government", "government-national": "government", "government-public-services": "government",
	"government-regional": "government", "healthcare": "health", "insurance": "finance", "legal": "justice", "non-profit": "ngo",
	"pharmaceuticals": "health", "technology": "it-services", "telecommunications": "telecommunications",
}

// sectorsOf returns the sectors of an identity, by our names.
func sectorsOf(o *stix.Object) []string {
	if o.Type != "identity" {
		return nil
	}
	var list []string
	for _, s := range o.Texts("sectors") {
		if ours := sectors[strings.ToLower(s)]; ours != "" {
			list = append(list, ours)
		}
	}
	return list
}

// regions says in which of comity.Regions the regions of section 10.23 are, after the UN geoscheme. Antarctica is in none.
var regions = map[string]string{
	"africa": "africa", "eastern-africa": "africa", "middle-africa": "africa", "northern-africa": "africa",
	"southern-africa": "africa", "western-africa": "africa",
	"americas": "americas", "caribbean": "americas", "central-america": "americas", "latin-america-caribbean": "americas",
	"northern-america": "americas", "south-america": "americas",
	"asia": "asia", "central-asia": "asia", "eastern-asia": "asia", "southern-asia": "asia", "south-eastern-asia": "asia",
	"western-asia": "asia",
	"europe":       "europe", "eastern-europe": "europe", "northern-europe": "europe", "southern-europe": "europe",
	"western-europe": "europe",
	"oceania":        "oceania", "australia-new-zealand": "oceania", "melanesia": "oceania", "micronesia": "oceania", "polynesia": "oceania",
}

// countries are the codes of ISO 3166-1 in each region, after the UN geoscheme (M49).
var countries = map[string]string{
	"africa": "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW IO KE KM LR LS LY MA MG ML MR MU MW MZ " +
		"NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TF TG TN TZ UG YT ZA ZM ZW",
	"americas": "AG AI AR AW BB BL BM BO BQ BR BS BV BZ CA CL CO CR CU CW DM DO EC FK GD GF GL GP GS GT GY HN HT JM KN KY LC " +
		"MF MQ MS MX NI PA PE PM PR PY SR SV SX TC TT US UY VC VE VG VI",
	"asia": "AE AF AM AZ BD BH BN BT CN CY GE HK ID IL IN IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN MO MV MY NP OM PH PK " +
		"PS QA SA SG SY TH TJ TL TM TR TW UZ VN YE",
	"europe": "AD AL AT AX BA BE BG BY CH CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT LU LV MC MD ME MK MT " +
		"NL NO PL PT RO RS RU SE SI SJ SK SM UA VA",
	"oceania": "AS AU CC CK CX FJ FM GU HM KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TO TV UM VU WF WS",
}

// regionsOf returns the region of a location, by our names: of its country if it has one, else of its region. A 2.0
// document has no locations.
func regionsOf(o *stix.Object) []string {
	if o.Type != "location" {
		return nil
	}
	if code := strings.ToUpper(o.Text("country")); len(code) == 2 {
		for region, codes := range countries {
			if strings.Contains(" "+codes+" ", " "+code+" ") {
				return []string{region}
			}
		}
	}
	if region := regions[strings.ToLower(o.Text("region"))]; region != "" {
		return []string{region}
	}
	return nil
}
