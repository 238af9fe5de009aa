-- +goose Up
CREATE TABLE reports (
    id TEXT NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    tlp INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT reports_pk PRIMARY KEY (id),
    CONSTRAINT reports_number UNIQUE (number),
    CONSTRAINT reports_state CHECK (state IN ('draft', 'frozen'))
) STRICT;

CREATE TABLE report_documents (
    report_id TEXT NOT NULL,
    language TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT report_documents_pk PRIMARY KEY (report_id, language),
    CONSTRAINT report_documents_report FOREIGN KEY (report_id) REFERENCES reports (id)
) STRICT;

CREATE TABLE report_templates (
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT report_templates_pk PRIMARY KEY (kind, version)
) STRICT;

-- What was frozen is never changed, whatever asks for it.
-- +goose StatementBegin
CREATE TRIGGER reports_frozen BEFORE UPDATE ON reports WHEN OLD.state = 'frozen'
BEGIN
    SELECT RAISE(ABORT, 'a frozen report does not change');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER report_documents_frozen BEFORE UPDATE ON report_documents
BEGIN
    SELECT RAISE(ABORT, 'a frozen report does not change');
END;
-- +goose StatementEnd
