-- +goose Up
-- A passkey of an account (WebAuthn Level 3). record is the credential record as JSON: public key, counter, flags.
CREATE TABLE person_passkey (
  id         INTEGER PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES person_account (id) ON DELETE CASCADE,
  credential TEXT NOT NULL UNIQUE, -- its id, base64url
  handle     TEXT NOT NULL,        -- what the device calls the account: its ref when the passkey was made
  site       TEXT NOT NULL,        -- the relying party id it was made for: a host name
  name       TEXT NOT NULL,
  record     TEXT NOT NULL,
  made_at    BIGINT NOT NULL,
  used_at    BIGINT NOT NULL -- 0: never
);
CREATE INDEX person_passkey_account ON person_passkey (account_id);

-- What a browser was asked to sign, good once: the row goes when an answer comes. purpose: sign-in, step-up, passkey (to add one), or the
-- issuer of an identity. account_id and session_id are 0 where nobody is signed in.
CREATE TABLE person_challenge (
  id         INTEGER PRIMARY KEY,
  ref        TEXT NOT NULL UNIQUE, -- SHA-256 of what the browser holds
  purpose    TEXT NOT NULL,
  account_id BIGINT NOT NULL,
  session_id BIGINT NOT NULL,
  data       TEXT NOT NULL,
  ends_at    BIGINT NOT NULL
);
CREATE INDEX person_challenge_ends ON person_challenge (ends_at);
