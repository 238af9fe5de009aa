package web

import (
	"strings"
	"time"

	"comity"
	"comity/assess/score"
)

// warmUpView asks for 90 % intervals on public facts, or shows how those of the viewer did. It is nobody else's.
type warmUpView struct {
	guideView
	Questions []score.Question
	Round     *comity.CalibrationRound // the last; nil: none yet
	Answers   []warmUpAnswer
	Result    score.Calibration
}

// warmUpAnswer is one interval with what the answer is.
type warmUpAnswer struct {
	comity.CalibrationAnswer
	score.Question
}

const maxWarmUp = 1e12 // of an answer

func (c *call) warmUp(f *form) (warmUpView, error) {
	p, err := c.ownProfile()
	if err != nil {
		return warmUpView{}, err
	}
	g, err := c.guidePage(comity.GuideWarmUp, p, f)
	if err != nil {
		return warmUpView{}, err
	}
	v := warmUpView{guideView: g, Questions: score.Questions}
	rounds, err := c.site.store.CalibrationRounds(c.ctx(), c.viewer)
	if err != nil || len(rounds) == 0 {
		return v, err
	}
	v.Round = &rounds[0]
	v.Result = score.Calibrated(v.Round.Hits(), len(v.Round.Answers))
	for _, a := range v.Round.Answers {
		if q, ok := score.QuestionOf(a.Question); ok {
			v.Answers = append(v.Answers, warmUpAnswer{a, q})
		}
	}
	return v, nil
}

func (s *site) showWarmUp(c *call) error {
	v, err := c.warmUp(formOf(nil))
	if err != nil {
		return err
	}
	return c.render("guide/warm-up", v)
}

// saveWarmUp keeps the intervals with the answers. A question without an interval is left out.
func (s *site) saveWarmUp(c *call) error {
	f, err := c.form("way", "low.*", "high.*")
	if err != nil {
		return err
	}
	r := comity.CalibrationRound{At: s.now().UTC().Truncate(time.Second)}
	for _, q := range score.Questions {
		low, high := "low."+q.Key, "high."+q.Key
		if strings.TrimSpace(f.Value(low)) == "" && strings.TrimSpace(f.Value(high)) == "" {
			continue
		}
		i := comity.Interval{Low: f.Float(low, 0, maxWarmUp), High: f.Float(high, 0, maxWarmUp)}
		if i.High < i.Low && f.Error(low) == nil {
			f.Fail(high, "guide.warm_up.error.order")
		}
		r.Answers = append(r.Answers, comity.CalibrationAnswer{Question: q.Key, Interval: i, Truth: q.Truth})
	}
	if len(r.Answers) == 0 {
		f.Fail("low."+score.Questions[0].Key, "guide.warm_up.error.none")
	}
	if !f.OK() {
		v, err := c.warmUp(f)
		if err != nil {
			return err
		}
		v.Round = nil
		return c.renderInvalid("guide/warm-up", v)
	}
	if _, err := s.store.PutCalibrationRound(c.ctx(), c.viewer, r); err != nil {
		return err
	}
	return c.redirect(stepPath(comity.GuideWarmUp, c.way(), ""))
}

// forgetWarmUp deletes the viewer's own rounds.
func (s *site) forgetWarmUp(c *call) error {
	if _, err := c.form("way"); err != nil {
		return err
	}
	if err := s.store.DeleteCalibrationRounds(c.ctx(), c.viewer); err != nil {
		return err
	}
	c.flash("guide.warm_up.forgotten")
	return c.redirect(stepPath(comity.GuideWarmUp, c.way(), ""))
}
