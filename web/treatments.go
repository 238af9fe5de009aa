package web

import (
	"cmp"
	"slices"

	"comity"
)

func (s *site) treatments(r *routes) {
	r.handle("GET /organization/treatments", members, s.showTreatments)
	r.handle("POST /organization/treatments/threshold", editors, s.putThreshold)
	r.handle("GET /organization/treatments/export.csv", members, s.exportTreatmentsCSV)
	r.handle("GET /organization/treatments/export.xlsx", members, s.exportTreatmentsXLSX)
	s.treatment(r)
}

// treatmentsView lists what is done about each exposure.
type treatmentsView struct {
	view
	Exposure *comity.Exposure // nil: not assessed yet
	Plan     comity.TreatmentPlan
	Rows     []treatmentRow
	Above    int // scenarios above tolerance
	Bare     int // of them, those without a treatment
	Overdue  int
	Waiting  int // acceptances that nobody approved yet
	Form     *form
	Edits    bool
}

// treatmentRow is one scenario with what is done about it.
type treatmentRow struct {
	comity.Treatment
	Scenario comity.ScenarioID
	Now      comity.Estimate // P(at least one significant incident in 12 months); zero if it is no longer assessed
	Assessed bool
	Above    bool
	Standing comity.TreatmentState
	Missing  bool // above tolerance, and nothing is done
}

func treatmentPath(id comity.ScenarioID) string { return "/organization/treatments/" + string(id) }

// treatmentPlan reads what a page on treatments shows.
func (c *call) treatmentPlan(f *form) (treatmentsView, error) {
	e, assessed, err := c.site.exposure(c)
	if err != nil {
		return treatmentsView{}, err
	}
	v := treatmentsView{view: c.ownView(e), Form: f, Edits: editors(c) == nil}
	if assessed {
		v.Exposure = &e
	}
	if v.Plan, err = c.site.store.Treatments(c.ctx(), c.viewer, c.viewer.Org()); err != nil {
		return v, err
	}
	today := comity.DateOf(c.site.now())
	v.Rows = treatmentRows(e, v.Plan, today)
	v.Overdue, v.Waiting = v.Plan.Overdue(today), v.Plan.Waiting(today)
	for _, row := range v.Rows {
		if row.Above {
			v.Above++
		}
		if row.Missing {
			v.Bare++
		}
	}
	return v, nil
}

// treatmentRows joins scenarios and treatments: those above tolerance first, the likeliest at the top; a treatment of a
// scenario that is no longer assessed stands at the end.
func treatmentRows(e comity.Exposure, plan comity.TreatmentPlan, today comity.Date) []treatmentRow {
	var rows []treatmentRow
	for _, s := range e.Scenarios {
		row := treatmentRow{Treatment: plan.Of(s.Scenario), Scenario: s.Scenario, Now: s.Significant, Assessed: true, Above: plan.Above(s)}
		row.Standing = row.State(today)
		row.Missing = row.Above && row.Standing == comity.TreatmentNone
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b treatmentRow) int { return cmp.Compare(b.Now.Value, a.Now.Value) })
	for _, t := range plan.Treatments {
		_, assessed := e.Scenario(t.Scenario)
		if !assessed && t.State(today) != comity.TreatmentNone {
			rows = append(rows, treatmentRow{Treatment: t, Scenario: t.Scenario, Standing: t.State(today)})
		}
	}
	return rows
}

func (s *site) showTreatments(c *call) error {
	v, err := c.treatmentPlan(nil)
	if err != nil {
		return err
	}
	v.Form = formOf(map[string]string{"threshold": c.locale.Decimal(v.Plan.Threshold*100, 1)})
	return c.render("organization/treatments", v)
}

func (s *site) putThreshold(c *call) error {
	f, err := c.form("threshold")
	if err != nil {
		return err
	}
	p := f.Float("threshold", 0.1, 99) / 100
	if !f.OK() {
		v, err := c.treatmentPlan(f)
		if err != nil {
			return err
		}
		return c.renderInvalid("organization/treatments", v)
	}
	if err := s.store.PutTreatmentThreshold(c.ctx(), c.viewer, c.viewer.Org(), p, s.now()); err != nil {
		return err
	}
	c.flash("profile.saved")
	return c.redirect("/organization/treatments")
}

var treatmentColumns = []string{
	"tlp", "scenario", "name", "probability", "low", "high", "above_tolerance", "state", "option", "owner", "reason", "until", "proposed", "approved", "actions",
}

// treatmentTable returns the list as rows of a file.
func (c *call) treatmentTable() ([][]string, error) {
	v, err := c.treatmentPlan(nil)
	if err != nil {
		return nil, err
	}
	rows := [][]string{treatmentColumns}
	for _, r := range v.Rows {
		line := []string{
			v.Marking.String(), string(r.Scenario), c.t("scenario." + string(r.Scenario) + ".name"), decimalText(r.Now.Value), decimalText(r.Now.Low), decimalText(r.Now.High),
			yes(r.Above), string(r.Standing), "", "", "", "", "", "", "",
		}
		if r.Standing != comity.TreatmentNone {
			copy(line[8:], []string{string(r.Option), r.Owner, r.Reason, r.Until.String(), day(r.Proposed), day(r.Approved), joined(r.Actions)})
		}
		rows = append(rows, line)
	}
	return rows, nil
}

func (s *site) exportTreatmentsCSV(c *call) error {
	rows, err := c.treatmentTable()
	if err != nil {
		return err
	}
	return c.writeCSV(exportName(c, "treatments", "csv"), rows)
}

func (s *site) exportTreatmentsXLSX(c *call) error {
	rows, err := c.treatmentTable()
	if err != nil {
		return err
	}
	return c.writeXLSX(exportName(c, "treatments", "xlsx"), c.t("treatment.title"), rows)
}
