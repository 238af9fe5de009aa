-- +goose Up
CREATE TABLE profile_drafts (
    person_id TEXT NOT NULL,
    org_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    body BLOB NOT NULL,
    CONSTRAINT profile_drafts_pk PRIMARY KEY (person_id),
    CONSTRAINT profile_drafts_person_exists FOREIGN KEY (person_id) REFERENCES people (id) ON DELETE CASCADE,
    CONSTRAINT profile_drafts_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
) STRICT;

CREATE TABLE erasures (
    org_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    CONSTRAINT erasures_pk PRIMARY KEY (org_id),
    CONSTRAINT erasures_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
) STRICT;
