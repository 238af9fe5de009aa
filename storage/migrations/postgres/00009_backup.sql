-- +goose Up
CREATE TABLE backups (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    ok BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    rows BIGINT NOT NULL,
    schema BIGINT NOT NULL,
    content TEXT NOT NULL,
    problem TEXT NOT NULL
);
