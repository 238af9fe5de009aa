package web

import (
	"cmp"
	"slices"

	"comity"
)

func (s *site) actionEffects(r *routes) {
	r.handle("GET /actions/effect", members, s.listEffects)
	r.handle("POST /actions/{id}/effect", editors, s.keepEffect)
}

// effectsView ranks the open items by what they would remove of the viewer's own exposure.
type effectsView struct {
	view
	Rows   []effectRow
	Closed []effectRow // what closed items did remove
	More   int         // items that are not compared
}

// effectRow is an item with what it removes for the viewer's organisation.
type effectRow struct {
	actionRow
	Removes comity.Improvement
	PerDay  float64 // significant incidents a year for each person-day; 0: the effort is not estimated
	Width   float64 // of the bar, in per cent of the largest
}

// effectItems is how many items one page compares: it bounds what it costs.
const effectItems = 60

// effectOf returns what an item would remove for the viewer's organisation if it is done, nil where nothing can be told:
// the item is linked to nothing, another organisation's alone, or the own organisation is not assessed yet.
func (c *call) effectOf(a comity.ActionItem) (*comity.Improvement, error) {
	m, ok := comity.MeasureOf(a)
	if !ok || !c.seesOwn() || !a.IsOpen() {
		return nil, nil
	}
	found, err := c.site.pipeline.Effects(c.ctx(), c.viewer, c.viewer.Org(), []comity.Measure{m})
	if err != nil && comity.KindOf(err) == comity.NotFound {
		return nil, nil
	}
	one, ok := found[m]
	if err != nil || !ok {
		return nil, err
	}
	return &one, nil
}

// keptEffectOf returns what a closed item did remove for the viewer's organisation, nil where nothing was kept.
func (c *call) keptEffectOf(a comity.ActionItem) (*comity.ActionEffect, error) {
	if !c.seesOwn() || a.Status != comity.ActionDone {
		return nil, nil
	}
	e, err := c.site.store.ActionEffect(c.ctx(), c.viewer, a.ID, c.viewer.Org())
	if err != nil && comity.KindOf(err) == comity.NotFound {
		return nil, nil
	}
	return &e, err
}

func (s *site) listEffects(c *call) error {
	v := effectsView{view: c.view()}
	v.Marking = ownMarking
	acronyms, err := c.acronyms()
	if err != nil {
		return err
	}
	if v.Rows, v.More, err = c.effectRows(acronyms, &v.Marking); err != nil {
		return err
	}
	if v.Closed, err = c.closedEffects(acronyms, &v.Marking); err != nil {
		return err
	}
	return c.render("actions/effect", v)
}

// effectRows ranks the open items that remove something of the own exposure, and says how many items were not compared.
func (c *call) effectRows(acronyms map[comity.OrgID]string, marking *comity.TLP) ([]effectRow, int, error) {
	page, err := c.site.store.Actions(c.ctx(), c.viewer, comity.ActionQuery{Open: true, Linked: true, Limit: effectItems})
	if err != nil {
		return nil, 0, err
	}
	var measures []comity.Measure
	for _, a := range page.Actions {
		if m, ok := comity.MeasureOf(a); ok {
			measures = append(measures, m)
		}
	}
	found, err := c.site.pipeline.Effects(c.ctx(), c.viewer, c.viewer.Org(), measures)
	if err != nil && comity.KindOf(err) != comity.NotFound {
		return nil, 0, err
	}
	var rows []effectRow
	for _, row := range c.actionRows(page.Actions, acronyms, marking) {
		m, _ := comity.MeasureOf(row.ActionItem)
		if one := found[m]; one.Expected > 0 {
			rows = append(rows, effectRowOf(row, one))
		}
	}
	rankEffects(rows)
	return rows, page.Total - len(page.Actions), nil
}

func effectRowOf(row actionRow, removes comity.Improvement) effectRow {
	r := effectRow{actionRow: row, Removes: removes}
	if row.Effort > 0 {
		r.PerDay = removes.Expected / float64(row.Effort)
	}
	return r
}

// rankEffects puts what removes most for its effort first, then what has no effort estimated, by what it removes.
func rankEffects(rows []effectRow) {
	slices.SortStableFunc(rows, func(a, b effectRow) int {
		return cmp.Or(cmp.Compare(b.PerDay, a.PerDay), cmp.Compare(b.Removes.Expected, a.Removes.Expected))
	})
	most := 0.0
	for _, r := range rows {
		most = max(most, r.Removes.Expected)
	}
	for i := range rows {
		rows[i].Width = 100 * rows[i].Removes.Expected / max(most, 1e-12)
	}
}

// closedEffects lists what the last closed items did remove.
func (c *call) closedEffects(acronyms map[comity.OrgID]string, marking *comity.TLP) ([]effectRow, error) {
	kept, err := c.site.store.ActionEffects(c.ctx(), c.viewer, c.viewer.Org(), closedShown)
	if err != nil || len(kept) == 0 {
		return nil, err
	}
	ids := make([]comity.ActionID, len(kept))
	for i, e := range kept {
		ids[i] = e.Action
	}
	page, err := c.site.store.Actions(c.ctx(), c.viewer, comity.ActionQuery{IDs: ids, Limit: closedShown})
	if err != nil {
		return nil, err
	}
	rows := c.actionRows(page.Actions, acronyms, marking)
	var list []effectRow
	for _, e := range kept {
		if i := slices.IndexFunc(rows, func(r actionRow) bool { return r.ID == e.Action }); i >= 0 {
			list = append(list, effectRowOf(rows[i], e.Removed))
		}
	}
	return list, nil
}

// closedShown is how many closed items are listed with what they removed.
const closedShown = 20

// keepEffect works out again what a closed item removed, after the profile was brought up to date.
func (s *site) keepEffect(c *call) error {
	id, err := c.actionID()
	if err != nil {
		return err
	}
	if _, err := c.form(); err != nil {
		return err
	}
	a, err := s.store.Action(c.ctx(), c.viewer, id)
	if err != nil {
		return err
	}
	if a.Owner != c.viewer.Org() && !slices.Contains(a.Contributors, c.viewer.Org()) {
		return comity.Errorf(comity.Forbidden, "only who did it works out what it removed")
	}
	if err := s.pipeline.KeepEffect(c.ctx(), c.viewer, id); err != nil {
		return err
	}
	c.flash("action.effect.kept")
	return c.redirect("/actions/" + string(id))
}
