-- +goose Up
CREATE TABLE guide_marks (
    org_id TEXT NOT NULL,
    step TEXT NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT guide_marks_pk PRIMARY KEY (org_id, step),
    CONSTRAINT guide_marks_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
) STRICT;

CREATE TABLE calibration_rounds (
    person_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT calibration_rounds_pk PRIMARY KEY (person_id, number),
    CONSTRAINT calibration_rounds_person_exists FOREIGN KEY (person_id) REFERENCES people (id)
) STRICT;
