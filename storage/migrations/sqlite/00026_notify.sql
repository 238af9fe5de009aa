-- +goose Up
-- What each person chose to be told by mail, and how far they were told: turn counts the claims.
CREATE TABLE notifications (
    person_id TEXT NOT NULL,
    turn INTEGER NOT NULL,
    stopped_at INTEGER NOT NULL,
    choices TEXT NOT NULL,
    told TEXT NOT NULL,
    CONSTRAINT notifications_pk PRIMARY KEY (person_id),
    CONSTRAINT notifications_person_exists FOREIGN KEY (person_id) REFERENCES people (id)
) STRICT;

CREATE TABLE notices (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    person_id TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    problem TEXT NOT NULL,
    windows TEXT NOT NULL,
    hash BLOB NOT NULL,
    CONSTRAINT notices_state CHECK (state IN ('waiting', 'sending', 'sent', 'refused', 'given-up', 'unknown', 'dropped')),
    CONSTRAINT notices_person_exists FOREIGN KEY (person_id) REFERENCES people (id)
) STRICT;
CREATE INDEX notices_by_person ON notices (person_id, seq);
CREATE INDEX notices_by_state ON notices (state, next_at);
CREATE INDEX notices_by_hash ON notices (hash);

CREATE INDEX audit_entries_by_action ON audit_entries (action, seq);
