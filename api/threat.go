package api

import (
	"context"
	"net/http"

	"comity"
)

type threatsInput struct {
	Text       string  `query:"q" maxLength:"200" doc:"Words that must all occur in key, name, vendor, product or description"`
	Kind       string  `query:"kind" enum:"vulnerability,technique,actor,compromise"`
	Source     string  `query:"source" maxLength:"64" doc:"Where it came from, such as cisa-kev"`
	Exploited  bool    `query:"exploited" doc:"Only what CISA's catalogue of exploited vulnerabilities has today"`
	CVSS       float64 `query:"cvss" minimum:"0" maximum:"10" doc:"Only with a CVSS base score of at least this"`
	Ransomware bool    `query:"ransomware" doc:"Only with known use in ransomware campaigns"`
	Touching   bool    `query:"touching" doc:"Only what touches the own organisation"`
	Since      string  `query:"since" format:"date" doc:"Published on this day or later"`
	Sort       string  `query:"sort" enum:"published,epss,name" default:"published" doc:"Newest first, highest EPSS score first, or by name"`
	Paging
}

func (in *threatsInput) query(c caller) (comity.ThreatQuery, error) {
	since, err := comity.ParseDate(in.Since)
	if err != nil {
		return comity.ThreatQuery{}, invalid("query.since", "want YYYY-MM-DD")
	}
	q := comity.ThreatQuery{
		Text: in.Text, Kind: comity.ThreatKind(in.Kind), Source: comity.SourceID(in.Source), Ransomware: in.Ransomware, Exploited: in.Exploited, CVSS: in.CVSS,
		Since: since, Sort: in.Sort, Limit: in.Limit, Offset: in.Offset,
	}
	if in.Touching {
		q.Touching = c.org()
		return q, c.member()
	}
	return q, nil
}

type threatInput struct {
	ID string `path:"id" doc:"Identity, such as thr_CVE-2021-44228"`
}

func (a *api) threats() {
	handle(a, get("list-threats", "/threats", "threats", "Threats that you may see"),
		func(ctx context.Context, c caller, in *threatsInput) (*content[Page[comity.Threat]], error) {
			q, err := in.query(c)
			if err != nil {
				return nil, err
			}
			p, err := a.store.Threats(ctx, c.viewer, q)
			if err != nil {
				return nil, err
			}
			return pageOf(c, in.Paging, p.Threats, p.Total), nil
		}, http.StatusForbidden)
	handle(a, get("get-threat", "/threats/{id}", "threats", "One threat"),
		func(ctx context.Context, c caller, in *threatInput) (*content[comity.Threat], error) {
			id, err := parsed(comity.ParseThreatID, in.ID)
			if err != nil {
				return nil, err
			}
			t, err := a.store.Threat(ctx, c.viewer, id)
			return bodyOf(t), err
		}, http.StatusNotFound)
}

type threatWarningsInput struct {
	ID string `path:"id" doc:"Identity of an indicator"`
	Paging
}

// ValueWarnings are what warning lists say of one value.
type ValueWarnings struct {
	Value    comity.Observable `json:"value"`
	Warnings []comity.Warning  `json:"warnings"`
}

func (a *api) threatWarnings() {
	handle(a, get("list-threat-warnings", "/threats/{id}/warnings", "threats", "Values of an indicator that are in warning lists, so that they may be no sign of an attack"),
		func(ctx context.Context, c caller, in *threatWarningsInput) (*content[Page[ValueWarnings]], error) {
			id, err := parsed(comity.ParseThreatID, in.ID)
			if err != nil {
				return nil, err
			}
			t, err := a.store.Threat(ctx, c.viewer, id)
			if err != nil {
				return nil, err
			}
			list, err := a.warningsOf(ctx, c, t.Indicator)
			if err != nil {
				return nil, err
			}
			return cut(c, in.Paging, list), nil
		}, http.StatusNotFound)
}

// warningsOf returns the values of an indicator that are in lists, in their order.
func (a *api) warningsOf(ctx context.Context, c caller, i *comity.Indicator) ([]ValueWarnings, error) {
	list := []ValueWarnings{}
	if i == nil {
		return list, nil
	}
	found, err := a.pipeline.Warnings(ctx, c.viewer, i.Values)
	for at, warnings := range found {
		if len(warnings) > 0 {
			list = append(list, ValueWarnings{i.Values[at], warnings})
		}
	}
	return list, err
}

func (a *api) sources() {
	handle(a, get("list-sources", "/sources", "threats", "Where threats come from, and what the last intake did"),
		func(ctx context.Context, c caller, in *struct{ Paging }) (*content[Page[comity.Source]], error) {
			list, err := a.store.Sources(ctx, c.viewer)
			if err != nil {
				return nil, err
			}
			return cut(c, in.Paging, list), nil
		})
}
