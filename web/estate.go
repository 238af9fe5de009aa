package web

import (
	"fmt"
	"mime"
	"net/http"

	"comity"
	"comity/archive"
)

func (s *site) estate(r *routes) {
	r.handle("GET /organization/data", leavers, s.showEstate)
	r.handle("GET /organization/data/archive.zip", leavers, s.exportEstate)
	r.handle("POST /organization/data/erase", leavers, s.eraseEstate)
}

// estateView is the page on which an organisation takes along all that it has here, and erases it.
type estateView struct {
	view
	Form    *form
	Edits   bool
	Erases  bool           // the viewer may erase
	Erasure comity.Erasure // what would go, or went; zero if the viewer may not erase
	Done    bool
}

func (c *call) estateView(f *form) (estateView, error) {
	v := estateView{view: c.view(), Form: f, Edits: true, Erases: c.viewer.Erases(c.org.ID)}
	v.Marking, v.Path = ownMarking, "/organization/data"
	var err error
	if v.Erases {
		v.Erasure, err = c.site.store.Erasure(c.ctx(), c.viewer, c.org.ID)
	}
	return v, err
}

func (s *site) showEstate(c *call) error {
	v, err := c.estateView(formOf(nil))
	if err != nil {
		return err
	}
	return c.render("organization/data", v)
}

// exportEstate answers with the archive as it is made. What goes wrong in the middle breaks the answer off, so that nobody
// takes half an archive for a whole one.
func (s *site) exportEstate(c *call) error {
	if err := archive.Check(c.viewer, c.org.ID); err != nil {
		return err
	}
	name := fmt.Sprintf("%s-comity-%s.zip", c.org.Acronym, comity.DateOf(s.now()))
	out := &lateHeader{call: c, name: name}
	err := archive.Write(c.ctx(), out, s.store, c.viewer, c.org.ID, s.now())
	if err != nil && out.begun {
		s.log.Error("export organization", "err", err)
		panic(http.ErrAbortHandler)
	}
	return err
}

// lateHeader sends the headers of a file with its first byte, so that an error before it is a page.
type lateHeader struct {
	call  *call
	name  string
	begun bool
}

// Write implements io.Writer.
func (l *lateHeader) Write(b []byte) (int, error) {
	if !l.begun {
		l.begun = true
		h := l.call.w.Header()
		h.Set("Content-Type", "application/zip")
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": l.name}))
	}
	return l.call.w.Write(b)
}

// eraseEstate erases what the organisation has, if its acronym was typed. Everybody of it is signed out by that.
func (s *site) eraseEstate(c *call) error {
	f, err := c.form("acronym")
	if err != nil {
		return err
	}
	typed := f.Required("acronym", 0)
	if f.OK() && typed != c.org.Acronym {
		f.Fail("acronym", "estate.error.acronym", "acronym", c.org.Acronym)
	}
	v, err := c.estateView(f)
	if err != nil {
		return err
	}
	if !f.OK() {
		return c.renderInvalid("organization/data", v)
	}
	if v.Erasure, err = s.store.Erase(c.ctx(), c.viewer, c.org.ID, typed, s.now()); err != nil {
		return err
	}
	v.Done = true
	return c.render("organization/data", v)
}
