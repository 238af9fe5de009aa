-- +goose Up
ALTER TABLE organizations ADD COLUMN deactivated_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN deactivated_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN theme TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN confirmed_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN read_only INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE audit_entries ADD COLUMN about_org_id TEXT NOT NULL DEFAULT '';
CREATE INDEX audit_entries_by_org ON audit_entries (org_id, seq);
CREATE INDEX audit_entries_by_about ON audit_entries (about_org_id, seq);

CREATE TABLE contacts (
    org_id TEXT NOT NULL,
    function TEXT NOT NULL,
    revision INTEGER NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT contacts_pk PRIMARY KEY (org_id, function),
    CONSTRAINT contacts_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
) STRICT;

CREATE TABLE invitations (
    id TEXT NOT NULL,
    org_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    roles INTEGER NOT NULL,
    by_person_id TEXT NOT NULL,
    hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    CONSTRAINT invitations_pk PRIMARY KEY (id),
    CONSTRAINT invitations_hash_unique UNIQUE (hash),
    CONSTRAINT invitations_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
) STRICT;
CREATE INDEX invitations_by_org ON invitations (org_id);
