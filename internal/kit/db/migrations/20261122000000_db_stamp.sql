-- +goose Up
CREATE TABLE db_stamp (
  scope   TEXT PRIMARY KEY,
  version BIGINT NOT NULL
);
