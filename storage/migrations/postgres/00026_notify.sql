-- +goose Up
-- What each person chose to be told by mail, and how far they were told: turn counts the claims.
CREATE TABLE notifications (
    person_id TEXT COLLATE "C" NOT NULL,
    turn BIGINT NOT NULL,
    stopped_at BIGINT NOT NULL,
    choices TEXT COLLATE "C" NOT NULL,
    told TEXT COLLATE "C" NOT NULL,
    CONSTRAINT notifications_pk PRIMARY KEY (person_id),
    CONSTRAINT notifications_person_exists FOREIGN KEY (person_id) REFERENCES people (id)
);

CREATE TABLE notices (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    problem TEXT COLLATE "C" NOT NULL,
    windows TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT notices_state CHECK (state IN ('waiting', 'sending', 'sent', 'refused', 'given-up', 'unknown', 'dropped')),
    CONSTRAINT notices_person_exists FOREIGN KEY (person_id) REFERENCES people (id)
);
CREATE INDEX notices_by_person ON notices (person_id, seq);
CREATE INDEX notices_by_state ON notices (state, next_at);
CREATE INDEX notices_by_hash ON notices (hash);

CREATE INDEX audit_entries_by_action ON audit_entries (action, seq);
