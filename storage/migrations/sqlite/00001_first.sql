-- +goose Up
CREATE TABLE group_settings (
    id INTEGER NOT NULL CONSTRAINT group_settings_one_row CHECK (id = 1),
    body TEXT NOT NULL,
    CONSTRAINT group_settings_pk PRIMARY KEY (id)
) STRICT;

CREATE TABLE organizations (
    id TEXT NOT NULL,
    acronym TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    co_chair INTEGER NOT NULL,
    CONSTRAINT organizations_pk PRIMARY KEY (id),
    CONSTRAINT organizations_acronym_unique UNIQUE (acronym)
) STRICT;

CREATE TABLE people (
    id TEXT NOT NULL,
    org_id TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    roles INTEGER NOT NULL,
    language TEXT NOT NULL,
    CONSTRAINT people_pk PRIMARY KEY (id),
    CONSTRAINT people_email_unique UNIQUE (email),
    CONSTRAINT people_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
) STRICT;
CREATE INDEX people_by_org ON people (org_id);

CREATE TABLE credentials (
    person_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT credentials_pk PRIMARY KEY (person_id),
    CONSTRAINT credentials_person_exists FOREIGN KEY (person_id) REFERENCES people (id)
) STRICT;

CREATE TABLE sessions (
    id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    CONSTRAINT sessions_pk PRIMARY KEY (id),
    CONSTRAINT sessions_hash_unique UNIQUE (hash),
    CONSTRAINT sessions_person_exists FOREIGN KEY (person_id) REFERENCES people (id)
) STRICT;
CREATE INDEX sessions_by_person ON sessions (person_id);

CREATE TABLE tokens (
    id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    name TEXT NOT NULL,
    hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    CONSTRAINT tokens_pk PRIMARY KEY (id),
    CONSTRAINT tokens_hash_unique UNIQUE (hash),
    CONSTRAINT tokens_person_exists FOREIGN KEY (person_id) REFERENCES people (id)
) STRICT;
CREATE INDEX tokens_by_person ON tokens (person_id);

CREATE TABLE setups (
    hash BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    CONSTRAINT setups_pk PRIMARY KEY (hash)
) STRICT;

CREATE TABLE attempts (
    name TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX attempts_by_name ON attempts (name, at);

CREATE TABLE sources (
    id TEXT NOT NULL,
    version TEXT NOT NULL,
    dated_at INTEGER NOT NULL,
    taken_in_at INTEGER NOT NULL,
    hash TEXT NOT NULL,
    delta TEXT NOT NULL,
    CONSTRAINT sources_pk PRIMARY KEY (id)
) STRICT;

CREATE TABLE threats (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    source TEXT NOT NULL,
    tlp INTEGER NOT NULL,
    originator TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    first_seen_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    withdrawn_at INTEGER NOT NULL,
    ransomware INTEGER NOT NULL,
    hash TEXT NOT NULL,
    search TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT threats_pk PRIMARY KEY (id)
) STRICT;
CREATE INDEX threats_by_published ON threats (published_at, id);
CREATE INDEX threats_by_source ON threats (source, kind);

CREATE TABLE affected (
    cve TEXT NOT NULL,
    source TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT affected_pk PRIMARY KEY (cve, source)
) STRICT;

CREATE TABLE opened_techniques (
    cve TEXT NOT NULL,
    source TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT opened_techniques_pk PRIMARY KEY (cve, source)
) STRICT;

CREATE TABLE scores (
    cve TEXT NOT NULL,
    score REAL NOT NULL,
    percentile REAL NOT NULL,
    CONSTRAINT scores_pk PRIMARY KEY (cve)
) STRICT;

CREATE TABLE knowledge (
    id INTEGER NOT NULL CONSTRAINT knowledge_one_row CHECK (id = 1),
    body TEXT NOT NULL,
    CONSTRAINT knowledge_pk PRIMARY KEY (id)
) STRICT;

CREATE TABLE profile_sections (
    org_id TEXT NOT NULL,
    section TEXT NOT NULL,
    revision INTEGER NOT NULL,
    at INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT profile_sections_pk PRIMARY KEY (org_id, section, revision),
    CONSTRAINT profile_sections_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
) STRICT;

CREATE TABLE evidence (
    id TEXT NOT NULL,
    org_id TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT evidence_pk PRIMARY KEY (id),
    CONSTRAINT evidence_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
) STRICT;
CREATE INDEX evidence_by_org ON evidence (org_id, id);

CREATE TABLE matches (
    id TEXT NOT NULL,
    org_id TEXT NOT NULL,
    threat_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    exposed REAL NOT NULL,
    found_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT matches_pk PRIMARY KEY (id),
    CONSTRAINT matches_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id),
    CONSTRAINT matches_threat_exists FOREIGN KEY (threat_id) REFERENCES threats (id)
) STRICT;
CREATE INDEX matches_by_org ON matches (org_id, threat_id);
CREATE INDEX matches_by_threat ON matches (threat_id, org_id);

CREATE TABLE exposures (
    org_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT exposures_pk PRIMARY KEY (org_id),
    CONSTRAINT exposures_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
) STRICT;

CREATE TABLE exposure_points (
    org_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    value REAL NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    mean_loss REAL NOT NULL,
    CONSTRAINT exposure_points_pk PRIMARY KEY (org_id, at)
) STRICT;

CREATE TABLE exposure_changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    org_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX exposure_changes_by_org ON exposure_changes (org_id, seq);

CREATE TABLE changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    org_id TEXT NOT NULL,
    subject TEXT NOT NULL
) STRICT;

CREATE TABLE cursors (
    name TEXT NOT NULL,
    seq INTEGER NOT NULL,
    CONSTRAINT cursors_pk PRIMARY KEY (name)
) STRICT;

CREATE TABLE releases (
    number INTEGER NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT releases_pk PRIMARY KEY (number)
) STRICT;

CREATE TABLE actions (
    id TEXT NOT NULL,
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
    revision INTEGER NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT actions_pk PRIMARY KEY (id),
    CONSTRAINT actions_owner_exists FOREIGN KEY (owner_org_id) REFERENCES organizations (id)
) STRICT;
CREATE INDEX actions_by_owner ON actions (owner_org_id);

CREATE TABLE action_revisions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    action_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    org_id TEXT NOT NULL,
    field TEXT NOT NULL,
    old TEXT NOT NULL,
    new TEXT NOT NULL,
    why TEXT NOT NULL
) STRICT;
CREATE INDEX action_revisions_by_action ON action_revisions (action_id, seq);

CREATE TABLE audit_entries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    org_id TEXT NOT NULL,
    system TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL
) STRICT;
