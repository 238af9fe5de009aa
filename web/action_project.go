package web

import (
	"slices"

	"comity"
)

// projectChoices is how many joint projects the form of an action item offers.
const projectChoices = 100

// addActionProject adds the joint project that an item is a part of, as far as the viewer sees it, and the open ones that
// it could be. The zero project stands for one that is not for the viewer to see.
func (c *call) addActionProject(v *actionView) error {
	if !c.viewer.ReviewsPlan() {
		return nil
	}
	page, err := c.site.store.Projects(c.ctx(), c.viewer, comity.ProjectQuery{Open: true, Limit: projectChoices})
	if err != nil {
		return err
	}
	v.Projects = page.Projects
	if v.Action.Project == "" {
		return nil
	}
	if i := slices.IndexFunc(v.Projects, func(p comity.Project) bool { return p.ID == v.Action.Project }); i >= 0 {
		v.Project = v.Projects[i]
		return nil
	}
	p, err := c.site.store.Project(c.ctx(), c.viewer, v.Action.Project)
	switch {
	case err == nil:
		v.Project, v.Projects = p, append(v.Projects, p)
	case comity.KindOf(err) != comity.NotFound:
		return err
	}
	return nil
}

// readActionProject reads of which project an item is a part. A form that offers none leaves it as it is; and so does one
// that does not offer the item's own, which is not for this person to see.
func (c *call) readActionProject(f *form, a *comity.ActionItem) {
	value, given := f.values["project"]
	if !given {
		return
	}
	if value[0] == "" {
		a.Project = ""
		return
	}
	id, err := comity.ParseProjectID(value[0])
	if err != nil {
		f.Fail("project", "error.field.choice")
	}
	if id == a.Project || !f.OK() {
		return
	}
	if _, err := c.site.store.Project(c.ctx(), c.viewer, id); err != nil {
		f.Fail("project", "error.field.choice")
	}
	a.Project = id
}

// shownProject writes the title of a project that the viewer may see.
func (c *call) shownProject(id comity.ProjectID) string {
	if id == "" {
		return ""
	}
	p, err := c.site.store.Project(c.ctx(), c.viewer, id)
	if err != nil {
		return c.t("project.not_shown")
	}
	return p.Title
}
