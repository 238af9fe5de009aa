-- +goose Up
ALTER TABLE actions ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE actions ADD COLUMN rag TEXT NOT NULL DEFAULT '';
ALTER TABLE actions ADD COLUMN person_id TEXT NOT NULL DEFAULT '';
ALTER TABLE actions ADD COLUMN contributors TEXT NOT NULL DEFAULT '';
ALTER TABLE actions ADD COLUMN control TEXT NOT NULL DEFAULT '';
ALTER TABLE actions ADD COLUMN project_id TEXT NOT NULL DEFAULT '';
ALTER TABLE actions ADD COLUMN decision_id TEXT NOT NULL DEFAULT '';
ALTER TABLE actions ADD COLUMN group_session_id TEXT NOT NULL DEFAULT '';
CREATE INDEX actions_by_order ON actions (priority, due, created_at, id);

ALTER TABLE action_revisions ADD COLUMN group_session_id TEXT NOT NULL DEFAULT '';
ALTER TABLE action_revisions ADD COLUMN decision_id TEXT NOT NULL DEFAULT '';
ALTER TABLE action_revisions ADD COLUMN change_key TEXT NOT NULL DEFAULT '';
CREATE INDEX action_revisions_by_time ON action_revisions (at, action_id);
CREATE INDEX action_revisions_by_session ON action_revisions (group_session_id, action_id);

-- What an item was between two moments, as far as the work-plan is searched by it; the rest follows from the revisions.
CREATE TABLE action_states (
    action_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    from_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    owner_org_id TEXT NOT NULL,
    audience TEXT NOT NULL,
    tlp INTEGER NOT NULL,
    status TEXT NOT NULL,
    priority INTEGER NOT NULL,
    due TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    match_id TEXT NOT NULL,
    threat_id TEXT NOT NULL,
    scenario TEXT NOT NULL,
    control TEXT NOT NULL,
    kind TEXT NOT NULL,
    rag TEXT NOT NULL,
    person_id TEXT NOT NULL,
    contributors TEXT NOT NULL,
    project_id TEXT NOT NULL,
    decision_id TEXT NOT NULL,
    group_session_id TEXT NOT NULL,
    CONSTRAINT action_states_pk PRIMARY KEY (action_id, revision)
) STRICT;
CREATE INDEX action_states_by_time ON action_states (until_at, from_at);

INSERT INTO action_states (
    action_id, revision, from_at, until_at, owner_org_id, audience, tlp, status, priority, due, created_at, match_id, threat_id,
    scenario, control, kind, rag, person_id, contributors, project_id, decision_id, group_session_id
)
SELECT s.id, s.n, s.at, s.until_at, s.owner, s.audience,
    CASE s.tlp WHEN 'TLP:CLEAR' THEN 1 WHEN 'TLP:GREEN' THEN 2 WHEN 'TLP:AMBER' THEN 3 WHEN 'TLP:AMBER+STRICT' THEN 4 WHEN 'TLP:RED' THEN 5 ELSE 0 END,
    s.status, CASE s.priority WHEN 'urgent' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END,
    CASE s.due WHEN '' THEN '9999-12-31' ELSE s.due END, s.created_at, s.match_id, s.threat_id, s.scenario, s.control, '', '', '', '', '', '', ''
FROM (
    SELECT a.id, c.n, c.at, COALESCE(c.until_at, 9223372036854775807) AS until_at, a.created_at, a.match_id, a.threat_id, a.scenario,
        COALESCE(
            (SELECT r.new FROM action_revisions AS r WHERE r.action_id = a.id AND r.field = 'owner' AND r.at <= c.at ORDER BY r.seq DESC LIMIT 1),
            (SELECT r.old FROM action_revisions AS r WHERE r.action_id = a.id AND r.field = 'owner' AND r.at > c.at ORDER BY r.seq LIMIT 1), a.owner_org_id) AS owner,
        COALESCE(
            (SELECT r.new FROM action_revisions AS r WHERE r.action_id = a.id AND r.field = 'audience' AND r.at <= c.at ORDER BY r.seq DESC LIMIT 1),
            (SELECT r.old FROM action_revisions AS r WHERE r.action_id = a.id AND r.field = 'audience' AND r.at > c.at ORDER BY r.seq LIMIT 1), a.audience) AS audience,
        COALESCE(
            (SELECT r.new FROM action_revisions AS r WHERE r.action_id = a.id AND r.field = 'tlp' AND r.at <= c.at ORDER BY r.seq DESC LIMIT 1),
            (SELECT r.old FROM action_revisions AS r WHERE r.action_id = a.id AND r.field = 'tlp' AND r.at > c.at ORDER BY r.seq LIMIT 1), '') AS tlp,
        COALESCE(
            (SELECT r.new FROM action_revisions AS r WHERE r.action_id = a.id AND r.field = 'status' AND r.at <= c.at ORDER BY r.seq DESC LIMIT 1),
            (SELECT r.old FROM action_revisions AS r WHERE r.action_id = a.id AND r.field = 'status' AND r.at > c.at ORDER BY r.seq LIMIT 1), a.status) AS status,
        COALESCE(
            (SELECT r.new FROM action_revisions AS r WHERE r.action_id = a.id AND r.field = 'priority' AND r.at <= c.at ORDER BY r.seq DESC LIMIT 1),
            (SELECT r.old FROM action_revisions AS r WHERE r.action_id = a.id AND r.field = 'priority' AND r.at > c.at ORDER BY r.seq LIMIT 1), 'medium') AS priority,
        COALESCE(
            (SELECT r.new FROM action_revisions AS r WHERE r.action_id = a.id AND r.field = 'due' AND r.at <= c.at ORDER BY r.seq DESC LIMIT 1),
            (SELECT r.old FROM action_revisions AS r WHERE r.action_id = a.id AND r.field = 'due' AND r.at > c.at ORDER BY r.seq LIMIT 1), a.due) AS due,
        COALESCE(
            (SELECT r.new FROM action_revisions AS r WHERE r.action_id = a.id AND r.field = 'control' AND r.at <= c.at ORDER BY r.seq DESC LIMIT 1),
            (SELECT r.old FROM action_revisions AS r WHERE r.action_id = a.id AND r.field = 'control' AND r.at > c.at ORDER BY r.seq LIMIT 1), '') AS control
    FROM actions AS a
    JOIN (
        SELECT action_id, at, ROW_NUMBER() OVER (PARTITION BY action_id ORDER BY at) AS n, LEAD(at) OVER (PARTITION BY action_id ORDER BY at) AS until_at
        FROM (SELECT DISTINCT action_id, at FROM action_revisions) AS moments
    ) AS c ON c.action_id = a.id
) AS s;

CREATE TABLE action_dependencies (
    action_id TEXT NOT NULL,
    after_id TEXT NOT NULL,
    CONSTRAINT action_dependencies_pk PRIMARY KEY (action_id, after_id)
) STRICT;
CREATE INDEX action_dependencies_by_after ON action_dependencies (after_id);

CREATE TABLE plan_filters (
    person_id TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    CONSTRAINT plan_filters_pk PRIMARY KEY (person_id, name)
) STRICT;

CREATE TABLE plan_baselines (
    name TEXT NOT NULL,
    at INTEGER NOT NULL,
    group_session_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    CONSTRAINT plan_baselines_pk PRIMARY KEY (name)
) STRICT;

CREATE TABLE action_effects (
    action_id TEXT NOT NULL,
    org_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT action_effects_pk PRIMARY KEY (action_id, org_id)
) STRICT;
CREATE INDEX action_effects_by_org ON action_effects (org_id);
