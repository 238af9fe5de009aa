-- +goose Up
CREATE TABLE feeds (
    source TEXT COLLATE "C" NOT NULL,
    tlp BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    asked_by TEXT NOT NULL,
    etag TEXT NOT NULL,
    modified TEXT NOT NULL,
    hash TEXT NOT NULL,
    revision BIGINT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT feeds_pk PRIMARY KEY (source)
);

CREATE TABLE runs (
    number BIGINT NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    ended_at BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT runs_pk PRIMARY KEY (number)
);
CREATE INDEX runs_by_source ON runs (source, number);

CREATE TABLE running (
    source TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    since_at BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    cause TEXT NOT NULL,
    person_id TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    CONSTRAINT running_pk PRIMARY KEY (source)
);
