-- +goose Up
CREATE TABLE group_settings (
    id INTEGER NOT NULL CONSTRAINT group_settings_one_row CHECK (id = 1),
    body TEXT NOT NULL,
    CONSTRAINT group_settings_pk PRIMARY KEY (id)
);

CREATE TABLE organizations (
    id TEXT NOT NULL,
    acronym TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    co_chair BIGINT NOT NULL,
    CONSTRAINT organizations_pk PRIMARY KEY (id),
    CONSTRAINT organizations_acronym_unique UNIQUE (acronym)
);

CREATE TABLE people (
    id TEXT COLLATE "C" NOT NULL,
    org_id TEXT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    email TEXT NOT NULL,
    roles BIGINT NOT NULL,
    language TEXT NOT NULL,
    CONSTRAINT people_pk PRIMARY KEY (id),
    CONSTRAINT people_email_unique UNIQUE (email),
    CONSTRAINT people_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
);
CREATE INDEX people_by_org ON people (org_id);

CREATE TABLE credentials (
    person_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT credentials_pk PRIMARY KEY (person_id),
    CONSTRAINT credentials_person_exists FOREIGN KEY (person_id) REFERENCES people (id)
);

CREATE TABLE sessions (
    id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    hash BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    CONSTRAINT sessions_pk PRIMARY KEY (id),
    CONSTRAINT sessions_hash_unique UNIQUE (hash),
    CONSTRAINT sessions_person_exists FOREIGN KEY (person_id) REFERENCES people (id)
);
CREATE INDEX sessions_by_person ON sessions (person_id);

CREATE TABLE tokens (
    id TEXT COLLATE "C" NOT NULL,
    person_id TEXT NOT NULL,
    name TEXT NOT NULL,
    hash BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    CONSTRAINT tokens_pk PRIMARY KEY (id),
    CONSTRAINT tokens_hash_unique UNIQUE (hash),
    CONSTRAINT tokens_person_exists FOREIGN KEY (person_id) REFERENCES people (id)
);
CREATE INDEX tokens_by_person ON tokens (person_id);

CREATE TABLE setups (
    hash BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    CONSTRAINT setups_pk PRIMARY KEY (hash)
);

CREATE TABLE attempts (
    name TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX attempts_by_name ON attempts (name, at);

CREATE TABLE sources (
    id TEXT COLLATE "C" NOT NULL,
    version TEXT NOT NULL,
    dated_at BIGINT NOT NULL,
    taken_in_at BIGINT NOT NULL,
    hash TEXT NOT NULL,
    delta TEXT NOT NULL,
    CONSTRAINT sources_pk PRIMARY KEY (id)
);

CREATE TABLE threats (
    id TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    source TEXT NOT NULL,
    tlp BIGINT NOT NULL,
    originator TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    withdrawn_at BIGINT NOT NULL,
    ransomware BIGINT NOT NULL,
    hash TEXT NOT NULL,
    search TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT threats_pk PRIMARY KEY (id)
);
CREATE INDEX threats_by_published ON threats (published_at, id);
CREATE INDEX threats_by_source ON threats (source, kind);

CREATE TABLE affected (
    cve TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT affected_pk PRIMARY KEY (cve, source)
);

CREATE TABLE opened_techniques (
    cve TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT opened_techniques_pk PRIMARY KEY (cve, source)
);

CREATE TABLE scores (
    cve TEXT NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    percentile DOUBLE PRECISION NOT NULL,
    CONSTRAINT scores_pk PRIMARY KEY (cve)
);

CREATE TABLE knowledge (
    id BIGINT NOT NULL CONSTRAINT knowledge_one_row CHECK (id = 1),
    body TEXT NOT NULL,
    CONSTRAINT knowledge_pk PRIMARY KEY (id)
);

CREATE TABLE profile_sections (
    org_id TEXT NOT NULL,
    section TEXT NOT NULL,
    revision BIGINT NOT NULL,
    at BIGINT NOT NULL,
    person_id TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT profile_sections_pk PRIMARY KEY (org_id, section, revision),
    CONSTRAINT profile_sections_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
);

CREATE TABLE evidence (
    id TEXT COLLATE "C" NOT NULL,
    org_id TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT evidence_pk PRIMARY KEY (id),
    CONSTRAINT evidence_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
);
CREATE INDEX evidence_by_org ON evidence (org_id, id);

CREATE TABLE matches (
    id TEXT COLLATE "C" NOT NULL,
    org_id TEXT NOT NULL,
    threat_id TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    exposed DOUBLE PRECISION NOT NULL,
    found_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT matches_pk PRIMARY KEY (id),
    CONSTRAINT matches_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id),
    CONSTRAINT matches_threat_exists FOREIGN KEY (threat_id) REFERENCES threats (id)
);
CREATE INDEX matches_by_org ON matches (org_id, threat_id);
CREATE INDEX matches_by_threat ON matches (threat_id, org_id);

CREATE TABLE exposures (
    org_id TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT exposures_pk PRIMARY KEY (org_id),
    CONSTRAINT exposures_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
);

CREATE TABLE exposure_points (
    org_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    low DOUBLE PRECISION NOT NULL,
    high DOUBLE PRECISION NOT NULL,
    mean_loss DOUBLE PRECISION NOT NULL,
    CONSTRAINT exposure_points_pk PRIMARY KEY (org_id, at)
);

CREATE TABLE exposure_changes (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    org_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX exposure_changes_by_org ON exposure_changes (org_id, seq);

CREATE TABLE changes (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    org_id TEXT NOT NULL,
    subject TEXT NOT NULL
);

CREATE TABLE cursors (
    name TEXT NOT NULL,
    seq BIGINT NOT NULL,
    CONSTRAINT cursors_pk PRIMARY KEY (name)
);

CREATE TABLE releases (
    number BIGINT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT releases_pk PRIMARY KEY (number)
);

CREATE TABLE actions (
    id TEXT COLLATE "C" NOT NULL,
    owner_org_id TEXT NOT NULL,
    audience TEXT NOT NULL,
    tlp BIGINT NOT NULL,
    status TEXT NOT NULL,
    priority BIGINT NOT NULL,
    due TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    match_id TEXT NOT NULL,
    threat_id TEXT NOT NULL,
    scenario TEXT NOT NULL,
    revision BIGINT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT actions_pk PRIMARY KEY (id),
    CONSTRAINT actions_owner_exists FOREIGN KEY (owner_org_id) REFERENCES organizations (id)
);
CREATE INDEX actions_by_owner ON actions (owner_org_id);

CREATE TABLE action_revisions (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    action_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    person_id TEXT NOT NULL,
    org_id TEXT NOT NULL,
    field TEXT NOT NULL,
    old TEXT NOT NULL,
    new TEXT NOT NULL,
    why TEXT NOT NULL
);
CREATE INDEX action_revisions_by_action ON action_revisions (action_id, seq);

CREATE TABLE audit_entries (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    person_id TEXT NOT NULL,
    org_id TEXT NOT NULL,
    system TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL
);
