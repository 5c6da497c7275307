-- +goose Up
-- content is JSON, empty once it was erased. first_at is when the letter was first tried, tried_at when last, 0 for never; until is 0 where
-- the letter is of use for ever.
CREATE TABLE mail_letter (
  id        INTEGER PRIMARY KEY,
  ref       TEXT NOT NULL UNIQUE,
  key       TEXT NOT NULL,
  kind      TEXT NOT NULL,
  name      TEXT NOT NULL,
  address   TEXT NOT NULL,
  lang      TEXT NOT NULL,
  content   TEXT NOT NULL,
  secret    INTEGER NOT NULL,
  urgent    INTEGER NOT NULL,
  state     TEXT NOT NULL,
  attempts  INTEGER NOT NULL,
  error     TEXT NOT NULL,
  queued_at BIGINT NOT NULL,
  first_at  BIGINT NOT NULL,
  tried_at  BIGINT NOT NULL,
  sent_at   BIGINT NOT NULL,
  until     BIGINT NOT NULL
);
CREATE UNIQUE INDEX mail_key ON mail_letter (key) WHERE key <> '';
CREATE INDEX mail_address ON mail_letter (address);
CREATE INDEX mail_state ON mail_letter (state, id);
CREATE INDEX mail_content ON mail_letter (tried_at) WHERE content <> '' AND state <> 'queued';
