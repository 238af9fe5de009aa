-- +goose Up
CREATE TABLE terms (
    org_id TEXT COLLATE "C" NOT NULL,
    begins TEXT COLLATE "C" NOT NULL,
    until TEXT COLLATE "C" NOT NULL,
    ended TEXT COLLATE "C" NOT NULL,
    person_id TEXT COLLATE "C" NOT NULL,
    note TEXT COLLATE "C" NOT NULL,
    CONSTRAINT terms_pk PRIMARY KEY (org_id, begins),
    CONSTRAINT terms_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
);

CREATE TABLE working_groups (
    id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    tlp BIGINT NOT NULL,
    chair_org_id TEXT COLLATE "C" NOT NULL,
    mandate_until TEXT COLLATE "C" NOT NULL,
    closed TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    CONSTRAINT working_groups_pk PRIMARY KEY (id),
    CONSTRAINT working_groups_chair_exists FOREIGN KEY (chair_org_id) REFERENCES organizations (id)
);

CREATE TABLE working_group_members (
    working_group_id TEXT COLLATE "C" NOT NULL,
    org_id TEXT COLLATE "C" NOT NULL,
    CONSTRAINT working_group_members_pk PRIMARY KEY (working_group_id, org_id),
    CONSTRAINT working_group_members_group_exists FOREIGN KEY (working_group_id) REFERENCES working_groups (id),
    CONSTRAINT working_group_members_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
);
CREATE INDEX working_group_members_by_org ON working_group_members (org_id, working_group_id);

CREATE TABLE procedures (
    id TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    tlp BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    deadline_at BIGINT NOT NULL,
    document_id TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    version BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    CONSTRAINT procedures_pk PRIMARY KEY (id)
);
CREATE INDEX procedures_by_state ON procedures (state, deadline_at);
CREATE INDEX procedures_by_opening ON procedures (opened_at, id);
CREATE INDEX procedures_by_document ON procedures (document_id, number);

CREATE TABLE positions (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    procedure_id TEXT COLLATE "C" NOT NULL,
    org_id TEXT COLLATE "C" NOT NULL,
    person_id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    position TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    CONSTRAINT positions_procedure_exists FOREIGN KEY (procedure_id) REFERENCES procedures (id),
    CONSTRAINT positions_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
);
CREATE INDEX positions_by_procedure ON positions (procedure_id, seq);
CREATE INDEX positions_by_org ON positions (org_id, procedure_id);

CREATE TABLE procedure_events (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    procedure_id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    person_id TEXT COLLATE "C" NOT NULL,
    org_id TEXT COLLATE "C" NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    old TEXT COLLATE "C" NOT NULL,
    new TEXT COLLATE "C" NOT NULL,
    why TEXT COLLATE "C" NOT NULL,
    CONSTRAINT procedure_events_procedure_exists FOREIGN KEY (procedure_id) REFERENCES procedures (id)
);
CREATE INDEX procedure_events_by_procedure ON procedure_events (procedure_id, seq);
