-- +goose Up
CREATE TABLE projects (
    id TEXT COLLATE "C" NOT NULL,
    lead_org_id TEXT NOT NULL,
    tlp BIGINT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT projects_pk PRIMARY KEY (id),
    CONSTRAINT projects_lead_exists FOREIGN KEY (lead_org_id) REFERENCES organizations (id)
);

CREATE TABLE project_participants (
    project_id TEXT COLLATE "C" NOT NULL,
    org_id TEXT COLLATE "C" NOT NULL,
    CONSTRAINT project_participants_pk PRIMARY KEY (project_id, org_id),
    CONSTRAINT project_participants_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
);
CREATE INDEX project_participants_by_org ON project_participants (org_id);

CREATE TABLE project_revisions (
    project_id TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    at BIGINT NOT NULL,
    person_id TEXT NOT NULL,
    org_id TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT project_revisions_pk PRIMARY KEY (project_id, revision)
);

CREATE TABLE project_reports (
    project_id TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    person_id TEXT NOT NULL,
    org_id TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT project_reports_pk PRIMARY KEY (project_id, number)
);
