-- +goose Up
-- What each source says of each vulnerability; threats of kind vulnerability are what its rows say together.
CREATE TABLE vulnerability_records (
    threat_key TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    modified_at BIGINT NOT NULL,
    taken_in_at BIGINT NOT NULL,
    withdrawn_at BIGINT NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    CONSTRAINT vulnerability_records_pk PRIMARY KEY (threat_key, source, id)
);
CREATE INDEX vulnerability_records_by_id ON vulnerability_records (source, id);

INSERT INTO vulnerability_records (threat_key, source, id, modified_at, taken_in_at, withdrawn_at, hash, body)
SELECT SUBSTR(id, 5), source, SUBSTR(id, 5), 0, updated_at, withdrawn_at, hash, body
FROM threats
WHERE kind = 'vulnerability';

ALTER TABLE threats ADD COLUMN exploited BIGINT NOT NULL DEFAULT 0;
ALTER TABLE threats ADD COLUMN cvss DOUBLE PRECISION NOT NULL DEFAULT 0;
UPDATE threats SET exploited = 1 WHERE kind = 'vulnerability' AND withdrawn_at = 0 AND body LIKE '%"exploited":true%';
