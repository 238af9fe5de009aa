-- +goose Up
-- With what the feed readers of people come. A person has one key, or none.
CREATE TABLE feed_keys (
    person_id TEXT NOT NULL,
    hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    CONSTRAINT feed_keys_pk PRIMARY KEY (person_id),
    CONSTRAINT feed_keys_hash_unique UNIQUE (hash),
    CONSTRAINT feed_keys_person_exists FOREIGN KEY (person_id) REFERENCES people (id)
) STRICT;
