-- +goose Up
CREATE TABLE terms (
    org_id TEXT NOT NULL,
    begins TEXT NOT NULL,
    until TEXT NOT NULL,
    ended TEXT NOT NULL,
    person_id TEXT NOT NULL,
    note TEXT NOT NULL,
    CONSTRAINT terms_pk PRIMARY KEY (org_id, begins),
    CONSTRAINT terms_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
) STRICT;

CREATE TABLE working_groups (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    tlp INTEGER NOT NULL,
    chair_org_id TEXT NOT NULL,
    mandate_until TEXT NOT NULL,
    closed TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT working_groups_pk PRIMARY KEY (id),
    CONSTRAINT working_groups_chair_exists FOREIGN KEY (chair_org_id) REFERENCES organizations (id)
) STRICT;

CREATE TABLE working_group_members (
    working_group_id TEXT NOT NULL,
    org_id TEXT NOT NULL,
    CONSTRAINT working_group_members_pk PRIMARY KEY (working_group_id, org_id),
    CONSTRAINT working_group_members_group_exists FOREIGN KEY (working_group_id) REFERENCES working_groups (id),
    CONSTRAINT working_group_members_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
) STRICT;
CREATE INDEX working_group_members_by_org ON working_group_members (org_id, working_group_id);

CREATE TABLE procedures (
    id TEXT NOT NULL,
    state TEXT NOT NULL,
    tlp INTEGER NOT NULL,
    opened_at INTEGER NOT NULL,
    deadline_at INTEGER NOT NULL,
    document_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT procedures_pk PRIMARY KEY (id)
) STRICT;
CREATE INDEX procedures_by_state ON procedures (state, deadline_at);
CREATE INDEX procedures_by_opening ON procedures (opened_at, id);
CREATE INDEX procedures_by_document ON procedures (document_id, number);

CREATE TABLE positions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    procedure_id TEXT NOT NULL,
    org_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    position TEXT NOT NULL,
    reason TEXT NOT NULL,
    CONSTRAINT positions_procedure_exists FOREIGN KEY (procedure_id) REFERENCES procedures (id),
    CONSTRAINT positions_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
) STRICT;
CREATE INDEX positions_by_procedure ON positions (procedure_id, seq);
CREATE INDEX positions_by_org ON positions (org_id, procedure_id);

CREATE TABLE procedure_events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    procedure_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    person_id TEXT NOT NULL,
    org_id TEXT NOT NULL,
    event TEXT NOT NULL,
    old TEXT NOT NULL,
    new TEXT NOT NULL,
    why TEXT NOT NULL,
    CONSTRAINT procedure_events_procedure_exists FOREIGN KEY (procedure_id) REFERENCES procedures (id)
) STRICT;
CREATE INDEX procedure_events_by_procedure ON procedure_events (procedure_id, seq);
