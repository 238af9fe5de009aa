-- +goose Up
CREATE TABLE feeds (
    source TEXT NOT NULL,
    tlp INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    asked_by TEXT NOT NULL,
    etag TEXT NOT NULL,
    modified TEXT NOT NULL,
    hash TEXT NOT NULL,
    revision INTEGER NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT feeds_pk PRIMARY KEY (source)
) STRICT;

CREATE TABLE runs (
    number INTEGER NOT NULL,
    source TEXT NOT NULL,
    ended_at INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT runs_pk PRIMARY KEY (number)
) STRICT;
CREATE INDEX runs_by_source ON runs (source, number);

CREATE TABLE running (
    source TEXT NOT NULL,
    number INTEGER NOT NULL,
    since_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    cause TEXT NOT NULL,
    person_id TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    CONSTRAINT running_pk PRIMARY KEY (source)
) STRICT;
