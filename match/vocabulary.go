package match

import (
	"slices"
	"strings"
)

// The tables of this file are what a person knows and a comparison of letters does not. They are facts about names, kept
// small; each entry is there because a name in the CISA catalogue or in an inventory needs it.

// vendorSuffixes are what companies add to their name and lists leave out, as they stand at the end of the joined words.
var vendorSuffixes = []string{
	"software", "technologies", "technology", "networks", "systems", "labs", "project", "group", "platforms",
	"communications", "organization", "pty", "sro", "bv", "nv", "tanzu", "inc",
}

// owners maps vendors that were bought, renamed or shortened to the one key under which they are compared.
var owners = map[string]string{
	"accellion": "accellion", "kiteworks": "accellion",
	"citrix": "citrix", "netscaler": "citrix", "cloudsoftwaregroup": "citrix",
	"elasticsearch": "elastic", "elasticco": "elastic",
	"f5networks": "f5", "f5": "f5",
	"helpsystems":    "fortra",
	"hewlettpackard": "hp", "hewlettpackardenterprise": "hp", "hpe": "hp",
	"kernelorg": "linux", "linuxkernel": "linux", "linuxkernelorganization": "linux",
	"kemp": "progress", "ipswitch": "progress", "telerik": "progress",
	"manageengine": "zoho", "zohocorp": "zoho",
	"opentext":    "microfocus",
	"phpgroup":    "php",
	"pulsesecure": "ivanti", "mobileiron": "ivanti",
	"sunmicro": "oracle", "sun": "oracle",
	"vmwarebybroadcom": "vmware", "vmwaretanzu": "vmware", "pivotal": "vmware",
	"wordpressorg": "wordpress", "automattic": "wordpress",
	"zimbra":   "synacor",
	"paloalto": "paloalto", "paloaltonetworks": "paloalto",
}

// brands are names that vendors carry in front of a product after they bought its maker: Broadcom sells "VMware vCenter".
var brands = map[string]bool{
	"vmware": true, "brocade": true, "kemp": true, "telerik": true, "mobileiron": true, "symantec": true, "zimbra": true,
	"manageengine": true, "netscaler": true, "citrix": true,
}

// packagers deliver other vendors' products under their own name.
var packagers = map[string]bool{
	"debian": true, "ubuntu": true, "canonical": true, "redhat": true, "suse": true, "alpine": true, "bitnami": true,
	"docker": true, "homebrew": true, "centos": true, "rockylinux": true, "almalinux": true, "freebsd": true,
}

// spellings are single words that others write as two.
var spellings = map[string][]string{
	"log4j2": {"log4j", "2"}, "struts2": {"struts", "2"}, "bigip": {"big", "ip"}, "bigiq": {"big", "iq"},
	"panos": {"pan", "os"}, "datacenter": {"data", "center"}, "centre": {"center"}, "manger": {"manager"},
	"sdwan": {"sd", "wan"}, "collaborate": {"collaboration"},
}

func respelled(w string) []string {
	if s, ok := spellings[w]; ok {
		return s
	}
	return []string{w}
}

// editions are words that can follow a product's name without making another product of it. Numbers and words such as R2
// and CU13 count too (isEdition).
var editions = wordSet(`
	server servers software enterprise standard professional pro premium plus subscription ultimate home education community edition
	editions version lts esr dc bit ltsc ltsb essentials express foundation
	appliance appliances device devices router routers firewall firmware series suite platform application desktop os
	core virtual vm cluster data center ce ee cms system systems services service cloud onprem prem gateways switches`)

// generic are words that do not name a product by themselves.
var generic = wordSet(`
	access admin adminlte agent application camera cameras client console controller controllers core data center
	database email endpoint file forms framework frontend gateway interface internet kernel library mail manager
	management media mobile module multiple network networks online plugin portal product products proxy remote router
	runtime security session settings storage tool tools update user viewer web webmail wireless smart various nas
	chipsets platform secure server text advanced threat device ip`)

// sorts are words for sorts of products, which catalogues write when there are too many to name.
var sorts = wordSet(`
	multiple various products product devices device routers router firewalls switches cameras appliances chipsets
	network attached storage nas mobile`)

// flagship are words that name the one product of a vendor who is called like it.
var flagship = wordSet(`core cms community enterprise edition editions ce ee webmail frontend`)

// otherProduct are words after which a name is another product's.
var otherProduct = wordSet(`
	xe xr code plugin plugins plug driver drivers module modules extension extensions addon sdk connector exporter
	client-library bindings designer`)

// platforms are products whose name others put in front of theirs.
var platforms = wordSet(`
	windows office jenkins wordpress joomla drupal java chrome android outlook sharepoint ios macos edge azure exchange
	linux kubernetes docker python node react spring oracle apache tomcat firefox git redis`)

func wordSet(s string) map[string]bool { return setOf(strings.Fields(s)) }

// synonyms are other names of the same product, by vendor key: what the inventory says, and what catalogues say.
var synonyms = map[string][]struct{ inventory, catalogue string }{
	"citrix":    {{"adc", "netscaler adc"}, {"gateway", "netscaler gateway"}},
	"fortinet":  {{"fortigate", "fortios"}},
	"ivanti":    {{"mobileiron core", "endpoint manager mobile"}, {"connect secure", "pulse connect secure"}},
	"microsoft": {{"365 apps", "office"}, {"microsoft 365", "office"}, {"iis", "internet information services"}},
	"oracle":    {{"jre", "java se"}, {"jdk", "java se"}, {"java runtime environment", "java se"}, {"jre", "java runtime environment"}},
	"apple":     {{"macos", "os x"}, {"mac os x", "macos"}},
	"linux":     {{"linux", "kernel"}},
	"gnu":       {{"bash", "bourne again shell"}, {"glibc", "c library"}},
	"cisco":     {{"asa", "adaptive security appliance"}, {"ftd", "firepower threat defense"}, {"fmc", "secure firewall management center"}},
	"sonicwall": {{"sma 100", "ssl vpn sma 100"}},
	"sophos":    {{"xg firewall", "firewall"}},
}

// withSynonyms returns the names together with what catalogues call the same products.
func withSynonyms(names []productName, vendors []string) []productName {
	all := slices.Clone(names)
	for _, v := range vendors {
		for _, s := range synonyms[v] {
			from := productName(strings.Fields(s.inventory))
			for _, n := range names {
				if slices.Equal(n.base(), from) || slices.Equal(n, from) || startsWith(n, from) && v == "fortinet" {
					all = append(all, strings.Fields(s.catalogue))
				}
			}
		}
	}
	return all
}

// part says that what a catalogue calls by its own name is a part of products with another.
type part struct {
	name string // normal words at the beginning of the threat's product
	of   []product
}

// product is a whole that has parts: vendor key, and what the software is called.
type product struct {
	vendor string
	names  []wording
}

func whole(vendor, name string) product {
	return product{vendor, wordings([]productName{strings.Fields(name)})}
}

var (
	ofWindows  = []product{whole("microsoft", "windows")}
	ofOffice   = []product{whole("microsoft", "office")}
	ofChromium = []product{whole("google", "chrome"), whole("microsoft", "edge"), whole("opera", "opera"), whole("brave", "brave")}
	ofAndroid  = []product{whole("google", "android"), whole("android", "android"), whole("samsung", "android")}
)

// components are parts of products under names of their own, by the threat's vendor key.
var components = map[string][]part{
	"microsoft": {
		{"win32k", ofWindows},
		{"mshtml", ofWindows},
		{"smbv1", ofWindows},
		{"smbv3", ofWindows},
		{"netlogon", ofWindows},
		{"kerberos key distribution", ofWindows},
		{"http protocol stack", ofWindows},
		{"http sys", ofWindows},
		{"dwm core library", ofWindows},
		{"ancillary function driver", ofWindows},
		{"task scheduler", ofWindows},
		{"graphics device interface", ofWindows},
		{"graphics component", ofWindows},
		{"directx", ofWindows},
		{"active directory", ofWindows},
		{"client server run time", ofWindows},
		{"enhanced cryptographic", ofWindows},
		{"atm font driver", ofWindows},
		{"wordpad", ofWindows},
		{"streaming service", ofWindows},
		{"winverifytrust", ofWindows},
		{"xml core services", ofWindows},
		{"smartscreen", ofWindows},
		{"hyper v", ofWindows},
		{"remote desktop services", ofWindows},
		{"input method editor", ofWindows},
		{"update notification manager", ofWindows},
		{"windows cng", ofWindows},
		{"windows com", ofWindows},
		{"mscomctl", ofOffice},
		{"visual basic for applications", ofOffice},
		{"word", ofOffice},
		{"excel", ofOffice},
		{"powerpoint", ofOffice},
		{"outlook", ofOffice},
		{"publisher", ofOffice},
	},
	"google": {
		{"chromium", ofChromium},
		{"skia", ofChromium},
		{"dawn", ofChromium},
		{"chrome v8", ofChromium},
		{"chrome blink", ofChromium},
		{"chrome media", ofChromium},
		{"chrome freetype", ofChromium},
		{"chrome webaudio", ofChromium},
	},
	"webrtc":  {{"webrtc", ofChromium}},
	"android": {{"framework", ofAndroid}, {"kernel", ofAndroid}, {"runtime", ofAndroid}, {"android", ofAndroid}},
	"php":     {{"fastcgi process manager", []product{whole("php", "php")}}},
}

// partOf returns the products that the threat's product is a part of.
func partOf(vendors []string, names []productName) []product {
	for _, v := range vendors {
		for _, p := range components[v] {
			start := productName(strings.Fields(p.name))
			for _, n := range names {
				if slices.Equal(n, start) || startsWith(n, start) {
					return p.of
				}
			}
		}
	}
	return nil
}
