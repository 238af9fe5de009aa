package web

import (
	"fmt"
	"io"

	"comity"
	"comity/intake/baseline"
	"comity/storage"
)

func (s *site) baselineFiles(r *routes) {
	r.handle("GET /baseline/{id}/answers.csv", members, func(c *call) error {
		return c.exportAnswers("csv", "text/csv; charset=utf-8; header=present", baseline.WriteAnswersCSV)
	})
	r.handle("GET /baseline/{id}/answers.xlsx", members, func(c *call) error {
		return c.exportAnswers("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", baseline.WriteAnswersXLSX)
	})
	r.handle("GET /baseline/{id}/import", editors, s.showAnswerImport)
	r.handle("POST /baseline/{id}/import", editors, s.readAnswers)
	r.handle("GET /baseline/{id}/import/preview", editors, s.previewAnswers)
	r.handle("POST /baseline/{id}/import/save", editors, s.saveAnswers)
	r.handle("POST /baseline/{id}/import/discard", editors, s.discardAnswers)
}

// exportAnswers writes the own answers as a file that the import reads.
func (c *call) exportAnswers(ending, kind string, write func(io.Writer, comity.Baseline, comity.BaselineAssessment) error) error {
	a, err := c.assessment(nil)
	if err != nil {
		return err
	}
	c.download(kind, fmt.Sprintf("%s-%s-%s.%s", c.org.Acronym, a.Baseline.Key, comity.DateOf(c.site.now()), ending))
	return write(c.w, a.Baseline, a.Answers)
}

// answerImportView is the page on which a file of answers is chosen.
type answerImportView struct {
	assessmentView
	SizeMB  int
	Columns []string
}

func (c *call) answerImport(f *form) (answerImportView, error) {
	a, err := c.assessment(f)
	return answerImportView{a, baseline.MaxAnswerBytes >> 20, baseline.AnswerColumns}, err
}

func (s *site) showAnswerImport(c *call) error {
	v, err := c.answerImport(formOf(nil))
	if err != nil {
		return err
	}
	return c.render("baseline/import", v)
}

// answerDraft is a file of answers that somebody looks at before it is saved.
type answerDraft struct {
	Name     string                  `json:"name"` // of the file
	Baseline comity.BaselineID       `json:"baseline"`
	Answers  []comity.BaselineAnswer `json:"answers"`
	Problems []baseline.Problem      `json:"problems"`
}

// readAnswers reads a file, keeps what it says, and goes on to the preview. Nothing that was answered changes.
func (s *site) readAnswers(c *call) error {
	v, err := c.answerImport(formOf(nil))
	if err != nil {
		return err
	}
	u, err := c.upload(baseline.MaxAnswerBytes+formBytes, "file")
	if err != nil {
		return err
	}
	if u.file == nil {
		v.Form.Fail("file", "profile.import.no_file")
		return c.renderInvalid("baseline/import", v)
	}
	answers, problems, err := baseline.ReadAnswers(u.file, v.Baseline)
	if err != nil {
		return err
	}
	body, err := packed(answerDraft{Name: u.name, Baseline: v.Baseline.ID, Answers: answers, Problems: problems})
	if err != nil {
		return err
	}
	if err := s.store.PutBaselineDraft(c.ctx(), c.viewer, storage.DraftAnswers, body, s.now()); err != nil {
		return err
	}
	return c.redirect(v.Base + "/import/preview")
}

// answerPreview shows what an import would change, and everything that is wrong with it.
type answerPreview struct {
	assessmentView
	Draft    answerDraft
	Problems []baselineProblem // one page of them
	Changes  []answerChange    // one page of them
	Total    int               // changes in all
	Wrong    int               // problems in all
	Paging   paging
	Late     bool // somebody answered one of these controls meanwhile
}

// answerChange is one answer that the import would give, and the one before.
type answerChange struct {
	Label, What   string
	Before, After comity.BaselineAnswer
}

// answerPreview returns what the draft would change, as it is kept for this baseline; NotFound if there is none.
func (c *call) answerPreview(f *form) (answerPreview, error) {
	a, err := c.assessment(f)
	if err != nil {
		return answerPreview{}, err
	}
	body, err := c.site.store.BaselineDraft(c.ctx(), c.viewer, storage.DraftAnswers, c.site.now())
	if err != nil {
		return answerPreview{}, err
	}
	d, err := unpacked[answerDraft](body)
	if err != nil {
		return answerPreview{}, err
	}
	if d.Baseline != a.Baseline.ID {
		return answerPreview{}, comity.Errorf(comity.NotFound, "the import that was begun is of another baseline")
	}
	v := answerPreview{assessmentView: a, Draft: d, Wrong: len(d.Problems)}
	controls := a.Baseline.Controls()
	var changes []answerChange
	for _, after := range d.Answers {
		if before := a.Answers.Answers[after.Control]; !after.Same(before) {
			control := controls[after.Control]
			changes = append(changes, answerChange{control.Label, gist(control), before, after})
		}
	}
	q := c.r.URL.Query()
	v.Total = len(changes)
	offset := min(offsetOf(q), max(len(changes), len(d.Problems)))
	v.Changes = pageOf(changes, offset)
	v.Problems = c.baselineProblems(pageOf(d.Problems, offset))
	v.Paging = pagingOf(a.Base+"/import/preview", q, offset, max(len(v.Changes), len(v.Problems)), max(len(changes), len(d.Problems)))
	return v, nil
}

// pageOf returns one page of a list that is whole.
func pageOf[T any](all []T, offset int) []T {
	offset = min(offset, len(all))
	return all[offset:min(offset+pageSize, len(all))]
}

func (s *site) previewAnswers(c *call) error {
	v, err := c.answerPreview(nil)
	if err != nil && comity.KindOf(err) == comity.NotFound {
		c.flash("profile.import.gone")
		return c.redirect("/baseline")
	}
	if err != nil {
		return err
	}
	return c.render("baseline/preview", v)
}

// saveAnswers saves the answers of the draft; rows with problems are left out if the form says so.
func (s *site) saveAnswers(c *call) error {
	f, err := c.form("revision", "leave")
	if err != nil {
		return err
	}
	v, err := c.answerPreview(f)
	if err != nil {
		return err
	}
	if v.Wrong > 0 && !f.Flag("leave") {
		f.Fail("leave", "baseline.import.leave_first")
	}
	on := f.Int("revision", 0, 1<<30)
	if !f.OK() {
		return c.renderInvalid("baseline/preview", v)
	}
	_, err = s.store.PutBaselineAnswers(c.ctx(), c.viewer, c.viewer.Org(), v.Baseline.ID, on, v.Draft.Answers, s.now())
	if err != nil && comity.KindOf(err) == comity.Conflict {
		v.Late = true
		return c.renderChanged("baseline/preview", v)
	}
	if err != nil {
		return err
	}
	if err := s.store.DeleteBaselineDraft(c.ctx(), c.viewer, storage.DraftAnswers); err != nil {
		s.log.Error("forget a saved import", "err", err) // it is saved, and its draft ends by itself
	}
	c.flash("baseline.import.done", "count", fmt.Sprint(v.Total))
	return c.redirect(v.Base)
}

func (s *site) discardAnswers(c *call) error {
	if _, err := c.form(); err != nil {
		return err
	}
	id, err := c.baselineID()
	if err != nil {
		return err
	}
	if err := s.store.DeleteBaselineDraft(c.ctx(), c.viewer, storage.DraftAnswers); err != nil {
		return err
	}
	c.flash("profile.import.discarded")
	return c.redirect("/baseline/" + string(id))
}
