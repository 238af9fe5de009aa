package web

import (
	"fmt"
	"testing"

	"comity"
)

// indicator puts an indicator of these values, and two warning lists.
func (d *desk) indicator(values ...comity.Observable) comity.Threat {
	d.t.Helper()
	lists := []comity.WarningList{
		{ID: "top", Name: "Most visited", Version: 20260811, Kind: comity.WarningHostname, Attributes: []string{"domain"}, Entries: []string{"example.com"}, Size: 1},
		{ID: "rfc1918", Name: "Private networks", Version: 5, Kind: comity.WarningCIDR, Attributes: []string{"ip-dst"}, Entries: []string{"10.0.0.0/8", "192.168.0.0/16"}, Size: 2},
	}
	src := comity.Source{ID: comity.SourceWarningLists, Version: "20260811", Date: d.now, TakenIn: d.now}
	_, err := d.store.PutWarningLists(d.t.Context(), deskSystem, src, lists, comity.PutWarningListsOptions{Withdraw: true})
	d.must(err)
	t := comity.Threat{
		ID: "thr_IND-1", Kind: comity.ThreatIndicator, Name: "Places that malware talks to", Source: comity.SourceGroup,
		Marking: comity.Marking{TLP: comity.TLPClear}, Published: d.now, FirstSeen: d.now, Updated: d.now, Hash: "1",
		Indicator: &comity.Indicator{PatternType: "stix", Values: values},
	}
	d.putThreats(t)
	return t
}

func TestIndicatorWarns(t *testing.T) {
	d := newDesk(t)
	path := "/threats/" + string(d.indicator(
		comity.Observable{Type: "domain-name:value", Value: "evil.example"},
		comity.Observable{Type: "domain-name:value", Value: "www.example.com"},
		comity.Observable{Type: "url:value", Value: "http://10.1.2.3/<script>"},
	).ID)
	for _, who := range []string{"anna", "bert", "reader"} {
		d.get(who, path).want(200, "Warnings", "may be no sign of an attack",
			"www.example.com", "Most visited", "version 20260811", "the domain and what is below it: <bdi>example.com</bdi>",
			"http://10.1.2.3/&lt;script&gt;", "Private networks", "its host 10.1.2.3", "addresses in the network: <bdi>10.0.0.0/8</bdi>").
			without("<bdi>evil.example", "10.1.2.3/<script>")
	}
	d.get("", path).want(303)
}

func TestManyWarningsAreCounted(t *testing.T) {
	d := newDesk(t)
	values := make([]comity.Observable, shownWarned+3)
	for i := range values {
		values[i] = comity.Observable{Type: "ipv4-addr:value", Value: fmt.Sprintf("10.0.0.%d", i)}
	}
	path := "/threats/" + string(d.indicator(values...).ID)
	d.get("anna", path).want(200, "10.0.0.49", "3 more values are in lists.").without("<bdi>10.0.0.50")
}

func TestThreatsWithoutListedValuesDoNotWarn(t *testing.T) {
	d := newDesk(t)
	path := "/threats/" + string(d.indicator(comity.Observable{Type: "domain-name:value", Value: "evil.example"}).ID)
	d.get("anna", path).want(200).without("may be no sign of an attack")
	d.putThreats(d.vulnerability("CVE-2024-21762", feb9))
	d.get("anna", "/threats/thr_CVE-2024-21762").want(200).without("may be no sign of an attack")
}

func TestSourcePageListsWarningLists(t *testing.T) {
	d := newDesk(t)
	d.get("anna", "/sources/misp-warninglists").want(200, "MISP warning lists").without("Private networks")
	d.indicator()
	d.get("anna", "/sources/misp-warninglists").want(200, "Private networks", "addresses in the network", "20260811", "never hidden")
	d.get("anna", "/sources/cisa-kev").want(200).without("Private networks")
}
