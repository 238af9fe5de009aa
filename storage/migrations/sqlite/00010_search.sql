-- +goose Up
CREATE TABLE threat_terms (
    doc INTEGER NOT NULL,
    threat_id TEXT NOT NULL,
    terms TEXT NOT NULL,
    CONSTRAINT threat_terms_pk PRIMARY KEY (doc),
    CONSTRAINT threat_terms_threat_unique UNIQUE (threat_id),
    CONSTRAINT threat_terms_threat_exists FOREIGN KEY (threat_id) REFERENCES threats (id)
) STRICT;

-- The index keeps no text of its own; the triggers keep it in step, in the transaction of the change.
CREATE VIRTUAL TABLE threat_index USING fts5(
    terms, content = 'threat_terms', content_rowid = 'doc', tokenize = "ascii tokenchars '-._'", detail = none
);

-- +goose StatementBegin
CREATE TRIGGER threat_terms_inserted AFTER INSERT ON threat_terms BEGIN
    INSERT INTO threat_index (rowid, terms) VALUES (new.doc, new.terms);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER threat_terms_deleted AFTER DELETE ON threat_terms BEGIN
    INSERT INTO threat_index (threat_index, rowid, terms) VALUES ('delete', old.doc, old.terms);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER threat_terms_updated AFTER UPDATE ON threat_terms BEGIN
    INSERT INTO threat_index (threat_index, rowid, terms) VALUES ('delete', old.doc, old.terms);
    INSERT INTO threat_index (rowid, terms) VALUES (new.doc, new.terms);
END;
-- +goose StatementEnd

ALTER TABLE threats DROP COLUMN search;
