package web

import (
	"slices"
	"strconv"

	"comity"
	"comity/intake/profile"
)

func (s *site) profileServices(r *routes) {
	r.handle("GET /profile/services", members, s.showServices)
	r.handle("POST /profile/services", editors, s.putServices)
}

const (
	maxServices  = 60
	maxSuppliers = 300
	blankRows    = 3 // for new lines below the existing ones
)

// rowsView is a page whose form has one row for each line of a list, and blank ones.
type rowsView struct {
	profileView
	Rows   []formRow
	Levels []comity.Level
	Grades []string
}

// formRow is one row of such a form.
type formRow struct {
	Index int
	ID    string // of the line; empty for a new one
	Name  string // of the line as it is saved
}

// Field returns the name of a field in this row, such as "name.3".
func (r formRow) Field(name string) string { return rowField(name, r.Index) }

func rowField(name string, index int) string { return name + "." + strconv.Itoa(index) }

var gradeTexts = []string{"0", "1", "2", "3", "4"}

// formRows returns rows for a form that holds n lines.
func formRows(f *form, n int) []formRow {
	rows := make([]formRow, 0, n+blankRows)
	for i := range n + blankRows {
		rows = append(rows, formRow{Index: i, ID: f.Value(rowField("id", i)), Name: f.Value(rowField("name", i))})
	}
	return rows
}

// rowFields reads the fields of one row.
func rowFields(f *form, index int) profile.Fields {
	return func(column string) string { return f.Value(rowField(column, index)) }
}

// failRow notes the problems of one row.
func failRow(f *form, index int, problems []profile.Problem) {
	for _, p := range problems {
		f.Fail(rowField(p.Column, index), "profile.problem."+string(p.Code), "value", p.Value)
	}
}

func servicesForm(services []comity.Service) *form {
	values := map[string]string{}
	for i, s := range services {
		values[rowField("id", i)] = string(s.ID)
		values[rowField("name", i)] = s.Name
		values[rowField("level", i)] = string(s.Level)
		for _, p := range comity.Properties {
			values[rowField(p.String(), i)] = strconv.Itoa(s.Criticality[p])
		}
	}
	return formOf(values)
}

func (s *site) showServices(c *call) error {
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	return c.render("profile/services", c.servicesView(p, servicesForm(p.Services), len(p.Services)))
}

func (c *call) servicesView(p comity.Profile, f *form, n int) rowsView {
	return rowsView{profileView: c.profileView(p, f), Rows: formRows(f, n), Levels: comity.Levels, Grades: gradeTexts}
}

func (s *site) putServices(c *call) error {
	f, err := c.form("revision", "rows", "id.*", "name.*", "level.*", "remove.*",
		"confidentiality.*", "integrity.*", "availability.*", "reliability.*")
	if err != nil {
		return err
	}
	p, changed, err := c.editable(f, func(p comity.Profile) any { return p.Services })
	if err != nil {
		return err
	}
	n := f.Int("rows", 0, maxServices+blankRows)
	services, err := readServices(f, n, p.Services)
	if err != nil {
		return err
	}
	if len(services) > maxServices {
		f.Fail("name.0", "profile.problem.limit", "value", maxServices)
	}
	v := c.servicesView(p, f, max(0, n-blankRows))
	if !f.OK() {
		return c.renderInvalid("profile/services", v)
	}
	if !changed {
		after := p
		after.Services = services
		profile.Sort(&after)
		changed, err = c.putProfile(p, after, "/profile/services", "profile.saved")
		if !changed || err != nil {
			return err
		}
	}
	v.Changed = true
	return c.renderChanged("profile/services", v)
}

// readServices reads the rows that are not empty and not to be removed. A row keeps the identity of the line that it was
// made from, if that is one of saved; all others get a new one.
func readServices(f *form, n int, saved []comity.Service) ([]comity.Service, error) {
	services := []comity.Service{}
	for i := range n {
		get := rowFields(f, i)
		if get("remove") != "" || get("id") == "" && get("name") == "" {
			continue
		}
		service, problems := profile.ParseService(get)
		failRow(f, i, problems)
		known := slices.ContainsFunc(saved, func(s comity.Service) bool { return s.ID == service.ID })
		again := slices.ContainsFunc(services, func(s comity.Service) bool { return s.ID == service.ID })
		if !known || again {
			id, err := newID(comity.MakeServiceID)
			if err != nil {
				return nil, err
			}
			service.ID = id
		}
		services = append(services, service)
	}
	return services, nil
}
