-- +goose Up
CREATE TABLE catalogue_versions (
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    person_id TEXT COLLATE "C" NOT NULL,
    restores BIGINT NOT NULL,
    note TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    CONSTRAINT catalogue_versions_pk PRIMARY KEY (number)
);

CREATE TABLE catalogue_drafts (
    id BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    person_id TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    CONSTRAINT catalogue_drafts_pk PRIMARY KEY (id),
    CONSTRAINT catalogue_drafts_only_one CHECK (id = 1)
);

CREATE TABLE exposure_days (
    org_id TEXT COLLATE "C" NOT NULL,
    day TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    CONSTRAINT exposure_days_pk PRIMARY KEY (org_id, day)
);
