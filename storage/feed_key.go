package storage

import (
	"context"
	"database/sql"
	"time"

	"comity"
)

// PutFeedKey sets the hash of the viewer's own feed key; an earlier one is void.
func (s *Store) PutFeedKey(ctx context.Context, v comity.Viewer, hash []byte, now time.Time) error {
	if v.Person() == "" || v.Roles() == 0 {
		return errNotFound
	}
	return s.write(ctx, v, "put feed key", string(v.Person()), func(tx *sql.Tx) error {
		const query = `
			INSERT INTO feed_keys (person_id, hash, created_at, seen_at)
			VALUES ($1, $2, $3, 0)
			ON CONFLICT (person_id) DO UPDATE
			SET hash = excluded.hash, created_at = excluded.created_at, seen_at = 0`
		_, err := tx.ExecContext(ctx, query, string(v.Person()), hash, unix(now))
		return err
	})
}

// DeleteFeedKey makes the viewer's own feed key void; that there is none is no error.
func (s *Store) DeleteFeedKey(ctx context.Context, v comity.Viewer) error {
	if v.Person() == "" {
		return errNotFound
	}
	return s.write(ctx, v, "delete feed key", string(v.Person()), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM feed_keys WHERE person_id = $1`, string(v.Person()))
		return err
	})
}

// FeedKey returns the viewer's own feed key, without its hash; NotFound if there is none.
func (s *Store) FeedKey(ctx context.Context, v comity.Viewer) (comity.FeedKey, error) {
	s.note(ctx, v, "FeedKey")
	k := comity.FeedKey{Person: v.Person()}
	var created, seen int64
	err := s.engine.Read.QueryRowContext(ctx, `SELECT created_at, seen_at FROM feed_keys WHERE person_id = $1`, string(v.Person())).Scan(&created, &seen)
	k.Created, k.Seen = fromUnix(created), fromUnix(seen)
	return k, s.known(err)
}

// touchFeedKey is how exactly the use of a feed key is recorded.
const touchFeedKey = time.Hour

// PersonByFeedKey returns whose the feed key with this hash is, and notes that it was used. NotFound for one that is void,
// and of people who can't sign in. System only.
func (s *Store) PersonByFeedKey(ctx context.Context, v comity.Viewer, hash []byte, now time.Time) (comity.Person, error) {
	if err := s.system(ctx, v, "PersonByFeedKey"); err != nil {
		return comity.Person{}, err
	}
	const query = `
		SELECT ` + personColumns + `, feed_keys.seen_at
		FROM people
		JOIN feed_keys ON feed_keys.person_id = people.id
		WHERE feed_keys.hash = $1
		  AND ` + activePeople
	var seen int64
	p, err := scanPerson(s.engine.Read.QueryRowContext(ctx, query, hash), &seen)
	if err == nil && now.Sub(fromUnix(seen)) > touchFeedKey {
		_, err = s.engine.Write.ExecContext(ctx, `UPDATE feed_keys SET seen_at = $1 WHERE hash = $2`, unix(now), hash)
	}
	return p, s.known(err)
}

const (
	feedReach   = "1000" // entries of one kind in the audit log that a feed looks at: an item that is changed again and again is one entry
	feedEntries = "50"   // comity.MaxFeedEntries, as text
)

// FeedEntries returns the last changes of a space that the viewer may see, newest first, at most comity.MaxFeedEntries: of
// a thing that was changed several times the last. A space that is not for the viewer is NotFound.
func (s *Store) FeedEntries(ctx context.Context, v comity.Viewer, space comity.FeedSpace) ([]comity.News, error) {
	s.note(ctx, v, "FeedEntries")
	if !v.SeesSpace(space) {
		return nil, errNotFound
	}
	var all []comity.News
	for _, read := range feedReaders[space] {
		list, err := read(ctx, s.engine.Read, v)
		if err != nil {
			return nil, s.known(err)
		}
		all = append(all, list...)
	}
	return comity.LastNews(all), nil
}

type feedReader func(context.Context, querier, comity.Viewer) ([]comity.News, error)

var feedReaders = map[comity.FeedSpace][]feedReader{
	comity.SpaceOrganization: {lastMoves, lastMatches, lastOwnActions},
	comity.SpaceWorkPlan:     {lastGroupActions},
	comity.SpaceGroup: {
		lastSessions(comity.NewsSession, "move session to "+string(comity.SessionPublished)),
		lastSessions(comity.NewsMinutes, "move session to "+string(comity.SessionMinutes)),
		lastSessions(comity.NewsApproved, "approve minutes"),
		lastProcedures(comity.NewsAsked, "open procedure"), lastProcedures(comity.NewsAnswered, "close procedure"),
		lastDecisions, lastDocuments, lastReports, lastReleases,
	},
}

// lastRows reads the things of a table to which an action was done last, each once, with when that was.
func lastRows[T any](ctx context.Context, q querier, table, action string, w where, item func(T) comity.News) ([]comity.News, error) {
	w.and("did.subject = " + table + ".id")
	w.args = append(w.args, action)
	query := `
		SELECT ` + table + `.body, did.number, did.moment
		FROM ` + table + `, (
			SELECT subject, MAX(seq) AS number, MAX(at) AS moment
			FROM (SELECT subject, seq, at FROM audit_entries WHERE action = ` + w.last() + ` ORDER BY seq DESC LIMIT ` + feedReach + `) AS done
			GROUP BY subject
		) AS did` + w.String() + `
		ORDER BY did.number DESC
		LIMIT ` + feedEntries
	return rows(ctx, q, func(r *sql.Rows) (comity.News, error) {
		var text string
		var seq, at int64
		if err := r.Scan(&text, &seq, &at); err != nil {
			return comity.News{}, err
		}
		one, err := decode[T](text)
		n := item(one)
		n.Seq, n.At = seq, fromUnix(at)
		return n, err
	}, query, w.args...)
}

// lastCounts reads moments at which several things of a kind happened, and how many.
func lastCounts(ctx context.Context, q querier, event comity.NewsEvent, query string, args ...any) ([]comity.News, error) {
	return rows(ctx, q, func(r *sql.Rows) (comity.News, error) {
		n := comity.News{Event: event, TLP: ownMarking}
		var at int64
		err := r.Scan(&at, &n.Count)
		n.At, n.Seq = fromUnix(at), at
		return n, err
	}, query, args...)
}

func lastMoves(ctx context.Context, q querier, v comity.Viewer) ([]comity.News, error) {
	const query = `
		SELECT at, COUNT(*)
		FROM (SELECT at FROM exposure_changes WHERE org_id = $1 ORDER BY seq DESC LIMIT ` + feedReach + `) AS moved
		GROUP BY at
		ORDER BY at DESC
		LIMIT ` + feedEntries
	return lastCounts(ctx, q, comity.NewsExposure, query, string(v.Org()))
}

func lastMatches(ctx context.Context, q querier, v comity.Viewer) ([]comity.News, error) {
	var w where
	ownOnly(&w, v, "matches.org_id")
	marked(&w, v, "threats.tlp", "threats.originator")
	w.and("matches.exposed > 0")
	query := `SELECT matches.found_at, COUNT(*) FROM matches JOIN threats ON threats.id = matches.threat_id` + w.String() +
		` GROUP BY matches.found_at ORDER BY matches.found_at DESC LIMIT ` + feedEntries
	return lastCounts(ctx, q, comity.NewsMatch, query, w.args...)
}

func lastOwnActions(ctx context.Context, q querier, v comity.Viewer) ([]comity.News, error) {
	var w where
	ownActions(&w, v)
	return lastRows(ctx, q, "actions", "put action", w, actionItem(comity.NewsAction))
}

func lastGroupActions(ctx context.Context, q querier, v comity.Viewer) ([]comity.News, error) {
	var w where
	visibleActions(&w, v)
	w.and("audience = ?", string(comity.AudienceGroup))
	return lastRows(ctx, q, "actions", "put action", w, actionItem(comity.NewsAction))
}

func lastSessions(event comity.NewsEvent, action string) feedReader {
	return func(ctx context.Context, q querier, v comity.Viewer) ([]comity.News, error) {
		var w where
		visibleSessions(&w, v)
		if event == comity.NewsApproved {
			w.and("state = ?", string(comity.SessionApproved))
		}
		return lastRows(ctx, q, "group_sessions", action, w, sessionItem(event))
	}
}

// lastDecisions orders decisions by when they were adopted: some have no entry of their own in the log.
func lastDecisions(ctx context.Context, q querier, v comity.Viewer) ([]comity.News, error) {
	var w where
	visibleDecisions(&w, v)
	list, err := bodies[comity.Decision](ctx, q, `SELECT body FROM decisions`+w.String()+` ORDER BY adopted_at DESC, id LIMIT `+feedEntries, w.args...)
	news := make([]comity.News, len(list))
	for i, d := range list {
		news[i] = decisionItem(d)
		news[i].At, news[i].Seq = d.Adopted, 0
	}
	return news, err
}

func lastDocuments(ctx context.Context, q querier, v comity.Viewer) ([]comity.News, error) {
	var w where
	visibleDocuments(&w, v, "tlp")
	lastRevisionSeen(&w, v)
	return lastRows(ctx, q, "documents", "publish document", w, documentItem)
}

func lastProcedures(event comity.NewsEvent, action string) feedReader {
	return func(ctx context.Context, q querier, v comity.Viewer) ([]comity.News, error) {
		var w where
		visibleDocuments(&w, v, "tlp")
		return lastRows(ctx, q, "procedures", action, w, procedureItem(event))
	}
}

func lastReports(ctx context.Context, q querier, v comity.Viewer) ([]comity.News, error) {
	var w where
	visibleReports(&w, v)
	w.and("state = 'frozen'")
	return lastRows(ctx, q, "reports", "freeze report", w, reportItem)
}

func lastReleases(ctx context.Context, q querier, _ comity.Viewer) ([]comity.News, error) {
	list, err := bodies[comity.Release](ctx, q, `SELECT body FROM releases ORDER BY number DESC LIMIT `+feedEntries)
	news := make([]comity.News, len(list))
	for i, r := range list {
		news[i] = releaseItem(r)
		news[i].At, news[i].Seq = r.AsOf, int64(r.Number)
	}
	return news, err
}
