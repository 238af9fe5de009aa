package web

import (
	"fmt"
	"strconv"

	"comity"
)

func (s *site) profileBands(r *routes) {
	r.handle("GET /profile/bands", members, s.showBands)
	r.handle("POST /profile/bands", editors, s.putBands)
}

// maxAmount bounds a sum that somebody enters, in the group's reference unit.
const maxAmount = 1e15

// bandsView is the page of the band table and the tolerance.
type bandsView struct {
	profileView
	bandsFields
}

// bandsFields are the fields of the band table and the tolerance.
type bandsFields struct {
	Grades    []bandGrade
	Areas     []comity.Area
	Default   float64 // the group's tolerance
	Tolerance field
}

// bandGrade is one row: a grade of criticality with its fields in each area.
type bandGrade struct {
	Grade int // 1–4
	Cells []bandCell
}

// bandCell is the interval of one grade in one area.
type bandCell struct {
	Grade     int
	Area      comity.Area
	Low, High field
}

func bandField(end string, grade int, area comity.Area) string {
	return fmt.Sprintf("%s.%d.%s", end, grade, area)
}

func amountText(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

func (s *site) bandsForm(p comity.Profile) *form {
	table, which := s.pipeline.Catalogue().Bands, "group"
	if p.Bands != nil {
		table, which = *p.Bands, "own"
	}
	values := map[string]string{"which": which}
	if p.Tolerance > 0 {
		values["tolerance"] = amountText(p.Tolerance)
	}
	for i, row := range table {
		for _, area := range comity.Areas {
			values[bandField("low", i+1, area)] = amountText(row[area].Low)
			values[bandField("high", i+1, area)] = amountText(row[area].High)
		}
	}
	return formOf(values)
}

func (s *site) showBands(c *call) error {
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	return c.render("profile/bands", c.bandsView(p, s.bandsForm(p)))
}

func (c *call) bandsView(p comity.Profile, f *form) bandsView {
	return bandsView{c.profileView(p, f), c.site.bandsFields(f)}
}

func (s *site) bandsFields(f *form) bandsFields {
	return bandsFields{
		Grades: bandGrades(f), Areas: comity.Areas[:], Default: s.pipeline.Catalogue().Tolerance, Tolerance: field{f, "tolerance"},
	}
}

// bandsPart is the part of a profile that the band table and the tolerance are.
func bandsPart(p comity.Profile) any {
	return struct {
		Bands     *comity.BandTable
		Tolerance float64
	}{p.Bands, p.Tolerance}
}

func (s *site) putBands(c *call) error {
	f, err := c.form("revision", "which", "tolerance", "low.*", "high.*")
	if err != nil {
		return err
	}
	p, changed, err := c.editable(f, bandsPart)
	if err != nil {
		return err
	}
	after := withBands(f, p)
	v := c.bandsView(p, f)
	if !f.OK() {
		return c.renderInvalid("profile/bands", v)
	}
	if !changed {
		changed, err = c.putProfile(p, after, "/profile/bands", "profile.saved")
		if !changed || err != nil {
			return err
		}
	}
	v.Changed = true
	return c.renderChanged("profile/bands", v)
}

// withBands returns the profile with the tolerance and the table that the form has.
func withBands(f *form, p comity.Profile) comity.Profile {
	p.Bands, p.Tolerance = nil, 0
	if f.Value("tolerance") != "" {
		p.Tolerance = f.Float("tolerance", 1, maxAmount)
	}
	if f.Choice("which", "group", "own") == "own" {
		p.Bands = readBands(f)
	}
	return p
}

// readBands reads the own table. Both ends of an interval are zero, or the second is larger than the first.
func readBands(f *form) *comity.BandTable {
	var table comity.BandTable
	for i := range table {
		for _, area := range comity.Areas {
			low, high := bandField("low", i+1, area), bandField("high", i+1, area)
			b := comity.Interval{Low: f.Float(low, 0, maxAmount), High: f.Float(high, 0, maxAmount)}
			none := b.Low == 0 && b.High == 0
			if !none && (b.Low <= 0 || b.High <= b.Low) && f.Error(low) == nil {
				f.Fail(high, "profile.bands.error.order")
			}
			table[i][area] = b
		}
	}
	return &table
}
