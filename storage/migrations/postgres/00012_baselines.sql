-- +goose Up
-- Baselines of the group. in_force is the revision that members answer, 0 for none.
CREATE TABLE baselines (
    id TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    in_force BIGINT NOT NULL,
    CONSTRAINT baselines_pk PRIMARY KEY (id),
    CONSTRAINT baselines_key_unique UNIQUE (key),
    CONSTRAINT baselines_in_force_exists CHECK (in_force BETWEEN 0 AND revision)
);

-- Every revision stays. head is the baseline without its controls, body all of it.
CREATE TABLE baseline_revisions (
    baseline_id TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    at BIGINT NOT NULL,
    person_id TEXT COLLATE "C" NOT NULL,
    head TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT baseline_revisions_pk PRIMARY KEY (baseline_id, revision),
    CONSTRAINT baseline_revisions_baseline_exists FOREIGN KEY (baseline_id) REFERENCES baselines (id)
);

-- What an organisation answers: rows are added, never changed. The newest row of a control counts.
CREATE TABLE baseline_answers (
    org_id TEXT COLLATE "C" NOT NULL,
    baseline_id TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    control TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    person_id TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT baseline_answers_pk PRIMARY KEY (org_id, baseline_id, revision, control),
    CONSTRAINT baseline_answers_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id),
    CONSTRAINT baseline_answers_baseline_exists FOREIGN KEY (baseline_id) REFERENCES baselines (id)
);
CREATE INDEX baseline_answers_by_control ON baseline_answers (org_id, baseline_id, control, revision);

-- Imports that somebody looks at before they are saved, one of each kind a person.
CREATE TABLE baseline_drafts (
    person_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    org_id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    body BYTEA NOT NULL,
    CONSTRAINT baseline_drafts_pk PRIMARY KEY (person_id, kind),
    CONSTRAINT baseline_drafts_person_exists FOREIGN KEY (person_id) REFERENCES people (id) ON DELETE CASCADE,
    CONSTRAINT baseline_drafts_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
);
