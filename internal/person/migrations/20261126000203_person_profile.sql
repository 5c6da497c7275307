-- +goose Up
-- Languages somebody speaks, as BCP 47 codes with a space between, their own first.
ALTER TABLE person_account ADD COLUMN speaks TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX person_address_main ON person_address (account_id) WHERE main = 1;
CREATE INDEX person_account_portrait ON person_account (portrait) WHERE portrait <> '';

-- Who somebody is at another service that signs them in (OpenID Connect).
CREATE TABLE person_identity (
  id         INTEGER PRIMARY KEY,
  account_id BIGINT NOT NULL REFERENCES person_account (id) ON DELETE CASCADE,
  issuer     TEXT NOT NULL,
  subject    TEXT NOT NULL,
  label      TEXT NOT NULL, -- the address there, to recognise it by
  made_at    BIGINT NOT NULL,
  used_at    BIGINT NOT NULL,
  UNIQUE (issuer, subject)
);
CREATE INDEX person_identity_account ON person_identity (account_id);

-- The privacy policies there were, as they read. version is a hash of the text.
CREATE TABLE person_policy (
  version  TEXT NOT NULL PRIMARY KEY,
  text_ja  TEXT NOT NULL,
  text_en  TEXT NOT NULL,
  since_at BIGINT NOT NULL
);

CREATE TABLE person_consent (
  account_id BIGINT NOT NULL REFERENCES person_account (id) ON DELETE CASCADE,
  version    TEXT NOT NULL,
  said_at    BIGINT NOT NULL,
  PRIMARY KEY (account_id, version)
);
-- The version somebody agreed to last, beside the account so that no page asks twice.
ALTER TABLE person_account ADD COLUMN consented TEXT NOT NULL DEFAULT '';
