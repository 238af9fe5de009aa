-- +goose Up
CREATE TABLE stix_objects (
    id TEXT NOT NULL,
    modified TEXT NOT NULL,
    type TEXT NOT NULL,
    spec_version TEXT NOT NULL,
    name TEXT NOT NULL,
    newest INTEGER NOT NULL,
    revoked INTEGER NOT NULL,
    tlp INTEGER NOT NULL,
    use TEXT NOT NULL,
    reason TEXT NOT NULL,
    threat_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    taken_in_at INTEGER NOT NULL,
    received BLOB NOT NULL,
    CONSTRAINT stix_objects_pk PRIMARY KEY (id, modified)
) STRICT;

CREATE TABLE stix_sources (
    id TEXT NOT NULL,
    modified TEXT NOT NULL,
    source TEXT NOT NULL,
    tlp INTEGER NOT NULL,
    CONSTRAINT stix_sources_pk PRIMARY KEY (source, id, modified)
) STRICT;
CREATE INDEX stix_sources_by_object ON stix_sources (id, modified);

CREATE TABLE stix_refs (
    carrier TEXT NOT NULL,
    from_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    to_id TEXT NOT NULL,
    CONSTRAINT stix_refs_pk PRIMARY KEY (carrier, from_id, kind, to_id)
) STRICT;
CREATE INDEX stix_refs_by_from ON stix_refs (from_id, kind);
CREATE INDEX stix_refs_by_to ON stix_refs (to_id, kind);

CREATE TABLE stix_refused (
    source TEXT NOT NULL,
    hash TEXT NOT NULL,
    place TEXT NOT NULL,
    type TEXT NOT NULL,
    object_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    taken_in_at INTEGER NOT NULL,
    received BLOB NOT NULL,
    CONSTRAINT stix_refused_pk PRIMARY KEY (source, hash)
) STRICT;

CREATE TABLE observables (
    threat_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    type TEXT NOT NULL,
    value TEXT NOT NULL,
    folded TEXT NOT NULL,
    CONSTRAINT observables_pk PRIMARY KEY (threat_id, place),
    CONSTRAINT observables_threat_exists FOREIGN KEY (threat_id) REFERENCES threats (id)
) STRICT;
CREATE INDEX observables_by_value ON observables (folded, type);
