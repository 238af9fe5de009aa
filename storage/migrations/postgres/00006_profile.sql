-- +goose Up
CREATE TABLE profile_drafts (
    person_id TEXT COLLATE "C" NOT NULL,
    org_id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    body BYTEA NOT NULL,
    CONSTRAINT profile_drafts_pk PRIMARY KEY (person_id),
    CONSTRAINT profile_drafts_person_exists FOREIGN KEY (person_id) REFERENCES people (id) ON DELETE CASCADE,
    CONSTRAINT profile_drafts_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
);

CREATE TABLE erasures (
    org_id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT erasures_pk PRIMARY KEY (org_id),
    CONSTRAINT erasures_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
);
