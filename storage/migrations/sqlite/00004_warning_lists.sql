-- +goose Up
CREATE TABLE warning_lists (
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    hash TEXT NOT NULL,
    about TEXT NOT NULL,
    entries TEXT NOT NULL,
    CONSTRAINT warning_lists_pk PRIMARY KEY (id)
) STRICT;
