package web

import (
	"slices"
	"strconv"

	"comity"
	"comity/intake/profile"
)

// suggestion is a service that most organisations of a field of work have, with grades to start from: a hypothesis that
// the organisation looks at before it saves. No grade is above 3, as in what is assumed of who entered nothing: that
// something is vital, only the organisation itself can say.
type suggestion struct {
	key         string // of its name, under "guide.service."
	level       comity.Level
	criticality [comity.PropertyCount]int
	sectors     []string // nil: everybody's
}

var suggestions = []suggestion{
	{"mail", comity.LevelOperational, [4]int{2, 2, 3, 2}, nil},
	{"sign-in", comity.LevelOperational, [4]int{2, 3, 3, 3}, nil},
	{"finance", comity.LevelOperational, [4]int{2, 3, 3, 3}, nil},
	{"people", comity.LevelOperational, [4]int{3, 3, 2, 2}, nil},
	{"documents", comity.LevelStrategic, [4]int{3, 3, 2, 2}, nil},
	{"website", comity.LevelStrategic, [4]int{0, 3, 2, 2}, nil},
	{"network", comity.LevelOperational, [4]int{2, 2, 3, 3}, nil},
	{"meetings", comity.LevelStrategic, [4]int{3, 2, 3, 2}, nil},
	{"beneficiaries", comity.LevelStrategic, [4]int{3, 3, 3, 3}, []string{"humanitarian", "children", "health", "ngo"}},
	{"logistics", comity.LevelOperational, [4]int{2, 3, 3, 3}, []string{"humanitarian", "agriculture", "post"}},
	{"observations", comity.LevelStrategic, [4]int{1, 3, 3, 3}, []string{"science", "environment", "aviation"}},
	{"cases", comity.LevelStrategic, [4]int{3, 3, 2, 3}, []string{"justice", "labour", "government"}},
	{"grants", comity.LevelStrategic, [4]int{3, 3, 2, 3}, []string{"finance", "ngo", "agriculture"}},
	{"learning", comity.LevelOperational, [4]int{2, 2, 3, 2}, []string{"education"}},
	{"collections", comity.LevelStrategic, [4]int{1, 3, 2, 2}, []string{"heritage"}},
	{"operations", comity.LevelOperational, [4]int{2, 3, 3, 3}, []string{"it-services", "telecommunications", "post"}},
}

// suggestedFor returns what is suggested to an organisation of these sectors.
func suggestedFor(sectors []string) []suggestion {
	var list []suggestion
	for _, s := range suggestions {
		if s.sectors == nil || slices.ContainsFunc(s.sectors, func(sector string) bool { return slices.Contains(sectors, sector) }) {
			list = append(list, s)
		}
	}
	return list
}

// guideServicesView shows the services that there are, and those that most have.
type guideServicesView struct {
	guideView
	Rows   []serviceRow
	Levels []comity.Level
	Grades []string
}

// serviceRow is one row of the form: a service that is there, one that is suggested, or a blank one.
type serviceRow struct {
	formRow
	Suggested bool
}

// enoughServices is from how many saved services on nothing is suggested any more.
const enoughServices = 5

// guideServicesForm returns the form for the saved services with the suggestions that are not among them, ticked where
// nothing is saved yet.
func (c *call) guideServicesForm(p comity.Profile) (*form, []serviceRow) {
	f := servicesForm(p.Services)
	names := map[string]bool{}
	for _, s := range p.Services {
		names[comity.NormalName(s.Name)] = true
	}
	n := len(p.Services)
	if n >= enoughServices {
		return f, serviceRows(f, n+1)
	}
	for _, s := range suggestedFor(p.Sectors) {
		name := c.t("guide.service." + s.key)
		if names[comity.NormalName(name)] {
			continue
		}
		f.values.Set(rowField("name", n), name)
		f.values.Set(rowField("level", n), string(s.level))
		f.values.Set(rowField("offer", n), "1")
		if len(p.Services) == 0 {
			f.values.Set(rowField("have", n), "1")
		}
		for _, property := range comity.Properties {
			f.values.Set(rowField(property.String(), n), strconv.Itoa(s.criticality[property]))
		}
		n++
	}
	return f, serviceRows(f, n+1)
}

func serviceRows(f *form, n int) []serviceRow {
	rows := make([]serviceRow, 0, n)
	for i := range n {
		row := formRow{Index: i, ID: f.Value(rowField("id", i)), Name: f.Value(rowField("name", i))}
		rows = append(rows, serviceRow{row, f.Value(rowField("offer", i)) != ""})
	}
	return rows
}

func (s *site) showGuideServices(c *call) error {
	p, err := c.ownProfile()
	if err != nil {
		return err
	}
	f, rows := c.guideServicesForm(p)
	g, err := c.guidePage(comity.GuideServices, p, f)
	if err != nil {
		return err
	}
	return c.render("guide/services", guideServicesView{g, rows, comity.Levels, gradeTexts})
}

func (s *site) saveGuideServices(c *call) error {
	f, err := c.form("revision", "way", "rows", "id.*", "name.*", "level.*", "have.*", "offer.*",
		"confidentiality.*", "integrity.*", "availability.*", "reliability.*")
	if err != nil {
		return err
	}
	p, changed, err := c.editable(f, func(p comity.Profile) any { return p.Services })
	if err != nil {
		return err
	}
	n := f.Int("rows", 0, maxServices+len(suggestions)+1)
	dropUnticked(f, n)
	after := p
	if after.Services, err = readServices(f, n, p.Services); err != nil {
		return err
	}
	switch {
	case len(after.Services) == 0:
		f.Fail("have.0", "guide.services.error")
	case len(after.Services) > maxServices:
		f.Fail("name.0", "profile.problem.limit", "value", maxServices)
	}
	profile.Sort(&after)
	if f.OK() && !changed {
		if changed, err = c.saveStep(guideAnswer{step: comity.GuideServices, before: p, after: after}); !changed || err != nil {
			return err
		}
	}
	g, err := c.guidePage(comity.GuideServices, p, f)
	if err != nil {
		return err
	}
	return c.renderStep("guide/services", guideServicesView{g.changed(changed), serviceRows(f, n), comity.Levels, gradeTexts}, changed)
}

// dropUnticked marks the suggestions that nobody ticked as not to be saved.
func dropUnticked(f *form, n int) {
	for i := range n {
		if f.Value(rowField("offer", i)) != "" && f.Value(rowField("have", i)) == "" {
			f.values.Set(rowField("remove", i), "1")
		}
	}
}
