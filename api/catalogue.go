package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"comity"
	"comity/assess/catalogue"
)

const catalogueTag = "scenario catalogue"

type catalogueInput struct {
	Number int `path:"number" minimum:"0" maximum:"1000000" doc:"Number of the version; 0: the one in force"`
}

// catalogueHead is one version without what is in it.
type catalogueHead struct {
	Number   int       `json:"number"`
	Adopted  time.Time `json:"adopted"`
	Restores int       `json:"restores,omitempty" doc:"The earlier version that it brings back"`
	Note     string    `json:"note,omitempty" doc:"Why, in the words of who adopted it"`
}

// catalogueContent is one version.
type catalogueContent struct {
	catalogueHead
	Document any `json:"document" doc:"Scenarios, strengths, bands and tolerance, as \"comity catalogue export\" writes them"`
}

type exposureDayInput struct {
	Day string `path:"day" format:"date" doc:"A day in UTC, 2006-01-02"`
}

func headOf(v comity.CatalogueVersion) catalogueHead {
	return catalogueHead{Number: v.Number, Adopted: v.Adopted, Restores: v.Restores, Note: v.Note}
}

func (a *api) catalogues() {
	handle(a, get("list-catalogue-versions", "/catalogue/versions", catalogueTag, "The versions of the scenario catalogue, newest first; the first is in force"),
		func(ctx context.Context, c caller, in *struct{ Paging }) (*content[Page[catalogueHead]], error) {
			if err := require(c.viewer.SeesCatalogue()); err != nil {
				return nil, err
			}
			page, err := a.store.Catalogues(ctx, c.viewer, in.Limit, in.Offset)
			if err != nil {
				return nil, err
			}
			heads := make([]catalogueHead, 0, len(page.Versions))
			for _, v := range page.Versions {
				heads = append(heads, headOf(v))
			}
			return pageOf(c, in.Paging, heads, page.Total), nil
		}, http.StatusForbidden)
	handle(a, get("get-catalogue-version", "/catalogue/versions/{number}", catalogueTag, "One version of the scenario catalogue"),
		func(ctx context.Context, c caller, in *catalogueInput) (*content[catalogueContent], error) {
			if err := require(c.viewer.SeesCatalogue()); err != nil {
				return nil, err
			}
			v, err := a.store.Catalogue(ctx, c.viewer, in.Number)
			if err != nil {
				return nil, err
			}
			var text bytes.Buffer
			if err := catalogue.Write(&text, v.Catalogue); err != nil {
				return nil, err
			}
			return bodyOf(catalogueContent{catalogueHead: headOf(v), Document: json.RawMessage(text.Bytes())}), nil
		}, http.StatusForbidden, http.StatusNotFound)
	handle(a, get("get-exposure-of-day", "/exposure/days/{day}", "own organisation", "How exposed the own organisation was at the end of a day, as it was assessed and kept, without curve, splits and cells"),
		func(ctx context.Context, c caller, in *exposureDayInput) (*content[comity.Exposure], error) {
			if err := c.member(); err != nil {
				return nil, err
			}
			day, err := comity.ParseDate(in.Day)
			if err != nil || day.IsZero() {
				return nil, invalid("path.day", "want a day such as 2006-01-02")
			}
			e, err := a.store.ExposureOn(ctx, c.viewer, c.org(), day)
			return bodyOf(e), err
		}, http.StatusForbidden, http.StatusNotFound)
}
