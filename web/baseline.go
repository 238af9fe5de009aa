package web

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"comity"
)

func (s *site) baseline(r *routes) {
	r.handle("GET /baseline", members, s.listAssessments)
	r.handle("GET /baseline/{id}", members, s.showAssessment)
	r.handle("GET /baseline/{id}/gaps", members, s.showGaps)
	r.handle("GET /baseline/{id}/history", members, s.showAnswerHistory)
	s.baselineFamily(r)
	s.baselineFiles(r)
}

// assessmentView is what every page of the own answers to a baseline shows besides its own.
type assessmentView struct {
	view
	Edits    bool
	Form     *form
	Baseline comity.Baseline // the revision in force
	Answers  comity.BaselineAssessment
	Progress comity.BaselineProgress // of all controls
	Base     string                  // path of the baseline's own pages
}

// Share returns how much of the baseline is answered, 0..1.
func (v assessmentView) Share() float64 { return shareOf(v.Progress) }

func shareOf(p comity.BaselineProgress) float64 {
	if p.Controls == 0 {
		return 0
	}
	return float64(p.Answered) / float64(p.Controls)
}

// assessment returns the baseline that the address names, as it is in force, with the own organisation's answers.
func (c *call) assessment(f *form) (assessmentView, error) {
	id, err := c.baselineID()
	if err != nil {
		return assessmentView{}, err
	}
	heads, err := c.site.store.BaselinesInForce(c.ctx(), c.viewer)
	if err != nil {
		return assessmentView{}, err
	}
	i := slices.IndexFunc(heads, func(h comity.BaselineHead) bool { return h.ID == id })
	if i < 0 {
		return assessmentView{}, comity.Errorf(comity.NotFound, "no such baseline in force")
	}
	b, err := c.site.store.Baseline(c.ctx(), c.viewer, id, heads[i].InForce)
	if err != nil {
		return assessmentView{}, err
	}
	answers, err := c.site.store.BaselineAnswers(c.ctx(), c.viewer, c.viewer.Org(), id, 0)
	if err != nil {
		return assessmentView{}, err
	}
	v := assessmentView{view: c.view(), Edits: editors(c) == nil, Form: f, Baseline: b, Answers: answers, Progress: answers.Progress(allControls(b)), Base: "/baseline/" + string(id)}
	v.Marking = ownMarking
	return v, nil
}

func allControls(b comity.Baseline) []comity.BaselineControl {
	all := make([]comity.BaselineControl, 0, b.Count())
	for _, g := range b.Groups {
		all = append(all, g.Controls...)
	}
	return all
}

// assessmentList is the list of the baselines in force, with how far each is answered.
type assessmentList struct {
	view
	Keeps bool
	List  []assessmentLine
}

// assessmentLine is one baseline in force.
type assessmentLine struct {
	Head     comity.BaselineHead
	Progress comity.BaselineProgress
	Share    float64
}

func (s *site) listAssessments(c *call) error {
	assessed, err := s.store.AssessedBaselines(c.ctx(), c.viewer, c.viewer.Org())
	if err != nil {
		return err
	}
	v := assessmentList{view: c.view(), Keeps: c.viewer.KeepsBaselines()}
	v.Marking = ownMarking
	for _, a := range assessed {
		p := a.Assessment.Progress(allControls(a.Baseline))
		v.List = append(v.List, assessmentLine{a.Baseline.Head(), p, shareOf(p)})
	}
	return c.render("baseline/list", v)
}

// assessmentPage is the overview of the answers to one baseline.
type assessmentPage struct {
	assessmentView
	Families []familyLine
	Levels   []levelBar
	Next     string // path of the first family that is not all answered; empty: all are
}

// familyLine is one family with its picture: where the mean of its levels and of its targets stand.
type familyLine struct {
	comity.BaselineProgress
	ID     string
	Title  string
	Path   string
	Mean   float64 // width of the bar, 0–100: level 5 is 100
	Target float64 // place of the mark, 0–100; 0: none
	Level  float64 // mean, 1..5
	Aim    float64 // mean of the targets, 1..5
	Part   string  // title of the group around it, where that of the family before was another
}

// levelBar is how many controls stand at one level.
type levelBar struct {
	Key   string // of its text: a level, "not-applicable" or "open"
	Count int
	Width float64 // 0–100
	At    float64 // where the bar begins, 0–100
	Heat  int     // 0: unanswered; 1–5 the levels; 6: not applicable
}

func (s *site) showAssessment(c *call) error {
	a, err := c.assessment(nil)
	if err != nil {
		return err
	}
	v := assessmentPage{assessmentView: a, Levels: levelBars(a.Progress)}
	part := ""
	for _, g := range a.Baseline.Groups {
		p := a.Answers.Progress(g.Controls)
		line := familyLine{
			BaselineProgress: p, ID: g.ID, Title: g.Title, Path: familyPath(a.Base, g.ID, 0),
			Mean: barWidth(p.Mean, 5), Target: barWidth(p.Target, 5), Level: p.Mean, Aim: p.Target,
		}
		if g.Within != part {
			line.Part, part = g.Within, g.Within
		}
		if v.Next == "" && p.Answered < p.Controls {
			v.Next = line.Path
		}
		v.Families = append(v.Families, line)
	}
	return c.render("baseline/show", v)
}

// levelBars divides one bar among the levels, what is not applicable and what is open.
func levelBars(p comity.BaselineProgress) []levelBar {
	var bars []levelBar
	at := 0.0
	add := func(key string, n, heat int) {
		if n == 0 {
			return
		}
		b := levelBar{Key: key, Count: n, Heat: heat, At: at, Width: barWidth(float64(n), float64(p.Controls))}
		at += b.Width
		bars = append(bars, b)
	}
	for i, m := range comity.Maturities {
		add(string(m), p.Levels[i], i+1)
	}
	add(string(comity.MaturityNotApplicable), p.NotApplicable, 6)
	add("open", p.Controls-p.Answered, 0)
	return bars
}

func familyPath(base, group string, offset int) string {
	path := base + "/families/" + url.PathEscape(group)
	if offset > 0 {
		path += fmt.Sprintf("?from=%d", offset)
	}
	return path
}

// gapsView lists the controls that fall short of their targets.
type gapsView struct {
	assessmentView
	Gaps   []gapLine
	Paging paging
	Today  comity.Date
}

// gapLine is one control with its family.
type gapLine struct {
	comity.BaselineControl
	Answer comity.BaselineAnswer
	What   string // its title, or the beginning of its text where the title is its number
	Family string
	Path   string
	Late   bool // the day of the target has passed
}

func (s *site) showGaps(c *call) error {
	a, err := c.assessment(nil)
	if err != nil {
		return err
	}
	v := gapsView{assessmentView: a, Today: comity.DateOf(s.now())}
	all := gapsOf(a, v.Today)
	offset := min(offsetOf(c.r.URL.Query()), len(all))
	v.Gaps = all[offset:min(offset+pageSize, len(all))]
	v.Paging = pagingOf(c.r.URL.Path, c.r.URL.Query(), offset, len(v.Gaps), len(all))
	return c.render("baseline/gaps", v)
}

// gapsOf returns what falls short of its target, farthest first, then by day and the order of the baseline.
func gapsOf(a assessmentView, today comity.Date) []gapLine {
	var gaps []gapLine
	for _, g := range a.Baseline.Groups {
		for i, control := range g.Controls {
			answer := a.Answers.Answers[control.ID]
			if answer.Gap() == 0 {
				continue
			}
			gaps = append(gaps, gapLine{
				BaselineControl: control, Answer: answer, What: gist(control), Family: g.Title, Late: !answer.Due.IsZero() && answer.Due.Before(today),
				Path: familyPath(a.Base, g.ID, i/controlPage*controlPage) + "#" + url.PathEscape(control.ID),
			})
		}
	}
	slices.SortStableFunc(gaps, func(x, y gapLine) int {
		return cmp.Or(cmp.Compare(y.Answer.Gap(), x.Answer.Gap()), cmp.Compare(dueText(x.Answer), dueText(y.Answer)))
	})
	return gaps
}

// gist returns what a control is about, in a line.
func gist(c comity.BaselineControl) string {
	if c.Title != c.Label && c.Title != "" {
		return c.Title
	}
	const most = 120
	text := strings.Join(strings.Fields(c.Text), " ")
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most]) + "…"
	}
	return text
}

// dueText orders days; what has none comes last.
func dueText(a comity.BaselineAnswer) string { return cmp.Or(a.Due.String(), "9999") }

// answerHistoryView is the history of the answers, newest first.
type answerHistoryView struct {
	assessmentView
	Lines  []historyLine
	Paging paging
	One    *comity.BaselineControl // the history of this control alone
}

// historyLine is one answer as it was given.
type historyLine struct {
	comity.BaselineAnswer
	Label, Title string
	Who          string // name; empty: not known any more, or the system
}

func (s *site) showAnswerHistory(c *call) error {
	a, err := c.assessment(nil)
	if err != nil {
		return err
	}
	v := answerHistoryView{assessmentView: a}
	q := c.r.URL.Query()
	controls := a.Baseline.Controls()
	if one, ok := controls[q.Get("control")]; ok {
		v.One = &one
	}
	offset := offsetOf(q)
	page, err := s.store.BaselineHistory(c.ctx(), c.viewer, c.viewer.Org(), a.Baseline.ID, q.Get("control"), pageSize, offset)
	if err != nil {
		return err
	}
	names, err := c.colleagues()
	if err != nil {
		return err
	}
	for _, answer := range page.Answers {
		control := controls[answer.Control]
		v.Lines = append(v.Lines, historyLine{answer, cmp.Or(control.Label, answer.Control), gist(control), names[answer.By]})
	}
	v.Paging = pagingOf(c.r.URL.Path, q, offset, len(page.Answers), page.Total)
	return c.render("baseline/history", v)
}

// colleagues returns the names of the people of the viewer's organisation.
func (c *call) colleagues() (map[comity.PersonID]string, error) {
	people, err := c.site.store.People(c.ctx(), c.viewer, c.viewer.Org())
	names := make(map[comity.PersonID]string, len(people))
	for _, p := range people {
		names[p.ID] = p.Name
	}
	return names, err
}
