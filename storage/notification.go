package storage

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"comity"
)

// People read and change what they chose for themselves, and nobody else's. Everything that sends works here as the
// system.

// keepNotices is for how long the store knows what became of a mail.
const keepNotices = 180 * 24 * time.Hour

// notificationRow is a row of notifications as it is stored. A person without one has the zero row.
type notificationRow struct {
	turn, stopped int64
	choices       map[comity.Topic]comity.Frequency
	told          map[comity.Topic]comity.Place
}

// row is sql.Row or sql.Rows.
type row interface{ Scan(...any) error }

func scanNotifications(r row) (n notificationRow, err error) {
	var choices, told string
	if err := r.Scan(&n.turn, &n.stopped, &choices, &told); err != nil {
		return n, err
	}
	return n, n.decode(choices, told)
}

func (n *notificationRow) decode(choices, told string) (err error) {
	if n.choices, err = decode[map[comity.Topic]comity.Frequency](choices); err != nil {
		return err
	}
	n.told, err = decode[map[comity.Topic]comity.Place](told)
	return err
}

// notificationsOf returns a person's row; the zero row if there is none.
func notificationsOf(ctx context.Context, q querier, id comity.PersonID) (notificationRow, error) {
	n, err := scanNotifications(q.QueryRowContext(ctx, `SELECT turn, stopped_at, choices, told FROM notifications WHERE person_id = $1`, string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return notificationRow{}, nil
	}
	return n, err
}

// storeNotifications stores a person's row as the next turn.
func storeNotifications(ctx context.Context, tx *sql.Tx, id comity.PersonID, n notificationRow) error {
	if n.choices == nil {
		n.choices = map[comity.Topic]comity.Frequency{}
	}
	if n.told == nil {
		n.told = map[comity.Topic]comity.Place{}
	}
	choices, err := encode(n.choices)
	if err != nil {
		return err
	}
	told, err := encode(n.told)
	if err != nil {
		return err
	}
	const query = `
		INSERT INTO notifications (person_id, turn, stopped_at, choices, told)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (person_id) DO UPDATE
		SET turn = excluded.turn, stopped_at = excluded.stopped_at, choices = excluded.choices, told = excluded.told`
	_, err = tx.ExecContext(ctx, query, string(id), n.turn+1, n.stopped, choices, told)
	return err
}

// Notifications returns what the viewer chose to be told.
func (s *Store) Notifications(ctx context.Context, v comity.Viewer) (comity.Notifications, error) {
	s.note(ctx, v, "Notifications")
	if v.Person() == "" {
		return comity.Notifications{}, errNotFound
	}
	n, err := notificationsOf(ctx, s.engine.Read, v.Person())
	return comity.Notifications{Person: v.Person(), Choices: n.choices, Stopped: fromUnix(n.stopped)}, s.known(err)
}

// PutNotifications sets how often the viewer is told of topics; the others stay as they are. A topic that was off is told
// from now on. An unknown topic or frequency is Invalid.
func (s *Store) PutNotifications(ctx context.Context, v comity.Viewer, choices map[comity.Topic]comity.Frequency) error {
	if err := checkChoices(choices); err != nil {
		return err
	}
	return s.changeNotifications(ctx, v, "put notifications", func(n *notificationRow) {
		before := comity.Notifications{Choices: n.choices}
		after := map[comity.Topic]comity.Frequency{}
		for _, t := range comity.Topics {
			after[t] = before.Choice(t)
			if f, chosen := choices[t]; chosen {
				after[t] = f
			}
			if before.Choice(t) == comity.FrequencyOff && after[t] != comity.FrequencyOff {
				delete(n.told, t)
			}
		}
		n.choices = after
	})
}

func checkChoices(choices map[comity.Topic]comity.Frequency) error {
	for t, f := range choices {
		if !slices.Contains(comity.Topics, t) {
			return comity.Errorf(comity.Invalid, "unknown topic %.40q", t)
		}
		if !slices.Contains(comity.Frequencies, f) {
			return comity.Errorf(comity.Invalid, "%s: unknown frequency %.40q", t, f)
		}
	}
	return nil
}

// ResumeMail lets the viewer, who wanted no mail, have it again: of what changes from now on.
func (s *Store) ResumeMail(ctx context.Context, v comity.Viewer) error {
	return s.changeNotifications(ctx, v, "resume mail", func(n *notificationRow) { n.stopped, n.told = 0, nil })
}

// changeNotifications changes the viewer's own row.
func (s *Store) changeNotifications(ctx context.Context, v comity.Viewer, action string, do func(*notificationRow)) error {
	if v.Person() == "" {
		return errNotFound
	}
	return s.write(ctx, v, action, string(v.Person()), func(tx *sql.Tx) error {
		n, err := notificationsOf(ctx, tx, v.Person())
		if err != nil {
			return err
		}
		do(&n)
		return storeNotifications(ctx, tx, v.Person(), n)
	})
}

// PersonByMailLink returns whose mail carried the link with this hash. One that is unknown or revoked is NotFound. System
// only.
func (s *Store) PersonByMailLink(ctx context.Context, v comity.Viewer, hash []byte) (comity.Person, error) {
	if err := s.system(ctx, v, "PersonByMailLink"); err != nil {
		return comity.Person{}, err
	}
	p, err := personByMailLink(ctx, s.engine.Read, hash)
	return p, s.known(err)
}

func personByMailLink(ctx context.Context, q querier, hash []byte) (comity.Person, error) {
	if len(hash) == 0 {
		return comity.Person{}, errNotFound
	}
	const query = `
		SELECT ` + personColumns + `
		FROM people
		JOIN notices ON notices.person_id = people.id
		WHERE notices.hash = $1`
	return scanPerson(q.QueryRowContext(ctx, query, hash))
}

// StopMail ends all mail to the person whose mail carried the link with this hash, until they want it again. System only.
func (s *Store) StopMail(ctx context.Context, v comity.Viewer, hash []byte, now time.Time) error {
	p, err := s.PersonByMailLink(ctx, v, hash)
	if err != nil {
		return err
	}
	return s.writeAbout(ctx, v, p.Org, "stop mail", string(p.ID), func(tx *sql.Tx) error {
		if _, err := personByMailLink(ctx, tx, hash); err != nil {
			return err
		}
		n, err := notificationsOf(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if n.stopped != 0 {
			return errUnchanged
		}
		n.stopped = unix(now)
		return storeNotifications(ctx, tx, p.ID, n)
	})
}

// RevokeMailLinks makes the links to unsubscribe in all mails to the viewer void.
func (s *Store) RevokeMailLinks(ctx context.Context, v comity.Viewer) error {
	if v.Person() == "" {
		return errNotFound
	}
	return s.write(ctx, v, "revoke mail links", string(v.Person()), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE notices SET hash = $1 WHERE person_id = $2`, []byte{}, string(v.Person()))
		return err
	})
}

// Subscribers returns people who can sign in, in the order of their identities after one, with what they chose and how far
// they were told. System only.
func (s *Store) Subscribers(ctx context.Context, v comity.Viewer, after comity.PersonID, limit int) ([]comity.Subscriber, error) {
	if err := s.system(ctx, v, "Subscribers"); err != nil {
		return nil, err
	}
	limit, _ = page(limit, 0, 1000)
	const query = `
		SELECT ` + personColumns + `, COALESCE(turn, 0), COALESCE(stopped_at, 0), COALESCE(choices, '{}'), COALESCE(told, '{}')
		FROM people
		LEFT JOIN notifications ON notifications.person_id = people.id
		WHERE ` + activePeople + `
		  AND people.id > $1
		ORDER BY people.id
		LIMIT $2`
	list, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (comity.Subscriber, error) {
		var n notificationRow
		var choices, told string
		p, err := scanPerson(r, &n.turn, &n.stopped, &choices, &told)
		if err == nil {
			err = n.decode(choices, told)
		}
		chosen := comity.Notifications{Person: p.ID, Choices: n.choices, Stopped: fromUnix(n.stopped)}
		return comity.Subscriber{Person: p, Notifications: chosen, Told: n.told, Turn: int(n.turn)}, err
	}, query, string(after), limit)
	return list, s.known(err)
}

// Claim records, in one transaction, how far somebody was told and the mail that tells them; a notice without windows is
// none, and only the places move. It is a Conflict if the subscriber's turn is over: another process claimed, or the
// person chose anew. System only.
func (s *Store) Claim(ctx context.Context, v comity.Viewer, sub comity.Subscriber, n comity.Notice) error {
	if err := s.system(ctx, v, "Claim"); err != nil {
		return err
	}
	do := func(tx *sql.Tx) error {
		had, err := notificationsOf(ctx, tx, sub.Person.ID)
		if err != nil {
			return err
		}
		if had.turn != int64(sub.Turn) {
			return comity.Errorf(comity.Conflict, "somebody else claimed what %s is to be told", sub.Person.ID)
		}
		had.told = sub.Told
		if err := storeNotifications(ctx, tx, sub.Person.ID, had); err != nil {
			return err
		}
		if n.Test() {
			return nil
		}
		n.Person = sub.Person.ID
		return insertNotice(ctx, tx, n)
	}
	if n.Test() {
		return s.transaction(ctx, "claim", do)
	}
	return s.writeAbout(ctx, v, sub.Person.Org, "put notice", string(sub.Person.ID), do)
}

func insertNotice(ctx context.Context, tx *sql.Tx, n comity.Notice) error {
	windows := n.Windows
	if windows == nil {
		windows = map[comity.Topic]comity.Window{}
	}
	text, err := encode(windows)
	if err != nil {
		return err
	}
	const old = `DELETE FROM notices WHERE person_id = $1 AND created_at < $2 AND state NOT IN ('waiting', 'sending')`
	if _, err := tx.ExecContext(ctx, old, string(n.Person), n.Created.Add(-keepNotices).Unix()); err != nil {
		return err
	}
	const query = `
		INSERT INTO notices (person_id, state, created_at, next_at, ended_at, attempts, problem, windows, hash)
		VALUES ($1, 'waiting', $2, $2, 0, 0, '', $3, $4)`
	_, err = tx.ExecContext(ctx, query, string(n.Person), unix(n.Created), text, []byte{})
	return err
}

// AskTestMail asks for a mail to the viewer that says that mail arrives. A second one before the first was tried is a
// Conflict.
func (s *Store) AskTestMail(ctx context.Context, v comity.Viewer, now time.Time) error {
	if v.Person() == "" {
		return errNotFound
	}
	return s.write(ctx, v, "ask test mail", string(v.Person()), func(tx *sql.Tx) error {
		var waiting int
		const query = `SELECT COUNT(*) FROM notices WHERE person_id = $1 AND windows = '{}' AND state IN ('waiting', 'sending')`
		if err := tx.QueryRowContext(ctx, query, string(v.Person())).Scan(&waiting); err != nil {
			return err
		}
		if waiting > 0 {
			return &comity.Error{Kind: comity.Conflict, Key: "test_mail_waiting", Msg: "a test mail is on its way already"}
		}
		return insertNotice(ctx, tx, comity.Notice{Person: v.Person(), Created: now})
	})
}

const noticeColumns = `seq, person_id, state, created_at, next_at, ended_at, attempts, problem, windows`

func scanNotice(r *sql.Rows) (n comity.Notice, err error) {
	var created, next, ended int64
	var windows string
	if err := r.Scan(&n.Seq, &n.Person, &n.State, &created, &next, &ended, &n.Attempts, &n.Problem, &windows); err != nil {
		return n, err
	}
	n.Created, n.Next, n.Ended = fromUnix(created), fromUnix(next), fromUnix(ended)
	n.Windows, err = decode[map[comity.Topic]comity.Window](windows)
	return n, err
}

// Notices returns the last mails to the viewer, newest first.
func (s *Store) Notices(ctx context.Context, v comity.Viewer, limit int) ([]comity.Notice, error) {
	s.note(ctx, v, "Notices")
	if v.Person() == "" {
		return nil, errNotFound
	}
	limit, _ = page(limit, 0, 100)
	list, err := rows(ctx, s.engine.Read, scanNotice,
		`SELECT `+noticeColumns+` FROM notices WHERE person_id = $1 ORDER BY seq DESC LIMIT $2`, string(v.Person()), limit)
	return list, s.known(err)
}

// DueNotices returns the mails that are to be sent now, those that wait longest first. System only.
func (s *Store) DueNotices(ctx context.Context, v comity.Viewer, now time.Time, limit int) ([]comity.Notice, error) {
	if err := s.system(ctx, v, "DueNotices"); err != nil {
		return nil, err
	}
	limit, _ = page(limit, 0, 1000)
	list, err := rows(ctx, s.engine.Read, scanNotice,
		`SELECT `+noticeColumns+` FROM notices WHERE state = 'waiting' AND next_at <= $1 ORDER BY next_at, seq LIMIT $2`, unix(now), limit)
	return list, s.known(err)
}

// BeginNotice notes that a waiting mail is handed to the mail server now, with the hash of the link that it carries. A mail
// that does not wait any more is a Conflict: another process has it. System only.
func (s *Store) BeginNotice(ctx context.Context, v comity.Viewer, seq int64, hash []byte, now time.Time) error {
	if err := s.system(ctx, v, "BeginNotice"); err != nil {
		return err
	}
	const query = `
		UPDATE notices
		SET state = 'sending', hash = $1, next_at = $2, attempts = attempts + 1
		WHERE seq = $3
		  AND state = 'waiting'`
	return s.moveNotice(ctx, "begin notice", query, hash, unix(now), seq)
}

// EndNotice notes what became of a mail: its State, Next, Ended, Problem and, where it never reached the server, Attempts.
// A mail that has ended is a Conflict. System only.
func (s *Store) EndNotice(ctx context.Context, v comity.Viewer, n comity.Notice) error {
	if err := s.system(ctx, v, "EndNotice"); err != nil {
		return err
	}
	const query = `
		UPDATE notices
		SET state = $1, next_at = $2, ended_at = $3, problem = $4, attempts = $5
		WHERE seq = $6
		  AND state IN ('waiting', 'sending')`
	return s.moveNotice(ctx, "end notice", query, string(n.State), unix(n.Next), unix(n.Ended), n.Problem, n.Attempts, n.Seq)
}

// moveNotice changes one mail, or is a Conflict.
func (s *Store) moveNotice(ctx context.Context, action, query string, args ...any) error {
	return s.transaction(ctx, action, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return comity.Errorf(comity.Conflict, "%s: it is not where it was any more", action)
		}
		return nil
	})
}

// AbandonNotices ends, as unknown, the mails that were handed to the mail server before a moment and of which nothing was
// heard since: who sent them is gone. They are not sent again, since they may have been taken. System only.
func (s *Store) AbandonNotices(ctx context.Context, v comity.Viewer, before, now time.Time) error {
	if err := s.system(ctx, v, "AbandonNotices"); err != nil {
		return err
	}
	return s.transaction(ctx, "abandon notices", func(tx *sql.Tx) error {
		const query = `UPDATE notices SET state = 'unknown', ended_at = $1 WHERE state = 'sending' AND next_at < $2`
		result, err := tx.ExecContext(ctx, query, unix(now), unix(before))
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errUnchanged)
		}
		return nil
	})
}

// NoticesSince counts the mails that ended after a moment, by how, for who keeps the server running. System only.
func (s *Store) NoticesSince(ctx context.Context, v comity.Viewer, since time.Time) (map[comity.NoticeState]int, error) {
	if err := s.system(ctx, v, "NoticesSince"); err != nil {
		return nil, err
	}
	counts := map[comity.NoticeState]int{}
	_, err := rows(ctx, s.engine.Read, func(r *sql.Rows) (state comity.NoticeState, err error) {
		var n int
		err = r.Scan(&state, &n)
		counts[state] = n
		return state, err
	}, `SELECT state, COUNT(*) FROM notices WHERE created_at > $1 GROUP BY state`, unix(since))
	return counts, s.known(err)
}
