-- +goose Up
CREATE TABLE stix_objects (
    id TEXT COLLATE "C" NOT NULL,
    modified TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    spec_version TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    newest BIGINT NOT NULL,
    revoked BIGINT NOT NULL,
    tlp BIGINT NOT NULL,
    use TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    threat_id TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    taken_in_at BIGINT NOT NULL,
    received BYTEA NOT NULL,
    CONSTRAINT stix_objects_pk PRIMARY KEY (id, modified)
);

CREATE TABLE stix_sources (
    id TEXT COLLATE "C" NOT NULL,
    modified TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    tlp BIGINT NOT NULL,
    CONSTRAINT stix_sources_pk PRIMARY KEY (source, id, modified)
);
CREATE INDEX stix_sources_by_object ON stix_sources (id, modified);

CREATE TABLE stix_refs (
    carrier TEXT COLLATE "C" NOT NULL,
    from_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    to_id TEXT COLLATE "C" NOT NULL,
    CONSTRAINT stix_refs_pk PRIMARY KEY (carrier, from_id, kind, to_id)
);
CREATE INDEX stix_refs_by_from ON stix_refs (from_id, kind);
CREATE INDEX stix_refs_by_to ON stix_refs (to_id, kind);

CREATE TABLE stix_refused (
    source TEXT COLLATE "C" NOT NULL,
    hash TEXT COLLATE "C" NOT NULL,
    place TEXT COLLATE "C" NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    object_id TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    taken_in_at BIGINT NOT NULL,
    received BYTEA NOT NULL,
    CONSTRAINT stix_refused_pk PRIMARY KEY (source, hash)
);

CREATE TABLE observables (
    threat_id TEXT COLLATE "C" NOT NULL,
    place BIGINT NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    folded TEXT COLLATE "C" NOT NULL,
    CONSTRAINT observables_pk PRIMARY KEY (threat_id, place),
    CONSTRAINT observables_threat_exists FOREIGN KEY (threat_id) REFERENCES threats (id)
);
CREATE INDEX observables_by_value ON observables (folded, type);
