package web

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"comity"
)

func (s *site) decisions(r *routes) {
	r.handle("GET /decisions", sessionReaders, s.listDecisions)
	r.handle("GET /decisions/register.csv", sessionReaders, s.exportDecisions("csv"))
	r.handle("GET /decisions/register.xlsx", sessionReaders, s.exportDecisions("xlsx"))
	r.handle("GET /decisions/{id}", sessionReaders, s.showDecision)
	r.handle("POST /decisions/{id}/lapse", recordKeepers, s.lapseDecision)
	r.handle("POST /decisions/{id}/confirm", recordKeepers, s.confirmDecision)
}

func decisionPath(id comity.DecisionID) string { return "/decisions/" + string(id) }

// decisionsView is the decision register.
type decisionsView struct {
	view
	Text      string
	Status    comity.DecisionStatus
	Year      int
	Statuses  []comity.DecisionStatus
	Years     []int
	Decisions []decisionRow
	Total     int
	Paging    paging
	Query     string // of the exports, with its question mark; empty: none
}

// decisionRow is a decision in the register.
type decisionRow struct {
	comity.Decision
	Sentence string
	Where    string // title of its session; empty: it was taken outside of one, or the viewer does not see it
}

// decisionQuery reads which decisions are asked for.
func decisionQuery(q url.Values) comity.DecisionQuery {
	query := comity.DecisionQuery{Text: firstRunes(strings.TrimSpace(q.Get("q")), textRunes)}
	if status := comity.DecisionStatus(q.Get("status")); slices.Contains(comity.DecisionStatuses, status) {
		query.Status = status
	}
	if year, err := strconv.Atoi(q.Get("year")); err == nil && year > 0 && year < 10_000 {
		query.Year = year
	}
	return query
}

func decisionValues(q comity.DecisionQuery) url.Values {
	values := url.Values{"q": {q.Text}, "status": {string(q.Status)}}
	if q.Year > 0 {
		values.Set("year", strconv.Itoa(q.Year))
	}
	return values
}

func (s *site) listDecisions(c *call) error {
	q := decisionQuery(c.r.URL.Query())
	q.Limit, q.Offset = pageSize, offsetOf(c.r.URL.Query())
	page, err := s.store.Decisions(c.ctx(), c.viewer, q)
	if err != nil {
		return err
	}
	v := decisionsView{
		view: c.view(), Text: q.Text, Status: q.Status, Year: q.Year, Statuses: comity.DecisionStatuses, Years: page.Years, Total: page.Total,
		Paging: pagingOf("/decisions", decisionValues(q), q.Offset, len(page.Decisions), page.Total),
		Query:  strings.TrimPrefix(pagePath("/decisions", decisionValues(q), 0), "/decisions"),
	}
	v.Marking = comity.TLPClear
	titles, err := c.sessionTitles(page.Decisions, &v.Marking)
	if err != nil {
		return err
	}
	for _, d := range page.Decisions {
		v.Decisions = append(v.Decisions, decisionRow{Decision: d, Sentence: decisionText(s.locales, d), Where: titles[d.Session]})
		v.Marking = comity.Strictest(v.Marking, d.TLP)
	}
	return c.render("decisions/list", v)
}

// sessionTitles returns the titles of the sessions in which decisions were taken, as far as the viewer sees them: each
// session is read once, and there are at most as many as decisions on a page.
func (c *call) sessionTitles(list []comity.Decision, marking *comity.TLP) (map[comity.GroupSessionID]string, error) {
	titles := map[comity.GroupSessionID]string{}
	var ids []comity.GroupSessionID
	for _, d := range list {
		if d.Session != "" && !slices.Contains(ids, d.Session) {
			ids = append(ids, d.Session)
		}
	}
	if len(ids) == 0 {
		return titles, nil
	}
	page, err := c.site.store.GroupSessions(c.ctx(), c.viewer, comity.SessionQuery{IDs: ids, Limit: 200})
	for _, one := range page.Sessions {
		titles[one.ID] = one.Title
		*marking = comity.Strictest(*marking, one.TLP)
	}
	return titles, err
}

const (
	decisionFileRows = 10_000
	decisionFilePage = 200
)

// decisionColumns head the file of the register.
var decisionColumns = []string{"tlp", "number", "adopted", "status", "ended", "provisional", "session", "text", "superseded_by", "why", "link"}

// exportDecisions answers with the selection of the register as a table.
func (s *site) exportDecisions(ending string) func(*call) error {
	return func(c *call) error {
		q := decisionQuery(c.r.URL.Query())
		rows, strictest := [][]string{decisionColumns}, comity.TLPClear
		for q.Limit = decisionFilePage; len(rows) < decisionFileRows; q.Offset += decisionFilePage {
			page, err := s.store.Decisions(c.ctx(), c.viewer, q)
			if err != nil {
				return err
			}
			titles, err := c.sessionTitles(page.Decisions, &strictest)
			if err != nil {
				return err
			}
			for _, d := range page.Decisions {
				strictest = comity.Strictest(strictest, d.TLP)
				rows = append(rows, []string{
					d.TLP.String(), d.Number, comity.DateOf(d.Adopted).String(), string(d.Status), d.Ended.String(), yes(d.Provisional), titles[d.Session],
					decisionText(s.locales, d),
					string(d.SupersededBy), d.Why, decisionPath(d.ID),
				})
			}
			if len(page.Decisions) < decisionFilePage {
				break
			}
		}
		name := exportName(c, "decisions-"+fileMarking(strictest.String()), ending)
		if ending == "xlsx" {
			return c.writeXLSX(name, c.t("decision.title"), rows)
		}
		return c.writeCSV(name, rows)
	}
}

// decisionText is a decision as a sentence in the language of the record: "The group agreed to …".
func decisionText(locales map[string]*locale, d comity.Decision) string {
	l := locales[cmp.Or(d.Language, "en")]
	if d.Verb == "" || l == nil {
		return d.Text
	}
	return l.T("session.concluded.verb."+string(d.Verb)) + " " + d.Text
}

// decisionView is the lasting page of one decision.
type decisionView struct {
	view
	Decision     comity.Decision
	Sentence     string
	Session      *comity.GroupSession // nil: taken outside of one, or the viewer does not see it
	Supersedes   *comity.Decision     // nil: none that the viewer sees
	SupersededBy *comity.Decision
	Actions      []comity.ActionItem // that follow from it
	Acronyms     map[comity.OrgID]string
	Keeps        bool
	Form         *form
}

func (c *call) decisionView() (decisionView, error) {
	v := decisionView{view: c.view(), Keeps: c.viewer.KeepsRecords(), Form: formOf(nil)}
	id, err := comity.ParseDecisionID(c.r.PathValue("id"))
	if err != nil {
		return v, comity.Errorf(comity.NotFound, "no such decision")
	}
	if v.Decision, err = c.site.store.Decision(c.ctx(), c.viewer, id); err != nil {
		return v, err
	}
	v.Marking, v.Sentence = v.Decision.TLP, decisionText(c.site.locales, v.Decision)
	if v.Supersedes, err = c.otherDecision(v.Decision.Supersedes, &v.Marking); err != nil {
		return v, err
	}
	if v.SupersededBy, err = c.otherDecision(v.Decision.SupersededBy, &v.Marking); err != nil {
		return v, err
	}
	if v.Decision.Session != "" {
		one, err := c.site.store.GroupSession(c.ctx(), c.viewer, v.Decision.Session)
		switch {
		case err == nil:
			v.Session, v.Marking = &one, comity.Strictest(v.Marking, one.TLP)
		case comity.KindOf(err) != comity.NotFound:
			return v, err
		}
	}
	if v.Acronyms, err = c.acronyms(); err != nil {
		return v, err
	}
	page, err := c.site.store.Actions(c.ctx(), c.viewer, comity.ActionQuery{Decision: id, Group: true, Limit: pageSize})
	if err != nil && comity.KindOf(err) != comity.Forbidden {
		return v, err
	}
	v.Actions = page.Actions
	for _, a := range v.Actions {
		v.Marking = comity.Strictest(v.Marking, actionMarking(a))
	}
	return v, nil
}

// otherDecision returns a decision that another one names, nil if the viewer sees none.
func (c *call) otherDecision(id comity.DecisionID, marking *comity.TLP) (*comity.Decision, error) {
	if id == "" {
		return nil, nil
	}
	d, err := c.site.store.Decision(c.ctx(), c.viewer, id)
	if comity.KindOf(err) == comity.NotFound {
		return nil, nil
	}
	*marking = comity.Strictest(*marking, d.TLP)
	return &d, err
}

func (s *site) showDecision(c *call) error {
	v, err := c.decisionView()
	if err != nil {
		return err
	}
	return c.render("decisions/show", v)
}

// lapseDecision says that a decision is done with, and why.
func (s *site) lapseDecision(c *call) error {
	v, err := c.decisionView()
	if err != nil {
		return err
	}
	if v.Form, err = c.form("revision", "why"); err != nil {
		return err
	}
	why := v.Form.Required("why", comity.MaxSessionNote)
	if !v.Form.OK() {
		return c.renderInvalid("decisions/show", v)
	}
	if _, err := s.store.LapseDecision(c.ctx(), c.viewer, v.Decision.ID, v.Form.Int("revision", 1, 1<<30), why, s.now()); err != nil {
		return err
	}
	c.flash("decision.lapsed_now")
	return c.redirect(decisionPath(v.Decision.ID))
}

// confirmDecision takes the mark of a provisional decision away.
func (s *site) confirmDecision(c *call) error {
	v, err := c.decisionView()
	if err != nil {
		return err
	}
	f, err := c.form("revision")
	if err != nil {
		return err
	}
	if _, err := s.store.ConfirmDecision(c.ctx(), c.viewer, v.Decision.ID, f.Int("revision", 1, 1<<30)); err != nil {
		return err
	}
	c.flash("decision.confirmed_now")
	return c.redirect(decisionPath(v.Decision.ID))
}
