-- +goose Up
-- The secret signs what is sent, so that it is kept as it is: hashes can't sign.
CREATE TABLE webhooks (
    id TEXT NOT NULL,
    org_id TEXT NOT NULL,
    person_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER NOT NULL,
    turn INTEGER NOT NULL,
    told TEXT NOT NULL,
    secret BLOB NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT webhooks_pk PRIMARY KEY (id),
    CONSTRAINT webhooks_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id),
    CONSTRAINT webhooks_person_exists FOREIGN KEY (person_id) REFERENCES people (id)
) STRICT;
CREATE INDEX webhooks_by_org ON webhooks (org_id, created_at);

CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook_id TEXT NOT NULL,
    message TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    status INTEGER NOT NULL,
    problem TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT deliveries_state CHECK (state IN ('waiting', 'sent', 'given-up')),
    CONSTRAINT deliveries_webhook_exists FOREIGN KEY (webhook_id) REFERENCES webhooks (id)
) STRICT;
CREATE INDEX deliveries_by_webhook ON deliveries (webhook_id, seq);
CREATE INDEX deliveries_by_state ON deliveries (state, next_at);
