-- +goose Up
CREATE TABLE guide_marks (
    org_id TEXT COLLATE "C" NOT NULL,
    step TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    CONSTRAINT guide_marks_pk PRIMARY KEY (org_id, step),
    CONSTRAINT guide_marks_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
);

CREATE TABLE calibration_rounds (
    person_id TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    CONSTRAINT calibration_rounds_pk PRIMARY KEY (person_id, number),
    CONSTRAINT calibration_rounds_person_exists FOREIGN KEY (person_id) REFERENCES people (id)
);
