package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"comity"
)

// Holding is one kind of thing that is here of an organisation: which rows they are, the file in which the organisation
// takes them along, and whether they go when it erases what it has. Holdings is all of them; a test finds the tables that
// name an organisation or a person and are not among them.
type Holding struct {
	Table   string
	What    comity.Estate // under which it is told
	File    string        // in the archive; empty: it is not taken along, and Note says why
	Note    string        // for the archive's README: what the file is
	Columns []string      // in the archive; none of them a secret
	Erased  bool

	rows  string // condition on the table, $1 is the organisation
	order string
}

// Conditions on rows of an organisation.
const (
	ofOrganization = "org_id = $1"
	ofItsPeople    = "person_id IN (SELECT id FROM people WHERE org_id = $1)"
	ofItsActions   = "action_id IN (SELECT id FROM actions WHERE owner_org_id = $1 AND audience <> 'group')"
	ofGroupActions = "action_id IN (SELECT id FROM actions WHERE owner_org_id = $1 AND audience = 'group')"
)

// Holdings lists everything, in the order of the archive. Rows that refer to others stand before them.
var Holdings = []Holding{
	{
		Table: "profile_sections", What: comity.EstateProfile, File: "profile/revisions.ndjson", Erased: true, rows: ofOrganization, order: "revision, section",
		Columns: []string{"section", "revision", "at", "person_id", "body"}, Note: "every section of the profile as it was entered, revision by revision: a section is as its newest revision says",
	},
	{Table: "profile_drafts", What: comity.EstateDrafts, Erased: true, rows: ofOrganization, Note: "imports that were begun and not saved; they end by themselves after an hour"},
	{
		Table: "baseline_answers", What: comity.EstateBaselines, File: "baselines/answers.ndjson", Erased: true, rows: ofOrganization, order: "baseline_id, revision, control",
		Columns: []string{"baseline_id", "revision", "control", "at", "person_id", "body"}, Note: "what was answered to the controls of baselines, revision by revision: the newest row of a control counts",
	},
	{Table: "baseline_drafts", What: comity.EstateDrafts, Erased: true, rows: ofOrganization, Note: "imports of baselines and answers that were begun and not saved; they end by themselves after an hour"},
	{
		Table: "guide_marks", What: comity.EstateProfile, File: "profile/guide.ndjson", Erased: true, rows: ofOrganization, order: "at, step",
		Columns: []string{"step", "at", "body"}, Note: "how far the guided path was gone, and what each step did to the headline",
	},
	{Table: "calibration_rounds", What: comity.EstateCalibration, Erased: true, rows: ofItsPeople, Note: "how people's own intervals did in the warm-up: private to each person, so nobody takes it along"},
	{
		Table: "evidence", What: comity.EstateEvidence, File: "evidence.ndjson", Erased: true, rows: ofOrganization, order: "id",
		Columns: []string{"id", "body"}, Note: "incidents and attempts that were recorded, those that were retracted too",
	},
	{
		Table: "matches", What: comity.EstateMatches, File: "matches.ndjson", Erased: true, rows: ofOrganization, order: "id",
		Columns: []string{"id", "threat_id", "kind", "exposed", "found_at", "body"}, Note: "which threats touch the organisation, and why",
	},
	{
		Table: "treatments", What: comity.EstateTreatments, File: "treatments/current.ndjson", Erased: true, rows: ofOrganization, order: "scenario",
		Columns: []string{"id", "scenario", "revision", "body"}, Note: "what is done about each exposure, and who answers for it",
	},
	{
		Table: "treatment_revisions", What: comity.EstateTreatments, File: "treatments/history.ndjson", Erased: true, rows: ofOrganization, order: "at, treatment_id, revision",
		Columns: []string{"treatment_id", "revision", "at", "person_id", "event", "body"}, Note: "every decision on them, with who proposed and who approved it",
	},
	{
		Table: "treatment_thresholds", What: comity.EstateTreatments, File: "treatments/threshold.ndjson", Erased: true, rows: ofOrganization, order: "at",
		Columns: []string{"threshold", "at", "person_id"}, Note: "from which probability on an exposure is above tolerance",
	},
	{
		Table: "forecasts", What: comity.EstateExposure, File: "exposure/forecasts.ndjson", Erased: true, rows: ofOrganization, order: "quarter, scenario",
		Columns: []string{"quarter", "scenario", "at", "body"}, Note: "what the exposure said of each scenario at the beginning of each quarter",
	},
	{
		Table: "exposures", What: comity.EstateExposure, File: "exposure/current.ndjson", Erased: true, rows: ofOrganization, order: "revision",
		Columns: []string{"revision", "body"}, Note: "the exposure as last assessed",
	},
	{
		Table: "exposure_points", What: comity.EstateExposure, File: "exposure/history.ndjson", Erased: true, rows: ofOrganization, order: "at",
		Columns: []string{"at", "value", "low", "high", "mean_loss"}, Note: "its headline at each assessment",
	},
	{
		Table: "exposure_days", What: comity.EstateExposure, File: "exposure/days.ndjson", Erased: true, rows: ofOrganization, order: "day",
		Columns: []string{"day", "at", "body"}, Note: "the last assessment of each day, with what each figure rested on",
	},
	{
		Table: "exposure_changes", What: comity.EstateExposure, File: "exposure/changes.ndjson", Erased: true, rows: ofOrganization, order: "seq",
		Columns: []string{"seq", "at", "body"}, Note: "what changed it, and why",
	},
	{
		Table: "changes", What: comity.EstateLog, File: "changes.ndjson", Erased: true, rows: ofOrganization, order: "seq",
		Columns: []string{"seq", "at", "kind", "subject"}, Note: "the log of changes that assessments follow",
	},
	{
		Table: "action_revisions", What: comity.EstateActions, File: "actions/private-revisions.ndjson", Erased: true, rows: ofItsActions, order: "seq",
		Columns: []string{"seq", "action_id", "at", "person_id", "org_id", "field", "old", "new", "why", "group_session_id", "decision_id"}, Note: "the history of private action items",
	},
	{Table: "action_states", What: comity.EstateActions, Erased: true, rows: "owner_org_id = $1 AND audience <> 'group'", Note: "an index of what private action items were and when: it follows from their history"},
	{Table: "action_dependencies", What: comity.EstateActions, Erased: true, rows: ofItsActions, Note: "what private action items wait for: it stands in the items"},
	{
		Table: "action_effects", What: comity.EstateActions, File: "actions/removed.ndjson", Erased: true, rows: ofOrganization, order: "action_id",
		Columns: []string{"action_id", "at", "body"}, Note: "what closed action items removed of the organisation's exposure",
	},
	{
		Table: "plan_filters", What: comity.EstateActions, File: "actions/filters.ndjson", Erased: true, rows: ofItsPeople, order: "person_id, name",
		Columns: []string{"person_id", "name", "query"}, Note: "selections of the work-plan that the organisation's people kept",
	},
	{
		Table: "actions", What: comity.EstateActions, File: "actions/private.ndjson", Erased: true, rows: "owner_org_id = $1 AND audience <> 'group'", order: "id",
		Columns: []string{"id", "revision", "body"}, Note: "action items that only the organisation sees",
	},
	{
		Table: "notices", What: comity.EstateAccess, File: "notices.ndjson", Erased: true, rows: ofItsPeople, order: "seq",
		Columns: []string{"seq", "person_id", "state", "created_at", "ended_at", "attempts", "problem", "windows"}, Note: "mails to the organisation's people: of which topics and when, and what became of them",
	},
	{Table: "deliveries", What: comity.EstateAccess, Erased: true, rows: "webhook_id IN (SELECT id FROM webhooks WHERE org_id = $1)", Note: "what was sent to the organisation's own programs"},
	{
		Table: "webhooks", What: comity.EstateAccess, File: "webhooks.ndjson", Erased: true, rows: ofOrganization, order: "created_at, id",
		Columns: []string{"id", "person_id", "created_at", "disabled_at", "body"}, Note: "programs of the organisation that are told what changed, without the secrets",
	},
	{
		Table: "feed_keys", What: comity.EstateAccess, File: "feed-keys.ndjson", Erased: true, rows: ofItsPeople, order: "person_id",
		Columns: []string{"person_id", "created_at", "seen_at"}, Note: "which of the organisation's people have feeds, without the keys",
	},
	{
		Table: "notifications", What: comity.EstateAccess, File: "notifications.ndjson", Erased: true, rows: ofItsPeople, order: "person_id",
		Columns: []string{"person_id", "stopped_at", "choices"}, Note: "what the organisation's people chose to be told by mail",
	},
	{Table: "sessions", What: comity.EstateAccess, Erased: true, rows: ofItsPeople, Note: "who is signed in: open doors are not taken along"},
	{
		Table: "tokens", What: comity.EstateAccess, File: "tokens.ndjson", Erased: true, rows: ofItsPeople, order: "created_at, id",
		Columns: []string{"id", "person_id", "name", "created_at", "expires_at"}, Note: "tokens of the organisation's people, without what they are checked against",
	},

	{
		Table: "actions", What: comity.EstateGroupActions, File: "actions/group.ndjson", rows: "owner_org_id = $1 AND audience = 'group'", order: "id",
		Columns: []string{"id", "revision", "body"}, Note: "action items of the group under the organisation's name; erasing takes out which match they came from",
	},
	{
		Table: "action_revisions", What: comity.EstateGroupActions, File: "actions/group-revisions.ndjson", rows: ofGroupActions, order: "seq",
		Columns: []string{"seq", "action_id", "at", "person_id", "org_id", "field", "old", "new", "why", "group_session_id", "decision_id"}, Note: "their history; erasing takes out what was before they were shared",
	},
	{
		Table: "projects", What: comity.EstateGroupActions, File: "projects/led.ndjson", rows: "lead_org_id = $1", order: "id",
		Columns: []string{"id", "revision", "body"}, Note: "joint projects that the organisation leads",
	},
	{
		Table: "project_participants", What: comity.EstateGroupActions, File: "projects/part.ndjson", rows: ofOrganization, order: "project_id",
		Columns: []string{"project_id"}, Note: "joint projects in which the organisation takes part",
	},
	{
		Table: "project_revisions", What: comity.EstateGroupActions, File: "projects/revisions.ndjson", rows: ofOrganization, order: "project_id, revision",
		Columns: []string{"project_id", "revision", "at", "person_id", "body"}, Note: "changes of joint projects that its people made",
	},
	{
		Table: "project_reports", What: comity.EstateGroupActions, File: "projects/reports.ndjson", rows: ofOrganization, order: "project_id, number",
		Columns: []string{"project_id", "number", "at", "person_id", "body"}, Note: "reports on joint projects that its people gave",
	},
	{
		Table: "people", What: comity.EstateDirectory, File: "people.ndjson", rows: ofOrganization, order: "id",
		Columns: []string{"id", "name", "email", "roles", "language"}, Note: "people who sign in for the organisation; roles are bits in the order co-chair, focal point, alternate, analyst, secretariat, observer, parent-network reader, auditor",
	},
	{Table: "credentials", What: comity.EstateDirectory, rows: ofItsPeople, Note: "what passwords are checked against: a secret"},
	{
		Table: "contacts", What: comity.EstateDirectory, File: "contacts.ndjson", rows: ofOrganization, order: "function",
		Columns: []string{"function", "revision", "body"}, Note: "contacts of the organisation in the group's directory",
	},
	{
		Table: "invitations", What: comity.EstateDirectory, File: "invitations.ndjson", rows: ofOrganization, order: "id",
		Columns: []string{"id", "email", "name", "roles", "created_at", "expires_at"}, Note: "invitations to sign in for the organisation that are open",
	},
	{
		Table: "terms", What: comity.EstateGovernance, File: "governance/terms.ndjson", rows: ofOrganization, order: "begins",
		Columns: []string{"begins", "until", "ended", "person_id", "note"}, Note: "when the organisation led the group",
	},
	{
		Table: "working_groups", What: comity.EstateGovernance, File: "governance/chairs.ndjson", rows: "chair_org_id = $1", order: "id",
		Columns: []string{"id", "version", "body"}, Note: "working groups that the organisation chairs",
	},
	{
		Table: "working_group_members", What: comity.EstateGovernance, File: "governance/memberships.ndjson", rows: ofOrganization, order: "working_group_id",
		Columns: []string{"working_group_id"}, Note: "working groups that the organisation is a member of",
	},
	{
		Table: "positions", What: comity.EstateGovernance, File: "governance/positions.ndjson", rows: ofOrganization, order: "seq",
		Columns: []string{"seq", "procedure_id", "person_id", "at", "position", "reason"}, Note: "what the organisation said in written procedures, earlier positions too",
	},
	{
		Table: "procedure_events", What: comity.EstateGovernance, File: "governance/procedure-events.ndjson", rows: ofOrganization, order: "seq",
		Columns: []string{"seq", "procedure_id", "at", "person_id", "event", "old", "new", "why"}, Note: "what the organisation's people did to written procedures",
	},
	{
		Table: "document_revisions", What: comity.EstateGovernance, File: "governance/published.ndjson", rows: ofItsPeople, order: "document_id, number",
		Columns: []string{"document_id", "number", "published_at", "effective", "person_id", "body"}, Note: "revisions of the group's documents that the organisation's people published, without their texts",
	},
	{
		Table: "catalogue_versions", What: comity.EstateGovernance, File: "governance/catalogue.ndjson", rows: ofItsPeople, order: "number",
		Columns: []string{"number", "at", "person_id", "restores", "note"}, Note: "versions of the group's scenario catalogue that the organisation's people adopted",
	},
	{Table: "catalogue_drafts", What: comity.EstateGovernance, rows: ofItsPeople, Note: "the draft of the group's next catalogue, if the organisation's people changed it last: the group's, gone once it is adopted"},
	{
		Table: "attendances", What: comity.EstateGovernance, File: "governance/attendance.ndjson", rows: ofOrganization, order: "session_id, in_at",
		Columns: []string{"session_id", "in_at", "out_at"}, Note: "when the organisation was in sessions of the group",
	},
	{
		Table: "amendments", What: comity.EstateGovernance, File: "governance/amendments.ndjson", rows: ofOrganization, order: "session_id, at, id",
		Columns: []string{"id", "session_id", "person_id", "at", "state", "body"}, Note: "what the organisation asked to be amended in minutes",
	},
	{
		Table: "threats", What: comity.EstateThreats, File: "threats.ndjson", rows: "originator = $1", order: "id",
		Columns: []string{"id", "kind", "name", "source", "tlp", "published_at", "body"}, Note: "what the organisation told the group of threats",
	},
	{
		Table: "audit_entries", What: comity.EstateAudit, File: "audit.ndjson", rows: "org_id = $1 OR about_org_id = $1 OR subject = $1", order: "seq",
		Columns: []string{"seq", "at", "person_id", "org_id", "about_org_id", "system", "action", "subject"}, Note: "who did what in the organisation or to it: names of actions and identities, no content",
	},
	{Table: "erasures", What: comity.EstateAudit, rows: ofOrganization, Note: "that the organisation erased what it had, until it enters something again"},
}

// notHeld are the tables that name a person or an organisation and hold nothing of an organisation, and why.
var notHeld = map[string]string{
	"running": "who asked for an intake that is under way: gone when it ends",

	"plan_baselines": "who named a moment of the group's work-plan: the name is the group's",

	"baseline_revisions": "who imported a baseline of the group, which holds nothing of an organisation",
}

// Unheld lists the tables that name an organisation or a person and are neither among Holdings nor known to hold nothing:
// an organisation would not take along, nor erase, what is in them. It is empty in a program that is right. System only.
func (s *Store) Unheld(ctx context.Context, v comity.Viewer) ([]string, error) {
	if err := s.system(ctx, v, "Unheld"); err != nil {
		return nil, err
	}
	tx, err := s.engine.Read.BeginTx(ctx, s.engine.Catalog.Snapshot())
	if err != nil {
		return nil, s.known(err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	tables, err := s.engine.Catalog.Tables(ctx, tx)
	if err != nil {
		return nil, s.known(err)
	}
	var list []string
	for _, t := range tables {
		held := notHeld[t.Name] != "" || slices.ContainsFunc(Holdings, func(h Holding) bool { return h.Table == t.Name })
		if !held && slices.ContainsFunc(t.Columns, namesSomebody) {
			list = append(list, t.Name)
		}
	}
	return list, nil
}

// namesSomebody reports whether a column holds the identity of an organisation or a person, by its name.
func namesSomebody(c Column) bool {
	return strings.HasSuffix(c.Name, "org_id") || strings.HasSuffix(c.Name, "person_id") || c.Name == "originator" || c.Name == "owner"
}

// Archive hands over everything that is here of an organisation and goes into its archive, row by row as JSON objects, file
// by file in the order of Holdings, all as of one moment. It is NotFound for everybody but focal points and alternates of
// the organisation, and the system. Each row is good until row returns.
func (s *Store) Archive(ctx context.Context, v comity.Viewer, org comity.OrgID, file func(Holding) error, row func([]byte) error) error {
	if !v.TakesAlong(org) {
		return errNotFound
	}
	// Who took it along is noted before anything leaves.
	if err := s.writeAbout(ctx, v, org, "export organization", string(org), func(*sql.Tx) error { return nil }); err != nil {
		return err
	}
	tx, err := s.engine.Read.BeginTx(ctx, s.engine.Catalog.Snapshot())
	if err != nil {
		return s.known(fmt.Errorf("archive: begin: %w", err))
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	for _, h := range Holdings {
		if h.File == "" {
			continue
		}
		if err := file(h); err != nil {
			return err
		}
		if err := h.read(ctx, tx, org, row); err != nil {
			return s.known(fmt.Errorf("archive: %s: %w", h.File, err))
		}
	}
	return nil
}

// read hands over the rows of a holding as JSON objects.
func (h Holding) read(ctx context.Context, q querier, org comity.OrgID, row func([]byte) error) error {
	r, err := q.QueryContext(ctx, `SELECT `+strings.Join(h.Columns, ", ")+` FROM `+h.Table+` WHERE `+h.rows+` ORDER BY `+h.order, string(org))
	if err != nil {
		return err
	}
	defer r.Close()
	values := make([]any, len(h.Columns))
	into := make([]any, len(values))
	for i := range values {
		into[i] = &values[i]
	}
	for r.Next() {
		if err := r.Scan(into...); err != nil {
			return err
		}
		text, err := h.object(values)
		if err != nil {
			return err
		}
		if err := row(text); err != nil {
			return err
		}
	}
	return r.Err()
}

// object writes a row as a JSON object: bodies as the JSON that they are, times by RFC 3339.
func (h Holding) object(values []any) ([]byte, error) {
	var b strings.Builder
	for i, column := range h.Columns {
		value := values[i]
		seconds, isNumber := value.(int64)
		text, isText := value.(string)
		switch {
		case column == "body" && isText:
			value = json.RawMessage(text)
		case isNumber && (column == "at" || strings.HasSuffix(column, "_at")):
			if value = any(nil); seconds != 0 {
				value = time.Unix(seconds, 0).UTC()
			}
		}
		encoded, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", column, err)
		}
		fmt.Fprintf(&b, "%s%q:%s", map[bool]string{true: "{", false: ","}[i == 0], column, encoded)
	}
	return []byte(b.String() + "}"), nil
}

// Erasure counts what is here of an organisation: rows that go when it erases what it has, and rows that stay with the
// group. It is NotFound for everybody but focal points of the organisation and the system.
func (s *Store) Erasure(ctx context.Context, v comity.Viewer, org comity.OrgID) (comity.Erasure, error) {
	s.note(ctx, v, "Erasure")
	if !v.Erases(org) {
		return comity.Erasure{}, errNotFound
	}
	e, err := countHoldings(ctx, s.engine.Read, org)
	return e, s.known(err)
}

func countHoldings(ctx context.Context, q querier, org comity.OrgID) (comity.Erasure, error) {
	e := comity.Erasure{Org: org}
	for _, h := range Holdings {
		var n int
		if err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+h.Table+` WHERE `+h.rows, string(org)).Scan(&n); err != nil {
			return e, fmt.Errorf("count %s: %w", h.Table, err)
		}
		list := &e.Kept
		if h.Erased {
			list = &e.Erased
		}
		i := slices.IndexFunc(*list, func(c comity.EstateCount) bool { return c.What == h.What })
		if i < 0 {
			*list = append(*list, comity.EstateCount{What: h.What})
			i = len(*list) - 1
		}
		(*list)[i].Rows += n
	}
	return e, nil
}

// Erase takes away everything that is an organisation's own, in one transaction, and returns what went and what stays. The
// acronym must be typed as it is, else it is Invalid. Everybody of the organisation is signed out. Until it enters
// something again it is not assessed. Only focal points of the organisation may: not the secretariat, not the system.
func (s *Store) Erase(ctx context.Context, v comity.Viewer, org comity.OrgID, acronym string, now time.Time) (comity.Erasure, error) {
	var e comity.Erasure
	if !v.Erases(org) || v.Person() == "" {
		return e, errNotFound
	}
	err := s.writeAbout(ctx, v, org, "erase organization", string(org), func(tx *sql.Tx) error {
		var stored string
		if err := tx.QueryRowContext(ctx, `SELECT acronym FROM organizations WHERE id = $1`, string(org)).Scan(&stored); err != nil {
			return err
		}
		if acronym != stored {
			return comity.Errorf(comity.Invalid, "the acronym is not that of the organisation: nothing was erased")
		}
		var err error
		if e, err = countHoldings(ctx, tx, org); err != nil {
			return err
		}
		for _, h := range Holdings {
			if !h.Erased {
				continue
			}
			if _, err := tx.ExecContext(ctx, `DELETE FROM `+h.Table+` WHERE `+h.rows, string(org)); err != nil {
				return fmt.Errorf("erase %s: %w", h.Table, err)
			}
		}
		if err := forgetPrivate(ctx, tx, org); err != nil {
			return err
		}
		const query = `
			INSERT INTO erasures (org_id, at)
			VALUES ($1, $2)
			ON CONFLICT (org_id) DO UPDATE
			SET at = excluded.at`
		_, err = tx.ExecContext(ctx, query, string(org), unix(now))
		return err
	})
	return e, err
}

// forgetPrivate takes out of the organisation's action items of the group what only it sees: which match they came from,
// and their history from before they were shared.
func forgetPrivate(ctx context.Context, tx *sql.Tx, org comity.OrgID) error {
	const shared = `SELECT MAX(shared.seq) FROM action_revisions AS shared WHERE shared.action_id = action_revisions.action_id AND shared.field = 'audience' AND shared.new = 'group'`
	const before = `
		DELETE FROM action_revisions
		WHERE ` + ofGroupActions + `
		  AND (field = 'match' OR seq <> (` + shared + `) AND at <= (SELECT at FROM action_revisions AS share WHERE share.seq = (` + shared + `)))`
	if _, err := tx.ExecContext(ctx, before, string(org)); err != nil {
		return fmt.Errorf("history of action items: %w", err)
	}
	const states = `
		DELETE FROM action_states
		WHERE ` + ofGroupActions + `
		  AND from_at < (SELECT MAX(at) FROM action_revisions AS shared WHERE shared.action_id = action_states.action_id AND shared.field = 'audience' AND shared.new = 'group')`
	if _, err := tx.ExecContext(ctx, states, string(org)); err != nil {
		return fmt.Errorf("states of action items: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE action_states SET match_id = '' WHERE owner_org_id = $1`, string(org)); err != nil {
		return fmt.Errorf("states of action items: %w", err)
	}
	items, err := bodies[comity.ActionItem](ctx, tx, `SELECT body FROM actions WHERE owner_org_id = $1 AND match_id <> ''`, string(org))
	if err != nil {
		return err
	}
	for _, a := range items {
		a.Match = ""
		text, err := encode(a)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE actions SET match_id = '', body = $1 WHERE id = $2`, text, string(a.ID)); err != nil {
			return err
		}
	}
	return nil
}

// Erased reports whether an organisation has erased what it had and entered nothing since: there is nothing to assess.
// System only.
func (s *Store) Erased(ctx context.Context, v comity.Viewer, org comity.OrgID) (bool, error) {
	if err := s.system(ctx, v, "Erased"); err != nil {
		return false, err
	}
	erased, err := erased(ctx, s.engine.Read, org)
	return erased, s.known(err)
}

func erased(ctx context.Context, q querier, org comity.OrgID) (bool, error) {
	var n int
	err := q.QueryRowContext(ctx, `SELECT COUNT(*) FROM erasures WHERE org_id = $1`, string(org)).Scan(&n)
	return n > 0, err
}

// stillThere refuses what was computed from things that were erased meanwhile.
func stillThere(ctx context.Context, tx *sql.Tx, org comity.OrgID) error {
	gone, err := erased(ctx, tx, org)
	if err == nil && gone {
		return comity.Errorf(comity.Conflict, "organisation %s has erased what it had", org)
	}
	return err
}

// entered notes that an organisation has something here again.
func entered(ctx context.Context, tx *sql.Tx, org comity.OrgID) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM erasures WHERE org_id = $1`, string(org))
	return err
}
