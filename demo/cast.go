package demo

import "comity"

// organization is how the story describes one of the 16.
type organization struct {
	acronym, name string
	kind          comity.OrganizationKind
	coChair       bool
	size          int     // 1 small … 4 large: how much of everything it has
	maturity      float64 // 0..1: how much of the mitigations it covers today
	sectors       []string
	regions       []string
	services      []service
	software      []string // keys of the inventory
	suppliers     []string
	outOfScope    []comity.ScenarioID
}

// service is an information asset group: its name, level and criticality for C, I, A and R.
type service struct {
	name  string
	level comity.Level
	cia   [comity.PropertyCount]int
}

const (
	strategic   = comity.LevelStrategic
	operational = comity.LevelOperational
)

// Services that most organisations have.
var (
	mail      = service{"E-mail and calendar", operational, [4]int{2, 2, 3, 2}}
	documents = service{"Document management", operational, [4]int{3, 2, 2, 2}}
	website   = service{"Public website", strategic, [4]int{0, 3, 2, 2}}
	erp       = service{"Finance and procurement (ERP)", operational, [4]int{2, 3, 3, 3}}
	people    = service{"Human resources and payroll", operational, [4]int{3, 2, 2, 2}}
	identity  = service{"Identity and access", operational, [4]int{3, 3, 3, 3}}
	governing = service{"Governing body documents", strategic, [4]int{3, 3, 2, 2}}
	field     = service{"Field office network", operational, [4]int{2, 1, 3, 2}}
	treasury  = service{"Treasury payments", strategic, [4]int{2, 4, 3, 3}}
)

// sharedSupplier is the supplier on which most of the group depends, and which is compromised in the story.
const sharedSupplier = "Halyard Managed Mail"

var organizations = []organization{
	{
		acronym: "X-SEC", name: "Secretariat", kind: comity.KindMember, size: 4, maturity: .6,
		sectors: []string{"government"}, regions: []string{"global"},
		services: []service{
			mail, documents, website, erp, people, identity, governing, field, treasury,
			{"Conference and interpretation systems", strategic, [4]int{1, 2, 3, 3}},
			{"Political reporting", strategic, [4]int{4, 3, 1, 2}},
		},
		software:  []string{"windows-server", "office", "exchange", "fortios", "netscaler", "vcenter", "tomcat", "sap", "wordpress", "firefox", "chrome", "acrobat", "kernel", "veeam", "asa", "confluence"},
		suppliers: []string{sharedSupplier, "Northwind Hosting", "Keystone Identity"},
	},
	{
		acronym: "X-OCO", name: "Ocean Observatory", kind: comity.KindMember, coChair: true, size: 3, maturity: .5,
		sectors: []string{"science", "environment"}, regions: []string{"europe", "oceania"},
		services: []service{
			mail, documents, website, erp, people, identity,
			{"Ocean sensor data platform", strategic, [4]int{1, 4, 3, 4}},
			{"Tsunami early-warning feed", strategic, [4]int{0, 4, 4, 4}},
			{"Research vessels' satellite links", operational, [4]int{1, 2, 3, 2}},
		},
		software:  []string{"windows-server", "office", "exchange-online", "fortios", "tomcat", "loadmaster", "esxi", "wordpress", "firefox", "chrome", "kernel", "postgresql", "grafana", "gitlab", "acrobat", "build-server"},
		suppliers: []string{sharedSupplier, "Blue Current Satellite"},
	},
	{
		acronym: "X-SSA", name: "Seed & Soil Agency", kind: comity.KindMember, size: 3, maturity: .4,
		sectors: []string{"agriculture", "science"}, regions: []string{"africa", "asia", "europe"},
		services: []service{
			mail, documents, website, erp, people, identity, field,
			{"Crop statistics", strategic, [4]int{1, 3, 2, 3}},
			{"Seed bank records", operational, [4]int{1, 4, 2, 3}},
		},
		software:  []string{"windows-server", "office", "exchange-online", "pan-os", "weblogic", "drupal", "firefox", "chrome", "acrobat", "kernel", "vcenter", "moveit"},
		suppliers: []string{sharedSupplier, "Northwind Hosting"},
	},
	{
		acronym: "X-HLP", name: "Health Logistics Programme", kind: comity.KindMember, size: 4, maturity: .45,
		sectors: []string{"health", "humanitarian"}, regions: []string{"africa", "asia", "americas"},
		services: []service{
			mail, documents, website, erp, people, identity, field, treasury,
			{"Vaccine cold-chain tracking", operational, [4]int{1, 4, 4, 4}},
			{"Beneficiary data", strategic, [4]int{4, 3, 2, 3}},
		},
		software:  []string{"windows-server", "office", "exchange-online", "sma1000", "ivanti-epmm", "tomcat", "sap", "firefox", "chrome", "kernel", "veeam", "ios-xe"},
		suppliers: []string{sharedSupplier, "Keystone Identity", "Blue Current Satellite"},
	},
	{
		acronym: "X-PPU", name: "Post & Parcels Union", kind: comity.KindMember, size: 2, maturity: .35,
		sectors: []string{"post", "finance"}, regions: []string{"europe", "global"},
		services: []service{
			mail, documents, website, people, identity, treasury,
			{"Postal clearing and settlement", strategic, [4]int{2, 4, 3, 4}},
			{"Track and trace", operational, [4]int{1, 3, 3, 3}},
		},
		software:  []string{"windows-server", "office", "exchange", "fortios", "weblogic", "fmc", "firefox", "chrome", "acrobat", "kernel"},
		suppliers: []string{sharedSupplier, "Northwind Hosting"},
	},
	{
		acronym: "X-ACO", name: "Air Corridors Organization", kind: comity.KindMember, size: 2, maturity: .55,
		sectors: []string{"aviation"}, regions: []string{"americas", "global"},
		services: []service{
			mail, documents, website, erp, people, identity, governing,
			{"Aeronautical notices", strategic, [4]int{0, 4, 4, 4}},
			{"Audit findings of states", strategic, [4]int{4, 3, 1, 2}},
		},
		software:  []string{"windows-server", "office", "exchange-online", "asa", "fmc", "sharepoint", "firefox", "chrome", "acrobat", "kernel", "vcenter"},
		suppliers: []string{sharedSupplier, "Keystone Identity"},
	},
	{
		acronym: "X-DPO", name: "Displaced Persons Office", kind: comity.KindMember, size: 4, maturity: .5,
		sectors: []string{"humanitarian"}, regions: []string{"africa", "asia", "europe"},
		services: []service{
			mail, documents, website, erp, people, identity, field, treasury,
			{"Registration of displaced persons", strategic, [4]int{4, 4, 3, 4}},
			{"Cash assistance", operational, [4]int{3, 4, 3, 3}},
			{"Protection case files", strategic, [4]int{4, 3, 2, 3}},
		},
		software:  []string{"windows-server", "office", "exchange-online", "pan-os", "netscaler", "tomcat", "sap", "firefox", "chrome", "kernel", "ivanti-epmm", "moveit"},
		suppliers: []string{sharedSupplier, "Keystone Identity", "Northwind Hosting"},
	},
	{
		acronym: "X-CHF", name: "Children's Fund", kind: comity.KindMember, size: 4, maturity: .55,
		sectors: []string{"children", "humanitarian"}, regions: []string{"africa", "asia", "americas"},
		services: []service{
			mail, documents, website, erp, people, identity, field, treasury,
			{"Donations platform", strategic, [4]int{3, 4, 3, 3}},
			{"Child protection cases", strategic, [4]int{4, 3, 2, 3}},
		},
		software:  []string{"windows-server", "office", "exchange-online", "fortios", "wordpress", "sap", "firefox", "chrome", "acrobat", "kernel", "vcenter", "veeam"},
		suppliers: []string{sharedSupplier, "Keystone Identity"},
	},
	{
		acronym: "X-MMA", name: "Measurement Agency", kind: comity.KindMember, size: 2, maturity: .6,
		sectors: []string{"science"}, regions: []string{"europe", "global"},
		services: []service{
			mail, documents, website, people, identity,
			{"Reference measurement data", strategic, [4]int{1, 4, 3, 4}},
			{"Laboratory control", operational, [4]int{1, 4, 3, 4}},
		},
		software:  []string{"windows-server", "office", "exchange", "tomcat", "teamcity", "firefox", "kernel", "gitlab", "grafana", "postgresql"},
		suppliers: []string{"Northwind Hosting"}, outOfScope: []comity.ScenarioID{"payment-fraud"},
	},
	{
		acronym: "X-HSO", name: "Heritage & Sciences Organization", kind: comity.KindMember, coChair: true, size: 3, maturity: .45,
		sectors: []string{"heritage", "education", "science"}, regions: []string{"europe", "africa", "asia"},
		services: []service{
			mail, documents, website, erp, people, identity, governing,
			{"Heritage sites register", strategic, [4]int{1, 3, 2, 2}},
			{"Publications", operational, [4]int{0, 2, 2, 2}},
		},
		software:  []string{"windows-server", "office", "exchange-online", "sma1000", "drupal", "esxi", "firefox", "chrome", "acrobat", "kernel", "confluence"},
		suppliers: []string{sharedSupplier, "Northwind Hosting"},
	},
	{
		acronym: "X-RCF", name: "Reconstruction Facility", kind: comity.KindObserver, size: 3, maturity: .6,
	},
	{
		acronym: "X-LBC", name: "Labour Council", kind: comity.KindMember, size: 2, maturity: .4,
		sectors: []string{"labour"}, regions: []string{"europe", "global"},
		services: []service{
			mail, documents, website, people, identity, governing,
			{"Labour standards supervision", strategic, [4]int{3, 3, 2, 3}},
		},
		software:  []string{"windows-server", "office", "exchange-online", "fortios", "sharepoint", "firefox", "chrome", "acrobat", "kernel"},
		suppliers: []string{sharedSupplier},
	},
	{
		acronym: "X-TCF", name: "Telecommunication Forum", kind: comity.KindMember, size: 2, maturity: .55,
		sectors: []string{"telecommunications"}, regions: []string{"europe", "global"},
		services: []service{
			mail, documents, website, erp, people, identity,
			{"Spectrum coordination database", strategic, [4]int{2, 4, 3, 4}},
			{"Standards drafting", strategic, [4]int{2, 3, 2, 2}},
		},
		software:  []string{"windows-server", "office", "exchange", "ios-xe", "fmc", "tomcat", "firefox", "chrome", "kernel", "gitlab"},
		suppliers: []string{sharedSupplier, "Keystone Identity"},
	},
	{
		acronym: "X-JTI", name: "Justice Training Institute", kind: comity.KindMember, size: 1, maturity: .25,
		sectors: []string{"justice", "education"}, regions: []string{"europe"},
		services: []service{
			mail, documents, website, people,
			{"Course administration", operational, [4]int{2, 2, 2, 2}},
			{"Legal case studies", strategic, [4]int{3, 2, 1, 1}},
		},
		software:  []string{"windows-server", "office", "exchange-online", "sma1000", "moodle", "wordpress", "firefox", "chrome"},
		suppliers: []string{"Northwind Hosting"},
	},
	{
		acronym: "X-TRC", name: "Training College", kind: comity.KindMember, size: 1, maturity: .3,
		sectors: []string{"education"}, regions: []string{"asia", "global"},
		services: []service{
			mail, documents, website, people,
			{"E-learning", operational, [4]int{2, 2, 3, 2}},
			{"Certificates", strategic, [4]int{1, 4, 1, 3}},
		},
		software:  []string{"windows-server", "office", "exchange-online", "loadmaster", "moodle", "firefox", "chrome", "acrobat"},
		suppliers: []string{sharedSupplier},
	},
	{
		acronym: "X-SSC", name: "Shared Services Centre", kind: comity.KindProvider, size: 3, maturity: .7,
		sectors: []string{"it-services"}, regions: []string{"europe", "global"},
		services: []service{
			mail, documents, identity, erp, people,
			{"Managed hosting for members", strategic, [4]int{3, 3, 4, 4}},
			{"Security operations centre", strategic, [4]int{3, 4, 3, 3}},
			{"Common certificate authority", strategic, [4]int{4, 4, 3, 4}},
		},
		software:  []string{"windows-server", "office", "exchange", "n-central", "vcenter", "esxi", "pan-os", "fmc", "netscaler", "veeam", "kernel", "gitlab", "grafana", "postgresql", "teamcity"},
		suppliers: []string{"Northwind Hosting", "Keystone Identity"},
	},
}

// product is a line of the inventory. A product that is patched by the calendar has the day on which the whole fleet was
// last brought up to date counted back from the chapter; a device has the day of its last maintenance window.
type product struct {
	vendor, name, version string
	cpe, purl             string
	placement             comity.Placement
	window                string // last maintenance window of a device; empty: by the calendar
}

const (
	facing = comity.InternetFacing
	inside = comity.InternalOnly
)

// inventory is what organisations run, named as their tools name it.
var inventory = map[string]product{
	"windows-server":  {"Microsoft", "Windows Server 2022", "10.0.20348", "", "", inside, ""},
	"office":          {"Microsoft", "Office LTSC 2021", "16.0.14332", "", "", inside, ""},
	"exchange":        {"Microsoft", "Exchange Server", "15.2.1748", "", "", facing, ""},
	"exchange-online": {"Microsoft", "Exchange Online", "", "", "", facing, ""},
	"sharepoint":      {"Microsoft", "SharePoint Server", "16.0.10417", "", "", inside, ""},
	"fortios":         {"Fortinet", "FortiOS", "7.4.8", "cpe:2.3:o:fortinet:fortios:7.4.8:*:*:*:*:*:*:*", "", facing, "2026-07-20"},
	"asa":             {"Cisco", "Adaptive Security Appliance", "9.20.3", "", "", facing, ""},
	"fmc":             {"Cisco", "Secure Firewall Management Center", "7.4.2", "", "", inside, "2026-07-20"},
	"ios-xe":          {"Cisco", "IOS XE Software", "17.12.4", "", "", inside, ""},
	"pan-os":          {"Palo Alto Networks", "PAN-OS", "11.1.6", "", "", facing, ""},
	"sma1000":         {"SonicWall", "SMA1000 Appliances", "12.4.3", "", "", facing, "2026-07-07"},
	"netscaler":       {"Citrix", "NetScaler ADC and NetScaler Gateway", "14.1", "", "", facing, ""},
	"loadmaster":      {"Progress", "LoadMaster", "7.2.61", "", "", facing, "2026-07-20"},
	"moveit":          {"Progress", "MOVEit Transfer", "2025.0.1", "cpe:2.3:a:progress:moveit_transfer:2025.0.1:*:*:*:*:*:*:*", "", facing, ""},
	"n-central":       {"N-able", "N-central", "2025.4", "", "", facing, "2026-07-20"},
	"ivanti-epmm":     {"Ivanti", "Endpoint Manager Mobile (EPMM)", "12.6", "", "", facing, ""},
	"vcenter":         {"VMware", "vCenter Server", "8.0.3", "", "", inside, ""},
	"esxi":            {"VMware", "ESXi", "8.0.3", "", "", inside, ""},
	"tomcat":          {"Apache", "Tomcat", "9.0.106", "cpe:2.3:a:apache:tomcat:9.0.106:*:*:*:*:*:*:*", "pkg:maven/org.apache.tomcat/tomcat@9.0.106", facing, "2026-07-20"},
	"weblogic":        {"Oracle", "WebLogic Server", "14.1.1", "", "", inside, ""},
	"sap":             {"SAP", "NetWeaver", "7.58", "", "", inside, ""},
	"confluence":      {"Atlassian", "Confluence Data Center", "9.2.6", "cpe:2.3:a:atlassian:confluence_data_center:9.2.6:*:*:*:*:*:*:*", "", inside, ""},
	"teamcity":        {"JetBrains", "TeamCity", "2025.07", "", "", inside, "2026-07-20"},
	"build-server":    {"JetBrains", "TeamCity", "2023.11.3", "", "", inside, "2024-02-12"}, // nobody's any more
	"gitlab":          {"GitLab", "Community Edition", "18.2.1", "", "", inside, ""},
	"grafana":         {"Grafana Labs", "Grafana", "12.1.0", "", "", inside, ""},
	"postgresql":      {"PostgreSQL", "PostgreSQL", "17.5", "", "", inside, ""},
	"wordpress":       {"WordPress", "Core", "6.8.2", "", "", facing, ""},
	"drupal":          {"Drupal", "Core", "11.2.2", "", "", facing, ""},
	"moodle":          {"Moodle", "Moodle", "5.0.1", "", "", facing, ""},
	"veeam":           {"Veeam", "Backup & Replication", "12.3.2", "", "", inside, ""},
	"firefox":         {"Mozilla", "Firefox", "128.13.0", "", "", inside, ""},
	"chrome":          {"Google", "Chrome", "138.0.7204", "", "", inside, ""},
	"acrobat":         {"Adobe", "Acrobat and Reader", "2025.001", "", "", inside, ""},
	"kernel":          {"Linux", "Kernel", "6.1.147", "", "", inside, ""},
}

// actor is a fictional intrusion set.
type actor struct {
	key       string
	name      string
	text      string
	sectors   []string
	regions   []string
	scenarios []comity.ScenarioID
	by        string // acronym of the member who shared it
	chapter   int    // in which chapter it arrives, from the end: 0 is today
}

var actors = []actor{
	{"DEMO-SET-01", "DEMO-SET-01", "Collects policy papers ahead of negotiations, through mail accounts.", []string{"government", "aviation", "labour"}, []string{"europe", "global"}, []comity.ScenarioID{"espionage", "phishing"}, "X-SEC", 4},
	{"DEMO-SET-02", "DEMO-SET-02", "Extorts organisations that hold data on people in need.", []string{"humanitarian", "health", "children"}, []string{"africa", "asia"}, []comity.ScenarioID{"ransomware", "edge-exploitation"}, "X-DPO", 3},
	{"DEMO-SET-03", "DEMO-SET-03", "Diverts payments by taking part in mail threads with vendors.", []string{"finance", "post", "humanitarian"}, []string{"global", "europe"}, []comity.ScenarioID{"payment-fraud"}, "X-PPU", 2},
	{"DEMO-SET-04", "DEMO-SET-04", "Takes research data from observatories and laboratories.", []string{"science", "environment"}, []string{"europe", "oceania"}, []comity.ScenarioID{"espionage"}, "X-MMA", 2},
	{"DEMO-SET-05", "DEMO-SET-05", "Announces and runs short floods of traffic around public events.", []string{"government", "heritage", "telecommunications"}, []string{"europe", "global"}, []comity.ScenarioID{"denial-of-service", "defacement"}, "X-HSO", 1},
	{"DEMO-SET-06", "DEMO-SET-06", "Enters customers through managed service providers.", []string{"it-services"}, []string{"europe", "global"}, []comity.ScenarioID{"supplier-compromise"}, "X-SSC", 1},
}
