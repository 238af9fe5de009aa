package web

import (
	"net/http"
	"slices"
	"strings"

	"comity"
)

func (s *site) stix(r *routes) {
	r.handle("GET /sources/{source}/objects", people, s.listSTIX)
	r.handle("GET /sources/{source}/objects/{id}", people, s.downloadSTIX)
}

// stixUses are what the list of objects can be filtered by.
var stixUses = []comity.STIXUse{comity.STIXThreat, comity.STIXLink, comity.STIXKept}

// shownSTIXRefusals is how many objects that could not be used the page lists.
const shownSTIXRefusals = 50

// stixView is the page of a source's objects.
type stixView struct {
	view
	Source  comity.SourceID
	Type    string
	Use     comity.STIXUse
	Types   []string
	Uses    []comity.STIXUse
	Objects []comity.STIXObject
	Paging  paging
	Known   bool // the viewer may see the source's own page too
	Takes   bool
	Hidden  int
	Refused []comity.STIXRefusal
}

// listSTIX shows which objects of a source are kept, what is made of each, and why no more.
func (s *site) listSTIX(c *call) error {
	src, err := comity.ParseSTIXSource(c.r.PathValue("source"))
	if err != nil {
		return comity.Errorf(comity.NotFound, "no such source of STIX")
	}
	query := c.r.URL.Query()
	v := stixView{view: c.view(), Source: src, Type: query.Get("type"), Uses: stixUses, Takes: c.viewer.TakesIn()}
	if use := comity.STIXUse(query.Get("use")); slices.Contains(stixUses, use) {
		v.Use = use
	}
	q := comity.STIXQuery{Source: src, Type: v.Type, Use: v.Use, Limit: pageSize, Offset: offsetOf(query)}
	page, err := s.store.STIXObjects(c.ctx(), c.viewer, q)
	if err != nil {
		return err
	}
	v.Objects, v.Types = page.Objects, page.Types
	_, err = s.store.Source(c.ctx(), c.viewer, src)
	if v.Known = err == nil; err != nil && comity.KindOf(err) != comity.NotFound {
		return err
	}
	v.Paging = pagingOf("/sources/"+string(src)+"/objects", query, q.Offset, len(page.Objects), page.Total)
	v.Marking = comity.TLPClear
	for _, o := range v.Objects {
		v.Marking = comity.Strictest(v.Marking, o.TLP)
	}
	if !v.Takes {
		return c.render("sources/objects", v)
	}
	if v.Hidden, err = s.store.STIXHidden(c.ctx(), c.viewer, src); err != nil {
		return err
	}
	if v.Refused, err = s.store.STIXRefusals(c.ctx(), c.viewer, src, shownSTIXRefusals); err != nil {
		return err
	}
	return c.render("sources/objects", v)
}

// downloadSTIX answers with an object's bytes as they were received, never to be shown by the browser itself.
func (s *site) downloadSTIX(c *call) error {
	o, err := s.store.STIXObject(c.ctx(), c.viewer, c.r.PathValue("id"))
	if err != nil {
		return err
	}
	if !slices.Contains(o.Sources, comity.SourceID(c.r.PathValue("source"))) {
		return comity.Errorf(comity.NotFound, "no such object of this source")
	}
	c.attach("application/stix+json;version="+o.SpecVersion, o.ID+".json")
	c.w.WriteHeader(http.StatusOK)
	_, _ = c.w.Write(o.Received) // who went away does not hear of it
	return nil
}

// stixItem is what a page of an item of intelligence from STIX shows beyond other threats.
type stixItem struct {
	Expired bool
	Related []comity.STIXRelated
}

// stixItem adds what the item is tied to, and when an indicator holds.
func (c *call) stixItem(t comity.Threat) (stixItem, error) {
	if _, err := comity.ParseSTIXSource(string(t.Source)); err != nil {
		return stixItem{}, nil
	}
	item := stixItem{}
	if t.Indicator != nil {
		until := t.Indicator.ValidUntil
		item.Expired = !until.IsZero() && !c.site.now().Before(until)
	}
	var err error
	item.Related, err = c.site.store.STIXRelated(c.ctx(), c.viewer, t.ID)
	return item, err
}

// shownName returns a threat's name so that nobody clicks it by mistake, where it is a value that an indicator looks for.
func shownName(t comity.Threat) string {
	if t.Indicator == nil {
		return t.Name
	}
	for _, o := range t.Indicator.Values {
		if o.Value == t.Name {
			return o.Shown()
		}
	}
	if _, ok := comity.LooksObservable(t.Name); ok {
		return comity.Defang(t.Name)
	}
	return t.Name
}

// keyShown reports whether a threat's key says something to people: that of an object of STIX doesn't, and one that is
// also the name says nothing more.
func keyShown(t comity.Threat) bool {
	return !strings.Contains(t.ID.Key(), "--") && t.ID.Key() != t.Name
}
