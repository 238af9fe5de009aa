package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"comity"
)

// profileChange is a whole profile as it shall be. Lists are given in full: what is absent from them is gone. An entry
// without identity is new. It takes what GET /profile answers with.
type profileChange struct {
	Organization string             `json:"organization,omitempty" doc:"The own organisation; may be left out"`
	Revision     *int               `json:"revision,omitempty" minimum:"0" doc:"The revision on which the change was made; here or in If-Match"`
	Updated      *time.Time         `json:"updated,omitempty" doc:"Ignored"`
	Services     []profileService   `json:"services" maxItems:"60"`
	Bands        *comity.BandTable  `json:"bands,omitempty" doc:"Absent: the group's"`
	Tolerance    float64            `json:"tolerance" minimum:"0" maximum:"1e15" doc:"Loss above which an incident is significant, reference unit; 0: the catalogue's"`
	Software     []profileSoftware  `json:"software" maxItems:"10000"`
	Suppliers    []profileSupplier  `json:"suppliers" maxItems:"300"`
	Sectors      []string           `json:"sectors"`
	Regions      []string           `json:"regions"`
	OutOfScope   []string           `json:"out_of_scope" doc:"Scenarios that cannot happen here"`
	Coverage     map[string]float64 `json:"coverage" doc:"M-code to 0, 0.25, 0.5, 0.75 or 0.95; absent: not answered"`
}

type profileService struct {
	ID          string                    `json:"id,omitempty"`
	Name        string                    `json:"name" minLength:"1" maxLength:"500"`
	Level       string                    `json:"level" enum:"strategic,operational"`
	Criticality [comity.PropertyCount]int `json:"criticality" doc:"0–4 for confidentiality, integrity, availability, reliability"`
}

type profileSoftware struct {
	ID        string      `json:"id,omitempty"`
	Vendor    string      `json:"vendor" minLength:"1" maxLength:"500"`
	Name      string      `json:"name" minLength:"1" maxLength:"500"`
	Version   string      `json:"version,omitempty" maxLength:"500"`
	CPE       string      `json:"cpe,omitempty" maxLength:"500" pattern:"^(cpe:2\\.3:[aho*].*)?$" doc:"CPE 2.3 formatted string"`
	PURL      string      `json:"purl,omitempty" maxLength:"500" pattern:"^(pkg:[A-Za-z][A-Za-z0-9.+-]*/.+)?$" doc:"Package URL"`
	Placement string      `json:"placement" enum:"internet-facing,internal"`
	PatchedOn comity.Date `json:"patched_on,omitzero"`
}

type profileSupplier struct {
	ID         string  `json:"id,omitempty"`
	Name       string  `json:"name" minLength:"1" maxLength:"500"`
	Dependence float64 `json:"dependence" minimum:"0" maximum:"1" doc:"Probability that an event there hits us"`
}

type putProfileInput struct {
	IfMatch string `header:"If-Match" doc:"The revision on which the change was made, as in ETag"`
	Body    profileChange
}

// profileBytes bounds a profile: 10,000 lines of software with some 400 bytes each.
const profileBytes = 4 << 20

func (a *api) profile() {
	handle(a, get("get-profile", "/profile", "own organisation", "What the own organisation says of itself; private to it"),
		func(ctx context.Context, c caller, _ *nothing) (*revised[comity.Profile], error) {
			if err := c.member(); err != nil {
				return nil, err
			}
			p, err := a.store.Profile(ctx, c.viewer, c.org())
			return revisedBody(p, p.Revision), err
		}, http.StatusForbidden)
	put := write(http.MethodPut, "put-profile", "/profile", "own organisation", "Replace the own profile; the exposure is re-assessed")
	put.MaxBodyBytes = profileBytes
	put.BodyReadTimeout = time.Minute
	handle(a, put, a.putProfile, http.StatusBadRequest, http.StatusForbidden, http.StatusConflict, http.StatusPreconditionFailed,
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
}

func (a *api) putProfile(ctx context.Context, c caller, in *putProfileInput) (*revised[comity.Profile], error) {
	if err := c.editor(); err != nil {
		return nil, err
	}
	n := in.Body
	if n.Organization != "" && n.Organization != string(c.org()) {
		return nil, invalid("body.organization", "not your own organisation")
	}
	revision, err := revisionOf(n.Revision, in.IfMatch)
	if err != nil {
		return nil, err
	}
	k, err := a.store.Knowledge(ctx, c.viewer)
	if err != nil {
		return nil, err
	}
	if problems := a.checkProfile(n, k); len(problems) > 0 {
		p := newProblem(http.StatusUnprocessableEntity, "the profile has entries that are wrong")
		p.Errors = problems[:min(len(problems), 100)]
		return nil, p
	}
	p, err := a.profileOf(n)
	if err != nil {
		return nil, err
	}
	p.Org, p.Revision = c.org(), revision
	p, err = a.store.PutProfile(ctx, c.viewer, p, a.now())
	if err != nil {
		return nil, conflict(err, in.IfMatch)
	}
	return revisedBody(p, p.Revision), nil
}

// checkProfile returns what is wrong beyond what the schema asks.
func (a *api) checkProfile(n profileChange, k comity.Knowledge) []problemField {
	var list []problemField
	want := func(ok bool, location, message string) {
		if !ok {
			list = append(list, problemField{"body." + location, message})
		}
	}
	ids := map[string]bool{}
	fresh := func(id string) bool {
		seen := id != "" && ids[id]
		ids[id] = true
		return !seen
	}
	for i, s := range n.Services {
		at := fmt.Sprintf("services[%d]", i)
		want(identity(comity.ParseServiceID, s.ID) && fresh(s.ID), at+".id", "an identity, svc_…, once")
		want(isLine(s.Name), at+".name", "one line of text")
		for _, grade := range s.Criticality {
			want(0 <= grade && grade <= 4, at+".criticality", "0 to 4 each")
		}
	}
	for i, s := range n.Software {
		at := fmt.Sprintf("software[%d]", i)
		want(identity(comity.ParseSoftwareID, s.ID) && fresh(s.ID), at+".id", "an identity, sof_…, once")
		want(isLine(s.Vendor), at+".vendor", "one line of text")
		want(isLine(s.Name), at+".name", "one line of text")
		want(!hasControl(s.Version+s.CPE+s.PURL), at, "no control characters")
	}
	for i, s := range n.Suppliers {
		at := fmt.Sprintf("suppliers[%d]", i)
		want(identity(comity.ParseSupplierID, s.ID) && fresh(s.ID), at+".id", "an identity, sup_…, once")
		want(isLine(s.Name), at+".name", "one line of text")
	}
	want(within(n.Sectors, comity.Sectors), "sectors", "each once, of: "+strings.Join(comity.Sectors, ", "))
	want(within(n.Regions, comity.Regions), "regions", "each once, of: "+strings.Join(comity.Regions, ", "))
	catalogue := a.pipeline.Catalogue()
	for i, id := range n.OutOfScope {
		_, known := catalogue.Scenario(comity.ScenarioID(id))
		want(known && slices.Index(n.OutOfScope, id) == i, fmt.Sprintf("out_of_scope[%d]", i), "a scenario of the catalogue, once")
	}
	for code, share := range n.Coverage {
		known := slices.ContainsFunc(k.Mitigations, func(m comity.Mitigation) bool { return m.Number == code })
		want(known, "coverage."+code, "no mitigation of ATT&CK")
		want(slices.Contains(comity.CoverageSteps, share), "coverage."+code, "0, 0.25, 0.5, 0.75 or 0.95")
	}
	want(n.Bands == nil || inOrder(n.Bands), "bands", "0 < low < high, or 0 to 0 for no loss")
	slices.SortStableFunc(list, func(x, y problemField) int { return cmp.Compare(x.Location, y.Location) })
	return list
}

// maxLoss bounds a loss, in the reference unit, so that no sum of them overflows.
const maxLoss = 1e15

func inOrder(bands *comity.BandTable) bool {
	for _, row := range bands {
		for _, i := range row {
			none := i.Low == 0 && i.High == 0
			if !none && !(i.Low >= 1e-6 && i.High > i.Low && i.High <= maxLoss) {
				return false
			}
		}
	}
	return true
}

func identity[T ~string](parse func(string) (T, error), text string) bool {
	_, err := parse(text)
	return text == "" || err == nil
}

// within reports whether all values are among those known, none twice.
func within(values, known []string) bool {
	for i, v := range values {
		if !slices.Contains(known, v) || slices.Index(values, v) != i {
			return false
		}
	}
	return true
}

func isLine(s string) bool { return strings.TrimSpace(s) != "" && !hasControl(s) }

func hasControl(s string) bool { return strings.ContainsFunc(s, unicode.IsControl) }

// profileOf returns the profile with its lists in their order, and identities for what is new.
func (a *api) profileOf(n profileChange) (comity.Profile, error) {
	p := comity.Profile{
		Bands: n.Bands, Tolerance: n.Tolerance, Coverage: n.Coverage,
		Sectors: slices.Sorted(slices.Values(n.Sectors)), Regions: slices.Sorted(slices.Values(n.Regions)),
	}
	for _, id := range slices.Sorted(slices.Values(n.OutOfScope)) {
		p.OutOfScope = append(p.OutOfScope, comity.ScenarioID(id))
	}
	for _, s := range n.Services {
		id, err := identityOr(a, s.ID, comity.MakeServiceID)
		if err != nil {
			return p, err
		}
		p.Services = append(p.Services, comity.Service{ID: id, Name: s.Name, Level: comity.Level(s.Level), Criticality: s.Criticality})
	}
	for _, s := range n.Software {
		id, err := identityOr(a, s.ID, comity.MakeSoftwareID)
		if err != nil {
			return p, err
		}
		p.Software = append(p.Software, comity.Software{
			ID: id, Vendor: s.Vendor, Name: s.Name, Version: s.Version, CPE: s.CPE, PURL: s.PURL,
			Placement: comity.Placement(s.Placement), PatchedOn: s.PatchedOn,
		})
	}
	for _, s := range n.Suppliers {
		id, err := identityOr(a, s.ID, comity.MakeSupplierID)
		if err != nil {
			return p, err
		}
		p.Suppliers = append(p.Suppliers, comity.Supplier{ID: id, Name: s.Name, Dependence: s.Dependence})
	}
	order(&p)
	return p, nil
}

// order sorts the lists as the profile's own comments say.
func order(p *comity.Profile) {
	slices.SortFunc(p.Services, func(x, y comity.Service) int { return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID)) })
	slices.SortFunc(p.Suppliers, func(x, y comity.Supplier) int { return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID)) })
	slices.SortFunc(p.Software, func(x, y comity.Software) int {
		return cmp.Or(cmp.Compare(x.Vendor, y.Vendor), cmp.Compare(x.Name, y.Name), cmp.Compare(x.Version, y.Version), cmp.Compare(x.ID, y.ID))
	})
}

// identityOr keeps an identity, and makes one for what has none.
func identityOr[T ~string](a *api, text string, make func(comity.Entropy) T) (T, error) {
	if text != "" {
		return T(text), nil
	}
	return newID(a, make)
}
