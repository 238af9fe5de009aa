-- +goose Up
CREATE TABLE documents (
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    tlp INTEGER NOT NULL,
    working_group_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT documents_pk PRIMARY KEY (id)
) STRICT;
CREATE INDEX documents_by_title ON documents (title, id);
CREATE UNIQUE INDEX documents_one_terms_of_reference ON documents (kind, working_group_id) WHERE kind = 'terms-of-reference';

CREATE TABLE document_revisions (
    document_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    tlp INTEGER NOT NULL,
    published_at INTEGER NOT NULL,
    effective TEXT NOT NULL,
    person_id TEXT NOT NULL,
    body TEXT NOT NULL,
    words TEXT NOT NULL,
    CONSTRAINT document_revisions_pk PRIMARY KEY (document_id, number),
    CONSTRAINT document_revisions_document_exists FOREIGN KEY (document_id) REFERENCES documents (id)
) STRICT;

CREATE TABLE document_files (
    document_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    part INTEGER NOT NULL,
    content BLOB NOT NULL,
    CONSTRAINT document_files_pk PRIMARY KEY (document_id, number, part),
    CONSTRAINT document_files_revision_exists FOREIGN KEY (document_id, number) REFERENCES document_revisions (document_id, number)
) STRICT;
