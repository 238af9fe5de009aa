package web

import (
	"slices"
	"strconv"

	"comity"
	"comity/intake/profile"
)

// guideAboutView asks for field of work and regions.
type guideAboutView struct {
	guideView
	Sectors, Regions []string
}

func (s *site) showGuideAbout(c *call) error {
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	f := formOf(nil)
	f.values["sector"], f.values["region"] = p.Sectors, p.Regions
	g, err := c.guidePage(comity.GuideAbout, p, f)
	if err != nil {
		return err
	}
	return c.render("guide/about", guideAboutView{g, comity.Sectors, comity.Regions})
}

func (s *site) saveGuideAbout(c *call) error {
	f, err := c.form("revision", "way", "sector", "region")
	if err != nil {
		return err
	}
	p, changed, err := c.editable(f, func(p comity.Profile) any { return [2]any{p.Sectors, p.Regions} })
	if err != nil {
		return err
	}
	after := p
	after.Sectors, after.Regions = chosen(f, "sector", comity.Sectors), chosen(f, "region", comity.Regions)
	if len(after.Sectors) == 0 {
		f.Fail("sector", "guide.about.error")
	}
	if f.OK() && !changed {
		if changed, err = c.saveStep(guideAnswer{step: comity.GuideAbout, before: p, after: after}); !changed || err != nil {
			return err
		}
	}
	g, err := c.guidePage(comity.GuideAbout, p, f)
	if err != nil {
		return err
	}
	return c.renderStep("guide/about", guideAboutView{g.changed(changed), comity.Sectors, comity.Regions}, changed)
}

// changed notes that somebody else saved the same part in the meantime.
func (v guideView) changed(changed bool) guideView {
	v.Changed = changed
	return v
}

// renderStep shows a step again, because something is wrong or because somebody else was faster.
func (c *call) renderStep(page string, data any, changed bool) error {
	if changed {
		return c.renderChanged(page, data)
	}
	return c.renderInvalid(page, data)
}

// guideSoftwareView takes the products that can be reached from the internet, or leads to an import of all.
type guideSoftwareView struct {
	guideView
	Rows []formRow
}

const guideSoftwareRows = 5

func guideSoftwareForm() *form {
	values := map[string]string{}
	for i := range guideSoftwareRows {
		values[rowField("placement", i)] = string(comity.InternetFacing)
	}
	return formOf(values)
}

func softwareRows() []formRow {
	rows := make([]formRow, guideSoftwareRows)
	for i := range rows {
		rows[i].Index = i
	}
	return rows
}

func (s *site) showGuideSoftware(c *call) error {
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	g, err := c.guidePage(comity.GuideSoftware, p, guideSoftwareForm())
	if err != nil {
		return err
	}
	return c.render("guide/software", guideSoftwareView{g, softwareRows()})
}

// saveGuideSoftware adds the lines that were typed to the inventory. Without one, an inventory that is there is what the
// step asks for: its effect is told against the figure after the step before.
func (s *site) saveGuideSoftware(c *call) error {
	f, err := c.form("revision", "way", "vendor.*", "name.*", "version.*", "placement.*")
	if err != nil {
		return err
	}
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	after := p
	after.Software = slices.Clone(p.Software)
	for i := range guideSoftwareRows {
		get := rowFields(f, i)
		if get("vendor") == "" && get("name") == "" {
			continue
		}
		line, problems := profile.ParseSoftware(get)
		failRow(f, i, problems)
		if line.ID, err = newID(comity.MakeSoftwareID); err != nil {
			return err
		}
		after.Software = append(after.Software, line)
	}
	if len(after.Software) == 0 {
		f.Fail("name.0", "guide.software.error")
	}
	profile.Sort(&after)
	changed := false
	if f.OK() {
		if changed, err = c.saveStep(guideAnswer{step: comity.GuideSoftware, before: p, after: after, elsewhere: len(after.Software) == len(p.Software)}); !changed || err != nil {
			return err
		}
	}
	g, err := c.guidePage(comity.GuideSoftware, p, f)
	if err != nil {
		return err
	}
	return c.renderStep("guide/software", guideSoftwareView{g.changed(changed), softwareRows()}, changed)
}

// guideBandsView asks for the tolerance, and shows what the grades mean.
type guideBandsView struct {
	guideView
	bandsFields
}

func (s *site) showGuideBands(c *call) error {
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	f := s.bandsForm(p)
	if p.Tolerance == 0 {
		f.values.Set("tolerance", amountText(s.pipeline.Catalogue().Tolerance))
	}
	g, err := c.guidePage(comity.GuideBands, p, f)
	if err != nil {
		return err
	}
	return c.render("guide/bands", guideBandsView{g, s.bandsFields(f)})
}

func (s *site) saveGuideBands(c *call) error {
	f, err := c.form("revision", "way", "which", "tolerance", "low.*", "high.*")
	if err != nil {
		return err
	}
	p, changed, err := c.editable(f, bandsPart)
	if err != nil {
		return err
	}
	after := withBands(f, p)
	if f.OK() && !changed {
		if changed, err = c.saveStep(guideAnswer{step: comity.GuideBands, before: p, after: after}); !changed || err != nil {
			return err
		}
	}
	g, err := c.guidePage(comity.GuideBands, p, f)
	if err != nil {
		return err
	}
	return c.renderStep("guide/bands", guideBandsView{g.changed(changed), s.bandsFields(f)}, changed)
}

// guideSuppliersView asks for suppliers that others depend on too.
type guideSuppliersView struct {
	guideView
	Rows []formRow
}

func (s *site) showGuideSuppliers(c *call) error {
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	f := suppliersForm(p.Suppliers)
	for i := len(p.Suppliers); i < len(p.Suppliers)+blankRows; i++ {
		f.values.Set(rowField("dependence", i), strconv.Itoa(usualDependence))
	}
	g, err := c.guidePage(comity.GuideSuppliers, p, f)
	if err != nil {
		return err
	}
	return c.render("guide/suppliers", guideSuppliersView{g, formRows(f, len(p.Suppliers))})
}

// usualDependence is what stands in the form of a new supplier, in per cent: a hypothesis to be changed.
const usualDependence = 15

func (s *site) saveGuideSuppliers(c *call) error {
	f, err := c.form("revision", "way", "rows", "id.*", "name.*", "dependence.*", "remove.*")
	if err != nil {
		return err
	}
	p, changed, err := c.editable(f, func(p comity.Profile) any { return p.Suppliers })
	if err != nil {
		return err
	}
	n := f.Int("rows", 0, maxSuppliers+blankRows)
	after := p
	if after.Suppliers, err = readSuppliers(f, n, p.Suppliers); err != nil {
		return err
	}
	if len(after.Suppliers) > maxSuppliers {
		f.Fail("name.0", "profile.problem.limit", "value", maxSuppliers)
	}
	profile.Sort(&after)
	if f.OK() && !changed {
		if changed, err = c.saveStep(guideAnswer{step: comity.GuideSuppliers, before: p, after: after}); !changed || err != nil {
			return err
		}
	}
	g, err := c.guidePage(comity.GuideSuppliers, p, f)
	if err != nil {
		return err
	}
	return c.renderStep("guide/suppliers", guideSuppliersView{g.changed(changed), formRows(f, max(0, n-blankRows))}, changed)
}
