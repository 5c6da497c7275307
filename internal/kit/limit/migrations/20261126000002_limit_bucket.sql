-- +goose Up
-- drained_at is when the bucket will be empty again, in microseconds UTC.
CREATE TABLE limit_bucket (
  key        TEXT PRIMARY KEY,
  drained_at BIGINT NOT NULL
);
CREATE INDEX limit_bucket_drained ON limit_bucket (drained_at);
