package web

import (
	"slices"
	"strconv"

	"comity"
	"comity/intake/profile"
)

func (s *site) profileSuppliers(r *routes) {
	r.handle("GET /profile/suppliers", members, s.showSuppliers)
	r.handle("POST /profile/suppliers", editors, s.putSuppliers)
}

func suppliersForm(suppliers []comity.Supplier) *form {
	values := map[string]string{}
	for i, s := range suppliers {
		values[rowField("id", i)] = string(s.ID)
		values[rowField("name", i)] = s.Name
		values[rowField("dependence", i)] = strconv.FormatFloat(s.Dependence*100, 'g', 6, 64)
	}
	return formOf(values)
}

func (s *site) showSuppliers(c *call) error {
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	return c.render("profile/suppliers", c.suppliersView(p, suppliersForm(p.Suppliers), len(p.Suppliers)))
}

func (c *call) suppliersView(p comity.Profile, f *form, n int) rowsView {
	return rowsView{profileView: c.profileView(p, f), Rows: formRows(f, n)}
}

func (s *site) putSuppliers(c *call) error {
	f, err := c.form("revision", "rows", "id.*", "name.*", "dependence.*", "remove.*")
	if err != nil {
		return err
	}
	p, changed, err := c.editable(f, func(p comity.Profile) any { return p.Suppliers })
	if err != nil {
		return err
	}
	n := f.Int("rows", 0, maxSuppliers+blankRows)
	suppliers, err := readSuppliers(f, n, p.Suppliers)
	if err != nil {
		return err
	}
	if len(suppliers) > maxSuppliers {
		f.Fail("name.0", "profile.problem.limit", "value", maxSuppliers)
	}
	v := c.suppliersView(p, f, max(0, n-blankRows))
	if !f.OK() {
		return c.renderInvalid("profile/suppliers", v)
	}
	if !changed {
		after := p
		after.Suppliers = suppliers
		profile.Sort(&after)
		changed, err = c.putProfile(p, after, "/profile/suppliers", "profile.saved")
		if !changed || err != nil {
			return err
		}
	}
	v.Changed = true
	return c.renderChanged("profile/suppliers", v)
}

// readSuppliers reads the rows that are not empty and not to be removed, as readServices does.
func readSuppliers(f *form, n int, saved []comity.Supplier) ([]comity.Supplier, error) {
	suppliers := []comity.Supplier{}
	for i := range n {
		get := rowFields(f, i)
		if get("remove") != "" || get("id") == "" && get("name") == "" {
			continue
		}
		supplier, problems := profile.ParseSupplier(inPercent(get))
		failRow(f, i, problems)
		known := slices.ContainsFunc(saved, func(s comity.Supplier) bool { return s.ID == supplier.ID })
		again := slices.ContainsFunc(suppliers, func(s comity.Supplier) bool { return s.ID == supplier.ID })
		if !known || again {
			id, err := newID(comity.MakeSupplierID)
			if err != nil {
				return nil, err
			}
			supplier.ID = id
		}
		suppliers = append(suppliers, supplier)
	}
	return suppliers, nil
}

// inPercent reads fields whose dependence is a number of per cent, as the form asks for it.
func inPercent(get profile.Fields) profile.Fields {
	return func(column string) string {
		value := get(column)
		if column == profile.ColumnDependence && value != "" && value[len(value)-1] != '%' {
			return value + "%"
		}
		return value
	}
}
