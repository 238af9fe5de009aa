-- +goose Up
CREATE TABLE group_sessions (
    id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    tlp BIGINT NOT NULL,
    members_only BIGINT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT group_sessions_pk PRIMARY KEY (id)
);
CREATE INDEX group_sessions_by_time ON group_sessions (starts_at, id);

CREATE TABLE agenda_items (
    id TEXT COLLATE "C" NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,
    tlp BIGINT NOT NULL,
    from_item_id TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT agenda_items_pk PRIMARY KEY (id),
    CONSTRAINT agenda_items_session_exists FOREIGN KEY (session_id) REFERENCES group_sessions (id)
);
CREATE INDEX agenda_items_by_session ON agenda_items (session_id, position);
CREATE INDEX agenda_items_by_origin ON agenda_items (from_item_id);

CREATE TABLE attendances (
    session_id TEXT COLLATE "C" NOT NULL,
    org_id TEXT COLLATE "C" NOT NULL,
    in_at BIGINT NOT NULL,
    out_at BIGINT NOT NULL,
    CONSTRAINT attendances_pk PRIMARY KEY (session_id, org_id, in_at),
    CONSTRAINT attendances_session_exists FOREIGN KEY (session_id) REFERENCES group_sessions (id),
    CONSTRAINT attendances_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
);

CREATE TABLE conclusions (
    id TEXT COLLATE "C" NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    item_id TEXT COLLATE "C" NOT NULL,
    paragraph BIGINT NOT NULL,
    tlp BIGINT NOT NULL,
    action_id TEXT COLLATE "C" NOT NULL,
    decision_id TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT conclusions_pk PRIMARY KEY (id),
    CONSTRAINT conclusions_numbered_once UNIQUE (session_id, paragraph),
    CONSTRAINT conclusions_item_exists FOREIGN KEY (item_id) REFERENCES agenda_items (id)
);
CREATE INDEX conclusions_by_action ON conclusions (action_id);

CREATE TABLE decisions (
    id TEXT COLLATE "C" NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    year BIGINT NOT NULL,
    serial BIGINT NOT NULL,
    tlp BIGINT NOT NULL,
    members_only BIGINT NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    adopted_at BIGINT NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    procedure_id TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    words TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT decisions_pk PRIMARY KEY (id),
    CONSTRAINT decisions_numbered_once UNIQUE (year, serial)
);
CREATE INDEX decisions_by_time ON decisions (adopted_at, id);

CREATE TABLE amendments (
    id TEXT COLLATE "C" NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    org_id TEXT COLLATE "C" NOT NULL,
    person_id TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT amendments_pk PRIMARY KEY (id),
    CONSTRAINT amendments_session_exists FOREIGN KEY (session_id) REFERENCES group_sessions (id)
);
CREATE INDEX amendments_by_session ON amendments (session_id, at);

CREATE TABLE approved_minutes (
    session_id TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT approved_minutes_pk PRIMARY KEY (session_id),
    CONSTRAINT approved_minutes_session_exists FOREIGN KEY (session_id) REFERENCES group_sessions (id)
);

CREATE TABLE serials (
    name TEXT COLLATE "C" NOT NULL,
    year BIGINT NOT NULL,
    last BIGINT NOT NULL,
    CONSTRAINT serials_pk PRIMARY KEY (name, year)
);
