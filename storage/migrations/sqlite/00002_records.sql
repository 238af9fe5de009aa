-- +goose Up
-- What each source says of each vulnerability; threats of kind vulnerability are what its rows say together.
CREATE TABLE vulnerability_records (
    threat_key TEXT NOT NULL,
    source TEXT NOT NULL,
    id TEXT NOT NULL,
    modified_at INTEGER NOT NULL,
    taken_in_at INTEGER NOT NULL,
    withdrawn_at INTEGER NOT NULL,
    hash TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT vulnerability_records_pk PRIMARY KEY (threat_key, source, id)
) STRICT;
CREATE INDEX vulnerability_records_by_id ON vulnerability_records (source, id);

INSERT INTO vulnerability_records (threat_key, source, id, modified_at, taken_in_at, withdrawn_at, hash, body)
SELECT SUBSTR(id, 5), source, SUBSTR(id, 5), 0, updated_at, withdrawn_at, hash, body
FROM threats
WHERE kind = 'vulnerability';

ALTER TABLE threats ADD COLUMN exploited INTEGER NOT NULL DEFAULT 0;
ALTER TABLE threats ADD COLUMN cvss REAL NOT NULL DEFAULT 0;
UPDATE threats SET exploited = 1 WHERE kind = 'vulnerability' AND withdrawn_at = 0 AND body LIKE '%"exploited":true%';
