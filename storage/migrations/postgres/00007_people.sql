-- +goose Up
ALTER TABLE organizations ADD COLUMN deactivated_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN deactivated_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN theme TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN confirmed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN read_only BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE audit_entries ADD COLUMN about_org_id TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX audit_entries_by_org ON audit_entries (org_id, seq);
CREATE INDEX audit_entries_by_about ON audit_entries (about_org_id, seq);

CREATE TABLE contacts (
    org_id TEXT COLLATE "C" NOT NULL,
    function TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    CONSTRAINT contacts_pk PRIMARY KEY (org_id, function),
    CONSTRAINT contacts_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
);

CREATE TABLE invitations (
    id TEXT COLLATE "C" NOT NULL,
    org_id TEXT COLLATE "C" NOT NULL,
    person_id TEXT COLLATE "C" NOT NULL,
    email TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    roles BIGINT NOT NULL,
    by_person_id TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    CONSTRAINT invitations_pk PRIMARY KEY (id),
    CONSTRAINT invitations_hash_unique UNIQUE (hash),
    CONSTRAINT invitations_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
);
CREATE INDEX invitations_by_org ON invitations (org_id);
