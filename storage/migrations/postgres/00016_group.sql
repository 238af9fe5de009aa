-- +goose Up
CREATE TABLE documents (
    id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    title TEXT COLLATE "C" NOT NULL,
    tlp BIGINT NOT NULL,
    working_group_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    CONSTRAINT documents_pk PRIMARY KEY (id)
);
CREATE INDEX documents_by_title ON documents (title, id);
CREATE UNIQUE INDEX documents_one_terms_of_reference ON documents (kind, working_group_id) WHERE kind = 'terms-of-reference';

CREATE TABLE document_revisions (
    document_id TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    tlp BIGINT NOT NULL,
    published_at BIGINT NOT NULL,
    effective TEXT COLLATE "C" NOT NULL,
    person_id TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    words TEXT COLLATE "C" NOT NULL,
    CONSTRAINT document_revisions_pk PRIMARY KEY (document_id, number),
    CONSTRAINT document_revisions_document_exists FOREIGN KEY (document_id) REFERENCES documents (id)
);

CREATE TABLE document_files (
    document_id TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    part BIGINT NOT NULL,
    content BYTEA NOT NULL,
    CONSTRAINT document_files_pk PRIMARY KEY (document_id, number, part),
    CONSTRAINT document_files_revision_exists FOREIGN KEY (document_id, number) REFERENCES document_revisions (document_id, number)
);
