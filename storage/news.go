package storage

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"comity"
)

// settled is how old a match must be before it is told: the pipeline stores matches a while after it found them.
const settled = 2 * time.Minute

// NewsPlace returns the place up to which news can be told now. System only.
func (s *Store) NewsPlace(ctx context.Context, v comity.Viewer, now time.Time) (comity.Place, error) {
	if err := s.system(ctx, v, "NewsPlace"); err != nil {
		return comity.Place{}, err
	}
	now = now.UTC().Truncate(time.Second)
	p := comity.Place{At: now, Found: now.Add(-settled), Day: comity.DateOf(now)}
	const query = `
		SELECT (SELECT COALESCE(MAX(seq), 0) FROM audit_entries), (SELECT COALESCE(MAX(seq), 0) FROM exposure_changes)`
	err := s.engine.Read.QueryRowContext(ctx, query).Scan(&p.Log, &p.Moves)
	return p, s.known(err)
}

// News returns what changed of a topic in a window, as far as the viewer may see it and did not do it themselves: at most
// comity.MaxNews items, and how many there are. A topic that is not for the viewer has none. Of what is the viewer's
// organisation's own, such as its exposure, only the number of changes is told.
func (s *Store) News(ctx context.Context, v comity.Viewer, t comity.Topic, w comity.Window) (comity.NewsPage, error) {
	s.note(ctx, v, "News")
	if !v.SeesTopic(t) {
		return comity.NewsPage{}, nil
	}
	p, err := newsReaders[t](ctx, s.engine.Read, v, w)
	if err != nil {
		return p, s.known(fmt.Errorf("news of %s: %w", t, err))
	}
	if len(p.News) > comity.MaxNews {
		p.News = p.News[:comity.MaxNews]
	}
	return p, nil
}

// newsReaders are how each topic is read.
var newsReaders = map[comity.Topic]func(context.Context, querier, comity.Viewer, comity.Window) (comity.NewsPage, error){
	comity.TopicExposure: exposureNews,
	comity.TopicMatches:  matchNews,
	comity.TopicActions:  actionNews,
	comity.TopicOverdue:  overdueNews,
	comity.TopicSessions: sessionNews,
	comity.TopicReleases: releaseNews,
	comity.TopicIntake:   intakeNews,
}

// ownMarking is the label of what is one organisation's alone.
const ownMarking = comity.TLPAmberStrict

// counted is news of which only the number is told.
func counted(event comity.NewsEvent, n int) comity.NewsPage {
	if n == 0 {
		return comity.NewsPage{}
	}
	return comity.NewsPage{News: []comity.News{{Event: event, TLP: ownMarking, Count: n}}, Total: n}
}

// logged is the condition that somebody other than the viewer did one of these things to the row in the window, by the
// audit log.
func logged(w *where, v comity.Viewer, column string, in comity.Window, actions ...string) {
	args := make([]any, 0, len(actions)+3)
	for _, a := range actions {
		args = append(args, a)
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(actions)), ", ")
	args = append(args, in.From.Log, in.Until.Log, string(v.Person()))
	w.and(column+` IN (SELECT subject FROM audit_entries WHERE action IN (`+marks+`) AND seq > ? AND seq <= ? AND person_id <> ?)`, args...)
}

// newsRows reads one page of news: item makes one of each row's body.
func newsRows[T any](ctx context.Context, q querier, table, order string, w where, item func(T) comity.News) (comity.NewsPage, error) {
	var p comity.NewsPage
	if err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+table+w.String(), w.args...).Scan(&p.Total); err != nil || p.Total == 0 {
		return p, err
	}
	list, err := bodies[T](ctx, q, `SELECT body FROM `+table+w.String()+` ORDER BY `+order+` LIMIT `+strconv.Itoa(comity.MaxNews), w.args...)
	for _, one := range list {
		p.News = append(p.News, item(one))
	}
	return p, err
}

func exposureNews(ctx context.Context, q querier, v comity.Viewer, in comity.Window) (comity.NewsPage, error) {
	var n int
	const query = `SELECT COUNT(*) FROM exposure_changes WHERE org_id = $1 AND seq > $2 AND seq <= $3`
	err := q.QueryRowContext(ctx, query, string(v.Org()), in.From.Moves, in.Until.Moves).Scan(&n)
	return counted(comity.NewsExposure, n), err
}

func matchNews(ctx context.Context, q querier, v comity.Viewer, in comity.Window) (comity.NewsPage, error) {
	var w where
	ownOnly(&w, v, "matches.org_id")
	marked(&w, v, "threats.tlp", "threats.originator")
	w.and("matches.exposed > 0 AND matches.found_at > ? AND matches.found_at <= ?", unix(in.From.Found), unix(in.Until.Found))
	var n int
	err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM matches JOIN threats ON threats.id = matches.threat_id`+w.String(), w.args...).Scan(&n)
	return counted(comity.NewsMatch, n), err
}

// ownActions is the condition of an action item of the viewer's organisation that they may see.
func ownActions(w *where, v comity.Viewer) {
	visibleActions(w, v)
	w.and("owner_org_id = ?", string(v.Org()))
}

func actionItem(event comity.NewsEvent) func(comity.ActionItem) comity.News {
	return func(a comity.ActionItem) comity.News {
		tlp := a.TLP
		if a.Audience != comity.AudienceGroup {
			tlp = comity.Strictest(tlp, ownMarking)
		}
		return comity.News{Event: event, Subject: string(a.ID), Title: a.Title, TLP: tlp, Count: 1}
	}
}

const actionOrder = "priority, due, created_at, id"

func actionNews(ctx context.Context, q querier, v comity.Viewer, in comity.Window) (comity.NewsPage, error) {
	var w where
	ownActions(&w, v)
	logged(&w, v, "id", in, "put action")
	return newsRows(ctx, q, "actions", actionOrder, w, actionItem(comity.NewsAction))
}

func overdueNews(ctx context.Context, q querier, v comity.Viewer, in comity.Window) (comity.NewsPage, error) {
	var w where
	ownActions(&w, v)
	w.in("status", []string{string(comity.ActionOpen), string(comity.ActionInProgress)})
	w.and("due <> '' AND due >= ? AND due < ?", in.From.Day.String(), in.Until.Day.String())
	return newsRows(ctx, q, "actions", actionOrder, w, actionItem(comity.NewsOverdue))
}

// sessionNews joins what came out of the group's work: sessions, written procedures, minutes, decisions, documents and
// reports.
func sessionNews(ctx context.Context, q querier, v comity.Viewer, in comity.Window) (comity.NewsPage, error) {
	var all comity.NewsPage
	for _, read := range []func(context.Context, querier, comity.Viewer, comity.Window) (comity.NewsPage, error){
		publishedNews, askedNews, answeredNews, minutesNews, approvedNews, decisionNews, documentNews, reportNews,
	} {
		p, err := read(ctx, q, v, in)
		if err != nil {
			return all, err
		}
		all.News, all.Total = append(all.News, p.News...), all.Total+p.Total
	}
	return all, nil
}

func publishedNews(ctx context.Context, q querier, v comity.Viewer, in comity.Window) (comity.NewsPage, error) {
	return groupSessionNews(ctx, q, v, in, comity.NewsSession, "move session to "+string(comity.SessionPublished))
}

func minutesNews(ctx context.Context, q querier, v comity.Viewer, in comity.Window) (comity.NewsPage, error) {
	return groupSessionNews(ctx, q, v, in, comity.NewsMinutes, "move session to "+string(comity.SessionMinutes))
}

func approvedNews(ctx context.Context, q querier, v comity.Viewer, in comity.Window) (comity.NewsPage, error) {
	return groupSessionNews(ctx, q, v, in, comity.NewsApproved, "approve minutes")
}

// groupSessionNews tells sessions to which something was done. The title of what is for members only does not travel by
// mail, whatever its label says. Minutes count as approved once every approval that they need is there.
func groupSessionNews(ctx context.Context, q querier, v comity.Viewer, in comity.Window, event comity.NewsEvent, action string) (comity.NewsPage, error) {
	var w where
	visibleSessions(&w, v)
	logged(&w, v, "id", in, action)
	if event == comity.NewsApproved {
		w.and("state = ?", string(comity.SessionApproved))
	}
	return newsRows(ctx, q, "group_sessions", "starts_at, id", w, sessionItem(event))
}

func sessionItem(event comity.NewsEvent) func(comity.GroupSession) comity.News {
	return func(one comity.GroupSession) comity.News {
		tlp := one.TLP
		if one.MembersOnly() {
			tlp = comity.Strictest(tlp, ownMarking)
		}
		return comity.News{Event: event, Subject: string(one.ID), Title: one.Title, TLP: tlp, Count: 1}
	}
}

// decisionNews tells decisions that were adopted by themselves or with a conclusion of a session.
func decisionNews(ctx context.Context, q querier, v comity.Viewer, in comity.Window) (comity.NewsPage, error) {
	var w, own, concluded where
	visibleDecisions(&w, v)
	logged(&own, v, "decisions.id", in, "adopt decision")
	logged(&concluded, v, "conclusions.id", in, "put conclusion")
	condition := unbind(own.conditions[0]) + ` OR decisions.id IN (SELECT decision_id FROM conclusions WHERE decision_id <> '' AND ` +
		unbind(concluded.conditions[0]) + `)`
	w.and(condition, append(own.args, concluded.args...)...)
	return newsRows(ctx, q, "decisions", "year DESC, serial DESC", w, decisionItem)
}

func decisionItem(d comity.Decision) comity.News {
	tlp := d.TLP
	if d.MembersOnly {
		tlp = comity.Strictest(tlp, ownMarking)
	}
	return comity.News{Event: comity.NewsDecision, Subject: string(d.ID), Title: d.Number + " " + d.Text, TLP: tlp, Count: 1}
}

func documentNews(ctx context.Context, q querier, v comity.Viewer, in comity.Window) (comity.NewsPage, error) {
	var w where
	visibleDocuments(&w, v, "tlp")
	logged(&w, v, "id", in, "publish document")
	lastRevisionSeen(&w, v)
	return newsRows(ctx, q, "documents", "title, id", w, documentItem)
}

// lastRevisionSeen is the condition that the viewer may see the last revision of a document that came out: that it did is
// for nobody else.
func lastRevisionSeen(w *where, v comity.Viewer) {
	var published where
	visibleRevisions(&published, v)
	last := `id IN (SELECT document_id FROM document_revisions WHERE published_at > 0 AND number = ` +
		`(SELECT MAX(number) FROM document_revisions AS o WHERE o.document_id = document_revisions.document_id AND o.published_at > 0)`
	for _, c := range published.conditions {
		last += " AND " + unbind(c)
	}
	w.and(last+")", published.args...)
}

func documentItem(d comity.Document) comity.News {
	return comity.News{Event: comity.NewsDocument, Subject: string(d.ID), Title: d.Title, TLP: d.TLP, Count: 1}
}

func askedNews(ctx context.Context, q querier, v comity.Viewer, in comity.Window) (comity.NewsPage, error) {
	var w where
	visibleDocuments(&w, v, "tlp")
	w.and("state = 'open'")
	logged(&w, v, "id", in, "open procedure", "extend procedure")
	return newsRows(ctx, q, "procedures", "deadline_at, id", w, procedureItem(comity.NewsAsked))
}

func answeredNews(ctx context.Context, q querier, v comity.Viewer, in comity.Window) (comity.NewsPage, error) {
	var w where
	visibleDocuments(&w, v, "tlp")
	w.and("state <> 'open'")
	logged(&w, v, "id", in, "close procedure", "withdraw procedure", "put position") // an objection may have stopped it
	return newsRows(ctx, q, "procedures", "deadline_at, id", w, procedureItem(comity.NewsAnswered))
}

func procedureItem(event comity.NewsEvent) func(comity.Procedure) comity.News {
	return func(p comity.Procedure) comity.News {
		return comity.News{Event: event, Subject: string(p.ID), Title: p.Title, TLP: p.TLP, Count: 1}
	}
}

func reportNews(ctx context.Context, q querier, v comity.Viewer, in comity.Window) (comity.NewsPage, error) {
	var w where
	visibleReports(&w, v)
	w.and("state = 'frozen'")
	logged(&w, v, "id", in, "freeze report")
	return newsRows(ctx, q, "reports", "number", w, reportItem)
}

// reportItem names a report by its number and period, which need no language.
func reportItem(r comity.GroupReport) comity.News {
	title := strconv.Itoa(r.Number) + " (" + r.From.String() + " – " + r.Until.String() + ")"
	return comity.News{Event: comity.NewsReport, Subject: string(r.ID), Title: title, TLP: r.TLP, Count: 1}
}

// releaseNews tells releases by their numbers: the log has their identities, the table what they are.
func releaseNews(ctx context.Context, q querier, v comity.Viewer, in comity.Window) (comity.NewsPage, error) {
	const query = `
		SELECT subject
		FROM audit_entries
		WHERE action = 'put release'
		  AND seq > $1 AND seq <= $2 AND person_id <> $3`
	told := map[string]bool{}
	_, err := rows(ctx, q, func(r *sql.Rows) (id string, err error) {
		err = r.Scan(&id)
		told[id] = true
		return id, err
	}, query, in.From.Log, in.Until.Log, string(v.Person()))
	if err != nil || len(told) == 0 {
		return comity.NewsPage{}, err
	}
	last, err := bodies[comity.Release](ctx, q, `SELECT body FROM releases ORDER BY number DESC LIMIT $1`, comity.MaxNews)
	var p comity.NewsPage
	for _, r := range last {
		if told[string(r.ID)] {
			p.News = append(p.News, releaseItem(r))
		}
	}
	p.Total = len(p.News)
	return p, err
}

func releaseItem(r comity.Release) comity.News {
	return comity.News{Event: comity.NewsRelease, Subject: strconv.Itoa(r.Number), Title: r.Period, TLP: comity.TLPGreen, Count: 1}
}

// intakeNews tells sources of which a run ended in the window and of which the last one did not go well.
func intakeNews(ctx context.Context, q querier, v comity.Viewer, in comity.Window) (comity.NewsPage, error) {
	var w where
	logged(&w, v, "source", in, "end run")
	visibleSource(&w, v, "runs.source")
	w.in("outcome", []string{string(comity.RunFailed), string(comity.RunRefused)})
	w.and("number = (SELECT MAX(number) FROM runs AS o WHERE o.source = runs.source)")
	return newsRows(ctx, q, "runs", "source", w, func(r comity.Run) comity.News {
		tlp := comity.TLPClear
		if strings.HasPrefix(string(r.Source), "stix") {
			tlp = comity.TLPAmber // that the group reads it at all can be marked
		}
		return comity.News{Event: comity.NewsRunFailed, Subject: string(r.Source), Title: string(r.Source), TLP: tlp, Count: 1}
	})
}
