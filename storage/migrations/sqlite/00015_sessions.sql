-- +goose Up
CREATE TABLE group_sessions (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    tlp INTEGER NOT NULL,
    members_only INTEGER NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT group_sessions_pk PRIMARY KEY (id)
) STRICT;
CREATE INDEX group_sessions_by_time ON group_sessions (starts_at, id);

CREATE TABLE agenda_items (
    id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    tlp INTEGER NOT NULL,
    from_item_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT agenda_items_pk PRIMARY KEY (id),
    CONSTRAINT agenda_items_session_exists FOREIGN KEY (session_id) REFERENCES group_sessions (id)
) STRICT;
CREATE INDEX agenda_items_by_session ON agenda_items (session_id, position);
CREATE INDEX agenda_items_by_origin ON agenda_items (from_item_id);

CREATE TABLE attendances (
    session_id TEXT NOT NULL,
    org_id TEXT NOT NULL,
    in_at INTEGER NOT NULL,
    out_at INTEGER NOT NULL,
    CONSTRAINT attendances_pk PRIMARY KEY (session_id, org_id, in_at),
    CONSTRAINT attendances_session_exists FOREIGN KEY (session_id) REFERENCES group_sessions (id),
    CONSTRAINT attendances_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
) STRICT;

CREATE TABLE conclusions (
    id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    item_id TEXT NOT NULL,
    paragraph INTEGER NOT NULL,
    tlp INTEGER NOT NULL,
    action_id TEXT NOT NULL,
    decision_id TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT conclusions_pk PRIMARY KEY (id),
    CONSTRAINT conclusions_numbered_once UNIQUE (session_id, paragraph),
    CONSTRAINT conclusions_item_exists FOREIGN KEY (item_id) REFERENCES agenda_items (id)
) STRICT;
CREATE INDEX conclusions_by_action ON conclusions (action_id);

CREATE TABLE decisions (
    id TEXT NOT NULL,
    number TEXT NOT NULL,
    year INTEGER NOT NULL,
    serial INTEGER NOT NULL,
    tlp INTEGER NOT NULL,
    members_only INTEGER NOT NULL,
    status TEXT NOT NULL,
    adopted_at INTEGER NOT NULL,
    session_id TEXT NOT NULL,
    procedure_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    words TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT decisions_pk PRIMARY KEY (id),
    CONSTRAINT decisions_numbered_once UNIQUE (year, serial)
) STRICT;
CREATE INDEX decisions_by_time ON decisions (adopted_at, id);

CREATE TABLE amendments (
    id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    org_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT amendments_pk PRIMARY KEY (id),
    CONSTRAINT amendments_session_exists FOREIGN KEY (session_id) REFERENCES group_sessions (id)
) STRICT;
CREATE INDEX amendments_by_session ON amendments (session_id, at);

CREATE TABLE approved_minutes (
    session_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT approved_minutes_pk PRIMARY KEY (session_id),
    CONSTRAINT approved_minutes_session_exists FOREIGN KEY (session_id) REFERENCES group_sessions (id)
) STRICT;

CREATE TABLE serials (
    name TEXT NOT NULL,
    year INTEGER NOT NULL,
    last INTEGER NOT NULL,
    CONSTRAINT serials_pk PRIMARY KEY (name, year)
) STRICT;
