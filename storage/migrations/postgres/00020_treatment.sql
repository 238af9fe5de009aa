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

CREATE TABLE treatments (
    id TEXT COLLATE "C" NOT NULL,
    org_id TEXT COLLATE "C" NOT NULL,
    scenario TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    CONSTRAINT treatments_pk PRIMARY KEY (id),
    CONSTRAINT treatments_one UNIQUE (org_id, scenario),
    CONSTRAINT treatments_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
);

-- What was decided when is never changed.
CREATE TABLE treatment_revisions (
    org_id TEXT COLLATE "C" NOT NULL,
    treatment_id TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    at BIGINT NOT NULL,
    person_id TEXT COLLATE "C" NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    CONSTRAINT treatment_revisions_pk PRIMARY KEY (treatment_id, revision),
    CONSTRAINT treatment_revisions_event CHECK (event IN ('put', 'approved', 'withdrawn')),
    CONSTRAINT treatment_revisions_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
);

CREATE TABLE treatment_thresholds (
    org_id TEXT COLLATE "C" NOT NULL,
    threshold DOUBLE PRECISION NOT NULL,
    at BIGINT NOT NULL,
    person_id TEXT COLLATE "C" NOT NULL,
    CONSTRAINT treatment_thresholds_pk PRIMARY KEY (org_id),
    CONSTRAINT treatment_thresholds_probability CHECK (threshold > 0 AND threshold < 1),
    CONSTRAINT treatment_thresholds_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
);

-- What the exposure said at the beginning of a quarter is never changed.
CREATE TABLE forecasts (
    org_id TEXT COLLATE "C" NOT NULL,
    quarter TEXT COLLATE "C" NOT NULL,
    scenario TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    CONSTRAINT forecasts_pk PRIMARY KEY (org_id, quarter, scenario),
    CONSTRAINT forecasts_org_exists FOREIGN KEY (org_id) REFERENCES organizations (id)
);
