-- +goose Up
-- Of which event elsewhere a session was imported: once each.
CREATE TABLE session_origins (
    origin TEXT NOT NULL,
    session_id TEXT NOT NULL,
    CONSTRAINT session_origins_pk PRIMARY KEY (origin),
    CONSTRAINT session_origins_once UNIQUE (session_id),
    CONSTRAINT session_origins_session_exists FOREIGN KEY (session_id) REFERENCES group_sessions (id)
) STRICT;
