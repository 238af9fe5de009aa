-- +goose Up
CREATE TABLE reports (
    id TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    tlp BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    CONSTRAINT reports_pk PRIMARY KEY (id),
    CONSTRAINT reports_number UNIQUE (number),
    CONSTRAINT reports_state CHECK (state IN ('draft', 'frozen'))
);

CREATE TABLE report_documents (
    report_id TEXT COLLATE "C" NOT NULL,
    language TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    CONSTRAINT report_documents_pk PRIMARY KEY (report_id, language),
    CONSTRAINT report_documents_report FOREIGN KEY (report_id) REFERENCES reports (id)
);

CREATE TABLE report_templates (
    kind TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    CONSTRAINT report_templates_pk PRIMARY KEY (kind, version)
);

-- What was frozen is never changed, whatever asks for it.
-- +goose StatementBegin
CREATE FUNCTION refuse_frozen() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'a frozen report does not change';
END;
$$ LANGUAGE plpgsql;
-- +goose StatementEnd
CREATE TRIGGER reports_frozen BEFORE UPDATE ON reports FOR EACH ROW WHEN (OLD.state = 'frozen') EXECUTE FUNCTION refuse_frozen();
CREATE TRIGGER report_documents_frozen BEFORE UPDATE ON report_documents FOR EACH ROW EXECUTE FUNCTION refuse_frozen();
