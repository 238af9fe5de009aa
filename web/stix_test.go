package web

import (
	"net/http"
	"strings"
	"testing"

	"comity"
	"comity/intake/stix"
)

const stixDocument = `{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","objects":[
{"type":"indicator",  "spec_version":"2.1","id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","pattern":"[url:value = 'http://bad.example/x']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"},
{"type":"report","spec_version":"2.1","id":"report--26ffb872-1dd9-446e-b6f5-d58527e5b5d2","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":"On Bad","published":"2026-01-02T00:00:00Z","external_references":[{"source_name":"x","url":"https://example.org/r"}],"object_refs":["indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b"]},
{"type":"malware","spec_version":"2.1","id":"malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":"Bad","is_family":true,
 "object_marking_refs":["marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"]},
{"type":"malware","id":"x"}]}`

// takeInSTIX takes in the document above with a label for what it leaves unmarked.
func (d *desk) takeInSTIX(label comity.TLP) {
	d.t.Helper()
	parsed, err := stix.Parse(strings.NewReader(stixDocument), label)
	d.must(err)
	src := comity.Source{ID: "stix-own", Version: "1", Date: d.now, TakenIn: d.now, Hash: "1"}
	_, err = d.store.PutSTIX(d.t.Context(), deskSystem, src, parsed.Objects(), parsed.Refused, stix.Actor)
	d.must(err)
	_, err = d.store.PutFeed(d.t.Context(), deskSystem, comity.Feed{Source: "stix-own", Format: comity.FormatSTIX, Name: "Own", TLP: comity.TLPClear}, d.now)
	d.must(err)
}

const indicatorPage = "/threats/thr_indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"

func TestIndicatorPage(t *testing.T) {
	d := newDesk(t)
	d.takeInSTIX(comity.TLPGreen)
	d.get("anna", indicatorPage).want(200, "hxxp://bad[.]example/x", "[url:value = &#39;http://bad.example/x&#39;]", "TLP:GREEN", "stix-own", "On Bad", "is in this report").
		without(`href="http://bad`)
	d.get("anna", "/threats/thr_report--26ffb872-1dd9-446e-b6f5-d58527e5b5d2").want(200, "https://example.org/r", "hxxp://bad[.]example/x", "has this item").without("malware--")
	for _, text := range []string{"http://bad.example/x", "hxxp%3A%2F%2Fbad%5B.%5Dexample%2Fx"} {
		d.get("anna", "/threats?q="+text).want(200, `href="`+indicatorPage+`"`, "hxxp://bad[.]example/x")
	}
	d.get("anna", "/threats?kind=indicator&source=stix").want(200, indicatorPage)
	d.get("reader", indicatorPage).want(http.StatusNotFound)
}

func TestKeptObjects(t *testing.T) {
	d := newDesk(t)
	d.takeInSTIX(comity.TLPGreen)
	const list, bytes = "/sources/stix-own/objects", "/sources/stix-own/objects/indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
	d.get("anna", list).want(200, "2 objects", "report--26ffb872", "an item of intelligence").without("malware--", "Could not be used")
	d.get("anna", list+"?type=report").want(200, "1 object")
	d.get("desk", list).want(200, "1 more object has no label", "Could not be used", "/objects/3/id").without("malware--")
	answer := d.get("anna", bytes).want(200, stixDocument[strings.Index(stixDocument, `{"type":"indicator"`):strings.Index(stixDocument, ",\n{\"type\":\"report\"")])
	if got := answer.Header.Get("Content-Type"); got != "application/stix+json;version=2.1" {
		t.Errorf("content type %q", got)
	}
	if got := answer.Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment") {
		t.Errorf("disposition %q", got)
	}
	d.get("anna", "/sources/stix-own/objects/malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b").want(http.StatusNotFound)
	d.get("anna", "/sources/cisa-kev/objects/indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f").want(http.StatusNotFound)
	d.get("anna", "/sources/cisa-kev/objects").want(http.StatusNotFound)
	d.get("reader", bytes).want(http.StatusNotFound)
	d.get("reader", list).want(200, "0 objects")
	d.get("", bytes).want(http.StatusSeeOther)
}

func TestUnmarkedObjectsAreForNobody(t *testing.T) {
	d := newDesk(t)
	d.takeInSTIX(comity.TLPUnmarked)
	for _, who := range []string{"anna", "chair", "desk", "watch", "reader"} {
		d.get(who, indicatorPage).want(http.StatusNotFound)
		d.get(who, "/threats?q=http://bad.example/x").want(200).without("thr_indicator")
		d.get(who, "/sources/stix-own/objects/indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f").want(http.StatusNotFound)
	}
}
