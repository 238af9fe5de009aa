package api

import (
	"encoding/json"
	"net/http"
	"testing"

	"comity"

	"github.com/google/go-cmp/cmp"
)

func TestIndicatorWarnings(t *testing.T) {
	w := newWorld(t)
	v := comity.System("test")
	list := comity.WarningList{
		ID: "rfc1918", Name: "Private networks", Version: 5, Kind: comity.WarningCIDR, Attributes: []string{"ip-dst"}, Entries: []string{"10.0.0.0/8"}, Size: 1,
	}
	src := comity.Source{ID: comity.SourceWarningLists, Version: "5", Date: now, TakenIn: now}
	if _, err := w.store.PutWarningLists(t.Context(), v, src, []comity.WarningList{list}, comity.PutWarningListsOptions{}); err != nil {
		t.Fatal(err)
	}
	url := comity.Observable{Type: "url:value", Value: "http://10.1.2.3/x"}
	threat := comity.Threat{
		ID: "thr_IND-1", Kind: comity.ThreatIndicator, Name: "Places", Source: comity.SourceGroup, Marking: comity.Marking{TLP: comity.TLPClear},
		Published: now, FirstSeen: now, Updated: now, Hash: "1",
		Indicator: &comity.Indicator{Values: []comity.Observable{{Type: "domain-name:value", Value: "evil.example"}, url}},
	}
	if _, err := w.store.PutThreats(t.Context(), v, comity.Source{ID: comity.SourceGroup, Version: "1", Date: now, TakenIn: now}, []comity.Threat{threat}, comity.PutThreatsOptions{}); err != nil {
		t.Fatal(err)
	}
	response := w.call(focal, http.MethodGet, "/threats/thr_IND-1/warnings", nil)
	var got struct{ Items []ValueWarnings }
	if err := json.Unmarshal([]byte(response.body), &got); err != nil || response.status != http.StatusOK {
		t.Fatalf("%d %s: %v", response.status, response.body, err)
	}
	want := []ValueWarnings{{url, []comity.Warning{{
		List: "rfc1918", Name: "Private networks", Version: 5, Kind: comity.WarningCIDR, Part: "10.1.2.3", Entry: "10.0.0.0/8", PartOfValue: true,
	}}}}
	if diff := cmp.Diff(want, got.Items); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}
