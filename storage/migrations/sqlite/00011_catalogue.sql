-- +goose Up
CREATE TABLE catalogue_versions (
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    restores INTEGER NOT NULL,
    note TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT catalogue_versions_pk PRIMARY KEY (number)
) STRICT;

CREATE TABLE catalogue_drafts (
    id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT catalogue_drafts_pk PRIMARY KEY (id),
    CONSTRAINT catalogue_drafts_only_one CHECK (id = 1)
) STRICT;

CREATE TABLE exposure_days (
    org_id TEXT NOT NULL,
    day TEXT NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT exposure_days_pk PRIMARY KEY (org_id, day)
) STRICT;
