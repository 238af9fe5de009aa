package stix

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// tlp20 is the extension that carries a label of TLP 2.0.
const tlp20 = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

// labels are the marking definitions whose ids are fixed: TLP 1 by section 7.2.1.4 of STIX 2.1, TLP 2.0 by its extension.
var labels = map[string]string{
	"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": "TLP:CLEAR", // TLP 1: white
	"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": "TLP:GREEN",
	"marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": "TLP:AMBER",
	"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": "TLP:RED",
	"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": "TLP:CLEAR",
	"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": "TLP:GREEN",
	"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": "TLP:AMBER",
	"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": "TLP:AMBER+STRICT",
	"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": "TLP:RED",
}

// Label returns the TLP label that a marking definition's id stands for wherever it occurs, such as "TLP:AMBER"; empty if
// the id is not one of the nine that are fixed.
func Label(id string) string { return labels[id] }

// DefinedLabel returns the TLP label that a marking definition itself says it stands for, as it writes it, such as
// "TLP:AMBER+STRICT" or "amber"; empty if it is no definition of TLP.
func (o *Object) DefinedLabel() string {
	if o.Type != "marking-definition" {
		return ""
	}
	var extensions map[string]struct {
		Label string `json:"tlp_2_0"`
	}
	if json.Unmarshal(o.Value("extensions"), &extensions) == nil && extensions[tlp20].Label != "" {
		return extensions[tlp20].Label
	}
	kind := o.Text("definition_type")
	if len(kind) > 4 && strings.EqualFold(kind[:4], "tlp:") {
		return kind
	}
	var definition map[string]jsontext.Value
	if strings.EqualFold(kind, "tlp") && json.Unmarshal(o.Value("definition"), &definition) == nil {
		return textOf(definition["tlp"])
	}
	return ""
}
