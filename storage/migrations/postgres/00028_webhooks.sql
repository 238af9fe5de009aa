-- +goose Up
-- The secret signs what is sent, so that it is kept as it is: hashes can't sign.
CREATE TABLE webhooks (
    id TEXT COLLATE "C" NOT NULL,
    org_id TEXT COLLATE "C" NOT NULL,
    person_id TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT NOT NULL,
    turn BIGINT NOT NULL,
    told TEXT COLLATE "C" NOT NULL,
    secret BYTEA NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    CONSTRAINT webhooks_pk PRIMARY KEY (id),
    CONSTRAINT webhooks_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id),
    CONSTRAINT webhooks_person_exists FOREIGN KEY (person_id) REFERENCES people (id)
);
CREATE INDEX webhooks_by_org ON webhooks (org_id, created_at);

CREATE TABLE deliveries (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    webhook_id TEXT COLLATE "C" NOT NULL,
    message TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    status BIGINT NOT NULL,
    problem TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    CONSTRAINT deliveries_state CHECK (state IN ('waiting', 'sent', 'given-up')),
    CONSTRAINT deliveries_webhook_exists FOREIGN KEY (webhook_id) REFERENCES webhooks (id)
);
CREATE INDEX deliveries_by_webhook ON deliveries (webhook_id, seq);
CREATE INDEX deliveries_by_state ON deliveries (state, next_at);
